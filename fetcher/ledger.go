package fetcher

import (
	"errors"
	"net"
	"net/http"
	"time"

	"copydesk"
)

// newsFor is how long after its date an entry counts as news when it is found:
// older ones were put into the feed late, which tells nothing of our delay.
const newsFor = 7 * 24 * time.Hour

// Line is what a poll adds to the ledger: of the source as it was before the
// poll, and as [After] left it, of the answer, and of what was found in that.
// Unsettled says that an answer before this one may not have been stored.
func Line(src, next copydesk.Source, a Answer, found Found, unsettled bool) copydesk.Ledger {
	now, o := next.LastPoll, next.Outcome
	l := Asked(a)
	l.Day = copydesk.DayOf(now)
	l.Polls = map[copydesk.Verdict]int{o.Verdict: 1}
	l.Losses = next.Window.Losses - src.Window.Losses
	l.Listed, l.Undated, l.Found = found.Listed, found.Undated, len(found.New)
	why := apart(src, a, unsettled)
	if why != "" && a.Requests > 0 {
		l.Apart = map[copydesk.Apart]int{why: a.Requests}
	}
	if o.Verdict == copydesk.Unchanged && a.Status == http.StatusNotModified {
		l.Saved = src.Trail.Size
	}
	if !src.LastRead.IsZero() {
		countDelays(&l, found.New, now)
	}
	if why != copydesk.ApartMoved { // else the wishes are those of another address
		l.Closest = gap(src, a)
	}
	if l.Closest.Pause < l.Closest.Allowed {
		l.Early = 1
	}
	return l
}

// gap is the pause before a request beside what was allowed; zero if that is
// not known, or the clock was set back meanwhile.
func gap(src copydesk.Source, a Answer) copydesk.Gap {
	pause := a.Asked.Sub(src.LastPoll)
	if a.Requests == 0 || src.LastPoll.IsZero() || src.Trail.Rule == "" || pause < 0 {
		return copydesk.Gap{}
	}
	return copydesk.Gap{At: a.Asked, Pause: copydesk.Span(pause).Whole(), Allowed: src.Trail.Wait, Rule: src.Trail.Rule}
}

// Asked is what a request adds to the ledger that is no poll, such as a probe.
func Asked(a Answer) copydesk.Ledger {
	return copydesk.Ledger{Day: copydesk.DayOf(a.Asked), Requests: a.Requests, Conditional: a.Carried, Received: a.Received}
}

// Looked is what a request adds that was made for the sake of a source and not for
// its feed: to a page, or to a feed that may take its place.
func Looked(a Answer) copydesk.Ledger { return aside(Asked(a)) }

// Called is what a request to a hub adds.
func Called(r Reply, now time.Time) copydesk.Ledger {
	return aside(copydesk.Ledger{Day: copydesk.DayOf(now), Requests: r.Requests})
}

func aside(l copydesk.Ledger) copydesk.Ledger {
	if l.Requests > 0 {
		l.Apart = map[copydesk.Apart]int{copydesk.ApartNoFeed: l.Requests}
	}
	return l
}

func countDelays(l *copydesk.Ledger, published []time.Time, now time.Time) {
	for _, at := range published {
		delay := now.Sub(at)
		if at.IsZero() || delay < 0 || delay > newsFor {
			continue
		}
		l.Delayed++
		l.Delay += copydesk.Span(delay).Whole()
		l.MaxDelay = max(l.MaxDelay, copydesk.Span(delay).Whole())
	}
}

// apart says why the request did not carry the validators of the publisher's
// last answer, or may not have; nothing if it did.
func apart(src copydesk.Source, a Answer, unsettled bool) copydesk.Apart {
	switch {
	case src.Trail.Doubt != "":
		return src.Trail.Doubt
	case unsettled:
		return copydesk.ApartUnsettled
	case a.Conditional:
		return ""
	case src.LastPoll.IsZero():
		return copydesk.ApartFirst
	case src.LastRead.IsZero():
		return copydesk.ApartUnread
	case knownOf(src, a) == copydesk.Validators{}: // what was read has a hash at least
		return copydesk.ApartMoved
	}
	return copydesk.ApartNone
}

// leave returns the trail of a poll; src is the source as it was before it, next
// with the rhythm and window after it.
func leave(src, next copydesk.Source, a Answer, o copydesk.Outcome, whole bool, found Found, p Policy, now time.Time) copydesk.Trail {
	t := src.Trail
	w := soonest(src, o, p, now)
	t.Wait, t.Rule = copydesk.Span(w.wait).Whole(), w.rule
	t.Doubt = doubt(src, a, o, whole)
	if whole && a.Status == http.StatusOK {
		t.Size = a.Size
	}
	if len(found.New) > 0 {
		if !t.LastNew.IsZero() {
			t.Silence = max(copydesk.Span(now.Sub(t.LastNew)), t.Silence-t.Silence/silenceFades).Whole()
		}
		t.LastNew = now
	}
	next.Trail = t
	t.Streaks = goOn(t.Streaks, signs(src, next, a, o, whole, found, p, now), now)
	return t
}

// doubt says why the validators that we keep are not those of this answer. One
// that holds no document leaves it as it was.
func doubt(src copydesk.Source, a Answer, o copydesk.Outcome, whole bool) copydesk.Apart {
	switch {
	case whole && a.Status == http.StatusNotModified && strange(knownOf(src, a), a):
		return copydesk.ApartRefused
	case whole:
		return ""
	case o.Verdict == copydesk.Changed, a.Err != nil && a.Requests > 0 && reached(a.Err):
		return copydesk.ApartDamaged
	case a.Err == nil && a.Status == http.StatusOK:
		return copydesk.ApartRefused
	}
	return src.Trail.Doubt
}

// reached reports whether a request that failed may have been answered all the
// same: whatever went wrong, it was not the dialling.
func reached(err error) bool {
	if held(err) {
		return false
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return false
	}
	op, ok := errors.AsType[*net.OpError](err)
	return !ok || op.Op != "dial"
}

// soonest is how long the publisher's wishes and our floor keep us away, which
// NextPoll may well exceed, and the one that does so for longest.
func soonest(src copydesk.Source, o copydesk.Outcome, p Policy, now time.Time) wish {
	wishes := wishesOf(src, o, p, now)
	longest := orLonger(floor(p, wishes), wishes)
	if open, skip := afterSkips(src.Feed.Asks, now.Add(longest.wait)); skip != "" {
		return wish{open.Sub(now), skip}
	}
	return longest
}
