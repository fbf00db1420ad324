package normalize

import (
	"strings"
	"testing"

	"copydesk"
)

func TestCanonicalAddresses(t *testing.T) {
	for _, tc := range []struct{ why, in, want string }{
		{"as it is", "https://news.example/2026/vote", "https://news.example/2026/vote"},
		{"scheme", "http://news.example/a", "https://news.example/a"},
		{"case of scheme and host, not of the path", "HTTP://News.Example/A", "https://news.example/A"},
		{"www", "https://www.news.example/a", "https://news.example/a"},
		{"mobile host", "https://m.news.example/a", "https://news.example/a"},
		{"AMP host", "https://amp.news.example/a", "https://news.example/a"},
		{"www of a mobile host", "https://www.m.news.example/a", "https://news.example/a"},
		{"a domain that is called m", "https://m.com/a", "https://m.com/a"},
		{"a public suffix is no domain", "https://www.co.uk/a", "https://www.co.uk/a"},
		{"default ports", "http://news.example:80/a", "https://news.example/a"},
		{"other ports", "http://news.example:8080/a", "https://news.example:8080/a"},
		{"user", "https://me:secret@news.example/a", "https://news.example/a"},
		{"fragment", "https://news.example/a#top", "https://news.example/a"},
		{"trailing slash", "https://news.example/a/", "https://news.example/a"},
		{"dot segments", "https://news.example/x/../a/./b", "https://news.example/a/b"},
		{"AMP path", "https://news.example/a/amp/", "https://news.example/a"},
		{"AMP twice", "https://news.example/a/amp/amp", "https://news.example/a"},
		{"AMP page", "https://news.example/a.amp.html", "https://news.example/a.html"},
		{"AMP parameter", "https://news.example/a?amp=1", "https://news.example/a"},
		{"AMP output", "https://news.example/a?outputType=amp&id=1", "https://news.example/a?id=1"},
		{"a path that only begins like AMP", "https://news.example/amplifier", "https://news.example/amplifier"},
		{"tracking", "https://news.example/a?utm_source=x&utm_medium=y&fbclid=z&at_medium=RSS&ns_mchannel=rss&CMP=1&ito=2&smid=3&ocid=4", "https://news.example/a"},
		{"order of parameters", "https://news.example/a?b=2&a=1", "https://news.example/a?a=1&b=2"},
		{"generic parameters stay", "https://news.example/a?id=1&p=2&ref=3&source=4&medium=5", "https://news.example/a?id=1&medium=5&p=2&ref=3&source=4"},
		{"escapes in one way", "https://news.example/%7ea%2fb%c3%a4", "https://news.example/~a%2Fb%C3%A4"},
		{"letters beyond ASCII", "https://news.example/ä", "https://news.example/%C3%A4"},
		{"host beyond ASCII", "https://bücher.example/a", "https://xn--bcher-kva.example/a"},
		{"query without a path", "https://news.example/?p=12", "https://news.example?p=12"},
		{"Google's redirect", "https://www.google.com/url?rct=j&sa=t&url=https%3A%2F%2Fwww.news.example%2Fa%3Futm_source%3Dg&ct=ga", "https://news.example/a"},
		{"white space around", " https://news.example/a\n", "https://news.example/a"},
		{"stray percent sign", "https://news.example/100%", "https://news.example/100%25"},
		{"IPv6", "http://[2001:db8::1]:8080/a", "https://[2001:db8::1]:8080/a"},
		{"home page", "https://news.example/", ""},
		{"home page with tracking", "https://news.example/?utm_source=rss#x", ""},
		{"home page by its file", "https://news.example/index.html", ""},
		{"home page by another file", "https://www.news.example/Default.aspx?utm_source=rss#x", ""},
		{"index of a folder", "https://news.example/vote/index.html", "https://news.example/vote/index.html"},
		{"index with a query", "https://news.example/index.php?id=3", "https://news.example/index.php?id=3"},
		{"a page about an index", "https://news.example/index-falls.html", "https://news.example/index-falls.html"},
		{"no path", "https://news.example", ""},
		{"other scheme", "ftp://news.example/a", ""},
		{"script", "javascript:alert(1)", ""},
		{"relative", "/a", ""},
		{"no address", "tag:news.example,2026:1", ""},
		{"empty", "", ""},
	} {
		got := Canonical(tc.in)
		if got != tc.want {
			t.Errorf("%s: Canonical(%q) = %q, want %q", tc.why, tc.in, got, tc.want)
		}
		if again := Canonical(got); again != got {
			t.Errorf("%s: twice gives %q", tc.why, again)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"http://a.example/x?b&a=%zz", "https://www.m.amp.a.example:443/%2e%2e/amp/", "http://a.example/.amp.html.amp", "https://google.com/url?q=https://google.com/url?q=http://a.example/1", "http://a.example//x?=&;&", "http://a.example/..amp", "http://google.0/url/?q=http://0/0", "http://m.google.0/url.amp?q=http://0/0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Canonical(s)
		if twice := Canonical(once); twice != once {
			t.Errorf("%q: once %q, twice %q", s, once, twice)
		}
	})
}

