package story

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
	unsure       = 1.0    // while we have seen little, for so many more;
	unsureUntil  = 1000.0 // half as many after so many entries
	follows      = 4.0    // entries with a word that must have been seen before its follower is judged by it
	halvedAt     = 100_000
	mostWords    = 1 << 19 // per language; when there are more, those seen once are forgotten
	mostPairs    = 1 << 20
)

var unit = math.Log(priorEntries / unseen)

// Rarity counts in how many entries of the recent stream each word occurs, per
// language, beginning from a prior that is shipped. What it knows fades: when
// it has seen 100,000 entries of a language, all counts are halved.
//
// It also counts which words follow each other. "Jong" after "Kim" tells
// nothing that "Kim" has not told: evidence must be independent.
//
// A Rarity is not safe for concurrent use.
type Rarity struct {
	languages map[string]*counts
}

type counts struct {
	entries float64
	words   map[uint32]float32
	pairs   map[uint32]float32
	prior   prior
	log     float64 // of priorEntries+entries
}

// NewRarity returns a rarity that knows the prior alone.
func NewRarity() *Rarity { return &Rarity{languages: map[string]*counts{}} }

func (r *Rarity) of(language string) *counts {
	c := r.languages[language]
	if c == nil {
		c = &counts{words: map[uint32]float32{}, pairs: map[uint32]float32{}, prior: priors()[language], log: math.Log(priorEntries)}
		r.languages[language] = c
	}
	return c
}

// Observe counts the words of an entry. Count each entry once, after it was
// compared.
func (r *Rarity) Observe(f Features) {
	c := r.of(f.Language)
	words, pairs := f.counted()
	for _, k := range words {
		c.words[k]++
	}
	for _, k := range pairs {
		c.pairs[k]++
	}
	c.entries++
	if c.entries >= halvedAt || len(c.words) > mostWords || len(c.pairs) > mostPairs {
		c.fade()
	}
	c.log = math.Log(priorEntries + c.entries)
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
// observed again when they are grouped again.
func (r *Rarity) Without(all iter.Seq[Features]) *Rarity {
	less := NewRarity()
	for language, c := range r.languages {
		less.languages[language] = &counts{c.entries, maps.Clone(c.words), maps.Clone(c.pairs), c.prior, c.log}
	}
	for f := range all {
		c := less.of(f.Language)
		words, pairs := f.counted()
		uncount(c.words, words)
		uncount(c.pairs, pairs)
		c.entries = max(0, c.entries-1)
		c.log = math.Log(priorEntries + c.entries)
	}
	return less
}

func uncount(in map[uint32]float32, keys []uint32) {
	for _, k := range keys {
		if in[k] > 1 {
			in[k]--
		} else {
			delete(in, k)
		}
	}
}

func (c *counts) fade() {
	c.entries /= 2
	for _, m := range []map[uint32]float32{c.words, c.pairs} {
		for k, n := range m {
			if n < 2 {
				delete(m, k)
			} else {
				m[k] = n / 2
			}
		}
	}
}

func pair(first, second uint32) uint32 { return mix(first*0x9e3779b1 + second) }

// many is in how many of priorEntries+entries the word occurs.
func (c *counts) many(w word) float64 {
	n := float64(c.words[w.hash])
	if p, ok := c.prior.share[w.hash]; ok {
		return n + float64(p)*priorEntries
	}
	return n + c.prior.unknown(w.text)*priorEntries
}

// weigh returns the weight of a word that many entries have.
func (c *counts) weigh(many float64) float64 { return max(0, -c.share(many)/unit) }

// share is the logarithm of which part of the entries has a word that many have.
func (c *counts) share(many float64) float64 {
	return math.Log(many+unseen+unsure*unsureUntil/(unsureUntil+c.entries)) - c.log
}

// least is how much evidence a link of step 6 needs: more while little of the
// language was seen. Then every word that the prior lacks looks rare, and what three towns
// have in common, a harbour, a ferry and a lighthouse, is no news.
func (r *Rarity) least(language string) float64 {
	return leastEvidence + coldEvidence*min(1, max(0, 2-2*r.of(language).entries/coldUntil))
}

// after returns the weight of w, which many entries have, where it follows
// before, which given entries have.
func (c *counts) after(before, w word, given, many float64) float64 {
	if before.hash == w.hash || given < 1 {
		return math.Inf(1)
	}
	both := float64(c.pairs[pair(before.hash, w.hash)])
	if both == 0 {
		return math.Inf(1)
	}
	return max(0, -math.Log((both+follows*math.Exp(c.share(many)))/(given+follows))/unit)
}

// MarshalBinary returns what was learned, without the prior.
func (r *Rarity) MarshalBinary() ([]byte, error) {
	b := []byte{recordVersion}
	for _, language := range slices.Sorted(maps.Keys(r.languages)) {
		c := r.languages[language]
		b = appendString(b, language)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c.entries))
		for _, m := range []map[uint32]float32{c.words, c.pairs} {
			b = binary.AppendUvarint(b, uint64(len(m)))
			for _, k := range slices.Sorted(maps.Keys(m)) {
				b = binary.LittleEndian.AppendUint32(b, k)
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(m[k]))
			}
		}
	}
	return b, nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (r *Rarity) UnmarshalBinary(b []byte) error {
	in := record{rest: b}
	if in.byte() != recordVersion {
		return fmt.Errorf("read word counts: %w", errRecord)
	}
	read := NewRarity()
	for len(in.rest) > 0 && !in.bad {
		c := read.of(in.string())
		if n := in.take(8); n != nil {
			c.entries = math.Float64frombits(binary.LittleEndian.Uint64(n))
		}
		for _, m := range []map[uint32]float32{c.words, c.pairs} {
			for range in.uvarint() {
				k := in.uint32()
				m[k] = math.Float32frombits(in.uint32())
				if in.bad {
					break
				}
			}
		}
		if !(c.entries >= 0 && c.entries <= 2*halvedAt) {
			in.bad = true
		}
		c.log = math.Log(priorEntries + c.entries)
	}
	if in.bad {
		return fmt.Errorf("read word counts: %w", errRecord)
	}
	*r = *read
	return nil
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
