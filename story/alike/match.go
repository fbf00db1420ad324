package alike

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"copydesk"
	"copydesk/story/credit"
)

// RelatedFrom is the score from which on two entries that are not the same are
// related.
const RelatedFrom = 0.30

// The score of step 6 is the chance, as a logistic sum, that two entries tell
// the same news. Its terms are few, so that they mean something:
//
//   - told: which share of one headline's weight the other entry tells, in its
//     headline or lead; the better direction (A headline may be longer than
//     the other) and the worse one (but neither may be about something else);
//   - evidence: the summed weight of what they share, headline above lead;
//   - apart: how far apart they are in news time;
//   - leads: two long texts share words by chance more easily than headlines.
//
// The figures are rounded from a logistic regression; on labelled sets, moving
// each by a sixth moves precision and recall by a point.
const (
	scoreBase     = -6.0
	scoreTold     = 3.5 // the better direction
	scoreBoth     = 6.0 // the worse direction
	scoreEvidence = 3.6 // of ln(1+evidence)
	scoreApart    = 4.0 // for 72 hours
	scoreLeads    = 2.4

	inLead   = 0.6 // weight of a headline's word in the other's lead
	inLeads  = 0.2 // of a word in both leads
	longLead = 10  // words from which a lead counts as one

	strong  = 0.80 // a link needs a member that is as near as this
	held    = 0.65 // and the better half of the story, on average, as near as this
	bridge  = 0.70 // and of two stories that it makes one, as near as this
	cross   = 0.30 // of whose members, without it, the better half is as near to each other as this
	stray   = 0.05 // nearer than which each of two members must be
	distant = RelatedFrom

	leastEvidence = 1.0 // 11.5 bits
	coldEvidence  = 1.8 // and so much more while little of a language was seen:
	coldUntil     = 300 // until half as many of its entries; less until so many
	leastPieces   = 3   // words in common, each of at least
	pieceWeight   = 0.1
	leastRare     = 2   // rare ones, where both have leads that could have more,
	rareWeight    = 0.5 // each of at least
	leastWords    = 3   // words of a headline that says anything, each of at least
	wordWeight    = 0.2
	tellingWeight = 26 // wordWeight, rounded up in units
)

// What makes a text a copy of another (step 5), and what a credit needs beside
// itself (step 4).
const (
	contained   = 0.45 // of the one text in the other
	contains    = 0.30 // and at least so much of the other in the one,
	wholly      = 0.65 // or so much of the one, if it is this many words:
	whollyWords = 72.0 // a cut copy of a long article, or a digest, which is judged apart,
	agreeing    = 0.70 // or of a shorter one, if the headlines agree;
	aboutBoth   = 0.20 // if less of the longer one is in it, of each headline in the other's headline or lead: else it may be a part of a roundup
	inCredited  = 0.30 // of the better direction, where one credits the other
	creditWords = 24.0 // that they share at least, by estimate
	never       = 2.0  // of each text that must be in the other, where none counts
)

// Match is what two entries are to each other.
type Match struct {
	Step    int     // 4, 5 or 6; 0 if they are not the same
	Score   float64 // from 0 to 1
	Why     string  // for people: the figures and what they rest on
	Related bool    // not the same, but about the same matter

	// Contradicts says that the headlines put different numbers or names in one
	// place, so that step 6 is out of the question.
	Contradicts bool
}

// figures are what step 6 weighs.
type figures struct {
	ofA, ofB     float64 // which part of each headline's weight the other entry tells
	evidence     float64
	least        float64 // evidence that a link needs
	pieces, rare int
	apart        time.Duration
	leads        float64
	chained      bool
	contradicts  bool // looked at only where there is enough evidence
	barred       bar
}

func (x figures) better() float64 { return max(x.ofA, x.ofB) }
func (x figures) worse() float64  { return min(x.ofA, x.ofB) }

// bar is why step 6 does not compare two entries at all; 0 if it does.
type bar byte

const (
	barSource bar = iota + 1
	barLanguage
	barTime
	barDigest
	barWords
	barForm
)

var bars = map[bar]string{
	barSource:   "entries of one source are no evidence",
	barLanguage: "another language",
	barTime:     "too far apart in news time",
	barDigest:   "one of them contains several others",
	barWords:    "a headline says too little",
	barForm:     "their texts are one form with other facts",
}

// enough reports whether there is rare evidence at all. A column's headline of
// common words ("What we read today") is none, if the texts below share no more.
func (x figures) enough() bool {
	return x.evidence >= leastEvidence && x.pieces >= leastPieces && (x.leads < 1 || x.rare >= leastRare)
}

