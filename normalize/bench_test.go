package normalize

import (
	"fmt"
	"strings"
	"testing"

	"copydesk"

	"github.com/mmcdole/gofeed"
)

// benchDocument is a feed of 20 entries and some 40 KB, as news sites send it.
func benchDocument() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Bench</title><link>https://news.example/</link>`)
	for i := range 20 {
		fmt.Fprintf(&b, "<item><title>Report number %d &amp; more</title><link>https://news.example/%d?utm_source=rss</link><guid>https://news.example/%d</guid><dc:creator>Ada Quill</dc:creator><pubDate>Sun, 01 Mar 2026 12:%02d:00 GMT</pubDate><category>News</category><description><![CDATA[A short text.]]></description><content:encoded><![CDATA[", i, i, i, i)
		for j := range 9 {
			fmt.Fprintf(&b, `<p>Paragraph %d of the report has <a href="https://news.example/l/%d">a link</a>, a <strong>strong</strong> word and some more text to read, for about two lines.</p><p><img src="https://news.example/%d.jpg" alt="x"></p>`, j, j, j)
		}
		b.WriteString("]]></content:encoded></item>")
	}
	b.WriteString("</channel></rss>")
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	doc := copydesk.Document{URL: fixtureURL, Body: benchDocument()}
	b.SetBytes(int64(len(doc.Body)))
	for b.Loop() {
		if _, err := Parse(doc); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGofeedAlone is what the same bytes cost without us.
func BenchmarkGofeedAlone(b *testing.B) {
	body := string(benchDocument())
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := gofeed.NewParser().ParseString(body); err != nil {
			b.Fatal(err)
		}
	}
}
