package story

import (
	"cmp"
	"slices"

	"copydesk"
)

// known are the entries of the window to which the entry is linked already.
func (q *question) known(links []copydesk.Evidence) (numbers []uint32) {
	for _, e := range links {
		if number, ok := q.w.find(e.With); ok {
			numbers = append(numbers, number)
			q.settle(number)
		}
	}
	return numbers
}

// copies finds the links of steps 4 and 5, but for those to the known.
func (q *question) copies(known []uint32) {
	w := q.w
	q.digest = q.isDigest()
	q.reveal()
	asked := slices.Concat(q.sure, q.nearest)
	slices.Sort(asked)
	for _, number := range slices.Compact(asked) {
		k := w.at(number)
		if k.source == q.own || slices.Contains(known, number) {
			continue
		}
		other := w.compared(number)
		if q.c.news.Sub(other.news).Abs() > w.reach.Copies {
			continue
		}
		m := copied(q.c, other, q.digest || k.digest)
		if m.Step == copydesk.StepSameText && (w.discover(number, q.f.Entry, q.c.text) || q.furniture(number, other.text)) {
			m = copied(q.c, other, true)
		}
		if m.Step != 0 {
			q.link(number, copydesk.Evidence{Step: m.Step, With: k.id, Score: m.Score, Why: m.Why})
		}
	}
	slices.SortStableFunc(q.answer.Links, func(a, b copydesk.Evidence) int { return cmp.Or(a.Step-b.Step, cmp.Compare(b.Score, a.Score)) })
}

func (q *question) link(number uint32, e copydesk.Evidence) {
	q.answer.Links = append(q.answer.Links, e)
	q.settle(number)
}

// settle notes that the entry belongs to the story of another.
func (q *question) settle(number uint32) {
	if q.home == nil {
		q.home = map[copydesk.StoryID]bool{}
	}
	q.home[q.w.at(number).group()] = true
}

// furniture reports whether most of what the entry has in common with a kept
// one is what one of the two sources puts under other articles as well.
func (q *question) furniture(number uint32, text sketch) bool {
	w := q.w
	shared, recurring := 0, 0
	source := w.at(number).source
	for i, h := range q.c.text.keys() {
		if _, ok := slices.BinarySearch(text.hashes, h); !ok {
			continue
		}
		shared++
		for _, other := range q.having[i] {
			sibling := text
			switch from := w.at(other).source; {
			case other == number:
				continue
			case from == q.own:
				sibling = q.c.text
			case from != source:
				continue
			}
			if ofA, ofB, _ := w.at(other).text().shared(sibling); max(ofA, ofB) < wholly {
				recurring++
				break
			}
		}
	}
	return 2*recurring > shared
}
