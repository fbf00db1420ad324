package fetcher

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"copydesk"
)

func TestWhatASourceShowsGoesToItsOwnHostOnly(t *testing.T) {
	var got []string
	c := client(t, Options{Transport: memory(func(r *http.Request) (*http.Response, error) {
		got = append(got, fmt.Sprint(r.URL, " ", r.Header.Get("Authorization"), r.Header.Get("X-Key"), r.Header.Get("Cookie")))
		switch r.URL.String() {
		case "https://a.example/feed":
			return answer(302, "", "Location", "/moved"), nil
		case "https://a.example/moved":
			return answer(302, "", "Location", "https://b.example/feed"), nil
		}
		return answer(200, feed), nil
	})})
	access := Access{Header: http.Header{"Authorization": {"A"}, "X-Key": {"B"}, "Cookie": {"C"}}}
	a := c.Fetch(t.Context(), Request{URL: "https://a.example/feed", Access: access})
	want := []string{"https://a.example/feed ABC", "https://a.example/moved ABC", "https://b.example/feed "}
	if a.Err != nil || !slices.Equal(got, want) {
		t.Errorf("asked %q (%v), want %q", got, a.Err, want)
	}
	var src copydesk.Source
	src.URL, src.Move = "https://a.example/feed", copydesk.Move{To: "https://b.example/feed", Times: 9, Asked: time.Now()}
	if r := requestFor(src, access, time.Now()); r.URL != src.URL {
		t.Errorf("shown to %s", r.URL)
	}
}

func TestAnAddressThatIsASecretStandsInNoReason(t *testing.T) {
	const secret = "https://a.example/feed?key=canary"
	for _, location := range []string{"", secret, "ftp://a.example/canary", "https:///canary", "http://a.example/canary?", "http://[canary", "/canary"} {
		c := client(t, Options{Limits: Limits{Hops: 2}, Transport: memory(func(r *http.Request) (*http.Response, error) {
			if r.URL.Scheme == "http" {
				return answer(200, feed), nil
			}
			return answer(301, "", "Location", location), nil
		})})
		var src copydesk.Source
		src.URL, src.Secret = secret, true
		a := c.Fetch(t.Context(), requestFor(src, Access{}, time.Now()))
		src = After(src, a, Judge(src, a, time.Now()), true, Found{}, Policy{}, time.Now())
		if shown := fmt.Sprintf("%+v %v", src.Outcome, a.Err); strings.Contains(shown, "canary") || src.Move.To != "" {
			t.Errorf("redirected to %q: shown %s", location, shown)
		}
	}
}

func TestAProxyIsUsedWhereOneIsNamed(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
		if r.Host == "a.example" {
			http.Redirect(w, r, "http://192.168.0.1/private", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer proxy.Close()
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("ann", "canary")
	c := client(t, Options{})
	a := c.Fetch(t.Context(), Request{URL: "http://b.example/feed", Access: Access{Proxy: u.String()}})
	if a.Status != 429 || a.Remote.IsValid() || len(asked) != 1 || asked[0] != "http://b.example/feed "+Basic("ann", "canary") {
		t.Errorf("%d, %v: asked %q", a.Status, a.Err, asked)
	}
	for _, private := range []string{"http://a.example/feed", "http://10.0.0.1/feed", "http://printer.local/feed", "http://localhost/"} {
		a := c.Fetch(t.Context(), Request{URL: private, Access: Access{Proxy: u.String()}})
		if a.Err == nil || !strings.Contains(a.Err.Error(), "private") || strings.Contains(a.Err.Error(), "canary") {
			t.Errorf("%s: %d, %v", private, a.Status, a.Err)
		}
	}
	proxy.Close()
	a = c.Fetch(t.Context(), Request{URL: "http://c.example/feed", Access: Access{Proxy: u.String()}})
	if o := Judge(copydesk.Source{}, a, time.Now()); o.Verdict != copydesk.Failed || strings.Contains(o.Reason, "canary") {
		t.Errorf("without the proxy: %+v", o)
	}
}

func TestALookOnBehalfOfASourceTakesItsProxyAndShowsNothingOfIt(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.RequestURI+r.Header.Get("X-Key"))
	}))
	defer proxy.Close()
	p := NewPoller(client(t, Options{}), nil, slog.New(slog.DiscardHandler))
	p.Access = func(copydesk.Source) Access {
		return Access{Proxy: proxy.URL, Header: http.Header{"X-Key": {"canary"}}}
	}
	if a, _ := p.Look(t.Context(), copydesk.Source{}, "http://a.example/home", true); a.Status != 200 || !slices.Equal(asked, []string{"http://a.example/home"}) {
		t.Errorf("%d, %v: asked %q", a.Status, a.Err, asked)
	}
}

func TestAProxyIsNotAskedForAPrivateAddressInAnotherSpelling(t *testing.T) {
	c := client(t, Options{Allow: []string{"10.0.0.5:80"}})
	for host, passes := range map[string]bool{
		"127.1": false, "2130706433": false, "0177.0.0.1": false, "0x7f.0.0.1": false, "127.0.0.0x1": false, "169.254.43518": false,
		"0.0.0.0.": false, "192.168.0.1.": false, "192.168.0.1..": false, "10.0.0.5.6": false, "0X7F.0X1": false, "010.0.0.5": false,
		"10.0.0.5": true, "10.0.0.5.": true, "8.8.8.8": true, "[2606:4700::1]": true, "[::ffff:10.0.0.1]": false, "[fe80::1%25eth0]": false, "1.example": true, "0x7f.example.": true, "4.0x.example": true,
	} {
		if err := c.throughProxy(&url.URL{Scheme: "http", Host: host, Path: "/feed"}); (err == nil) != passes {
			t.Errorf("%s: %v", host, err)
		}
	}
}
