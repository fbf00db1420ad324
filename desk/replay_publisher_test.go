package desk_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// replayWeb is publishers in memory that serve their captures by the clock. It
// takes the place of the network: a publisher NAME answers at
// http://NAME.example/NAME.xml with an ETag, a Last-Modified, 304 to whoever has
// its current document, and gzip where that is accepted.
type replayWeb struct {
	publishers map[string]*replayPublisher
	trouble    []spell
}

// spell is a time during which every publisher answers something that is no feed.
type spell struct {
	stretch
	status      int
	contentType string
	body        string
}

// replayPublisher is one publisher and what it notes of its client.
type replayPublisher struct {
	mu       sync.Mutex
	captures []capture
	seen     map[int]bool // captures that were current at a request
	issued   []validators // in the order in which they went out
	damaged  bool         // the last full answer was not well-formed
	manners  manners
}

type validators struct{ etag, modified string }

// manners is what a publisher would complain of, and how often there was
// occasion to.
type manners struct {
	Requests, Full, NotModified int
	ErrorPages                  int // answers that were no feed

	// Faults. A request right after a damaged body is counted apart: a client
	// that does not keep the validators of what it could not read does right.
	Unconditional int // without validators, after the first document
	Bogus         int // with validators that were never issued
	OutOfSequence int // with validators older than the last that were issued
	Cookies       int
	Referers      int
	Queries       int
	AfterDamage   int // no fault
}

func newReplayWeb(all map[string][]capture) *replayWeb {
	w := &replayWeb{publishers: map[string]*replayPublisher{}}
	for name, captures := range all {
		w.publishers[name] = &replayPublisher{captures: captures, seen: map[int]bool{}}
	}
	return w
}

func replayURL(name string) string { return fmt.Sprintf("http://%[1]s.example/%[1]s.xml", name) }

// RoundTrip answers a request. It makes the web a [http.RoundTripper].
func (w *replayWeb) RoundTrip(r *http.Request) (*http.Response, error) {
	name := strings.TrimSuffix(r.URL.Hostname(), ".example")
	p := w.publishers[name]
	if p == nil || r.URL.Path != "/"+name+".xml" {
		return nil, fmt.Errorf("nobody is at %s", r.URL)
	}
	now := time.Now()
	for _, s := range w.trouble {
		if s.has(now) {
			return p.fail(r, s), nil
		}
	}
	return p.answer(r, now)
}

// fail answers with an error page. Its validators are no document's: whoever
// sends them back has kept them for nothing.
func (p *replayPublisher) fail(r *http.Request, s spell) *http.Response {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note(r)
	p.manners.ErrorPages++
	h := http.Header{"Content-Type": {s.contentType}, "Etag": {`"an error page"`}, "Last-Modified": {s.from.UTC().Format(http.TimeFormat)}}
	return response(r, s.status, h, []byte(s.body))
}

func (p *replayPublisher) answer(r *http.Request, now time.Time) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note(r)
	c := p.current(now)
	v := validators{c.etag(), c.lastModified()}
	if len(p.issued) == 0 || p.issued[len(p.issued)-1] != v {
		p.issued = append(p.issued, v)
	}
	h := http.Header{"Etag": {v.etag}, "Last-Modified": {v.modified}, "Vary": {"Accept-Encoding"}, "Content-Type": {"application/xml"}}
	if current(r, v) {
		p.manners.NotModified++
		return response(r, http.StatusNotModified, h, nil), nil
	}
	p.manners.Full++
	p.damaged = c.damaged
	body := c.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(body); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
		h.Set("Content-Encoding", "gzip")
		body = packed.Bytes()
	}
	return response(r, http.StatusOK, h, body), nil
}

func (c capture) etag() string {
	sum := sha256.Sum256(c.body)
	return `"` + hex.EncodeToString(sum[:10]) + `"`
}

// current reports whether the client has the document (RFC 9110, section
// 13.2.2: If-None-Match goes before If-Modified-Since).
func current(r *http.Request, v validators) bool {
	if etag := r.Header.Get("If-None-Match"); etag != "" {
		return etag == v.etag
	}
	return r.Header.Get("If-Modified-Since") == v.modified
}

// damages reports whether the publisher ever serves what is not well-formed.
func (p *replayPublisher) damages() bool {
	return slices.ContainsFunc(p.captures, func(c capture) bool { return c.damaged })
}

// current is the capture that is served now.
func (p *replayPublisher) current(now time.Time) capture {
	i := 0
	for k, c := range p.captures {
		if !c.at.After(now) {
			i = k
		}
	}
	p.seen[i] = true
	return p.captures[i]
}

// note writes down the manners of a request.
func (p *replayPublisher) note(r *http.Request) {
	m := &p.manners
	m.Requests++
	count := func(n *int, fault bool) {
		if fault {
			*n++
		}
	}
	count(&m.Cookies, r.Header.Get("Cookie") != "")
	count(&m.Referers, r.Header.Get("Referer") != "")
	count(&m.Queries, r.URL.RawQuery != "" || r.URL.ForceQuery)
	etag, modified := r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")
	if len(p.issued) == 0 {
		count(&m.Bogus, etag != "" || modified != "")
		return
	}
	last := p.issued[len(p.issued)-1]
	old := etag != last.etag || modified != last.modified
	known := slices.Contains(p.issued, validators{etag, modified})
	switch {
	case etag == "" && modified == "" && !p.damaged:
		m.Unconditional++
	case old && p.damaged && (known || etag == "" && modified == ""):
		m.AfterDamage++
	case !known:
		m.Bogus++
	case old:
		m.OutOfSequence++
	}
}

func response(r *http.Request, status int, h http.Header, body []byte) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}
