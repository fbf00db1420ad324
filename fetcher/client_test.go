package fetcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const feed = `<rss version="2.0"><channel><title>Rain</title></channel></rss>`

// publisher is a server on loopback, at an address of its own.
func publisher(t testing.TB, address string, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", address+":0")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// client may ask all of loopback.
func client(t testing.TB, o Options) *Client {
	t.Helper()
	o.Allow = append(o.Allow, "127.0.0.0/8:*")
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// memory is a transport of a test's own.
type memory func(*http.Request) (*http.Response, error)

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) { return m(r) }

func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func TestValidatorsGoBackByteForByte(t *testing.T) {
	const etag, modified = `W/"a,b--gzip"`, "Tue, 1 jan 2019  10:00:00 +0000"
	var asked []http.Header
	p := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header)
		w.Header()["ETag"] = []string{etag}
		w.Header().Set("Last-Modified", modified)
		if len(asked) > 1 {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, feed)
	})
	c := client(t, Options{UserAgent: "Copydesk/1 (+https://desk.example/about)"})
	first := c.Fetch(t.Context(), Request{URL: p.URL + "/rss?a=1"})
	if first.Err != nil || first.Conditional || first.ETag != etag || first.LastModified != modified {
		t.Fatalf("first answer: %+v", first)
	}
	second := c.Fetch(t.Context(), Request{URL: p.URL + "/rss?a=1", ETag: first.ETag, LastModified: first.LastModified})
	if second.Err != nil || second.Status != 304 || !second.Conditional || second.Document.Body != nil {
		t.Fatalf("second answer: %+v", second)
	}
	want := http.Header{
		"User-Agent":      {"Copydesk/1 (+https://desk.example/about)"},
		"Accept":          {accept},
		"Accept-Encoding": {"gzip, br, zstd"},
	}
	if diff := cmp.Diff(want, asked[0]); diff != "" {
		t.Errorf("headers of the first request (-want +got)\n%s", diff)
	}
	want["If-None-Match"], want["If-Modified-Since"] = []string{etag}, []string{modified}
	if diff := cmp.Diff(want, asked[1]); diff != "" {
		t.Errorf("headers of the second request (-want +got)\n%s", diff)
	}
}

func TestAValidatorThatNoHeaderCanCarryIsNotSent(t *testing.T) {
	p := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header["If-None-Match"]) > 0 {
			t.Error("sent it")
		}
		io.WriteString(w, feed)
	})
	a := client(t, Options{}).Fetch(t.Context(), Request{URL: p.URL, ETag: "\"a\nb\""})
	if a.Err != nil || a.Conditional {
		t.Errorf("got %v, conditional %v", a.Err, a.Conditional)
	}
}

func TestRequestsCarryNoCookieRefererOrQueryOfOurs(t *testing.T) {
	p := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 || r.Referer() != "" || r.URL.RawQuery != "" {
			t.Errorf("%s: cookies %v, referer %q, query %q", r.URL, r.Cookies(), r.Referer(), r.URL.RawQuery)
		}
		http.SetCookie(w, &http.Cookie{Name: "id", Value: "1"})
		if r.URL.Path == "/old" {
			w.Header().Set("Location", "/new")
			w.WriteHeader(http.StatusFound)
			return
		}
		io.WriteString(w, feed)
	})
	c := client(t, Options{})
	for range 2 {
		if a := c.Fetch(t.Context(), Request{URL: p.URL + "/old#top"}); a.Err != nil || a.Document.URL != p.URL+"/new" {
			t.Errorf("got %v from %q", a.Err, a.Document.URL)
		}
	}
}

// site answers "/status/target" with a redirect to "/target".
func site(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	status, target, ok := strings.Cut(path, "/")
	code := map[string]int{"301": 301, "302": 302, "303": 303, "307": 307, "308": 308}[status]
	if !ok || code == 0 {
		io.WriteString(w, feed)
		return
	}
	if target != "nowhere" {
		w.Header().Set("Location", "/"+target)
	}
	w.WriteHeader(code)
}

