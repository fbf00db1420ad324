package alike

import (
	"slices"
	"strings"

	"copydesk"
)

const (
	shingleWords = 5
	sketchSize   = 48 // hashes kept of a text
	sketchKeys   = 12 // of them, looked up
	readWords    = 20_000
)

// CopyWords is how many words a text has at least that can be a copy.
const CopyWords = 48

// sketch is what remains of a text to judge containment: the smallest hashes
// of its runs of five words. The smallest of a part are found among the
// smallest of the whole, so, unlike the usual minimum hashes, two sketches tell
// how much of the one text is in the other and the other way round.
type sketch struct {
	hashes []uint32 // ascending; all of them if there are fewer than sketchSize
	length int      // words
}

func sketchOf(text string) sketch {
	var run [shingleWords]uint32
	var hashes []uint32
	n := 0
	split(text, func(w []byte) bool {
		run[n%shingleWords] = hashOf(w)
		n++
		if n >= shingleWords {
			h := uint32(0)
			for i := range shingleWords {
				h = h*0x9e3779b1 + run[(n+i)%shingleWords]
			}
			hashes = append(hashes, mix(h))
		}
		return n < readWords
	})
	if n < CopyWords {
		return sketch{length: n}
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	return sketch{hashes: slices.Clone(hashes[:min(len(hashes), sketchSize)]), length: n}
}

// shared estimates which part of a is in b, which part of b is in a, and how
// many words they have in common.
func (a sketch) shared(b sketch) (ofA, ofB, words float64) {
	if len(a.hashes) == 0 || len(b.hashes) == 0 {
		return 0, 0, 0
	}
	limit := min(a.limit(), b.limit())
	na, nb, both := 0, 0, 0
	for i, j := 0, 0; ; {
		inA, inB := i < len(a.hashes) && a.hashes[i] <= limit, j < len(b.hashes) && b.hashes[j] <= limit
		switch {
		case !inA && !inB:
			if na == 0 || nb == 0 {
				return 0, 0, 0
			}
			ofA, ofB = float64(both)/float64(na), float64(both)/float64(nb)
			return ofA, ofB, min(ofA*float64(a.length), ofB*float64(b.length))
		case inA && (!inB || a.hashes[i] < b.hashes[j]):
			i, na = i+1, na+1
		case inB && (!inA || b.hashes[j] < a.hashes[i]):
			j, nb = j+1, nb+1
		default:
			i, j, na, nb, both = i+1, j+1, na+1, nb+1, both+1
		}
	}
}

// limit is the hash up to which the sketch is complete.
func (a sketch) limit() uint32 {
	if len(a.hashes) < sketchSize {
		return ^uint32(0)
	}
	return a.hashes[len(a.hashes)-1]
}

func (a sketch) keys() []uint32 { return a.hashes[:min(len(a.hashes), sketchKeys)] }

// headline is the title without what a site adds to it: "… | The Herald".
// A short last part after a spaced bar or dash is taken for that.
func headline(title string) string {
	for {
		cut := -1
		for _, dash := range []string{" | ", " - ", " – ", " — ", " :: ", " · "} {
			cut = max(cut, strings.LastIndex(title, dash))
		}
		if cut < 0 || len(strings.Fields(title[cut:])) > 6 || len(strings.Fields(title[:cut])) < 4 {
			return title
		}
		title = title[:cut]
	}
}

// Sketch is what remains of an entry's text, to see whether it lies in another's.
type Sketch struct{ of sketch }

// Words is how many words an entry's text has, as far as a sketch reads it.
func Words(e copydesk.Entry) (n int) {
	split(fullText(e), func([]byte) bool {
		n++
		return n < readWords
	})
	return n
}

// SketchOf reads at most some 20,000 words of an entry's text.
func SketchOf(e copydesk.Entry) Sketch { return Sketch{sketchOf(fullText(e))} }

// Words is how many words the text has.
func (s Sketch) Words() int { return s.of.length }

// In estimates which part of the text lies in another, from 0 to 1. It is 0 if one
// of them is shorter than CopyWords.
func (s Sketch) In(other Sketch) float64 {
	inOther, _, _ := s.of.shared(other.of)
	return inOther
}
