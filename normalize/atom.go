package normalize

import (
	"cmp"
	"strings"

	"copydesk"

	"github.com/mmcdole/gofeed/atom"
)

// fromAtom takes Atom 1.0 and 0.3 into our vocabulary.
func (p *parse) fromAtom(doc *atom.Feed, version string) copydesk.Feed {
	x := extras(doc.Extensions)
	own := p.noteOf(x)
	feed := copydesk.Feed{Format: version}
	feed.FeedInfo = copydesk.FeedInfo{
		ID:        own.id,
		Title:     p.line(cmp.Or(doc.Title, x.text("dc", "title"))),
		Subtitle:  p.remark(cmp.Or(doc.Subtitle, x.text("itunes", "summary", "subtitle"), x.text("dc", "description"))),
		Link:      atomLink(doc.Links, "alternate"),
		Language:  language(cmp.Or(own.lang, x.text("dc", "language"))),
		Rights:    p.remark(cmp.Or(doc.Rights, x.text("dc", "rights"))),
		Image:     cmp.Or(webAddress(p.page, doc.Logo), x.image(), webAddress(p.page, doc.Icon)),
		Published: firstDate(x.text("dcterms", "issued", "created")),
		Updated:   firstDate(x.text("cd", "updated"), x.text("dcterms", "modified"), x.text("dc", "date")),
		Authors:   extraAuthors(atomPeople(doc.Authors), x),
		Asks:      copydesk.Asks{Every: x.every()},
	}
	if doc.Generator != nil {
		feed.Generator = plainText(doc.Generator.Value)
	}
	for _, c := range doc.Categories {
		feed.Categories = addCategory(feed.Categories, c.Term, c.Scheme, c.Label)
	}
	feed.Categories = x.moreCategories(feed.Categories)
	for _, entry := range doc.Entries {
		feed.Entries = append(feed.Entries, p.atomEntry(entry, feed.Language))
	}
	return feed
}

// atomLink is the first link of that relation, one to a page before others.
func atomLink(links []*atom.Link, rel string) string {
	found := ""
	for _, l := range links {
		address := webAddress(nil, l.Href)
		if strings.ToLower(cmp.Or(strings.TrimSpace(l.Rel), "alternate")) != rel || address == "" {
			continue
		}
		if l.Type == "" || strings.Contains(l.Type, "html") {
			return address
		}
		found = cmp.Or(found, address)
	}
	return found
}

func atomPeople(people []*atom.Person) (all []copydesk.Person) {
	for _, who := range people {
		person := personOf(who.Name)
		person.Email = cmp.Or(mailAddress(who.Email), person.Email)
		person.URI = webAddress(nil, who.URI)
		all = addPerson(all, person)
	}
	return all
}

func mailAddress(s string) string {
	return strings.TrimPrefix(plainText(s), "mailto:")
}

func (p *parse) atomEntry(entry *atom.Entry, feedLanguage string) copydesk.Entry {
	x := extras(entry.Extensions)
	own := p.noteOf(x)
	e := copydesk.Entry{GUID: own.id, Raw: own.raw}
	e.Title = p.line(cmp.Or(entry.Title, x.text("dc", "title"), x.mediaText("title")))
	e.Link = cmp.Or(webAddress(nil, x.text("feedburner", "origlink", "origLink")), atomLink(entry.Links, "alternate"))
	if entry.Content != nil {
		e.Link = cmp.Or(e.Link, webAddress(nil, entry.Content.Src))
	}
	e.Link = cmp.Or(e.Link, webAddress(nil, e.GUID), atomLink(entry.Links, "related"), atomLink(entry.Links, "via"))
	p.atomTexts(&e.Text, entry, x)
	e.Authors = extraAuthors(atomPeople(entry.Authors), x)
	for _, c := range entry.Categories {
		e.Categories = addCategory(e.Categories, c.Term, c.Scheme, c.Label)
	}
	e.Categories = x.moreCategories(e.Categories)
	for _, l := range entry.Links {
		if strings.EqualFold(strings.TrimSpace(l.Rel), "enclosure") {
			e.Enclosures = addEnclosure(e.Enclosures, l.Href, l.Type, l.Length)
		}
	}
	e.Enclosures = x.enclosures(e.Enclosures)
	e.Image = cmp.Or(x.image(), imageOf(e.Enclosures))
	e.Language = cmp.Or(language(cmp.Or(own.lang, x.text("dc", "language"))), feedLanguage)
	e.Rights = p.remark(cmp.Or(entry.Rights, x.text("dc", "rights")))
	e.Comments = cmp.Or(webAddress(p.page, x.text("cd", "comments")), atomLink(entry.Links, "replies"))
	e.Updated = firstDate(x.text("cd", "updated"), x.text("dcterms", "modified"))
	said := []string{x.text("cd", "published"), x.text("dcterms", "issued", "created", "available"), x.text("dc", "date")}
	if e.Updated.IsZero() { // most entries have no other date
		said = append(said, x.text("cd", "updated"))
	}
	e.Published = p.date(said...)
	e.Origin = p.atomOrigin(entry.Source)
	e.Canonical = Canonical(atomLink(entry.Links, "canonical"))
	if via := atomLink(entry.Links, "via"); via != "" {
		e.Credits = []copydesk.Credit{{URL: via, In: copydesk.InElement}}
	}
	return e
}

func (p *parse) atomTexts(t *copydesk.Text, entry *atom.Entry, x extras) {
	summary, content := p.html(entry.Summary), ""
	if entry.Content != nil {
		content = p.html(entry.Content.Value)
	}
	content = cmp.Or(content, p.html(x.text("content", "encoded")))
	if summary == "" && content == "" {
		summary = cmp.Or(p.html(x.text("dc", "description")), p.html(x.mediaText("description")), p.html(x.text("itunes", "summary")))
	}
	texts(t, summary, content)
}

func (p *parse) atomOrigin(source *atom.Source) copydesk.Origin {
	if source == nil {
		return copydesk.Origin{}
	}
	return copydesk.Origin{ID: source.ID, Title: p.line(source.Title), URL: cmp.Or(atomLink(source.Links, "alternate"), atomLink(source.Links, "self"))}
}