func TestRedirectsAreFollowedByHandAndNoted(t *testing.T) {
	p := publisher(t, "127.0.0.1", site)
	a := client(t, Options{}).Fetch(t.Context(), Request{URL: p.URL + "/301/302/303/307/308/feed"})
	if a.Err != nil || string(a.Document.Body) != feed {
		t.Fatalf("got %v, %q", a.Err, a.Document.Body)
	}
	want := []Hop{
		{p.URL + "/301/302/303/307/308/feed", p.URL + "/302/303/307/308/feed", 301},
		{p.URL + "/302/303/307/308/feed", p.URL + "/303/307/308/feed", 302},
		{p.URL + "/303/307/308/feed", p.URL + "/307/308/feed", 303},
		{p.URL + "/307/308/feed", p.URL + "/308/feed", 307},
		{p.URL + "/308/feed", p.URL + "/feed", 308},
	}
	if diff := cmp.Diff(want, a.Hops); diff != "" {
		t.Error(diff)
	}
}

func TestARedirectThatLeadsNowhereIsRefused(t *testing.T) {
	p := publisher(t, "127.0.0.1", site)
	around := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", map[string]string{"/a": "/b", "/b": "/a", "/ftp": "ftp://x.example/", "/mad": "http://u:secret@[x/"}[r.URL.Path])
		w.WriteHeader(http.StatusMovedPermanently)
	})
	for _, tt := range []struct{ url, want string }{
		{p.URL + "/301/301/301/301/301/301/feed", "redirected more than 5 times"},
		{p.URL + "/301/nowhere", "301 Moved Permanently without a Location"},
		{around.URL + "/a", "redirected in a circle to " + around.URL + "/a (as pages do that want a cookie)"},
		{around.URL + "/ftp", `redirected: only http and https can be asked, not "ftp:"`},
		{around.URL + "/mad", "redirected to what is not an address: an address with credentials that cannot be read"},
		{"gopher://x.example/", `only http and https can be asked, not "gopher:"`},
		{"http:///feed", "the address names no host: http:///feed"},
		{"http://x.example:99999999/%zz", `not an address that can be asked: "http://x.example:99999999/%zz"`},
	} {
		a := client(t, Options{}).Fetch(t.Context(), Request{URL: tt.url})
		if r, ok := errors.AsType[*Refusal](a.Err); !ok || r.Reason != tt.want {
			t.Errorf("%s\n got %v\nwant %s", tt.url, a.Err, tt.want)
		}
	}
}

func TestACookieWallIsAskedOnce(t *testing.T) {
	asked := 0
	p := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.SetCookie(w, &http.Cookie{Name: "ok", Value: "1"})
		http.Redirect(w, r, r.URL.String(), http.StatusFound)
	})
	a := client(t, Options{}).Fetch(t.Context(), Request{URL: p.URL + "/"})
	if asked != 1 || a.Err == nil || len(a.Hops) != 0 {
		t.Errorf("asked %d times: %v", asked, a.Err)
	}
}

// An answer's status is that of its end, not of a hop on the way.
func TestAHopThatFailsHasNoStatus(t *testing.T) {
	p := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
	})
	a := client(t, Options{}).Fetch(t.Context(), Request{URL: p.URL})
	if a.Status != 0 || a.Header != nil || len(a.Hops) != 1 || a.Err == nil {
		t.Errorf("got %+v", a)
	}
}

