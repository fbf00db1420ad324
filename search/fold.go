package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold is text as it is compared: without case, widths, ligatures, invisible
// characters, and the accents of scripts in which people leave them out when
// they type. To fold twice is to fold once.
func fold(text string) string {
	if lower, ok := foldASCII(text); ok {
		return lower
	}
	text = bare(norm.NFKD.String(text))
	text = letters.Replace(strings.Map(foldCase, text))
	return norm.NFC.String(bare(norm.NFKD.String(text)))
}

func foldASCII(text string) (string, bool) {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return "", false
		}
	}
	return strings.ToLower(text), true
}

// foldCase goes by way of the upper case, which ς and σ share.
func foldCase(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// letters that are a base letter with a stroke, or two in one, which Unicode
// does not take apart.
var letters = strings.NewReplacer(
	"ø", "o", "ł", "l", "đ", "d", "ħ", "h", "ŧ", "t", "ı", "i", "ß", "ss", "æ", "ae", "œ", "oe", "þ", "th", "ð", "d",
	"\u0640", "", // tatweel only makes an Arabic word longer
)

// bare removes from decomposed text the characters that nobody sees, and the
// marks above and below letters of scripts where they are accents or vowels
// that are optional. Elsewhere, as in Hindi or Thai, a mark is half of a word.
func bare(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	var base rune // the last character that is no mark
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Cf, r): // soft hyphens, joiners, directions
			continue
		case unicode.Is(unicode.Mn, r):
			if optional(base, r) {
				continue
			}
		default:
			base = r
		}
		b.WriteRune(r)
	}
	return b.String()
}

// optional reports whether people leave a mark on that letter out.
func optional(base, mark rune) bool {
	switch {
	case unicode.In(base, unicode.Latin, unicode.Greek, unicode.Hebrew, unicode.Arabic):
		return true
	case unicode.Is(unicode.Cyrillic, base):
		return mark != '\u0306' // й is a letter of its own
	}
	return false
}
