package desk_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html"
	"io"
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
	"copydesk/fetcher"
)

// publishers are all publishers there are, in memory: what each address serves,
// and a log of who asked for what. They answer conditional requests as RFC
// 9110, section 13 says, and never share a connection.
type publishers struct {
	mu       sync.Mutex
	pages    map[string]*page  // by address
	requests []*request        // in the order in which they came
	served   []string          // every document that was published, for what subscribers read must be in one
	moved    map[string]string // where addresses ever redirected to
	wrong    []string          // with the manners of requests, as they came
}

// page is what a publisher has at an address.
type page struct {
	document []byte
	header   http.Header
	etag     string
	modified string
	trouble                  // what it answers in place of the document
	given    map[string]bool // validators that it ever sent
	told     int             // requests that a script has seen
	pace     time.Duration   // before it answers; no two pages have the same, so that what is asked at once comes in one order
}

// trouble is what goes wrong at a page, see verb fail. The zero trouble is none.
type trouble struct {
	kind string        // "503", "html", …
	wait time.Duration // before it answers
	plus http.Header   // that goes with a status
}

// request is one that a publisher got.
type request struct {
	url         string
	began       time.Time
	ended       time.Time // when the answer was read or dropped; zero while it is not
	conditional bool
	answer      string // status, or what happened in its place
}

func newPublishers() *publishers {
	return &publishers{pages: map[string]*page{}, moved: map[string]string{}}
}

// page returns the page at an address, with the lock held.
func (p *publishers) page(url string) *page {
	if p.pages[url] == nil {
		pace := time.Second / time.Duration(100+len(p.pages)) // the newest page is the quickest
		p.pages[url] = &page{given: map[string]bool{}, trouble: trouble{kind: "404"}, pace: pace}
	}
	return p.pages[url]
}

// serve publishes a document, as of now.
func (p *publishers) serve(url string, document []byte, header http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sum := copydesk.DigestOf(document)
	pg := p.page(url)
	pg.document, pg.header, pg.trouble = document, header, trouble{}
	pg.etag = fmt.Sprintf(`"%x"`, sum[:4])
	pg.modified = time.Now().UTC().Format(http.TimeFormat)
	if header == nil {
		pg.header = http.Header{"Content-Type": {"application/xml"}, "Etag": {pg.etag}, "Last-Modified": {pg.modified}}
	}
	p.served = append(p.served, html.UnescapeString(string(document)))
}

// fail makes an address answer with trouble.
func (p *publishers) fail(url string, with trouble) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.page(url).trouble = with
	if to := with.plus.Get("Location"); to != "" {
		p.moved[url] = to
	}
}

// carried reports whether a document that was published has text in it.
func (p *publishers) carried(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.served, func(document string) bool { return strings.Contains(document, text) })
}

// ask answers a request, and calls delivered when the last byte of a document
// has reached its reader.
func (p *publishers) ask(r *http.Request, delivered func()) (*http.Response, error) {
	p.mu.Lock()
	log := p.note(r)
	pg := *p.page(r.URL.String())
	p.mu.Unlock()
	end := sync.OnceFunc(func() {
		p.mu.Lock()
		log.ended = time.Now()
		p.mu.Unlock()
	})
	time.Sleep(pg.pace)
	resp, answer, err := pg.answer(r)
	p.mu.Lock()
	log.answer = answer
	p.mu.Unlock()
	if err != nil {
		end()
		return nil, err
	}
	p.remember(r.URL.String(), resp.Header)
	b := &body{Reader: resp.Body, ended: end}
	if resp.StatusCode == http.StatusOK {
		b.delivered = sync.OnceFunc(delivered)
	}
	resp.Body = b
	return resp, nil
}

// remember keeps the validators that were given out.
func (p *publishers) remember(url string, h http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range []string{"Etag", "Last-Modified"} {
		p.page(url).given[h.Get(name)] = true
	}
}

// note logs a request, and what is impolite about it by itself.
func (p *publishers) note(r *http.Request) *request {
	url := r.URL.String()
	log := &request{url: url, began: time.Now()}
	p.requests = append(p.requests, log)
	wrong := func(format string, args ...any) {
		p.wrong = append(p.wrong, log.began.Format(time.TimeOnly)+" "+url+": "+fmt.Sprintf(format, args...))
	}
	for _, name := range []string{"Cookie", "Referer", "Authorization"} {
		if r.Header.Get(name) != "" {
			wrong("it has a header %s", name)
		}
	}
	if r.Method != http.MethodGet || r.Body != nil {
		wrong("a %s, or one with a body", r.Method)
	}
	if !strings.HasPrefix(r.Header.Get("User-Agent"), "Copydesk/") {
		wrong("User-Agent %q", r.Header.Get("User-Agent"))
	}
	for _, name := range []string{"If-None-Match", "If-Modified-Since"} {
		if v := r.Header.Get(name); v != "" {
			log.conditional = true
			if !p.page(url).given[v] {
				wrong("%s %s, which it never gave", name, v)
			}
		}
	}
	return log
}

