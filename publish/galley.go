package publish

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gorilla/feeds"

	"copydesk"
)

// Galley is an item set in type: what each format prints of it, written and
// escaped once. It never changes, so documents share it: an edition is a
// masthead and its galleys, and an item that looks as before is not written
// again.
type Galley struct {
	id         string
	story      copydesk.StoryID
	position   uint64
	absorbed   bool
	publishers int
	language   string
	published  time.Time
	updated    time.Time

	atom, rss, json, page []byte
}

// Set sets an item in type, for every format. An error means that it lacks
// what only we can give it, an id.
func Set(item copydesk.Item) (*Galley, error) {
	p, err := proofOf(item)
	if err != nil {
		return nil, err
	}
	g := p.galley(item)
	for _, f := range Formats() {
		if err := g.set(&p, f); err != nil {
			return nil, fmt.Errorf("set item %s: %w", item.ID, err)
		}
	}
	return g, nil
}

// proofOf is newProof for an item that has an id.
func proofOf(item copydesk.Item) (proof, error) {
	if item.ID == "" {
		return proof{}, errors.New("an item has no id")
	}
	return newProof(item), nil
}

// galley is what all formats share of an item, nothing set yet.
func (p *proof) galley(item copydesk.Item) *Galley {
	return &Galley{
		id: item.ID, story: item.Story, position: item.Position, absorbed: item.Absorbed, publishers: item.Publishers,
		language: p.Language, published: p.Published, updated: p.updated,
	}
}

// ID is the id of the item.
func (g *Galley) ID() string { return g.id }

// Updated is atom:updated of the item.
func (g *Galley) Updated() time.Time { return g.updated }

// at is the galley at another position. Both share what is printed.
func (g *Galley) at(position uint64) *Galley {
	if g.position == position {
		return g
	}
	moved := *g
	moved.position = position
	return &moved
}

// size is how many bytes the galley takes, about.
func (g *Galley) size() (n int) {
	for _, f := range Formats() {
		n += len(g.text(f))
	}
	return n + 512
}

// text is what f prints of the item.
func (g *Galley) text(f Format) []byte {
	switch f {
	case Atom:
		return g.atom
	case RSS:
		return g.rss
	case JSON:
		return g.json
	}
	return g.page
}

func (g *Galley) set(p *proof, f Format) (err error) {
	switch f {
	case Atom:
		g.atom, err = setXML(atomEntries{Entries: []atomEntry{newAtomEntry(p)}}, "<feed>", "\n</feed>", p.size())
	case RSS:
		g.rss, err = setXML(rssItems{Items: []rssItem{newRSSItem(p)}}, "<rss>\n  <channel>", "\n  </channel>\n</rss>", p.size())
	case JSON:
		g.json, err = setJSON(newJSONItem(p), p.size())
	case Page:
		var b bytes.Buffer
		err = topicPage.ExecuteTemplate(&b, "item", p)
		g.page = bytes.Clone(b.Bytes())
	default:
		err = errors.New("no such format")
	}
	return err
}

// atomEntries and rssItems are feeds of nothing but items: gorilla/feeds
// writes one, and what stands between its first and its last tag is the galley.
type atomEntries struct {
	XMLName xml.Name    `xml:"feed"`
	Entries []atomEntry `xml:"entry"`
}

// FeedXml makes it a feed that gorilla/feeds can write.
func (e atomEntries) FeedXml() any { return e }

type rssItems struct {
	XMLName xml.Name  `xml:"rss"`
	Items   []rssItem `xml:"channel>item"`
}

// FeedXml makes it a feed that gorilla/feeds can write.
func (i rssItems) FeedXml() any { return i }

func setXML(feed feeds.XmlFeed, first, last string, size int) ([]byte, error) {
	b, err := writeXML(feed, size)
	if err != nil {
		return nil, err
	}
	i := bytes.Index(b, []byte(first))
	if i < 0 || !bytes.HasSuffix(b, []byte(last)) {
		return nil, errors.New("an item alone is not written as expected")
	}
	return bytes.Clone(b[i+len(first) : len(b)-len(last)]), nil // without the room that was left
}

func writeXML(feed feeds.XmlFeed, size int) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(size)
	err := feeds.WriteXML(feed, &b)
	return b.Bytes(), err
}

func setJSON(item jsonItem, size int) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(size)
	b.WriteString("\n    ")
	if err := writeJSON(&b, item, "    "); err != nil {
		return nil, err
	}
	return bytes.Clone(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

func writeJSON(w io.Writer, v any, prefix string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	return e.Encode(v)
}

// size is about how many bytes the proof takes in print.
func (p *proof) size() int {
	return 3<<10 + len(p.summary) + len(p.content)*3/2 // markup grows when it is escaped
}

// storyName is the last part of the address of a story's page, or "".
func storyName(id copydesk.StoryID) string {
	if id == (copydesk.StoryID{}) {
		return ""
	}
	return strings.TrimPrefix(id.String(), "urn:uuid:")
}

// SetVersion is the way in which items are set. It must be changed with
// whatever changes the bytes of a galley or what is kept of archives with them,
// so that archives are set anew.
const SetVersion = "5"

// MostCarried returns how many publishers carry one of the stories of galleys at
// most. Those that were absorbed are told elsewhere.
func MostCarried(galleys []*Galley) (publishers int) {
	for _, g := range galleys {
		if !g.absorbed {
			publishers = max(publishers, g.publishers)
		}
	}
	return publishers
}

// Pack writes galleys for the store.
func Pack(galleys []*Galley) []byte {
	size := 0
	for _, g := range galleys {
		size += g.size()
	}
	b := make([]byte, 0, size)
	number := func(n uint64) { b = binary.AppendUvarint(b, n) }
	part := func(p []byte) { number(uint64(len(p))); b = append(b, p...) }
	for _, g := range galleys {
		part([]byte(g.id))
		part(g.story[:])
		number(g.position)
		absorbed := uint64(0)
		if g.absorbed {
			absorbed = 1
		}
		number(absorbed)
		number(uint64(g.publishers))
		part([]byte(g.language))
		number(uint64(g.published.Unix() - farPast))
		number(uint64(g.updated.Unix() - farPast))
		for _, f := range Formats() {
			part(g.text(f))
		}
	}
	return b
}

// farPast is before every date that can be printed, so that none is negative.
var farPast = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// Unpack reads what Pack wrote. The galleys keep packed.
func Unpack(packed []byte) ([]*Galley, error) {
	r := reader{rest: packed}
	var all []*Galley
	for len(r.rest) > 0 && !r.broken {
		g := &Galley{id: string(r.part())}
		copy(g.story[:], r.part())
		g.position, g.absorbed, g.publishers = r.number(), r.number() == 1, int(r.number())
		g.language = string(r.part())
		g.published, g.updated = r.time(), r.time()
		g.atom, g.rss, g.json, g.page = r.part(), r.part(), r.part(), r.part()
		all = append(all, g)
	}
	if r.broken {
		return nil, errors.New("galleys end in the middle")
	}
	return all, nil
}

// reader takes packed galleys apart.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.rest, r.broken = nil, true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) part() []byte {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.rest, r.broken = nil, true
		return nil
	}
	p := r.rest[:n:n]
	r.rest = r.rest[n:]
	return p
}

func (r *reader) time() time.Time { return time.Unix(int64(r.number())+farPast, 0).UTC() }