func TestCredentialsStayAtTheirHost(t *testing.T) {
	seen := map[string]string{}
	note := func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		seen[r.Host] += r.URL.Path + " " + user + ":" + password + "\n"
	}
	other := publisher(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) {
		note(w, r)
		io.WriteString(w, feed)
	})
	home := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		note(w, r)
		if r.URL.Path == "/feed" {
			http.Redirect(w, r, "/again", http.StatusFound)
			return
		}
		http.Redirect(w, r, strings.Replace(other.URL, "//", "//eve:wink@", 1), http.StatusFound)
	})
	a := client(t, Options{}).Fetch(t.Context(), Request{URL: strings.Replace(home.URL, "//", "//ann:se%20cret@", 1) + "/feed"})
	if a.Err != nil {
		t.Fatal(a.Err)
	}
	want := map[string]string{
		home.Listener.Addr().String():  "/feed ann:se cret\n/again ann:se cret\n",
		other.Listener.Addr().String(): "/ :\n",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
	if text := fmt.Sprint(a.Hops, a.Document.URL); strings.Contains(text, "se") && strings.Contains(text, "cret") || strings.Contains(text, "wink") {
		t.Errorf("credentials in %s", text)
	}
}

func TestCredentialsGoFromHttpToHttpsButNotBack(t *testing.T) {
	for _, tt := range []struct {
		home, to string
		want     bool
	}{
		{"http://a.example/", "http://A.example/x", true},
		{"http://a.example/", "https://a.example/x", true},
		{"https://a.example/", "https://a.example:443/x", true},
		{"https://a.example/", "http://a.example/x", false},
		{"http://a.example/", "http://a.example:8080/x", false},
		{"https://a.example:8443/", "http://a.example:8443/x", false},
		{"http://a.example:8080/", "https://a.example/x", false},
		{"http://a.example/", "http://b.a.example/x", false},
	} {
		var auth string
		c := client(t, Options{Transport: memory(func(r *http.Request) (*http.Response, error) {
			auth = r.Header.Get("Authorization")
			if r.URL.Path == "/" {
				return answer(302, "", "Location", tt.to), nil
			}
			return answer(200, feed), nil
		})})
		a := c.Fetch(t.Context(), Request{URL: strings.Replace(tt.home, "//", "//ann:secret@", 1)})
		if a.Err != nil || (auth != "") != tt.want {
			t.Errorf("%s to %s: sent %q, %v", tt.home, tt.to, auth, a.Err)
		}
	}
}

func TestAddressesAreShownWithoutCredentials(t *testing.T) {
	for _, tt := range []struct{ raw, want string }{
		{"https://a.example/feed?x=1", "https://a.example/feed?x=1"},
		{"https://ann:secret@a.example/feed", "https://xxxxx@a.example/feed"},
		{"https://token@a.example/feed", "https://xxxxx@a.example/feed"},
		{"https://ann:sec/ret@a.example/feed", "an address with credentials that cannot be read"},
		{"ann:secret@a.example", "an address with credentials that cannot be read"},
		{"dw-asia", "dw-asia"},
	} {
		if got := Redact(tt.raw); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.raw, got, tt.want)
		}
	}
}

func chunk(b []byte) string { return fmt.Sprintf("%x\r\n%s\r\n", len(b), b) }

func TestATransferThatIsCutOffIsAnErrorAndNeverAShorterBody(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
	for name, raw := range map[string]string{
		"content-length":               head + "Content-Length: 500\r\n\r\n" + feed,
		"chunked":                      head + "Transfer-Encoding: chunked\r\n\r\n" + chunk([]byte(feed)),
		"in a chunk":                   head + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s", len(feed)+10, feed),
		"gzip trailer":                 head + "Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + string(encode(t, "gzip", feed)[:60]),
		"chunked after a zlib stream":  head + "Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(encode(t, "zlib", feed)),
		"after the end of a br stream": head + "Content-Encoding: br\r\nContent-Length: 500\r\n\r\n" + string(encode(t, "br", feed)),
	} {
		p := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, raw)
			conn.Close()
		})
		a := client(t, Options{}).Fetch(t.Context(), Request{URL: p.URL})
		if _, ok := errors.AsType[*Refusal](a.Err); !ok || a.Document.Body != nil || a.Status != 200 {
			t.Errorf("%s: got %v with %d bytes", name, a.Err, len(a.Document.Body))
		}
	}
}

