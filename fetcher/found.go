package fetcher

import (
	"slices"
	"time"

	"copydesk"
)

// Found is what a poll found in a document.
type Found struct {
	Listed  int // entries in it
	Known   int // how many of them the store knew before
	Undated int // how many of them have a date that cannot be read, or cannot be: see [Possible]

	Page bool // it is no feed but a page for people

	// New are the others, each by the time at which it says that it was
	// published; zero if it does not say.
	New []time.Time
}

// Possible reports whether an entry that is read at now can have been published
// at that time: not in the future, an hour aside by which clocks and zones are
// wrong, and not before there were feeds.
func Possible(published, now time.Time) bool {
	return published.Year() >= 1995 && !published.After(now.Add(time.Hour))
}

// lostGrace is by how much the wait after a loss grows with each reading that
// lost nothing.
const lostGrace = 1.25

// seen takes what was read into the source's window and rhythm.
func seen(src copydesk.Source, o copydesk.Outcome, found Found, p Policy, now time.Time) copydesk.Source {
	switch {
	case o.Verdict == copydesk.Unchanged && src.LastRead.IsZero():
		return src
	case o.Verdict == copydesk.Unchanged:
		found = Found{Listed: src.Window.Listed, Known: src.Window.Listed}
	case src.LastRead.IsZero():
		src.Window.Listed = found.Listed
		src.Rhythm = firstRhythm(p, now, found.New)
		return src
	}
	w := slide(src.Window, found, now.Sub(src.LastRead), p, now)
	var lost time.Time
	if w.Losses > src.Window.Losses {
		lost = oldest(found.New, src.LastRead, now)
	}
	src.Window = w
	src.Rhythm = learn(src.Rhythm, p, src.LastRead, lost, now, found.New)
	return src
}

// slide compares a document with the one before it. If nothing of that is left,
// and it was not empty, entries came and went unseen: then the next wait is to
// be half of this one. A document that is empty now has lost nothing, and one of
// an entry or two is replaced by the next ones: that shows nothing, unless several
// say that they came since.
func slide(w copydesk.Window, found Found, waited time.Duration, p Policy, now time.Time) copydesk.Window {
	const short = 2
	if found.Listed == 0 {
		return w
	}
	if w.Listed > 0 {
		w.Kept = 100 * min(found.Known, w.Listed) / w.Listed
	}
	switch {
	case w.Listed > 0 && found.Known == 0 && (w.Listed > short || len(between(found.New, now.Add(-waited), now)) >= short):
		w.Reach = max(waited/2, p.Soonest)
		w.Losses++
		w.LostAt = now
	case w.Reach > 0:
		w.Reach = time.Duration(float64(w.Reach) * lostGrace)
		if w.Reach >= p.MaxInterval {
			w.Reach = 0
		}
	}
	w.Listed = found.Listed
	return w
}

// oldest is the first of these times that lies between two readings, else the
// second of these.
func oldest(published []time.Time, from, now time.Time) time.Time {
	within := between(published, from, now)
	if len(within) == 0 {
		return now
	}
	return slices.MinFunc(within, time.Time.Compare)
}

func between(published []time.Time, from, now time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(published), func(t time.Time) bool { return !t.After(from) || t.After(now) })
}
