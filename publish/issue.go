package publish

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"copydesk"
)

// Issue is galleys under a masthead: the edition of a topic, one of its
// archives, or a page of its log.
type Issue struct {
	Topic   copydesk.TopicID
	Title   string
	FeedID  string    // atom:id of the topic; all its documents are one logical feed
	Updated time.Time // of the newest change that a reader can see; zero: of the newest galley
	Galleys []*Galley // newest position first
	Part    Part
	Links   Links

	Private bool   // for those who have its key: no hub knows of it
	Under   string // what its addresses begin with, below base_url; empty if it is public

	// The rest says of an edition how the log goes on from it.
	Limit   int    // items that a page of the log has
	Closed  uint64 // last position of the newest closed archive; zero: there is none
	History string // changes whenever an archive does
}

// Part says which part of a topic's log an issue holds. The zero value is the
// edition.
type Part struct {
	Archive int    // the closed archive of that number, from 1
	Before  uint64 // only positions below this one; zero: from the newest
	Sources int    // only stories that so many publishers carry; zero or one: all

	Search string // of no topic: what this search finds, in its canonical form
}

// Links are the other documents of the same log (RFC 5005).
type Links struct {
	PrevArchive int    // the closed archive before this document; zero: there is none
	NextArchive int    // the one after it; zero: there is none
	Next        uint64 // the position below which the log goes on; zero: it does not
}

// once is the issue fit to be printed: each id stands once per document (RFC
// 4287, section 4.1.1), the newest position wins, and title and time are there.
func (i *Issue) once() (*Issue, error) {
	if i.FeedID == "" {
		return nil, fmt.Errorf("topic %s: the issue has no feed id", i.Topic)
	}
	next := *i
	next.Title = cmp.Or(line(i.Title), line(string(i.Topic)), untitled)
	seen := make(map[string]bool, len(i.Galleys))
	next.Galleys = make([]*Galley, 0, len(i.Galleys))
	for _, g := range i.Galleys {
		if !seen[g.id] {
			seen[g.id] = true
			next.Galleys = append(next.Galleys, g)
		}
	}
	next.Updated = moment(i.Updated, next.newest())
	return &next, nil
}

// newest is the newest update of an item, or the zero time.
func (i *Issue) newest() (t time.Time) {
	for _, g := range i.Galleys {
		if g.updated.After(t) {
			t = g.updated
		}
	}
	return t
}

// language is the one that all items are in, or "".
func (i *Issue) language() string {
	if len(i.Galleys) == 0 {
		return ""
	}
	first := i.Galleys[0].language
	if slices.ContainsFunc(i.Galleys, func(g *Galley) bool { return g.language != first }) {
		return ""
	}
	return first
}

// Print writes the issue in format f: its masthead is written, its galleys are
// copied. It is pure: equal arguments give equal bytes.
func (i *Issue) Print(f Format, s Site) ([]byte, error) {
	ready, err := i.once()
	if err != nil {
		return nil, err
	}
	head, tail, err := ready.masthead(f, s)
	if err != nil {
		return nil, fmt.Errorf("print topic %s as %s: %w", i.Topic, f, err)
	}
	between := ""
	if f == JSON {
		between = ","
		if len(ready.Galleys) > 0 {
			tail = append([]byte("\n  "), tail...)
		}
	}
	galleys := ready.Galleys
	if f == Page {
		galleys = ready.byTime()
	}
	size := len(head) + len(tail)
	for _, g := range galleys {
		size += len(between) + len(g.text(f))
	}
	b := make([]byte, 0, size)
	b = append(b, head...)
	for n, g := range galleys {
		if n > 0 {
			b = append(b, between...)
		}
		b = append(b, g.text(f)...)
	}
	return append(b, tail...), nil
}

// draft is the issue printed in format f, to be pressed without a date.
func (i *Issue) draft(f Format, s Site) (draft, error) {
	body, err := i.Print(f, s)
	return draft{body: body, kind: f.ContentType()}, err
}

// masthead is what f prints before the items and after them.
func (i *Issue) masthead(f Format, s Site) (head, tail []byte, err error) {
	switch f {
	case Atom:
		return i.atomHead(s)
	case RSS:
		return i.rssHead(s)
	case JSON:
		return i.jsonHead(s)
	case Page:
		return i.pageHead()
	}
	return nil, nil, errors.New("no such format")
}

// cut parts a document without items where its items belong: before last.
func cut(document []byte, last string) (head, tail []byte, err error) {
	at := bytes.LastIndex(document, []byte(last))
	if at < 0 {
		return nil, nil, errors.New("a masthead is not written as expected")
	}
	return document[:at], document[at:], nil
}

// byTime returns the galleys as people read them: by news time, newest first.
// Feeds keep the order of positions.
func (i *Issue) byTime() []*Galley {
	galleys := slices.Clone(i.Galleys)
	slices.SortStableFunc(galleys, func(a, b *Galley) int { return b.published.Compare(a.published) })
	return galleys
}

// address is the address of a part of the topic in format f.
func (i *Issue) address(s Site, f Format, p Part) string {
	return s.BaseURL + i.Under + topicPath(i.Topic, f, p)
}

// feedLinks are the links of a feed's masthead: itself, the topic's page, and
// the other documents of its log.
func (i *Issue) feedLinks(f Format, s Site) []atomLink {
	kind := f.mediaType()
	links := []atomLink{{Rel: "self", Type: kind, Href: i.address(s, f, i.Part)}}
	if f == Atom {
		links = append(links, atomLink{Rel: "alternate", Type: "text/html", Href: i.address(s, Page, i.home())})
	}
	if hub := i.hub(s); hub != "" {
		links = append(links, atomLink{Rel: "hub", Href: hub})
	}
	add := func(rel string, p Part) {
		links = append(links, atomLink{Rel: rel, Type: kind, Href: i.address(s, f, p)})
	}
	if i.Part != i.home() || i.Links.PrevArchive > 0 {
		add("current", i.home())
	}
	if i.Links.PrevArchive > 0 {
		add("prev-archive", Part{Archive: i.Links.PrevArchive})
	}
	if i.Links.NextArchive > 0 {
		add("next-archive", Part{Archive: i.Links.NextArchive})
	}
	if i.Part.Before > 0 {
		add("first", Part{Sources: i.Part.Sources})
	}
	if i.Links.Next > 0 {
		add("next", i.next())
	}
	return links
}

// hub is the hub at which the document can be subscribed to, "" for none: the
// edition can, a part of the log that is put together for who asks cannot, nor
// what is private.
func (i *Issue) hub(s Site) string {
	if i.Part != (Part{}) || i.Private {
		return ""
	}
	return s.Hub
}

// home is the part that a reader begins with: the edition, or all of a search.
func (i *Issue) home() Part { return Part{Search: i.Part.Search} }

// next is the part of the log that goes on where the issue ends.
func (i *Issue) next() Part { return Part{Before: i.Links.Next, Sources: i.Part.Sources} }
