package fetcher

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"copydesk"
)

// Policy is how often the operator wants sources to be asked. A zero field is
// its default: an hour, and a day.
type Policy struct{ MinInterval, MaxInterval time.Duration }

func (p Policy) orDefaults() Policy {
	p.MinInterval = cmp.Or(p.MinInterval, time.Hour)
	p.MaxInterval = max(cmp.Or(p.MaxInterval, 24*time.Hour), p.MinInterval)
	return p
}

// soonest is how soon a publisher can invite us: a max-age of a minute is
// meant for caches in front of browsers.
const soonest = 15 * time.Minute

// NextPoll says when to ask src again after a poll with outcome o, and which
// rule decided. src is the source as it was before the poll, except that its
// Feed may be that of the document just read. A zero time means never.
//
// It is the latest of what follows, and then up to a tenth of the interval
// later, by a fixed measure of each source, so that sources do not march in
// step:
//
//   - min_interval. A publisher that itself allows to be asked sooner, by ttl,
//     max-age or Expires, is: down to 15 minutes, or to min_interval if that is
//     shorter still.
//   - after the nth failure in a row, min_interval doubled n-1 times, up to
//     max_interval. A 404 is a failure like others: feeds come back.
//   - after a 429 that does not say until when, four times min_interval, up to
//     max_interval.
//   - what the publisher wishes: ttl, max-age and Expires up to max_interval,
//     which ends absurd wishes; Retry-After up to seven days, even beyond
//     max_interval, for it is said to us. What a failed answer says of its
//     freshness does not count: it is not about the feed.
func NextPoll(src copydesk.Source, o copydesk.Outcome, p Policy, now time.Time) (next time.Time, rule string) {
	if o.Verdict == copydesk.Gone {
		return time.Time{}, "410 Gone"
	}
	w := interval(src, o, p.orDefaults(), now)
	return now.Add(w.wait + spread(src.ID, w.wait)), w.rule
}

func interval(src copydesk.Source, o copydesk.Outcome, p Policy, now time.Time) wish {
	wishes := wishesOf(src, o, p, now)
	longest := floor(src, o, p, wishes)
	for _, w := range wishes {
		if w.wait >= longest.wait {
			longest = w
		}
	}
	return longest
}

// floor is how long to wait if the publisher has no longer wish.
func floor(src copydesk.Source, o copydesk.Outcome, p Policy, wishes []wish) wish {
	switch {
	case o.Verdict == copydesk.Failed:
		return backoff(src.Failures, p)
	case o.Verdict == copydesk.Throttled && o.NotBefore.IsZero():
		return wish{min(4*p.MinInterval, p.MaxInterval), "429 without Retry-After"}
	case o.Verdict == copydesk.Throttled:
		return wish{p.MinInterval, "min_interval"}
	}
	for _, w := range wishes {
		if w.rule != wishRetryAfter && p.MinInterval > soonest {
			return wish{soonest, strings.TrimSuffix(w.rule, overMax) + ", but not under 15m"}
		}
	}
	return wish{p.MinInterval, "min_interval"}
}

func backoff(failures int, p Policy) wish {
	wait := p.MinInterval
	for range failures {
		if wait >= p.MaxInterval/2 {
			wait = p.MaxInterval
			break
		}
		wait *= 2
	}
	if failures <= 0 {
		return wish{wait, "min_interval"}
	}
	return wish{wait, fmt.Sprintf("backoff after %d failures", failures+1)}
}

const overMax = ", up to max_interval"

// wishesOf returns what the publisher wants, bounded.
func wishesOf(src copydesk.Source, o copydesk.Outcome, p Policy, now time.Time) (wishes []wish) {
	atMost := func(w wish, limit time.Duration) {
		if w.wait > limit {
			w = wish{limit, w.rule + overMax}
		}
		if w.wait > 0 {
			wishes = append(wishes, w)
		}
	}
	const week = int(longestWish / time.Minute)
	atMost(wish{time.Duration(min(src.Feed.TTL, week)) * time.Minute, wishTTL}, p.MaxInterval)
	switch {
	case o.NotBefore.IsZero():
	case o.Wish == wishRetryAfter:
		atMost(wish{bounded(o.NotBefore.Sub(now)), o.Wish}, longestWish)
	case o.Verdict != copydesk.Failed:
		atMost(wish{bounded(o.NotBefore.Sub(now)), o.Wish}, p.MaxInterval)
	}
	return wishes
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
// been set back since, and its schedule means nothing.
func Due(src copydesk.Source, now time.Time) (time.Time, bool) {
	const slack = time.Hour
	switch {
	case src.LastPoll.IsZero() && src.NextPoll.IsZero():
		return now, true
	case src.NextPoll.IsZero():
		return time.Time{}, false
	case src.LastPoll.Sub(now) > slack:
		return now, true
	}
	return src.NextPoll, true
}

// After returns src with the schedule and validators that follow from a poll:
// answer a with outcome o, which the caller has amended after parsing. whole
// says that the document was read to its end. Settings, Feed, LastChange and
// Version are the caller's.
//
// Validators and hash are replaced, all of them, by a document read whole, and
// by nothing less: what was not read must not hide behind a later 304.
func After(src copydesk.Source, a Answer, o copydesk.Outcome, whole bool, p Policy, now time.Time) copydesk.Source {
	next, rule := NextPoll(src, o, p, now)
	whole = whole && o.Verdict == copydesk.Changed || o.Verdict == copydesk.Unchanged
	src.NextPoll, src.Rule = next, rule
	src.LastPoll, src.Outcome = now, o
	switch {
	case o.Verdict == copydesk.Failed:
		src.Failures++
	case o.Read():
		src.Failures = 0
	}
	if !whole {
		return src
	}
	src.LastRead = now
	if a.Status == 304 {
		src.Validators = freshen(src.Validators, a)
	} else {
		src.Validators = copydesk.Validators{ETag: a.ETag, LastModified: a.LastModified, BodyHash: HashBody(a.Document.Body)}
	}
	return src
}

// freshen takes over what a 304 says anew (RFC 9111, section 4.3.4). One that
// names another document than ours is a server's mistake; taking its ETag would
// hide that document for good.
func freshen(v copydesk.Validators, a Answer) copydesk.Validators {
	if v.ETag != "" && a.ETag != "" && opaque(v.ETag) != opaque(a.ETag) {
		return v
	}
	v.ETag = cmp.Or(a.ETag, v.ETag)
	v.LastModified = cmp.Or(a.LastModified, v.LastModified)
	return v
}

func opaque(etag string) string { return strings.TrimPrefix(etag, "W/") }