// answer is what the page answers, and how the log calls it.
func (pg page) answer(r *http.Request) (resp *http.Response, answer string, err error) {
	if !rest(r.Context(), pg.wait) {
		return nil, "no answer", r.Context().Err()
	}
	if status, err := strconv.Atoi(pg.kind); err == nil {
		return respond(r, status, pg.plus, nil), pg.kind, nil
	}
	switch pg.kind {
	case "hang":
		<-r.Context().Done()
		return nil, "no answer", r.Context().Err()
	case "down":
		refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		return nil, "refused", refused
	case "html":
		text := "<!DOCTYPE html><html><head><title>Back soon</title></head><body><p>Back soon.</p></body></html>"
		return respond(r, 200, http.Header{"Content-Type": {"text/html"}, "Etag": {`"page"`}}, []byte(text)), "200", nil
	case "empty":
		return respond(r, 200, pg.header, nil), "200", nil
	case "truncate":
		return respond(r, 200, pg.header, pg.document[:len(pg.document)/2]), "200", nil
	}
	if pg.current(r.Header) {
		return respond(r, 304, pg.header, nil), "304", nil
	}
	return respond(r, 200, pg.header, pg.document), "200", nil
}

// current reports whether who sends h has the document (RFC 9110, section
// 13.2.2: an entity tag goes before a date).
func (pg page) current(h http.Header) bool {
	etag, modified := pg.header.Get("Etag"), pg.header.Get("Last-Modified")
	if tag := h.Get("If-None-Match"); tag != "" {
		return tag == etag
	}
	return modified != "" && h.Get("If-Modified-Since") == modified
}

func respond(r *http.Request, status int, header http.Header, body []byte) *http.Response {
	h := header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}

// rest waits, and reports whether ctx let it.
func rest(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// body tells when its reader is through.
type body struct {
	io.Reader
	delivered func() // nil if nobody wants to know
	ended     func()
}

func (b *body) Read(p []byte) (n int, err error) {
	n, err = b.Reader.Read(p)
	if err == io.EOF && b.delivered != nil {
		b.delivered()
	}
	return n, err
}

func (b *body) Close() error {
	b.ended()
	return nil
}

// polls returns the requests for an address since the last time that it was
// asked, as scripts write them.
func (p *publishers) polls(url string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := []string{}
	pg, n := p.page(url), 0
	for _, r := range p.requests {
		if r.url != url {
			continue
		}
		if n++; n <= pg.told {
			continue
		}
		how := "unconditional"
		if r.conditional {
			how = "conditional"
		}
		lines = append(lines, r.began.Format("15:04")+" "+how+" "+cmp.Or(r.answer, "waiting"))
	}
	pg.told = n
	return lines
}

// manners says what was wrong with the requests of a day: addresses that
// that neither a configuration nor a document nor a redirect names (a query of our
// own would make one), and two requests to
// a host at once or too soon after each other.
func (p *publishers) manners(known map[string]bool, gap time.Duration) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	wrong := slices.Clone(p.wrong)
	last := map[string]*request{}
	led := slices.Collect(maps.Values(p.moved))
	for _, r := range p.requests {
		named := slices.ContainsFunc(p.served, func(text string) bool { return strings.Contains(text, r.url) })
		if !known[r.url] && !named && !slices.Contains(led, r.url) {
			wrong = append(wrong, "asked for "+r.url+", which nobody named")
		}
		host := fetcher.Host(r.url)
		before := last[host]
		last[host] = r
		switch at := r.began.Format(time.TimeOnly); {
		case before == nil:
		case before.ended.IsZero() || before.ended.After(r.began):
			wrong = append(wrong, fmt.Sprintf("%s %s: asked while %s was under way at the same host", at, r.url, before.url))
		case r.began.Sub(before.ended) < gap:
			wrong = append(wrong, fmt.Sprintf("%s %s: asked %s after %s, at the same host", at, r.url, r.began.Sub(before.ended), before.url))
		}
	}
	return wrong
}

// readHeader reads "Name: value" lines up to an empty one, and returns the
// rest.
func readHeader(text string) (http.Header, []byte, error) {
	lines := bufio.NewReader(strings.NewReader(strings.TrimRight(text, "\n") + "\n\n"))
	header, err := textproto.NewReader(lines).ReadMIMEHeader()
	if err != nil {
		return nil, nil, fmt.Errorf("headers: %w", err)
	}
	rest, err := io.ReadAll(lines)
	return http.Header(header), bytes.TrimRight(rest, "\n"), err
}

func TestPublishersNoticeBadManners(t *testing.T) {
	const url = "http://a.example/rss"
	for sin, ask := range map[string]func(get func(url, header, value string)){
		"header Cookie":            func(get func(url, header, value string)) { get(url, "Cookie", "a=b") },
		"header Referer":           func(get func(url, header, value string)) { get(url, "Referer", "http://b.example/") },
		"never gave":               func(get func(url, header, value string)) { get(url, "If-None-Match", `"stale"`) },
		"?v=1, which nobody named": func(get func(url, header, value string)) { get(url+"?v=1", "Accept", "*/*") },
		"asked 1s after": func(get func(url, header, value string)) {
			get(url, "Accept", "*/*")
			time.Sleep(time.Second)
			get(url, "Accept", "*/*")
		},
		"under way": func(get func(url, header, value string)) {
			go get(url+"/slow", "Accept", "*/*")
			time.Sleep(time.Second)
			get(url, "Accept", "*/*")
			time.Sleep(time.Minute)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPublishers()
			p.serve(url, []byte("<rss/>"), nil)
			p.fail(url+"/slow", trouble{wait: 10 * time.Second})
			ask(func(url, header, value string) {
				r, err := http.NewRequest(http.MethodGet, url, nil)
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("User-Agent", "Copydesk/test")
				r.Header.Set(header, value)
				resp, err := p.ask(r, func() {})
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
			})
			wrong := p.manners(map[string]bool{url: true, url + "/slow": true}, 2*time.Second)
			if len(wrong) != 1 || !strings.Contains(wrong[0], sin) {
				t.Errorf("%q: noticed %q", sin, wrong)
			}
		})
	}
}
