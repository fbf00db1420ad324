package story

import (
	"slices"

	"copydesk"
)

// Answer is what a window knows of an entry.
type Answer struct {
	Links []copydesk.Evidence // to what is the same, by steps 3 to 6 of the ladder

	// Related is to what is near and not the same, the nearest first, with what
	// it lacked. A score below 0.3 is no relation: such a one is there only if
	// nothing is nearer, to say what was nearest.
	Related []copydesk.Evidence
}

// Evidence returns what links an entry to others of the window, and what is
// near it without being the same. It changes no membership: put the entry where
// [Group] says, then Add and Place it.
//
// Steps 3 to 5 depend on the two entries alone. Step 6 depends on the story
// too: one member must be near, and the better half of it on average. Where an
// entry is near two stories, it joins both if they, with it, are one by the
// same measure; an entry that three stories would take, which are not one, is
// a roundup and joins none.
func (w *Window) Evidence(f Features) Answer {
	q := question{w: w, f: f, c: w.weigh(f)}
	q.find()
	q.copies()
	q.rewrites()
	return q.answer
}

// question is one entry's search for its story.
type question struct {
	w       *Window
	f       Features
	c       compared
	sure    []uint32 // that share its address or a piece of its text
	nearest []found  // that share its rare words
	home    map[copydesk.StoryID]bool
	digest  bool // it contains several others
	answer  Answer
}

type found struct {
	number uint32
	score  float64
	given  figures
}

// find looks the entry's keys up.
func (q *question) find() {
	w := q.w
	q.home = map[copydesk.StoryID]bool{}
	look := func(key uint32, into func(uint32)) {
		n := 0
		for number := range w.index.newest(key, w.base) {
			if n++; n > walked {
				return
			}
			if id := w.at(number).id; id != q.f.Entry && id != (copydesk.EntryID{}) {
				into(number)
			}
		}
	}
	text := func(number uint32) { q.sure = append(q.sure, number) }
	if q.f.address != 0 {
		look(mix(q.f.address^0x27d4eb2f), text)
	}
	for _, h := range q.f.text.keys() {
		look(mix(h^0x165667b1), text)
	}
	slices.Sort(q.sure)
	q.sure = slices.Compact(q.sure)
	own, known := w.sourceOf[q.f.Source]
	language := hashOf(q.f.Language)
	w.near.clear()
	for _, word := range rarest(q.c.weighed) {
		value := weightOf(word)
		look(mix(word>>weightBits^language), func(number uint32) {
			if !known || w.at(number).source != own {
				w.near.add(number, value)
			}
		})
	}
	q.nearest = w.near.most(candidates)
}

// group is the story of an entry, or a name of its own while it has none.
func (k *kept) group() copydesk.StoryID {
	if k.story != (copydesk.StoryID{}) {
		return k.story
	}
	return copydesk.NewStoryID(k.id)
}
