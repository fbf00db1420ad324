package demo

import (
	"compress/gzip"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// get asks the handler as it stands at now; header is of names and values in turn.
func get(now time.Time, path string, header ...string) *http.Response {
	return ask(http.MethodGet, now, path, header...)
}

func ask(method string, now time.Time, path string, header ...string) *http.Response {
	h := Handler(samples(), func() time.Time { return now })
	r := httptest.NewRequest(method, strings.TrimPrefix(path, base), nil)
	for pair := range slices.Chunk(header, 2) {
		r.Header.Add(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAFeedIsServedWithItsValidators(t *testing.T) {
	for _, p := range samples() {
		resp := get(at(20), p.FeedURL())
		if resp.StatusCode != http.StatusOK || body(t, resp.Body) != string(p.Feed(at(20))) {
			t.Errorf("%s: %s, or other bytes than Feed", p.Slug, resp.Status)
		}
		want := "application/rss+xml; charset=utf-8"
		if p.style.Format == formatAtom {
			want = "application/atom+xml; charset=utf-8"
		}
		if got := resp.Header.Get("Content-Type"); got != want {
			t.Errorf("%s: Content-Type %q, want %q", p.Slug, got, want)
		}
		if got := resp.Header.Get("Cache-Control"); got != "max-age=2" {
			t.Errorf("%s: Cache-Control %q, want that of one beat", p.Slug, got)
		}
		etag, modified := resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
		if !strings.HasPrefix(etag, `"`) {
			t.Errorf("%s: ETag %s, want a strong one", p.Slug, etag)
		}
		for _, validator := range [][]string{{"If-None-Match", etag}, {"If-Modified-Since", modified}} {
			again := get(at(20), p.FeedURL(), validator...)
			if again.StatusCode != http.StatusNotModified || body(t, again.Body) != "" {
				t.Errorf("%s: %s for %v, want 304", p.Slug, again.Status, validator)
			}
			if later := get(at(Beats), p.FeedURL(), validator...); later.StatusCode != http.StatusOK {
				t.Errorf("%s: %s for %v after a change, want 200", p.Slug, later.Status, validator)
			}
		}
	}
}

func TestLastModifiedIsWhenTheDocumentChanged(t *testing.T) {
	url := find(t, "harbour-wire").FeedURL()
	for n, want := range map[int]int{7: 7, 14: 7, 15: 15, 28: 15} { // out at 7, retitled at 15
		if got := get(at(n), url).Header.Get("Last-Modified"); got != at(want).Format(http.TimeFormat) {
			t.Errorf("at beat %d: %s, want that of beat %d", n, got, want)
		}
	}
}

func TestGzipIsAnotherRepresentationOfTheSameFeed(t *testing.T) {
	url := find(t, "swiftline").FeedURL()
	plain, zipped := get(start, url), get(start, url, "Accept-Encoding", "br, gzip;q=0.8")
	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("headers: %v", zipped.Header)
	}
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body(t, z) != body(t, plain.Body) {
		t.Error("the decoded bytes differ")
	}
	etag := zipped.Header.Get("ETag")
	if etag == plain.Header.Get("ETag") {
		t.Error("one strong ETag for different bytes")
	}
	if again := get(start, url, "Accept-Encoding", "gzip", "If-None-Match", etag); again.StatusCode != http.StatusNotModified {
		t.Errorf("%s, want 304", again.Status)
	}
	for _, refusal := range []string{"gzip;q=0", "gzip; q=0.000", "identity"} {
		if got := get(start, url, "Accept-Encoding", refusal).Header.Get("Content-Encoding"); got != "" {
			t.Errorf("Content-Encoding %s for Accept-Encoding: %s", got, refusal)
		}
	}
}

var address = regexp.MustCompile(`(?:href|url)="([^"]+)"|<link>([^<]+)</link>`)

func TestEveryAddressInAFeedOpens(t *testing.T) {
	for _, p := range samples() {
		for _, n := range []int{0, 10, Beats} {
			doc := html.UnescapeString(html.UnescapeString(string(p.Feed(at(n)))))
			opened := 0
			for _, m := range address.FindAllStringSubmatch(doc, -1) {
				link := m[1] + m[2]
				if !strings.HasPrefix(link, "http") {
					link = p.home + link // xml:base
				}
				if resp := get(at(n), link); resp.StatusCode != http.StatusOK {
					t.Errorf("%s at beat %d: %s: %s", p.Slug, n, link, resp.Status)
				}
				opened++
			}
			if opened < 7 {
				t.Errorf("%s at beat %d: only %d addresses found", p.Slug, n, opened)
			}
		}
	}
}

func TestAnEnclosureIsAsLongAsItsFeedSays(t *testing.T) {
	for _, e := range parse(t, find(t, "harbour-wire"), at(Beats)).Items {
		resp := get(at(Beats), e.Enclosures[0].URL)
		if got := fmt.Sprint(len(body(t, resp.Body))); got != e.Enclosures[0].Length || resp.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %s bytes of %s, want %s", e.Enclosures[0].URL, got, resp.Header.Get("Content-Type"), e.Enclosures[0].Length)
		}
	}
}

func TestThePagesShowWhatTheFeedsSay(t *testing.T) {
	for path, wants := range map[string][]string{
		"/": {"Sundbrücker Morgenblatt", base + "/globefold/feed.xml"},
		"/harbour-wire/articles/ports-and-rail-dry-docks":           {"<h1>Ports &amp; rail: why &#34;dry docks&#34; inland are suddenly full</h1>", "second track &amp; a night shift"},
		"/vendhara-lantern/":                                        {"India&#39;s slowest library reaches its thousandth village", `href="` + base + `/vendhara-lantern/feed.xml"`},
		"/vendhara-lantern/articles/library-boat-assam":             {`<a href="` + base + `/vendhara-lantern/articles/nepal-bridge-listens">`},
		"/vendhara-lantern/articles/partner-dry-docks":              {`<link rel="canonical" href="` + base + `/harbour-wire/articles/ports-and-rail-dry-docks">`},
		"/morgenblatt/articles/sundbrueck-uhr":                      {`<html lang="de">`, "Küster"},
		"/swiftline/articles/laos-cave-orchestra?utm_source=x&a=<b": {"rewritten for clarity."},
	} {
		resp := get(start, path)
		page := body(t, resp.Body)
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %s, %s", path, resp.Status, resp.Header.Get("Content-Type"))
		}
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
	}
}

func TestPagesEscapeWhatTheyShow(t *testing.T) {
	const evil = `</title><script>alert("1")</script>`
	p := &Publisher{Name: evil, Slug: "evil", Language: `en" onload="x`, home: base + "/evil/"}
	a := &article{Slug: "a", Title: evil, Summary: evil, Authors: []string{evil}, Body: evil, by: p, out: start}
	p.articles = []*article{a}
	h := Handler([]*Publisher{p}, func() time.Time { return start })
	for _, path := range []string{"/", "/evil/", "/evil/articles/a"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		page := w.Body.String()
		if w.Code != http.StatusOK || !strings.Contains(page, "&lt;script&gt;") {
			t.Errorf("%s: status %d, want the text shown: %s", path, w.Code, page)
		}
		if strings.Contains(page, "<script") || strings.Contains(page, `" onload="`) {
			t.Errorf("%s lets markup through: %s", path, page)
		}
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	for _, path := range []string{
		"/nobody/feed.xml", "/nobody/", "/nobody/articles/x", "/nobody/pictures/x.png", "/feed.xml/", "/harbour-wire/rss.xml",
		"/harbour-wire/articles/nothing", "/harbour-wire/pictures/nothing.png", "/harbour-wire/pictures/hydrogen-tug-haeyang.gif",
		"/swiftline/pictures/laos-cave-orchestra.png",
		"/harbour-wire/articles/mongolia-copper-ports", // out at beat 7
		"/harbour-wire/pictures/mongolia-copper-ports.png",
	} {
		if resp := get(at(6), path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s, want 404", path, resp.Status)
		}
	}
	if resp := ask(http.MethodPost, start, "/swiftline/feed.xml"); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s, want 405", resp.Status)
	}
}

func TestTheHandlerServesManyReadersAtOnce(t *testing.T) {
	h := Handler(samples(), func() time.Time { return at(20) })
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for _, path := range []string{"/", "/globefold/feed.xml", "/vendhara-lantern/feed.xml", "/harbour-wire/articles/mongolia-copper-ports"} {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
				if w.Code != http.StatusOK {
					t.Errorf("%s: status %d", path, w.Code)
				}
			}
		})
	}
	readers.Wait()
}
