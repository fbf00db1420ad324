package fetcher

import (
	"net/http"
	"testing"
	"time"

	"copydesk"

	"pgregory.net/rapid"
)

func TestSkippedHoursAndDaysArePassedOver(t *testing.T) {
	const night = 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<22 | 1<<23
	const weekend = 1<<time.Saturday | 1<<time.Sunday
	saturday := time.Date(2026, 2, 28, 5, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		now   time.Time
		hours uint32
		days  uint8
		next  time.Time
		rule  string
	}{
		{"nothing is skipped", noon, 0, 0, noon.Add(time.Hour), "min_interval"},
		{"other hours", noon, night, 0, noon.Add(time.Hour), "min_interval"},
		{"the coming hours", noon, 1<<13 | 1<<14, 0, noon.Add(3 * time.Hour), "skipHours"},
		{"over midnight", noon.Add(570 * time.Minute), night, 0, noon.Add(16 * time.Hour), "skipHours"},
		{"by Greenwich", noon.In(time.FixedZone("", 9*3600)), 1 << 13, 0, noon.Add(2 * time.Hour), "skipHours"},
		{"the weekend", saturday, 0, weekend, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), "skipDays"},
		{"the weekend, and then the night", saturday, night, weekend, time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC), "skipDays"},
		{"all hours say nothing", noon, 1<<24 - 1, 0, noon.Add(time.Hour), "min_interval"},
		{"all days say nothing", noon, 0, 1<<7 - 1, noon.Add(time.Hour), "min_interval"},
	} {
		src := still(t, 0, 0)
		src.Feed.SkipHours, src.Feed.SkipDays = tt.hours, tt.days
		next, rule := NextPoll(src, wished(copydesk.Unchanged, "", 0), Policy{}, tt.now)
		if !next.Equal(tt.next) || rule != tt.rule {
			t.Errorf("%s: %s by %q, want %s by %q", tt.name, next, rule, tt.next, tt.rule)
		}
	}
}

func TestAPollIsPlannedForWhenItWillBe(t *testing.T) {
	src := copydesk.Source{ID: "a"}
	src.Feed.SkipDays = 1<<noon.Weekday() | 1<<(noon.Weekday()+1)
	next, rule := NextPoll(src, wished(copydesk.Unchanged, "", 0), Policy{LongestStop: 6 * time.Hour}, noon)
	src.LastPoll, src.NextPoll = noon, next
	if due, _ := Due(src, next.Add(time.Second)); !due.Equal(next) || rule != wishSkipDays {
		t.Errorf("planned for %s by %q, and due at %s", next, rule, due)
	}
}

