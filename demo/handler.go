package demo

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"
)

//go:embed pages.html
var pages string

// server serves the publishers by the time that now tells.
type server struct {
	pubs  []*Publisher
	now   func() time.Time
	pages *template.Template
}

// Handler serves all publishers under one root, which is the base that they
// were made with: an index at /, and of each publisher
//
//	/SLUG/                     its front page
//	/SLUG/feed.xml             its feed, with a strong ETag per coding,
//	                           Last-Modified, 304 on either, gzip if accepted
//	/SLUG/articles/ARTICLE     an article that is out by now
//	/SLUG/pictures/ARTICLE.png its picture
//
// All else is 404. It serves by the clock now, which must be safe for use by
// several goroutines.
func Handler(pubs []*Publisher, now func() time.Time) http.Handler {
	s := &server{pubs: pubs, now: now, pages: template.Must(template.New("pages").Parse(pages))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /{publisher}/{$}", s.front)
	mux.HandleFunc("GET /{publisher}/feed.xml", s.feed)
	mux.HandleFunc("GET /{publisher}/articles/{article}", s.article)
	mux.HandleFunc("GET /{publisher}/pictures/{picture}", s.picture)
	return mux
}

func (s *server) index(w http.ResponseWriter, r *http.Request) { s.page(w, "index", s.pubs) }

func (s *server) front(w http.ResponseWriter, r *http.Request) {
	p := s.publisher(r)
	if p == nil {
		http.NotFound(w, r)
		return
	}
	s.page(w, "front", map[string]any{"Publisher": p, "Home": p.home, "Tagline": p.style.Tagline, "Items": p.listed(s.now())})
}

func (s *server) article(w http.ResponseWriter, r *http.Request) {
	p, now := s.publisher(r), s.now()
	if p == nil {
		http.NotFound(w, r)
		return
	}
	a := p.article(r.PathValue("article"), now)
	if a == nil {
		http.NotFound(w, r)
		return
	}
	it := a.as(now)
	canonical, _, _ := strings.Cut(it.Link, "?") // of a partner's article: where it came from
	s.page(w, "article", map[string]any{"Publisher": p, "Home": p.home, "Item": it, "Canonical": canonical,
		"Content": template.HTML(a.content(false))}) // escaped by markup
}

func (s *server) picture(w http.ResponseWriter, r *http.Request) {
	p := s.publisher(r)
	name, isPNG := strings.CutSuffix(r.PathValue("picture"), ".png")
	if p == nil || !isPNG {
		http.NotFound(w, r)
		return
	}
	a := p.article(name, s.now())
	if a == nil || len(a.picture) == 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	http.ServeContent(w, r, "", a.out, bytes.NewReader(a.picture))
}

func (s *server) feed(w http.ResponseWriter, r *http.Request) {
	p, now := s.publisher(r), s.now()
	if p == nil {
		http.NotFound(w, r)
		return
	}
	body := p.Feed(now)
	hash := sha256.Sum256(body)
	tag := hex.EncodeToString(hash[:16])
	h := w.Header()
	h.Set("Content-Type", "application/"+p.style.Format+"+xml; charset=utf-8")
	h.Set("Cache-Control", fmt.Sprintf("max-age=%d", max(1, int(p.clock.beat/time.Second))))
	h.Set("Vary", "Accept-Encoding")
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body, tag = gzipped(body), tag+"-gzip" // other bytes need another strong validator (RFC 9110, section 8.8.3.3)
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", p.changed(now), bytes.NewReader(body))
}

func (s *server) publisher(r *http.Request) *Publisher {
	i := slices.IndexFunc(s.pubs, func(p *Publisher) bool { return p.Slug == r.PathValue("publisher") })
	if i < 0 {
		return nil
	}
	return s.pubs[i]
}

func (s *server) page(w http.ResponseWriter, name string, data any) {
	var buf bytes.Buffer
	if err := s.pages.ExecuteTemplate(&buf, name, data); err != nil {
		http.Error(w, fmt.Sprintf("render page %s: %v", name, err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(buf.Bytes())
}

func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";")
		if strings.EqualFold(name, "gzip") {
			return weight == "" || strings.Trim(weight, "qQ=0.") != "" // "q=0" and "q=0.000" refuse it
		}
	}
	return false
}

func gzipped(body []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(body) // into memory: cannot fail
	z.Close()
	return buf.Bytes()
}
