package story

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A claim is a number or a name that a headline puts in a place: the 12 of "12
// dead", the 2-1 of a match, the Q1 of "Q1 profit", the Chile of "hits Chile".
// Two headlines that put different ones in one place contradict each other, and
// what contradicts is not the same news, however many words it shares.
//
// The place is a word beside the number or name; the worth of the whole lies in
// being sure, so most differences are none:
//
//   - counts rise while news goes on and are rounded: they must be more than
//     three times apart;
//   - numbers with a decimal (a magnitude, a rate), more than a seventh;
//   - scores, years, days of a month, and what counts editions (Q1, "day 3",
//     "2nd"), any difference;
//   - names, only where two headlines are one pattern: the same words on both
//     sides, hardly any other difference, and both names rare. Elsewhere two
//     names in one place are mostly two names of the same ("Parliament", "MPs").
type claim struct {
	kind  claimKind
	place uint32 // hash of what stands beside it
	value uint32 // hash of it, or its float32
}

type claimKind byte

const (
	claimCount   claimKind = iota + 1 // compared by ratio
	claimDecimal                      // compared by a smaller ratio
	claimExact                        // compared by hash
	claimName                         // compared by hash, where the rest agrees
)

const (
	mostClaims  = 12
	countRatio  = 3.0
	ratioDigits = 1.15
	nameWeight  = 0.5  // least weight of a name that contradicts
	patternRest = 0.15 // most of a headline's weight that may differ beside the name
)

// token is a run of letters and digits of a headline, as written.
type token struct {
	text  string
	from  int
	to    int
	stem  uint32
	light bool // a particle: it is no place
}

// claimsOf reads the claims of a headline. The lead only tells which of its
// words are names, where the headline has capitals throughout.
func claimsOf(title, lead, language string) (found claims) {
	tokens := tokensOf(title, language)
	names := namesIn(tokens, lead, language)
	add := func(k claimKind, place, value uint32) {
		if found.len() < mostClaims {
			found = append(found, place&^(1<<weightBits-1)|uint32(k), value)
		}
	}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case unicode.IsDigit(firstRune(t.text)):
			i = claimNumber(title, tokens, i, add)
		case names[i]:
			last := i
			for last+1 < len(tokens) && names[last+1] && strings.TrimSpace(title[tokens[last].to:tokens[last+1].from]) == "" {
				last++
			}
			place := placeOfName(title, tokens, i, last)
			for _, n := range tokens[i : last+1] {
				if place != 0 {
					add(claimName, place, n.stem)
				}
			}
			i = last
		default:
			claimCode(t, add)
		}
	}
	return found
}

// claimNumber claims the number at i and returns the last token that is part of
// it.
func claimNumber(title string, tokens []token, i int, add func(claimKind, uint32, uint32)) int {
	t := tokens[i]
	if i+1 < len(tokens) && isScore(title[t.to:tokens[i+1].from], t.text, tokens[i+1].text) {
		a, b := t.text, tokens[i+1].text
		add(claimExact, hashOf(fmt.Sprint("score ", max(len(a), len(b)))), hashOf(min(a, b)+"-"+max(a, b)))
		return i + 1
	}
	if t.from > 0 && strings.ContainsRune("-/:’'", lastRune(title[:t.from])) { // Covid-19, 9/11, 10:30, the ’70s
		return i
	}
	number, unit, last, ok := amount(tokens, i)
	if !ok {
		return i
	}
	kind := claimCount
	before, after := beside(title, tokens, i, -1), beside(title, tokens, last, 1)
	value, of := math.Float32bits(float32(number)), uint32(0)
	next := func(at int, set map[uint32]bool) bool {
		return (at == i-1 || at == i+1) && at >= 0 && set[tokens[at].stem]
	}
	switch {
	case ordinals[unit]:
		kind, of, before = claimExact, hashOf("nth"), -1
	case unit == "" && last == i && len(t.text) == 4 && number >= 1900 && number < 2100:
		kind, of = claimExact, hashOf("year")
	case next(before, editions()), next(before, months()):
		kind, after = claimExact, -1
	case next(after, months()):
		kind, before = claimExact, -1
	case strings.Contains(t.text, "."):
		kind = claimDecimal
	}
	if kind == claimExact {
		value = hashOf(t.text)
	}
	// A number is of what follows it; if nothing follows, of what goes before. A
	// year is of both.
	if after >= 0 {
		add(kind, tokens[after].stem^of, value)
	}
	if before >= 0 && (after < 0 || kind == claimExact) {
		add(kind, tokens[before].stem^of, value)
	}
	return last
}

// amount is the number at i with the unit that is written to it (3k, 5th), times
// what multiplies it, and the last token that is part of it. It is none with a unit
// that we do not know (737s, 5G).
func amount(tokens []token, i int) (number float64, unit string, last int, ok bool) {
	number, unit = leading(tokens[i].text)
	unit = strings.ToLower(unit)
	switch {
	case ordinals[unit]:
	case unit != "":
		number *= multiples[unit]
		return number, unit, i, multiples[unit] > 0
	case i+1 < len(tokens):
		if times := multiples[strings.ToLower(tokens[i+1].text)]; times > 0 {
			return number * times, unit, i + 1, true
		}
	}
	return number, unit, i, true
}