// Whatever is known of a source: never before any wish within its bound, nor in
// an hour that the publisher skips, nor outside the operator's bounds, and never
// sooner for one failure more.
func TestNoPollIsBeforeAnyWishOrOutsideTheBounds(t *testing.T) {
	duration := func(t *rapid.T, name string, from, to time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(int64(from), int64(to)).Draw(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{
			MinInterval: duration(t, "min_interval", time.Minute, 3*time.Hour),
			MaxInterval: duration(t, "max_interval", 0, 48*time.Hour),
			Price:       duration(t, "price", 0, 100*time.Hour),
		}
		now := noon.Add(duration(t, "now", 0, 8*24*time.Hour))
		src := copydesk.Source{ID: copydesk.SourceID(rapid.String().Draw(t, "id"))}
		src.Feed.TTL, src.Feed.Every = rapid.IntRange(-1, 20000).Draw(t, "ttl"), rapid.IntRange(0, 2000).Draw(t, "every")
		src.Failures, src.Refusals = rapid.IntRange(0, 50).Draw(t, "failures"), rapid.IntRange(0, 50).Draw(t, "refusals")
		src.Window.Listed = rapid.IntRange(0, 50).Draw(t, "listed")
		src.Window.Reach = duration(t, "reach", 0, 30*time.Hour)
		src.Rhythm = even(rapid.Float32Range(0, 50).Draw(t, "rate"))
		src.Rhythm.Came = rapid.Float32Range(0, 100).Draw(t, "came")
		o := copydesk.Outcome{
			Verdict: rapid.SampledFrom([]copydesk.Verdict{copydesk.Changed, copydesk.Unchanged, copydesk.Failed, copydesk.Throttled}).Draw(t, "verdict"),
			Status:  rapid.SampledFrom([]int{200, 304, 403, 429, 503}).Draw(t, "status"),
			Wish:    rapid.SampledFrom([]string{"", wishRetryAfter, wishMaxAge, wishExpires}).Draw(t, "wish"),
		}
		wait := duration(t, "until", 1, longestWish)
		if o.Wish != "" {
			o.NotBefore = now.Add(wait)
		}
		next, rule := NextPoll(src, o, p, now)
		got, p := next.Sub(now), p.orDefaults()

		least, most := p.Soonest, p.MaxInterval
		if src.Feed.TTL <= 0 && src.Feed.Every == 0 && (o.Wish == "" || o.Wish == wishRetryAfter) || !o.Read() {
			least = p.MinInterval
		}
		least = max(least, min(minutes(src.Feed.TTL), p.LongestWish), min(minutes(src.Feed.Every), p.LongestWish))
		switch {
		case o.Wish == wishRetryAfter:
			least = max(least, wait)
		case o.Wish != "" && o.Verdict != copydesk.Failed:
			least = max(least, min(wait, p.LongestWish))
		}
		if most = max(most, least); got < least || got > most*11/10 || rule == "" {
			t.Fatalf("next poll in %s by %q, want %s to %s", got, rule, least, most)
		}

		again := src
		again.Failures++
		again.Refusals++
		if later, rule := NextPoll(again, o, p, now); !o.Read() && later.Before(next) {
			t.Fatalf("one failure more and the next poll is in %s by %q, not %s", later.Sub(now), rule, got)
		}

		src.Feed.SkipHours = rapid.Uint32Range(0, 1<<24-2).Draw(t, "skipHours")
		src.Feed.SkipDays = rapid.Uint8Range(0, 1<<7-2).Draw(t, "skipDays")
		open, rule := NextPoll(src, o, p, now)
		hour, day := open.UTC().Hour(), open.UTC().Weekday()
		if src.Feed.SkipHours>>hour&1 != 0 || src.Feed.SkipDays>>day&1 != 0 || open.Before(next) || open.After(next.Add(p.LongestStop)) {
			t.Fatalf("next poll at %s by %q, %s without what is skipped", open, rule, next)
		}
	})
}

func TestDatesInHeadersAreReadAsTheyAreMeant(t *testing.T) {
	at := noon.Add(3 * time.Hour)
	for _, date := range []string{
		at.Format(http.TimeFormat), at.Format(time.RFC850), at.Format(time.ANSIC), " " + at.Format(http.TimeFormat) + " ",
		at.Format(time.RFC1123Z), at.In(time.FixedZone("", -5*3600)).Format(time.RFC1123Z), at.Format("Mon, 02 Jan 2006 15:04:05 UTC"), at.Format(time.RFC3339),
	} {
		for status, h := range map[int]string{503: "Retry-After", 429: "Retry-After", 200: "Expires", 304: "Expires"} {
			if w := wishOf(with(status, "", header(h, date, "Date", noon.Format(http.TimeFormat))), noon); w.wait != 3*time.Hour || w.rule != h {
				t.Errorf("%d with %s: %q: %+v", status, h, date, w)
			}
		}
	}
	for _, no := range []string{"", "0", "-1", "soon", "Sun, 01 Mar 2026 15:00:00 EST", "2026-03-01"} {
		if t1, ok := httpDate(no); ok {
			t.Errorf("%q is read as %s", no, t1)
		}
	}
}
