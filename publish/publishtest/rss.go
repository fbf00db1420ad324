package publishtest

import (
	"strings"
	"time"
)

// RSS applies RSS 2.0 and the profile of the RSS Advisory Board. Self is as for
// [Atom].
func RSS(t T, b []byte, self string) Node {
	t.Helper()
	rss := XML(t, b)
	known(t, rss, "version", "channel")
	if rss.XMLName.Local != "rss" || rss.Attr("version") != "2.0" || len(rss.Children) != 1 {
		t.Fatalf("InvalidRSSVersion: %v", rss.XMLName)
	}
	channel := rss.Children[0]
	known(t, channel, "", "title", "link", "description", "language", "lastBuildDate", "generator", "fh:archive", "atom:link", "item")
	for _, local := range []string{"title", "description", "generator"} {
		one(t, channel, local) // MissingTitle, MissingDescription
		isPlain(t, channel.All(local)[0])
	}
	plain := channel.in("", "link")
	if len(plain) != 1 {
		t.Fatalf("MissingLink: %d", len(plain))
	}
	isAddress(t, "link", plain[0].Text)
	isRSSDate(t, one(t, channel, "lastBuildDate"))
	languages(t, channel)
	links(t, channel)
	masthead(t, channel, self, "application/rss+xml")
	ids, items := map[string]bool{}, false
	for _, n := range channel.Children {
		if items && n.XMLName.Local != "item" {
			t.Fatalf("MisplacedItem: %s comes after an item", n.XMLName.Local)
		}
		if items = n.XMLName.Local == "item"; items {
			once(t, ids, "guid", one(t, n, "guid"))
			item(t, n)
		}
	}
	return channel
}

// isRSSDate takes a date of RFC 2822 with a year of four digits and the right day
// of the week (InvalidRFC2822Date, ProblematicalRFC822Date, IncorrectDOW).
func isRSSDate(t T, s string) {
	t.Helper()
	at, err := time.Parse(time.RFC1123Z, s)
	if err != nil || at.Format(time.RFC1123Z) != s {
		t.Fatalf("InvalidRFC2822Date: %q: %v", s, err)
	}
}

func languages(t T, n Node) {
	t.Helper()
	exactly(t, n, "language", 0, 1)
	for _, l := range n.All("language") {
		isLanguage(t, "language", l.Text)
	}
}

func item(t T, n Node) {
	t.Helper()
	known(t, n, "", "title", "link", "description", "content:encoded", "guid", "pubDate", "comments", "category", "enclosure", "source",
		"dc:creator", "dc:language", "dc:rights", "atom:updated", "atom:link", "media:content", "media:thumbnail")
	one(t, n, "title") // ItemMustContainTitleOrDescription
	isPlain(t, n.All("title")[0])
	if n.All("guid")[0].Attr("isPermaLink") != "false" {
		t.Fatalf("InvalidHttpGUID: guid passes for an address")
	}
	isRSSDate(t, one(t, n, "pubDate"))
	isDate(t, "atom:updated", one(t, n, "updated"))
	languages(t, n)
	links(t, n)
	for _, local := range []string{"description", "comments", "rights", "source", "enclosure", "thumbnail", "encoded"} {
		exactly(t, n, local, 0, 1)
	}
	if len(n.in("", "link")) > 1 {
		t.Fatalf("DuplicateElement: link")
	}
	for _, l := range append(n.in("", "link"), n.All("comments")...) {
		isAddress(t, l.XMLName.Local, l.Text)
	}
	for i, c := range n.Children {
		switch c.XMLName.Local {
		case "encoded":
			if i == 0 || n.Children[i-1].XMLName.Local != "description" {
				t.Fatalf("NeedDescriptionBeforeContent: %s", one(t, n, "guid"))
			}
			isHTML(t, "content:encoded", text(t, c))
		case "description":
			isHTML(t, "description", text(t, c))
		case "category", "rights", "creator":
			text(t, c)
			isPlain(t, c)
		}
	}
	exactly(t, n, "creator", 1, 1000)
	files(t, n)
	for _, s := range n.All("source") {
		known(t, s, "url")
		isAddress(t, "source", s.Attr("url"))
		isPlain(t, s)
	}
}

func files(t T, n Node) {
	t.Helper()
	for _, e := range n.All("enclosure") {
		known(t, e, "url length type")
		isAddress(t, "enclosure", e.Attr("url"))
		if !digits.MatchString(e.Attr("length")) || !mediaType.MatchString(e.Attr("type")) {
			t.Fatalf("MissingAttribute: enclosure with length %q and type %q", e.Attr("length"), e.Attr("type"))
		}
	}
	for _, m := range n.in(namespaces["media"], "content") {
		known(t, m, "url type fileSize")
		isAddress(t, "media:content", m.Attr("url"))
		if size := m.Attr("fileSize"); size != "" && (!digits.MatchString(size) || strings.Trim(size, "0") == "") {
			t.Fatalf("InvalidPositiveInteger: fileSize %q", size)
		}
		if kind := m.Attr("type"); kind != "" && !mediaType.MatchString(kind) {
			t.Fatalf("InvalidMIMEAttribute: %q", kind)
		}
	}
	for _, i := range n.All("thumbnail") {
		known(t, i, "url")
		isAddress(t, "media:thumbnail", i.Attr("url"))
	}
}
