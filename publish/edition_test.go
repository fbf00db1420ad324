package publish_test

import (
	"time"

	"copydesk"
	"copydesk/publish"
)

// noon is the clock of the fixtures.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// edition is what a topic publishes.
type edition struct {
	Topic   copydesk.Topic
	FeedID  string
	Updated time.Time
	Items   []copydesk.Item
}

// issue is the edition, made of those galleys.
func (e edition) issue(galleys []*publish.Galley) *publish.Issue {
	return &publish.Issue{Topic: e.Topic.ID, Title: e.Topic.Title, FeedID: e.FeedID, Updated: e.Updated, Galleys: galleys}
}

// whole is the edition, of which all items are set anew.
func (e edition) whole() (*publish.Issue, error) {
	var galleys []*publish.Galley
	for _, item := range e.Items {
		g, err := publish.Set(item)
		if err != nil {
			return nil, err
		}
		galleys = append(galleys, g)
	}
	return e.issue(galleys), nil
}

func (e edition) print(f publish.Format, s publish.Site) ([]byte, error) {
	issue, err := e.whole()
	if err != nil {
		return nil, err
	}
	return issue.Print(f, s)
}

// full is an edition in which every field says something.
func full() edition {
	lead := copydesk.NewEntryID("harbour", "h-1")
	copied := copydesk.NewEntryID("digest", "d-7")
	bare := copydesk.NewEntryID("harbour", "h-2")
	late := copydesk.NewEntryID("harbour", "h-3")
	return edition{
		Topic:   copydesk.Topic{ID: "coast", Title: "Coast & Harbours", Content: copydesk.ShowFull},
		FeedID:  copydesk.FeedID("test", "coast"),
		Updated: noon.Add(5 * time.Minute),
		Items: []copydesk.Item{
			{
				ID:    copydesk.NewStoryID(lead).String(),
				Story: copydesk.NewStoryID(lead),
				Lead: copydesk.Voice{
					Entry: copydesk.Entry{
						ID: lead, Source: "harbour", GUID: "h-1", FirstSeen: noon, RevisedAt: noon,
						Text: copydesk.Text{
							Title:   `Ferry "Möwe" <back> in service & early`,
							Summary: "<p>The ferry sails again.</p>",
							Content: `<p>The ferry sails again, says <a href="https://harbour.example/a?b=1&amp;c=2">the harbour</a>.</p>`,
							Link:    "https://harbour.example/2026/fähre zurück?x=1&y=2#top",
							Authors: []copydesk.Person{
								{Name: "Ida Brandt", Email: "ida@harbour.example", URI: "https://harbour.example/ida"},
								{Name: "Tom O'Neil"},
							},
							Categories: []copydesk.Category{
								{Term: "ships", Scheme: "https://harbour.example/tags/", Label: "Ships & boats"},
								{Term: "local"},
							},
							Enclosures: []copydesk.Enclosure{
								{URL: "https://harbour.example/horn.mp3", Type: "audio/mpeg", Length: 12345},
								{URL: "https://harbour.example/plan.pdf"},
							},
							Image:     "https://harbour.example/ferry.jpg",
							Language:  "en-GB",
							Rights:    "© 2026 Harbour Gazette",
							Comments:  "https://harbour.example/2026/ferry/comments",
							Published: noon.Add(-90 * time.Minute),
							Updated:   noon.Add(-80 * time.Minute),
						},
					},
					Source: copydesk.Source{
						ID: "harbour",
						Settings: copydesk.Settings{
							Name: "Harbour Gazette: news", Publisher: "Harbour Gazette",
							URL: "https://reader:pass@harbour.example/feed.xml?section=news&token=abc",
						},
						Feed: copydesk.FeedInfo{
							ID: "tag:harbour.example,2026:news", Title: "gazette rss", Link: "https://harbour.example/",
							Rights: "© Harbour Gazette", Image: "https://harbour.example/logo.png", Updated: noon,
						},
					},
				},
				Others: []copydesk.Voice{{
					Entry: copydesk.Entry{
						ID: copied, Source: "digest", FirstSeen: noon,
						Text: copydesk.Text{Title: "Fähre fährt wieder", Link: "https://digest.example/7", Language: "de"},
					},
					Source: copydesk.Source{Settings: copydesk.Settings{Name: `Digest <of> "all"`, URL: "https://digest.example/rss"}},
				}},
				Updated: noon.Add(5 * time.Minute),
				Content: copydesk.ShowFull,
			},
			{
				ID:    copydesk.NewStoryID(bare).String(),
				Story: copydesk.NewStoryID(bare),
				Lead: copydesk.Voice{
					Entry: copydesk.Entry{
						ID: bare, Source: "harbour", FirstSeen: noon.Add(-time.Hour), RevisedAt: noon.Add(-time.Hour),
						Text: copydesk.Text{Summary: "<p>Low tide at six. No title, no link, no author.</p>"},
					},
					Source: copydesk.Source{Settings: copydesk.Settings{URL: "https://harbour.example/tides"}},
				},
				Updated: noon.Add(-time.Hour),
				Content: copydesk.ShowFull,
			},
			{ // came through an aggregator; a copy was seen before its lead, too
				ID:    copydesk.NewStoryID(late).String(),
				Story: copydesk.NewStoryID(late),
				Lead: copydesk.Voice{
					Entry: copydesk.Entry{
						ID: late, Source: "harbour", FirstSeen: noon.Add(-time.Hour), RevisedAt: noon.Add(-time.Hour),
						Text: copydesk.Text{Title: "Fog on the bar", Link: "https://harbour.example/fog"},
					},
					Source: copydesk.Source{Settings: copydesk.Settings{Name: "Harbour Gazette", URL: "https://harbour.example/fog.xml"}},
				},
				Others: []copydesk.Voice{
					seenElsewhere("Coast Post", "post", copydesk.RolePublisher, noon.Add(-4*time.Hour)),
					seenElsewhere("Planet Late", "late", copydesk.RoleAggregator, noon.Add(-2*time.Hour)),
					seenElsewhere("Planet", "planet", copydesk.RoleAggregator, noon.Add(-3*time.Hour)),
				},
				Updated: noon.Add(-time.Hour),
				Content: copydesk.ShowFull,
			},
		},
	}
}

// seenElsewhere is the fog at another source.
func seenElsewhere(name, host string, role copydesk.Role, at time.Time) copydesk.Voice {
	address := "https://" + host + ".example/"
	return copydesk.Voice{
		Entry: copydesk.Entry{
			ID: copydesk.NewEntryID(copydesk.SourceID(host), "1"), FirstSeen: at,
			Text: copydesk.Text{Title: "Fog", Link: address + "fog"},
		},
		Source: copydesk.Source{Settings: copydesk.Settings{Name: name, URL: address + "rss", Role: role}},
	}
}
