package publishtest

import (
	"regexp"
	"slices"
	"strings"
)

// Atom applies RFC 4287: cardinalities of sections 4.1.1 and 4.1.2, unique ids,
// and RFC 5005 where a document is part of a log. Self is the address that the
// document was fetched from; empty if nobody fetched it.
func Atom(t T, b []byte, self string) Node {
	t.Helper()
	feed := XML(t, b)
	if feed.XMLName.Space != atomSpace || feed.XMLName.Local != "feed" {
		t.Fatalf("UndefinedElement: root is %v", feed.XMLName)
	}
	known(t, feed, "", "id", "title", "updated", "link", "generator", "fh:archive", "entry")
	isID(t, "feed id", one(t, feed, "id"))
	one(t, feed, "title")
	isPlain(t, feed.All("title")[0])
	isDate(t, "feed updated", one(t, feed, "updated"))
	if got := one(t, feed, "generator"); got != "Copydesk" {
		t.Fatalf("generator %q", got)
	}
	if first := slices.IndexFunc(feed.Children, isEntry); first >= 0 && !slices.ContainsFunc(feed.Children[first:], isEntry) {
		t.Fatalf("MisplacedMetadata: not all entries come last")
	}
	links(t, feed)
	masthead(t, feed, self, "application/atom+xml")
	ids := map[string]bool{}
	for _, e := range feed.All("entry") {
		once(t, ids, "id", one(t, e, "id"))
		entry(t, e)
	}
	return feed
}

func isEntry(n Node) bool { return n.XMLName.Local == "entry" }

// masthead checks the links of a feed as such, in either format (MissingSelf,
// MissingAtomSelfLink, SelfDoesntMatchLocation, SelfNotAtom), and those of its
// log (MissingCurrentInArchive, DuplicateAtomLink).
func masthead(t T, n Node, self, kind string) {
	t.Helper()
	rels := map[string]string{}
	for _, l := range n.in(atomSpace, "link") {
		rel := l.Attr("rel")
		if rels[rel] != "" {
			t.Fatalf("DuplicateAtomLink: %s", rel)
		}
		rels[rel] = l.Attr("href")
		if rel != "alternate" && rel != "hub" && l.Attr("type") != kind {
			t.Fatalf("SelfNotAtom: %s has the type %q", rel, l.Attr("type"))
		}
	}
	if rels["self"] == "" || self != "" && rels["self"] != self {
		t.Fatalf("SelfDoesntMatchLocation: %s at %s", rels["self"], self)
	}
	exactly(t, n, "archive", 0, 1)
	if len(n.in(namespaces["fh"], "archive")) == 1 && rels["current"] == "" {
		t.Fatalf("MissingCurrentInArchive")
	}
}

func entry(t T, e Node) {
	t.Helper()
	known(t, e, "lang", "id", "title", "updated", "published", "link", "author", "category", "rights", "summary", "content", "media:thumbnail", "source")
	isID(t, "id", one(t, e, "id"))
	one(t, e, "title")
	isDate(t, "updated", one(t, e, "updated"))
	isDate(t, "published", one(t, e, "published"))
	if lang := e.Attr("lang"); lang != "" {
		isLanguage(t, "xml:lang", lang)
	}
	for _, local := range []string{"rights", "summary", "content", "source", "thumbnail"} {
		exactly(t, e, local, 0, 1)
	}
	for _, local := range []string{"title", "rights", "summary", "content"} {
		for _, n := range e.All(local) {
			construct(t, n)
		}
	}
	exactly(t, e, "author", 1, 1000)
	for _, a := range e.All("author") {
		person(t, a)
	}
	for _, c := range e.All("category") {
		category(t, c)
	}
	for _, n := range e.All("thumbnail") {
		known(t, n, "url")
		isAddress(t, "thumbnail", n.Attr("url"))
	}
	alternate := links(t, e)
	if alternate == 0 {
		one(t, e, "content") // MissingContentOrAlternate
	}
	if len(e.All("content"))+len(e.All("summary")) == 0 {
		t.Fatalf("MissingTextualContent: %s", one(t, e, "id"))
	}
	source(t, e)
}

