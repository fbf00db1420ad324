package fetcher

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

func TestLinkHeadersAreReadAsRFC8288HasThem(t *testing.T) {
	base, err := url.Parse("https://a.example/feeds/news")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		lines []string
		hubs  []string
	}{
		{"one", []string{`<https://h.example/>; rel="hub"`}, []string{"https://h.example/"}},
		{"a token for a value", []string{`<https://h.example/>; rel=hub`}, []string{"https://h.example/"}},
		{"several in one line", []string{`<https://a.example/>; rel="self", <https://h.example/>;rel=hub,<https://i.example/> ; rel="hub"`}, []string{"https://h.example/", "https://i.example/"}},
		{"several relations of one", []string{`<https://h.example/>; rel="preconnect HUB"`}, []string{"https://h.example/"}},
		{"a comma and a semicolon in quotes", []string{`<https://h.example/>; title="a, b; rel=self"; rel="hub"`}, []string{"https://h.example/"}},
		{"an escaped quote", []string{`<https://h.example/>; title="a \", <x>; b"; rel=hub`}, []string{"https://h.example/"}},
		{"a comma in the target", []string{`<https://h.example/?a,b>; rel=hub`}, []string{"https://h.example/?a,b"}},
		{"a relative target", []string{`</hub>; rel=hub`, `<hub>; rel=hub`}, []string{"https://a.example/hub", "https://a.example/feeds/hub"}},
		{"the first rel counts", []string{`<https://h.example/>; rel=next; rel=hub`}, nil},
		{"about another document", []string{`<https://h.example/>; rel=hub; anchor="/other"`}, nil},
		{"another relation", []string{`<https://h.example/>; rel=github`}, nil},
		{"what cannot be asked", []string{`<ftp://h.example/>; rel=hub, <javascript:x>; rel=hub, <https://u:p@h.example/>; rel=hub`}, nil},
		{"no link at all", []string{`https://h.example/; rel=hub`, `<https://h.example/`, ``}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.hubs, linked(http.Header{"Link": tt.lines}, base, "hub")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLinkHeadersGoBeforeTheDocumentEachRelationForItself(t *testing.T) {
	said := copydesk.FeedInfo{Title: "News", Hubs: []string{"https://doc-hub.example/", "https://doc-hub.example/", "ftp://x.example/"}, Self: "https://a.example/doc"}
	for _, tt := range []struct {
		name, line string
		hubs       []string
		self       string
	}{
		{"nothing", ``, []string{"https://doc-hub.example/"}, "https://a.example/doc"},
		{"a hub", `<https://h.example/>; rel=hub`, []string{"https://h.example/"}, "https://a.example/doc"},
		{"a self", `</self>; rel=self`, []string{"https://doc-hub.example/"}, "https://a.example/self"},
		{"both", `</self>; rel=self, <https://h.example/>; rel=hub`, []string{"https://h.example/"}, "https://a.example/self"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Advertised(said, copydesk.Document{URL: "https://a.example/feed", Header: http.Header{"Link": {tt.line}}})
			want := copydesk.FeedInfo{Title: "News", Hubs: tt.hubs, Self: tt.self, ReadAt: "https://a.example/feed"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestADocumentThatDoesNotSayWhatItIsCalledIsCalledByItsAddress(t *testing.T) {
	got := Advertised(copydesk.FeedInfo{Hubs: []string{"https://h.example/"}}, copydesk.Document{URL: "https://a.example/feed"})
	if got.Self != "https://a.example/feed" {
		t.Errorf("self %q", got.Self)
	}
	if got := Advertised(copydesk.FeedInfo{Hubs: []string{"https://h.example/"}}, copydesk.Document{URL: "https://a.example/feed?token=7"}); got.Self != "" {
		t.Errorf("with a query: self %q", got.Self)
	}
	if got := Advertised(copydesk.FeedInfo{}, copydesk.Document{URL: "https://a.example/feed"}); got.Self+got.ReadAt != "" {
		t.Errorf("without a hub: %+v", got)
	}
}

func FuzzLink(f *testing.F) {
	f.Add(`<https://h.example/>; rel="hub", </x>; rel=self; title="a\"b"`)
	f.Add(`<a>;;=;rel,<b>;rel="`)
	f.Fuzz(func(t *testing.T, line string) {
		info := Advertised(copydesk.FeedInfo{}, copydesk.Document{URL: "https://a.example/", Header: http.Header{"Link": {line}}})
		if len(info.Hubs) > maxHubs {
			t.Errorf("%d hubs", len(info.Hubs))
		}
		for _, target := range append(info.Hubs, info.Self) {
			u, err := url.Parse(target)
			if target != "" && (err != nil || u.Host == "" || !strings.HasPrefix(u.Scheme, "http") || u.User != nil) {
				t.Errorf("%q is no address", target)
			}
		}
		if info.Self != "" && len(info.Hubs) == 0 && !strings.Contains(strings.ToLower(line), "self") {
			t.Errorf("self %q out of nothing", info.Self)
		}
	})
}
