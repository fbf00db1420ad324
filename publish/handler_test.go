package publish_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"copydesk"
	"copydesk/publish"
)

// kiosk is a shelf with one topic in all formats, and its handler.
type kiosk struct {
	t        *testing.T
	shelf    *publish.Shelf
	next     time.Time // next poll of every topic
	stuck    error     // what keeps it from being alive
	trouble  error     // what keeps it from being ready
	handler  http.Handler
	editions map[publish.Format]*publish.Pressed
}

func well() error { return nil }

func newKiosk(t *testing.T) *kiosk {
	k := &kiosk{t: t, shelf: publish.NewShelf(), editions: map[publish.Format]*publish.Pressed{}}
	for _, f := range publish.Formats() {
		k.editions[f] = press(t, render(t, hundred(), f), f.ContentType(), noon)
		k.shelf.Put("coast", f, k.editions[f])
	}
	k.handler = publish.NewHandler(k.shelf, nil, site, func(copydesk.TopicID) time.Time { return k.next }, func() error { return k.stuck }, func() error { return k.trouble })
	return k
}

func press(t *testing.T, body []byte, contentType string, modified time.Time) *publish.Pressed {
	t.Helper()
	p, err := publish.Press(body, contentType, modified)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask sends a request with headers given as "Name: value".
func (k *kiosk) ask(method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	return w.Result()
}

func (k *kiosk) want(r *http.Response, status int) {
	k.t.Helper()
	if r.StatusCode != status {
		k.t.Errorf("status %d, want %d", r.StatusCode, status)
	}
}

func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const atomAddress = "/topics/coast.atom"

func TestAFeedIsServedWithItsTypeAndValidators(t *testing.T) {
	k := newKiosk(t)
	for f, contentType := range map[publish.Format]string{
		publish.Atom: "application/atom+xml; charset=utf-8",
		publish.RSS:  "application/rss+xml; charset=utf-8",
		publish.JSON: "application/feed+json; charset=utf-8",
	} {
		r := k.ask("GET", "/topics/coast."+string(f))
		k.want(r, 200)
		if !bytes.Equal(body(t, r), k.editions[f].Body()) {
			t.Errorf("%s: not the edition", f)
		}
		for name, want := range map[string]string{
			"Content-Type":                contentType,
			"Etag":                        k.editions[f].ETag(),
			"Last-Modified":               "Sat, 14 Mar 2026 12:00:00 GMT",
			"Vary":                        "Accept-Encoding, A-IM",
			"Access-Control-Allow-Origin": "*",
			"X-Content-Type-Options":      "nosniff",
			"Content-Encoding":            "",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", f, name, got, want)
			}
		}
	}
}

func TestACurrentCopyIsAnsweredWith304AndNoBody(t *testing.T) {
	k := newKiosk(t)
	hash := strings.Trim(k.editions[publish.Atom].ETag(), `"`)
	before, at, after := "Sat, 14 Mar 2026 11:59:59 GMT", "Sat, 14 Mar 2026 12:00:00 GMT", "Sat, 14 Mar 2026 12:00:01 GMT"
	for _, c := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"the tag alone", []string{`If-None-Match: "` + hash + `"`}, 304},
		{"another tag", []string{`If-None-Match: "other"`}, 200},
		{"a weak tag", []string{`If-None-Match: W/"` + hash + `"`}, 304},
		{"our tag of another coding", []string{`If-None-Match: "` + hash + `-zstd"`}, 304},
		{"a suffix of a proxy", []string{`If-None-Match: "` + hash + `;br"`}, 304},
		{"a longer hash", []string{`If-None-Match: "` + hash + `0"`}, 200},
		{"a part of the hash", []string{`If-None-Match: "` + hash[:8] + `"`}, 200},
		{"a list", []string{`If-None-Match: "a,b", W/"c" , "` + hash + `-gzip"`}, 304},
		{"a list without it", []string{`If-None-Match: "a,b", W/"c"`}, 200},
		{"two lines", []string{`If-None-Match: "a"`, `If-None-Match: "` + hash + `"`}, 304},
		{"a star", []string{`If-None-Match: *`}, 304},
		{"a tag that lost its quotes", []string{`If-None-Match: ` + hash}, 304},
		{"no end of quotes", []string{`If-None-Match: "a`}, 200},
		{"nothing", []string{`If-None-Match: `}, 200},
		{"the date alone", []string{"If-Modified-Since: " + at}, 304},
		{"a later date", []string{"If-Modified-Since: " + after}, 304},
		{"an earlier date", []string{"If-Modified-Since: " + before}, 200},
		{"no date", []string{"If-Modified-Since: yesterday"}, 200},
		{"the tag and an earlier date", []string{`If-None-Match: "` + hash + `"`, "If-Modified-Since: " + before}, 304},
		{"another tag and a later date", []string{`If-None-Match: "other"`, "If-Modified-Since: " + after}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD"} {
				r := k.ask(method, atomAddress, c.headers...)
				if r.StatusCode != c.status {
					t.Fatalf("%s: status %d, want %d", method, r.StatusCode, c.status)
				}
				if c.status != 304 {
					continue
				}
				if b := body(t, r); len(b) > 0 || r.Header.Get("Content-Type") != "" || r.Header.Get("Content-Length") != "" {
					t.Errorf("304 has a body or speaks of one: %q %v", b, r.Header)
				}
				for _, name := range []string{"Etag", "Last-Modified", "Cache-Control", "Vary", "Access-Control-Allow-Origin"} {
					if r.Header.Get(name) == "" {
						t.Errorf("304 without %s", name)
					}
				}
			}
		})
	}
}