// construct checks a text construct (RFC 4287, section 3.1; InvalidTextType).
func construct(t T, n Node) {
	t.Helper()
	known(t, n, "type")
	text(t, n)
	switch kind := n.Attr("type"); kind {
	case "":
		isPlain(t, n)
	case "html":
		isHTML(t, n.XMLName.Local, n.Text)
	default:
		t.Fatalf("InvalidTextType: %q", kind)
	}
}

func person(t T, n Node) {
	t.Helper()
	known(t, n, "", "name", "uri", "email")
	isName(t, one(t, n, "name"))
	isPlain(t, n.All("name")[0])
	exactly(t, n, "uri", 0, 1)
	exactly(t, n, "email", 0, 1)
	for _, u := range n.All("uri") {
		isAddress(t, "author uri", u.Text)
	}
	for _, m := range n.All("email") {
		isMail(t, m.Text)
	}
}

func category(t T, n Node) {
	t.Helper()
	known(t, n, "term scheme label")
	if strings.TrimSpace(n.Attr("term")) == "" {
		t.Fatalf("MissingAttribute: category without a term")
	}
	if s := n.Attr("scheme"); s != "" && !strings.Contains(s, ":") {
		t.Fatalf("InvalidFullLink: scheme %q", s)
	}
}

// source checks the last element of an entry: readers that take the first title
// that they meet take the entry's own.
func source(t T, e Node) {
	t.Helper()
	n := e.Children[len(e.Children)-1]
	if n.XMLName.Local != "source" {
		t.Fatalf("the last element of an entry is %s", n.XMLName.Local)
	}
	known(t, n, "", "id", "title", "updated", "link", "rights", "icon")
	isID(t, "source id", one(t, n, "id")) // MissingSourceElement, as the next two
	one(t, n, "title")
	isDate(t, "source updated", one(t, n, "updated"))
	construct(t, n.All("title")[0])
	for _, r := range n.All("rights") {
		construct(t, r)
	}
	for _, i := range n.All("icon") {
		isAddress(t, "icon", i.Text)
	}
	links(t, n)
}

// relations are those that RFC 4287, 4685 and 5005 and WebSub know
// (UnregisteredAtomLinkRel).
var relations = strings.Fields("alternate self related via enclosure replies hub current first next prev-archive next-archive")

// links returns the number of alternate links: one at most, whatever its type
// and language (DuplicateAtomLink).
func links(t T, n Node) (alternate int) {
	t.Helper()
	for _, l := range n.in(atomSpace, "link") {
		rel := l.Attr("rel")
		known(t, l, "rel type href hreflang title length")
		isAddress(t, rel, l.Attr("href"))
		if !slices.Contains(relations, rel) {
			t.Fatalf("UnregisteredAtomLinkRel: %q", rel)
		}
		if n.XMLName.Local != "feed" && n.XMLName.Local != "channel" && slices.Contains(strings.Fields("hub current first next prev-archive next-archive"), rel) {
			t.Fatalf("FeedHistoryRelInEntry: %s", rel)
		}
		if rel == "alternate" {
			alternate++
		}
		for _, a := range l.Attrs {
			if strings.TrimSpace(a.Value) == "" {
				t.Fatalf("AttrNotBlank: link has an empty %s", a.Name.Local)
			}
		}
		if kind := l.Attr("type"); kind != "" && !mediaType.MatchString(kind) {
			t.Fatalf("InvalidMIMEType: %q", kind)
		}
		if lang := l.Attr("hreflang"); lang != "" {
			isLanguage(t, "hreflang", lang)
		}
		if length := l.Attr("length"); length != "" && !digits.MatchString(length) {
			t.Fatalf("InvalidNonNegativeInteger: length %q", length)
		}
	}
	if alternate > 1 {
		t.Fatalf("DuplicateAtomLink: %d alternate links", alternate)
	}
	return alternate
}

var digits = regexp.MustCompile(`^[0-9]+$`)
