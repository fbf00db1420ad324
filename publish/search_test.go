package publish_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
	"copydesk/publish"
)

// oracle is a finder: it folds case, and finds the edition of the fixtures.
type oracle struct {
	asked atomic.Int64
	find  func(ctx context.Context, question string) (*publish.Issue, error)
}

func (o *oracle) Understand(question string) (string, error) {
	if question == "" || strings.Contains(question, "?") {
		return "", errors.New("a question mark: leave it out")
	}
	return strings.ToLower(question), nil
}

func (o *oracle) Find(ctx context.Context, question string) (*publish.Issue, error) {
	o.asked.Add(1)
	if o.find != nil {
		return o.find(ctx, question)
	}
	e := full()
	e.Topic = copydesk.Topic{Title: "Search: " + question}
	e.FeedID = copydesk.SearchID("test", question)
	return e.whole()
}

var searchSite = publish.Site{BaseURL: "https://feeds.example.org/news", Version: "1"}

func searched(h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestASearchIsAFeedUnderItsOwnAddress(t *testing.T) {
	h := publish.NewSearch(&oracle{}, searchSite)
	question := `"mekong delta" -日本 <b>&"`
	target := "?q=" + url.QueryEscape(question)
	for ending, kind := range map[string]string{"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"} {
		w := searched(h, "/search."+ending+target)
		self := searchSite.BaseURL + "/search." + ending + target
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) || !strings.Contains(w.Body.String(), self) {
			t.Fatalf("%s: %d %s, without %s:\n%s", ending, w.Code, w.Header(), self, w.Body)
		}
		if home := searchSite.BaseURL + "/search" + target; !strings.Contains(w.Body.String(), home+`"`) && !strings.Contains(w.Body.String(), home+"<") {
			t.Errorf("%s: no link to %s", ending, home)
		}
		for _, wrong := range []string{"topics/", "<b>", "rel=\"current\""} {
			if strings.Contains(strings.ReplaceAll(w.Body.String(), "\\u003cb\\u003e", ""), wrong) && ending != "json" {
				t.Errorf("%s: it has %s", ending, wrong)
			}
		}
		for name, want := range map[string]string{"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff", "Last-Modified": "", "Cache-Control": "max-age=300"} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", ending, name, got, want)
			}
		}
		again := searched(h, "/search."+ending+target, "If-None-Match", w.Header().Get("ETag"))
		if again.Code != 304 || again.Body.Len() != 0 {
			t.Errorf("%s: %d the second time", ending, again.Code)
		}
		if later := searched(h, "/search."+ending+target, "If-Modified-Since", "Sat, 14 Mar 2099 12:00:00 GMT"); later.Code != 200 {
			t.Errorf("%s: %d by a date alone", ending, later.Code)
		}
	}
}