// claimCode claims Q1, G7, M6.1: a letter or few, and what follows is counted.
func claimCode(t token, add func(claimKind, uint32, uint32)) {
	at := strings.IndexAny(t.text, "0123456789")
	if at < 1 || at > 2 {
		return
	}
	place := hashOf("code " + strings.ToLower(t.text[:at]))
	if number, rest := leading(t.text[at:]); rest == "" && strings.Contains(t.text, ".") {
		add(claimDecimal, place, math.Float32bits(float32(number)))
		return
	}
	add(claimExact, place, hashOf(strings.ToLower(t.text[at:])))
}

// contradicted reports whether two headlines contradict each other. Of each, so
// much of its weight is not told by the other.
func contradicted(a, b weighed, restA, restB float64) bool {
	for i := range a.claims.len() {
		x := a.claims.at(i)
		if b.claims.say(x) || !b.puts(x, a) {
			continue
		}
		if x.kind != claimName || restA-a.named(x.place, b) <= patternRest && restB-b.named(x.place, a) <= patternRest {
			return true
		}
	}
	return false
}

// puts reports whether b puts something into the place of x, and nothing that
// a says anywhere.
func (b weighed) puts(x claim, a weighed) (something bool) {
	for i := range b.claims.len() {
		y := b.claims.at(i)
		if y.kind != x.kind || y.place != x.place {
			continue
		}
		if a.claims.say(y) {
			return false
		}
		something = true
	}
	return something
}

// named is which part of a headline's weight is the name in a place, if that is
// rare and the other headline and lead do without it.
func (a weighed) named(place uint32, other weighed) (share float64) {
	sum, _ := total(a.title)
	heaviest := 0.0
	for i := range a.claims.len() {
		c := a.claims.at(i)
		if c.kind != claimName || c.place != place {
			continue
		}
		if find(other.title, c.value) >= 0 || find(other.lead, c.value) >= 0 {
			return -1
		}
		if at := find(a.title, c.value); at >= 0 {
			share += weightOf(a.title[at]) / sum
			heaviest = max(heaviest, weightOf(a.title[at]))
		}
	}
	if heaviest < nameWeight {
		return -1
	}
	return share
}

// claims are claims as a window keeps them, two words each.
type claims []uint32

func (c claims) len() int { return len(c) / 2 }

func (c claims) at(i int) claim {
	return claim{claimKind(c[2*i] & (1<<weightBits - 1)), c[2*i] &^ (1<<weightBits - 1), c[2*i+1]}
}

// say reports whether x is among them, in whatever place.
func (c claims) say(x claim) bool {
	for i := range c.len() {
		if y := c.at(i); y.kind == x.kind && y.same(x) {
			return true
		}
	}
	return false
}

// same reports whether two claims of a kind claim the same.
func (x claim) same(y claim) bool {
	ratio := countRatio
	switch x.kind {
	case claimDecimal:
		ratio = ratioDigits
	case claimCount:
	default:
		return x.value == y.value
	}
	p, q := float64(math.Float32frombits(x.value)), float64(math.Float32frombits(y.value))
	return max(p, q) <= ratio*min(p, q)
}

// beside is the next token that is a place, in a direction, with nothing but
// particles and spaces between; -1 if there is none.
func beside(title string, tokens []token, i, step int) int {
	for n, at := 0, i+step; n < 3 && at >= 0 && at < len(tokens); n, at = n+1, at+step {
		between := title[tokens[min(at, at-step)].to:tokens[max(at, at-step)].from]
		if strings.ContainsAny(between, ",;:.!?()|/\"“”–—") {
			break
		}
		if !tokens[at].light {
			return at
		}
	}
	return -1
}

