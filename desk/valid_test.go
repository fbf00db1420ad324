package desk_test

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/desk"
	"copydesk/normalize"
	"copydesk/publish"
	"copydesk/publish/publishtest"
	"copydesk/topic"
)

// Whatever real publishers have in their feeds, ours are valid.
func TestWhatRealPublishersSayIsPrintedValidly(t *testing.T) {
	data := os.Getenv(capturesKey)
	if data == "" {
		t.Skipf("%s names no folder of captured feeds: they are not printed", capturesKey)
	}
	printed := 0
	err := filepath.WalkDir(filepath.Join(data, "feeds"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		feed, err := normalize.Parse(copydesk.Document{URL: "https://publisher.example/feed", Body: body})
		if err != nil || len(feed.Entries) == 0 {
			return nil // no feed
		}
		printed++
		t.Run(filepath.Base(path), func(t *testing.T) { printsValidly(t, feed) })
		return nil
	})
	if err != nil || printed < 100 {
		t.Fatalf("%d feeds, %v", printed, err)
	}
}

// printsValidly prints a feed's entries as an edition of nothing else.
func printsValidly(t *testing.T, feed copydesk.Feed) {
	src := copydesk.Source{ID: "s", Settings: copydesk.Settings{URL: "https://publisher.example/feed"}, Feed: feed.FeedInfo}
	issue := &publish.Issue{Topic: "world", Title: "World", FeedID: "urn:uuid:4cad02d3-cd90-5f65-b6ae-7acb12f99735"}
	now := time.Now()
	for i, entry := range feed.Entries {
		entry.ID, entry.Source, entry.FirstSeen, entry.RevisedAt = copydesk.EntryID{byte(i >> 8), byte(i)}, src.ID, now, now
		told := copydesk.Told{
			Story:  copydesk.Story{ID: copydesk.NewStoryID(entry.ID), Lead: entry.ID, Updated: now, Members: []copydesk.Member{{Entry: entry.ID, Source: src.ID}}},
			Voices: []copydesk.Voice{{Entry: entry, Source: src}},
		}
		for _, item := range topic.Items(copydesk.Topic{Content: copydesk.ShowFull}, told) {
			g, err := publish.Set(item)
			if err != nil {
				t.Fatal(err)
			}
			issue.Galleys = append(issue.Galleys, g)
		}
	}
	site := publish.Site{BaseURL: "https://feeds.example", Version: "test"}
	checkFeeds(t, site.BaseURL+"/topics/world", func(f publish.Format) []byte {
		body, err := issue.Print(f, site)
		if err != nil {
			t.Fatal(err)
		}
		return body
	})
}

// checkPrinted holds what a store's topics are printed as to the rules.
func checkPrinted(t *testing.T, conf config.Config) {
	t.Helper()
	for _, listed := range conf.Topics {
		checkFeeds(t, conf.Server.BaseURL+"/topics/"+string(listed.ID), func(f publish.Format) []byte {
			var out bytes.Buffer
			world := desk.World{Version: "test", Log: slog.New(slog.DiscardHandler)}
			exit, err := desk.Ask(t.Context(), conf, world, desk.Command{Name: "topic", Topic: listed.ID, Format: string(f)}, desk.Streams{Out: &out, Err: t.Output()})
			if exit != 0 || err != nil {
				t.Fatalf("exit %d, %v", exit, err)
			}
			return out.Bytes()
		})
	}
}

// checkFeeds holds a topic in each format to the rules of it.
func checkFeeds(t *testing.T, address string, print func(publish.Format) []byte) {
	t.Helper()
	publishtest.Atom(t, print(publish.Atom), address+".atom")
	publishtest.RSS(t, print(publish.RSS), address+".rss")
	publishtest.JSON(t, print(publish.JSON), address+".json")
}
