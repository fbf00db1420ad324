package alike

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
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
//   - numbers with a decimal (a rate), more than a seventh; the magnitude of a
//     quake also three tenths, once there was a day to agree on it;
//   - scores, and who has which half of them, years, days of a month, and what
//     counts editions (Q1, "day 3", "third stage", "2nd"), any difference;
//   - names, only where two headlines are one pattern: the same words on both
//     sides, hardly any other difference, and both names rare. Elsewhere two
//     names in one place are mostly two names of the same ("Parliament", "MPs");
//   - what goes up in one and down in the other, in one pattern as well;
//   - what is in one and is not in the other, where nothing else differs.
type claim struct {
	kind  claimKind
	place uint32 // hash of what stands beside it
	value uint32 // hash of it, or its float32
}

type claimKind byte

const (
	claimCount     claimKind = iota + 1 // compared by ratio
	claimDecimal                        // compared by a smaller ratio
	claimMagnitude                      // compared by that, and by difference when it is settled
	claimExact                          // compared by hash
	claimName                           // compared by hash, where the rest agrees
	claimPower                          // a name that need not be rare
	claimWay                            // up or down; compared in its place alone, where the rest agrees
	claimNot                            // compared with what is said without it, where the rest is the same
)

const (
	mostClaims  = 12
	countRatio  = 3.0
	ratioDigits = 1.15
	nameWeight  = 0.5  // least weight of a name that contradicts;
	partWeight  = 0.8  // of one with a word that the other says too, which is
	partOf      = 0.85 // at most so much of it: "Calloway Valley", but no given name before a family's
	patternRest = 0.15 // most of a headline's weight that may differ beside the name
	nothingElse = 0.4  // weight of a word from which it is a difference where there may be none,
	fewOthers   = 2    // and how many lighter ones may be there

	settled   = 24 * time.Hour // when agencies agree on a magnitude,
	magnitude = 0.29           // and what is another one's; 5.8 and 6.1 are in binary a little nearer than 0.3
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
// words are names, where the headline does not.
func claimsOf(title, lead, language string) (found claims) {
	tokens := tokensOf(title, language)
	names, powers, ways := namesIn(title, tokens, lead, language), powersIn(tokens), waysOf(language)
	add := func(k claimKind, place, value uint32) {
		if found.len() < mostClaims {
			found = append(found, place&^(1<<weightBits-1)|uint32(k), value)
		}
	}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case unicode.IsDigit(firstRune(t.text)):
			i = claimNumber(title, tokens, i, language, add)
		case powers[i] != 0:
			if place := placeOfName(title, tokens, i, i); place != 0 {
				add(claimPower, place, powers[i])
			}
		case names[i]:
			last := i
			for last+1 < len(tokens) && names[last+1] && strings.TrimSpace(title[tokens[last].to:tokens[last+1].from]) == "" {
				last++
			}
			place := placeOfName(title, tokens, i, last)
			for at, n := range tokens[i : last+1] {
				if place != 0 && (i == last || !nameParts()[n.stem]) {
					add(claimName, place, n.stem)
				}
				claimEdition(title, tokens, i+at, add)
			}
			i = last
		default:
			claimCode(tokens, i, add)
			claimEdition(title, tokens, i, add)
			ways.claim(title, tokens, i, add)
		}
	}
	return found
}

// contradicted reports whether two headlines contradict each other. Of each, so
// much of its weight is not told by the other.
func contradicted(a, b weighed, restA, restB float64, apart time.Duration) bool {
	for i := range a.claims.len() {
		x := a.claims.at(i)
		switch {
		case x.kind == claimNot:
			if a.denies(x, b) {
				return true
			}
		case b.claims.say(x, apart) || !b.puts(x, a, apart):
		case x.kind != claimName && x.kind != claimPower && x.kind != claimWay:
			return true
		default:
			ofA := restA - a.differs(x, b) - a.decimals(b, apart)
			ofB := restB - b.differs(x, a) - b.decimals(a, apart)
			pattern := max(ofA, ofB)
			if x.kind == claimWay && !b.goes(wayOf(x.value)) && !a.goes(b.wayOf(x.place)) {
				pattern = min(ofA, ofB) // one may tell more, if it goes one way throughout
			}
			if pattern <= patternRest {
				return true
			}
		}
	}
	for i := range b.claims.len() {
		if y := b.claims.at(i); y.kind == claimNot && b.denies(y, a) {
			return true
		}
	}
	return false
}

// puts reports whether b puts something into the place of x, and nothing that
// a says anywhere. Of names one may be a part of both.
func (b weighed) puts(x claim, a weighed, apart time.Duration) (something bool) {
	for i := range b.claims.len() {
		y := b.claims.at(i)
		if y.kind != x.kind || y.place != x.place {
			continue
		}
		if y.kind != claimName && a.claims.say(y, apart) {
			return false
		}
		something = true
	}
	return something
}

