package publish

import (
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/feeds"
)

// The types below give gorilla/feeds what its own lack: they embed them and
// declare the poorer fields again, one level up, where encoding/xml prefers
// them.

type atomFeed struct {
	*feeds.AtomFeed             // id, updated
	Media           string      `xml:"xmlns:media,attr"`
	History         string      `xml:"xmlns:fh,attr,omitempty"`
	Archive         *struct{}   `xml:"fh:archive"`
	Title           *atomText   `xml:"title"`
	Links           []atomLink  `xml:"link"`
	Generator       generator   `xml:"generator"`
	Entries         []atomEntry `xml:"entry"` // none: galleys stand there
}

// FeedXml makes it a feed that gorilla/feeds can write.
func (f *atomFeed) FeedXml() any { return f }

// atomEntry ends with source: there are readers that take the first title they
// meet within an entry for its own, however deep it stands.
type atomEntry struct {
	*feeds.AtomEntry                // id, updated, published
	Language         string         `xml:"xml:lang,attr,omitempty"`
	Title            *atomText      `xml:"title"`
	Links            []atomLink     `xml:"link"`
	Authors          []atomPerson   `xml:"author"`
	Categories       []atomCategory `xml:"category"`
	Rights           *atomText      `xml:"rights"`
	Summary          *atomText      `xml:"summary"`
	Content          *atomText      `xml:"content"`
	Thumbnail        *thumbnail     `xml:"media:thumbnail"`
	Source           atomSource     `xml:"source"`
}

type atomSource struct {
	ID      string     `xml:"id,omitempty"`
	Title   *atomText  `xml:"title"`
	Updated string     `xml:"updated"`
	Links   []atomLink `xml:"link"`
	Rights  *atomText  `xml:"rights"`
	Icon    string     `xml:"icon,omitempty"`
}

// atomText is a text construct (RFC 4287, section 3.1). Its body is escaped
// already, so only text and markup make one.
type atomText struct {
	Type string `xml:"type,attr,omitempty"`
	Body string `xml:",innerxml"`
}

type atomPerson struct {
	Name  *atomText `xml:"name"`
	URI   string    `xml:"uri,omitempty"`
	Email string    `xml:"email,omitempty"`
}

type atomLink struct {
	Rel      string `xml:"rel,attr"`
	Type     string `xml:"type,attr,omitempty"`
	Href     string `xml:"href,attr"`
	Hreflang string `xml:"hreflang,attr,omitempty"`
	Title    string `xml:"title,attr,omitempty"`
	Length   string `xml:"length,attr,omitempty"`
}

type atomCategory struct {
	Term   string `xml:"term,attr"`
	Scheme string `xml:"scheme,attr,omitempty"`
	Label  string `xml:"label,attr,omitempty"`
}

type generator struct {
	Version string `xml:"version,attr,omitempty"`
	Name    string `xml:",chardata"`
}

type thumbnail struct {
	URL string `xml:"url,attr"`
}

const (
	atomNamespace    = "http://www.w3.org/2005/Atom"
	mediaNamespace   = "http://search.yahoo.com/mrss/"
	historyNamespace = "http://purl.org/syndication/history/1.0"
	software         = "Copydesk"
)

func (i *Issue) atomHead(site Site) (head, tail []byte, err error) {
	f := &atomFeed{
		AtomFeed:  &feeds.AtomFeed{Xmlns: atomNamespace, Id: clean(i.FeedID), Updated: stamp(i.Updated)},
		Media:     mediaNamespace,
		Title:     text(i.Title),
		Links:     i.feedLinks(Atom, site),
		Generator: generator{clean(site.Version), software},
	}
	f.History, f.Archive = i.history()
	b, err := writeXML(f, 2<<10)
	if err != nil {
		return nil, nil, err
	}
	return cut(b, "\n</feed>")
}

// history marks an archive as one (RFC 5005, section 4): its namespace, and an
// empty element in it.
func (i *Issue) history() (namespace string, archive *struct{}) {
	if i.Part.Archive == 0 {
		return "", nil
	}
	return historyNamespace, &struct{}{}
}

func newAtomEntry(p *proof) atomEntry {
	e := atomEntry{
		AtomEntry: &feeds.AtomEntry{Id: clean(p.id), Updated: stamp(p.updated), Published: stamp(p.Published)},
		Language:  p.Language,
		Title:     text(p.Title),
		Links:     atomLinks(p),
		Rights:    remark(p.rights),
		Summary:   markup(p.summary),
		Content:   markup(p.content),
		Source:    newAtomSource(p),
	}
	for _, a := range p.authors {
		e.Authors = append(e.Authors, atomPerson{text(a.Name), a.URI, a.Email})
	}
	for _, c := range p.categories {
		e.Categories = append(e.Categories, atomCategory{c.Term, c.Scheme, c.Label})
	}
	if p.image != "" {
		e.Thumbnail = &thumbnail{p.image}
	}
	if p.Link == "" && e.Content == nil {
		e.Content = e.Summary // RFC 4287, section 4.1.3: no link, so there must be content
	}
	if e.Content == nil && e.Summary == nil {
		e.Summary = text(p.Title) // section 4.1.1.1: an entry should have some text
	}
	return e
}

func atomLinks(p *proof) []atomLink {
	links := make([]atomLink, 0, 1+len(p.Others)+len(p.enclosures))
	if p.Link != "" {
		links = append(links, atomLink{Rel: "alternate", Href: p.Link, Hreflang: p.Language})
	}
	for _, o := range p.Others {
		if o.Link != "" {
			links = append(links, atomLink{Rel: o.rel(), Href: o.Link, Hreflang: o.language, Title: o.headline()})
		}
	}
	for _, e := range p.enclosures {
		l := atomLink{Rel: "enclosure", Type: e.Type, Href: e.URL}
		if e.Length > 0 {
			l.Length = strconv.FormatInt(e.Length, 10)
		}
		links = append(links, l)
	}
	if p.comments != "" {
		links = append(links, atomLink{Rel: "replies", Href: p.comments}) // RFC 4685
	}
	return links
}

// newAtomSource says where the lead came from. Its updated is when the lead
// was published: that the source's own clock moves at each poll is no news of
// this entry, and would make new bytes of a whole edition each time.
func newAtomSource(p *proof) atomSource {
	s := atomSource{ID: p.source.id, Title: text(p.source.title), Updated: stamp(p.Published), Rights: remark(p.source.rights), Icon: p.source.icon}
	if p.source.self != "" {
		s.Links = append(s.Links, atomLink{Rel: "self", Href: p.source.self})
	}
	if p.source.page != "" {
		s.Links = append(s.Links, atomLink{Rel: "alternate", Href: p.source.page})
	}
	return s
}

// text is plain text; nil if there is none.
func text(s string) *atomText {
	if s == "" {
		return nil
	}
	return &atomText{Body: escapeText(s)}
}

// markup is HTML; nil if there is none.
func markup(s string) *atomText {
	if s == "" {
		return nil
	}
	return &atomText{Type: "html", Body: escape(s)}
}

// remark is HTML that most often is mere text, and then said to be text: nil if
// there is none.
func remark(s string) *atomText {
	if strings.ContainsAny(s, "<&") {
		return markup(s)
	}
	return text(s)
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }
