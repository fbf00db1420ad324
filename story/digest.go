package story

import (
	"slices"
	"time"

	"copydesk"
)

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

const whyDigest = "a digest, which contains others as well"

// Parted takes a digest out of the story that it is in. What linked it to others
// by its text becomes what it is related to, and who is in the story by that
// alone leaves too. It returns what becomes of the story, of which the part with its
// first member keeps the id; nothing if the digest belongs there all the same, by
// its address or the operator's word, or if only some may see it.
func Parted(told copydesk.Told, digest copydesk.EntryID, o Overrides, at time.Time) []Grouped {
	s := told.Story
	s.Members = slices.Clone(s.Members)
	for i, m := range s.Members {
		s.Members[i] = unlinked(m, digest)
	}
	nobody := func(copydesk.EntryID) bool { return false }
	parts := Settled(s, nobody)
	if len(parts) <= len(Settled(told.Story, nobody)) {
		return nil
	}
	var apart []copydesk.Told
	for _, p := range parts {
		t := copydesk.Told{Story: p}
		for i, m := range told.Story.Members {
			if p.Has(m.Entry) {
				t.Voices = append(t.Voices, told.Voices[i])
			}
		}
		if p.ID != s.ID {
			t.Story = begin(t.Voices[0])
			t.Story.Members = p.Members
			for i := range t.Story.Members {
				t.Story.Members[i].Joined = at
			}
		}
		apart = append(apart, t)
	}
	// The public would know another one by the id that it knows. It does not see
	// what is private, and so nothing wrong.
	if secrecy(apart[0]) > 0 && slices.ContainsFunc(apart, func(t copydesk.Told) bool { return secrecy(t) == 0 }) {
		return nil
	}
	if all := o.Apply(apart, at); len(all) > 1 {
		return all
	}
	return nil
}

// unlinked is a member of a story without its links by text to a digest, or
// without all of them if it is one.
func unlinked(m copydesk.Member, digest copydesk.EntryID) copydesk.Member {
	links := m.Evidence
	m.Evidence, m.Related = nil, slices.Clone(m.Related)
	for _, e := range links {
		if e.Step >= copydesk.StepCredit && (m.Entry == digest || e.With == digest) {
			e.Why = whyDigest + ": " + e.Why
			m.Related = append(m.Related, e)
		} else {
			m.Evidence = append(m.Evidence, e)
		}
	}
	return m
}
