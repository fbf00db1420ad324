package normalize

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"copydesk"
)

// A hostile document is made to hurt its reader, or the reader's readers. Each
// states in its name what it is; claim holds what must be true of its feed,
// beside what is true of every feed.
type hostile struct {
	name    string
	body    func() string
	header  http.Header
	refused string                          // the reason, where it is no feed
	claim   func(copydesk.Feed) (ok string) // "" if it holds, else what is wrong
}

// rssItem is a feed of one item with a title and what else it holds.
func rssItem(inside string) string {
	return "<rss version='2.0'><channel><title>feed</title><item><guid>1</guid><title>x</title>" + inside + "</item></channel></rss>"
}

func static(s string) func() string { return func() string { return s } }

func filled(before, unit string, n int, after string) func() string {
	return func() string { return before + strings.Repeat(unit, n) + after }
}

func entries(n int) func(copydesk.Feed) string {
	return func(f copydesk.Feed) string {
		if len(f.Entries) != n {
			return fmt.Sprintf("%d entries, want %d", len(f.Entries), n)
		}
		return ""
	}
}

// says holds that the first entry's title is want, or its text where the title
// is "x".
func says(want string) func(copydesk.Feed) string {
	return func(f copydesk.Feed) string {
		if len(f.Entries) == 0 {
			return "no entries"
		}
		got := f.Entries[0].Title
		if got == "x" {
			got = f.Entries[0].Summary + f.Entries[0].Content
		}
		if got != want {
			return fmt.Sprintf("%q, want %q", got, want)
		}
		return ""
	}
}

// within holds that the feed is no larger than n bytes when it is printed.
func within(n int) func(copydesk.Feed) string {
	return func(f copydesk.Feed) string {
		if b, _ := JSON(f); len(b) > n || len(f.Entries) == 0 {
			return fmt.Sprintf("%d bytes of %d entries, at most %d wanted", len(b), len(f.Entries), n)
		}
		return ""
	}
}

const mega = 1 << 20

