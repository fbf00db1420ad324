package publish_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"copydesk"
	"copydesk/publish"
)

// node is an XML element as it was read.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (n node) all(local string) (found []node) {
	for _, c := range n.Children {
		if c.XMLName.Local == local {
			found = append(found, c)
		}
	}
	return found
}

func (n node) attr(local string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

func parseXML(t fatal, b []byte) node {
	t.Helper()
	if !utf8.Valid(b) {
		t.Fatalf("not UTF-8: %q", b)
	}
	var n node
	d := xml.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&n); err != nil {
		t.Fatalf("not well-formed: %v\n%s", err, b)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("more than one document: %v", err)
	}
	return n
}

type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// exactly fails unless n has between low and high children of that name.
func exactly(t fatal, n node, local string, low, high int) {
	t.Helper()
	if got := len(n.all(local)); got < low || got > high {
		t.Fatalf("%s has %d of %s, want %d to %d", n.XMLName.Local, got, local, low, high)
	}
}

func one(t fatal, n node, local string) string {
	t.Helper()
	exactly(t, n, local, 1, 1)
	s := n.all(local)[0].Text
	if strings.TrimSpace(s) == "" {
		t.Fatalf("%s is empty", local)
	}
	return s
}

// address is what validators take for an absolute address: a scheme and
// nothing but the characters of RFC 3986.
var address = regexp.MustCompile(`^https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(:\d*)?([/?#]([A-Za-z0-9;/?:@&=+$.\-_!~*'(),#]|%[0-9A-Fa-f]{2})*)?$`)

func isAddress(t fatal, what, s string) {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil || !address.MatchString(s) || u.User != nil || strings.Count(s, "#") > 1 {
		t.Fatalf("%s: %q is no absolute address", what, s)
	}
}

func isDate(t fatal, what, s string) {
	t.Helper()
	if _, err := time.Parse("2006-01-02T15:04:05Z", s); err != nil {
		t.Fatalf("%s: %q is not RFC 3339: %v", what, s, err)
	}
}

// checkAtom applies RFC 4287: cardinalities of sections 4.1.1 and 4.1.2, unique
// ids, and what the W3C validator warns of beyond it.
func checkAtom(t fatal, b []byte) node {
	t.Helper()
	feed := parseXML(t, b)
	if feed.XMLName != (xml.Name{Space: "http://www.w3.org/2005/Atom", Local: "feed"}) {
		t.Fatalf("root is %v", feed.XMLName)
	}
	one(t, feed, "id")
	one(t, feed, "title")
	isDate(t, "feed updated", one(t, feed, "updated"))
	if got := one(t, feed, "generator"); got != "Copydesk" {
		t.Fatalf("generator %q", got)
	}
	checkLinks(t, feed)
	ids := map[string]bool{}
	for _, entry := range feed.all("entry") {
		id := one(t, entry, "id")
		if ids[id] {
			t.Fatalf("id %s twice", id)
		}
		ids[id] = true
		checkEntry(t, entry)
	}
	return feed
}

func checkEntry(t fatal, entry node) {
	t.Helper()
	one(t, entry, "title")
	isDate(t, "updated", one(t, entry, "updated"))
	isDate(t, "published", one(t, entry, "published"))
	for _, local := range []string{"rights", "summary", "content", "source"} {
		exactly(t, entry, local, 0, 1)
	}
	exactly(t, entry, "author", 1, 1000)
	for _, a := range entry.all("author") {
		one(t, a, "name")
		for _, u := range a.all("uri") {
			isAddress(t, "author uri", u.Text)
		}
	}
	for _, c := range entry.all("category") {
		if strings.TrimSpace(c.attr("term")) == "" {
			t.Fatalf("category without a term")
		}
	}
	alternate := checkLinks(t, entry)
	if alternate == 0 {
		one(t, entry, "content")
	}
	last := entry.Children[len(entry.Children)-1]
	if last.XMLName.Local != "source" {
		t.Fatalf("the last element of an entry is %s", last.XMLName.Local)
	}
	one(t, last, "title")
	isDate(t, "source updated", one(t, last, "updated"))
	checkLinks(t, last)
}

// checkLinks returns the number of alternate links: one at most, whatever its
// type and language.
func checkLinks(t fatal, n node) (alternate int) {
	t.Helper()
	for _, l := range n.all("link") {
		isAddress(t, l.attr("rel"), l.attr("href"))
		if l.attr("rel") == "alternate" {
			alternate++
		}
		for _, a := range l.Attrs {
			if strings.TrimSpace(a.Value) == "" {
				t.Fatalf("link has an empty %s", a.Name.Local)
			}
		}
	}
	if alternate > 1 {
		t.Fatalf("%d alternate links", alternate)
	}
	return alternate
}

