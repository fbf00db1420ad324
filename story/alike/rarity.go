package alike

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A weight is how much a word tells, in units of 11.5 bits: 1 is a word that
// one entry in some 2,900 has. A cold store cannot tell such words from those
// that only it does not know, and gives none more than 0.9; a warm one tells
// rarer words apart, up to about 1.5.
const (
	priorEntries = 2000.0 // the prior weighs as much as so many entries
	unseen       = 0.7    // and a word that is new to us counts as if so many had it
	unsure       = 1.3    // while we have seen little, for so many more;
	unsureUntil  = 1000.0 // half as many after so many entries
	follows      = 4.0    // entries with a word that must have been seen before its follower is judged by it
	halvedAt     = 100_000
	mostWords    = 1 << 19 // per language; when there are more, those seen once are forgotten, and so on until
	mostPairs    = 1 << 19 // at most three quarters are left
)

var unit = math.Log(priorEntries / unseen)

// Rarity counts in how many entries of the recent stream each word occurs, per
// language, beginning from a prior that is shipped. What it knows fades: when
// it has seen 100,000 entries of a language, all counts are halved.
//
// It also counts which words follow each other. "Jong" after "Kim" tells
// nothing that "Kim" has not told: evidence must be independent.
//
// An entry is weighed by what was said before its news, not by what happened to
// be polled before it, see [Rarity.past].
//
// A Rarity is not safe for concurrent use.
type Rarity struct {
	languages map[string]*counts
	now       int64 // the latest hour in which an entry came
}

type counts struct {
	said         // of all that was said some hours ago
	hours []hour // of the last ones, in order: those in which something was said
	prior prior
}

// said is in how many of its entries each word and pair of words occurs.
type said struct {
	entries float64
	words   counter
	pairs   counter
}

// NewRarity returns a rarity that knows the prior alone.
func NewRarity() *Rarity { return &Rarity{languages: map[string]*counts{}} }

func (r *Rarity) of(language string) *counts {
	c := r.languages[language]
	if c == nil {
		c = &counts{prior: priors()[language]}
		r.languages[language] = c
	}
	return c
}

// Observe counts the words of an entry. Count each entry once, after it was
// compared.
func (r *Rarity) Observe(f Features) {
	r.pass(f)
	c := r.of(f.Language)
	c.count(f, r.now)
	if c.entries >= halvedAt {
		c.fade()
	}
	if c.words.len() > mostWords {
		c.words.shrink(mostWords * 3 / 4)
	}
	if c.pairs.len() > mostPairs {
		c.pairs.shrink(mostPairs * 3 / 4)
	}
}

func (s *said) count(f Features) {
	words, pairs := f.counted()
	for _, k := range words {
		s.words.add(k, 2)
	}
	for _, k := range pairs {
		s.pairs.add(k, 2)
	}
	s.entries++
}

// counted are the words of an entry, each once, and the pairs of words that
// follow each other.
func (f Features) counted() (words, pairs []uint32) {
	words, pairs = make([]uint32, 0, len(f.words)), make([]uint32, 0, len(f.words))
	for i, w := range f.words {
		words = append(words, w.hash)
		if i > 0 && i != f.title {
			pairs = append(pairs, pair(f.words[i-1].hash, w.hash))
		}
	}
	slices.Sort(words)
	slices.Sort(pairs)
	return slices.Compact(words), slices.Compact(pairs)
}

// Without returns the counts as if the entries had not been observed that all
// yields, as nearly as that can be told after counts were halved. They are
// observed again when they are grouped again, from the first of their hours on.
func (r *Rarity) Without(all iter.Seq[Features]) *Rarity {
	less := NewRarity()
	for language, c := range r.languages {
		less.languages[language] = &counts{said: said{c.entries, c.words.clone(), c.pairs.clone()}, prior: c.prior}
		for _, h := range c.hours {
			if h.number > r.now-hourLag {
				less.languages[language].add(h.said)
			}
		}
	}
	for f := range all {
		c := less.of(f.Language)
		words, pairs := f.counted()
		c.words.uncount(words)
		c.pairs.uncount(pairs)
		c.entries = max(0, c.entries-1)
	}
	return less
}

func (s *said) fade() {
	s.entries /= 2
	s.words.halve()
	s.pairs.halve()
}

func pair(first, second uint32) uint32 { return mix(first*0x9e3779b1 + second) }

// many is in how many of priorEntries+entries the word occurs.
func (p past) many(w word) float64 {
	n := p.all.words.of(w.hash)
	for _, s := range p.but[:p.n] {
		n -= s.words.of(w.hash)
	}
	n = max(0, n) // all may have been halved since
	if share, ok := p.prior.share[w.hash]; ok {
		return float64(n) + float64(share)*priorEntries
	}
	return float64(n) + p.prior.unknown(w.text)*priorEntries
}

// weigh returns the weight of a word that many entries have.
func (p past) weigh(many float64) float64 { return max(0, -p.share(many)/unit) }

// share is the logarithm of which part of the entries has a word that many have.
func (p past) share(many float64) float64 {
	return math.Log(many+unseen+unsure*unsureUntil/(unsureUntil+p.entries)) - p.log
}