// placeOfName is the words on both sides of a name; 0 if there are none.
func placeOfName(title string, tokens []token, first, last int) uint32 {
	before, after := beside(title, tokens, first, -1), beside(title, tokens, last, 1)
	if before < 0 && after < 0 {
		return 0
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

// isScore reports whether two numbers with something between are a score: 2-1,
// 102–98, 3:0.
func isScore(between, a, b string) bool {
	x, err := strconv.Atoi(a)
	y, other := strconv.Atoi(b)
	if err != nil || other != nil {
		return false
	}
	switch between {
	case "-", "–":
		return max(x, y) < 200
	case ":":
		return max(x, y) < 20
	}
	return false
}

// leading is the number with which text begins, and what follows it.
func leading(text string) (number float64, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' && r != ',' })
	if end < 0 {
		end = len(text)
	}
	number, err := strconv.ParseFloat(strings.ReplaceAll(text[:end], ",", ""), 64)
	if err != nil { // a number in digits of another script, or one with two points
		return float64(hashOf(text[:end])), text[end:]
	}
	return number, text[end:]
}

var multiples = map[string]float64{
	"k": 1e3, "thousand": 1e3, "tausend": 1e3, "mil": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "mio": 1e6, "millionen": 1e6, "millones": 1e6,
	"b": 1e9, "bn": 1e9, "billion": 1e9, "billions": 1e9, "mrd": 1e9, "milliarden": 1e9, "tn": 1e12, "trillion": 1e12,
}

var ordinals = map[string]bool{"st": true, "nd": true, "rd": true, "th": true, "º": true, "ª": true, "er": true, "e": true}

// months and editions are nouns of which there is one for each number. May is a
// verb too.
var (
	months = stemSet(`january february march april june july august september october november december
		jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember
		enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre`)
	editions = stemSet(`day week part stage game round match episode chapter season volume phase group quarter no number
		tag woche teil etappe spiel runde staffel folge quartal día semana parte etapa partido jornada capítulo
		jour semaine partie étape épisode saison giorno puntata tappa`)
)

func stemSet(words string) func() map[uint32]bool {
	return sync.OnceValue(func() map[uint32]bool {
		set := map[uint32]bool{}
		for w := range strings.FieldsSeq(words) {
			set[stemOf(w)] = true
		}
		return set
	})
}

// tokensOf takes a headline apart. What is written without spaces is a token
// for each run, so that a number in it stands between two.
func tokensOf(title, language string) (tokens []token) {
	common := priors()[language]
	tokens = make([]token, 0, 16)
	start, kind := -1, 0
	flush := func(end int) {
		if start < 0 {
			return
		}
		t := token{text: title[start:end], from: start, to: end}
		start = -1
		if t.text == "s" && len(tokens) > 0 && t.from-tokens[len(tokens)-1].to <= len("’") && t.from > tokens[len(tokens)-1].to && title[tokens[len(tokens)-1].to] != ' ' {
			return
		}
		t.stem = stemOf(t.text)
		share, known := common.share[t.stem]
		t.light = known && share > 0.02 || utf8.RuneCountInString(t.text) <= 2 && len(t.text) <= 2 || !known && len(common.share) == 0 && len(t.text) <= 3
		tokens = append(tokens, t)
	}
	for i, r := range title {
		now := 0
		switch {
		case spaceless(r):
			now = 2
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) ||
			(r == '.' || r == ',') && start >= 0 && unicode.IsDigit(lastRune(title[start:i])) && digitAt(title, i+1):
			now = 1
		}
		if now != kind || kind == 2 && i-start >= 6 {
			flush(i)
		}
		if kind = now; now != 0 && start < 0 {
			start = i
		}
	}
	flush(len(title))
	return tokens
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
func lastRune(s string) rune  { r, _ := utf8.DecodeLastRuneInString(s); return r }

// stemOf is the hash of a word's stem, as those of a text are.
func stemOf(w string) (hash uint32) {
	var room [24]byte
	if len(w) <= len(room) && plainWord(w) {
		lower := append(room[:0], w...)
		for i, c := range lower {
			if 'A' <= c && c <= 'Z' {
				lower[i] += 'a' - 'A'
			}
		}
		return hashOf(stem(string(lower)))
	}
	split(w, func(b []byte) bool {
		hash = hashOf(stem(string(b)))
		return false
	})
	return hash
}

// plainWord reports whether w is of plain letters and digits alone, as most words
// are: such a one need not be split.
func plainWord(w string) bool {
	for i := range len(w) {
		if c := w[i] | 0x20; (c < 'a' || c > 'z') && (w[i] < '0' || w[i] > '9') {
			return false
		}
	}
	return w != ""
}

// namesIn says which tokens of a headline are names: those with a capital, where
// others have none; in a headline all of capitals, those that the lead writes
// with one within a sentence. German has capitals for every noun.
func namesIn(tokens []token, lead, language string) []bool {
	names := make([]bool, len(tokens))
	if language == "de" {
		return names
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
	sentence := small >= large
	var inLead map[uint32]bool
	for i, t := range tokens {
		if r := firstRune(t.text); !unicode.IsUpper(r) || utf8.RuneCountInString(t.text) < 3 {
			continue
		}
		if t.text == strings.ToUpper(t.text) { // another writing of a longer name
			continue
		}
		if names[i] = sentence && i > 0; !names[i] {
			if inLead == nil {
				inLead = capitals(lead)
			}
			names[i] = inLead[t.stem]
		}
	}
	return names
}

// capitals are the words that the beginning of a text writes with a capital
// within its sentences.
func capitals(text string) map[uint32]bool {
	found := map[uint32]bool{}
	text = text[:min(len(text), 400)]
	for i := 1; i < len(text); i++ {
		if text[i-1] != ' ' || !unicode.IsUpper(firstRune(text[i:])) {
			continue
		}
		before := strings.TrimRight(text[:i], " ")
		if before == "" || strings.ContainsAny(before[len(before)-1:], ".!?:\"") {
			continue
		}
		end := i + strings.IndexFunc(text[i:]+" ", func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
		found[stemOf(text[i:min(end, len(text))])] = true
	}
	return found
}
