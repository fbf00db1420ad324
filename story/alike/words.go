package alike

import (
	"html"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A word is compared by its stem and shown as it was written.
type word struct {
	text string // lower case, as written
	hash uint32 // of its stem
}

// split calls yield with each word of text in order, in lower case, until it
// returns false. The bytes are good until yield returns. Scripts that are written
// without spaces give overlapping pairs of characters. Letters and digits make
// words; apostrophes and hyphens end them, but for the English 's, which is
// dropped; "475,000" is one number.
func split(text string, yield func([]byte) bool) {
	s := splitter{yield: yield}
	s.split(text)
}

func (s *splitter) split(text string) {
	s.word = s.room[:0]
	for i, r := range text {
		s.at = i
		more := true
		switch {
		case 'a' <= r && r <= 'z':
			s.word = append(s.word, byte(r))
		case 'A' <= r && r <= 'Z':
			s.word = append(s.word, byte(r)+'a'-'A')
		case '0' <= r && r <= '9':
			s.word, s.digits = append(s.word, byte(r)), true
		case r >= utf8.RuneSelf && spaceless(r):
			more = s.pair(r)
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)):
			s.word = utf8.AppendRune(s.word, bare(unicode.ToLower(r)))
		case s.within(text, i):
		default:
			more = s.end()
			if (r == '\'' || r == '’') && possessive(text[i+utf8.RuneLen(r):]) {
				r = '\''
			} else if r == '\'' {
				r = 0
			}
		}
		if !more {
			return
		}
		if s.last == '\'' && (r == 's' || r == 'S') {
			s.word = s.word[:0]
		}
		s.last = r
	}
	s.at = len(text)
	s.end()
}

// splitter is a text being split.
type splitter struct {
	yield  func([]byte) bool
	at     int // where it is: behind the word, or on the second of a pair
	word   []byte
	digits bool // the word has some
	last   rune // an apostrophe only before the English s
	room   [64]byte
}

// end ends the word, if there is one, and reports whether more are wanted.
func (s *splitter) end() bool {
	w := s.word
	s.word, s.digits = s.word[:0], false
	return len(w) == 0 || s.yield(w)
}

// pair makes a word of a character and the one before.
func (s *splitter) pair(r rune) bool {
	if !spaceless(s.last) {
		return s.end()
	}
	s.word = utf8.AppendRune(utf8.AppendRune(s.word[:0], s.last), r)
	return s.end()
}

// within reports whether what stands at i ends no word: what groups the digits of
// a number, which keeps its point, and the points of U.S.
func (s *splitter) within(text string, i int) bool {
	c := text[i]
	switch {
	case c != '.' && c != ',':
		return false
	case s.digits && digitAt(text, i+1):
		if c == '.' {
			s.word = append(s.word, c)
		}
		return true
	}
	return c == '.' && len(s.word) > 0 && !s.digits && i+2 < len(text) && text[i+2] == '.' && unicode.IsLetter(rune(text[i+1]))
}

// bare is a Latin letter without its accent: sites differ in how they write
// names. What is no accented Latin letter stays as it is.
func bare(r rune) rune {
	if r < 0xc0 || r >= 0x250 {
		return r
	}
	return unaccented()[r-0xc0]
}

var unaccented = sync.OnceValue(func() (table [0x250 - 0xc0]rune) {
	for i := range table {
		table[i], _ = utf8.DecodeRuneInString(norm.NFD.String(string(rune(0xc0 + i))))
	}
	return table
})

func digitAt(s string, i int) bool { return i < len(s) && '0' <= s[i] && s[i] <= '9' }

// possessive reports whether what follows an apostrophe is a lone s.
func possessive(rest string) bool {
	if rest == "" || rest[0] != 's' && rest[0] != 'S' {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest[1:])
	return rest[1:] == "" || !unicode.IsLetter(r)
}

// spaceless reports whether r belongs to a script that puts no spaces between
// words.
func spaceless(r rune) bool {
	return r >= 0x0e00 && (unicode.Is(unicode.Han, r) || r >= 0x3040 && r <= 0x30ff || r <= 0x0eff || r >= 0x1000 && r <= 0x109f || r >= 0x1780 && r <= 0x17ff)
}

var numerals = map[string]string{
	"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
	"zwei": "2", "drei": "3", "vier": "4", "fünf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9", "zehn": "10",
	"dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8", "nueve": "9", "diez": "10",
}