func TestAnAddressThatIsTooLongOnceEscapedIsNoCanonicalOne(t *testing.T) {
	if got := Canonical("http://a.example/" + strings.Repeat("ü", maxAddress/3)); got != "" {
		t.Errorf("%d bytes", len(got))
	}
	checkHTML(t, Sanitize("<a href=x"+strings.Repeat("\xea", maxAddress/2)+">a</a>", parseBase("https://a.example/")))
	checkHTML(t, Sanitize("<a href=https://a.example/"+strings.Repeat("%", maxAddress/2)+">a</a>", nil))
}

func TestAddressesResolveAgainstTheirBase(t *testing.T) {
	const page = "https://news.example/blog/feed.atom"
	for _, tc := range []struct{ ref, want string }{
		{"post1", "https://news.example/blog/post1"}, // RFC 3986, section 5.2: the base's last segment goes
		{"/post1", "https://news.example/post1"},
		{"//cdn.example/x", "https://cdn.example/x"},
		{"?p=1", "https://news.example/blog/feed.atom?p=1"},
		{"../x", "https://news.example/x"},
		{"https://Other.example/A b", "https://Other.example/A%20b"},
		{"", ""}, {"  ", ""},
		{"mailto:a@b.example", "mailto:a@b.example"},
		{"/Zürich?q=ü", "https://news.example/Zürich?q=ü"},
		{"/Z%C3%BCrich", "https://news.example/Z%C3%BCrich"},
	} {
		if got := resolve(parseBase(page), tc.ref); got != tc.want {
			t.Errorf("resolve(%q) = %q, want %q", tc.ref, got, tc.want)
		}
	}
}

func TestEveryElementHasItsOwnBase(t *testing.T) {
	feed, err := Parse(copydesk.Document{URL: "https://page.example/f/x.atom", Body: []byte(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/a/feed.atom">
		<id>urn:f</id><title>t</title><link href="home"/>
		<entry xml:base="sub/"><id>one</id><title>1</title><link href="1"/><content type="html">&lt;img src="i.png"&gt;</content></entry>
		<entry><id>two</id><title>2</title><link href="2"/><content type="html" xml:base="/c/">&lt;a href="x"&gt;x&lt;/a&gt;</content></entry>
		<entry xml:base="javascript:alert(1)"><id>three</id><title>3</title><link href="3"/></entry></feed>`)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ what, got, want string }{
		{"feed", feed.Link, "https://base.example/a/home"},
		{"entry", feed.Entries[0].Link, "https://base.example/a/sub/1"},
		{"content of an entry", feed.Entries[0].Content, `<img src="https://base.example/a/sub/i.png">`},
		{"entry without one", feed.Entries[1].Link, "https://base.example/a/2"},
		{"content", feed.Entries[1].Content, `<a href="https://base.example/c/x">x</a>`},
		{"a base that is none", feed.Entries[2].Link, "https://base.example/a/3"},
		{"an id is no address (RFC 4287, section 4.2.6)", feed.Entries[0].GUID, "one"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.what, tc.got, tc.want)
		}
	}
}

func TestAnAddressThatStandsForSeveralEntriesIsNoCanonicalOne(t *testing.T) {
	feed := doc(guidItem("1", "/a", "A"), guidItem("2", "/same", "B"), guidItem("3", "/same#x", "C"), guidItem("4", "/", "D"), guidItem("5", "/feed", "E"), guidItem("6", "/f", "F"), guidItem("6", "/f", "F"))
	want := []string{"https://news.example/a", "", "", "", "", "https://news.example/f", "https://news.example/f"}
	for i, e := range feed.Entries {
		if e.Canonical != want[i] {
			t.Errorf("%s: %q, want %q", e.Title, e.Canonical, want[i])
		}
	}
}
