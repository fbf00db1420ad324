package demo

import (
	"html"
	"regexp"
	"strings"
)

// A link in a text: [words](slug), [words](publisher/slug).
var linkMark = regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)

// markup turns a text of paragraphs, separated by empty lines, into HTML. Its
// links lead where href says; without href only their words stay.
func markup(text string, href func(target string) string) string {
	var out strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		words := html.EscapeString(strings.Join(strings.Fields(paragraph), " "))
		out.WriteString("<p>" + linkMark.ReplaceAllStringFunc(words, func(mark string) string {
			m := linkMark.FindStringSubmatch(mark)
			if href == nil {
				return m[1]
			}
			return `<a href="` + href(m[2]) + `">` + m[1] + "</a>"
		}) + "</p>\n")
	}
	return out.String()
}

// link says where the links in the publisher's texts lead. A target without a
// publisher is one of its own articles.
func (p *Publisher) link(relative bool) func(target string) string {
	return func(target string) string {
		publisher, slug, elsewhere := strings.Cut(target, "/")
		switch {
		case elsewhere:
			return strings.TrimSuffix(p.home, p.Slug+"/") + publisher + "/articles/" + slug
		case relative:
			return "articles/" + target
		}
		return p.home + "articles/" + target
	}
}
