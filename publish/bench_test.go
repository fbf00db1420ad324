package publish_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/feeds"

	"copydesk"
	"copydesk/publish"
)

// hundred is an edition of 100 items with about 2.5 KB of HTML each.
func hundred() copydesk.Edition {
	e := full()
	first := e.Items[0]
	e.Items = nil
	for i := range 100 {
		item := first
		id := copydesk.NewEntryID("harbour", fmt.Sprint(i))
		item.ID = copydesk.NewStoryID(id).String()
		item.Lead.Entry.Content = strings.Repeat(fmt.Sprintf(`<p class="text">Boat %d leaves the "old" port at <a href="https://harbour.example/%d">six</a> & returns.</p>`+"\n", i, i), 25)
		e.Items = append(e.Items, item)
	}
	return e
}

func BenchmarkRenderingHundredItems(b *testing.B) {
	e := hundred()
	for _, f := range publish.Formats() {
		b.Run(string(f), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.SetBytes(int64(len(render(b, e, f))))
			}
		})
	}
	b.Run("gorilla", func(b *testing.B) { // the yardstick: fewer fields, its own types
		b.ReportAllocs()
		for b.Loop() {
			s, err := plainFeed(e).ToAtom()
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(s)))
		}
	})
}

func plainFeed(e copydesk.Edition) *feeds.Feed {
	f := &feeds.Feed{Title: e.Topic.Title, Link: &feeds.Link{Href: site.BaseURL}, Updated: e.Updated}
	for _, item := range e.Items {
		lead := item.Lead.Entry
		f.Items = append(f.Items, &feeds.Item{
			Id: item.ID, Title: lead.Title, Link: &feeds.Link{Href: lead.Link}, Description: lead.Summary, Content: lead.Content,
			Author: &feeds.Author{Name: lead.Authors[0].Name}, Created: lead.Published, Updated: item.Updated,
		})
	}
	return f
}

func BenchmarkPressing(b *testing.B) {
	body := render(b, hundred(), publish.Atom)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := publish.Press(body, publish.Atom.ContentType(), noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkServing(b *testing.B) {
	p, err := publish.Press(render(b, hundred(), publish.Atom), publish.Atom.ContentType(), noon)
	if err != nil {
		b.Fatal(err)
	}
	shelf := publish.NewShelf()
	shelf.Put("coast", publish.Atom, p)
	h := publish.NewHandler(shelf, site, func(copydesk.TopicID) time.Time { return noon }, well, well)
	for name, tag := range map[string]string{"304": p.ETag(), "200 gzip": `"other"`} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/topics/coast.atom", nil)
			r.Header.Set("If-None-Match", tag)
			r.Header.Set("Accept-Encoding", "gzip, deflate")
			w := &discard{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