// checkRSS applies RSS 2.0 and the advice of the RSS Advisory Board's profile.
func checkRSS(t fatal, b []byte) {
	t.Helper()
	channel := parseXML(t, b).Children[0]
	for _, local := range []string{"title", "description", "lastBuildDate"} {
		one(t, channel, local)
	}
	ids := map[string]bool{}
	for _, item := range channel.all("item") {
		one(t, item, "title")
		guid := one(t, item, "guid")
		if ids[guid] {
			t.Fatalf("guid %s twice", guid)
		}
		ids[guid] = true
		if item.all("guid")[0].attr("isPermaLink") != "false" {
			t.Fatalf("guid passes for an address")
		}
		if _, err := time.Parse(time.RFC1123Z, one(t, item, "pubDate")); err != nil {
			t.Fatalf("%v", err)
		}
		exactly(t, item, "enclosure", 0, 1)
		for _, e := range item.all("enclosure") {
			isAddress(t, "enclosure", e.attr("url"))
			if e.attr("type") == "" || e.attr("length") == "" {
				t.Fatalf("enclosure lacks type or length")
			}
		}
		exactly(t, item, "creator", 1, 1000)
		for _, c := range item.all("creator") {
			if strings.TrimSpace(c.Text) == "" {
				t.Fatalf("creator is empty")
			}
		}
	}
}

// checkJSON applies JSON Feed 1.1.
func checkJSON(t fatal, b []byte) {
	t.Helper()
	var feed struct {
		Version, Title string
		Items          []map[string]any
	}
	if err := json.Unmarshal(b, &feed); err != nil {
		t.Fatalf("%v", err)
	}
	if feed.Version != "https://jsonfeed.org/version/1.1" || feed.Title == "" || feed.Items == nil {
		t.Fatalf("a required member is missing: %s", b)
	}
	for _, item := range feed.Items {
		if s, _ := item["content_html"].(string); s == "" {
			t.Fatalf("item without content")
		}
		for _, member := range []string{"date_published", "date_modified"} {
			isDate(t, member, fmt.Sprint(item[member]))
		}
		if item["authors"] == nil {
			t.Fatalf("item without authors")
		}
	}
}

func TestAnyEditionIsValidInEachFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := hostileEdition().Draw(t, "edition")
		printed := map[publish.Format][]byte{}
		for _, f := range publish.Formats() {
			b, err := publish.Render(e, f, site)
			if err != nil {
				t.Fatalf("render: %v", err)
			}
			if bytes.Contains(b, []byte("hunter2")) {
				t.Fatalf("a secret is printed: %s", b)
			}
			again, _ := publish.Render(e, f, site)
			if !bytes.Equal(b, again) {
				t.Fatalf("two renderings of one edition differ")
			}
			printed[f] = b
		}
		feed := checkAtom(t, printed[publish.Atom])
		ids := map[string]bool{}
		for _, item := range e.Items {
			ids[item.ID] = true
		}
		if got := len(feed.all("entry")); got != len(ids) {
			t.Fatalf("%d entries of %d items", got, len(ids))
		}
		checkRSS(t, printed[publish.RSS])
		checkJSON(t, printed[publish.JSON])
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
		s, u := hostileText(), hostileAddress()
		c := copydesk.Voice{
			Entry: copydesk.Entry{FirstSeen: hostileTime().Draw(t, "seen"), Text: copydesk.Text{
				Title: s.Draw(t, "title"), Summary: s.Draw(t, "summary"), Content: s.Draw(t, "content"), Link: u.Draw(t, "link"),
				Image: u.Draw(t, "image"), Language: s.Draw(t, "language"), Rights: s.Draw(t, "rights"), Comments: u.Draw(t, "comments"),
				Published: hostileTime().Draw(t, "published"),
			}},
			Source: copydesk.Source{Settings: copydesk.Settings{Name: s.Draw(t, "name"), Publisher: s.Draw(t, "publisher"), URL: hostileSource().Draw(t, "url")}},
		}
		c.Source.Feed = copydesk.FeedInfo{ID: u.Draw(t, "feed id"), Title: s.Draw(t, "feed title"), Link: u.Draw(t, "page"), Rights: s.Draw(t, "feed rights"), Image: u.Draw(t, "logo")}
		for range rapid.IntRange(0, 3).Draw(t, "several") {
			c.Entry.Authors = append(c.Entry.Authors, copydesk.Person{Name: s.Draw(t, "author"), Email: s.Draw(t, "mail"), URI: u.Draw(t, "uri")})
			c.Entry.Categories = append(c.Entry.Categories, copydesk.Category{Term: s.Draw(t, "term"), Scheme: u.Draw(t, "scheme"), Label: s.Draw(t, "label")})
			c.Entry.Enclosures = append(c.Entry.Enclosures, copydesk.Enclosure{URL: u.Draw(t, "file"), Type: s.Draw(t, "type"), Length: rapid.Int64().Draw(t, "length")})
		}
		return c
	})
}

func hostileEdition() *rapid.Generator[copydesk.Edition] {
	return rapid.Custom(func(t *rapid.T) copydesk.Edition {
		e := copydesk.Edition{
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