func TestA304NamesTheTagThatTheClientHas(t *testing.T) {
	k := newKiosk(t)
	hash := strings.Trim(k.editions[publish.Atom].ETag(), `"`)
	for _, c := range []struct{ asked, encoding, want string }{
		{`"` + hash + `"`, "gzip", `"` + hash + `"`},
		{`W/"` + hash + `-gzip"`, "", `"` + hash + `-gzip"`},
		{`"` + hash + `", "` + hash + `-gzip"`, "gzip", `"` + hash + `-gzip"`},
		{`"` + hash + `-br"`, "gzip", `"` + hash + `-gzip"`},
		{`*`, "zstd", `"` + hash + `-zstd"`},
	} {
		r := k.ask("GET", atomAddress, "If-None-Match: "+c.asked, "Accept-Encoding: "+c.encoding)
		if got := r.Header.Get("Etag"); got != c.want || r.StatusCode != 304 {
			t.Errorf("%s with %q: %d %s, want 304 %s", c.asked, c.encoding, r.StatusCode, got, c.want)
		}
	}
}

func TestTheCodingIsTheOneThatTheClientPrefers(t *testing.T) {
	k := newKiosk(t)
	for accept, want := range map[string]string{
		"":                            "",
		"gzip":                        "gzip",
		"x-gzip":                      "gzip",
		"GZIP":                        "gzip",
		"gzip, deflate, br":           "gzip",
		"gzip, deflate, br, zstd":     "zstd",
		"gzip;q=1, zstd;q=0.5":        "gzip",
		"gzip;q=0":                    "",
		"gzip;q=0, *":                 "zstd",
		"br":                          "",
		"identity, gzip;q=0.5":        "",
		"gzip;q=0.1":                  "gzip",
		"identity;q=0":                "", // nothing else is accepted; bytes are better than an error
		"*;q=0":                       "",
		"gzip;q=two":                  "",
		"gzip;q=2":                    "",
		"gzip ; Q=0.3 , zstd ;q=0.2 ": "gzip",
	} {
		r := k.ask("GET", atomAddress, "Accept-Encoding: "+accept)
		if got := r.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: %q, want %q", accept, got, want)
		}
		suffix := ""
		if want != "" {
			suffix = "-" + want
		}
		if got, want := r.Header.Get("Etag"), strings.TrimSuffix(k.editions[publish.Atom].ETag(), `"`)+suffix+`"`; got != want {
			t.Errorf("Accept-Encoding %q: tag %s, want %s", accept, got, want)
		}
		if !bytes.Equal(decoded(t, r), k.editions[publish.Atom].Body()) {
			t.Errorf("Accept-Encoding %q: other bytes", accept)
		}
	}
}