func (x figures) score() float64 {
	if !x.enough() {
		return 0
	}
	sum := scoreBase + scoreTold*x.better() + scoreBoth*x.worse() + scoreEvidence*math.Log1p(x.evidence) -
		scoreApart*x.apart.Hours()/apartUnit.Hours() - scoreLeads*x.leads
	score := 1 / (1 + math.Exp(-sum))
	if x.contradicts || x.evidence < x.least {
		return score / 2
	}
	return score
}

// lacks says what a score lacks to be a link.
func (x figures) lacks() string {
	switch {
	case x.barred != 0:
		return bars[x.barred]
	case !x.enough() && x.evidence >= leastEvidence && x.pieces >= leastPieces:
		return fmt.Sprintf("too little rare evidence, %d rare words of %d", x.rare, leastRare)
	case !x.enough():
		return fmt.Sprintf("too little rare evidence, %.1f of %.1f in %d words of %d", x.evidence, leastEvidence, x.pieces, leastPieces)
	case x.contradicts:
		return "their headlines contradict each other"
	case x.evidence < x.least:
		return fmt.Sprintf("too little rare evidence, %.1f of %.1f while so little of the language was seen", x.evidence, x.least)
	}
	return fmt.Sprintf("a score of %.2f of %.2f", x.score(), strong)
}

func (x figures) String() string {
	return fmt.Sprintf("each headline told by the other: %.0f %% and %.0f %%; evidence %.1f; %s apart",
		100*x.better(), 100*x.worse(), x.evidence, x.apart.Round(time.Minute))
}

// weighed is an entry's words with their weights: the headline's and the rest
// of the lead's, each in the order of their hashes. A word is its hash's upper
// 24 bits and, below them, its weight in 128ths.
type weighed struct {
	title, lead []uint32
	claims      claims
	chained     bool
}

// chained are the languages whose words we cannot tell, and whose pairs of
// characters stand for them. A pair that was weighed when nothing was known of the
// pair before it weighs as much as both. So of two weights the smaller one counts.
var chained = [...]uint32{hashOf("zh"), hashOf("ja"), hashOf("th"), hashOf("lo"), hashOf("km"), hashOf("my")}

func isChained(language uint32) bool { return slices.Contains(chained[:], language) }

const (
	weightBits = 8
	weightUnit = 128
	leadLeast  = 0.15 // lead words below are not kept
)

func weightOf(w uint32) float64 { return float64(w&(1<<weightBits-1)) / weightUnit }

func entryWord(hash uint32, weight float64) uint32 {
	return hash&^(1<<weightBits-1) | uint32(min(weight*weightUnit, 1<<weightBits-1))
}

// weigh gives f's words the weights that they had before its news. A word that occurs twice
// has the smaller weight. Habits are words that the source always uses.
func (r *Rarity) weigh(f Features, habits func(uint32) bool) weighed {
	c := r.past(f)
	all := make([]uint32, 0, len(f.words))
	given, standing := 0.0, columns()
	for i, w := range f.words {
		many, least := c.many(w), 0.0
		if i >= f.title {
			least = leadLeast
		}
		weight := c.weigh(many)
		switch {
		case weight <= least: // nothing below makes it heavier
		case standing[w.hash] || habits != nil && habits(w.hash):
			weight = 0
		case i > 0 && i != f.title:
			weight = min(weight, c.after(f.words[i-1], w, given, many))
			if overlaps(f.words[i-1].text, w.text) {
				weight /= 2
			}
		}
		given = many
		all = append(all, entryWord(w.hash, weight))
	}
	title := once(all[:f.title])
	lead := slices.DeleteFunc(all[f.title:], func(w uint32) bool {
		return weightOf(w) < leadLeast || find(title, w) >= 0
	})
	return weighed{title: slices.Clip(title), lead: once(lead), claims: f.claims, chained: isChained(hashOf(f.Language))}
}

// overlaps reports whether two words of a script without spaces have a character
// in common, so that the second tells half of what it would by itself.
func overlaps(first, second string) bool {
	r, size := utf8.DecodeRuneInString(second)
	if size < len("天") || size == len(second) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(first)
	return last == r && spaceless(r)
}

// once sorts words and keeps the lightest of each.
func once(words []uint32) []uint32 {
	slices.Sort(words)
	return slices.CompactFunc(words, func(a, b uint32) bool { return a>>weightBits == b>>weightBits })
}

