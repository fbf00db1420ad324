package normalize

import (
	"html"
	"strings"
	"unicode/utf8"
)

// A scanner takes markup apart in one pass and never fails: what is no markup
// is text. It knows nothing of nesting.
type scanner struct {
	s   string
	pos int

	// cut is where the document breaks off: inside a tag, comment or CDATA
	// section that has no end. It is -1 while none was met.
	cut int

	plain bool // a declaration without an end was met: none is searched for again
}

type tokenKind uint8

const (
	textToken  tokenKind = iota // with its entities
	cdataToken                  // the characters of a CDATA section
	startToken
	endToken
)

type token struct {
	kind  tokenKind
	text  string // of text and CDATA
	name  string // of tags, with its prefix
	attrs string // of a start tag, not yet taken apart
	empty bool   // a start tag that is its own end
	raw   string // as it stands in the document
}

func newScanner(s string) *scanner { return &scanner{s: s, cut: -1} }

// next returns the next token; ok is false at the end. Comments, processing
// instructions and declarations are passed over.
func (sc *scanner) next() (t token, ok bool) {
	for sc.pos < len(sc.s) && sc.cut < 0 {
		rest := sc.s[sc.pos:]
		if rest[0] != '<' || len(rest) == 1 {
			return sc.text(rest)
		}
		switch c := rest[1]; {
		case isNameStart(c):
			if t, ok = sc.startTag(rest); ok {
				return t, true
			}
		case c == '/':
			if t, ok = sc.endTag(rest); ok {
				return t, true
			}
		case strings.HasPrefix(rest, "<![CDATA["):
			if body, ok := sc.upTo(rest, len("<![CDATA["), "]]>"); ok {
				return token{kind: cdataToken, text: body}, true
			}
		case strings.HasPrefix(rest, "<!--"):
			sc.upTo(rest, len("<!--"), "-->")
		case c == '?':
			sc.upTo(rest, 2, ">")
		case c == '!' && len(rest) > 2 && isNameStart(rest[2]):
			sc.declaration(rest)
		default:
			return sc.text(rest)
		}
	}
	return token{}, false
}

// text reads up to the next "<" that can begin markup.
func (sc *scanner) text(rest string) (token, bool) {
	end := strings.IndexByte(rest[1:], '<') + 1
	if end == 0 {
		end = len(rest)
	}
	sc.pos += end
	return token{kind: textToken, text: rest[:end], raw: rest[:end]}, true
}

// upTo consumes a construct that ends with stop and returns what is between.
// Without stop the document breaks off here.
func (sc *scanner) upTo(rest string, skip int, stop string) (string, bool) {
	end := strings.Index(rest[skip:], stop)
	if end < 0 {
		sc.cut = sc.pos
		return "", false
	}
	sc.pos += skip + end + len(stop)
	return rest[skip : skip+end], true
}

// declaration passes over <!DOCTYPE …> with its internal subset. Entities that
// are declared there are not taken over: no feed needs them, and they are how
// small documents become large ones.
func (sc *scanner) declaration(rest string) {
	depth, quote := 0, byte(0)
	for i := 2; i < len(rest) && !sc.plain; i++ {
		switch c := rest[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case depth > 0 && (c == '"' || c == '\''):
			quote = c
		case strings.HasPrefix(rest[i:], "<!--"):
			if end := strings.Index(rest[i:], "-->"); end >= 0 {
				i += end + 2
			} else {
				i = len(rest)
			}
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '>' && depth <= 0:
			sc.pos += i + 1
			return
		}
	}
	// It has no end: take the nearest ">", and what follows as it comes.
	sc.plain = true
	if _, ok := sc.upTo(rest, 2, ">"); !ok {
		sc.pos = len(sc.s)
	}
}

func (sc *scanner) startTag(rest string) (token, bool) {
	name := scanName(rest[1:])
	end := tagEnd(rest, 1+len(name))
	if end < 0 {
		sc.cut = sc.pos
		return token{}, false
	}
	sc.pos += end + 1
	attrs := rest[1+len(name) : end]
	empty := strings.HasSuffix(attrs, "/")
	return token{kind: startToken, name: name, attrs: strings.TrimSuffix(attrs, "/"), empty: empty, raw: rest[:end+1]}, true
}

func (sc *scanner) endTag(rest string) (token, bool) {
	end := strings.IndexByte(rest, '>')
	if end < 0 {
		sc.cut = sc.pos
		return token{}, false
	}
	sc.pos += end + 1
	return token{kind: endToken, name: scanName(strings.TrimLeft(rest[2:end], " \t\r\n")), raw: rest[:end+1]}, true
}

// tagEnd finds the ">" of a tag, which may hold others in its quotes. A quote
// that never closes, or only after a further tag began, is not one: then the
// first ">" counts.
func tagEnd(rest string, from int) int {
	quote := byte(0)
	for i := from; i < len(rest); i++ {
		switch c := rest[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			} else if i-from > maxAttribute {
				return firstEnd(rest, from)
			}
		case (c == '"' || c == '\'') && strings.HasSuffix(strings.TrimRight(rest[from:i], " \t\r\n"), "="):
			quote = c
		case c == '>':
			return i
		case c == '<':
			return firstEnd(rest, from)
		}
	}
	return firstEnd(rest, from)
}

func firstEnd(rest string, from int) int {
	end := strings.IndexByte(rest[from:], '>')
	if end < 0 {
		return -1
	}
	return from + end
}

func isNameStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func scanName(s string) string {
	for i := range len(s) {
		switch c := s[i]; {
		case isNameStart(c), '0' <= c && c <= '9', c == ':', c == '-', c == '.':
		default:
			return s[:i]
		}
	}
	return s
}

// Limits on attributes.
const (
	maxAttributes = 256
	maxAttribute  = 64 << 10
)

// attributes takes a tag's attributes apart: with quotes of either kind or
// none, and with their entities decoded. The first of a name counts.
func attributes(s string) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for range maxAttributes {
			s = strings.TrimLeft(s, " \t\r\n/\"'")
			name := scanName(s)
			if name == "" {
				return
			}
			s = strings.TrimLeft(s[len(name):], " \t\r\n")
			if !strings.HasPrefix(s, "=") {
				if !yield(name, "") {
					return
				}
				continue
			}
			var value string
			value, s = attributeValue(strings.TrimLeft(s[1:], " \t\r\n"))
			if len(value) <= maxAttribute && !yield(name, unescape(value)) {
				return
			}
		}
	}
}

func attributeValue(s string) (value, rest string) {
	if s == "" {
		return "", ""
	}
	if q := s[0]; q == '"' || q == '\'' {
		if end := strings.IndexByte(s[1:], q); end >= 0 {
			return s[1 : 1+end], s[end+2:]
		}
		s = s[1:]
	}
	end := strings.IndexAny(s, " \t\r\n")
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// unescape decodes character references: the five of XML, those of HTML, which
// publishers use without declaring them, and numbers. Numbers of characters
// that XML does not allow vanish. What is no reference stays as it is.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i:]
		char, size := reference(s)
		b.WriteString(char)
		s = s[size:]
	}
}

// reference decodes the reference with which s begins. Only one with its
// semicolon counts: "?a=1&copy=2" holds none.
func reference(s string) (char string, size int) {
	const longest = len("&CounterClockwiseContourIntegral;")
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
	if end < 2 {
		return "&", 1
	}
	span := s[:end+1]
	char = html.UnescapeString(span)
	if char == span || strings.HasSuffix(char, ";") && len(char) > 1 {
		return "&", 1
	}
	return legal(char), end + 1
}