// least is how much evidence a link of step 6 needs: more while little of the
// language was seen. Then every word that the prior lacks looks rare, and what three towns
// have in common, a harbour, a ferry and a lighthouse, is no news.
func (p past) least() float64 {
	return leastEvidence + coldEvidence*min(1, max(0, 2-2*p.entries/coldUntil))
}

// after returns the weight of w, which many entries have, where it follows
// first, which given entries have.
func (p past) after(first, w word, given, many float64) float64 {
	if first.hash == w.hash || given < 1 {
		return math.Inf(1)
	}
	key := pair(first.hash, w.hash)
	both := p.all.pairs.of(key)
	for _, s := range p.but[:p.n] {
		both -= s.pairs.of(key)
	}
	if both <= 0 {
		return math.Inf(1)
	}
	return max(0, -math.Log((float64(both)+follows*math.Exp(p.share(many)))/(given+follows))/unit)
}

// countsVersion is the form in which counts are written. Those of another one
// are not read: words are then counted anew, from the prior.
const countsVersion = 5

// MarshalBinary returns what was learned, without the prior.
func (r *Rarity) MarshalBinary() ([]byte, error) {
	b := binary.AppendVarint([]byte{countsVersion}, r.now)
	b = binary.AppendUvarint(b, uint64(len(r.languages)))
	for _, language := range slices.Sorted(maps.Keys(r.languages)) {
		c := r.languages[language]
		b = c.append(appendString(b, language))
		b = binary.AppendUvarint(b, uint64(len(c.hours)))
		for _, h := range c.hours {
			b = h.append(binary.AppendVarint(b, h.number))
		}
	}
	return b, nil
}

func (s *said) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.entries))
	return s.pairs.append(s.words.append(b))
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (r *Rarity) UnmarshalBinary(b []byte) error {
	in := record{rest: b}
	if in.byte() != countsVersion {
		return fmt.Errorf("read word counts: %w", errRecord)
	}
	read := NewRarity()
	read.now = in.varint()
	for range in.uvarint() {
		if in.bad {
			break
		}
		c := read.of(in.string())
		in.said(&c.said)
		n := in.uvarint()
		in.bad = in.bad || n > hoursKept
		for range n {
			h := hour{number: in.varint()}
			in.said(&h.said)
			if in.bad = in.bad || h.number > read.now || len(c.hours) > 0 && c.hours[len(c.hours)-1].number >= h.number; in.bad {
				break
			}
			c.hours = append(c.hours, h)
		}
	}
	if in.bad || len(in.rest) > 0 {
		return fmt.Errorf("read word counts: %w", errRecord)
	}
	*r = *read
	return nil
}

func (r *record) said(s *said) {
	if n := r.take(8); n != nil {
		s.entries = math.Float64frombits(binary.LittleEndian.Uint64(n))
	}
	r.counter(&s.words)
	r.counter(&s.pairs)
	r.bad = r.bad || !(s.entries >= 0 && s.entries <= 2*halvedAt)
}

// prior is the share of entries in which a language's common words occur.
type prior struct {
	share map[uint32]float32
}

// unknown is the share of a word that the prior lacks. Where the prior knows a
// language, such a word is new. Where it does not, short words are taken for
// the language's particles, or they would look like rare evidence.
func (p prior) unknown(w string) float64 {
	if len(p.share) >= 200 {
		return 0
	}
	switch n := len([]rune(w)); {
	case n == 2 && spaceless([]rune(w)[0]):
		return 0
	case n <= 2:
		return 0.08
	case n == 3:
		return 0.03
	case n == 4:
		return 0.005
	}
	return 0
}

//go:embed prior.txt
var priorText []byte

// priors reads the shipped counts. For each language a line "# language
// entries", then lines "word entries-with-it". They were counted by
// "go run ./story/eval --prior FILE…" on news of 2014 and 2023 (English) and of
// 2021 (the others, without that set's own topic), of words that at least three
// entries of two sources have, and one entry in 2,000; they hold no text.
var priors = sync.OnceValue(func() map[string]prior {
	all := map[string]prior{}
	var p prior
	entries := 1.0
	for line := range bytes.Lines(priorText) {
		name, number, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		if name == "#" {
			language, n, _ := strings.Cut(number, " ")
			p, entries = prior{share: map[uint32]float32{}}, parse(n)
			all[language] = p
			continue
		}
		p.share[hashOf(name)] = float32(parse(number) / entries)
	}
	return all
})

func parse(number string) float64 {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil { // the file is ours, and a test reads it
		panic(err)
	}
	return n
}

// commonest is the language whose prior makes the words of text the likeliest;
// empty if none knows two of them.
func commonest(text string) string {
	best, most := "", 1.0
	words := appendWords(nil, text, titleWords, nil)
	for _, language := range slices.Sorted(maps.Keys(priors())) {
		known, sum := 0, 0.0
		for _, w := range words {
			if share := priors()[language].share[w.hash]; share > 0.004 {
				known++
				sum += math.Log(float64(share) / 0.001)
			}
		}
		if known >= 2 && sum > most {
			best, most = language, sum
		}
	}
	return best
}