func decoded(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b := body(t, r)
	var plain []byte
	var err error
	switch r.Header.Get("Content-Encoding") {
	case "gzip":
		z, gzipErr := gzip.NewReader(bytes.NewReader(b))
		if gzipErr != nil {
			t.Fatal(gzipErr)
		}
		plain, err = io.ReadAll(z)
	case "zstd":
		z, zstdErr := zstd.NewReader(nil, zstd.WithDecoderMaxWindow(8<<20)) // what clients accept, RFC 9659
		if zstdErr != nil {
			t.Fatal(zstdErr)
		}
		defer z.Close()
		plain, err = z.DecodeAll(b, nil)
	default:
		plain = b
	}
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// Through a real server, since a recorder would not drop the body of HEAD.
func TestHEADSaysWhatGETWould(t *testing.T) {
	k := newKiosk(t)
	srv := httptest.NewServer(k.handler)
	defer srv.Close()
	for _, address := range []string{atomAddress, "/topics/coast", "/topics/none.atom", "/healthz"} {
		get, head := do(t, "GET", srv.URL+address), do(t, "HEAD", srv.URL+address)
		n := len(body(t, get))
		if head.StatusCode != get.StatusCode || head.ContentLength != int64(n) || get.ContentLength != int64(n) {
			t.Errorf("%s: HEAD %d, %d bytes; GET %d, %d bytes, sent %d", address, head.StatusCode, head.ContentLength, get.StatusCode, get.ContentLength, n)
		}
		if len(body(t, head)) > 0 {
			t.Errorf("%s: HEAD has a body", address)
		}
		for _, name := range []string{"Etag", "Content-Type", "Last-Modified"} {
			if get.Header.Get(name) != head.Header.Get(name) {
				t.Errorf("%s: %s is %q, for HEAD %q", address, name, get.Header.Get(name), head.Header.Get(name))
			}
		}
	}
}

func do(t *testing.T, method, address string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func TestMaxAgeFollowsTheNextPoll(t *testing.T) {
	k := newKiosk(t)
	for _, c := range []struct {
		next time.Time
		want string
	}{
		{time.Now().Add(-time.Hour), "max-age=60"},
		{time.Now().Add(24 * time.Hour), "max-age=900"},
		{time.Time{}, "max-age=900"},
	} {
		k.next = c.next
		for _, address := range []string{atomAddress, "/topics/coast"} {
			if got := k.ask("GET", address).Header.Get("Cache-Control"); got != c.want {
				t.Errorf("%s, next poll %v: %s, want %s", address, c.next, got, c.want)
			}
		}
	}
}

func TestAddressesThatAreNotThere(t *testing.T) {
	k := newKiosk(t)
	atomOnly := k.editions[publish.Atom]
	k.shelf.Put("atomonly", publish.Atom, atomOnly)
	for _, address := range []string{"/topics/none.atom", "/topics/none", "/topics/coast.xml", "/topics/atomonly.rss", "/topics/", "/stories/x", "/feed", "/topics/a/b", "/topics/..%2fcoast.atom"} {
		r := k.ask("GET", address)
		k.want(r, 404)
		if got := r.Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
			t.Errorf("%s: %s", address, got)
		}
		if b := body(t, r); bytes.Contains(b, []byte("none")) || bytes.Contains(b, []byte("stories/x")) {
			t.Errorf("%s: the request is repeated: %s", address, b)
		}
	}
}

func TestOnlyGETAndHEADAreAllowed(t *testing.T) {
	k := newKiosk(t)
	for _, address := range []string{"/", atomAddress, "/topics/coast", "/healthz", "/readyz"} {
		for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "BREW"} {
			r := k.ask(method, address)
			if r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, Allow %q", method, address, r.StatusCode, r.Header.Get("Allow"))
			}
		}
	}
}

func TestATopicThatIsTakenAwayIsGoneAndARenamedOneHasMoved(t *testing.T) {
	k := newKiosk(t)
	k.shelf.Put("old", publish.Atom, k.editions[publish.Atom])
	k.shelf.Gone("old")
	k.want(k.ask("GET", "/topics/old.atom"), 410)
	k.want(k.ask("GET", "/topics/old"), 410)
	k.want(k.ask("GET", "/topics/old.rss", "If-None-Match: *"), 410)

	k.shelf.Moved("shore", "coast")
	for address, want := range map[string]string{"/topics/shore.rss": "/topics/coast.rss", "/topics/shore": "/topics/coast"} {
		r := k.ask("GET", address)
		k.want(r, 301)
		if got := r.Header.Get("Location"); got != want {
			t.Errorf("%s moved to %s, want %s", address, got, want)
		}
	}

	k.shelf.Put("old", publish.Atom, k.editions[publish.Atom])
	k.want(k.ask("GET", "/topics/old.atom"), 200) // it came back
	k.shelf.Drop("old")
	k.want(k.ask("GET", "/topics/old.atom"), 404)
}

func TestRedirectsStayBelowThePathOfTheBaseURL(t *testing.T) {
	k := newKiosk(t)
	k.shelf.Moved("shore", "coast")
	h := publish.NewHandler(k.shelf, nil, publish.Site{BaseURL: "https://www.example.org/news"}, func(copydesk.TopicID) time.Time { return noon }, well, well)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/topics/shore.atom", nil))
	if got := w.Result().Header.Get("Location"); got != "/news/topics/coast.atom" {
		t.Errorf("moved to %s", got)
	}
}

