package normalize

import (
	"cmp"
	"strings"
	"unicode"

	"copydesk"

	"github.com/abadojack/whatlanggo"
)

// language is a language tag in the case that BCP 47 recommends: "en-gb" is
// "en-GB". What can be no tag is dropped.
func language(s string) string {
	s = strings.ReplaceAll(oneLine(s), "_", "-")
	if len(s) < 2 || len(s) > 35 || strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	subtags := strings.Split(strings.ToLower(s), "-")
	for i, t := range subtags[1:] {
		switch {
		case len(t) == 2 && len(subtags[i]) > 1:
			subtags[i+1] = strings.ToUpper(t)
		case len(t) == 4 && len(subtags[i]) > 1:
			subtags[i+1] = strings.ToUpper(t[:1]) + t[1:]
		}
	}
	return strings.Join(subtags, "-")
}

// spoken is the language of a text that declares none, if that is sure: a wrong
// guess takes an entry from its topics and keeps it from its story, none does
// not.
func spoken(t copydesk.Text) string { return spokenIn(sample(t)) }

func spokenIn(said string) string {
	if language := plainly(said); language != "" {
		return language
	}
	return guess(said)
}

const (
	fullSample = 1 << 9 // bytes of text; more of it changes nothing
	longSample = fullSample / 2
)

// sample is as much of a text as makes its language sure.
func sample(t copydesk.Text) string {
	text := t.Title + " " + plainText(beginning(cmp.Or(t.Content, t.Summary), 2*fullSample))
	return withoutAddresses(beginning(text, fullSample))
}

// common are words that make up much of any text in their language and are rare
// in all others, its neighbours among them.
var common = func() map[string]string {
	all := map[string]string{}
	for language, words := range map[string]string{
		"en": "the of and to that for with was is his from by at has have been were which who said they their this will would not",
		"de": "der die das und den von zu mit ist nicht ein eine dem sich auf für im auch als wird sind nach einen einer bei hat",
		"fr": "les des et du une est dans qui pour par sur au pas aux ont cette avec ses sont été mais leur selon ces nous",
		"es": "el los las y con por una del su lo fue más según pero han este sus sobre también está ser hoy",
		"it": "il di che è per della nel sono gli dei alla più dal delle anche ha stato degli nella questo come ai",
	} {
		for w := range strings.FieldsSeq(words) {
			all[w] = language
		}
	}
	return all
}()

// plainly is the language of which a text has so many common words that no
// library need be asked, and hardly one of another's; else empty.
func plainly(text string) string {
	const least, share, others = 8, 7, 6 // words; one in so many of all; one in so many of its own
	words, found, best := 0, map[string]int{}, ""
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		words++
		if language, ok := common[w]; ok {
			found[language]++
			if found[language] > found[best] {
				best = language
			}
		}
	}
	all := 0
	for _, n := range found {
		all += n
	}
	if n := found[best]; n < least || n*share < words || (all-n)*others > n {
		return ""
	}
	return best
}

// guess is the language of a plain text, if that is sure.
func guess(text string) string {
	n := countScripts(text)
	switch script := whatlanggo.DetectScript(text); {
	case script == nil || n.letters < 8 || n.letters < 80 && needsWords[script]:
		return ""
	case n.kana >= 4 && 10*n.kana > n.han && 2*(n.kana+n.han) > n.letters:
		return "ja" // whatlanggo takes titles of Chinese characters for Chinese
	case script == unicode.Latin:
		if 5*n.latin < 4*n.letters {
			return ""
		}
	case 2*n.latin > n.letters:
		return ""
	case script == unicode.Han && n.kana > 0:
		return ""
	}
	info := whatlanggo.Detect(text)
	lang := info.Lang.Iso6391()
	switch {
	case !needsWords[info.Script]:
		return lang
	case (lang == "cs" || lang == "sl" || lang == "hr") && strings.ContainsAny(text, "ľĺŕĽĹŔ"):
		return "sk" // which whatlanggo does not know
	case !info.IsReliable():
		return ""
	}
	return lang
}

// declaredOrSpoken is the language that a text declares, else what it is guessed
// to be.
func declaredOrSpoken(t copydesk.Text) string {
	if t.Language != "" {
		return t.Language
	}
	return spoken(t)
}

// needsWords are the scripts that several languages share.
var needsWords = map[*unicode.RangeTable]bool{
	unicode.Latin: true, unicode.Cyrillic: true, unicode.Arabic: true, unicode.Devanagari: true, unicode.Hebrew: true, unicode.Ethiopic: true,
}

type scripts struct{ letters, latin, han, kana int }

func countScripts(s string) (n scripts) {
	for _, r := range s {
		switch {
		case r < 0x80:
			if c := r | 0x20; 'a' <= c && c <= 'z' {
				n.letters++
				n.latin++
			}
		case !unicode.IsLetter(r):
		default:
			n.letters++
			switch {
			case unicode.Is(unicode.Latin, r):
				n.latin++
			case unicode.Is(unicode.Han, r):
				n.han++
			case unicode.Is(unicode.Hiragana, r), unicode.Is(unicode.Katakana, r):
				n.kana++
			}
		}
	}
	return n
}

// beginning is at most n bytes of s, up to the end of a character.
func beginning(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// withoutAddresses drops the words that are no language.
func withoutAddresses(s string) string {
	if !strings.ContainsAny(s, "/@#") {
		return s
	}
	var words []string
	for w := range strings.FieldsSeq(s) {
		if !strings.Contains(w, "://") && !strings.ContainsAny(w, "@#") && !strings.HasPrefix(w, "www.") {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}
