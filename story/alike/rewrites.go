package alike

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"copydesk"
)

// option is a story that an entry may belong to: its nearest member, and how
// near the better half of it is.
type option struct {
	story copydesk.StoryID
	found
	mean  float64
	lacks string // why it does not belong to it
}

// rewrites finds the links of step 6 and what is near.
func (q *question) rewrites() {
	home := q.homes()
	copied, others := len(home) > 0, 0
	own := q.present()
	if own != (copydesk.StoryID{}) {
		home = append(home, own)
	}
	options := q.options()
	var joined []*option
	rest := make([]*option, 0, len(options))
	for i := range options {
		o := &options[i]
		switch {
		case q.home[o.story]:
			continue
		case o.score < strong: // relate says what it lacks
		case o.story == own && o.mean >= held:
			joined = append(joined, o)
			continue
		case len(home) == 0 && o.mean < held:
			o.lacks = fmt.Sprintf("%.2f of %.2f on average with the better half of its story", o.mean, held)
		case len(home) == 0 || q.one(home, o.story):
			joined, home = append(joined, o), append(home, o.story)
			continue
		default:
			o.lacks = "its story is not one with the story that this joined"
			if o.mean >= held {
				others++
			}
		}
		rest = append(rest, o)
	}
	if !copied && others >= 2 {
		rest, joined = append(rest, joined...), nil
		for _, o := range rest {
			if o.mean >= held {
				o.lacks = "three stories would take it, which are not one"
			}
		}
	}
	for _, o := range joined {
		why := fmt.Sprintf("%s; the better half of its story %.2f", q.why(o.found), o.mean)
		q.answer.Links = append(q.answer.Links, copydesk.Evidence{Step: copydesk.StepSameNews, With: q.w.at(o.number).id, Score: o.score, Why: why})
	}
	q.relate(rest)
}

// options are the stories that are near, those that fit best first.
func (q *question) options() (options []option) {
	options = make([]option, 0, len(q.nearest))
	for _, number := range q.nearest {
		n := found{number: number, given: q.figures(number)}
		n.score = n.given.score()
		story := q.w.at(number).group()
		if i := slices.IndexFunc(options, func(o option) bool { return o.story == story }); i < 0 {
			options = append(options, option{story: story, found: n})
		} else if n.score > options[i].score {
			options[i].found = n
		}
	}
	for i, o := range options {
		if o.score >= strong {
			options[i].mean = q.mean(o.story, o.found)
		}
	}
	slices.SortFunc(options, func(a, b option) int {
		return cmp.Or(cmp.Compare(b.mean, a.mean), cmp.Compare(b.score, a.score), slices.Compare(a.story[:], b.story[:]))
	})
	return options
}

// present is the story that the entry is in with others by an older text, if it is.
// A page that tells of one thing in the morning and of another at night does not lead
// the one to the other.
func (q *question) present() (story copydesk.StoryID) {
	if number, known := q.w.find(q.f.Entry); known {
		if story := q.w.at(number).group(); !q.home[story] && len(q.w.some(story, 2)) > 1 {
			return story
		}
	}
	return story
}

// homes are the stories that the entry is in by its copies.
func (q *question) homes() (homes []copydesk.StoryID) {
	for story := range q.home {
		homes = append(homes, story)
	}
	slices.SortFunc(homes, func(a, b copydesk.StoryID) int { return slices.Compare(a[:], b[:]) })
	return homes
}

// relate notes what is near and not the same, the nearest first; what is not
// even related, if nothing is nearer.
func (q *question) relate(rest []*option) {
	slices.SortStableFunc(rest, func(a, b *option) int { return cmp.Compare(b.score, a.score) })
	for i, o := range rest[:min(len(rest), relatedTo)] {
		if o.score < distant && i > 0 {
			break
		}
		if o.lacks == "" {
			o.lacks = o.given.lacks()
		}
		q.answer.Related = append(q.answer.Related, copydesk.Evidence{
			Step: copydesk.StepSameNews, With: q.w.at(o.number).id, Score: o.score, Why: o.lacks + ": " + q.why(o.found),
		})
	}
}

func (q *question) why(n found) string {
	return why(q.f, q.c.weighed, q.w.at(n.number).weighed(), n.given)
}

// figures compares with an entry of the window, and with nothing where step 6
// may not: another language, another week, the same source.
func (q *question) figures(number uint32) figures {
	k := q.w.at(number)
	apart := q.c.news.Sub(time.Unix(int64(k.news), 0))
	switch {
	case k.source == q.own:
		return figures{apart: apart.Abs(), barred: barSource}
	case k.language != q.language:
		return figures{apart: apart.Abs(), barred: barLanguage}
	case apart.Abs() > q.w.reach.Rewrites:
		return figures{apart: apart.Abs(), barred: barTime}
	case q.digest || k.digest:
		return figures{apart: apart.Abs(), barred: barDigest}
	case q.forms[number]:
		return figures{apart: apart.Abs(), barred: barForm}
	}
	return compare(q.c.weighed, k.weighed(), apart, q.least)
}

// mean is the average score with the better half of a story's members. Of two
// that is one, and so both must be near: with half of them alone stories would go
// on from one thing to another.
func (q *question) mean(story copydesk.StoryID, best found) float64 {
	scores := []float64{best.score}
	for _, number := range q.w.some(story, members) {
		if number != best.number && len(scores) < members {
			if k := q.w.at(number); k.source != q.own {
				scores = append(scores, q.figures(number).score())
			}
		}
	}
	if len(scores) == 2 && min(scores[0], scores[1]) < stray {
		return (scores[0] + scores[1]) / 2
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

// one reports whether stories that the entry joins are, with it, one with
// another story, by the measure of step 6. That the entry is near both is not
// enough: a roundup is near all that it tells of. So the better half of the others
// must be related as well.
func (q *question) one(home []copydesk.StoryID, other copydesk.StoryID) bool {
	w := q.w
	second := w.some(other, merging)
	var own, others []float64
	for _, y := range second {
		if w.at(y).source != q.own {
			own = append(own, q.figures(y).score())
		}
	}
	for _, story := range home {
		for _, x := range w.some(story, merging) {
			for _, y := range second {
				if s, ok := w.score(x, y, q.least); ok {
					others = append(others, s)
				}
			}
		}
	}
	return len(others) > 0 && betterHalf(others) >= cross && betterHalf(slices.Concat(own, others)) >= bridge
}

// score compares two entries of the window, if they can be compared.
func (w *Window) score(x, y uint32, least float64) (score float64, ok bool) {
	p, q := w.at(x), w.at(y)
	apart := time.Duration(int64(p.news)-int64(q.news)) * time.Second
	if p.source == q.source || p.language != q.language || apart.Abs() > w.reach.Rewrites {
		return 0, false
	}
	return compare(p.weighed(), q.weighed(), apart, least).score(), true
}

// some are so many of a story's entries. Of those that were placed there last
// it takes those with the lowest ids, which is as good as by chance, and the
// same in any order of arrival.
func (w *Window) some(story copydesk.StoryID, limit int) (numbers []uint32) {
	n := 0
	for number := range w.index.newest(idKey(story[:]), w.base) {
		if n++; n > walked {
			break
		}
		if w.at(number).story != story {
			continue
		}
		at, known := slices.BinarySearchFunc(numbers, number, func(a, b uint32) int { return slices.Compare(w.at(a).id[:], w.at(b).id[:]) })
		if at < limit && !known {
			numbers = slices.Insert(numbers, at, number)
			numbers = numbers[:min(len(numbers), limit)]
		}
	}
	return numbers
}
