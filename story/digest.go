package story

import "copydesk"

// A digest contains texts of others that are no copies of each other, and is a
// copy of none. Often only a third entry shows that it is one: then it leaves the
// story that it is in, so that the order in which a digest and its parts come has
// no part in what becomes of them.

// part reports whether a is a part of b: it is in there, and b is much longer.
func part(a, b sketch) bool {
	ofA, _, words := a.shared(b)
	return ofA >= 0.6 && words >= 24 && 5*a.length <= 4*b.length
}

// isDigest reports whether the entry contains two texts that are not copies of
// each other. Its own source's count as well: a newsletter has its own.
func (q *question) isDigest() bool {
	var parts []sketch
	for _, number := range q.sure {
		if t := q.w.at(number).text(); part(t, q.c.text) {
			parts = append(parts, t)
		}
	}
	return differ(parts)
}

func differ(texts []sketch) bool {
	for i, a := range texts {
		for _, b := range texts[:i] {
			if ofA, ofB, _ := a.shared(b); max(ofA, ofB) < inCredited {
				return true
			}
		}
	}
	return false
}

// What shows that an entry is a digest after it has joined others: so much of a
// part that came later, and so many words of it. An excerpt, or a footer with a
// few words above it, shows nothing.
const (
	wholePart      = 0.85
	wholePartWords = 48.0
)

// reveal notes which entries of the window turn out to be digests, since all of
// the entry is in them, as another one is.
func (q *question) reveal() {
	for _, number := range q.sure {
		k := q.w.at(number)
		ofA, _, words := q.c.text.shared(k.text())
		if ofA >= wholePart && words >= wholePartWords && (k.digest || q.w.discover(number, q.f.Entry, q.c.text)) {
			q.answer.Digests = append(q.answer.Digests, k.id)
		}
	}
}

// discover reports whether the kept entry turns out to be a digest, and remembers
// that: it contains text, which is that of entry, and another one that is no copy
// of it.
func (w *Window) discover(number uint32, entry copydesk.EntryID, text sketch) bool {
	if !w.holdsOthers(number, entry, text) {
		return false
	}
	w.at(number).digest = true
	w.digests = append(w.digests, w.at(number).id)
	return true
}

// holdsOthers reports whether the kept entry contains text and another one that
// is no copy of it.
func (w *Window) holdsOthers(number uint32, entry copydesk.EntryID, text sketch) bool {
	whole := w.at(number).text()
	if !part(text, whole) {
		return false
	}
	for _, h := range whole.keys() {
		n := 0
		for other := range w.index.newest(textKey(h), w.base) {
			if n++; n > walked {
				break
			}
			if t := w.at(other).text(); other != number && w.at(other).id != entry && part(t, whole) && differ([]sketch{t, text}) {
				return true
			}
		}
	}
	return false
}
