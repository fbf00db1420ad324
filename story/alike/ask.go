package alike

import (
	"slices"

	"copydesk"
)

// Answer is what a window knows of an entry.
type Answer struct {
	Links []copydesk.Evidence // to what is the same, by steps 4 to 6 of the ladder

	// Related is to what is near and not the same, the nearest first, with what
	// it lacked. A score below 0.3 is no relation: such a one is there only if
	// nothing is nearer, to say what was nearest.
	Related []copydesk.Evidence

	// Digests are entries that turn out to be some, now that this one is known to
	// be in them: [Parted] takes each out of its story, before the entry is put
	// into one.
	Digests []copydesk.EntryID
}

// Evidence returns what links an entry to others of the window by its text, and
// what is near it without being the same. Known is what links it already, by its
// address: that is not looked for again, and where it leads the entry is at home.
// What may be a copy is compared word by word with what texts returns; by sketches
// alone if that is nil.
// Evidence changes no membership: put the entry where [Group] says, then Add and
// Place it.
//
// Steps 4 and 5 depend on the two entries alone. Step 6 depends on the story
// too: one member must be near, and the better half of it on average. Where an
// entry is near two stories, it joins both if they, with it, are one by the
// same measure; an entry that three stories would take, which are not one, is
// a roundup and joins none.
func (w *Window) Evidence(f Features, known []copydesk.Evidence, texts Texts) Answer {
	given := w.weigh(f)
	w.source(f)
	q := question{w: w, f: f, texts: texts, c: given.compared, rarest: given.rarest, own: w.sourceOf[f.Source], language: hashOf(f.Language), least: w.rarity.past(f).least()}
	q.c.within = w.reach
	q.find()
	q.copies(q.known(known))
	q.rewrites()
	return q.answer
}

// question is one entry's search for its story.
type question struct {
	w        *Window
	f        Features
	c        compared
	rarest   []uint32             // of its words
	own      uint32               // its source
	language uint32               // hash of it
	least    float64              // evidence that a link of step 6 needs
	having   [sketchKeys][]uint32 // that have each of the keys of its text
	sure     []uint32             // all of them: they share a piece of its text
	nearest  []uint32             // that share its rare words, the nearest first
	home     map[copydesk.StoryID]bool
	digest   bool // it contains several others
	texts    Texts
	whole    whole           // its text,
	runs     runs            // of which these are runs of words
	read     int             // so many texts, with its own,
	wrong    int             // of which so many were refuted
	forms    map[uint32]bool // entries whose texts are the same form with other facts
	answer   Answer
}

// found is an entry and how near it is.
type found struct {
	number uint32
	score  float64
	given  figures
}

// find looks the entry's keys up.
func (q *question) find() {
	w := q.w
	for i, h := range q.f.text.keys() {
		q.having[i] = q.look(textKey(h))
		q.sure = append(q.sure, q.having[i]...)
	}
	slices.Sort(q.sure)
	q.sure = slices.Compact(q.sure)
	q.tally()
	q.nearest = w.near.most(candidates, func(number uint32) bool {
		return q.other(number) && w.at(number).source != q.own
	})
}

// tally sums, for each entry, the weights of the rare words that it shares. It
// goes down all words at once: one after the other, it would wait for the memory
// at every step.
func (q *question) tally() {
	w := q.w
	var at [wordKeys]uint32
	var values [wordKeys]float64
	for i, word := range q.rarest {
		at[i], values[i] = w.index.last(wordKey(word, q.language)), weightOf(word)
	}
	w.near.clear()
	for range walked {
		for i := range q.rarest {
			p, ok := w.index.posting(at[i])
			if !ok || p.entry < w.base {
				at[i] = 0
				continue
			}
			w.near.add(p.entry, values[i])
			at[i] = p.prev
		}
	}
}

// look returns the entries that have a key, the newest first.
func (q *question) look(key uint32) (numbers []uint32) {
	n := 0
	for number := range q.w.index.newest(key, q.w.base) {
		if n++; n > walked {
			break
		}
		if q.other(number) {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// other reports whether a number stands for another entry than the one asked
// for, and for one that has not been revised since.
func (q *question) other(number uint32) bool {
	id := q.w.at(number).id
	return id != q.f.Entry && id != (copydesk.EntryID{})
}

// group is the story of an entry, or a name of its own while it has none.
func (k *kept) group() copydesk.StoryID {
	if k.story != (copydesk.StoryID{}) {
		return k.story
	}
	return copydesk.NewStoryID(k.id)
}
