package normalize

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// captures are the feeds of 20 to 80 KB under $COPYDESK_CAPTURES, at most one of a
// folder, else the one that we made.
func captures(b *testing.B) [][]byte {
	root := os.Getenv("COPYDESK_CAPTURES")
	if root == "" {
		return [][]byte{benchDocument()}
	}
	var all [][]byte
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || seen[filepath.Dir(path)] {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil || len(body) < 20<<10 || len(body) > 80<<10 {
			return err
		}
		if _, err := gofeed.NewParser().ParseString(string(body)); err != nil {
			return nil
		}
		if _, err := Parse(copydesk.Document{URL: fixtureURL, Body: body}); err != nil {
			return nil
		}
		seen[filepath.Dir(path)] = true
		all = append(all, body)
		return nil
	})
	if err != nil || len(all) == 0 {
		b.Fatalf("no feeds of that size under %s (%v)", root, err)
	}
	return all
}

func size(bodies [][]byte) (n int64) {
	for _, body := range bodies {
		n += int64(len(body))
	}
	return n
}

func BenchmarkParse(b *testing.B) {
	bodies := captures(b)
	b.SetBytes(size(bodies))
	for b.Loop() {
		for _, body := range bodies {
			if _, err := Parse(copydesk.Document{URL: fixtureURL, Body: body}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkGofeed is what the same bytes cost without us.
func BenchmarkGofeed(b *testing.B) {
	bodies := captures(b)
	b.SetBytes(size(bodies))
	for b.Loop() {
		for _, body := range bodies {
			if _, err := gofeed.NewParser().ParseString(string(body)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkLearn is what it costs to look at the edges of new entries.
func BenchmarkLearn(b *testing.B) {
	var all [][]copydesk.Entry
	bodies := captures(b)
	for _, body := range bodies {
		feed, err := Parse(copydesk.Document{URL: fixtureURL, Body: body})
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, feed.Entries)
	}
	b.SetBytes(size(bodies))
	b.ReportAllocs()
	for b.Loop() {
		for _, entries := range all {
			Learn(copydesk.Habits{}, entries)
		}
	}
}
