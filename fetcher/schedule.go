package fetcher

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"copydesk"
)

// Policy is how often the operator wants sources to be asked. A zero field is
// its default.
type Policy struct {
	MinInterval  time.Duration // no source sooner, unless it says that it may be; 1 h
	MaxInterval  time.Duration // no source later, for lack of news or for failures; 24 h
	MeanInterval time.Duration // all together no more often than one request each in this time; 1 h, or 2 MinInterval if that is shorter
	Soonest      time.Duration // how soon a publisher can invite us: a max-age of a minute is meant for caches in front of browsers; 15 min
	LongestWish  time.Duration // how long a ttl, max-age, Expires or sy:updatePeriod can keep us away; 24 h, or MaxInterval if that is longer
	LongestStop  time.Duration // the same of Retry-After, which is said to pollers; 7 days

	// Price is what [Price] says of all sources at the moment; zero, or less
	// than is worth a request, is as if requests were plenty.
	Price time.Duration

	// Pushed says that this source's hub pushes what it publishes, and can be
	// trusted to, see [Trusted]: a poll is then only to see that it does.
	Pushed bool
}

func (p Policy) orDefaults() Policy {
	p.MinInterval = cmp.Or(p.MinInterval, time.Hour)
	p.MaxInterval = max(cmp.Or(p.MaxInterval, 24*time.Hour), p.MinInterval)
	p.MeanInterval = cmp.Or(p.MeanInterval, min(time.Hour, 2*p.MinInterval))
	p.Soonest = min(cmp.Or(p.Soonest, 15*time.Minute), p.MinInterval)
	p.LongestWish = min(cmp.Or(p.LongestWish, max(24*time.Hour, p.MaxInterval)), longestWish)
	p.LongestStop = min(cmp.Or(p.LongestStop, longestWish), longestWish)
	p.Price = max(p.Price, p.leastPrice())
	return p
}

func (p Policy) leastPrice() time.Duration { return p.MinInterval / leastPrice }

// NextPoll says when to ask src again after a poll with outcome o, and which
// rule decided. src is the source as it was before the poll, except that its
// Feed, Rhythm and Window may be those of the document just read. A zero time
// means never.
//
// It is the latest of what follows, and then up to a tenth of the interval
// later, by a fixed measure of each source, so that sources do not march in
// step:
//
//   - the source's rhythm: when the news to be expected since now will have
//     waited for Policy.Price, all of it together; when half of the document
//     will be new, if that is sooner; before entries are lost again, if some
//     were; never later than max_interval. While pushes are trusted the news
//     may wait for as long as the document holds it.
//   - min_interval. A publisher that itself allows to be asked sooner, by ttl,
//     max-age, Expires or sy:updatePeriod, can be: down to 15 minutes, or to
//     min_interval if that is shorter still.
//   - after the nth failure in a row, in place of the rhythm, min_interval
//     doubled n-1 times, up to max_interval. A 404 is a failure like others:
//     feeds come back.
//   - after the second document in a row that broke off, min_interval doubled
//     likewise, up to a quarter of max_interval.
//   - after a 429 that does not say until when, four times min_interval, doubled
//     with each refusal in a row, up to max_interval; after a 403, from the third
//     in a row, likewise from where failures have led.
//   - what the publisher wishes: ttl, max-age, Expires and sy:updatePeriod up to
//     LongestWish, which ends absurd wishes; Retry-After up to LongestStop, even
//     beyond max_interval, for it is said to us. What a failed answer says of its
//     freshness does not count: it is not about the feed.
//   - the end of skipHours and skipDays, if it would fall into one. A publisher
//     that skips all of them says nothing.
func NextPoll(src copydesk.Source, o copydesk.Outcome, p Policy, now time.Time) (next time.Time, rule string) {
	if o.Verdict == copydesk.Gone {
		return time.Time{}, "410 Gone"
	}
	p = p.orDefaults()
	w := interval(src, o, p, now)
	next = now.Add(w.wait)
	if o.Wish != wishTurn { // else before the other one is due again
		next = next.Add(spread(src.ID, w.wait))
	}
	if open, skip := afterSkips(src.Feed.Asks, next); skip != "" {
		return open.Add(spread(src.ID, time.Hour)), skip
	}
	return next, w.rule
}

func interval(src copydesk.Source, o copydesk.Outcome, p Policy, now time.Time) wish {
	wishes := wishesOf(src, o, p, now)
	return orLonger(ours(src, o, p, wishes, now), wishes)
}

// ours is how long to wait if the publisher has no longer wish.
func ours(src copydesk.Source, o copydesk.Outcome, p Policy, wishes []wish, now time.Time) wish {
	switch {
	case o.Verdict == copydesk.Failed:
		return backoff(src.Failures, p)
	case o.Verdict == copydesk.Throttled:
		return patience(src, o, p)
	case o.Partial:
		return halfway(src, p, now)
	}
	return pace(src, floor(p, wishes), p, now)
}

