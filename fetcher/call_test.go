package fetcher

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestACallIsMadeAgainWhereARedirectThatKeepsItsMethodLeads(t *testing.T) {
	var got []string
	s := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.Path+" "+string(body)+" "+r.Header.Get("X-Test"))
		switch r.URL.Path {
		case "/307":
			http.Redirect(w, r, "/308", http.StatusTemporaryRedirect)
		case "/308":
			http.Redirect(w, r, "/end", http.StatusPermanentRedirect)
		case "/302":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusTemporaryRedirect)
		default:
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, strings.Repeat("x", 10<<10))
		}
	})
	c := client(t, Options{})
	call := func(path string, hops int) Reply {
		return c.Call(t.Context(), Call{Method: http.MethodPost, URL: s.URL + path, Header: http.Header{"X-Test": {"1"}}, Body: []byte("body"), Hops: hops})
	}
	if r := call("/307", 5); !r.OK() || r.Status != 202 || len(r.Body) != callBody {
		t.Errorf("%d, %d bytes, %v", r.Status, len(r.Body), r.Err)
	}
	if want := "POST /307 body 1, POST /308 body 1, POST /end body 1"; strings.Join(got, ", ") != want {
		t.Errorf("asked %q", got)
	}
	if r := call("/302", 5); r.OK() || r.Status != 302 {
		t.Errorf("a redirect that makes it a GET: %+v", r)
	}
	if r := call("/307", 0); r.OK() || r.Status != 307 {
		t.Errorf("where none is to be followed: %+v", r)
	}
	if r := call("/round", 3); r.OK() || !strings.Contains(r.Reason(time.Now()), "more than 3 times") {
		t.Errorf("round and round: %+v", r)
	}
}

func TestACallIsGuardedLikeEveryRequest(t *testing.T) {
	s := publisher(t, "127.0.0.1", func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	c, err := NewClient(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for address, reason := range map[string]string{
		s.URL: "is private", "ftp://h.example/": "only http and https", "http://": "names no host", "://": "not an address",
	} {
		r := c.Call(t.Context(), Call{Method: http.MethodPost, URL: address})
		if r.OK() || !strings.Contains(r.Reason(time.Now()), reason) {
			t.Errorf("%s: %q", address, r.Reason(time.Now()))
		}
	}
	if r := c.Call(t.Context(), Call{Method: http.MethodPost, URL: s.URL, Header: http.Header{"X-Bad": {"a\r\nb"}}}); r.OK() || !strings.Contains(r.Reason(time.Now()), "header") {
		t.Errorf("a header of two lines: %q", r.Reason(time.Now()))
	}
}

// throttling is a host that answers every request with 429.
type throttling struct {
	asked  int
	header http.Header
}

func (b *throttling) RoundTrip(r *http.Request) (*http.Response, error) {
	b.asked++
	return &http.Response{StatusCode: http.StatusTooManyRequests, Header: b.header, Body: http.NoBody, Request: r}, nil
}

func TestAHostThatAnswersACallWith429IsLeftAloneForAsLongAsItSays(t *testing.T) {
	for after, want := range map[string]time.Duration{"86400": 24 * time.Hour, "": heed} {
		synctest.Test(t, func(t *testing.T) {
			b := &throttling{header: http.Header{"Retry-After": {after}}}
			c := client(t, Options{Transport: b})
			call := func() Reply {
				return c.Call(t.Context(), Call{Method: http.MethodPost, URL: "https://hub.example.com/"})
			}
			first := call()
			time.Sleep(want - time.Second)
			if r := call(); first.Status != http.StatusTooManyRequests || b.asked != 1 || r.Err == nil {
				t.Errorf("Retry-After %q: asked %d times, %v", after, b.asked, r.Err)
			}
			if a := c.Fetch(t.Context(), Request{URL: "https://www.example.com/feed"}); b.asked != 1 || a.Err == nil {
				t.Errorf("Retry-After %q: its feed is asked, %v", after, a.Err)
			}
			time.Sleep(2 * time.Second)
			if call(); b.asked != 2 {
				t.Errorf("Retry-After %q: asked %d times when it is over", after, b.asked)
			}
		})
	}
}

// Anybody can subscribe with a callback of his own at a domain that he shares
// with others, and let it answer what he likes.
func TestACallbackThatAnswers429StopsItsNameAloneAndForAnHourAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &throttling{header: http.Header{"Retry-After": {"604800"}}}
		c := client(t, Options{Transport: b, Callbacks: true})
		call := func(callback string) (asked bool) {
			before := b.asked
			c.Call(t.Context(), Call{Method: http.MethodPost, URL: callback})
			return b.asked > before
		}
		if !call("https://one.readers.example.com/1") || call("https://One.readers.example.com:8443/2") {
			t.Error("its own name is not stopped")
		}
		if !call("https://two.readers.example.com/1") {
			t.Error("its neighbour is stopped")
		}
		time.Sleep(heedCallback)
		if !call("https://one.readers.example.com/1") {
			t.Error("it is still stopped after an hour")
		}
	})
}
