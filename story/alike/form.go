package alike

import (
	"fmt"
	"math"
	"slices"
)

// Some texts are written once and published with other facts again and again: the
// weather warning for another county, the earthquake in another sea, the close of
// another day. Most of the one is in the other, and they are not the same. What is
// cut from a copy, or put around it, stands on one side only; where a form was
// filled in, each has something in the place of the other's.
//
// So two whole texts are laid beside each other. In the gaps between the passages
// that they have in common those facts are counted that the other text has nowhere:
// numbers and names, and with half their weight other words. A text that was edited, or
// brought up to date, has few of them for its length.
const (
	filledIn  = 40.0 // words in common for each fact that differs; fewer make a form,
	filled    = 0.2  // if such a part of the facts differs,
	facts     = 2.0  // and so many of them
	gapWords  = 40   // a longer gap is a paragraph that was replaced
	gapFacts  = 3.0  // and a gap counts so many facts at most;
	reworded  = 0.4  // with less of it in common, a long one is a sentence in other words:
	gapAside  = 1.0  // it counts so many
	longGap   = 24
	shortEdge = 4 // words that differ before the first passage, or behind the last
	recounted = 3 // a count that was brought up to date is as many times higher at most
	halfFact  = 0.5
)

// laid are two texts laid beside each other.
type laid struct {
	words        int      // in common
	facts        int      // of them, each once
	differ       float64  // facts that are not
	saidA, saidB []uint32 // the words of each
	counted      map[uint32]bool
}

func layBeside(a, b whole, runsOfB runs) laid {
	all := passages(a, b, runsOfB)
	l := laid{saidA: a.said(), saidB: b.said(), counted: map[uint32]bool{}}
	endA, endB := 0, 0
	for i, p := range all {
		l.words += p.words
		for _, w := range a[p.inA : p.inA+p.words] {
			if w.kind > aWord && !l.counted[w.word] {
				l.counted[w.word] = true
				l.facts++
			}
		}
		if i == 0 {
			n := min(p.inA, p.inB, gapWords)
			l.gap(a[p.inA-n:p.inA], b[p.inB-n:p.inB], true)
		} else if p.inA-endA <= gapWords && endB < p.inB && p.inB-endB <= gapWords {
			l.gap(a[endA:p.inA], b[endB:p.inB], false)
		}
		endA, endB = p.inA+p.words, p.inB+p.words
	}
	if len(all) > 0 {
		n := min(len(a)-endA, len(b)-endB, gapWords)
		l.gap(a[endA:endA+n], b[endB:endB+n], true)
	}
	return l
}

// gap counts what differs between two passages; at the edge of what the texts have
// in common only if more than that is alike: most often other things stand there.
func (l *laid) gap(a, b whole, edge bool) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	most := gapFacts
	if float64(alikeWords(a, b)) < reworded*float64(min(len(a), len(b))) {
		switch {
		case edge && max(len(a), len(b)) > shortEdge:
			return
		case max(len(a), len(b)) > longGap:
			most = gapAside
		}
	}
	x, y := l.left(a, l.saidB), l.left(b, l.saidA)
	differ := float64(min(x.facts, y.facts)) - halfFact*float64(recounts(x.counts, y.counts)) + halfFact*float64(min(2, x.others, y.others))
	l.differ += min(most, differ)
}

// leftOver is what a text has in a gap, and the other one nowhere.
type leftOver struct {
	facts, others int
	counts        []uint32 // of the numbers
}

// left is what a gap has and the other text does not say, but for what was counted.
func (l *laid) left(gap whole, said []uint32) (x leftOver) {
	for _, p := range gap {
		if l.counted[p.stem] || has(said, p.word) || has(said, p.stem) {
			continue
		}
		l.counted[p.stem] = true
		switch {
		case p.kind > aWord:
			x.facts++
		case p.kind == aWord:
			x.others++
		}
		if p.kind == aNumber {
			x.counts = append(x.counts, p.count)
		}
	}
	return x
}

func has(said []uint32, word uint32) bool {
	_, found := slices.BinarySearch(said, word)
	return found
}

// recounts is how many counts may be of the same thing at another time.
func recounts(a, b []uint32) (n int) {
	for i := range min(len(a), len(b)) {
		if low, high := min(a[i], b[i]), max(a[i], b[i]); low > 0 && high <= recounted*low {
			n++
		}
	}
	return n
}

// form says why the texts are one form with other facts; nothing if they are not.
func (l laid) form() string {
	if l.differ < facts || l.differ*filledIn < float64(l.words) || l.differ < filled*(l.differ+float64(l.facts)) {
		return ""
	}
	return fmt.Sprintf("one form with other facts: %.0f of %.0f differ, in %d words that are the same", math.Ceil(l.differ), math.Ceil(l.differ)+float64(l.facts), l.words)
}

// told is which part of a headline's weight a text tells; false if the headline
// says too little.
func (w whole) told(title []uint32) (part float64, says bool) {
	all, telling := total(title)
	if telling < leastWords {
		return 0, false
	}
	known := make([]bool, len(title))
	for _, p := range w {
		if at := find(title, p.stem); at >= 0 && !known[at] {
			known[at] = true
			part += weightOf(title[at])
		}
	}
	return part / all, true
}

// aside says why two texts are not what their headlines announce: neither tells
// anything of its own, and the headlines nothing of each other. So it is with what
// stands in the place of an article that is not to be had for nothing, and with the
// note below a series. Who copies an article may give it a headline that the text
// does not tell, but then it tells that of the original.
func aside(a, b whole, ofA, ofB weighed) string {
	toldA, saysA := a.told(ofA.title)
	toldB, saysB := b.told(ofB.title)
	if !saysA || !saysB || max(toldA, toldB) >= aboutBoth {
		return ""
	}
	if !unlike(ofA, ofB) {
		return ""
	}
	return "neither text tells anything of its headline"
}