// floor is how soon a source that is well can be asked.
func floor(p Policy, wishes []wish) wish {
	for _, w := range wishes {
		if w.rule != wishRetryAfter && p.Soonest < p.MinInterval {
			return wish{p.Soonest, strings.TrimSuffix(w.rule, overMax) + ", but not under " + short(p.Soonest)}
		}
	}
	return wish{p.MinInterval, "min_interval"}
}

// pace is what a source's rhythm and window say.
func pace(src copydesk.Source, least wish, p Policy, now time.Time) wish {
	if p.Pushed {
		if w := leaning(src, p, now); w.wait >= least.wait {
			return w
		}
		return least
	}
	f := expect(src.Rhythm, p, now)
	w := wish{f.wait(p.Price, p.MaxInterval, mostNew(src.Window)), "rhythm"}
	if reach := src.Window.Reach; reach > 0 && reach < w.wait {
		w = wish{reach, "entries were lost"}
	}
	switch {
	case w.wait <= least.wait:
		return least
	case w.wait >= p.MaxInterval:
		return wish{p.MaxInterval, "max_interval"}
	}
	return w
}

// mostNew is how many new entries there may be before a poll finds them: half of
// the document, so that none drops out of it unseen where more come than usual.
func mostNew(w copydesk.Window) float64 {
	if w.Listed == 0 {
		return math.Inf(1)
	}
	return max(float64(w.Listed)/2, 1)
}

// drops reports whether a source's document is taken to drop its oldest entries
// for new ones. One of a few entries may have begun a while ago and still grow:
// it does once twice as many have come as it lists, for some of them may have
// been pushed since it was read.
func drops(src copydesk.Source) bool {
	const few = 5
	came := float32(src.Rhythm.Open)
	for _, n := range src.Rhythm.Hours {
		came += n
	}
	listed := src.Window.Listed
	return listed >= few || listed > 0 && came > 2*float32(listed)
}

// leaning is how long the document of a source whose pushes are trusted holds
// its news: hubs fall silent, and what they then do not push, a poll must find.
func leaning(src copydesk.Source, p Policy, now time.Time) wish {
	w := wish{p.MaxInterval, pushRule(p)}
	if drops(src) {
		const anyPrice = math.MaxInt64
		if half := expect(src.Rhythm, p, now).wait(anyPrice, p.MaxInterval, mostNew(src.Window)); half < w.wait {
			w = wish{half, pushesCome + "before half of the document is new"}
		}
	}
	if reach := src.Window.Reach; reach > 0 && reach < w.wait {
		w = wish{reach, pushesCome + "before entries are lost again"}
	}
	return w
}

// pushRule is how the schedule says that pushes are trusted.
func pushRule(p Policy) string {
	if p.MaxInterval == 24*time.Hour {
		return pushesCome + "daily"
	}
	return pushesCome + "every " + short(p.MaxInterval)
}

const (
	pushesCome  = "websub: pushes come, asked "
	pushInDoubt = "websub: a push to be looked at"
)

// halfway is how long to wait for a document that broke off to be whole. Its
// validators were not kept, so each request costs all of it: an invitation does
// not count, and after the second in a row the wait doubles. It does not grow
// beyond a quarter of max_interval, since what is in the lost part is not read by
// then either, and some publishers' documents are broken for good.
func halfway(src copydesk.Source, p Policy, now time.Time) wish {
	w := pace(src, wish{p.MinInterval, "min_interval"}, p, now)
	again := Doubled(p.MinInterval, src.Torn, max(p.MaxInterval/4, p.MinInterval))
	if src.Torn > 0 && again > w.wait {
		return wish{again, fmt.Sprintf("broken off %d times in a row", src.Torn+1)}
	}
	return w
}

// patience is how long to leave a publisher alone that asks for it.
func patience(src copydesk.Source, o copydesk.Outcome, p Policy) wish {
	switch {
	case o.Status == http.StatusForbidden:
		return wish{Doubled(p.MinInterval, src.Refusals, p.MaxInterval), "repeated 403"}
	case o.NotBefore.IsZero():
		return wish{Doubled(4*p.MinInterval, src.Refusals, p.MaxInterval), "429 without Retry-After"}
	}
	return wish{p.MinInterval, "min_interval"}
}

func backoff(failures int, p Policy) wish {
	w := wish{Doubled(p.MinInterval, failures, p.MaxInterval), "min_interval"}
	if failures > 0 {
		w.rule = fmt.Sprintf("backoff after %d failures", failures+1)
	}
	return w
}

// Doubled is d, doubled so many times, and no longer than limit.
func Doubled(d time.Duration, times int, limit time.Duration) time.Duration {
	for range times {
		if d >= limit/2 {
			return limit
		}
		d *= 2
	}
	return min(d, limit)
}

// spread returns a part of a tenth of interval, always the same part for one
// source.
func spread(id copydesk.SourceID, interval time.Duration) time.Duration {
	h := fnv.New64a()
	h.Write([]byte(id))
	const parts = 1 << 10
	// FNV's low bits mix best when the high ones are folded in.
	sum := h.Sum64()
	part := time.Duration((sum ^ sum>>32) % parts)
	return interval / 10 / parts * part
}

