package normalize

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	xhtml "golang.org/x/net/html"
)

// maxTitle bounds titles, names and labels, in bytes.
const maxTitle = 4 << 10

// plainText is the text of a piece of HTML on one line: references decoded
// once, tags gone, invisible characters gone, white space folded.
func plainText(s string) string {
	if strings.IndexByte(s, '<') >= 0 {
		s = withoutTags(s)
	} else {
		s = html.UnescapeString(s)
	}
	return clip(oneLine(s), maxTitle)
}

// withoutTags is the text between the tags. Where a tag begins or ends a line,
// words on both sides stay apart. A "<" that begins no tag is text.
func withoutTags(s string) string {
	const longest = 256 << 10
	if len(s) > longest {
		s = s[:longest]
	}
	if i := strings.LastIndexByte(s, '<'); i >= 0 && strings.IndexByte(s[i:], '>') < 0 {
		s = s[:i] + "&lt;" + s[i+1:]
	}
	var b strings.Builder
	z := xhtml.NewTokenizer(strings.NewReader(s))
	hidden := ""
	for {
		kind := z.Next()
		switch kind {
		case xhtml.ErrorToken:
			return b.String()
		case xhtml.TextToken:
			if hidden == "" {
				b.Write(z.Text())
			}
		case xhtml.StartTagToken, xhtml.EndTagToken, xhtml.SelfClosingTagToken:
			tag, _ := z.TagName()
			name := string(tag)
			switch {
			case kind == xhtml.StartTagToken && hidden == "" && (name == "script" || name == "style"):
				hidden = name
			case kind == xhtml.EndTagToken && name == hidden:
				hidden = ""
			}
			if !inline[name] {
				b.WriteByte(' ')
			}
		}
	}
}

// inline elements do not part words.
var inline = map[string]bool{
	"a": true, "abbr": true, "b": true, "bdi": true, "bdo": true, "cite": true, "code": true, "del": true, "em": true, "font": true,
	"i": true, "ins": true, "kbd": true, "mark": true, "q": true, "s": true, "small": true, "span": true, "strong": true, "sub": true,
	"sup": true, "tt": true, "u": true, "var": true, "wbr": true, "strike": true, "big": true, "acronym": true, "time": true,
}

// oneLine drops characters that nobody sees and folds white space. The spaces
// of typography, such as the one before a French question mark, are text.
func oneLine(s string) string {
	if plainLine(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	last := rune(0) // what was written last and can be seen
	for i, r := range s {
		switch {
		case r < 0x80 && unicode.IsSpace(r), r == 0x85, r == 0x2028, r == 0x2029:
			space, last = true, ' '
			continue
		case joiner(r) && last != 0 && !hides(last, s[i:]):
		case invisible(r):
			continue
		default:
			last = r
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// plainLine reports a line of ASCII in which there is nothing to fold.
func plainLine(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return last != ' '
}

// joiner reports the characters that join, part and direct letters where a
// script or an emoji is spelt with them: Persian and the scripts of India need
// U+200C and U+200D, Hebrew and Arabic the marks after them, which override
// nothing.
func joiner(r rune) bool { return r >= 0x200C && r <= 0x200F }

// hides reports whether a joiner between last and what follows can only hide
// something: nothing follows, or a letter or digit of a script that is written
// without joiners stands beside it.
func hides(last rune, following string) bool {
	next := rune(0)
	for _, r := range following {
		if !invisible(r) {
			next = r
			break
		}
	}
	return next == 0 || unjoined(last) || unjoined(next)
}

func unjoined(r rune) bool {
	return unicode.IsDigit(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// invisible reports control characters, the marks that reorder or hide text
// (Unicode, section 23.2), and what is no character.
func invisible(r rune) bool {
	switch {
	case unicode.IsControl(r):
		return true
	case r == 0x00AD, r == 0x034F, r == 0x061C, r == 0x180E, r == 0xFEFF:
		return true
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F, r >= 0xFFF9 && r <= 0xFFFB:
		return true
	case r >= 0xE0000 && r <= 0xE007F, r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
		return true
	}
	return false
}

// clip shortens s to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimSpace(s[:n]) + "…"
}

// escapeText is s as HTML.
func escapeText(s string) string { return html.EscapeString(s) }
