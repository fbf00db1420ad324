package fetcher

import (
	"strings"
	"time"

	"copydesk"
)

// PushRace is for how long after a poll a push can still bring what that poll
// found: publishers write first and tell their hub then.
const PushRace = 10 * time.Minute

// Learned is src after a push at now that found entries in a document. The
// schedule and the validators are those of polls, and of the document that a
// poll read: a push changes neither. But what it shows of the source's rhythm
// counts.
func Learned(src copydesk.Source, found Found, p Policy, now time.Time) copydesk.Source {
	if len(found.New) > 0 {
		src.Trail.LastNew = now
		src.Rhythm = learn(src.Rhythm, p.orDefaults(), now.Add(-PushRace), time.Time{}, now, found.New)
	}
	return src
}

// PushLine is what a push adds to the ledger of src.
func PushLine(found Found, now time.Time) copydesk.Ledger {
	l := copydesk.Ledger{Day: copydesk.DayOf(now), Pushed: 1, Found: len(found.New)}
	countDelays(&l, found.New, now)
	return l
}

// Reschedule returns src with its next poll as the last one would have set it
// under policy p, since something else has changed: whether pushes are trusted.
// Where the publisher, or trouble, decides, it stays as it is.
func Reschedule(src copydesk.Source, p Policy, now time.Time) copydesk.Source {
	if !src.Outcome.Read() || src.NextPoll.IsZero() || src.LastPoll.IsZero() {
		return src
	}
	next, rule := NextPoll(src, src.Outcome, p, src.LastPoll)
	switch {
	case p.Pushed && (next.Before(src.NextPoll) || src.Rule == pushInDoubt): // only a poll ends the doubt
		return src
	case !p.Pushed && next.Before(now):
		next, rule = now, "websub: pushes stopped"
	case !p.Pushed && src.NextPoll.Before(next):
		next = src.NextPoll
	}
	src.NextPoll, src.Rule = next, rule
	return src
}

// Leans reports whether the next poll of src is as late as it is because pushes
// were trusted.
func Leans(src copydesk.Source) bool { return strings.HasPrefix(src.Rule, pushesCome) }

// AskSoon returns src with a poll as soon as it may be asked again, because a
// push said that there is news and could not be read for it.
func AskSoon(src copydesk.Source, p Policy, now time.Time) copydesk.Source {
	soon := src.LastPoll.Add(max(p.orDefaults().MinInterval, time.Duration(src.Trail.Wait)))
	if soon.Before(now) {
		soon = now
	}
	if src.Outcome.Read() && soon.Before(src.NextPoll) {
		src.NextPoll, src.Rule = soon, pushInDoubt
	}
	return src
}
