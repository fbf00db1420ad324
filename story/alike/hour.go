package alike

import (
	"math"
	"slices"
	"time"
)

// What was said in the last hours is counted apart, so that an entry is weighed
// by what was said before its news and not by what was polled before it: the
// same in every order in which the entries of two hours can arrive. Were words
// counted as they come, then of ten entries of one story the last would find its
// names a third less telling than the first did, and which of them that is hangs on when
// each publisher is asked.
const (
	hourLag   = 3 // an entry is weighed by what was said until the third hour before its own,
	hourLate  = 2 // if it comes in that or one of the next two; else by a little more
	hoursKept = hourLag + hourLate
	hourWords = 1 << 16 // an hour that has more words is counted at once
)

// hour is what was said in an hour of Unix time.
type hour struct {
	number int64
	said
}

func hourOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix() / 3600
}

// pass lets time go on to when an entry came.
func (r *Rarity) pass(f Features) {
	came := hourOf(f.Seen)
	if came <= r.now {
		return
	}
	for _, c := range r.languages {
		for _, h := range c.hours {
			if h.number > r.now-hourLag && h.number <= came-hourLag {
				c.add(h.said)
			}
		}
		c.hours = slices.DeleteFunc(c.hours, func(h hour) bool { return h.number <= came-hoursKept })
	}
	r.now = came
}

// count counts an entry in its hour, and with all before once that is long enough
// ago. One without a date of its own says nothing of when its words were said, and
// counts at once; so does an old one.
func (c *counts) count(f Features, now int64) {
	number := hourOf(f.News)
	if !f.Dated || number <= now-hoursKept || number > now {
		c.said.count(f)
		return
	}
	at, known := slices.BinarySearchFunc(c.hours, number, func(h hour, number int64) int { return int(h.number - number) })
	if !known {
		c.hours = slices.Insert(c.hours, at, hour{number: number})
	}
	full := c.hours[at].words.len() >= hourWords
	if !full {
		c.hours[at].count(f)
	}
	if full || number <= now-hourLag {
		c.said.count(f)
	}
}

func (s *said) add(o said) {
	s.entries += o.entries
	for k, n := range o.words.all() {
		s.words.add(k, n)
	}
	for k, n := range o.pairs.all() {
		s.pairs.add(k, n)
	}
}

// past is what had been said before an entry's news.
type past struct {
	all     *said
	but     [hourLate]*said // what of it was said since
	n       int
	entries float64
	log     float64 // of priorEntries+entries
	prior   prior
}

// past returns what an entry is weighed by.
func (r *Rarity) past(f Features) (p past) {
	r.pass(f)
	c := r.of(f.Language)
	p.all, p.prior, p.entries = &c.said, c.prior, c.entries
	for i := range c.hours {
		if h := &c.hours[i]; h.number > hourOf(f.News)-hourLag && h.number <= r.now-hourLag {
			p.but[p.n] = &h.said
			p.n++
			p.entries = max(0, p.entries-h.entries)
		}
	}
	p.log = math.Log(priorEntries + p.entries)
	return p
}
