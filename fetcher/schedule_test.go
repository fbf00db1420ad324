package fetcher

import (
	"fmt"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

func wished(v copydesk.Verdict, wish string, wait time.Duration) copydesk.Outcome {
	o := copydesk.Outcome{Verdict: v, Wish: wish}
	if wait != 0 {
		o.NotBefore = noon.Add(wait)
	}
	return o
}

// still is a source whose spread is nothing, so that tables can state times, and
// that publishes so much that its rhythm never asks for longer.
func still(t *testing.T, ttl, failures int) copydesk.Source {
	t.Helper()
	for i := range 100_000 {
		id := copydesk.SourceID(fmt.Sprint("source ", i))
		if spread(id, time.Hour) == 0 {
			src := copydesk.Source{ID: id}
			src.Feed.TTL, src.Failures, src.Refusals = ttl, failures, failures
			src.Rhythm = even(1e5)
			return src
		}
	}
	t.Fatal("every source is spread")
	return copydesk.Source{}
}

// even is the rhythm, at noon, of a source that has published so many entries in
// every hour of 25 days.
func even(perHour float32) copydesk.Rhythm {
	r := copydesk.Rhythm{Until: noon, Watched: 25 * 24}
	for h, watched := range watchedHours(r) {
		r.Hours[h] = perHour * float32(watched)
	}
	return r
}

func TestTheNextPollIsTheLatestOfWhatIsAskedOfUs(t *testing.T) {
	const ok, failed, throttled = copydesk.Unchanged, copydesk.Failed, copydesk.Throttled
	const week = 7 * 24 * time.Hour
	hourly := Policy{MinInterval: time.Hour, MaxInterval: 24 * time.Hour}
	own := Policy{Soonest: 45 * time.Minute, LongestWish: 6 * time.Hour, LongestStop: 48 * time.Hour}
	forbidden := wished(throttled, "", 0)
	forbidden.Status = 403
	eager := Policy{MinInterval: 2 * time.Second, MaxInterval: time.Minute, LongestWish: time.Minute}
	for _, tt := range []struct {
		name     string
		policy   Policy
		ttl      int
		failures int // before this poll
		outcome  copydesk.Outcome
		wait     time.Duration
		rule     string
	}{
		{"nothing is said", hourly, 0, 0, wished(ok, "", 0), time.Hour, "min_interval"},
		{"nothing is configured", Policy{}, 0, 0, wished(ok, "", 0), time.Hour, "min_interval"},
		{"a document", hourly, 0, 0, wished(copydesk.Changed, "", 0), time.Hour, "min_interval"},

		{"longer by max-age", hourly, 0, 0, wished(ok, "max-age", 3*time.Hour), 3 * time.Hour, "max-age"},
		{"longer by Expires", hourly, 0, 0, wished(ok, "Expires", 3*time.Hour), 3 * time.Hour, "Expires"},
		{"longer by ttl", hourly, 180, 0, wished(ok, "", 0), 3 * time.Hour, "ttl"},
		{"the longer of two", hourly, 180, 0, wished(ok, "max-age", 2*time.Hour), 3 * time.Hour, "ttl"},
		{"absurd max-age", hourly, 0, 0, wished(ok, "max-age", week), 24 * time.Hour, "max-age, up to the longest wish"},
		{"absurd ttl", hourly, 1 << 60, 0, wished(ok, "", 0), 24 * time.Hour, "ttl, up to the longest wish"},
		{"negative ttl", hourly, -5, 0, wished(ok, "", 0), time.Hour, "min_interval"},

		{"sooner by max-age", hourly, 0, 0, wished(ok, "max-age", 20*time.Minute), 20 * time.Minute, "max-age"},
		{"sooner by ttl", hourly, 30, 0, wished(ok, "", 0), 30 * time.Minute, "ttl"},
		{"sooner by one, not by the other", hourly, 30, 0, wished(ok, "max-age", time.Minute), 30 * time.Minute, "ttl"},
		{"much sooner", hourly, 0, 0, wished(ok, "max-age", time.Minute), 15 * time.Minute, "max-age, but not under 15m"},
		{"much sooner by ttl", hourly, 1, 0, wished(ok, "", 0), 15 * time.Minute, "ttl, but not under 15m"},
		{"Retry-After is no invitation", hourly, 0, 0, wished(ok, "Retry-After", time.Minute), time.Hour, "min_interval"},

		{"eager, nothing is said", eager, 0, 0, wished(ok, "", 0), 2 * time.Second, "min_interval"},
		{"eager, much sooner", eager, 0, 0, wished(ok, "max-age", time.Second), 2 * time.Second, "min_interval"},
		{"eager, longer", eager, 0, 0, wished(ok, "max-age", 10*time.Second), 10 * time.Second, "max-age"},
		{"eager, longest", eager, 60, 0, wished(ok, "", 0), time.Minute, "ttl, up to the longest wish"},
		{"eager, failures", eager, 0, 3, wished(failed, "", 0), 16 * time.Second, "backoff after 4 failures"},

		{"first failure", hourly, 0, 0, wished(failed, "", 0), time.Hour, "min_interval"},
		{"second failure", hourly, 0, 1, wished(failed, "", 0), 2 * time.Hour, "backoff after 2 failures"},
		{"fifth failure", hourly, 0, 4, wished(failed, "", 0), 16 * time.Hour, "backoff after 5 failures"},
		{"sixth failure", hourly, 0, 5, wished(failed, "", 0), 24 * time.Hour, "backoff after 6 failures"},
		{"after a year of failures", hourly, 0, 9999, wished(failed, "", 0), 24 * time.Hour, "backoff after 10000 failures"},
		{"failure of an invited one", hourly, 15, 0, wished(failed, "", 0), time.Hour, "min_interval"},
		{"failure of a slow one", hourly, 300, 0, wished(failed, "", 0), 5 * time.Hour, "ttl"},
		{"failure with freshness", hourly, 0, 0, wished(failed, "max-age", 24*time.Hour), time.Hour, "min_interval"},
		{"failure with Retry-After", hourly, 0, 0, wished(failed, "Retry-After", 5*time.Hour), 5 * time.Hour, "Retry-After"},
		{"success after failures", hourly, 0, 5, wished(ok, "", 0), time.Hour, "min_interval"},

		{"throttled", hourly, 0, 0, wished(throttled, "Retry-After", 2*time.Hour), 2 * time.Hour, "Retry-After"},
		{"throttled for a moment", hourly, 0, 0, wished(throttled, "Retry-After", time.Minute), time.Hour, "min_interval"},
		{"throttled beyond max_interval", hourly, 0, 0, wished(throttled, "Retry-After", 72*time.Hour), 72 * time.Hour, "Retry-After"},
		{"throttled for ever", hourly, 0, 0, wished(throttled, "Retry-After", 9*week), week, "Retry-After"},
		{"throttled without a word", hourly, 0, 0, wished(throttled, "", 0), 4 * time.Hour, "429 without Retry-After"},
		{"throttled again without a word", hourly, 0, 1, wished(throttled, "", 0), 8 * time.Hour, "429 without Retry-After"},
		{"throttled for the ninth time", hourly, 0, 8, wished(throttled, "", 0), 24 * time.Hour, "429 without Retry-After"},
		{"a third 403", hourly, 0, 2, forbidden, 4 * time.Hour, "repeated 403"},
		{"a fourth 403", hourly, 0, 3, forbidden, 8 * time.Hour, "repeated 403"},

		{"bounds of one's own: a wish", own, 0, 0, wished(ok, "max-age", 24*time.Hour), 6 * time.Hour, "max-age, up to the longest wish"},
		{"bounds of one's own: sooner", own, 1, 0, wished(ok, "", 0), 45 * time.Minute, "ttl, but not under 45m"},
		{"bounds of one's own: a stop", own, 0, 0, wished(throttled, "Retry-After", week), 48 * time.Hour, "Retry-After, up to the longest wish"},

		{"a max_interval of less than a day bounds no wish", Policy{MaxInterval: 2 * time.Hour}, 0, 0, wished(ok, "max-age", 12*time.Hour), 12 * time.Hour, "max-age"},
		{"one of more than a day bounds wishes", Policy{MaxInterval: 48 * time.Hour}, 0, 0, wished(ok, "max-age", week), 48 * time.Hour, "max-age, up to the longest wish"},
		{"max_interval under min_interval", Policy{MinInterval: 48 * time.Hour, MaxInterval: time.Hour}, 0, 3, wished(failed, "", 0), 48 * time.Hour, "backoff after 4 failures"},
	} {
		next, rule := NextPoll(still(t, tt.ttl, tt.failures), tt.outcome, tt.policy, noon)
		if got := next.Sub(noon); got != tt.wait || rule != tt.rule {
			t.Errorf("%s: in %s by %q, want %s by %q", tt.name, got, rule, tt.wait, tt.rule)
		}
	}
}

func TestAPollAfter429WaitsForRetryAfter(t *testing.T) {
	o := Judge(copydesk.Source{}, with(429, "", header("Retry-After", "7200")), noon)
	next, rule := NextPoll(copydesk.Source{ID: "a"}, o, Policy{}, noon)
	if next.Before(noon.Add(2*time.Hour)) || next.After(noon.Add(2*time.Hour*11/10)) || rule != "Retry-After" {
		t.Errorf("next poll %s by %q", next, rule)
	}
}

func TestASourceThatIsGoneIsNeverAskedAgain(t *testing.T) {
	next, rule := NextPoll(copydesk.Source{ID: "a"}, Judge(copydesk.Source{}, Answer{Status: 410}, noon), Policy{}, noon)
	if !next.IsZero() || rule != "410 Gone" {
		t.Errorf("next poll %s by %q", next, rule)
	}
}

func TestSourcesDoNotMarchInStepAndNoneComesEarly(t *testing.T) {
	const sources, tenths = 10_000, 10
	var parts [tenths]int
	for i := range sources {
		src := copydesk.Source{ID: copydesk.SourceID(fmt.Sprintf("https://a%d.example/feed", i)), Rhythm: even(1000)}
		next, _ := NextPoll(src, wished(copydesk.Unchanged, "", 0), Policy{}, noon)
		late := next.Sub(noon) - time.Hour
		if late < 0 || late >= 6*time.Minute {
			t.Fatalf("%s: %s late", src.ID, late)
		}
		parts[late*tenths/(6*time.Minute)]++
		if again, _ := NextPoll(src, wished(copydesk.Unchanged, "", 0), Policy{}, noon); again != next {
			t.Fatalf("%s: %s, then %s", src.ID, next, again)
		}
	}
	for i, n := range parts {
		if n < sources/tenths*8/10 || n > sources/tenths*12/10 {
			t.Errorf("%d of %d sources in part %d: %v", n, sources, i, parts)
		}
	}
}

func TestASourceIsDueByItsStoredSchedule(t *testing.T) {
	at := func(last, next time.Duration) copydesk.Source {
		var src copydesk.Source
		src.LastPoll = noon.Add(last)
		if next != 0 {
			src.NextPoll = noon.Add(next)
		}
		return src
	}
	unasked := copydesk.Source{}
	unasked.NextPoll = noon.Add(time.Minute)
	for _, tt := range []struct {
		name string
		src  copydesk.Source
		want time.Duration
		ok   bool
	}{
		{"never asked", copydesk.Source{}, 0, true},
		{"never asked, but planned", unasked, time.Minute, true},
		{"later", at(-time.Hour, time.Minute), time.Minute, true},
		{"overdue", at(-3*time.Hour, -time.Hour), -time.Hour, true},
		{"gone", at(-time.Hour, 0), 0, false},
		{"asked by a clock that ran a little fast", at(time.Second, time.Hour), time.Hour, true},
		{"asked by a clock that was years ahead", at(20000*time.Hour, 20001*time.Hour), 0, true},
	} {
		next, ok := Due(tt.src, noon)
		if ok != tt.ok || ok && next != noon.Add(tt.want) {
			t.Errorf("%s: got %s, %v", tt.name, next, ok)
		}
	}
}

func TestValidatorsChangeOnlyWithADocumentReadWhole(t *testing.T) {
	old := copydesk.Validators{ETag: `"1"`, LastModified: "long ago", BodyHash: copydesk.DigestOf([]byte("old"))}
	document := with(200, feed, nil)
	document.ETag, document.LastModified = `"2"`, "now"
	bare := with(200, feed, nil)
	read := copydesk.Validators{ETag: `"2"`, LastModified: "now", BodyHash: copydesk.DigestOf([]byte(feed))}
	not := func(etag, modified string) Answer {
		return Answer{Status: 304, Conditional: true, ETag: etag, LastModified: modified}
	}
	changed, failed, unchanged := wished(copydesk.Changed, "", 0), wished(copydesk.Failed, "", 0), wished(copydesk.Unchanged, "", 0)
	for _, tt := range []struct {
		name    string
		answer  Answer
		outcome copydesk.Outcome
		whole   bool
		want    copydesk.Validators
	}{
		{"read whole", document, changed, true, read},
		{"read whole, without validators", bare, changed, true, copydesk.Validators{BodyHash: copydesk.DigestOf([]byte(feed))}},
		{"the same bytes with other validators", document, unchanged, false, read},
		{"salvaged", document, changed, false, old},
		{"not a feed", document, failed, false, old},
		{"not a feed, whole", document, failed, true, old},
		{"throttled", with(429, "", nil), wished(copydesk.Throttled, "", 0), false, old},
		{"gone", Answer{Status: 410, ETag: `"2"`}, wished(copydesk.Gone, "", 0), false, old},
		{"not modified", not("", ""), unchanged, false, old},
		{"not modified, a newer date", not(`"1"`, "now"), unchanged, false, copydesk.Validators{ETag: `"1"`, LastModified: "now", BodyHash: old.BodyHash}},
		{"not modified, a weaker ETag", not(`W/"1"`, ""), unchanged, false, copydesk.Validators{ETag: `W/"1"`, LastModified: "long ago", BodyHash: old.BodyHash}},
		{"not modified, but another document", not(`"2"`, "now"), unchanged, false, old},
	} {
		src := After(copydesk.Source{ID: "a", Validators: old}, tt.answer, tt.outcome, tt.whole, Found{}, Policy{}, noon)
		if diff := cmp.Diff(tt.want, src.Validators); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
	src := copydesk.Source{ID: "a", Validators: copydesk.Validators{LastModified: "long ago"}}
	src = After(src, not(`"2"`, ""), unchanged, false, Found{}, Policy{}, noon)
	if src.ETag != `"2"` || src.LastModified != "long ago" {
		t.Errorf("an ETag that is new on a 304 is lost: %+v", src.Validators)
	}
}

func TestTheScheduleRemembersWhatCameOfAPoll(t *testing.T) {
	before := noon.Add(-time.Hour)
	src := copydesk.Source{ID: "a"}
	src.LastPoll, src.LastRead, src.LastChange, src.Failures = before, before, before, 2
	for _, tt := range []struct {
		verdict  copydesk.Verdict
		whole    bool
		failures int
		read     time.Time
	}{
		{copydesk.Changed, true, 0, noon},
		{copydesk.Changed, false, 0, before}, // what a salvaged document lacks may stand in its lost part
		{copydesk.Unchanged, false, 0, noon},
		{copydesk.Failed, false, 3, before},
		{copydesk.Throttled, false, 2, before},
		{copydesk.Gone, false, 2, before},
	} {
		o := copydesk.Outcome{Verdict: tt.verdict, Reason: "because"}
		after := After(src, with(200, feed, nil), o, tt.whole, Found{}, Policy{}, noon)
		got := after.Schedule
		learned := src
		learned.Rhythm, learned.Window = after.Rhythm, after.Window
		next, rule := NextPoll(learned, o, Policy{}, noon)
		want := copydesk.Schedule{
			NextPoll: next, Rule: rule, LastPoll: noon, LastRead: tt.read, LastChange: before,
			Failures: tt.failures, Asked: 1, Outcome: o,
		}
		if tt.verdict == copydesk.Failed {
			want.Failing = noon
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, whole %v (-want +got)\n%s", tt.verdict, tt.whole, diff)
		}
	}
}

func TestADocumentThatBreaksOffIsAskedForLessAfterTheSecondTime(t *testing.T) {
	src := copydesk.Source{ID: "a", Rhythm: even(4)}
	src.Feed.TTL = 20 // an invitation, which does not count
	now := noon
	for i, least := range []time.Duration{1, 2, 4, 6, 6} {
		a := with(200, feed, nil)
		a.ETag = `"half"`
		src = After(src, a, copydesk.Outcome{Verdict: copydesk.Changed, Partial: true}, false, Found{}, Policy{}, now)
		if wait := src.NextPoll.Sub(now); wait < least*time.Hour || wait > least*time.Hour*11/10 || src.ETag != "" || src.Failures > 0 {
			t.Errorf("after %d: %s by %q, %+v", i+1, wait, src.Rule, src.Validators)
		}
		now = src.NextPoll
	}
	src = After(src, with(200, feed, nil), copydesk.Outcome{Verdict: copydesk.Changed}, true, Found{}, Policy{}, now)
	if wait := src.NextPoll.Sub(now); wait > time.Hour || src.Torn > 0 {
		t.Errorf("once it was whole: %s by %q", wait, src.Rule)
	}
}

func TestAClockThatWasAheadOnceIsForgiven(t *testing.T) {
	ahead := noon.AddDate(1, 0, 0)
	src := copydesk.Source{ID: "a", Listed: true}
	src.URL, src.LastPoll, src.LastRead, src.Failing = oldHome, ahead, ahead, ahead
	src.Rhythm, src.Window = even(1), copydesk.Window{Listed: 10, Losses: 1, LostAt: ahead}
	src.Rhythm.Until = ahead.Truncate(time.Hour)
	src.Trail.LastNew, src.Trail.Streaks = ahead, []copydesk.Streak{{Cause: copydesk.CauseUnreachable, Since: ahead, Times: 9}}
	src.Substitute.Sought = ahead

	failed := lives(src, noon, time.Hour, Answer{URL: oldHome, Status: 404})
	later := noon.Add(8 * 24 * time.Hour)
	if _, ok := Lost(failed, later); !ok {
		t.Errorf("a week later it is not lost: failing since %s, sought at %s", failed.Failing, failed.Substitute.Sought)
	}
	if ails := Diagnose(failed, nil, noon.Add(3*time.Hour)); len(ails) != 1 || ails[0].Since.After(noon) {
		t.Errorf("it ails %+v", ails)
	}

	ok := copydesk.Outcome{Verdict: copydesk.Changed, Status: 200}
	read := func(src copydesk.Source, now time.Time) copydesk.Source {
		return After(src, Answer{Status: 200}, ok, true, Found{Listed: 10, Known: 9, New: []time.Time{now}}, Policy{}, now)
	}
	watched := src.Rhythm.Watched
	src = read(read(src, noon), noon.Add(25*time.Hour))
	if src.Rhythm.Watched != watched+25 {
		t.Errorf("it learned of %d hours", src.Rhythm.Watched-watched)
	}
	if ails := Diagnose(src, nil, noon.Add(25*time.Hour)); len(ails) > 0 {
		t.Errorf("a day later it ails %+v", ails)
	}
}
