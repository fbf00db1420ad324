package normalize

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"copydesk"
)

func TestAPageOffersTheFeedsThatItsHeadNames(t *testing.T) {
	page := `<!DOCTYPE html><html><head><title>News</title>
<link rel="stylesheet" href="/a.css"><link rel=alternate hreflang=de href="/de/">
<base href="https://cdn.example/site/">
<LINK REL="Alternate nofollow" TYPE="application/rss+xml; charset=utf-8" TITLE="News &amp; views" HREF="rss.xml?a=1&amp;b=2">
<link rel="alternate" type="application/rss+xml" title="News – Comments Feed" href="/c.xml">
<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
<link rel="alternate" type="application/atom+xml" href="//other.example/atom">
<link rel="alternate" type="application/feed+json" href="javascript:alert(1)"/>
<link rel="alternate" type="application/feed+json" href="/feed.json"/>
<link rel="alternate" type="application/json" href="/api">
</head><body><link rel="alternate" type="application/rss+xml" href="/below"></body></html>`
	got := Offers(copydesk.Document{URL: "https://news.example/home", Body: []byte(page)})
	want := []Offer{
		{"https://cdn.example/site/rss.xml?a=1&b=2", "News & views"},
		{"https://other.example/atom", ""},
		{"https://cdn.example/feed.json", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