func TestATopicsNameMayHoldADot(t *testing.T) {
	k := newKiosk(t)
	k.shelf.Put("node.json", publish.Atom, k.editions[publish.Atom])
	k.shelf.Put("node.json", publish.Page, k.editions[publish.Page])
	k.want(k.ask("GET", "/topics/node.json.atom"), 200)
	r := k.ask("GET", "/topics/node.json")
	k.want(r, 200)
	if got := r.Header.Get("Content-Type"); got != publish.Page.ContentType() {
		t.Errorf("%s", got)
	}
}

func TestAReaderThatAsksForAFeedAtThePageIsSentToIt(t *testing.T) {
	k := newKiosk(t)
	for accept, status := range map[string]int{
		"":    200,
		"*/*": 200,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": 200, // a browser
		"application/atom+xml, application/rss+xml, text/html;q=0.5":      200,
		"application/atom+xml": 303,
		"application/rss+xml, application/atom+xml;q=0.8, */*;q=0.1":                 303,
		"application/xml, text/html;q=0":                                             303,
		"application/atom+xml;q=0":                                                   200,
		"application/json":                                                           200,
		"application/feed+json, application/json;q=0.9, application/atom+xml; q=0.5": 303,
	} {
		r := k.ask("GET", "/topics/coast", "Accept: "+accept)
		if r.StatusCode != status || !strings.HasPrefix(r.Header.Get("Vary"), "Accept, ") {
			t.Errorf("Accept %q: %d, want %d; Vary %q", accept, r.StatusCode, status, r.Header.Get("Vary"))
		}
		if location := r.Header.Get("Location"); status == 303 && location != atomAddress {
			t.Errorf("Accept %q: sent to %q", accept, location)
		}
	}
}

func TestATopicWithoutAPageAnswersWithItsFeed(t *testing.T) {
	k := newKiosk(t)
	k.shelf.Put("new", publish.Atom, k.editions[publish.Atom])
	r := k.ask("GET", "/topics/new", "Accept: text/html")
	k.want(r, 303)
	if got := r.Header.Get("Location"); got != "/topics/new.atom" {
		t.Errorf("sent to %s", got)
	}
}

