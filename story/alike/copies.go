package alike

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
	asked := slices.Concat(q.sure, q.nearest)
	slices.Sort(asked)
	asked = slices.Compact(asked)
	q.digest = q.isDigest()
	q.reveal(asked)
	var found []likely
	for _, number := range asked {
		k := w.at(number)
		if k.source == q.own || slices.Contains(known, number) {
			continue
		}
		other := w.compared(number)
		if q.c.news.Sub(other.news).Abs() > w.reach.Copies {
			continue
		}
		least := 0.0
		if q.digest || k.digest {
			least = nearlyAll
		}
		m := copied(q.c, other, least)
		if m.Step == copydesk.StepSameText && q.furniture(number, other.text) {
			m = copied(q.c, other, never)
		}
		if m.Step != 0 {
			found = append(found, likely{number, m})
		}
	}
	slices.SortStableFunc(found, func(a, b likely) int { return cmp.Or(a.Step-b.Step, cmp.Compare(b.Score, a.Score)) })
	for _, l := range found {
		e := copydesk.Evidence{Step: l.Step, With: w.at(l.number).id, Score: l.Score, Why: l.Why}
		switch {
		case q.wrong >= mostRefuted: // it is taken for what those before it were
			q.inForm(l.number)
			continue
		case q.read > mostRead:
			continue
		}
		if why := q.refuted(l); why != "" {
			e.Why = why
			q.answer.Related = append(q.answer.Related, e)
		} else {
			q.link(l.number, e)
		}
	}
}

// inForm notes that an entry's text is the same form with other facts.
func (q *question) inForm(number uint32) {
	if q.forms == nil {
		q.forms = map[uint32]bool{}
	}
	q.forms[number] = true
}

// likely is a copy of the entry by all that the window keeps of it.
type likely struct {
	number uint32
	Match
}

// How many whole texts are read for one entry, and how many of them may be refuted
// before no others are. What is next is not linked by its text: those were nearer.
const (
	mostRead    = 6
	mostRefuted = 3
)

// refuted says why an entry is no copy after all, by the whole texts of both;
// nothing if it is one, or if they are not to be had.
func (q *question) refuted(l likely) string {
	if q.texts == nil {
		return ""
	}
	if q.read == 0 {
		q.read = 1
		if v, there := q.texts(q.f.Entry); there {
			q.whole = wholeOf(v)
			q.runs = q.whole.runs()
		}
	}
	if q.whole == nil {
		return ""
	}
	q.read++
	v, there := q.texts(q.w.at(l.number).id)
	if !there {
		return ""
	}
	other := wholeOf(v)
	why := layBeside(other, q.whole, q.runs).form()
	if why != "" {
		q.inForm(l.number)
	}
	if why == "" && l.Step == copydesk.StepSameText {
		why = aside(q.whole, other, q.c.weighed, q.w.at(l.number).weighed())
	}
	if why == "" {
		return ""
	}
	q.wrong++
	return why + "; " + l.Why
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
// one is what one of the two sources puts under other articles as well. Its own
// text under a headline that is like its own is the article once more.
func (q *question) furniture(number uint32, text sketch) bool {
	shared, recurring := 0, 0
	source, again := q.w.at(number).source, map[uint32]bool{}
	for i, h := range q.c.text.keys() {
		if _, ok := slices.BinarySearch(text.hashes, h); !ok {
			continue
		}
		shared++
		for _, other := range q.having[i] {
			if from := q.w.at(other).source; from != q.own && from != source {
				continue
			}
			is, known := again[other]
			if !known {
				is = q.recurs(number, text, other)
				again[other] = is
			}
			if is {
				recurring++
				break
			}
		}
	}
	return 2*recurring > shared
}

// recurs reports whether another entry, of the source of the one asked for or of
// the kept one, is another article than that.
func (q *question) recurs(number uint32, text sketch, other uint32) bool {
	o := q.w.at(other)
	sibling, under := text, q.w.at(number).weighed()
	switch {
	case other == number:
		return false
	case o.source == q.own:
		sibling, under = q.c.text, q.c.weighed
	}
	ofA, ofB, _ := o.text().shared(sibling)
	return max(ofA, ofB) < wholly || unlike(o.weighed(), under)
}

// unlike reports whether two headlines tell nothing of each other.
func unlike(a, b weighed) bool {
	_, tellingA := total(a.title)
	_, tellingB := total(b.title)
	return min(tellingA, tellingB) >= leastWords && compare(weighed{title: a.title}, weighed{title: b.title}, 0, leastEvidence).better() < aboutBoth
}