var laughs = func() string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE rss [<!ENTITY a "ha">`)
	for i := 'b'; i <= 'z'; i++ {
		fmt.Fprintf(&b, `<!ENTITY %c "%s">`, i, strings.Repeat(fmt.Sprintf("&%c;", i-1), 10))
	}
	b.WriteString("]>" + rssItem("<description>&z;</description>"))
	return b.String()
}

func utf16(s string, surrogate uint16) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, r := range s {
		u := uint16(r)
		if r == '*' {
			u = surrogate
		}
		b.Write([]byte{byte(u), byte(u >> 8)})
	}
	return b.String()
}

var hostileDocuments = []hostile{
	// Entities.
	{name: "entities that multiply", body: laughs, claim: says("&amp;z;")},
	{name: "one long entity many times", body: func() string {
		return `<!DOCTYPE rss [<!ENTITY a "` + strings.Repeat("a", 100_000) + `">]>` + rssItem("<description>"+strings.Repeat("&a;", 100_000)+"</description>")
	}, claim: within(2 * mega)},
	{name: "an entity of itself", body: static(`<!DOCTYPE rss [<!ENTITY a "&a;">]>` + rssItem("<description>&a;</description>")), claim: says("&amp;a;")},
	{name: "a file as an entity", body: static(`<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + rssItem("<description>&a;</description>")), claim: says("&amp;a;")},
	{name: "an address as an entity", body: static(`<!DOCTYPE rss [<!ENTITY % d SYSTEM "http://127.0.0.1:1/x.dtd"> %d;]>` + rssItem("<description>&a;</description>")), claim: says("&amp;a;")},
	{name: "a declaration from elsewhere", body: static(`<!DOCTYPE rss PUBLIC "x" "http://127.0.0.1:1/rss.dtd">` + rssItem("<description>a</description>")), claim: says("a")},
	{name: "an inclusion", body: static(rssItem(`<description>a</description><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>`)), claim: says("a")},
	{name: "a style sheet", body: static(`<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:1/x.xsl"?>` + rssItem("<description>a</description>")), claim: says("a")},
	{name: "references to huge characters", body: static(rssItem("<description>&#99999999999999999999;&#x110000;&#xD800;&#-1;a</description>")), claim: func(f copydesk.Feed) string {
		if !strings.HasSuffix(f.Entries[0].Summary, "a") {
			return f.Entries[0].Summary
		}
		return ""
	}},

	// Depth and number.
	{name: "nested deeply", body: filled(rssItem("")[:60], "<a>", 2*mega, ""), refused: "elements nested deeper than 200"},
	{name: "nested deeply in a name space of its own", body: filled(`<rss><channel><item><title>x</title>`, `<n:a xmlns:n="urn:n">`, mega/2, ""), refused: "elements nested deeper than 200"},
	{name: "nested deeply in a text", body: filled(`<rss><channel><item><title>x</title><description>`, "<div>", mega, ""), refused: "elements nested deeper than 200"},
	{name: "nested deeply in escaped HTML", body: filled(`<rss><channel><item><title>x</title><description><![CDATA[`, "<div>", mega/4, "deep]]></description></item></channel></rss>"), claim: entries(1)},
	{name: "nested deeply in turn", body: filled(`<rss><channel><item><title>x</title>`, "<a><b></a></b>", mega/2, "</item></channel></rss>"), claim: entries(1)},
	{name: "many siblings of an unknown name space", body: filled(`<rss><channel><item><guid>1</guid><title>x</title>`, `<n:a xmlns:n="urn:n"/>`, mega/4, `</item></channel></rss>`), claim: within(mega)},
	{name: "many siblings of a known one", body: filled(`<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item><title>x</title>`, `<media:thumbnail url="http://a.example/b"/>`, mega/8, `</item></channel></rss>`), claim: within(mega)},
	{name: "groups of groups", body: filled(`<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item><title>x</title>`, `<media:group><media:content><media:title>a</media:title>`, 60, `</item></channel></rss>`), claim: within(mega)},
	{name: "100,000 entries", body: filled("<rss><channel>", "<item><guid>a</guid><title>b</title></item>", 100_000, "</channel></rss>"), claim: entries(maxEntries)},
	{name: "100,000 entries of Atom", body: filled(`<feed xmlns="http://www.w3.org/2005/Atom">`, "<entry><id>a</id><title>b</title></entry>", 100_000, "</feed>"), claim: entries(maxEntries)},
	{name: "100,000 entries of JSON", body: filled(`{"version":"https://jsonfeed.org/version/1.1","items":[`, `{"id":"1","title":"x"},`, 100_000, `{"id":"2"}]}`), claim: entries(maxEntries)},
	{name: "100,000 empty entries", body: filled("<rss><channel>", "<item/>", 100_000, "</channel></rss>"), claim: entries(maxEntries)},
	{name: "empty entries within entries", body: filled("<rss><channel>", "<item><guid>1</guid><item/><title>x</title><item /></item>", 10, "</channel></rss>"), claim: entries(10)},
	{name: "many channels", body: filled("<rss>", "<channel><title>a</title>", 100, "</channel></rss>"), claim: entries(0)},
	{name: "a flood of categories", body: filled(`<rss><channel><item><guid>1</guid><title>x</title>`, "<category>a</category><category>b</category>", mega/8, `</item></channel></rss>`), claim: within(mega)},
	{name: "a flood of different categories", body: func() string {
		var b strings.Builder
		for i := range 100_000 {
			fmt.Fprintf(&b, "<category>c%d</category>", i)
		}
		return rssItem(b.String())
	}, claim: within(mega)},
	{name: "a flood of enclosures", body: func() string {
		var b strings.Builder
		for i := range 50_000 {
			fmt.Fprintf(&b, `<enclosure url="http://a.example/%d" length="1" type="audio/mpeg"/>`, i)
		}
		return rssItem(b.String())
	}, claim: within(mega)},
	{name: "a flood of authors", body: filled(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>x</title>`, "<author><name>a</name><email>a@b.example</email></author>", mega/16, "</entry></feed>"), claim: within(mega)},
	{name: "a flood of links", body: filled(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>x</title>`, `<link href="http://a.example/"/>`, mega/8, "</entry></feed>"), claim: within(mega)},
	{name: "a flood of attributes", body: filled("<rss><channel><item><guid>1</guid><title>x</title><enclosure ", `a="1" `, mega, "/></item></channel></rss>"), claim: within(mega)},
	{name: "a flood of attributes in HTML", body: filled("<rss><channel><item><guid>1</guid><title>x</title><description><![CDATA[<p ", `a="1" `, mega, ">]]></description></item></channel></rss>"), claim: within(mega)},
	{name: "a flood of name spaces", body: filled("<rss ", `xmlns:a="b" `, mega/2, "><channel><item><guid>1</guid><title>x</title></item></channel></rss>"), claim: entries(1)},
	{name: "different name spaces on every element", body: func() string {
		var b strings.Builder
		for i := range 100_000 {
			fmt.Fprintf(&b, `<p%d:a xmlns:p%d="urn:%d"/>`, i, i, i)
		}
		return rssItem(b.String())
	}, claim: entries(1)},
	{name: "references without end", body: filled("<rss><channel><item><guid>1</guid><title>x</title><description>", "&amp;", 2*mega, "</description></item></channel></rss>"), claim: within(8 * mega)},

	// Size.
	{name: "a huge title", body: filled("<rss><channel><item><guid>1</guid><title>", "long ", 2*mega, "</title></item></channel></rss>"), claim: within(mega / 8)},
	{name: "a huge guid", body: filled("<rss><channel><item><title>x</title><guid>", "long", mega/8, "</guid></item></channel></rss>"), claim: entries(1)},
	{name: "a huge attribute", body: filled(`<rss><channel><item><guid>1</guid><title>x</title><enclosure url="http://a.example/`, "long", 2*mega, `"/></item></channel></rss>`), claim: within(mega)},
	{name: "a huge address", body: filled(`<rss><channel><item><guid>1</guid><title>x</title><link>http://a.example/`, "long", 2*mega, `</link></item></channel></rss>`), claim: within(mega)},
	{name: "a huge name", body: filled(`<rss><channel><item><guid>1</guid><title>x</title><`, "long", 2*mega, `/></item></channel></rss>`), claim: within(mega)},
	{name: "a huge comment", body: filled("<!--", "long ", 2*mega, "-->"+rssItem("<description>a</description>")), claim: says("a")},
	{name: "many comments", body: filled("<rss><channel><item><guid>1</guid><title>x</title><description>a", "<!-- b -->", mega, "</description></item></channel></rss>"), claim: says("a")},
	{name: "a huge instruction", body: filled("<?php ", "long ", 2*mega, "?>"+rssItem("<description>a</description>")), claim: says("a")},
	{name: "white space", body: filled("", " \n", 4*mega, rssItem("<description>a</description>")), claim: says("a")},
	{name: "a huge text", body: filled("<rss><channel><item><guid>1</guid><title>x</title><description>", "word ", 2*mega, "</description></item></channel></rss>"), claim: func(f copydesk.Feed) string {
		if !slices.Contains(f.Warnings, cutText) {
			return fmt.Sprintf("it was cut without a word: %q", f.Warnings)
		}
		return within(2 * mega)(f)
	}},
	{name: "a huge text of JSON", body: filled(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_html":"`, "word ", 2*mega, `"}]}`), claim: within(2 * mega)},
	{name: "a huge mail address", body: filled("<rss><channel><item><guid>1</guid><title>x</title><author>", "a@a.", 2*mega, "</author></item></channel></rss>"), claim: within(mega)},
	{name: "a huge date", body: filled("<rss><channel><item><guid>1</guid><title>x</title><pubDate>", "1 ", 2*mega, "</pubDate></item></channel></rss>"), claim: within(mega)},
	{name: "a huge base", body: filled(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/`, "b/", 30_000, `"><entry><id>1</id><link href="c"/></entry></feed>`), claim: within(mega)},
	{name: "JSON nested deeply", body: filled(`{"version":"https://jsonfeed.org/version/1.1","x":`, "[", 4*mega, ""), refused: "values nested deeper than 200"},
	{name: "JSON of many values", body: filled(`{"version":"https://jsonfeed.org/version/1.1","x":[`, "{},", 2*mega, "{}]}"), refused: "more than 200000 objects and lists"},
	{name: "JSON of one huge number", body: filled(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":`, "9", mega, "}]}"), claim: entries(1)},

	// Characters.
	{name: "NULs", body: static("<rss><channel><item><guid>1</guid><title>a\x00b\x00</title></item></channel></rss>"), claim: says("ab")},
	{name: "NULs only", body: filled("", "\x00", 1000, ""), refused: "empty"},
	{name: "UTF-7", header: http.Header{"Content-Type": {"text/xml; charset=utf-7"}}, body: static(rssItem("<description>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</description>")), claim: says("+ADw-script+AD4-alert(1)+ADw-/script+AD4-")},
	{name: "overlong UTF-8", header: http.Header{"Content-Type": {"text/xml; charset=utf-8"}}, body: static(rssItem("<description>\xc0\xbcscript\xc0\xbea\xe0\x80\xbc</description>")), claim: says("\uFFFDscript\uFFFDa\uFFFD")},
	{name: "surrogates in UTF-8", header: http.Header{"Content-Type": {"text/xml; charset=utf-8"}}, body: static(rssItem("<description>a\xed\xa0\x80\xed\xb0\x80b</description>")), claim: says("a\uFFFDb")},
	{name: "half a surrogate in UTF-16", body: func() string { return utf16(rssItem("<description>a*b</description>"), 0xD800) }, claim: says("a\uFFFDb")},
	{name: "half a surrogate in JSON", body: static(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"a\ud800b"}]}`), claim: says("a\uFFFDb")},
	{name: "an encoding that changes half way", body: static("<?xml version='1.0' encoding='utf-8'?>" + rssItem("<description>Z\xfcrich Zürich</description>")), claim: says("Z\uFFFDrich Zürich")},
	{name: "terminal escapes", body: static("<rss><channel><item><guid>1</guid><title>a\x1b[2J\x1b]0;b\x07c &#27;[31m\u009b31m</title></item></channel></rss>"), claim: says("a[2J]0;bc [31m31m")},
	{name: "direction overrides", body: static("<rss><channel><item><guid>1</guid><title>invoice\u202efdp.exe\u2066</title></item></channel></rss>"), claim: says("invoicefdp.exe")},
	{name: "white space alone", body: static("<rss><channel><item><guid>1</guid><title>\u200b&#8203;\u2060 </title><description>a</description></item></channel></rss>"), claim: func(f copydesk.Feed) string {
		return f.Entries[0].Title
	}},

	// Smuggling.
	{name: "script in titles", body: static("<rss><channel><item><guid>1</guid><title>&lt;script&gt;alert(1)&lt;/script&gt;a &lt;img src=x onerror=alert(1)&gt;</title></item></channel></rss>"), claim: says("a")},
	{name: "script in XHTML titles", body: static(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script>a</div></title></entry></feed>`), claim: says("a")},
	{name: "HTML that is escaped twice stays text", body: static(rssItem("<description>&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;</description>")), claim: says("&lt;script&gt;alert(1)&lt;/script&gt;")},
	{name: "HTML in a title that is escaped twice stays text", body: static("<rss><channel><item><guid>1</guid><title>&amp;amp;lt;script&amp;amp;gt;</title></item></channel></rss>"), claim: says("&lt;script&gt;")},
	{name: "CDATA in CDATA", body: static(rssItem("<description><![CDATA[a<![CDATA[<script>alert(1)</script>]]>]]></description>")), claim: func(f copydesk.Feed) string {
		if s := f.Entries[0].Summary; strings.Contains(s, "<") || !strings.HasPrefix(s, "a") {
			return s
		}
		return ""
	}},
	{name: "numbers of texts", body: static(rssItem(`<cd:note xmlns:cd="urn:copydesk:clean" v="0"/><description>0</description>`)), claim: says("0")},
	{name: "scripts of every kind in HTML", body: static(rssItem("<description><![CDATA[" +
		`<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg><math href="javascript:alert(1)">m</math><iframe srcdoc="<script>alert(1)</script>"></iframe>` +
		`<object data="data:text/html,x"></object><embed src="javascript:alert(1)"><form action="javascript:alert(1)"><button formaction="javascript:alert(1)">b</button></form>` +
		`<meta http-equiv="refresh" content="0;url=javascript:alert(1)"><link rel=stylesheet href="data:,x"><base href="javascript:alert(1)//"><p style="background:url(javascript:alert(1))" onmouseover=alert(1)>a</p>` + "]]></description>")), claim: says("<p>a</p>")},
	{name: "no addresses but of the web", body: func() string {
		var b strings.Builder
		b.WriteString(`<rss xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>f</title>`)
		for _, a := range []string{"javascript:alert(1)", " JaVaScRiPt&#58;alert(1)", "java&#10;script:alert(1)", "\tvbscript:x", "data:text/html,x", "file:///etc/passwd", "jar:http://a.example/!/b", "view-source:http://a.example/"} {
			fmt.Fprintf(&b, `<item><guid>%[1]s</guid><link>%[1]s</link><comments>%[1]s</comments><title>x</title><enclosure url="%[1]s" type="image/png"/><source url="%[1]s">s</source>`+
				`<media:content url="%[1]s"/><media:thumbnail url="%[1]s"/><itunes:image href="%[1]s"/><atom:link href="%[1]s"/><atom:author><name>n</name><uri>%[1]s</uri></atom:author>`+
				`<description>&lt;a href="%[1]s"&gt;a&lt;/a&gt;&lt;img src="%[1]s"&gt;&lt;video poster="%[1]s" src="%[1]s"&gt;&lt;/video&gt;&lt;blockquote cite="%[1]s"&gt;q&lt;/blockquote&gt;</description></item>`, a)
		}
		return b.String() + "<link>javascript:alert(1)</link><image><url>data:image/png,x</url></image></channel></rss>"
	}, claim: func(f copydesk.Feed) string {
		for i := range f.Entries {
			f.Entries[i].GUID = "" // kept byte for byte; it is never followed
		}
		b, _ := JSON(f)
		return regexp.MustCompile(`(?i)[a-z]*script\s*:|data:|file:|jar:|view-source`).FindString(string(b))
	}},
	{name: "a base that acts", body: static(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="javascript:alert(1)//"><entry xml:base="data:text/html,"><id>1</id><title>x</title><link href="a"/><content type="html">&lt;a href="b"&gt;c&lt;/a&gt;</content></entry></feed>`), claim: says(`<a href="https://news.example/feeds/b">c</a>`)},
	{name: "a base elsewhere in HTML", body: static(rssItem(`<description><![CDATA[<base href="https://evil.example/"><a href="b">c</a>]]></description>`)), claim: says(`<a href="https://news.example/feeds/b">c</a>`)},
	{name: "bases in bases", body: filled(`<feed xmlns="http://www.w3.org/2005/Atom">`, `<entry xml:base="a/"><id>1</id><link href="b"/></entry>`, 1000, "</feed>"), claim: func(f copydesk.Feed) string {
		if last := f.Entries[len(f.Entries)-1].Link; last != "https://news.example/feeds/a/b" {
			return last
		}
		return ""
	}},
	{name: "a page for a feed", body: static("<!DOCTYPE html><html><body><script>document.write('<rss>')</script></body></html>"), refused: "an HTML page"},
	{name: "compressed bytes", body: static("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xb3\x29\x2a\x2e\xb6\x03\x00"), refused: "no XML, JSON or HTML in it"},

	// Identity.
	{name: "one guid for all", body: func() string {
		var b strings.Builder
		for i := range 500 {
			fmt.Fprintf(&b, "<item><guid>same</guid><title>t%d</title><link>http://a.example/%d</link></item>", i, i%7)
		}
		return "<rss><channel>" + b.String() + "</channel></rss>"
	}, claim: entries(500)},
	{name: "empty guids", body: filled("<rss><channel>", "<item><guid/><title>a</title></item><item><guid> </guid><title>b</title></item>", 100, "</channel></rss>"), claim: entries(200)},
	{name: "no guid and no link", body: filled("<rss><channel>", "<item><title>a</title></item><item><description>b</description></item>", 100, "</channel></rss>"), claim: entries(200)},
	{name: "no dates, and dates that cannot be", body: static("<rss><channel><item><title>a</title></item><item><title>b</title><pubDate>Sun, 99 Foo 2026 99:99:99 GMT</pubDate></item><item><title>c</title><pubDate>9999-12-31T23:59:59Z</pubDate></item><item><title>d</title><pubDate>99999999999999999999</pubDate></item></channel></rss>"), claim: func(f copydesk.Feed) string {
		for _, e := range f.Entries {
			if !e.Published.IsZero() || !e.Updated.IsZero() {
				return fmt.Sprintf("%s was published %v", e.Title, e.Published)
			}
		}
		return entries(4)(f)
	}},
	{name: "numbers that overflow", body: static(`<rss><channel><ttl>99999999999999999999</ttl><item><guid>1</guid><title>x</title><enclosure url="http://a.example/1" length="-9223372036854775809"/></item></channel></rss>`), claim: func(f copydesk.Feed) string {
		if f.TTL != 0 || f.Entries[0].Enclosures[0].Length != 0 {
			return fmt.Sprint(f.TTL, f.Entries[0].Enclosures)
		}
		return ""
	}},
}

// Each is read, or refused, with what is true of every feed. The heap at that,
// with the document itself and what is not yet collected, stays far below the
// half gigabyte that the daemon may have.
func TestHostileDocumentsAreReadAsTheyClaim(t *testing.T) {
	const most = 256 << 20
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	for _, h := range hostileDocuments {
		t.Run(h.name, func(t *testing.T) {
			doc := copydesk.Document{URL: fixtureURL, Header: h.header, Body: []byte(h.body())}
			runtime.GC()
			stop, peak := make(chan struct{}), make(chan uint64)
			go watchHeap(stop, peak)
			feed, err := Parse(doc)
			close(stop)
			if got := <-peak; got > most {
				t.Errorf("%d MiB of memory for %d KiB", got>>20, len(doc.Body)>>10)
			}
			if h.refused != "" {
				if not, ok := errors.AsType[*NotAFeed](err); !ok || not.Reason != h.refused {
					t.Fatalf("%v, want %q", err, h.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if wrong := h.claim(feed); wrong != "" {
				t.Error(wrong)
			}
			if len(feed.Entries) > 1000 {
				feed.Entries = feed.Entries[:1000]
			}
			checkFeed(t, feed)
			checkIdentity(t, feed)
		})
	}
}

// watchHeap sends the largest live heap that it saw until stop is closed.
func watchHeap(stop <-chan struct{}, peak chan<- uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	most := uint64(0)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		metrics.Read(sample)
		most = max(most, sample[0].Value.Uint64())
		select {
		case <-stop:
			peak <- most
			return
		case <-tick.C:
		}
	}
}

// Four times the document allocates at most some eight times the memory, so no
// part of the work grows with the square of its size.
func TestHostileDocumentsCostWhatTheirSizeIs(t *testing.T) {
	for name, unit := range map[string]string{
		"tags": "<a ", "quotes": `<a x="'>`, "references": "&amp;", "categories": "<category>a</category>", "paragraphs": "<p>", "text": "word ",
		"unknown elements": `<n:a xmlns:n="urn:n"/>`, "pictures": `<media:content url="http://x.example/a"/>`, "letters": "<b>ü</b>", "comments": "<!---->",
	} {
		cost := func(n int) uint64 {
			body := []byte(rssItem("<description>" + strings.Repeat(unit, n) + "</description>" + strings.Repeat(unit, n)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _ = Parse(copydesk.Document{URL: fixtureURL, Body: body})
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		cost(1000)
		small, large := cost(10_000), cost(40_000)
		if large > 8*small+1<<20 {
			t.Errorf("%s: %d bytes allocated for 10,000, %d for 40,000", name, small, large)
		}
	}
}

// What the cleaner writes is the only thing that a parser gets to see: it is
// well-formed, flat, in proportion, and holds nothing but what we know.
func FuzzClean(f *testing.F) {
	for _, h := range hostileDocuments {
		if body := h.body(); len(body) < 4<<10 {
			f.Add(body)
		}
	}
	ours := map[string]bool{"rss": true, "feed": true, "note": true, "channel": true}
	for _, rules := range grammar {
		for key, r := range maps.All(rules) {
			_, local := splitName(tagOf(element{key: key, rule: r}))
			ours[local] = true
		}
	}
	f.Fuzz(func(t *testing.T, body string) {
		text, _ := decode([]byte(body), nil)
		p := &parse{page: parseBase(fixtureURL)}
		clean, err := newCleaner(text, p).run()
		if err != nil {
			return
		}
		if len(clean) > 8*len(text)+2<<10 {
			t.Errorf("%d bytes of %d", len(clean), len(text))
		}
		depth := 0
		for d := xml.NewDecoder(strings.NewReader(string(clean))); ; {
			tok, err := d.Token()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatalf("%v in %q", err, clean)
			}
			switch tok := tok.(type) {
			case xml.StartElement:
				if depth++; depth > maxDepth+2 || !ours[tok.Name.Local] {
					t.Fatalf("<%s> at depth %d in %q", tok.Name.Local, depth, clean)
				}
			case xml.EndElement:
				depth--
			}
		}
	})
}
