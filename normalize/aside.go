package normalize

import (
	"net/url"
	"strconv"

	"copydesk"
)

// aside is what the cleaner keeps out of the document that it writes. In the
// document stands a number instead: in place of each text, and in an element of
// our own at the end of each entry, and of the feed. A publisher cannot forge
// one, since nothing that it writes gets to where we look for them.
type aside struct {
	texts []asideText
	notes []*note
}

// asideText is a text, as HTML, with the base of its addresses.
type asideText struct {
	html string
	base *url.URL
}

// note is what gofeed has no field for.
type note struct {
	named     bool
	id        string // guid or atom:id byte for byte
	about     string // rdf:about
	permalink string // isPermaLink, in lower case
	lang      string // xml:lang in force
	raw       copydesk.Digest
}

// setAside keeps a text and returns its number, "" for none.
func (a *aside) setAside(html string, base *url.URL) string {
	if html == "" {
		return ""
	}
	a.texts = append(a.texts, asideText{html, base})
	return strconv.Itoa(len(a.texts) - 1)
}

func (a *aside) text(number string) asideText {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(a.texts) {
		return asideText{}
	}
	return a.texts[i]
}

// line is the text with that number as plain text.
func (a *aside) line(number string) string { return plainText(a.text(number).html) }

// html is the text with that number, sanitised.
func (p *parse) html(number string) string {
	t := p.text(number)
	return p.sanitize(t.html, t.base)
}

// remark is the text with that number, sanitised, if it is as short as a
// subtitle or a note on rights should be; else the beginning of its words.
func (p *parse) remark(number string) string { return short(p.html(number)) }

func short(html string) string {
	if len(html) <= maxTitle {
		return html
	}
	return escapeText(plainText(html))
}

// cutText warns of a text that is longer than maxHTML.
const cutText = "a text of more than 1 MiB cut"

// sanitize is [Sanitize] with a warning where the text was cut.
func (p *parse) sanitize(s string, base *url.URL) string {
	if len(s) > maxHTML {
		p.warn(cutText)
	}
	return Sanitize(s, base)
}

// noteOf is what was noted of the entry, or the feed, whose extensions those
// are.
func (a *aside) noteOf(x extras) note {
	for _, e := range x["cd"]["note"] {
		if i, err := strconv.Atoi(e.Attrs["v"]); err == nil && i >= 0 && i < len(a.notes) {
			return *a.notes[i]
		}
	}
	return note{}
}
