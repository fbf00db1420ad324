package desk

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/db"
	"copydesk/publish"

	"github.com/gorilla/feeds"
)

// ticker is a desk whose topic "asia" has entries of five sources, each with
// about 2.5 KB of text, and no story twice.
type ticker struct {
	testing.TB
	*Desk
	topic db.Topic
	count int
}

func newTicker(t testing.TB, entries int) *ticker {
	t.Helper()
	c := config.Config{
		Server: config.Server{BaseURL: "http://127.0.0.1:8480"},
		Store:  config.Store{Path: filepath.Join(t.TempDir(), "copydesk.db")},
		Topics: []copydesk.Topic{{ID: "asia", Title: "Asia", Merge: copydesk.MergeStory, Limit: 100, Content: copydesk.ShowFull}},
	}
	c.Poll.MinInterval, c.Poll.MaxInterval = time.Hour, 24*time.Hour
	for n := range 5 {
		c.Sources = append(c.Sources, copydesk.Settings{
			ID: fmt.Sprint("s", n), Name: fmt.Sprint("Paper ", n), URL: fmt.Sprintf("http://s%d.example/rss", n), Topics: []copydesk.TopicID{"asia"}, Role: copydesk.RolePublisher,
		})
	}
	d, err := Open(t.Context(), c, World{Log: slog.New(slog.DiscardHandler)}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	w := &ticker{TB: t, Desk: d}
	for range entries {
		w.arrive()
	}
	if err := w.groupAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	topics, err := w.topics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.topic = topics["asia"]
	return w
}

// arrive settles one more entry, which waits to be grouped.
func (w *ticker) arrive() {
	w.Helper()
	id := copydesk.SourceID(fmt.Sprint("s", w.count%5))
	src, err := w.store.Source(context.Background(), id)
	if err != nil {
		w.Fatal(err)
	}
	words := rand.New(rand.NewPCG(1, uint64(w.count)))
	var text strings.Builder
	for range 25 {
		fmt.Fprintf(&text, "<p class=\"text\">Boat %x leaves the \"old\" port at <a href=\"https://s.example/%x\">%x</a> &amp; returns.</p>\n", words.Uint64(), words.Uint64(), words.Uint64())
	}
	now := time.Now()
	guid := fmt.Sprint("g", w.count)
	e := copydesk.Entry{
		ID: copydesk.NewEntryID(id, guid), Source: id, GUID: guid, Canonical: "https://s.example/" + guid, Revision: 1, FirstSeen: now, RevisedAt: now,
		Text: copydesk.Text{
			Title: fmt.Sprintf("Boat %x", words.Uint64()), Link: "https://s.example/" + guid, Content: text.String(), Language: "en",
			Authors: []copydesk.Person{{Name: "Ida Brandt"}}, Published: now.Add(-time.Minute),
		},
	}
	e.Digest = copydesk.DigestOf([]byte(text.String()))
	c := copydesk.Change{Kind: copydesk.Added, Reason: "new guid", Entry: e, Keys: []copydesk.Key{copydesk.DigestOf([]byte(guid))}}
	if err := w.store.Settle(context.Background(), db.Settlement{Source: src, Changes: []copydesk.Change{c}}); err != nil {
		w.Fatal(err)
	}
	w.count++
}

func (w *ticker) print() []byte {
	issue, err := w.issue(context.Background(), w.topic)
	if err != nil {
		w.Fatal(err)
	}
	body, err := issue.Print(publish.Atom, w.site)
	if err != nil {
		w.Fatal(err)
	}
	return body
}

// yardstick is the same edition as gorilla/feeds writes it by itself: with
// fewer fields, and no store to read.
func (w *ticker) yardstick() *feeds.Feed {
	stories, err := w.store.Newest(context.Background(), "asia", 100)
	if err != nil {
		w.Fatal(err)
	}
	f := &feeds.Feed{Title: "Asia", Link: &feeds.Link{Href: w.site.BaseURL}, Updated: time.Now()}
	for _, told := range stories {
		e := told.Voices[0].Entry
		f.Items = append(f.Items, &feeds.Item{
			Id: told.Story.ID.String(), Title: e.Title, Link: &feeds.Link{Href: e.Link}, Content: e.Content,
			Author: &feeds.Author{Name: e.Authors[0].Name}, Created: e.Published, Updated: told.Story.Updated,
		})
	}
	return f
}

// From a new entry in the store to new bytes, beside gorilla/feeds writing the
// same hundred entries, in turns: "ratio" is the one's time as a part of the
// other's. Cold is the first edition after a start, which sets every item in
// all four formats.
func BenchmarkNewBytes(b *testing.B) {
	for _, cold := range []bool{false, true} {
		name := "new entry"
		if cold {
			name = "cold"
		}
		b.Run(name, func(b *testing.B) {
			w := newTicker(b, 150)
			w.print()
			yard := w.yardstick()
			var ours, theirs time.Duration
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				w.arrive()
				if err := w.groupAll(b.Context()); err != nil {
					b.Fatal(err)
				}
				if cold {
					clear(w.composing)
				}
				began := time.Now()
				if _, err := yard.ToAtom(); err != nil {
					b.Fatal(err)
				}
				theirs += time.Since(began)
				b.StartTimer()
				began = time.Now()
				w.print()
				ours += time.Since(began)
			}
			b.ReportMetric(float64(ours)/float64(theirs), "ratio")
		})
	}
}
