package alike

import (
	"slices"

	"copydesk"
)

// A digest contains texts of others that are no copies of each other, and is a
// copy of none but of what is alike as a whole. Often only a third entry shows that it is one: then it leaves the
// story that it is in, so that the order in which a digest and its parts come has
// no part in what becomes of them.

// What makes a text a part of a longer one: so much of it is in there, and so many
// words. Of the digest's own source all of it, and more words: the footer of that
// source with a few words above it is no part.
const (
	inDigest      = 0.6
	inDigestWords = 24.0
	nearlyAll     = 0.6 // a digest is a copy of what is so much of it, and it of that
	ownPart       = 0.95
	ownPartWords  = 48.0
)

// part reports whether a is a part of b, which is much longer. Own says that they are
// of one source.
func part(a, b sketch, own bool) bool {
	if 5*a.length > 4*b.length {
		return false
	}
	ofA, _, words := a.shared(b)
	if own && (ofA < ownPart || words < ownPartWords) {
		return false
	}
	return ofA >= inDigest && words >= inDigestWords
}

// portion is a text in a digest, or in an article that was cut up.
type portion struct {
	text   sketch
	titled bool // it tells the headline of what it is in
}

// portionOf is the text of an entry that is in another; false if it is not.
func portionOf(text compared, source uint32, in compared, from uint32) (p portion, is bool) {
	if !part(text.text, in.text, source == from) {
		return p, false
	}
	x := compare(weighed{title: in.title}, text.weighed, 0, leastEvidence)
	return portion{text.text, x.ofA >= 0.5 && x.evidence >= leastEvidence && x.pieces >= leastPieces}, true
}

// isDigest reports whether the entry contains two texts that are not copies of
// each other. Its own source's count as well: a newsletter has its own.
func (q *question) isDigest() bool {
	var portions []portion
	for _, number := range q.sure {
		if p, is := portionOf(q.w.compared(number), q.w.at(number).source, q.c, q.own); is {
			portions = append(portions, p)
		}
	}
	for i, p := range portions {
		if slices.ContainsFunc(portions[:i], p.differs) {
			return true
		}
	}
	return false
}

// differs reports whether two texts that are in a third have nothing to do with
// each other. Two excerpts of one article share no text either, but each tells
// what that is about.
func (p portion) differs(o portion) bool {
	ofP, ofO, _ := p.text.shared(o.text)
	return max(ofP, ofO) < inCredited && !(p.titled && o.titled)
}

// reveal notes which entries of those turn out to be digests, since the entry is
// in them, as another one is.
func (q *question) reveal(asked []uint32) {
	for _, number := range asked {
		if k := q.w.at(number); k.digest || q.holds(number) {
			if !k.digest {
				k.digest = true
				q.w.digests = append(q.w.digests, k.id)
			}
			q.answer.Digests = append(q.answer.Digests, k.id)
		}
	}
}

// holds reports whether a kept entry contains the text of the entry and another
// one that has nothing to do with it.
func (q *question) holds(number uint32) bool {
	w := q.w
	in, from := w.compared(number), w.at(number).source
	p, is := portionOf(q.c, q.own, in, from)
	if !is {
		return false
	}
	for _, h := range in.text.keys() {
		n := 0
		for other := range w.index.newest(textKey(h), w.base) {
			if n++; n > walked {
				break
			}
			if other == number || !q.other(other) {
				continue
			}
			if o, is := portionOf(w.compared(other), w.at(other).source, in, from); is && p.differs(o) {
				return true
			}
		}
	}
	return false
}

// Alike reports whether most of each of two entries is in the other, so that they
// are copies even if they are digests.
func (w *Window) Alike(a, b copydesk.EntryID) bool {
	x, there := w.find(a)
	y, too := w.find(b)
	if !there || !too {
		return false
	}
	ofA, ofB, words := w.at(x).text().shared(w.at(y).text())
	return min(ofA, ofB) >= nearlyAll && words >= 0.8*CopyWords
}
