package fetcher

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"copydesk"
)

// When signs make an episode. One failure is none: of the polls of a day some
// always fail, nearly all of these are well at the next one, and who is told of
// each stops reading. What a publisher says outright, and what cannot be made
// good by waiting, is told at once.
const (
	inARowMeant = 3                  // polls in a row that show the same sign
	lastsMeant  = 2 * time.Hour      // and for how long: longer than a restart or an update at the publisher
	movedMeant  = 7 * 24 * time.Hour // as long as the address is not proposed: a hijacked host redirects for days
	lostHolds   = 24 * time.Hour     // without another loss until the pace counts as found
	relapse     = 24 * time.Hour     // within which an episode that comes back is the same one

	// A source has stalled when this many entries were to be expected since the
	// last one: with 8, one that publishes at random times is wrongly suspected
	// once in 3,000 pauses. Those that publish in batches are not random; so the
	// silence must be half as long again as any before it, and no less than a
	// day, of a source that was watched for a week.
	stalledMeant = 8
	stalledAfter = 24 * time.Hour
	stalledKnown = 7 * 24 // hours
	silenceFades = 50     // finds until a holiday is all but forgotten

	// Dates are broken if more than half of the entries of a day's documents
	// have one that cannot be, of so many at least. To give none is no fault.
	undatedMeant = 10
)

// sign is what a poll shows of a cause: since when there has been ill health, or
// that there is none.
type sign struct {
	since  time.Time // zero if all is well
	reason string    // empty: as it was
}

// signs is what a poll shows; a cause of which it shows nothing is not in it.
// src is the source before the poll, next with its window, rhythm and trail
// after it.
func signs(src, next copydesk.Source, a Answer, o copydesk.Outcome, whole bool, found Found, p Policy, now time.Time) map[copydesk.Cause]sign {
	ill := sign{now, o.Reason}
	if !o.Read() {
		s := map[copydesk.Cause]sign{causeOf(a, o, found): ill}
		if a.Err != nil && a.Status == http.StatusOK {
			s = map[copydesk.Cause]sign{copydesk.CauseTruncated: ill}
		}
		return s
	}
	s := map[copydesk.Cause]sign{
		copydesk.CauseGone: {}, copydesk.CauseUnreachable: {}, copydesk.CausePage: {}, copydesk.CauseUnreadable: {},
		copydesk.CauseThrottled: {}, copydesk.CauseMoved: {}, copydesk.CauseLost: {}, copydesk.CauseStalled: {},
	}
	if o.MovedTo != "" {
		s[copydesk.CauseMoved] = sign{now, "permanent redirects lead to " + Redact(o.MovedTo)}
	}
	if o.Verdict == copydesk.Changed {
		s[copydesk.CauseTruncated] = sign{}
		if !whole {
			s[copydesk.CauseTruncated] = ill
		}
	}
	if lost := next.Window.LostAt; !lost.IsZero() && now.Sub(lost) < lostHolds {
		s[copydesk.CauseLost] = sign{lost, lossReason(src, next)}
	}
	if stalled := stalledSign(next, p, now); !stalled.since.IsZero() {
		s[copydesk.CauseStalled] = stalled
	}
	return s
}

// causeOf is what keeps us from a document.
func causeOf(a Answer, o copydesk.Outcome, found Found) copydesk.Cause {
	switch {
	case o.Verdict == copydesk.Gone:
		return copydesk.CauseGone
	case o.Verdict == copydesk.Throttled, a.Err == nil && a.Status == http.StatusForbidden:
		return copydesk.CauseThrottled
	case found.Page:
		return copydesk.CausePage
	case a.Err == nil && a.Status == http.StatusOK:
		return copydesk.CauseUnreadable
	}
	return copydesk.CauseUnreachable
}

