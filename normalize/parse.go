package normalize

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"copydesk"

	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"
)

// Limits on a document. They are far above what any real feed needs and low
// enough that the worst document within them is read in about a second.
const (
	maxBody    = 16 << 20
	maxDepth   = 200
	maxEntries = 10_000
)

// NotAFeed says why a document is no feed. It is the only error of [Parse], and
// it is the publisher's trouble, not ours.
type NotAFeed struct {
	Reason string // continues "not a feed: ", such as `an HTML page (title "Log in")`
	Page   bool   // it is a page for people
}

func (e *NotAFeed) Error() string { return "not a feed: " + e.Reason }

func notAFeed(format string, args ...any) error {
	return &NotAFeed{Reason: fmt.Sprintf(format, args...)}
}

// Parse reads a document. Its entries stand in document order and have no ids,
// no revision and no times of ours: those need the store's memory, see
// [Decide]. The error, if there is one, is a *[NotAFeed].
func Parse(doc copydesk.Document) (copydesk.Feed, error) {
	if len(doc.Body) > maxBody {
		return copydesk.Feed{}, notAFeed("larger than %d MiB", maxBody>>20)
	}
	text, how := decode(doc.Body, doc.Header)
	text = strings.TrimLeft(text, " \t\r\n\uFEFF\u200B")
	if strings.TrimSpace(text) == "" {
		return copydesk.Feed{}, notAFeed("empty")
	}
	p := &parse{page: parseBase(doc.URL)}
	p.warn(how)
	feed, err := p.read(text)
	if err != nil {
		return copydesk.Feed{}, err
	}
	clearSharedAddresses(&feed, doc.URL)
	for i := range feed.Entries {
		e := &feed.Entries[i]
		linked := e.Credits // from its format's own elements
		e.Credits, e.Rewritten = Credits(e.Text)
		for _, c := range linked {
			if siteOf(c.URL) != siteOf(e.Link) || e.Link == c.URL {
				e.Credits = addCredit(e.Credits, c)
			}
		}
	}
	feed.Warnings, feed.Partial, feed.Undated = p.warnings, p.partial, p.undated
	return feed, nil
}

// parse is the reading of one document.
type parse struct {
	page     *url.URL // where the document came from; nil if unknown
	warnings []string
	partial  bool
	undated  int // entries with a date that says nothing
	aside
}

// warn notes a repair, once.
func (p *parse) warn(what string) {
	const most = 50
	if what == "" || len(p.warnings) >= most {
		return
	}
	for _, w := range p.warnings {
		if w == what {
			return
		}
	}
	p.warnings = append(p.warnings, what)
}

// lost notes a repair that cost something.
func (p *parse) lost(what string) {
	p.warn(what)
	p.partial = true
}

func (p *parse) read(text string) (copydesk.Feed, error) {
	if text[0] == '{' || text[0] == '[' {
		feed, err := p.readJSON(text)
		if err == nil {
			feed.Hubs, feed.Self = jsonHubs(text, p.page)
		}
		return feed, err
	}
	reason := htmlPage(text)
	if reason == "" {
		return p.readXML(text)
	}
	if feedInside.MatchString(text) { // some servers wrap their feed in a page
		if feed, err := p.readXML(text); err == nil && len(feed.Entries) > 0 {
			p.warn("the feed stands inside an HTML page")
			return feed, nil
		}
	}
	return copydesk.Feed{}, &NotAFeed{Reason: reason, Page: true}
}

var feedInside = regexp.MustCompile(`<(?:rss|feed|rdf:RDF)\s[^<>]*(?:version|xmlns)\s*=`)

func (p *parse) readXML(text string) (copydesk.Feed, error) {
	c := newCleaner(text, p)
	clean, err := c.run()
	if err != nil {
		return copydesk.Feed{}, err
	}
	hubs, self := hubLinks(text, p.page)
	if c.format == formatAtom {
		feed, err := (&atom.Parser{}).Parse(bytes.NewReader(clean))
		if err != nil {
			return copydesk.Feed{}, notAFeed("not readable after repair: %v", err)
		}
		read := p.fromAtom(feed, c.version)
		read.Hubs, read.Self = hubs, self
		return read, nil
	}
	feed, err := (&rss.Parser{}).Parse(bytes.NewReader(clean))
	if err != nil {
		return copydesk.Feed{}, notAFeed("not readable after repair: %v", err)
	}
	read := p.fromRSS(feed, c.version)
	read.Hubs, read.Self = hubs, self
	return read, nil
}

// clearSharedAddresses takes the canonical address from entries whose address
// stands for more than one entry: the feed's home page, the document itself, or
// an address that two different entries have. It is the link's, or what the entry
// says it is by rel=canonical: the article that it copies, at another's site.
func clearSharedAddresses(feed *copydesk.Feed, page string) {
	home, self := Canonical(feed.Link), Canonical(page)
	const shared = -1
	first, said := map[string]int{}, map[string]int{}
	for _, e := range feed.Entries {
		said[e.Canonical]++
	}
	for i := range feed.Entries {
		e := &feed.Entries[i]
		if e.Canonical == "" || said[e.Canonical] > 1 { // no rel=canonical, or one for all
			e.Canonical = Canonical(e.Link)
		}
		if e.Canonical == "" {
			continue
		}
		if e.Canonical == home || e.Canonical == self {
			e.Canonical = ""
			continue
		}
		j, seen := first[e.Canonical]
		switch {
		case !seen:
			first[e.Canonical] = i
		case j >= 0 && !sameItem(feed.Entries[j], *e):
			first[e.Canonical] = shared
		}
	}
	for i := range feed.Entries {
		if e := &feed.Entries[i]; e.Canonical != "" && first[e.Canonical] == shared {
			e.Canonical = ""
		}
	}
}

// sameItem reports whether one entry is listed twice: what would tell them
// apart is equal.
func sameItem(a, b copydesk.Entry) bool {
	return a.GUID == b.GUID && textHash(a.Text) == textHash(b.Text)
}
