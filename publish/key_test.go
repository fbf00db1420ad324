package publish_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
	"copydesk/publish"
)

const opener = "ZRqPvM3dXoE8sTnK5bLwYc"

func TestAPrivateTopicIsThereForWhoHasItsTokenAlone(t *testing.T) {
	k := newKiosk(t)
	k.shelf.Lock(map[copydesk.TopicID]publish.Key{"coast": publish.NewKey(opener, "", "")})
	under := "/private/" + opener
	r := k.ask("GET", under+"/topics/coast.atom", "Origin: https://x.example")
	k.want(r, http.StatusOK)
	for name, want := range map[string]string{
		"Cache-Control": "private, max-age=900", "Access-Control-Allow-Origin": "", "Access-Control-Expose-Headers": "",
		"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	k.want(k.ask("GET", under+"/topics/coast.atom", "If-None-Match: "+r.Header.Get("Etag")), http.StatusNotModified)
	k.want(k.ask("HEAD", under+"/topics/coast.rss"), http.StatusOK)
	k.want(k.ask("GET", under+"/topics/coast"), http.StatusOK)
	if r := k.ask("GET", under+"/topics/coast", "Accept: application/atom+xml"); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/base"+under+"/topics/coast.atom" && r.Header.Get("Location") != under+"/topics/coast.atom" {
		t.Errorf("%d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	for _, path := range []string{
		"/topics/coast.atom", "/topics/coast", "/topics/coast/archive/1.atom", "/private/topics/coast", // the last has no password
		"/private/" + opener[:21] + "/topics/coast.atom", "/private/" + opener + "x/topics/coast.atom", "/private//topics/coast.atom",
		under + "/topics/hills.atom", "/private/" + opener,
	} {
		want := http.StatusNotFound
		if path == "/private/topics/coast" {
			want = http.StatusUnauthorized
		}
		if r := k.ask("GET", path); r.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, r.StatusCode, want)
		}
	}
	k.shelf.Moved("shore", "coast")
	k.want(k.ask("GET", "/topics/shore.atom"), http.StatusNotFound)
	k.want(k.ask("GET", under+"/topics/shore.atom"), http.StatusMovedPermanently)
	k.shelf.Lock(nil)
	k.want(k.ask("GET", "/topics/coast.atom"), http.StatusOK)
	k.want(k.ask("GET", under+"/topics/coast.atom"), http.StatusNotFound)
}

func TestAPrivateTopicIsThereForWhoHasItsPasswordAlone(t *testing.T) {
	k := newKiosk(t)
	k.shelf.Lock(map[copydesk.TopicID]publish.Key{"coast": publish.NewKey("", "ann", "open sesame")})
	for _, tt := range []struct {
		path, credentials string
		want              int
	}{
		{"/private/topics/coast.atom", "YW5uOm9wZW4gc2VzYW1l", http.StatusOK},
		{"/private/topics/coast.atom", "YW5uOm9wZW4gc2VzYW0=", http.StatusUnauthorized}, // "open sesam"
		{"/private/topics/coast.atom", "Og==", http.StatusUnauthorized},                 // ":"
		{"/private/topics/coast.atom", "%%%", http.StatusUnauthorized},
		{"/private/topics/hills.atom", "YW5uOm9wZW4gc2VzYW0=", http.StatusUnauthorized},
		{"/private/topics/hills.atom", "YW5uOm9wZW4gc2VzYW1l", http.StatusNotFound},
		{"/topics/coast.atom", "YW5uOm9wZW4gc2VzYW1l", http.StatusNotFound},
		{"/private/x/topics/coast.atom", "YW5uOm9wZW4gc2VzYW1l", http.StatusNotFound},
	} {
		r := k.ask("GET", tt.path, "Authorization: Basic "+tt.credentials)
		if asked := r.Header.Get("Www-Authenticate") != ""; r.StatusCode != tt.want || asked != (tt.want == http.StatusUnauthorized) {
			t.Errorf("%s, %s: status %d, asks %v", tt.path, tt.credentials, r.StatusCode, asked)
		}
	}
}

// tryFrom asks for the private topic from an address, with a password or by a
// token.
func (k *kiosk) tryFrom(address, token, password string) *http.Response {
	r := httptest.NewRequest("GET", "/private/topics/coast.atom", nil)
	if token != "" {
		r = httptest.NewRequest("GET", "/private/"+token+"/topics/coast.atom", nil)
	} else if password != "" {
		r.SetBasicAuth("ann", password)
	}
	r.RemoteAddr = address + ":1234"
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	return w.Result()
}

