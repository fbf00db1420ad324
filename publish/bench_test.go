package publish_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/feeds"

	"copydesk"
	"copydesk/publish"
)

// hundred is an edition of 100 items with about 2.5 KB of HTML each.
func hundred() edition {
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

func BenchmarkSettingHundredItems(b *testing.B) {
	e := hundred()
	b.Run("all formats", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.SetBytes(int64(len(render(b, e, publish.Atom))))
		}
	})
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

func plainFeed(e edition) *feeds.Feed {
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
	h := publish.NewHandler(shelf, nil, site, func(copydesk.TopicID) time.Time { return noon }, well, well)
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

// Through a real server, beside the least that a server in Go can do: the same
// bytes, an ETag, and nothing else. In turns, so that "ratio" compares like
// with like on a busy machine: it is the requests per second of ours as a part
// of the bare one's.
func BenchmarkServingBesideABareServer(b *testing.B) {
	p, err := publish.Press(render(b, hundred(), publish.Atom), publish.Atom.ContentType(), noon)
	if err != nil {
		b.Fatal(err)
	}
	shelf := publish.NewShelf()
	shelf.Put("coast", publish.Atom, p)
	face := publish.NewHandler(shelf, nil, site, func(copydesk.TopicID) time.Time { return noon }, well, well)
	w := httptest.NewRecorder()
	ask := httptest.NewRequest("GET", atomAddress, nil)
	ask.Header.Set("Accept-Encoding", "gzip")
	face.ServeHTTP(w, ask)
	body, tag := w.Body.Bytes(), w.Header().Get("Etag")
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Etag"] = []string{tag}
		w.Header()["Vary"] = []string{"Accept-Encoding"}
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header()["Content-Type"] = []string{publish.Atom.ContentType()}
		w.Header()["Content-Encoding"] = []string{"gzip"}
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
		w.Write(body)
	})
	for _, kind := range []string{"gzip", "304"} {
		b.Run(kind, func(b *testing.B) {
			extra := ""
			if kind == "304" {
				extra = "If-None-Match: " + tag + "\r\n"
			}
			ours, theirs := dialServer(b, face, extra), dialServer(b, bare, extra)
			const round = 200
			var took [2]time.Duration
			for b.Loop() {
				for i, ask := range []func(){ours, theirs} {
					began := time.Now()
					for range round {
						ask()
					}
					took[i] += time.Since(began)
				}
			}
			b.ReportMetric(float64(took[1])/float64(took[0]), "ratio")
			b.ReportMetric(float64(took[0].Microseconds())/float64(b.N*round), "us/request")
		})
	}
}

// dialServer serves h as the daemon does, and returns what asks it once over a
// connection that stays.
func dialServer(b *testing.B, h http.Handler, extra string) (ask func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- publish.Serve(ctx, l, h, slog.New(slog.DiscardHandler)) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		conn.Close()
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	question := []byte("GET " + atomAddress + " HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip, deflate\r\n" + extra + "\r\n")
	r := bufio.NewReaderSize(conn, 64<<10)
	return func() {
		if _, err := conn.Write(question); err != nil {
			b.Fatal(err)
		}
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
}
