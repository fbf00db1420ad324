package topic

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// words is the short form of a rule: an entry meets it if its text has any of
// one list, all of another and none of a third.
type words struct {
	any, all, none []phrase
}

// phrase is a word or several, as the operator writes them and as they are
// compared.
type phrase struct {
	shown, folded string
}

// readWords returns the rule that the lists of t make; nil if there is none.
func readWords(t copydesk.Topic) *words {
	w := &words{phrases(t.MatchAny), phrases(t.MatchAll), phrases(t.MatchNone)}
	if len(w.any)+len(w.all) == 0 {
		return nil // nearly every text has none of a list
	}
	return w
}

func phrases(list []string) (all []phrase) {
	for _, shown := range list {
		if folded := fold(shown); folded != "" {
			all = append(all, phrase{shown, folded})
		}
	}
	return all
}

// met returns the words of the lists that text has if it meets them, as the
// operator wrote them, else nothing. The text is folded.
func (w *words) met(text string) (found []string) {
	for _, p := range w.none {
		if p.in(text) {
			return nil
		}
	}
	for _, p := range w.all {
		if !p.in(text) {
			return nil
		}
		found = append(found, p.shown)
	}
	met := len(w.any) == 0
	for _, p := range w.any {
		if p.in(text) {
			met = true
			if !slices.Contains(found, p.shown) {
				found = append(found, p.shown)
			}
		}
	}
	if !met {
		return nil
	}
	return found
}

// in reports whether text has the phrase with no word running on before or
// behind it.
func (p phrase) in(text string) bool {
	first, _ := utf8.DecodeRuneInString(p.folded)
	last, _ := utf8.DecodeLastRuneInString(p.folded)
	for from := 0; ; {
		at := strings.Index(text[from:], p.folded)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		behind, _ := utf8.DecodeRuneInString(text[at+len(p.folded):])
		// Korean has spaces, but hangs its particles on to a word.
		if particle := unicode.Is(unicode.Hangul, last); !joined(before, first) && (particle || !joined(last, behind)) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		from = at + size
	}
}

// joined reports whether two runes that follow each other are of one word. In
// scripts without spaces nobody can tell, so there they never are.
func joined(a, b rune) bool { return inWord(a) && inWord(b) && !spaceless(a) && !spaceless(b) }

func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func spaceless(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Myanmar, unicode.Khmer, unicode.Tibetan)
}

// fold is text as it is compared: without case, widths, curled apostrophes and
// the difference between kinds of space.
func fold(text string) string {
	text = cases.Fold().String(norm.NFKC.String(text))
	text = strings.ReplaceAll(text, "’", "'")
	return strings.Join(strings.Fields(text), " ")
}

// folded is what the lists see of an entry: its title, summary and content, each
// a line of its own, so that no phrase begins in one and ends in another.
func folded(e copydesk.Entry) string {
	return fold(e.Title) + "\n" + fold(bare(e.Summary)) + "\n" + fold(bare(e.Content))
}
