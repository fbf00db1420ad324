package fetcher

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"copydesk"
)

// The headers and elements in which publishers say when to come back, as they
// stand in [copydesk.Outcome] and [copydesk.Schedule].
const (
	wishRetryAfter = "Retry-After"
	wishMaxAge     = "max-age"
	wishExpires    = "Expires"
	wishTTL        = "ttl"
	wishEvery      = "sy:updatePeriod"
	wishSkipHours  = "skipHours"
	wishSkipDays   = "skipDays"
	wishTurn       = "in turn" // which another source's publisher has said
)

// longestWish bounds what any header can ask for. No publisher means more, and
// many mean less: a max-age of a year is a server's setting for images.
const longestWish = 7 * 24 * time.Hour

// wish is how long a publisher wants us to wait, and where it says so.
type wish struct {
	wait time.Duration
	rule string
}

// orLonger is the longest of these wishes that is no shorter than w, else w.
func orLonger(w wish, wishes []wish) wish {
	for _, other := range wishes {
		if other.wait >= w.wait {
			w = other
		}
	}
	return w
}

const overMax = ", up to the longest wish"

// wishesOf returns what the publisher wants, bounded, except for the hours and
// days to skip. o is the outcome of a poll at now.
func wishesOf(src copydesk.Source, o copydesk.Outcome, p Policy, now time.Time) (wishes []wish) {
	atMost := func(w wish, limit time.Duration) {
		if w.wait > limit {
			w = wish{limit, w.rule + overMax}
		}
		if w.wait > 0 {
			wishes = append(wishes, w)
		}
	}
	atMost(wish{minutes(src.Feed.TTL), wishTTL}, p.LongestWish)
	atMost(wish{minutes(src.Feed.Every), wishEvery}, p.LongestWish)
	switch {
	case o.NotBefore.IsZero():
	case o.Wish == wishRetryAfter:
		atMost(wish{bounded(o.NotBefore.Sub(now)), o.Wish}, p.LongestStop)
	case o.Verdict != copydesk.Failed:
		atMost(wish{bounded(o.NotBefore.Sub(now)), o.Wish}, p.LongestWish)
	}
	return wishes
}

func minutes(n int) time.Duration {
	return time.Duration(min(n, int(longestWish/time.Minute))) * time.Minute
}

// errand is how long a request may take from when it is due to when the last
// host on its way is asked: hosts are waited for, and redirects followed.
const errand = 2 * time.Minute

// afterSkips returns the first hour from t on in which the publisher may be
// asked, and which of its wishes a request that is due at t itself would break;
// no wish if it would break none, or if all hours of a week are skipped.
func afterSkips(asks copydesk.Asks, t time.Time) (open time.Time, rule string) {
	skipped := func(t time.Time) string {
		switch t = t.UTC(); {
		case asks.SkipDays>>t.Weekday()&1 != 0:
			return wishSkipDays
		case asks.SkipHours>>t.Hour()&1 != 0:
			return wishSkipHours
		}
		return ""
	}
	rule = cmp.Or(skipped(t), skipped(t.Add(errand)))
	if rule == "" {
		return t, ""
	}
	for open = t.Add(errand).Truncate(time.Hour); open.Sub(t) <= longestWish; open = open.Add(time.Hour) {
		if skipped(open) == "" {
			return open, rule
		}
	}
	return t, ""
}

// short is a duration without the zeros that String gives it.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// wishOf returns the longest wait that an answer asks for: Retry-After on any
// status (RFC 9110, section 10.2.3); freshness (RFC 9111, section 4.2) on what
// is a document, that is on 200 and 304 alike. The Age that a cache adds is
// left out of account: the publisher's figure is about how often to ask, and
// what a cache has already used up of it is luck.
func wishOf(a Answer, now time.Time) wish {
	w := wish{askedFor(a.Header, now), wishRetryAfter}
	if a.Err != nil || a.Status != http.StatusOK && a.Status != http.StatusNotModified {
		return w
	}
	if f := freshness(a.Header, sentAt(a.Header, now)); f.wait > w.wait {
		return f
	}
	return w
}

// sentAt is when an answer was sent by the publisher's clock, like the other
// times that it names.
func sentAt(h http.Header, now time.Time) time.Time {
	if t, ok := httpDate(h.Get("Date")); ok {
		return t
	}
	return now
}

// httpDate reads a date as it should be (RFC 9110, section 5.6.7), and as feeds write
// it, which some programs put into headers as well.
func httpDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if utc, ok := strings.CutSuffix(s, " UTC"); ok {
		s = utc + " GMT"
	}
	t, err := http.ParseTime(s)
	for _, layout := range []string{time.RFC1123Z, time.RFC3339} {
		if err != nil {
			t, err = time.Parse(layout, s)
		}
	}
	return t, err == nil
}

// askedFor is how long Retry-After asks us to wait.
func askedFor(h http.Header, now time.Time) time.Duration {
	return retryAfter(h.Get("Retry-After"), sentAt(h, now))
}

// retryAfter reads seconds or a date; zero if the value says nothing.
func retryAfter(value string, sent time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if wait, ok := seconds(value); ok {
		return wait
	}
	if t, ok := httpDate(value); ok {
		return bounded(t.Sub(sent))
	}
	return 0
}

// freshness reads Cache-Control, and Expires where that has no max-age. One
// that forbids to keep the answer says nothing of when to ask.
func freshness(h http.Header, sent time.Time) wish {
	control := directives(h["Cache-Control"])
	if value, ok := control["no-cache"]; ok && value == "" { // with a value it is about single headers
		return wish{}
	}
	if _, ok := control["no-store"]; ok {
		return wish{}
	}
	if value, ok := control["max-age"]; ok {
		wait, _ := seconds(value)
		return wish{wait, wishMaxAge}
	}
	if t, ok := httpDate(h.Get("Expires")); ok {
		return wish{bounded(t.Sub(sent)), wishExpires}
	}
	return wish{}
}

// directives reads Cache-Control (RFC 9111, section 5.2). Of a directive that
// stands twice the first counts.
func directives(lines []string) map[string]string {
	found := make(map[string]string, 4)
	for _, line := range lines {
		for line != "" {
			var part string
			part, line = cutDirective(line)
			name, value, _ := strings.Cut(part, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if _, twice := found[name]; !twice && name != "" {
				found[name] = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	return found
}

// cutDirective splits at the first comma that is not quoted.
func cutDirective(s string) (first, rest string) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// seconds reads a number of seconds. A fraction, which some send, is dropped,
// and a number too large for us is as much as we grant.
func seconds(s string) (time.Duration, bool) {
	whole, _, _ := strings.Cut(s, ".")
	if whole == "" || strings.Trim(whole, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 32)
	if err != nil {
		return longestWish, true
	}
	return bounded(time.Duration(n) * time.Second), true
}

func bounded(d time.Duration) time.Duration { return min(max(d, 0), longestWish) }