func TestAFoundStoryHasItsOwnID(t *testing.T) {
	w := searched(publish.NewSearch(&oracle{}, searchSite), "/search.atom?q=ferry")
	var feed struct {
		ID      string `xml:"id"`
		Entries []struct {
			ID string `xml:"id"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &feed); err != nil {
		t.Fatal(err)
	}
	if feed.ID != copydesk.SearchID("test", "ferry") || len(feed.Entries) != len(full().Items) {
		t.Errorf("feed %s with %d entries", feed.ID, len(feed.Entries))
	}
	for i, item := range full().Items {
		if feed.Entries[i].ID != item.ID {
			t.Errorf("entry %d: %s, want %s", i, feed.Entries[i].ID, item.ID)
		}
	}
}

func TestOtherWordsForTheSameQuestionLeadToItsAddress(t *testing.T) {
	o := &oracle{}
	h := publish.NewSearch(o, searchSite)
	for target, want := range map[string]string{
		"/search.atom?q=FERRY":         "/news/search.atom?q=ferry",
		"/search.rss?q=Low+Tide":       "/news/search.rss?q=low+tide",
		"/search?q=FERRY":              "/news/search?q=ferry",
		"/search.json?q=ferry&q=tide":  "/news/search.json?q=ferry+tide",
		"/search.atom?x=1&q=A%26q%3Db": "/news/search.atom?q=a%26q%3Db",
	} {
		if w := searched(h, target); w.Code != 301 || w.Header().Get("Location") != want {
			t.Errorf("%s: %d %s, want %s", target, w.Code, w.Header().Get("Location"), want)
		}
	}
	for _, target := range []string{"/search.atom?q=low%20tide&utm_source=x", "/search.atom?q=low+tide"} { // proxies write a space as they like
		if w := searched(h, target); w.Code != 200 {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	if w := searched(h, "/search?q=ferry", "Accept", "application/atom+xml"); w.Code != 303 || w.Header().Get("Location") != "/news/search.atom?q=ferry" {
		t.Errorf("a reader: %d %s", w.Code, w.Header())
	}
	if o.asked.Load() != 1 {
		t.Errorf("it was searched %d times", o.asked.Load())
	}
}

func TestTheSearchPageRepeatsNothingUnescaped(t *testing.T) {
	h := publish.NewSearch(&oracle{}, searchSite)
	for _, asked := range []string{`"><script>alert(1)</script>`, `"><script>?`, "' onfocus='x", "javascript:x?", "\x00\x1b?"} {
		w := searched(h, "/search?q="+url.QueryEscape(asked))
		if want := map[bool]int{true: 400, false: 200}[strings.Contains(asked, "?")]; w.Code != want {
			t.Errorf("%q: %d", asked, w.Code)
		}
		body := w.Body.String()
		if strings.Contains(body, "<script") || strings.Contains(body, `"">`) || strings.ContainsAny(body, "\x00\x1b") || !strings.Contains(body, "<form ") {
			t.Errorf("%q:\n%s", asked, body)
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "form-action 'self'") {
			t.Errorf("policy %s", policy)
		}
		if feed := searched(h, "/search.atom?q="+url.QueryEscape(asked+"?")); feed.Code != 400 || strings.Contains(feed.Body.String(), "script") {
			t.Errorf("%q as a feed: %d %s", asked, feed.Code, feed.Body)
		}
	}
	if w := searched(h, "/search"); w.Code != 200 || !strings.Contains(w.Body.String(), "<form ") {
		t.Errorf("the form alone: %d %s", w.Code, w.Body)
	}
	if w := searched(h, "/search?q=ferry"); !strings.Contains(w.Body.String(), "Fog on the bar") || !strings.Contains(w.Body.String(), `href="./search.rss?q=ferry"`) {
		t.Errorf("what was found:\n%s", w.Body)
	}
}

func TestWhatCannotBeSearchedSaysWhy(t *testing.T) {
	for reason, want := range map[error]int{
		fmt.Errorf("off: %w", publish.ErrNoSearch): 404,
		fmt.Errorf("x: %w", publish.ErrNotYet):     503,
		errors.New("the disk is full"):             503,
	} {
		h := publish.NewSearch(&oracle{find: func(context.Context, string) (*publish.Issue, error) { return nil, reason }}, searchSite)
		w := searched(h, "/search.atom?q=ferry")
		if w.Code != want || strings.Contains(w.Body.String(), "disk") || (want == 503) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%v: %d %s %s", reason, w.Code, w.Header(), w.Body)
		}
	}
	h := publish.NewSearch(&oracle{}, searchSite)
	if w := searched(h, "/search.atom?q="+strings.Repeat("a", 4000)); w.Code != 414 {
		t.Errorf("long: %d", w.Code)
	}
	if w := searched(h, "/search.atom"); w.Code != 400 {
		t.Errorf("nothing asked: %d", w.Code)
	}
	r := httptest.NewRequest("POST", "/search?q=ferry", nil)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 405 {
		t.Errorf("posted: %d", w.Code)
	}
}

// However many search at once, two searches run; the others wait a moment, and
// are asked to come back. What was found is found again for a while without
// searching.
func TestAFloodOfSearchesCostsTwoAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		o := &oracle{}
		o.find = func(ctx context.Context, question string) (*publish.Issue, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Hour):
				return &publish.Issue{}, nil
			}
		}
		h := publish.NewSearch(o, searchSite)
		began := time.Now()
		codes := make(chan int)
		for i := range 20 {
			go func() { codes <- searched(h, fmt.Sprintf("/search.atom?q=q%d", i)).Code }()
		}
		for range 20 {
			if code := <-codes; code != 503 {
				t.Errorf("answered with %d", code)
			}
		}
		if most.Load() != 2 || time.Since(began) > 10*time.Second {
			t.Errorf("%d ran at once, all ended after %v", most.Load(), time.Since(began))
		}
		o.find = nil
		o.asked.Store(0)
		for range 3 {
			if w := searched(h, "/search.atom?q=ferry"); w.Code != 200 {
				t.Fatal(w.Code)
			}
		}
		if o.asked.Load() != 1 {
			t.Errorf("searched %d times", o.asked.Load())
		}
		time.Sleep(time.Minute)
		searched(h, "/search.atom?q=ferry")
		if o.asked.Load() != 2 {
			t.Errorf("searched %d times after a minute", o.asked.Load())
		}
		for i := range 100 { // what is kept is bounded, and what is used stays
			searched(h, fmt.Sprintf("/search.atom?q=other%d", i))
			searched(h, "/search.atom?q=ferry")
		}
		if o.asked.Load() != 102 {
			t.Errorf("searched %d times for 100 others", o.asked.Load()-2)
		}
	})
}
