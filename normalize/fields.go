package normalize

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"copydesk"

	ext "github.com/mmcdole/gofeed/extensions"
)

// Limits on what one entry has of a kind. Documents with more of them are made
// to hurt.
const (
	maxCategories = 100
	maxEnclosures = 50
)

// extras reads elements outside the format's own vocabulary.
type extras ext.Extensions

// all are the elements prefix:name.
func (x extras) all(prefix, name string) []ext.Extension { return x[prefix][name] }

// text is the first of the elements that says something.
func (x extras) text(prefix string, names ...string) string {
	for _, name := range names {
		for _, e := range x[prefix][name] {
			if s := strings.TrimSpace(e.Value); s != "" {
				return s
			}
		}
	}
	return ""
}

// group is x with what stands in media:group and media:content lifted out.
func (x extras) mediaElements(name string) []ext.Extension {
	found := slices.Clone(x["media"][name])
	for _, outer := range []string{"group", "content"} {
		for _, g := range x["media"][outer] {
			found = append(found, g.Children[name]...)
			for _, c := range g.Children["content"] {
				if outer == "group" {
					found = append(found, c.Children[name]...)
				}
			}
		}
	}
	return found
}

func (x extras) mediaText(name string) string {
	for _, e := range x.mediaElements(name) {
		if s := strings.TrimSpace(e.Value); s != "" {
			return s
		}
	}
	return ""
}

// image is the picture that stands for an entry.
func (x extras) image() string {
	for _, e := range x.mediaElements("thumbnail") {
		if a := webAddress(nil, e.Attrs["url"]); a != "" {
			return a
		}
	}
	for _, e := range x.all("itunes", "image") {
		if a := webAddress(nil, cmp.Or(e.Attrs["href"], e.Attrs["url"])); a != "" {
			return a
		}
	}
	for _, e := range x.mediaElements("content") {
		kind := e.Attrs["type"]
		if a := webAddress(nil, e.Attrs["url"]); a != "" && (e.Attrs["medium"] == "image" || strings.HasPrefix(kind, "image/") || kind == "" && e.Attrs["medium"] == "" && hasImageName(a)) {
			return a
		}
	}
	for _, e := range x.all("cd", "image") {
		for _, u := range e.Children["url"] {
			if a := webAddress(nil, u.Value); a != "" {
				return a
			}
		}
	}
	return ""
}

func hasImageName(address string) bool {
	path, _, _ := strings.Cut(strings.ToLower(address), "?")
	for _, end := range []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// enclosures are the files of media:content, beside what the format's own
// elements name.
func (x extras) enclosures(have []copydesk.Enclosure) []copydesk.Enclosure {
	for _, e := range x.mediaElements("content") {
		have = addEnclosure(have, e.Attrs["url"], e.Attrs["type"], e.Attrs["fileSize"])
	}
	return have
}

func addEnclosure(have []copydesk.Enclosure, address, kind, length string) []copydesk.Enclosure {
	address = webAddress(nil, address)
	if address == "" || len(have) >= maxEnclosures || slices.ContainsFunc(have, func(e copydesk.Enclosure) bool { return e.URL == address }) {
		return have
	}
	size, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "", " ", "").Replace(strings.TrimSpace(length)), 10, 64)
	if err != nil || size < 0 {
		size = 0
	}
	return append(have, copydesk.Enclosure{URL: address, Type: strings.ToLower(clip(oneLine(kind), 100)), Length: size})
}

func addCategory(have []copydesk.Category, term, scheme, label string) []copydesk.Category {
	c := copydesk.Category{Term: plainText(term), Scheme: clip(oneLine(scheme), 1000), Label: plainText(label)}
	if c.Term == "" {
		c.Term = c.Label
	}
	if c.Label == c.Term {
		c.Label = ""
	}
	if c.Term == "" || len(have) >= maxCategories || slices.Contains(have, c) {
		return have
	}
	return append(have, c)
}

// moreCategories are those of the extensions: Dublin Core's subjects, and the
// categories and key words of podcasts.
func (x extras) moreCategories(have []copydesk.Category) []copydesk.Category {
	for _, e := range x.all("dc", "subject") {
		have = addCategory(have, e.Value, "", "")
	}
	for _, e := range x.all("itunes", "category") {
		have = addCategory(have, e.Attrs["text"], "", "")
		for _, sub := range e.Children["category"] {
			have = addCategory(have, sub.Attrs["text"], "", "")
		}
	}
	for _, e := range x.mediaElements("category") {
		have = addCategory(have, e.Value, e.Attrs["scheme"], e.Attrs["label"])
	}
	for word := range strings.SplitSeq(x.text("itunes", "keywords"), ",") {
		have = addCategory(have, word, "", "")
	}
	return have
}

// texts puts a summary and a content where they belong. Where a publisher gives
// only one text as a summary, and it is longer than a summary is, it is the
// content: full feeds of RSS 2.0 have no other element for it.
func texts(t *copydesk.Text, summary, content string) {
	const longSummary = 1000 // bytes of plain text
	if content == "" && len(summary) > longSummary && len(plainText(summary)) > longSummary {
		summary, content = "", summary
	}
	if summary == content {
		summary = ""
	}
	t.Summary, t.Content = summary, content
}
