package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unit is what is found whole or not at all: a word, or one character of a
// script that writes no spaces between words.
type unit struct {
	text  string // folded; empty for a break, over which no phrase goes
	glued bool   // a character that follows another one with nothing between them
}

// maxUnit is the length in bytes from which on the rest of a word is ignored.
// It is no word by then.
const maxUnit = 64

// appendUnits cuts folded text into units, at most limit of them in all.
func appendUnits(units []unit, text string, limit int) []unit {
	start, glue := -1, false // of the word that we are in; a character stands right before
	end := func(at int) {
		if start >= 0 {
			units = append(units, unit{text: shorten(text[start:at])})
		}
		start = -1
	}
	for i := 0; i < len(text) && len(units) < limit; {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsMark(r): // belongs to what stands before it
			if glue {
				last := &units[len(units)-1]
				last.text = shorten(last.text + text[i:i+size])
			}
		case spaceless(r):
			end(i)
			units = append(units, unit{text: text[i : i+size], glued: glue})
			glue = true
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if start < 0 {
				start = i
			}
			glue = false
		default:
			end(i)
			glue = false
		}
		i += size
	}
	if len(units) < limit {
		end(len(text))
	}
	return units
}

func shorten(word string) string {
	if len(word) <= maxUnit {
		return word
	}
	return strings.ToValidUTF8(word[:maxUnit], "")
}

// spaceless reports whether r is of a script that writes no spaces between
// words, or, as Korean, hangs its particles on to them.
func spaceless(r rune) bool {
	if r < 0x0e00 {
		return false
	}
	return r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Myanmar, unicode.Khmer, unicode.Tibetan)
}

// contains reports whether phrase stands in text, unit by unit. What is glued in
// the phrase must be so in the text.
func contains(text, phrase []unit) bool {
	for at := 0; at+len(phrase) <= len(text); at++ {
		if begins(text[at:], phrase) {
			return true
		}
	}
	return false
}

func begins(text, phrase []unit) bool {
	for i, u := range phrase {
		if text[i].text != u.text || i > 0 && u.glued && !text[i].glued {
			return false
		}
	}
	return true
}

// spell writes units so that they are read as the same units.
func spell(units []unit) string {
	var b strings.Builder
	for i, u := range units {
		if i > 0 && !u.glued {
			b.WriteByte(' ')
		}
		b.WriteString(u.text)
	}
	return b.String()
}