// stem folds the endings that headline writers vary: plurals, -ed and -ing of
// words in plain letters, and number words. It is crude on purpose; it must
// only treat two writings of one word alike.
func stem(w string) string {
	if n, ok := numerals[w]; ok {
		return n
	}
	n := len(w)
	if n < 4 || w[n-1] >= utf8.RuneSelf {
		return w
	}
	if '0' <= w[0] && w[0] <= '9' {
		if thousands, ok := strings.CutSuffix(w, "k"); ok && !strings.Contains(w, ".") {
			return thousands + "000"
		}
		return w
	}
	switch {
	case n > 4 && strings.HasSuffix(w, "ies"):
		return w[:n-3] + "y"
	case w[n-1] == 's' && !strings.ContainsRune("sui", rune(w[n-2])):
		w = w[:n-1]
	}
	if n = len(w); n > 5 && strings.HasSuffix(w, "ing") {
		w = undouble(w[:n-3])
	} else if n > 4 && strings.HasSuffix(w, "ed") {
		w = undouble(w[:n-2])
	}
	if n = len(w); n > 4 && w[n-1] == 'e' {
		w = w[:n-1]
	}
	return w
}

func undouble(w string) string {
	if n := len(w); n > 3 && w[n-1] == w[n-2] {
		return w[:n-1]
	}
	return w
}

// hashOf is FNV-1a with a last mix, so that any of its bits are good.
func hashOf[T string | []byte](s T) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return mix(h)
}

func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x7feb352d
	h ^= h >> 15
	h *= 0x846ca68b
	return h ^ h>>16
}

// plain is the text of sanitised HTML. Tags part words, those of blocks lines;
// entities are resolved.
func plain(markup string) string {
	if !strings.ContainsAny(markup, "<&") {
		return markup
	}
	var b strings.Builder
	b.Grow(len(markup))
	for markup != "" {
		text, rest, found := strings.Cut(markup, "<")
		if strings.IndexByte(text, '\n') >= 0 {
			text = strings.ReplaceAll(text, "\n", " ")
		}
		b.WriteString(text)
		if !found {
			break
		}
		tag, after, _ := strings.Cut(rest, ">")
		if partsLines(tag) {
			b.WriteByte('\n')
		} else {
			b.WriteByte(' ')
		}
		markup = after
	}
	return html.UnescapeString(b.String())
}

// partsLines reports whether a tag begins or ends a block, or a line.
func partsLines(tag string) bool {
	tag = strings.TrimPrefix(tag, "/")
	if end := strings.IndexAny(tag, " /\n\t"); end >= 0 {
		tag = tag[:end]
	}
	switch tag {
	case "p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "tr", "td", "th", "table", "blockquote", "pre",
		"section", "article", "aside", "header", "footer", "figure", "figcaption", "dl", "dt", "dd":
		return true
	}
	return false
}

// scripts are written by one language, or by one that is far more common in
// feeds than the others. Kana come before Han: Japanese has both.
var scripts = []struct {
	table    *unicode.RangeTable
	language string
}{
	{unicode.Hiragana, "ja"}, {unicode.Katakana, "ja"}, {unicode.Hangul, "ko"}, {unicode.Han, "zh"}, {unicode.Arabic, "ar"},
	{unicode.Devanagari, "hi"}, {unicode.Cyrillic, "ru"}, {unicode.Greek, "el"}, {unicode.Hebrew, "he"}, {unicode.Thai, "th"},
}

// languageOf is the primary language of text: as declared, where its script
// does not belie that, else as the script or the commonest words tell.
func languageOf(declared, text string) string {
	said, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(declared, "_", "-")), "-")
	latin, other := 0, map[string]int{}
	for _, r := range text {
		switch {
		case r < 0x250:
			if unicode.IsLetter(r) {
				latin++
			}
		default:
			for _, s := range scripts {
				if unicode.Is(s.table, r) {
					other[s.language]++
					break
				}
			}
		}
	}
	most, n := "", 0
	for _, s := range scripts {
		if c := other[s.language]; c > n {
			most, n = s.language, c
		}
	}
	if other["ja"]*5 > other["zh"] && most == "zh" {
		most = "ja"
	}
	switch {
	case n > latin && (said == "" || plainLatin[said]):
		return most
	case n <= latin && said == "":
		return commonest(text)
	}
	return said
}

// plainLatin are languages that no other script writes.
var plainLatin = map[string]bool{"en": true, "de": true, "es": true, "fr": true, "pt": true, "it": true, "nl": true}

// SameHeadline reports whether half of the words of the shorter headline are in the
// longer one.
func SameHeadline(a, b string) bool {
	one, other := map[uint32]bool{}, map[uint32]bool{}
	addStems(one, a)
	addStems(other, b)
	shared := 0
	for stem := range one {
		if other[stem] {
			shared++
		}
	}
	return shared > 0 && 2*shared >= min(len(one), len(other))
}

// addStems adds the hashes of the stems of a text.
func addStems(stems map[uint32]bool, text string) {
	split(text, func(w []byte) bool {
		stems[hashOf(stem(string(w)))] = true
		return true
	})
}
