package normalize

import (
	"cmp"
	"strings"
	"time"

	"copydesk"

	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
)

// fromRSS takes RSS of any version, RDF too, into our vocabulary.
func (p *parse) fromRSS(doc *rss.Feed, version string) copydesk.Feed {
	x := extras(doc.Extensions)
	own := p.noteOf(x)
	feed := copydesk.Feed{Format: version}
	feed.FeedInfo = copydesk.FeedInfo{
		ID:        x.text("atom", "id"),
		Title:     p.line(cmp.Or(doc.Title, x.text("dc", "title"), x.text("itunes", "title"), x.text("atom", "title"), x.mediaText("title"))),
		Subtitle:  p.remark(cmp.Or(doc.Description, x.text("itunes", "summary", "subtitle"), x.text("dc", "description"), x.text("atom", "subtitle"))),
		Link:      rssLink(doc.Links, x),
		Language:  language(cmp.Or(doc.Language, x.text("dc", "language"), own.lang)),
		Rights:    p.remark(cmp.Or(doc.Copyright, x.text("dc", "rights"), x.text("atom", "rights"), x.mediaText("copyright"))),
		Generator: plainText(doc.Generator),
		Published: firstDate(x.text("cd", "pubdate"), x.text("dcterms", "issued", "available"), x.text("atom", "published")),
		Updated:   firstDate(x.text("cd", "lastbuilddate"), x.text("dcterms", "modified"), x.text("dc", "date"), x.text("atom", "updated")),
		Asks: copydesk.Asks{
			TTL: ttl(doc.TTL), Every: x.every(),
			SkipHours: skipHours(doc.SkipHours), SkipDays: skipDays(doc.SkipDays),
		},
	}
	if doc.Image != nil {
		feed.Image = webAddress(p.page, doc.Image.URL)
	}
	feed.Image = cmp.Or(feed.Image, x.image(), webAddress(p.page, x.text("atom", "logo", "icon")))
	feed.Authors = rssFeedAuthors(doc, x)
	for _, c := range doc.Categories {
		feed.Categories = addCategory(feed.Categories, c.Value, c.Domain, "")
	}
	feed.Categories = x.moreCategories(feed.Categories)
	for _, item := range doc.Items {
		feed.Entries = append(feed.Entries, p.rssEntry(item, feed.Language))
	}
	return feed
}

// rssLink is the first address that says it is the page; an Atom link counts if
// it says so.
func rssLink(links []string, x extras) string {
	for _, l := range links {
		if a := webAddress(nil, l); a != "" {
			return a
		}
	}
	return webAddress(nil, atomExtLink(x, "alternate"))
}

func atomExtLink(x extras, rel string) string {
	for _, l := range x.all("atom", "link") {
		if cmp.Or(l.Attrs["rel"], "alternate") == rel && l.Attrs["href"] != "" {
			return l.Attrs["href"]
		}
	}
	return ""
}