func TestTheIndexListsTopicsUnderTheirParents(t *testing.T) {
	k := newKiosk(t)
	k.want(k.ask("GET", "/"), 503)
	err := k.shelf.SetFront(publish.Front{
		Title: "The <Coast> Desk",
		Topics: []publish.FrontTopic{
			{ID: "asia", Title: "Asia", Parent: "world", Items: 1, Updated: noon.Add(-time.Hour)},
			{ID: "world", Title: "World & more", Items: 20, Updated: noon},
			{ID: "sea", Title: "Sea", Parent: "asia"},
			{ID: "a b", Title: "Odd", Parent: "nowhere"},
			{ID: "x", Title: "X", Parent: "y"}, {ID: "y", Title: "Y", Parent: "x"}, {ID: "z", Title: "Z", Parent: "z"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := k.ask("GET", "/")
	k.want(r, 200)
	if got := r.Header.Get("Last-Modified"); got != "" {
		t.Errorf("Last-Modified %s, which is not known of counts", got)
	}
	page := body(t, r)
	golden(t, "testdata/front.golden.html", page)
	k.want(k.ask("GET", "/", "If-None-Match: "+r.Header.Get("Etag")), 304)
	for _, id := range []string{"asia", "world", "sea", "a%20b", "x", "y", "z"} {
		if n := bytes.Count(page, []byte(`<a href="topics/`+id+`">`)); n != 1 {
			t.Errorf("topic %s is listed %d times", id, n)
		}
	}
}

// The policy names the style by its hash; one blank more and browsers drop it.
func TestPagesMayShowTheirOwnStyleAndNothingElse(t *testing.T) {
	k := newKiosk(t)
	if err := k.shelf.SetFront(publish.Front{}); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"/", "/topics/coast"} {
		r := k.ask("GET", address)
		page := body(t, r)
		style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindSubmatch(page)
		sum := sha256.Sum256(style[1])
		policy := r.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("%s: policy %q does not fit its style", address, policy)
		}
		if bytes.Contains(page, []byte("<script")) || bytes.Contains(page, []byte(" style=")) {
			t.Errorf("%s: script or style attribute", address)
		}
		if r.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: Referrer-Policy %q", address, r.Header.Get("Referrer-Policy"))
		}
	}
}

func TestSupervisorsLearnWhetherItLivesAndWhetherItIsReady(t *testing.T) {
	k := newKiosk(t)
	k.want(k.ask("GET", "/readyz"), 200)
	k.trouble = errors.New("the store is being opened")
	k.want(k.ask("GET", "/healthz"), 200)
	r := k.ask("GET", "/readyz")
	k.want(r, 503)
	if got := string(body(t, r)); got != "the store is being opened\n" {
		t.Errorf("said %q", got)
	}
	k.stuck, k.trouble = errors.New("the grouping is stuck"), nil
	k.want(k.ask("GET", "/readyz"), 200)
	r = k.ask("GET", "/healthz")
	k.want(r, 503)
	if got := string(body(t, r)); got != "the grouping is stuck\n" {
		t.Errorf("said %q", got)
	}
}

func TestTheTagDependsOnTheContentAlone(t *testing.T) {
	one := press(t, render(t, full(), publish.Atom), publish.Atom.ContentType(), noon)
	two := press(t, render(t, full(), publish.Atom), publish.Atom.ContentType(), noon.Add(time.Hour))
	if one.ETag() != two.ETag() || one.Hash() != two.Hash() || one.Hash() == (copydesk.Digest{}) {
		t.Errorf("tags %s and %s", one.ETag(), two.ETag())
	}
	changed := full()
	changed.Items[0].Lead.Entry.Title += "!"
	if three := press(t, render(t, changed, publish.Atom), publish.Atom.ContentType(), noon); three.ETag() == one.ETag() {
		t.Errorf("another title has the same tag")
	}
}

// The golden files hold the bytes, so this is their tag on every machine and
// after every restart; it changes when they do.
func TestTheTagOfAnEditionIsTheHashOfItsBytes(t *testing.T) {
	file, err := os.ReadFile("testdata/full.golden.atom")
	if err != nil {
		t.Fatal(err)
	}
	p := press(t, render(t, full(), publish.Atom), publish.Atom.ContentType(), noon)
	if want := copydesk.DigestOf(file); p.Hash() != want {
		t.Errorf("hash %x, want %x", p.Hash(), want)
	}
}

func TestLastModifiedHasWholeSeconds(t *testing.T) {
	p := press(t, []byte("x"), "text/plain", noon.Add(999*time.Millisecond).In(time.FixedZone("", 3600)))
	if got := p.LastModified(); got != noon {
		t.Errorf("%v, want %v", got, noon)
	}
}

func TestAnEditionWithoutIDsIsRefused(t *testing.T) {
	noFeed, noItem := full(), full()
	noFeed.FeedID, noItem.Items[1].ID = "", ""
	for _, e := range []edition{noFeed, noItem} {
		if b, err := e.print(publish.Atom, site); err == nil {
			t.Errorf("rendered %s", b)
		}
	}
}

func TestFormatsAreReadByName(t *testing.T) {
	for _, name := range []string{"atom", "rss", "json"} {
		if f, err := publish.ParseFormat(name); err != nil || string(f) != name {
			t.Errorf("%s: %q, %v", name, f, err)
		}
	}
	for _, name := range []string{"", "html", "ATOM", "xml"} {
		if _, err := publish.ParseFormat(name); err == nil || !strings.Contains(err.Error(), "atom, rss or json") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAnEditionNamesItsHubAndItselfOnceInEveryPlace(t *testing.T) {
	with := site
	with.Hub = "https://feeds.example.org/hub"
	for f, place := range map[publish.Format]string{
		publish.Atom: `<link rel="hub" href="https://feeds.example.org/hub"></link>`,
		publish.RSS:  `<atom:link rel="hub" href="https://feeds.example.org/hub"></atom:link>`,
		publish.JSON: `"url": "https://feeds.example.org/hub"`,
	} {
		body, err := hundred().print(f, with)
		if err != nil || strings.Count(string(body), place) != 1 {
			t.Errorf("%s: %v, %d times", f, err, strings.Count(string(body), place))
		}
		k := newKiosk(t)
		k.shelf.Put("coast", f, press(t, body, f.ContentType(), noon).Named("coast", f, with))
		want := fmt.Sprintf(`<https://feeds.example.org/hub>; rel="hub", <%s/topics/coast.%s>; rel="self"`, with.BaseURL, f)
		r := k.ask(http.MethodGet, "/topics/coast."+string(f))
		if got := r.Header["Link"]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: Link %q, want %s", f, got, want)
		}
		if r := k.ask(http.MethodGet, "/topics/coast."+string(f), "If-None-Match: "+r.Header.Get("Etag")); r.StatusCode != http.StatusNotModified || r.Header.Get("Link") != "" { // the document that the client has says it
			t.Errorf("%s: %d, Link %s", f, r.StatusCode, r.Header.Get("Link"))
		}
	}
}
