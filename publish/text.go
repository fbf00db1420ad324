package publish

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/language"
)

// clean returns s without what XML 1.0 forbids (section 2.2) and without C1
// controls and U+FFFD, which validators report: both are the traces of a wrong
// charset. Bytes that are not UTF-8 become question marks.
func clean(s string) string {
	start := firstUnclean(s)
	if start < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:start])
	for _, r := range s[start:] {
		switch {
		case r == utf8.RuneError:
			b.WriteByte('?')
		case allowed(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func firstUnclean(s string) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f || c == '\n' || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || !allowed(r) {
			return i
		}
		i += size
	}
	return -1
}

// allowed reports whether r may stand in our output. A carriage return may
// not: XML parsers turn it into a line feed, so it would not survive.
func allowed(r rune) bool {
	switch {
	case r < ' ':
		return r == '\n' || r == '\t'
	case r >= 0x7f && r <= 0x9f, r == 0xfffe, r == 0xffff:
		return false
	}
	return true
}

// line is s cleaned, on one line, or "" if nothing of it can be seen. Spaces
// that do not break stay where they are between words: some languages set
// them before punctuation.
func line(s string) string {
	s = strings.TrimSpace(clean(s))
	if strings.ContainsAny(s, "\n\t") || strings.Contains(s, "  ") {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " ")
	}
	if !strings.ContainsFunc(s, visible) {
		return ""
	}
	return s
}

func visible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape writes cleaned text as the text of an XML element. Unlike
// encoding/xml it leaves quotes and line feeds as they are, which makes a feed
// of HTML a tenth smaller and twice as quick to write.
func escape(cleaned string) string { return xmlEscaper.Replace(cleaned) }

var textEscaper = strings.NewReplacer("&", "&#x26;", "<", "&#x3C;", ">", "&#x3E;")

// escapeText writes cleaned text that is no HTML as the text of an XML element. The
// profile of the RSS Advisory Board wants it so, by which a reader that takes all
// text for HTML can still tell "S&P500" and "a<b" from markup.
func escapeText(cleaned string) string { return textEscaper.Replace(cleaned) }

// plain is the text of an HTML fragment, on one line.
func plain(fragment string) string {
	if !strings.ContainsAny(fragment, "<&") {
		return line(fragment)
	}
	var b strings.Builder
	z := xhtml.NewTokenizer(strings.NewReader(fragment))
	for hidden := 0; ; {
		switch z.Next() {
		case xhtml.ErrorToken:
			return line(b.String())
		case xhtml.TextToken:
			if hidden == 0 {
				b.Write(z.Text())
			}
		case xhtml.StartTagToken:
			name, _ := z.TagName()
			if isHidden(name) {
				hidden++
			}
			b.WriteString(gap(name))
		case xhtml.EndTagToken:
			name, _ := z.TagName()
			if isHidden(name) {
				hidden = max(0, hidden-1)
			}
			b.WriteString(gap(name))
		case xhtml.SelfClosingTagToken:
			name, _ := z.TagName()
			b.WriteString(gap(name))
		}
	}
}

func isHidden(tag []byte) bool {
	a := atom.Lookup(tag)
	return a == atom.Script || a == atom.Style
}

// gap is what stands for a tag in plain text: nothing within a line, a space
// for what begins a new one.
func gap(tag []byte) string {
	switch atom.Lookup(tag) {
	case atom.A, atom.Abbr, atom.B, atom.Cite, atom.Code, atom.Del, atom.Em, atom.I, atom.Ins, atom.Mark, atom.Q,
		atom.S, atom.Small, atom.Span, atom.Strong, atom.Sub, atom.Sup, atom.Time, atom.U, atom.Wbr:
		return ""
	}
	return " "
}

// excerpt is the beginning of a line: at most about limit characters, cut at a
// word where there is one near, and marked as cut.
func excerpt(s string, limit int) string {
	end := 0
	for range limit {
		if end == len(s) {
			return s
		}
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	if end == len(s) {
		return s
	}
	cut := s[:end]
	if space := strings.LastIndexByte(cut, ' '); s[end] != ' ' && space > len(cut)/2 {
		cut = cut[:space]
	}
	for cut != "" { // never between a letter and its accents
		next, _ := utf8.DecodeRuneInString(s[len(cut):])
		if !unicode.Is(unicode.M, next) && next != '\u200d' {
			break
		}
		_, size := utf8.DecodeLastRuneInString(cut)
		cut = cut[:len(cut)-size]
	}
	return strings.TrimRight(cut, " ,;:") + "…"
}

// fragment is plain text as HTML.
func fragment(text string) string { return html.EscapeString(text) }

// alsoNamed is how many of the others are named below a text, and alsoLength how
// many characters of a headline.
const (
	alsoNamed  = 8
	alsoLength = 120
)

// alsoList names others as HTML, "Publisher – headline", with links to them.
func alsoList(others []other) string {
	var b strings.Builder
	b.WriteString("<p>Also:</p><ul>")
	for _, o := range others[:min(len(others), alsoNamed)] {
		name := o.Publisher
		if o.title != "" {
			name += " – " + excerpt(o.title, alsoLength)
		}
		name = fragment(name)
		if o.Link != "" {
			name = `<a href="` + fragment(o.Link) + `">` + name + "</a>"
		}
		b.WriteString("<li>" + name + "</li>")
	}
	if more := len(others) - alsoNamed; more > 0 {
		fmt.Fprintf(&b, "<li>and %d more</li>", more)
	}
	b.WriteString("</ul>")
	return b.String()
}

// tag returns a language tag (BCP 47), or nothing if its language is unknown
// to ISO 639: a validator calls that an error, and a reader can do nothing
// with it.
func tag(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	base, _, _ := strings.Cut(s, "-")
	if _, err := language.ParseBase(base); err != nil || len(s) > 35 {
		return ""
	}
	for part := range strings.SplitSeq(s, "-") {
		if part == "" || len(part) > 8 || strings.ContainsFunc(part, func(r rune) bool { return !isAlnum(r) }) {
			return ""
		}
	}
	return s
}

func isAlnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