func firstDate(values ...string) time.Time {
	for _, v := range values {
		if t := parseDate(v); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// date is firstDate for an entry, and counts those whose dates all say nothing.
func (p *parse) date(values ...string) time.Time {
	t := firstDate(values...)
	if t.IsZero() && strings.TrimSpace(strings.Join(values, "")) != "" {
		p.undated++
	}
	return t
}

func rssFeedAuthors(doc *rss.Feed, x extras) (people []copydesk.Person) {
	people = addPerson(people, personOf(doc.ManagingEditor))
	for _, e := range x.all("cd", "author") {
		people = addPerson(people, personOf(e.Value))
	}
	people = extraAuthors(people, x)
	if len(people) == 0 {
		for _, owner := range x.all("itunes", "owner") {
			people = addPerson(people, copydesk.Person{Name: plainText(childText(owner, "name")), Email: plainText(childText(owner, "email"))})
		}
	}
	if len(people) == 0 {
		people = addPerson(people, personOf(doc.WebMaster))
	}
	return people
}

// extraAuthors are the authors that extensions name.
func extraAuthors(people []copydesk.Person, x extras) []copydesk.Person {
	for _, e := range x.all("dc", "creator") {
		people = addPerson(people, personOf(e.Value))
	}
	for _, e := range x.all("atom", "author") {
		people = addPerson(people, copydesk.Person{
			Name: plainText(childText(e, "name")), Email: mailAddress(childText(e, "email")), URI: webAddress(nil, childText(e, "uri")),
		})
	}
	for _, e := range x.all("itunes", "author") {
		people = addPerson(people, personOf(e.Value))
	}
	return people
}

func childText(e ext.Extension, name string) string {
	for _, c := range e.Children[name] {
		return strings.TrimSpace(c.Value)
	}
	return ""
}

func (p *parse) rssEntry(item *rss.Item, feedLanguage string) copydesk.Entry {
	x := extras(item.Extensions)
	own := p.noteOf(x)
	e := copydesk.Entry{GUID: own.id, Raw: own.raw}
	if strings.TrimSpace(e.GUID) == "" {
		e.GUID = own.about
	}
	if strings.TrimSpace(e.GUID) == "" {
		e.GUID = x.text("atom", "id")
	}
	e.Title = p.line(cmp.Or(item.Title, x.text("dc", "title"), x.text("itunes", "title"), x.text("atom", "title"), x.mediaText("title")))
	e.Link = p.rssEntryLink(item, x, own)
	p.rssTexts(&e.Text, item, x)
	e.Authors = addPerson(nil, personOf(item.Author))
	e.Authors = extraAuthors(e.Authors, x)
	for _, c := range item.Categories {
		e.Categories = addCategory(e.Categories, c.Value, c.Domain, "")
	}
	for _, c := range x.all("atom", "category") {
		e.Categories = addCategory(e.Categories, c.Attrs["term"], c.Attrs["scheme"], c.Attrs["label"])
	}
	e.Categories = x.moreCategories(e.Categories)
	for _, f := range item.Enclosures {
		e.Enclosures = addEnclosure(e.Enclosures, f.URL, f.Type, f.Length)
	}
	e.Enclosures = x.enclosures(e.Enclosures)
	e.Image = cmp.Or(x.image(), imageOf(e.Enclosures))
	e.Language = cmp.Or(language(cmp.Or(x.text("dc", "language"), own.lang)), feedLanguage)
	e.Rights = p.remark(cmp.Or(x.text("dc", "rights"), x.text("atom", "rights"), x.mediaText("copyright")))
	e.Comments = webAddress(p.page, item.Comments)
	e.Published = p.date(x.text("cd", "pubdate"), x.text("dcterms", "issued", "available"), x.text("atom", "published"), x.text("dc", "date"), x.text("dcterms", "date", "created"))
	e.Updated = firstDate(x.text("atom", "updated"), x.text("dcterms", "modified"))
	e.Origin = p.rssOrigin(item, x)
	e.Canonical = Canonical(atomExtLink(x, "canonical"))
	if via := webAddress(nil, atomExtLink(x, "via")); via != "" {
		e.Credits = []copydesk.Credit{{URL: via, In: copydesk.InElement}}
	}
	return e
}

// rssEntryLink is where the entry can be read: the address from before a
// redirect service, the link, the guid if it is a permalink.
func (p *parse) rssEntryLink(item *rss.Item, x extras, own note) string {
	if a := webAddress(nil, x.text("feedburner", "origlink", "origLink")); a != "" {
		return a
	}
	if a := rssLink(item.Links, x); a != "" {
		return a
	}
	if own.permalink != "false" {
		if a := webAddress(nil, own.id); a != "" {
			return a
		}
	}
	if own.permalink == "true" && strings.HasPrefix(own.id, "/") {
		return webAddress(p.page, own.id) // it says that it is an address
	}
	return webAddress(p.page, own.about)
}

func (p *parse) rssTexts(t *copydesk.Text, item *rss.Item, x extras) {
	summary := p.html(item.Description)
	content := p.html(item.Content)
	content = cmp.Or(content, p.html(x.text("content", "encoded")), p.html(x.text("xhtml", "body")), p.html(x.text("atom", "content")))
	if summary == "" {
		summary = cmp.Or(p.html(x.text("atom", "summary")), p.html(x.text("dc", "description")))
	}
	if summary == "" && content == "" {
		summary = cmp.Or(p.html(x.text("itunes", "summary")), p.html(x.text("itunes", "subtitle")), p.html(x.mediaText("description")))
	}
	texts(t, summary, content)
}

func (p *parse) rssOrigin(item *rss.Item, x extras) copydesk.Origin {
	var o copydesk.Origin
	if item.Source != nil {
		o.Title, o.URL = plainText(item.Source.Title), webAddress(nil, item.Source.URL)
	}
	for _, s := range x.all("atom", "source") {
		o.ID = cmp.Or(o.ID, childText(s, "id"))
		o.Title = cmp.Or(o.Title, p.line(childText(s, "title")))
		for _, l := range s.Children["link"] {
			o.URL = cmp.Or(o.URL, webAddress(nil, l.Attrs["href"]))
		}
	}
	return o
}

// imageOf is the first picture among the enclosures.
func imageOf(files []copydesk.Enclosure) string {
	for _, f := range files {
		if strings.HasPrefix(f.Type, "image/") || f.Type == "" && hasImageName(f.URL) {
			return f.URL
		}
	}
	return ""
}