func TestAContentLengthIsCheckedWhateverTheTransport(t *testing.T) {
	for _, length := range []int64{int64(len(feed)) + 1, int64(len(feed)) - 1} {
		c := client(t, Options{Transport: memory(func(*http.Request) (*http.Response, error) {
			r := answer(200, feed)
			r.ContentLength = length
			return r, nil
		})})
		if a := c.Fetch(t.Context(), Request{URL: "http://a.example/"}); a.Err == nil {
			t.Errorf("took %d bytes for %d", len(feed), length)
		}
	}
}

func TestABodyThatSaysItIsTooLongIsNotRead(t *testing.T) {
	c := client(t, Options{Transport: memory(func(*http.Request) (*http.Response, error) {
		r := answer(200, "")
		r.ContentLength = 20<<20 + 1
		r.Body = io.NopCloser(readerFunc(func([]byte) (int, error) {
			t.Error("read")
			return 0, io.EOF
		}))
		return r, nil
	})})
	if a := c.Fetch(t.Context(), Request{URL: "http://a.example/"}); a.Err == nil || a.Err.Error() != "body over 20 MiB" {
		t.Errorf("got %v", a.Err)
	}
}

func TestAnswersOverALimitAreRefused(t *testing.T) {
	long := strings.Repeat("x", 5000)
	bomb := string(encode(t, "gzip", long))
	twice := string(encode(t, "gzip", string(encode(t, "gzip", strings.Repeat(long, 300)))))
	// Large only between its two layers.
	hollow := string(encode(t, "gzip", strings.Repeat(string(encode(t, "gzip", "")), 300)+string(encode(t, "gzip", feed))))
	if len(twice) > 2000 || len(hollow) > 2000 {
		t.Fatal("not a bomb")
	}
	p := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/length":
			w.Header().Set("Content-Length", "5000")
			io.WriteString(w, long)
		case "/chunked":
			http.NewResponseController(w).Flush()
			io.WriteString(w, long)
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, bomb)
		case "/twice":
			w.Header().Set("Content-Encoding", "gzip, gzip")
			io.WriteString(w, twice)
		case "/hollow":
			w.Header().Set("Content-Encoding", "gzip, gzip")
			io.WriteString(w, hollow)
		case "/header":
			w.Header().Set("X-Long", long+long)
		}
	})
	c := client(t, Options{Limits: Limits{Body: 2048, Header: 6000}})
	for path, want := range map[string]string{
		"/length": "body over 2 KiB", "/chunked": "body over 2 KiB", "/gzip": "body over 2 KiB", "/twice": "body over 2 KiB", "/hollow": "body over 2 KiB",
		"/header": "headers over 6000 bytes",
	} {
		a := c.Fetch(t.Context(), Request{URL: p.URL + path})
		if r, ok := errors.AsType[*Refusal](a.Err); !ok || r.Reason != want {
			t.Errorf("%s: got %v, want %s", path, a.Err, want)
		}
	}
	c = client(t, Options{Limits: Limits{Header: 1000}, Transport: memory(func(*http.Request) (*http.Response, error) {
		return answer(200, feed, "X-Long", long), nil
	})})
	if a := c.Fetch(t.Context(), Request{URL: "http://a.example/"}); a.Err == nil || a.Err.Error() != "headers over 1000 bytes" {
		t.Errorf("in memory: got %v", a.Err)
	}
}

// hanging answers with the header, then hangs; or hangs at once.
func hanging(after int) memory {
	return func(r *http.Request) (*http.Response, error) {
		if after == 0 {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		resp := answer(200, "")
		resp.ContentLength = -1
		resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		}))
		return resp, nil
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestAPublisherThatHangsTimesOut(t *testing.T) {
	for after, want := range []string{"timed out after 30s waiting for headers", "timed out after 2m0s in total"} {
		synctest.Test(t, func(t *testing.T) {
			c := client(t, Options{Transport: hanging(after)})
			a := c.Fetch(t.Context(), Request{URL: "http://a.example/"})
			if a.Err == nil || a.Err.Error() != want {
				t.Errorf("got %v, want %s", a.Err, want)
			}
			if limit := []time.Duration{30 * time.Second, 2 * time.Minute}[after]; a.Took != limit {
				t.Errorf("took %s, want %s", a.Took, limit)
			}
		})
	}
}