func find(words []uint32, w uint32) int {
	low, high := 0, len(words)
	for low < high {
		if middle := (low + high) / 2; words[middle]>>weightBits < w>>weightBits {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(words) && words[low]>>weightBits == w>>weightBits {
		return low
	}
	return -1
}

// wordSet tells of most words that they are not in it.
type wordSet [16]uint64

func (s *wordSet) add(words []uint32) {
	for _, w := range words {
		s[w>>28] |= 1 << (w >> 22 & 63)
	}
}

func (s *wordSet) may(w uint32) bool { return s[w>>28]>>(w>>22&63)&1 != 0 }

// total is the weight of words, and how many of them say something.
func total(words []uint32) (sum float64, telling int) {
	all := uint32(0)
	for _, w := range words {
		weight := w & (1<<weightBits - 1)
		if all += weight; weight >= tellingWeight {
			telling++
		}
	}
	return float64(all) / weightUnit, telling
}

// compare takes the figures of step 6, for which a link needs so much evidence.
func compare(a, b weighed, apart time.Duration, least float64) figures {
	x := figures{apart: apart.Abs(), least: least, chained: a.chained}
	wa, na := total(a.title)
	wb, nb := total(b.title)
	if min(na, nb) < leastWords {
		x.barred = barWords
		return x
	}
	var known wordSet
	known.add(a.title)
	known.add(a.lead)
	inTitles, toldA, toldB := x.share(&known, a.title, b.title)
	inTitle, _, told := x.share(&known, a.lead, b.title)
	toldB += told
	ofTitle, told, _ := x.share(&known, a.title, b.lead)
	toldA += told
	inRest, _, _ := x.share(&known, a.lead, b.lead)
	x.evidence = inTitles + inLead*(inTitle+ofTitle) + inLeads*inRest
	if len(a.lead) > 0 && len(b.lead) > 0 {
		x.leads = min(1, float64(len(a.lead))/longLead) * min(1, float64(len(b.lead))/longLead)
	}
	x.ofA, x.ofB = toldA/wa, toldB/wb
	x.contradicts = x.enough() && contradicted(a, b, 1-x.ofA, 1-x.ofB, apart)
	return x
}

// share counts the words that two parts of entries have in common: the sum of
// what each weighs on average, and of what it weighs in either.
func (x *figures) share(known *wordSet, ofA, ofB []uint32) (shared, inA, inB float64) {
	if len(ofA) == 0 {
		return 0, 0, 0
	}
	for _, w := range ofB {
		if !known.may(w) {
			continue
		}
		at := find(ofA, w)
		if at < 0 {
			continue
		}
		p, q := weightOf(ofA[at]), weightOf(w)
		m := (p + q) / 2
		if x.chained {
			m = min(p, q)
		}
		shared, inA, inB = shared+m, inA+p, inB+q
		if m >= pieceWeight {
			x.pieces++
		}
		if m >= rareWeight {
			x.rare++
		}
	}
	return shared, inA, inB
}

// compared is an entry as it is compared; what a window keeps of it.
type compared struct {
	weighed
	text  sketch
	news  time.Time
	names []string
	cites []string

	within Reach // how far from it another may be, if it is the one that is asked for
}

// copied judges steps 4 and 5 of two that are within the reach of copies, the text only
// if at least so much of each is in the other.
func copied(a, b compared, least float64) (m Match) {
	ofA, ofB, words := a.text.shared(b.text)
	better, counts := max(ofA, ofB), min(ofA, ofB) >= least
	if counts && words >= 0.8*CopyWords {
		if why := sameText(a, b, ofA, ofB, words); why != "" {
			return Match{Step: copydesk.StepSameText, Score: better, Why: why}
		}
	}
	name, ok := credit.Meet(a.cites, b.names)
	if !ok {
		name, ok = credit.Meet(b.cites, a.names)
	}
	if !ok {
		return m
	}
	if better >= inCredited && words >= creditWords && counts {
		return Match{Step: copydesk.StepCredit, Score: better, Why: fmt.Sprintf("credits %s, and shares %.0f %% of the text", name, 100*better)}
	}
	if equal := oneHeadline(a, b); equal > 0 && (better >= 0.1 || len(a.text.hashes) == 0 || len(b.text.hashes) == 0) {
		return Match{Step: copydesk.StepCredit, Score: equal, Why: fmt.Sprintf("credits %s, under the same headline", name)}
	}
	return m
}

// oneHeadline is how far two headlines are the same. It is 0 if they are not, and
// also where no rewriting would be the same news: what comes round every week comes
// under the same words, or with other numbers.
func oneHeadline(a, b compared) float64 {
	x := compare(weighed{title: a.title}, weighed{title: b.title}, 0, leastEvidence)
	if x.worse() < 0.9 || x.pieces < leastPieces || x.evidence < leastEvidence {
		return 0
	}
	apart := a.news.Sub(b.news).Abs()
	if apart > a.within.Rewrites || contradicted(a.weighed, b.weighed, 1-x.ofA, 1-x.ofB, apart) {
		return 0
	}
	return x.worse()
}

// sameText says why a text is a copy of another, of which parts are in each other
// and so many words in both; nothing if it is none.
func sameText(a, b compared, ofA, ofB, words float64) string {
	better, worse := max(ofA, ofB), min(ofA, ofB)
	same := better >= contained && worse >= contains
	if !same {
		x := compare(a.weighed, b.weighed, 0, leastEvidence)
		if worse < contains && x.worse() < aboutBoth {
			return ""
		}
		same = better >= wholly && words >= whollyWords
		if !same && better >= agreeing && x.better() >= 0.5 && x.evidence >= leastEvidence && x.pieces >= leastPieces {
			return fmt.Sprintf("%.0f %% of the shorter text is in the longer, and the headlines agree", 100*better)
		}
	}
	if !same {
		return ""
	}
	return fmt.Sprintf("the same text: %.0f %% and %.0f %% of it, some %.0f words, are in the other", 100*ofA, 100*ofB, words)
}

// Compare judges two entries by steps 4 to 6 within the default reach, as if
// there were no others. A
// window also looks at the stories they belong to, see [Window.Evidence].
// Entries of one source are nothing to each other.
func Compare(a, b Features, r *Rarity) Match {
	if a.Source == b.Source {
		return Match{}
	}
	x, y := a.compared(r, nil), b.compared(r, nil)
	x.within = DefaultReach
	apart := x.news.Sub(y.news)
	if m := copied(x, y, 0); m.Step != 0 && apart.Abs() <= DefaultReach.Copies {
		return m
	}
	if a.Language != b.Language || apart.Abs() > DefaultReach.Rewrites {
		return Match{}
	}
	given := compare(x.weighed, y.weighed, apart, r.past(a).least())
	m := Match{Score: given.score()}
	m.Contradicts = given.barred == 0 && contradicted(x.weighed, y.weighed, 1-given.ofA, 1-given.ofB, apart)
	if m.Score >= distant {
		m.Why = why(a, x.weighed, y.weighed, given)
		m.Related = m.Score < strong
	}
	if m.Score >= strong {
		m.Step = copydesk.StepSameNews
	}
	return m
}

func (f Features) compared(r *Rarity, habits func(uint32) bool) compared {
	return compared{weighed: r.weigh(f, habits), text: f.text, news: f.News, names: f.names, cites: f.credits}
}

// why names what the two share, the rarest first.
func why(f Features, a, b weighed, x figures) string {
	shared := common(a, b)
	type piece struct {
		text   string
		weight uint32
	}
	pieces := make([]piece, 0, 16)
	for _, w := range f.words {
		for i, s := range shared {
			if s>>weightBits == w.hash>>weightBits {
				pieces = append(pieces, piece{w.text, s & (1<<weightBits - 1)})
				shared = slices.Delete(shared, i, i+1) // each is named once
				break
			}
		}
	}
	slices.SortStableFunc(pieces, func(p, q piece) int { return cmp.Compare(q.weight, p.weight) })
	named := append(make([]byte, 0, 256), "shares "...)
	for i, p := range pieces[:min(len(pieces), 8)] {
		if i > 0 {
			named = append(named, ", "...)
		}
		named = append(append(named, p.text...), ' ')
		named = strconv.AppendFloat(named, float64(p.weight)/weightUnit, 'f', 2, 64)
	}
	return string(append(named, "; "...)) + x.String()
}

// common are the words of two entries that both have, each with the smaller of
// its weights, but for those that tell next to nothing.
func common(a, b weighed) (words []uint32) {
	for _, part := range [][]uint32{b.title, b.lead} {
		for _, w := range part {
			at, in := find(a.title, w), a.title
			if at < 0 {
				at, in = find(a.lead, w), a.lead
			}
			if at >= 0 && weightOf(min(w, in[at])) >= pieceWeight {
				words = append(words, min(w, in[at]))
			}
		}
	}
	return words
}
