package publish_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"copydesk"
	"copydesk/publish"
	"copydesk/publish/publishtest"
)

// told is the first story of full, with the evidence of its second member.
func told() copydesk.Told {
	item := full().Items[0]
	lead, other := item.Lead, item.Others[0]
	return copydesk.Told{
		Story: copydesk.Story{
			ID: item.Story, Lead: lead.Entry.ID, LeadWhy: "the others credit it",
			Members: []copydesk.Member{
				{Entry: lead.Entry.ID},
				{Entry: other.Entry.ID, Evidence: []copydesk.Evidence{
					{Step: copydesk.StepSameText, With: lead.Entry.ID, Score: 1, Why: "the same text: 100 % & more"},
					{Step: copydesk.StepSameNews, With: copydesk.NewEntryID("gone", "x"), Why: "split off since"},
				}},
			},
		},
		Voices: []copydesk.Voice{lead, other},
	}
}

// bookcase is a library of stories alone.
type bookcase struct {
	*stacks
	stories map[copydesk.StoryID]copydesk.Told
	gone    copydesk.StoryID
}

func (b *bookcase) Story(_ context.Context, id copydesk.StoryID, _ []copydesk.TopicID) (copydesk.Told, error) {
	if id == b.gone {
		return copydesk.Told{}, publish.ErrDropped
	}
	if s, ok := b.stories[id]; ok {
		return s, nil
	}
	return copydesk.Told{}, publish.ErrNoStory
}

func storyKiosk(t *testing.T) (*kiosk, *bookcase) {
	b := &bookcase{stacks: &stacks{}, stories: map[copydesk.StoryID]copydesk.Told{told().Story.ID: told()}}
	k := &kiosk{t: t, shelf: publish.NewShelf()}
	k.handler = publish.NewHandler(k.shelf, b, site, nil, well, well)
	return k, b
}

func storyAddress(id copydesk.StoryID) string {
	return "/stories/" + strings.TrimPrefix(id.String(), "urn:uuid:")
}

func TestThePageOfAStoryShowsWhoTellsItAndWhy(t *testing.T) {
	k, _ := storyKiosk(t)
	r := k.ask("GET", storyAddress(told().Story.ID))
	k.want(r, 200)
	page := body(t, r)
	golden(t, "testdata/story.golden.html", page)
	if bytes.Contains(page, []byte("split off")) {
		t.Error("evidence of an entry that is no member is shown")
	}
	if r.Header.Get("Content-Security-Policy") == "" || r.Header.Get("Etag") == "" {
		t.Errorf("%v", r.Header)
	}
	k.want(k.ask("GET", storyAddress(told().Story.ID), "If-None-Match: "+r.Header.Get("Etag")), 304)
}

func TestAStoryIsFoundUnderTheIDsThatItHad(t *testing.T) {
	k, b := storyKiosk(t)
	absorbed := copydesk.NewStoryID(copydesk.NewEntryID("digest", "d-7"))
	b.stories[absorbed] = told()
	r := k.ask("GET", storyAddress(absorbed))
	k.want(r, 301)
	if got := r.Header.Get("Location"); got != storyAddress(told().Story.ID) {
		t.Errorf("moved to %s", got)
	}
	b.gone = copydesk.NewStoryID(copydesk.NewEntryID("digest", "old"))
	k.want(k.ask("GET", storyAddress(b.gone)), 410)
	for _, name := range []string{"x", "urn:uuid:" + storyAddress(absorbed)[9:], storyAddress(copydesk.StoryID{1}), "../topics", "%2e%2e", "%00", strings.Repeat("a", 36)} {
		k.want(k.ask("GET", "/stories/"+strings.TrimPrefix(name, "/stories/")), 404)
	}
}

func TestAnyStoryHasAPage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k, b := storyKiosk(t)
		s := told()
		s.Voices = []copydesk.Voice{hostileCredited().Draw(rt, "lead"), hostileCredited().Draw(rt, "other")}
		for i := range s.Voices {
			s.Voices[i].Entry.ID = s.Story.Members[i].Entry
		}
		s.Story.LeadWhy = hostileText().Draw(rt, "why")
		b.stories[s.Story.ID] = s
		r := k.ask("GET", storyAddress(s.Story.ID))
		page := body(t, r)
		if r.StatusCode != 200 || bytes.Contains(page, []byte("hunter2")) || bytes.Contains(page, []byte("<script")) {
			rt.Fatalf("%d %s", r.StatusCode, page)
		}
	})
}

func TestListsAreOPMLThatReadersImport(t *testing.T) {
	front := publish.Front{Topics: []publish.FrontTopic{
		{ID: "world", Title: `World "&" more`}, {ID: "asia", Title: "Asia", Parent: "world"}, {ID: "east", Title: "East", Parent: "asia"}, {ID: "coast"},
	}}
	topics, err := publish.PrintTopics(front, site)
	if err != nil {
		t.Fatal(err)
	}
	publishtest.OPML(t, topics)
	golden(t, "testdata/topics.golden.opml", topics)
	sources, err := publish.PrintSources([]copydesk.Source{
		{Settings: copydesk.Settings{URL: "https://b.example/rss", Topics: []copydesk.TopicID{"asia", "world"}}, Feed: copydesk.FeedInfo{Title: "The <B> Post", Link: "https://b.example/"}},
		{Settings: copydesk.Settings{Name: "A paper", URL: "https://a.example/rss?x=1&y=2"}},
		{Settings: copydesk.Settings{URL: "https://c.example/rss"}},
		{Settings: copydesk.Settings{Name: "Paid", URL: "https://paid.example/rss?token=hunter2"}},
		{Settings: copydesk.Settings{Name: "Mine", URL: "https://me:hunter2@mine.example/rss"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	publishtest.OPML(t, sources)
	golden(t, "testdata/sources.golden.opml", sources)
	none, err := publish.PrintSources(nil)
	if err != nil {
		t.Fatal(err)
	}
	publishtest.OPML(t, none)
	for _, l := range [][]byte{topics, sources} {
		if err := xml.Unmarshal(l, new(struct{ XMLName xml.Name })); err != nil || bytes.Contains(l, []byte("hunter2")) {
			t.Errorf("%v: %s", err, l)
		}
	}

	k, _ := storyKiosk(t)
	k.want(k.ask("GET", "/opml"), 503)
	k.shelf.PutList(publish.TopicList, press(t, topics, publish.TopicList.ContentType(), noon))
	k.shelf.PutList(publish.SourceList, press(t, sources, publish.SourceList.ContentType(), noon))
	for address, want := range map[string][]byte{"/opml": topics, "/sources.opml": sources} {
		r := k.ask("GET", address)
		k.want(r, 200)
		if got := body(t, r); !bytes.Equal(got, want) || r.Header.Get("Content-Type") != "text/x-opml; charset=utf-8" {
			t.Errorf("%s: %v", address, r.Header)
		}
		k.want(k.ask("GET", address, "If-Modified-Since: Sat, 14 Mar 2026 12:00:00 GMT"), 304)
	}
}
