package alike

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// namesIn says which tokens of a headline are names: those with a capital, where
// others have none; in a headline all of capitals, those that the lead writes
// with one within a sentence. German has capitals for every noun: there it is
// what the lead is in, at or from, without an article.
func namesIn(title string, tokens []token, lead, language string) []bool {
	names := make([]bool, len(tokens))
	var inLead map[uint32]bool
	leads := func(t token) bool {
		if inLead == nil {
			inLead = capitals(lead, language == "de")
		}
		return inLead[t.stem]
	}
	small, large := 0, 0
	for i, t := range tokens {
		if r := firstRune(t.text); i > 0 && len(t.text) >= 4 && unicode.IsLower(r) {
			small++
		} else if i > 0 && len(t.text) >= 4 && unicode.IsUpper(r) {
			large++
		}
	}
	if small+large == 0 {
		return names
	}
	sentence := small >= large && language != "de"
	for i, t := range slices.Backward(tokens) {
		switch r := firstRune(t.text); {
		case !unicode.IsUpper(r) || utf8.RuneCountInString(t.text) < 3:
		case t.text == strings.ToUpper(t.text): // another writing of a longer name
		case sentence && i > 0:
			names[i] = true
		case sentence && !t.light && len(tokens) > 1 && names[1] && title[t.to:tokens[1].from] == " ":
			names[i] = true // the first word of a name
		default:
			names[i] = leads(t) || sentence && i == 0 && strange(t, lead, language)
		}
	}
	return names
}

// strange reports whether the first word of an English sentence must be a name:
// the language does not know it, it does not end as nouns, verbs and adjectives do, and the
// lead does not write it small.
func strange(t token, lead, language string) bool {
	if _, known := priors()[language].share[t.stem]; known || language != "en" || len(t.text) < 4 || !plainWord(t.text) {
		return false
	}
	for _, end := range wordEnds {
		if strings.HasSuffix(t.text, end) {
			return false
		}
	}
	return !strings.Contains(lead[:min(len(lead), leadBytes)], strings.ToLower(t.text))
}

var wordEnds = strings.Fields("s ing ed ly er or man men ist ant ent ion ment ness ity ism ship age ure ee ful less ous ive ble ic al")

// leadBytes is how much of a lead is asked for names.
const leadBytes = 400

// capitals are the words that the beginning of a text writes with a capital
// within its sentences; if all nouns have one, those in, at or from which something is.
func capitals(text string, nouns bool) map[uint32]bool {
	found := map[uint32]bool{}
	text = text[:min(len(text), leadBytes)]
	for i := 1; i < len(text); i++ {
		if text[i-1] != ' ' || !unicode.IsUpper(firstRune(text[i:])) {
			continue
		}
		before := strings.TrimRight(text[:i], " ")
		if before == "" || strings.ContainsAny(before[len(before)-1:], ".!?:\"") {
			continue
		}
		if nouns && !places[strings.ToLower(before[strings.LastIndexByte(before, ' ')+1:])] {
			continue
		}
		end := i + strings.IndexFunc(text[i:]+" ", func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
		found[stemOf(text[i:min(end, len(text))])] = true
	}
	return found
}

var places = setOf("in bei aus nahe")

// nameParts are words of many names. What has one name of them and another has
// none, or has another, is told by the rest of the name.
var nameParts = stemSet(`county street road avenue lake mount port fort saint san santa`)

// powers are states and unions of states that headlines call by their initials, by
// those that are the same. Other initials stand for a longer name that another
// headline writes out, or for one of several offices that do one thing together.
var powers = sync.OnceValue(func() map[uint32]uint32 {
	set := map[uint32]uint32{}
	for _, same := range []string{"us usa", "eu ue", "uk", "un uno onu", "nato otan", "uae eau", "nz", "drc rdc"} {
		first := uint32(0)
		for w := range strings.FieldsSeq(same) {
			first = cmp.Or(first, stemOf(w))
			set[stemOf(w)] = first
		}
	}
	return set
})

// powersIn says which tokens of a headline are powers, and which; 0 if none. Where
// all is in capitals, no token is.
func powersIn(tokens []token) []uint32 {
	found, loud := make([]uint32, len(tokens)), 0
	for i, t := range tokens {
		if len(t.text) < 2 || t.text != strings.ToUpper(t.text) || !unicode.IsUpper(firstRune(t.text)) {
			continue
		}
		loud++
		found[i] = powers()[t.stem]
	}
	if 2*loud > len(tokens) {
		clear(found)
	}
	return found
}

// placeOfName is the words on both sides of a name; if there are only particles, the
// one before it; 0 if there is none.
func placeOfName(title string, tokens []token, first, last int) uint32 {
	before, after := beside(title, tokens, first, -1), beside(title, tokens, last, 1)
	if before < 0 && after < 0 {
		if before = first - 1; before < 0 || title[tokens[before].to:tokens[first].from] != " " {
			return 0
		}
	}
	place := uint32(1)
	if before >= 0 {
		place = pair(place, tokens[before].stem)
	}
	if after >= 0 {
		place = pair(tokens[after].stem, place)
	}
	return place
}