// lossReason says what was lost at this poll; nothing if it was at one before.
func lossReason(src, next copydesk.Source) string {
	if next.Window.Losses == src.Window.Losses {
		return ""
	}
	return fmt.Sprintf("of the %d entries listed at %s, none was left at %s",
		src.Window.Listed, src.LastRead.UTC().Format(minuteLayout), next.Window.LostAt.UTC().Format(minuteLayout))
}

const minuteLayout = "2006-01-02 15:04 UTC"

// stalledSign says since when nothing new has come, if the source's rhythm does
// not explain that. Once it does not, only news ends it: the rhythm itself
// learns the silence.
func stalledSign(src copydesk.Source, p Policy, now time.Time) sign {
	since, known := src.Trail.LastNew, time.Duration(src.Trail.Silence)
	if since.IsZero() || now.Sub(since) < max(stalledAfter, known+known/2) {
		return sign{}
	}
	for _, s := range src.Trail.Streaks {
		if s.Cause == copydesk.CauseStalled && s.Since.Equal(since) {
			return sign{since, s.Reason}
		}
	}
	due := expected(src.Rhythm, p, since, now)
	if src.Rhythm.Watched < stalledKnown || due < stalledMeant {
		return sign{}
	}
	return sign{since, fmt.Sprintf("nothing new since %s, in which time its rhythm lets one expect %.0f entries", since.UTC().Format(minuteLayout), due)}
}

// expected is how many entries a rhythm, as it is at now, lets one expect
// between two times. A burst of the last hours is left out of account.
func expected(r copydesk.Rhythm, p Policy, from, now time.Time) (entries float64) {
	r.Came, r.Due, r.Open = 0, 0, 0
	f := expect(r, p, now)
	f.burst = 1
	if earliest := now.Add(-4 * longGap); from.Before(earliest) {
		from = earliest
	}
	for t := from; t.Before(now); t = t.Add(time.Hour) {
		entries += f.rate(t) * min(now.Sub(t).Hours(), 1)
	}
	return entries
}

// goOn returns the streaks after a poll that showed these signs.
func goOn(streaks []copydesk.Streak, signs map[copydesk.Cause]sign, now time.Time) (next []copydesk.Streak) {
	for _, s := range streaks {
		shown, ok := signs[s.Cause]
		switch {
		case !ok:
			next = append(next, s)
		case !shown.since.IsZero():
			s.Times, s.Reason = s.Times+1, cmp.Or(shown.reason, s.Reason)
			next = append(next, s)
		}
	}
	var begun []copydesk.Streak
	for cause, shown := range signs {
		known := slices.ContainsFunc(next, func(s copydesk.Streak) bool { return s.Cause == cause })
		if !known && !shown.since.IsZero() {
			begun = append(begun, copydesk.Streak{Cause: cause, Since: shown.since, Times: 1, Reason: shown.reason})
		}
	}
	slices.SortFunc(begun, func(a, b copydesk.Streak) int { return a.Since.Compare(b.Since) })
	return append(next, begun...)
}

// Diagnose says what ails a source: from the signs of its polls, and from the
// pages of its ledger, the oldest first. What it returns lasts at now.
func Diagnose(src copydesk.Source, pages []copydesk.Ledger, now time.Time) (found []copydesk.Episode) {
	note := func(cause copydesk.Cause, since time.Time, reason string) {
		found = append(found, copydesk.Episode{
			ID: copydesk.NewEpisodeID(src.ID, cause, since), Source: src.ID, Cause: cause,
			Since: since, Updated: now, Reason: reason, Fix: fixes[cause],
		})
	}
	for _, s := range src.Trail.Streaks {
		if why, ok := meant(s, pages, now); ok {
			note(s.Cause, s.Since, why)
		}
	}
	if page, ok := undated(pages); ok {
		note(copydesk.CauseUndated, page.Day.Start(), fmt.Sprintf("%d of %d entries had a date that cannot be, or that nobody can read", page.Undated, page.Listed))
	}
	return found
}