// Redirects cannot stretch the total; waiting for our own gate does not use it
// up.
func TestTheTotalTimeIsOfAllHopsTogetherWithoutTheirGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hops := 0
		c := client(t, Options{HostGap: time.Minute, Transport: memory(func(r *http.Request) (*http.Response, error) {
			hops++
			select {
			case <-time.After(29 * time.Second):
				return answer(302, "", "Location", fmt.Sprintf("/%d", hops)), nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})})
		a := c.Fetch(t.Context(), Request{URL: "http://a.example/"})
		if a.Err == nil || a.Err.Error() != "timed out after 2m0s in total" {
			t.Errorf("got %v", a.Err)
		}
		if want := 2*time.Minute + 4*time.Minute; hops != 5 || a.Took != want {
			t.Errorf("%d hops in %s, want 5 in %s", hops, a.Took, want)
		}
	})
}

func TestAFetchThatIsCalledOffSaysSo(t *testing.T) {
	for after := range 2 {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(errors.New("told to stop")) })
			a := client(t, Options{Transport: hanging(after)}).Fetch(ctx, Request{URL: "http://a.example/"})
			if !errors.Is(a.Err, context.Canceled) || a.Took != time.Second {
				t.Errorf("got %v after %s", a.Err, a.Took)
			}
		})
	}
}

func TestConnectionsAreUsedAgainFor304AndRedirects(t *testing.T) {
	from := map[string]bool{}
	p := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		from[r.RemoteAddr] = true
		switch r.URL.Path {
		case "/old":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/lost":
			http.NotFound(w, r)
		default:
			w.WriteHeader(http.StatusNotModified)
		}
	})
	c := client(t, Options{})
	for _, path := range []string{"/", "/old", "/lost", "/"} {
		if a := c.Fetch(t.Context(), Request{URL: p.URL + path, ETag: `"1"`}); a.Err != nil {
			t.Fatal(a.Err)
		}
	}
	if len(from) != 1 {
		t.Errorf("%d connections: %v", len(from), slices.Collect(maps.Keys(from)))
	}
}

func TestHTTP2IsSpoken(t *testing.T) {
	p := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	p.EnableHTTP2 = true
	p.StartTLS()
	t.Cleanup(p.Close)
	c := client(t, Options{})
	c.transport.(*http.Transport).TLSClientConfig = p.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	if a := c.Fetch(t.Context(), Request{URL: p.URL}); a.Err != nil || string(a.Document.Body) != "HTTP/2.0" {
		t.Errorf("got %v, %s", a.Err, a.Document.Body)
	}
}

func BenchmarkAWarmPoll(b *testing.B) {
	p := publisher(b, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", r.Header.Get("If-None-Match"))
		w.WriteHeader(http.StatusNotModified)
	})
	r := Request{URL: p.URL + "/rss", ETag: `"1"`, LastModified: "Tue, 01 Jan 2019 10:00:00 GMT"}
	b.Run("fetch", func(b *testing.B) {
		c := client(b, Options{UserAgent: "Copydesk/1"})
		b.ReportAllocs()
		for b.Loop() {
			if a := c.Fetch(b.Context(), r); a.Err != nil || a.Status != 304 {
				b.Fatal(a.Err, a.Status)
			}
		}
	})
	b.Run("bare", func(b *testing.B) { // the floor: the same request by net/http alone
		b.ReportAllocs()
		for b.Loop() {
			req, _ := http.NewRequestWithContext(b.Context(), "GET", r.URL, nil)
			req.Header.Set("If-None-Match", r.ETag)
			req.Header.Set("If-Modified-Since", r.LastModified)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	})
}
