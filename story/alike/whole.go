package alike

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk"
)

// Texts returns an entry as it is compared, with its whole text, as [Read] is given it;
// false if that is not to be had any more. A window asks it for the few entries that by
// their sketches may be copies of the one it was asked about, and for that one.
type Texts func(copydesk.EntryID) (copydesk.Voice, bool)

// whole is a text as it is compared word by word.
type whole []piece

// piece is a word of a text.
type piece struct {
	word, stem uint32 // hashes
	count      uint32 // what a small or round number says; 0 if it is none
	kind       kind
}

type kind byte

const (
	aShort kind = iota // word, too short to tell anything
	aWord              // like others
	aName              // that is, in capitals where no sentence begins
	aNumber
)

// wholeWords is how much of a text is compared word by word.
const wholeWords = 4000

func wholeOf(v copydesk.Voice) (w whole) {
	text := fullText(v.Entry)
	w = make(whole, 0, min(wholeWords, len(text)/5))
	var s splitter
	s.yield = func(b []byte) bool {
		p := piece{word: hashOf(b), stem: hashOf(stem(string(b)))}
		switch {
		case hasDigit(b):
			p.kind, p.count = aNumber, countOf(string(b))
		case capital(text[:s.at]):
			p.kind = aName
		case len(b) > 3:
			p.kind = aWord
		}
		w = append(w, p)
		return len(w) < wholeWords
	}
	s.split(text)
	return w
}

func hasDigit(word []byte) bool {
	return slices.ContainsFunc(word, func(c byte) bool { return '0' <= c && c <= '9' })
}

// countOf is the number that a word stands for, if it is one by which things or
// people are counted: whole, and of no more than three digits but for zeros.
func countOf(word string) uint32 {
	if before, after, ok := strings.Cut(word, "."); ok && len(after) == 3 { // thousands, in much of the world
		word = before + after
	}
	if len(strings.TrimRight(word, "0")) > 3 || strings.Trim(word, "0123456789") != "" {
		return 0
	}
	n, err := strconv.ParseUint(word, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// capital reports whether the last word of text has a capital that no sentence
// gives it.
func capital(text string) bool {
	at, first := len(text), ' '
	for at > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		at, first = at-size, r
	}
	if !unicode.IsUpper(first) {
		return false
	}
	before := strings.TrimRight(text[:at], " \t\r\n\"'“”‘’«»„([")
	return before != "" && !strings.ContainsRune(".!?:;", rune(before[len(before)-1]))
}

// passage is a run of words that two texts have in common.
type passage struct{ inA, inB, words int }

// passages are what two texts have in common, in the order of the first: runs of
// as many words as those of a sketch, or more. Runs are those of the second.
func passages(a, b whole, runs runs) (all []passage) {
	const most = 8 // places of one run in a text that repeats itself
	next := 0
	for i := 0; i+shingleWords <= len(a); {
		best, h := passage{}, a.run(i)
		at, _ := slices.BinarySearch(runs, uint64(h)<<32)
		for n := at; n < min(len(runs), at+most) && uint32(runs[n]>>32) == h; n++ {
			j := int(uint32(runs[n]))
			p := passage{i, j, same(a[i:], b[j:])}
			if p.words > best.words || p.words == best.words && max(j-next, next-j) < max(best.inB-next, next-best.inB) {
				best = p
			}
		}
		if best.words < shingleWords {
			i++
			continue
		}
		all = append(all, best)
		i, next = i+best.words, best.inB+best.words
	}
	return all
}

// runs are the runs of words of a text, in order: the hash of each, and below it
// where it begins.
type runs []uint64

func (w whole) runs() (all runs) {
	for i := range max(0, len(w)-shingleWords+1) {
		all = append(all, uint64(w.run(i))<<32|uint64(i))
	}
	slices.Sort(all)
	return all
}

func (w whole) run(i int) (h uint32) {
	for _, p := range w[i : i+shingleWords] {
		h = h*0x9e3779b1 + p.word
	}
	return h
}

// same is how many words two texts begin with alike.
func same(a, b whole) (n int) {
	for n < min(len(a), len(b)) && a[n].word == b[n].word {
		n++
	}
	return n
}

// alikeWords is how many words two pieces of text have in common, in one order.
func alikeWords(a, b whole) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		before := 0
		for j, y := range b {
			above := row[j+1]
			if x.word == y.word {
				row[j+1] = before + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			before = above
		}
	}
	return row[len(b)]
}

// said are the words of a text, as written and as stems, in order.
func (w whole) said() []uint32 {
	all := make([]uint32, 0, 2*len(w))
	for _, p := range w {
		all = append(all, p.word)
		if p.stem != p.word {
			all = append(all, p.stem)
		}
	}
	slices.Sort(all)
	return all
}
