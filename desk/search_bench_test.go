package desk

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"copydesk/publish"
)

// One answer of 50 items: when none of them was shown before, when they
// were, and when somebody has just asked the same.
func BenchmarkSearchAnswer(b *testing.B) {
	w := newTicker(b, 50)
	w.indexed()
	r := httptest.NewRequest("GET", "/search.atom?q=boat", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	for _, kind := range []string{"cold", "set before", "repeated"} {
		b.Run(kind, func(b *testing.B) {
			h := publish.NewSearch(finder{w.Desk}, w.site)
			b.ReportAllocs()
			for b.Loop() {
				if kind == "cold" {
					w.rack = publish.NewRack()
				}
				if kind != "repeated" {
					h = publish.NewSearch(finder{w.Desk}, w.site)
				}
				answer := &discard{header: http.Header{}}
				if h.ServeHTTP(answer, r); answer.status != http.StatusOK {
					b.Fatal(answer.status)
				}
			}
		})
	}
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
