package publish

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gorilla/feeds"
)

// Notices is a feed of what the daemon itself has to tell its operator. It is no
// topic, and a notice is no news.
type Notices struct {
	ID      string // atom:id
	Title   string
	Self    string // its own address
	Updated time.Time
	Entries []Notice // the newest first
}

// Notice is one entry of it. All its texts are plain.
type Notice struct {
	ID         string
	Title      string
	Category   string
	Paragraphs []string
	Published  time.Time
	Updated    time.Time
}

type noticeFeed struct {
	*feeds.AtomFeed               // id, updated, author
	Title           *atomText     `xml:"title"`
	Links           []atomLink    `xml:"link"`
	Generator       generator     `xml:"generator"`
	Entries         []noticeEntry `xml:"entry"`
}

// FeedXml makes it a feed that gorilla/feeds can write.
func (f *noticeFeed) FeedXml() any { return f }

type noticeEntry struct {
	*feeds.AtomEntry              // id, updated, published
	Title            *atomText    `xml:"title"`
	Category         atomCategory `xml:"category"`
	Content          *atomText    `xml:"content"`
}

// RenderNotices returns the Atom document of n.
func RenderNotices(n Notices, site Site) ([]byte, error) {
	if n.ID == "" || n.Updated.IsZero() {
		return nil, errors.New("render notices: a feed needs an id and a time")
	}
	f := &noticeFeed{
		AtomFeed: &feeds.AtomFeed{
			Xmlns: atomNamespace, Id: clean(n.ID), Updated: stamp(n.Updated.UTC()),
			Author: &feeds.AtomAuthor{AtomPerson: feeds.AtomPerson{Name: software}},
		},
		Title:     text(cmp.Or(line(n.Title), untitled)),
		Links:     []atomLink{{Rel: "self", Type: "application/atom+xml", Href: clean(n.Self)}},
		Generator: generator{clean(site.Version), software},
	}
	for _, e := range n.Entries {
		f.Entries = append(f.Entries, newNoticeEntry(e))
	}
	var b bytes.Buffer
	if err := feeds.WriteXML(f, &b); err != nil {
		return nil, fmt.Errorf("render notices: %w", err)
	}
	return b.Bytes(), nil
}

func newNoticeEntry(n Notice) noticeEntry {
	var body strings.Builder
	for _, p := range n.Paragraphs {
		body.WriteString("<p>" + escape(clean(p)) + "</p>")
	}
	return noticeEntry{
		AtomEntry: &feeds.AtomEntry{Id: clean(n.ID), Updated: stamp(n.Updated.UTC()), Published: stamp(n.Published.UTC())},
		Title:     text(cmp.Or(line(n.Title), untitled)),
		Category:  atomCategory{Term: clean(n.Category)},
		Content:   markup(body.String()),
	}
}