// meant reports whether a streak makes an episode, and what it shows.
func meant(s copydesk.Streak, pages []copydesk.Ledger, now time.Time) (reason string, ok bool) {
	lasts := now.Sub(s.Since)
	switch s.Cause {
	case copydesk.CauseGone, copydesk.CauseStalled:
		return s.Reason, true
	case copydesk.CauseLost:
		losses := 0
		for _, page := range pages {
			losses += page.Losses
		}
		return fmt.Sprintf("%s; so it was at %s of the last days", s.Reason, readings(losses)), true
	case copydesk.CauseMoved:
		ok = s.Times >= inARowMeant && lasts >= movedMeant
	default:
		ok = s.Times >= inARowMeant && lasts >= lastsMeant
	}
	return fmt.Sprintf("%d polls in a row since %s: %s", s.Times, s.Since.UTC().Format(minuteLayout), s.Reason), ok
}

func readings(n int) string {
	if n == 1 {
		return "1 reading"
	}
	return fmt.Sprintf("%d readings", n)
}

// undated returns the newest page with a document, if most of that had dates that
// cannot be.
func undated(pages []copydesk.Ledger) (page copydesk.Ledger, ok bool) {
	for _, page := range slices.Backward(pages) {
		if page.Listed > 0 {
			return page, page.Listed >= undatedMeant && 2*page.Undated > page.Listed
		}
	}
	return page, false
}

// Follow brings the known episodes of a source in line with what ails it now,
// and returns those that changed: new ones, those that are over, and those that
// came back.
func Follow(known, ails []copydesk.Episode, now time.Time) (changed []copydesk.Episode) {
	for _, e := range ails {
		i := slices.IndexFunc(known, func(k copydesk.Episode) bool {
			return k.Cause == e.Cause && (k.Open() || now.Sub(k.Until) < relapse)
		})
		switch {
		case i < 0:
			changed = append(changed, e)
		case !known[i].Open():
			back := known[i]
			back.Until, back.Updated, back.Reason = time.Time{}, now, e.Reason
			changed = append(changed, back)
		}
	}
	for _, k := range known {
		lasts := slices.ContainsFunc(ails, func(e copydesk.Episode) bool { return e.Cause == k.Cause })
		if k.Open() && !lasts {
			k.Until, k.Updated = now, now
			changed = append(changed, k)
		}
	}
	return changed
}

// fixes is what an operator can do about each cause.
var fixes = map[copydesk.Cause]string{
	copydesk.CauseMoved:       "Write the new address into the configuration. The source keeps its entries and its name, if it has an id or the old address stands in was. Where another source has that address, one of the two can go.",
	copydesk.CauseGone:        "It is not asked any more. Take the source out of the configuration, or give it the address of the publisher's new feed.",
	copydesk.CauseUnreachable: "Open the address in a browser. If it opens there, this machine may be kept out: see its network, its name server and its clock. Else look for the feed on the publisher's site.",
	copydesk.CausePage:        "Open the address in a browser. The feed may have moved, or want a login; if it is a bot check, ask the publisher to let feed readers in, with the User-Agent that Copydesk sends.",
	copydesk.CauseUnreadable:  "Open the address in a browser, and tell the publisher. `copydesk fetch --json URL` says what is wrong with it.",
	copydesk.CauseThrottled:   "It is asked more seldom by itself. If that does not help, raise min_interval, and write to the publisher; [poll] contact lets them find you.",
	copydesk.CauseTruncated:   "What could be read is used, and the document asked for whole again each time. Tell the publisher; `copydesk fetch --json URL` says what is wrong with it.",
	copydesk.CauseStalled:     "Open the publisher's site: if there is news, the feed may have moved or been given up.",
	copydesk.CauseLost:        "It is asked more often by itself, down to min_interval. If that does not help, lower min_interval, look for a feed of its that lists more, or split it by section.",
	copydesk.CauseUndated:     "Its entries are ordered by when they were found. Tell the publisher which dates are wrong.",
}