// Due says when src is to be asked next; false means never. A source that was
// never asked is due. So is one that was asked in the future: the clock has
// been set back since, and its schedule means nothing. One that is overdue, since
// nobody was there to ask, is not asked in hours or on days that it skips.
func Due(src copydesk.Source, now time.Time) (time.Time, bool) {
	const slack = time.Hour
	switch {
	case src.LastPoll.IsZero() && src.NextPoll.IsZero():
		return now, true
	case src.NextPoll.IsZero():
		return time.Time{}, false
	case src.LastPoll.Sub(now) > slack:
		return now, true
	case src.NextPoll.After(now):
		return src.NextPoll, true
	}
	asks := withOwnAsks(src, Answer{}, copydesk.Outcome{}, now).Feed.Asks
	if open, skip := afterSkips(asks, now); skip != "" {
		return open.Add(spread(src.ID, time.Hour)), true
	}
	return src.NextPoll, true
}

// After returns src with the schedule, validators, rhythm and window that follow
// from a poll: answer a with outcome o, which the caller has amended after
// parsing; whole says that the document was read to its end, and found what was
// in it. Settings, Feed, LastChange and Version are the caller's.
//
// Validators and hash are replaced, all of them, by a document read whole, and
// by nothing less: what was not read must not hide behind a later 304.
func After(src copydesk.Source, a Answer, o copydesk.Outcome, whole bool, found Found, p Policy, now time.Time) copydesk.Source {
	p, src = p.orDefaults(), notAhead(src, now)
	whole = whole && o.Verdict == copydesk.Changed || o.Verdict == copydesk.Unchanged
	if asks, known := asks(src, a); known && o.Verdict == copydesk.Unchanged {
		src.Feed.Asks = asks
	}
	before := src
	if whole {
		src = seen(src, o, found, p, now)
	}
	src.Trail = leave(before, src, a, o, whole, found, p, now)
	src.Move = moving(src, a, o, whole, now)
	src.NextPoll, src.Rule = NextPoll(withOwnAsks(src, a, o, now), o, p, now)
	src.Stop = orLasting(hostStop(src, a, o, p, now), src, a, now)
	src.Asked = digits(asked(src, p, now) + 1)
	src.LastPoll, src.Outcome = now, o
	src.Failures, src.Refusals = inARow(src, a, o)
	switch {
	case o.Read():
		src.Failing, src.Substitute = time.Time{}, copydesk.Substitute{}
	case o.Verdict == copydesk.Failed && src.Failing.IsZero():
		src.Failing = now
	}
	switch {
	case o.Partial:
		src.Torn++
	case o.Read():
		src.Torn = 0
	}
	if !whole {
		return src
	}
	src.LastRead = now
	return placed(src, a)
}

// notAhead is src without times that are still to come: the clock was ahead when
// they were noted, and whatever counts from them would stand still until then.
func notAhead(src copydesk.Source, now time.Time) copydesk.Source {
	src.Trail.Streaks = slices.Clone(src.Trail.Streaks)
	noted := []*time.Time{
		&src.LastRead, &src.LastChange, &src.Failing, &src.Move.First, &src.Move.Last,
		&src.Substitute.Sought, &src.Window.LostAt, &src.Trail.LastNew,
	}
	for i := range src.Trail.Streaks {
		noted = append(noted, &src.Trail.Streaks[i].Since)
	}
	for _, at := range noted {
		if at.After(now) {
			*at = now
		}
	}
	if src.Rhythm.Until.After(now) {
		src.Rhythm.Until, src.Rhythm.Open = now.UTC().Truncate(time.Hour), 0
	}
	return src
}

// inARow counts on, or begins anew. Trouble on the way to the publisher tells
// nothing of its refusals.
func inARow(src copydesk.Source, a Answer, o copydesk.Outcome) (failures, refusals int) {
	failures, refusals = src.Failures, src.Refusals
	switch {
	case o.Verdict == copydesk.Failed:
		failures++
	case o.Read():
		failures = 0
	}
	switch {
	case a.Status == http.StatusForbidden, a.Status == http.StatusTooManyRequests:
		refusals++
	case a.Err == nil:
		refusals = 0
	}
	return failures, refusals
}

// freshen takes over what a 304 says anew (RFC 9111, section 4.3.4). One that
// names another document than ours is a server's mistake; taking its ETag would
// hide that document for good.
func freshen(v copydesk.Validators, a Answer) copydesk.Validators {
	if strange(v, a) {
		return v
	}
	v.ETag = cmp.Or(a.ETag, v.ETag)
	v.LastModified = cmp.Or(a.LastModified, v.LastModified)
	return v
}

// strange reports whether a 304 names another document than ours.
func strange(v copydesk.Validators, a Answer) bool {
	return v.ETag != "" && a.ETag != "" && opaque(v.ETag) != opaque(a.ETag)
}

func opaque(etag string) string { return strings.TrimPrefix(etag, "W/") }