func TestWhoTriesKeyAfterKeyIsTurnedAwayUntilAMinuteIsOver(t *testing.T) {
	for _, tt := range []struct {
		name, token, wrongToken, password, wrongPassword string
		wrong                                            int
	}{
		{name: "password", password: "open sesame", wrongPassword: "open sesam", wrong: http.StatusUnauthorized},
		{name: "token", token: opener, wrongToken: opener[1:] + "x", wrong: http.StatusNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newKiosk(t)
				k.shelf.Lock(map[copydesk.TopicID]publish.Key{"coast": publish.NewKey(tt.token, "ann", tt.password)})
				right := func(address string) *http.Response { return k.tryFrom(address, tt.token, tt.password) }
				wrong := func() *http.Response { return k.tryFrom("203.0.113.7", tt.wrongToken, tt.wrongPassword) }
				for range 10 {
					k.want(right("203.0.113.7"), http.StatusOK)
					k.want(wrong(), tt.wrong)
					time.Sleep(time.Second)
				}
				for range 3 {
					for _, r := range []*http.Response{wrong(), right("203.0.113.7")} {
						k.want(r, http.StatusTooManyRequests)
						k.same("Retry-After", r.Header.Get("Retry-After"), "50")
						k.same("Cache-Control", r.Header.Get("Cache-Control"), "no-store")
					}
				}
				k.want(right("203.0.113.8"), http.StatusOK)
				k.want(k.ask("GET", "/topics/hills.atom"), http.StatusNotFound) // what is public is not its business
				time.Sleep(50 * time.Second)
				k.want(right("203.0.113.7"), http.StatusOK)
				k.want(wrong(), tt.wrong)
			})
		})
	}
}

func TestWhoComesWithoutAPasswordIsAskedForOneAsOftenAsHeLikes(t *testing.T) {
	k := newKiosk(t)
	k.shelf.Lock(map[copydesk.TopicID]publish.Key{"coast": publish.NewKey("", "ann", "open sesame")})
	for range 30 { // as many readers do before each request
		k.want(k.tryFrom("203.0.113.7", "", ""), http.StatusUnauthorized)
		k.want(k.tryFrom("203.0.113.7", "", "open sesame"), http.StatusOK)
	}
}

func TestWhatWasPrintedForSomeIsNotShownToAll(t *testing.T) {
	k := newKiosk(t)
	issue := hundred().issue(nil)
	issue.Private, issue.Under = true, "/private/"+opener
	editions := map[publish.Format]*publish.Pressed{publish.Atom: k.editions[publish.Atom]}
	if err := k.shelf.Publish(issue, editions); err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]publish.Key{"no key": {}, "an empty key": publish.NewKey("", "", "")} {
		k.shelf.Lock(map[copydesk.TopicID]publish.Key{issue.Topic: key})
		for _, path := range []string{"/topics/coast.atom", "/private//topics/coast.atom"} {
			if r := k.ask("GET", path); r.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s: status %d", name, path, r.StatusCode)
			}
		}
		k.want(k.ask("GET", "/private/topics/coast.atom", "Authorization: Basic Og=="), http.StatusUnauthorized)
	}
	k.shelf.Lock(nil)
	k.want(k.ask("GET", "/topics/coast.atom"), http.StatusNotFound)
}

func TestTheAddressOfASecretSourceIsInNoFormat(t *testing.T) {
	for _, secretly := range []func(*copydesk.Settings){
		func(s *copydesk.Settings) { s.Secret = true }, func(s *copydesk.Settings) { s.Private = true },
	} {
		e := hundred()
		for i := range e.Items {
			src := &e.Items[i].Lead.Source
			src.URL = "https://paid.example/zyxcanary/feed"
			src.Feed.ID, src.Feed.Link, src.Feed.Image = src.URL, "https://paid.example/zyxcanary", "https://paid.example/zyxcanary.png"
			secretly(&src.Settings)
		}
		for _, f := range publish.Formats() {
			if has(render(t, e, f), "zyxcanary") {
				t.Errorf("%s shows it", f)
			}
		}
		list, err := publish.PrintSources([]copydesk.Source{e.Items[0].Lead.Source})
		if err != nil || has(list, "paid.example") {
			t.Errorf("%s, %v", list, err)
		}
	}
}

func has(text []byte, word string) bool { return bytes.Contains(text, []byte(word)) }
