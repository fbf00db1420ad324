package story

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"copydesk"
)

// Evidence returns what links an entry to others of the window by steps 3 to 6
// of the ladder, and what is related to it without being the same. It changes
// no membership: put the entry where [Group] says, then Add and Place it.
//
// Steps 3 to 5 depend on the two entries alone. Step 6 depends on the story
// too: one member must be near, and the better half of it on average. Where an
// entry would join two stories, both are named only if they are one by the
// same measure; an entry that three stories would take, which are not one, is
// a roundup and joins none.
func (w *Window) Evidence(f Features) (links, related []copydesk.Evidence) {
	q := question{w: w, f: f, c: w.weigh(f)}
	q.find()
	q.copies()
	q.rewrites()
	return q.links, q.related
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
	links   []copydesk.Evidence
	related []copydesk.Evidence
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

// copies finds the links of steps 3 to 5.
func (q *question) copies() {
	w := q.w
	crowded := q.crowded()
	q.digest = q.isDigest()
	asked := slices.Clone(q.sure)
	for _, n := range q.nearest {
		asked = append(asked, n.number)
	}
	slices.Sort(asked)
	own, known := w.sourceOf[q.f.Source]
	for _, number := range slices.Compact(asked) {
		k := w.at(number)
		if known && k.source == own {
			continue
		}
		if q.f.address != 0 && k.address == q.f.address && !crowded[k.source] && !crowded[own] {
			q.link(number, copydesk.Evidence{Step: copydesk.StepSameAddress, With: k.id, Score: 1, Why: "the same address"})
			continue
		}
		other := w.compared(number)
		if q.c.news.Sub(other.news).Abs() > w.reach.Copies {
			continue
		}
		m := copied(q.c, other, q.digest || k.digest)
		if m.Step == copydesk.StepSameText && (w.holdsOthers(number, q.c.text) || q.furniture(number, other.text)) {
			m = copied(q.c, other, true)
		}
		if m.Step != 0 {
			q.link(number, copydesk.Evidence{Step: m.Step, With: k.id, Score: m.Score, Why: m.Why})
		}
	}
	slices.SortStableFunc(q.links, func(a, b copydesk.Evidence) int { return cmp.Or(a.Step-b.Step, cmp.Compare(b.Score, a.Score)) })
}

func (q *question) link(number uint32, e copydesk.Evidence) {
	q.links = append(q.links, e)
	q.home[q.w.at(number).group()] = true
}

// group is the story of an entry, or a name of its own while it has none.
func (k *kept) group() copydesk.StoryID {
	if k.story != (copydesk.StoryID{}) {
		return k.story
	}
	return copydesk.NewStoryID(k.id)
}

// crowded are the sources that have several entries at the entry's address:
// for them it stands for more than one entry and is no key.
func (q *question) crowded() map[uint32]bool {
	many, seen := map[uint32]bool{}, map[uint32]bool{}
	if own, ok := q.w.sourceOf[q.f.Source]; ok {
		seen[own] = true
	}
	for _, number := range q.sure {
		if k := q.w.at(number); q.f.address != 0 && k.address == q.f.address {
			many[k.source] = many[k.source] || seen[k.source]
			seen[k.source] = true
		}
	}
	return many
}

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
		if t := q.w.compared(number).text; part(t, q.c.text) {
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

// holdsOthers reports whether the kept entry contains text and another one that
// is no copy of it, and remembers that it is a digest.
func (w *Window) holdsOthers(number uint32, text sketch) bool {
	whole := w.compared(number).text
	if !part(text, whole) {
		return false
	}
	for _, h := range whole.keys() {
		n := 0
		for other := range w.index.newest(mix(h^0x165667b1), w.base) {
			if n++; n > walked {
				break
			}
			if t := w.compared(other).text; other != number && part(t, whole) && differ([]sketch{t, text}) {
				w.at(number).digest = true
				w.digests = append(w.digests, w.at(number).id)
				return true
			}
		}
	}
	return false
}

// furniture reports whether most of what the entry has in common with a kept
// one is what one of the two sources puts under other articles as well.
func (q *question) furniture(number uint32, text sketch) bool {
	w := q.w
	own, known := w.sourceOf[q.f.Source]
	shared, recurring := 0, 0
	for _, h := range q.c.text.keys() {
		if _, ok := slices.BinarySearch(text.hashes, h); !ok {
			continue
		}
		shared++
		n := 0
		for other := range w.index.newest(mix(h^0x165667b1), w.base) {
			if n++; n > walked {
				break
			}
			k, sibling := w.at(other), text
			if known && k.source == own {
				sibling = q.c.text
			} else if k.source != w.at(number).source {
				continue
			}
			if other == number || k.id == q.f.Entry {
				continue
			}
			if ofA, ofB, _ := w.compared(other).text.shared(sibling); max(ofA, ofB) < wholly {
				recurring++
				break
			}
		}
	}
	return 2*recurring > shared
}

// rewrites finds the links of step 6 and what is related.
func (q *question) rewrites() {
	w := q.w
	best := map[copydesk.StoryID]found{}
	for _, n := range q.nearest {
		k := w.at(n.number)
		n.given = q.figures(n.number)
		if n.score = n.given.score(); n.score > best[k.group()].score {
			best[k.group()] = n
		}
	}
	type choice struct {
		story copydesk.StoryID
		found
		mean float64
	}
	var fit, rest []choice
	for story, n := range best {
		c := choice{story, n, 0}
		if q.home[story] {
			continue
		}
		if n.score >= strong {
			c.mean = q.mean(story, n)
		}
		if c.mean >= held {
			fit = append(fit, c)
		} else if n.score >= distant {
			rest = append(rest, c)
		}
	}
	order := func(a, b choice) int {
		return cmp.Or(cmp.Compare(b.mean, a.mean), cmp.Compare(b.score, a.score), slices.Compare(a.story[:], b.story[:]))
	}
	slices.SortFunc(fit, order)
	homes := slices.SortedFunc(maps.Keys(q.home), func(a, b copydesk.StoryID) int { return slices.Compare(a[:], b[:]) })
	var joined, apart []choice
	for _, c := range fit {
		if len(homes) == 0 || w.one(homes[0], c.story) {
			joined = append(joined, c)
			if len(homes) == 0 {
				homes = append(homes, c.story)
			}
		} else {
			apart = append(apart, c)
		}
	}
	if len(q.home) == 0 && len(apart) >= 2 {
		apart, joined = append(joined, apart...), nil
	}
	for _, c := range joined {
		why := fmt.Sprintf("%s; the better half of its story %.2f", q.why(c.found), c.mean)
		q.links = append(q.links, copydesk.Evidence{Step: copydesk.StepSameNews, With: w.at(c.number).id, Score: c.score, Why: why})
	}
	rest = append(apart, rest...)
	slices.SortFunc(rest, func(a, b choice) int {
		return cmp.Or(cmp.Compare(b.score, a.score), slices.Compare(a.story[:], b.story[:]))
	})
	for _, c := range rest[:min(len(rest), relatedTo)] {
		q.related = append(q.related, copydesk.Evidence{Step: copydesk.StepSameNews, With: w.at(c.number).id, Score: c.score, Why: q.why(c.found)})
	}
}

func (q *question) why(n found) string {
	return why(q.f, q.c.weighed, q.w.compared(n.number).weighed, n.given)
}

// figures compares with an entry of the window, and with nothing where step 6
// may not: another language, another week, the same source.
func (q *question) figures(number uint32) figures {
	k := q.w.at(number)
	other := q.w.compared(number)
	apart := q.c.news.Sub(other.news)
	if q.digest || k.digest || k.language != hashOf(q.f.Language) || apart.Abs() > q.w.reach.Rewrites || k.source == q.w.sourceOf[q.f.Source] {
		return figures{}
	}
	return compare(q.c.weighed, other.weighed, apart)
}

// mean is the average score with the better half of a story's members.
func (q *question) mean(story copydesk.StoryID, best found) float64 {
	scores := []float64{best.score}
	for _, number := range q.w.members(story) {
		if number != best.number && len(scores) < members {
			if k := q.w.at(number); k.source != q.w.sourceOf[q.f.Source] {
				scores = append(scores, q.figures(number).score())
			}
		}
	}
	return betterHalf(scores)
}

func betterHalf(scores []float64) (mean float64) {
	slices.Sort(scores)
	half := scores[len(scores)/2:]
	for _, s := range half {
		mean += s
	}
	return mean / float64(max(1, len(half)))
}

// members are a story's entries, the newest first. Of very many, those that were
// placed there last are looked at.
func (w *Window) members(story copydesk.StoryID) (numbers []uint32) {
	n := 0
	for number := range w.index.newest(idKey(story[:]), w.base) {
		if n++; n > walked {
			break
		}
		if w.at(number).story == story {
			numbers = append(numbers, number)
		}
	}
	slices.SortFunc(numbers, func(a, b uint32) int { return cmp.Compare(b, a) })
	return slices.Compact(numbers)
}

// one reports whether two stories are one by the measure of step 6.
func (w *Window) one(a, b copydesk.StoryID) bool {
	first, second := w.some(a), w.some(b)
	var scores []float64
	for _, x := range first {
		for _, y := range second {
			p, q := w.at(x), w.at(y)
			if p.source == q.source || p.language != q.language {
				continue
			}
			apart := time.Duration(int64(p.news)-int64(q.news)) * time.Second
			if apart.Abs() > w.reach.Rewrites {
				continue
			}
			scores = append(scores, compare(w.compared(x).weighed, w.compared(y).weighed, apart).score())
		}
	}
	return len(scores) > 0 && betterHalf(scores) >= held
}

func (w *Window) some(story copydesk.StoryID) (numbers []uint32) {
	numbers = w.members(story)
	return numbers[:min(len(numbers), merging)]
}