// differs is which part of a headline's weight is what it has in the place of x.
// It is -1 if that is a name that is not rare, or that the other one has too.
func (a weighed) differs(x claim, b weighed) (share float64) {
	sum, _ := total(a.title)
	heaviest, common := 0.0, 0.0
	for i := range a.claims.len() {
		c := a.claims.at(i)
		if c.kind != x.kind || c.place != x.place {
			continue
		}
		weight, other := weightIn(a.title, c.value), max(weightIn(b.title, c.value), weightIn(b.lead, c.value))
		switch {
		case c.kind == claimWay && other > 0: // it is told already
		case c.kind == claimPower && other > 0:
			return -1
		case c.kind == claimName && (other > 0 || b.claims.say(c, 0)):
			common = max(common, weight, other)
		default:
			share += weight / sum
			heaviest = max(heaviest, weight)
		}
	}
	if x.kind == claimName && (heaviest < nameWeight || common > 0 && (heaviest < partWeight || common > partOf*heaviest)) {
		return -1
	}
	return share
}

// goes reports whether a headline says of anything that it goes a way.
func (a weighed) goes(where way) bool {
	for i := range a.claims.len() {
		if c := a.claims.at(i); c.kind == claimWay && wayOf(c.value) == where {
			return true
		}
	}
	return false
}

// wayOf is the way that a headline says of what is in a place.
func (a weighed) wayOf(place uint32) way {
	for i := range a.claims.len() {
		if c := a.claims.at(i); c.kind == claimWay && c.place == place {
			return wayOf(c.value)
		}
	}
	return 0
}

// decimals is which part of a headline's weight are numbers of which the other has nearly
// the same: that they differ makes no other pattern.
func (a weighed) decimals(b weighed, apart time.Duration) (share float64) {
	sum, _ := total(a.title)
	for i := range a.claims.len() {
		c := a.claims.at(i)
		if c.kind != claimDecimal && c.kind != claimMagnitude || !b.claims.say(c, apart) {
			continue
		}
		text := strconv.FormatFloat(float64(math.Float32frombits(c.value)), 'f', -1, 32)
		for _, w := range []uint32{hashOf(text), hashOf(strings.Replace(text, ".", "", 1))} { // a word has no comma
			if find(b.title, w) < 0 && find(b.lead, w) < 0 {
				share += weightIn(a.title, w) / sum
			}
		}
	}
	return share
}

// denies reports whether b says without a negation what a says with one, and else
// the same.
func (a weighed) denies(x claim, b weighed) bool {
	for i := range b.claims.len() {
		if b.claims.at(i).kind == claimNot {
			return false
		}
	}
	return find(b.title, x.place) >= 0 && a.within(b, x.value) && b.within(a, x.value)
}

// within reports whether another headline has all that a headline says but for one
// word and few that tell nothing. Their weight alone is not enough: it is little
// also of words that often follow the one before.
func (a weighed) within(b weighed, but uint32) bool {
	others, t := 0, hashOf("t") // of won't
	for _, w := range a.title {
		if find(b.title, w) >= 0 || w>>weightBits == but>>weightBits || w>>weightBits == t>>weightBits {
			continue
		}
		if others++; others > fewOthers || weightOf(w) >= nothingElse {
			return false
		}
	}
	return true
}

// weightIn is the weight that a word has among some; 0 if it is not there.
func weightIn(words []uint32, w uint32) float64 {
	if at := find(words, w); at >= 0 {
		return max(weightOf(words[at]), 1.0/weightUnit)
	}
	return 0
}

// claims are claims as a window keeps them, two words each.
type claims []uint32

func (c claims) len() int { return len(c) / 2 }

func (c claims) at(i int) claim {
	return claim{claimKind(c[2*i] & (1<<weightBits - 1)), c[2*i] &^ (1<<weightBits - 1), c[2*i+1]}
}

// say reports whether x is among them, in whatever place.
func (c claims) say(x claim, apart time.Duration) bool {
	for i := range c.len() {
		if y := c.at(i); y.kind == x.kind && y.same(x, apart) {
			return true
		}
	}
	return false
}

// same reports whether two claims of a kind claim the same, so far apart.
func (x claim) same(y claim, apart time.Duration) bool {
	ratio := ratioDigits
	switch x.kind {
	case claimDecimal, claimMagnitude:
	case claimCount:
		ratio = countRatio
	case claimWay:
		return x.place == y.place && wayOf(x.value) == wayOf(y.value)
	default:
		return x.value == y.value
	}
	p, q := float64(math.Float32frombits(x.value)), float64(math.Float32frombits(y.value))
	if x.kind == claimMagnitude && apart.Abs() >= settled && math.Abs(p-q) > magnitude {
		return false
	}
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
			(r == '.' || r == ',') && start >= 0 && unicode.IsDigit(lastRune(title[start:i])) && digitAt(title, i+1),
			r == '.' && start >= 0 && initials(title[start:i], title[i+1:]):
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

// initials reports whether a point between two texts is one of those of U.S., as
// split does not end words there either.
func initials(before, after string) bool {
	if len(before) > 1 && before[len(before)-2] == '.' && before[1] == '.' {
		return true
	}
	return len(before) == 1 && len(after) > 1 && unicode.IsUpper(rune(before[0])) && unicode.IsUpper(rune(after[0])) && after[1] == '.'
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
