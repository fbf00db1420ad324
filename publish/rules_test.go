package publish_test

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"copydesk"
	"copydesk/publish"
	"copydesk/publish/publishtest"
)

func TestAnyEditionIsValidInEachFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := hostileEdition().Draw(t, "edition")
		printed := map[publish.Format][]byte{}
		for _, f := range publish.Formats() {
			b, err := e.print(f, site)
			if err != nil {
				t.Fatalf("render: %v", err)
			}
			if bytes.Contains(b, []byte("hunter2")) {
				t.Fatalf("a secret is printed: %s", b)
			}
			again, _ := e.print(f, site)
			if !bytes.Equal(b, again) {
				t.Fatalf("two renderings of one edition differ")
			}
			printed[f] = b
		}
		feed := publishtest.Atom(t, printed[publish.Atom], site.BaseURL+"/topics/"+url.PathEscape(string(e.Topic.ID))+".atom")
		ids := map[string]bool{}
		for _, item := range e.Items {
			ids[item.ID] = true
		}
		if got := len(feed.All("entry")); got != len(ids) {
			t.Fatalf("%d entries of %d items", got, len(ids))
		}
		publishtest.RSS(t, printed[publish.RSS], "")
		publishtest.JSON(t, printed[publish.JSON], "")
	})
}

// hostileText holds what breaks writers: markup, controls, bytes that are no
// UTF-8, noncharacters, combining marks.
func hostileText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"", " ", "\n\t", "]]>", "<!--", "&#0;", "&amp;lt;", "</title>", "\x00\x1b\x7f\u0085", "\ufffe\uffff\ufffd",
			"\xff\xfe", "<script>alert(1)</script>", `" onload="x`, "e\u0301\u0301", "\U0001F468\u200d\U0001F469", "a@b.example (Ann)", "mailto:x@y.example",
			strings.Repeat("長い文", 300), strings.Repeat("x ", 500)}),
	)
}

// hostileHTML is such text as it comes from package normalize: markup that is
// complete and does no harm, or none.
func hostileHTML() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.Map(hostileText(), html.EscapeString),
		rapid.Map(hostileText(), func(s string) string { return "<p>" + html.EscapeString(s) + "<br></p>" }),
		rapid.SampledFrom([]string{"", `<img src="https://news.example/a.jpg">`, `<a href="https://news.example/"></a>`}),
	)
}

func hostileAddress() *rapid.Generator[string] {
	return rapid.OneOf(
		hostileText(),
		rapid.Map(hostileText(), func(s string) string { return "https://news.example/" + s }),
		rapid.Map(hostileText(), func(s string) string { return "http://" + s }),
		rapid.SampledFrom([]string{"https://me:hunter2@news.example/feed", "/relative", "//host/x", "javascript:alert(1)", "https://", "http:///x",
			"https://[::1]:8080/x", "https://[::1%25eth0]/", "https://bücher.example/ä?ö#ü", "HTTPS://News.Example", "https://a.example:99999/",
			"https://a.example/#one#two", "https://a.example/100%", "https://a.example/%zz", "https://a.example\\@evil.example/", "ftp://a.example/",
			"urn:isbn:123", "tag:a.example,2026:x", "tag:A b", "https://a b.example/", "https://a.example/ |<>\"{}^`[]"}),
	)
}

// hostileSource is the address of a source: its secrets must never be seen.
func hostileSource() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"", "https://me:hunter2@news.example/feed", "https://news.example/feed?token=hunter2",
		"https://news.example/feed?a=1&KEY=hunter2&b=2#x", "not an address hunter2"})
}

func hostileTime() *rapid.Generator[time.Time] {
	return rapid.OneOf(
		rapid.Just(time.Time{}),
		rapid.Map(rapid.Int64Range(-1<<40, 1<<40), func(s int64) time.Time { return time.Unix(s, 7) }),
		rapid.Map(rapid.IntRange(-14, 14), func(h int) time.Time { return noon.In(time.FixedZone("", h*3600+1800)) }),
	)
}

func hostileCredited() *rapid.Generator[copydesk.Voice] {
	return rapid.Custom(func(t *rapid.T) copydesk.Voice {
		s, h, u := hostileText(), hostileHTML(), hostileAddress()
		c := copydesk.Voice{
			Entry: copydesk.Entry{FirstSeen: hostileTime().Draw(t, "seen"), Text: copydesk.Text{
				Title: s.Draw(t, "title"), Summary: h.Draw(t, "summary"), Content: h.Draw(t, "content"), Link: u.Draw(t, "link"),
				Image: u.Draw(t, "image"), Language: s.Draw(t, "language"), Rights: h.Draw(t, "rights"), Comments: u.Draw(t, "comments"),
				Published: hostileTime().Draw(t, "published"),
			}},
			Source: copydesk.Source{Settings: copydesk.Settings{Name: s.Draw(t, "name"), Publisher: s.Draw(t, "publisher"), URL: hostileSource().Draw(t, "url")}},
		}
		c.Source.Feed = copydesk.FeedInfo{ID: u.Draw(t, "feed id"), Title: s.Draw(t, "feed title"), Link: u.Draw(t, "page"), Rights: h.Draw(t, "feed rights"), Image: u.Draw(t, "logo")}
		for range rapid.IntRange(0, 3).Draw(t, "several") {
			c.Entry.Authors = append(c.Entry.Authors, copydesk.Person{Name: s.Draw(t, "author"), Email: s.Draw(t, "mail"), URI: u.Draw(t, "uri")})
			c.Entry.Categories = append(c.Entry.Categories, copydesk.Category{Term: s.Draw(t, "term"), Scheme: u.Draw(t, "scheme"), Label: s.Draw(t, "label")})
			c.Entry.Enclosures = append(c.Entry.Enclosures, copydesk.Enclosure{URL: u.Draw(t, "file"), Type: s.Draw(t, "type"), Length: rapid.Int64().Draw(t, "length")})
		}
		return c
	})
}

func hostileEdition() *rapid.Generator[edition] {
	return rapid.Custom(func(t *rapid.T) edition {
		e := edition{
			Topic:   copydesk.Topic{ID: copydesk.TopicID(rapid.SampledFrom([]string{"asia", "a b/c", "ä", "x.atom"}).Draw(t, "topic")), Title: hostileText().Draw(t, "title")},
			FeedID:  "urn:uuid:4cad02d3-cd90-5f65-b6ae-7acb12f99735",
			Updated: hostileTime().Draw(t, "updated"),
		}
		for range rapid.IntRange(0, 4).Draw(t, "items") {
			e.Items = append(e.Items, copydesk.Item{
				ID:      copydesk.ItemID(copydesk.NewEntryID("s", fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "id")))),
				Lead:    hostileCredited().Draw(t, "lead"),
				Others:  rapid.SliceOfN(hostileCredited(), 0, 3).Draw(t, "others"),
				Updated: hostileTime().Draw(t, "updated"),
				Content: rapid.SampledFrom([]copydesk.Shown{copydesk.ShowFull, copydesk.ShowSummary, ""}).Draw(t, "shown"),
			})
		}
		return e
	})
}
