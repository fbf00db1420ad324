package publish

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"

	"copydesk"
)

// List is a document beside the topics that readers import: subscriptions in
// OPML 2.0.
type List string

// The lists, named as their addresses end.
const (
	TopicList  List = "opml"         // every topic's feed
	SourceList List = "sources.opml" // every source whose address may be shown
)

const listType = "text/x-opml; charset=utf-8"

type opml struct {
	XMLName xml.Name `xml:"opml"`
	Version string   `xml:"version,attr"`
	Title   string   `xml:"head>title"`
	Body    opmlBody `xml:"body"` // which is there if nothing is in it
}

type opmlBody struct {
	Outlines []outline `xml:"outline"`
}

type outline struct {
	Text     string    `xml:"text,attr"`
	Title    string    `xml:"title,attr"`
	Type     string    `xml:"type,attr,omitempty"`
	Feed     string    `xml:"xmlUrl,attr,omitempty"`
	Page     string    `xml:"htmlUrl,attr,omitempty"`
	Category string    `xml:"category,attr,omitempty"`
	Under    []outline `xml:"outline"`
}

// PrintTopics writes the list of all topics. A topic with others under it is a
// folder, which holds its own feed first: readers overlook what stands below a
// feed.
func PrintTopics(f Front, s Site) ([]byte, error) {
	sheet := newFrontSheet(f)
	doc := opml{Version: "2.0", Title: sheet.Title}
	for _, b := range sheet.Topics {
		doc.Body.Outlines = append(doc.Body.Outlines, b.outline(s))
	}
	return doc.print()
}

func (b *branch) outline(s Site) outline {
	feed := outline{Text: b.Title, Title: b.Title, Type: "rss", Feed: s.address(b.ID, Atom, Part{}), Page: s.address(b.ID, Page, Part{})}
	if len(b.Under) == 0 {
		return feed
	}
	folder := outline{Text: b.Title, Title: b.Title, Under: []outline{feed}}
	for _, under := range b.Under {
		folder.Under = append(folder.Under, under.outline(s))
	}
	return folder
}

// PrintSources writes the list of sources, by their names. A private one is left
// out, and one whose address is a secret or has a password or key in it: without
// that it leads nowhere.
func PrintSources(sources []copydesk.Source) ([]byte, error) {
	doc := opml{Version: "2.0", Title: software + ": sources"}
	for _, src := range sources {
		address := public(src.URL)
		if src.Private || src.Secret || address == "" || address != clean(src.URL) {
			continue
		}
		name := sourceTitle(src)
		if name == "" {
			name = domain(address)
		}
		o := outline{Text: name, Title: name, Type: "rss", Feed: address, Page: public(src.Feed.Link)}
		for _, t := range src.Topics {
			if o.Category != "" {
				o.Category += ","
			}
			o.Category += "/" + line(string(t))
		}
		doc.Body.Outlines = append(doc.Body.Outlines, o)
	}
	slices.SortStableFunc(doc.Body.Outlines, func(a, b outline) int { return bytes.Compare([]byte(a.Text), []byte(b.Text)) })
	return doc.print()
}

func (o opml) print() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(o); err != nil {
		return nil, fmt.Errorf("print OPML: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// ContentType is the media type that lists are served as.
func (List) ContentType() string { return listType }

// PutList offers p as the list, in place of the one before.
func (s *Shelf) PutList(l List, p *Pressed) {
	s.change(func(next *stock) {
		lists := map[List]*Pressed{l: p}
		for other, kept := range next.lists {
			if other != l {
				lists[other] = kept
			}
		}
		next.lists = lists
	})
}

func (h *Handler) serveList(l List) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := h.shelf.stock.Load().lists[l]
		if p == nil {
			w.Header()["Retry-After"] = []string{"5"}
			refuse(w, http.StatusServiceUnavailable, "This list is not ready yet. Ask again in a moment.")
			return
		}
		header := w.Header()
		header["Vary"] = acceptEncoding
		header["Access-Control-Allow-Origin"] = anyone
		header["Cache-Control"] = maxAgeHeader(maxAge)
		serve(w, r, p)
	}
}
