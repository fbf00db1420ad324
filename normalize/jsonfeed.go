package normalize

import (
	"cmp"
	stdjson "encoding/json"
	"fmt"
	"strings"

	"copydesk"

	"github.com/mmcdole/gofeed/json"
)

// readJSON reads a JSON Feed (jsonfeed.org, versions 1 and 1.1).
func (p *parse) readJSON(text string) (copydesk.Feed, error) {
	switch depth, values := measureJSON(text); {
	case depth > maxDepth:
		return copydesk.Feed{}, notAFeed("values nested deeper than %d", maxDepth)
	case values > maxValues:
		return copydesk.Feed{}, notAFeed("more than %d objects and lists", maxValues)
	}
	if text[0] == '[' {
		return copydesk.Feed{}, notAFeed("JSON that does not say it is a feed")
	}
	var head struct {
		Version any                  `json:"version"`
		Items   []stdjson.RawMessage `json:"items"`
	}
	if err := stdjson.Unmarshal([]byte(text), &head); err != nil {
		return copydesk.Feed{}, notAFeed("JSON that is not well-formed: %v", err)
	}
	version, _ := head.Version.(string)
	_, number, is := strings.Cut(version, "jsonfeed.org/version/")
	if !is {
		return copydesk.Feed{}, notAFeed("JSON that does not say it is a feed")
	}
	doc, err := (&json.Parser{}).Parse(strings.NewReader(text))
	if err != nil {
		return copydesk.Feed{}, notAFeed("a JSON Feed with members of the wrong type: %v", err)
	}
	return p.fromJSON(doc, head.Items, "json feed "+clip(plainText(number), 20)), nil
}

// maxValues bounds the objects and lists of a JSON document: each costs far
// more memory than the two bytes that it can be written in.
const maxValues = 200_000

// measureJSON is how deep brackets outside strings nest, and how many there are.
func measureJSON(text string) (deepest, values int) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			values++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest, values
}

func (p *parse) fromJSON(doc *json.Feed, raw []stdjson.RawMessage, version string) copydesk.Feed {
	feed := copydesk.Feed{Format: version}
	feed.FeedInfo = copydesk.FeedInfo{
		Title:    lineOf(doc.Title),
		Subtitle: short(p.sanitize(escapeText(doc.Description), p.page)),
		Link:     webAddress(p.page, doc.HomePageURL),
		Language: language(doc.Language),
		Image:    cmp.Or(webAddress(p.page, doc.Icon), webAddress(p.page, doc.Favicon)),
		Authors:  p.jsonAuthors(doc.Authors, doc.Author),
	}
	for i, item := range doc.Items {
		if i == maxEntries {
			p.lost(fmt.Sprintf("more than %d entries: the rest left out", maxEntries))
			break
		}
		if item == nil {
			continue
		}
		e := p.jsonEntry(item, feed.Language)
		if i < len(raw) {
			e.Raw = copydesk.DigestOf(raw[i])
		}
		feed.Entries = append(feed.Entries, e)
	}
	return feed
}

// lineOf is plain text on one line: members of a JSON Feed that are no HTML.
func lineOf(s string) string { return clip(oneLine(legal(s)), maxTitle) }

func (p *parse) jsonAuthors(authors []*json.Author, author *json.Author) (people []copydesk.Person) {
	if len(authors) == 0 && author != nil {
		authors = []*json.Author{author}
	}
	for _, a := range authors {
		if a == nil {
			continue
		}
		person := copydesk.Person{Name: lineOf(a.Name), URI: webAddress(p.page, a.URL)}
		if mail, ok := strings.CutPrefix(strings.TrimSpace(a.URL), "mailto:"); ok {
			person.Email = lineOf(mail)
		}
		people = addPerson(people, person)
	}
	return people
}

func (p *parse) jsonEntry(item *json.Item, feedLanguage string) copydesk.Entry {
	e := copydesk.Entry{GUID: item.ID}
	e.Title = lineOf(unescape(item.Title)) // text by the standard, but publishers copy what they have for HTML
	e.Link = cmp.Or(webAddress(p.page, item.URL), webAddress(p.page, item.ExternalURL), webAddress(nil, item.ID))
	content := p.sanitize(item.ContentHTML, p.page)
	if content == "" {
		content = p.sanitize(paragraphs(item.ContentText), p.page)
	}
	texts(&e.Text, p.sanitize(escapeText(item.Summary), p.page), content)
	e.Authors = p.jsonAuthors(item.Authors, item.Author)
	for _, tag := range item.Tags {
		e.Categories = addCategory(e.Categories, escapeText(tag), "", "")
	}
	if item.Attachments != nil {
		for _, a := range *item.Attachments {
			e.Enclosures = addEnclosure(e.Enclosures, resolve(p.page, a.URL), a.MimeType, fmt.Sprint(a.SizeInBytes))
		}
	}
	e.Image = cmp.Or(webAddress(p.page, item.Image), webAddress(p.page, item.BannerImage))
	e.Language = cmp.Or(language(item.Language), feedLanguage)
	e.Published, e.Updated = p.date(item.DatePublished), parseDate(item.DateModified)
	return e
}

// paragraphs is plain text as HTML: empty lines part paragraphs.
func paragraphs(s string) string {
	s = escapeText(strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")))
	if !strings.Contains(s, "\n") {
		return s
	}
	var b strings.Builder
	for part := range strings.SplitSeq(s, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			b.WriteString("<p>" + strings.ReplaceAll(part, "\n", "<br>") + "</p>")
		}
	}
	return b.String()
}
