package demo

import (
	"encoding/xml"
	"html"
	"strings"
	"time"
)

// The elements of Atom (RFC 4287) that the sample feeds have.
type (
	atomFeed struct {
		XMLName  xml.Name     `xml:"http://www.w3.org/2005/Atom feed"`
		Base     string       `xml:"xml:base,attr,omitempty"`
		Lang     string       `xml:"xml:lang,attr"`
		ID       string       `xml:"id"`
		Title    atomText     `xml:"title"`
		Subtitle string       `xml:"subtitle"`
		Updated  string       `xml:"updated"`
		Author   []atomPerson `xml:"author"`
		Links    []atomLink   `xml:"link"`
		Entries  []atomEntry  `xml:"entry"`
	}
	atomEntry struct {
		ID         string         `xml:"id"`
		Title      atomText       `xml:"title"`
		Link       atomLink       `xml:"link"`
		Published  string         `xml:"published"`
		Updated    string         `xml:"updated"`
		Authors    []atomPerson   `xml:"author"`
		Categories []atomCategory `xml:"category"`
		Summary    string         `xml:"summary"`
		Content    atomText       `xml:"content"`
	}
	atomText struct {
		Type string `xml:"type,attr,omitempty"`
		Body string `xml:",chardata"`
	}
	atomPerson struct {
		Name string `xml:"name"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
)

func (p *Publisher) atom(items []item, changed time.Time) []byte {
	feed := atomFeed{
		Lang: p.Language, ID: "tag:" + p.Slug + ".example,2026:feed",
		Title: p.atomTitle(p.Name), Subtitle: p.style.Tagline, Updated: atomDate(changed),
		Author: []atomPerson{{p.Name}},
		Links:  []atomLink{{"self", "application/atom+xml", p.shown(p.FeedURL())}, {"alternate", "text/html", p.home}},
	}
	if p.style.Relative {
		feed.Base = p.home
	}
	for _, it := range items {
		feed.Entries = append(feed.Entries, p.atomEntry(it))
	}
	return encode(feed)
}

func (p *Publisher) atomEntry(it item) atomEntry {
	e := atomEntry{
		ID: it.GUID, Title: p.atomTitle(it.Title), Link: atomLink{"alternate", "text/html", p.shown(it.Link)},
		Published: atomDate(it.Published), Updated: atomDate(it.Updated),
		Summary: it.Summary, Content: atomText{"html", it.Content},
	}
	for _, name := range it.Authors {
		e.Authors = append(e.Authors, atomPerson{name})
	}
	for _, term := range it.Categories {
		e.Categories = append(e.Categories, atomCategory{term})
	}
	return e
}

func (p *Publisher) atomTitle(plain string) atomText {
	if p.style.HTMLTitles {
		return atomText{"html", html.EscapeString(plain)}
	}
	return atomText{Body: plain}
}

// shown is how the feed writes an address: relative to xml:base where it can
// and the publisher does so.
func (p *Publisher) shown(address string) string {
	if rest, own := strings.CutPrefix(address, p.home); own && p.style.Relative {
		return rest
	}
	return address
}

func atomDate(t time.Time) string { return t.UTC().Format(time.RFC3339) }
