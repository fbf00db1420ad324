package publish

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"time"

	"copydesk"
)

// Front is what the index page shows.
type Front struct {
	Title  string       // of the site; empty: "Copydesk"
	Topics []FrontTopic // in the order in which they are listed
	Search bool         // there is a search to link
}

// FrontTopic is one topic of the index page.
type FrontTopic struct {
	ID      copydesk.TopicID
	Title   string
	Parent  copydesk.TopicID // it is listed under this one, if that is there
	Items   int              // in its edition
	Updated time.Time        // newest update of an item; zero if there is none
}

var (
	//go:embed page.css
	style string
	//go:embed front.html
	frontSource string
	//go:embed topic.html
	topicSource string
	//go:embed search.html
	searchSource string

	frontPage  = newPage("front", frontSource)
	topicPage  = newPage("topic", topicSource)
	searchPage = newPage("search", searchSource)
)

func newPage(name, source string) *template.Template {
	return template.Must(template.New(name).Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(style) },
		"date":  func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
		"stamp": func(t time.Time) string { return stamp(t.UTC()) },
		"path":  func(id copydesk.TopicID) string { return url.PathEscape(string(id)) },
	}).Parse(source))
}

// pagePolicy lets a page do nothing but be read: no script, no image, no frame;
// its own style is named by its hash.
func pagePolicy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// topicHead is what the page of a topic says beside its items. Feeds are named
// beside the page, so the links work under any base_url.
type topicHead struct {
	ID     copydesk.TopicID
	Title  string
	Empty  bool
	Alone  bool   // no index lists it
	First  string // where the log begins, if this page is a later one
	Older  string // where it goes on
	Filter int    // publishers that each story has, if that was asked for
}

func (i *Issue) pageHead() (head, tail []byte, err error) {
	if i.Part.Search != "" {
		return searchHead(searchForm{Question: i.Part.Search, Title: i.Title, Found: true, Empty: len(i.Galleys) == 0})
	}
	h := topicHead{ID: i.Topic, Title: i.Title, Empty: len(i.Galleys) == 0, Alone: i.Private}
	if i.Part.Sources > 1 {
		h.Filter = i.Part.Sources
	}
	here := "./" + url.PathEscape(string(i.Topic))
	if i.Part.Before > 0 {
		h.First = here + Part{Sources: i.Part.Sources}.query()
	}
	if i.Links.Next > 0 {
		h.Older = here + i.next().query()
	}
	var top, bottom bytes.Buffer
	if err := topicPage.ExecuteTemplate(&top, "head", h); err != nil {
		return nil, nil, err
	}
	if err := topicPage.ExecuteTemplate(&bottom, "foot", h); err != nil {
		return nil, nil, err
	}
	return top.Bytes(), bottom.Bytes(), nil
}

// SetFront prints the index page and puts it on the shelf. An error is a
// defect of ours; the page before stays.
func (s *Shelf) SetFront(f Front) error {
	var b bytes.Buffer
	if err := frontPage.Execute(&b, newFrontSheet(f)); err != nil {
		return fmt.Errorf("print the index page: %w", err)
	}
	p, err := Press(b.Bytes(), Page.ContentType(), time.Time{}) // it changes with counts that have no date
	if err != nil {
		return fmt.Errorf("press the index page: %w", err)
	}
	s.change(func(next *stock) { next.front = p })
	return nil
}

type frontSheet struct {
	Title  string
	Search bool
	Topics []*branch // those under no other
	All    []FrontTopic
}

// branch is a topic with those under it.
type branch struct {
	FrontTopic
	Under []*branch
}

func newFrontSheet(f Front) frontSheet {
	sheet := frontSheet{Title: cmp.Or(line(f.Title), software), Search: f.Search, All: slices.Clone(f.Topics)}
	branches := map[copydesk.TopicID]*branch{}
	for i := range sheet.All {
		t := &sheet.All[i]
		t.Title = cmp.Or(line(t.Title), line(string(t.ID)))
		branches[t.ID] = &branch{FrontTopic: *t}
	}
	for _, t := range sheet.All {
		b := branches[t.ID]
		if parent := branches[t.Parent]; parent != nil && !descends(branches, t.Parent, t.ID) {
			parent.Under = append(parent.Under, b)
		} else {
			sheet.Topics = append(sheet.Topics, b)
		}
	}
	return sheet
}

// descends reports whether topic stands under ancestor, or is it: such a pair
// cannot be printed the other way round as well.
func descends(branches map[copydesk.TopicID]*branch, topic, ancestor copydesk.TopicID) bool {
	for range branches {
		b := branches[topic]
		if topic == ancestor || b == nil {
			return b != nil
		}
		topic = b.Parent
	}
	return true
}
