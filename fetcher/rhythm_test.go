package fetcher

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// alone plays one publisher that lists its last window entries, until a time,
// and returns its source after each poll.
func alone(news []time.Time, window int, until time.Time, p Policy) (states []copydesk.Source) {
	src, now, known := copydesk.Source{ID: "a"}, simStart, time.Time{}
	for now.Before(until) {
		listed := news[:len(news)-countAfter(news, now.Add(1))]
		listed = listed[max(len(listed)-window, 0):]
		fresh := listed[len(listed)-countAfter(listed, known.Add(1)):]
		if len(listed) > 0 {
			known = listed[len(listed)-1]
		}
		o := copydesk.Outcome{Verdict: copydesk.Changed, Status: 200}
		found := Found{Listed: len(listed), Known: len(listed) - len(fresh), New: fresh}
		src = After(src, Answer{Status: 200}, o, true, found, p, now)
		states = append(states, src)
		now = src.NextPoll
	}
	return states
}

func planned(src copydesk.Source) time.Duration { return src.NextPoll.Sub(src.LastPoll) }

func TestASourceIsAskedWhereNewsIsLikely(t *testing.T) {
	working := func(t time.Time) float64 {
		if t.Hour() >= 8 && t.Hour() < 18 && t.Weekday()%6 != 0 {
			return 4
		}
		return 0.05
	}
	a := poisson(rand.New(rand.NewPCG(5, 6)), "a", 4, working)
	perHour := map[string]float64{}
	for _, src := range alone(a.news, 100, simDay(simDays), simPolicy) {
		switch at := src.LastPoll; {
		case at.Before(simDay(7)):
		case at.Weekday()%6 == 0:
			perHour["weekend"] += 1. / 48
		case working(at) > 1:
			perHour["day"] += 1. / 50
		default:
			perHour["night"] += 1. / 70
		}
	}
	if perHour["day"] < 1.7 || perHour["night"] > 1 || perHour["weekend"] > 1.1 {
		t.Errorf("requests per hour in the second week: %.3v", perHour)
	}
}

func TestAQuietSourceDriftsToOnceADay(t *testing.T) {
	states := alone(nil, 20, simStart.AddDate(0, 0, 60), Policy{})
	if first := states[0]; first.Rule != "min_interval" {
		t.Errorf("begins with %s by %q", planned(first), first.Rule)
	}
	longest := time.Duration(0)
	for _, src := range states {
		if got := planned(src); got < longest*9/10 {
			t.Errorf("%s after %s at %s", got, longest, src.LastPoll)
		} else {
			longest = max(longest, got)
		}
	}
	last := states[len(states)-1]
	if got := planned(last); got < 22*time.Hour || len(states) > 160 {
		t.Errorf("after %d polls in 60 days: %s by %q", len(states), got, last.Rule)
	}
}

func TestASilentSourceThatWakesUpIsFollowed(t *testing.T) {
	wakes := simStart.AddDate(0, 0, 30)
	var news []time.Time
	for i := range 400 {
		news = append(news, wakes.Add(time.Duration(i)*12*time.Minute))
	}
	for _, src := range alone(news, 100, wakes.AddDate(0, 0, 3), Policy{}) {
		if src.LastPoll.After(wakes.AddDate(0, 0, 2)) && planned(src) > 90*time.Minute {
			t.Errorf("%s after it awoke the next poll is in %s", src.LastPoll.Sub(wakes), planned(src))
		}
	}
}

func TestTheLearnerSeesOnlyWhatPollsHaveShown(t *testing.T) {
	const window = 20
	dice := rand.New(rand.NewPCG(7, 8))
	a := poisson(dice, "a", 40, func(t time.Time) float64 { return 20 + 60*float64(t.Hour()%3) })
	want := alone(a.news, window, simDay(7), Policy{})
	missed, more := 0, slices.Clone(a.news)
	for i := 1; i < len(want); i++ {
		from, to := want[i-1].LastPoll, want[i].LastPoll
		first, last := len(a.news)-countAfter(a.news, from.Add(1)), len(a.news)-countAfter(a.news, to.Add(1))
		if last-first <= window {
			continue
		}
		// Whatever comes before the last twenty has rolled out by the next poll.
		for span := a.news[last-window].Sub(from); missed < 40*i; missed++ {
			more = append(more, from.Add(1+time.Duration(dice.Int64N(int64(span)-1))))
		}
	}
	slices.SortFunc(more, time.Time.Compare)
	if missed < 1000 {
		t.Fatalf("only %d entries are missed", missed)
	}
	if diff := cmp.Diff(want, alone(more, window, simDay(7), Policy{})); diff != "" {
		t.Errorf("entries that no poll has shown make a difference (-without +with)\n%s", diff)
	}
}

func TestTheFirstDocumentTellsHowBusyASourceIs(t *testing.T) {
	ago := func(each time.Duration, n int, more ...time.Time) []time.Time {
		for i := range n {
			more = append(more, noon.Add(-time.Duration(i)*each-time.Minute))
		}
		return more
	}
	old, ahead := noon.AddDate(-3, 0, 0), noon.AddDate(1, 0, 0)
	for _, tt := range []struct {
		name        string
		published   []time.Time
		least, most float64 // entries per hour
	}{
		{"nothing", nil, 1.9, 2.1}, // the guess: one in each min_interval
		{"no dates", make([]time.Time, 20), 1.9, 2.1},
		{"a build time as the date of each", ago(0, 20), 1.9, 2.1},
		{"busy", ago(5*time.Minute, 40), 9, 13},
		{"busy, and one pinned, one old, one in the future", ago(5*time.Minute, 40, old, old, ahead), 9, 13},
		{"hourly", ago(time.Hour, 40), 0.8, 1.2},
		{"daily", ago(24*time.Hour, 40), 0.01, 0.1},
		{"nothing for years", ago(time.Hour, 0, old, old, old), 0.01, 0.1},
	} {
		f := expect(firstRhythm(simPolicy, noon, tt.published), simPolicy, noon)
		if got := f.rate(noon); got < tt.least || got > tt.most {
			t.Errorf("%s: %.2f entries per hour, want %.2f to %.2f", tt.name, got, tt.least, tt.most)
		}
	}
}

// Whatever a publisher says and however clocks run: the figures stay finite, and
// what is stored small.
func TestARhythmStaysSmallAndFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{MinInterval: rapid.SampledFrom([]time.Duration{time.Second, 30 * time.Minute, time.Hour}).Draw(t, "min_interval")}.orDefaults()
		var r copydesk.Rhythm
		last := noon
		for range rapid.IntRange(1, 40).Draw(t, "polls") {
			wait := rapid.SampledFrom([]time.Duration{-48 * time.Hour, 0, 1, time.Second, time.Hour, 25 * time.Hour, 9999 * time.Hour}).Draw(t, "wait")
			now := last.Add(wait)
			var published []time.Time
			for range rapid.SampledFrom([]int{0, 1, 3, 5000}).Draw(t, "entries") {
				published = append(published, now.Add(-wait*time.Duration(len(published)%7)/5))
			}
			r = learn(r, p, last, last.Add(wait/2), now, published)
			last = now
			f := expect(r, p, now)
			if x := f.rate(now); !(x > 0) || math.IsInf(x, 0) {
				t.Fatalf("%f entries per hour from %+v", x, r)
			}
			if w := f.wait(p.Price, p.MaxInterval, 10); w <= 0 || w > p.MaxInterval {
				t.Fatalf("waits %s with %+v", w, r)
			}
		}
		if text, err := json.Marshal(r); err != nil || len(text) > 320 {
			t.Fatalf("%d bytes: %s (%v)", len(text), text, err)
		}
	})
}

func TestAnHourOfWhichEntriesWereMissedTeachesNothing(t *testing.T) {
	r := even(4)
	published := []time.Time{noon.Add(170 * time.Minute), noon.Add(175 * time.Minute)}
	rates := func(r copydesk.Rhythm) (x [3]float64) {
		f := expect(copydesk.Rhythm{Until: r.Until, Watched: r.Watched, Hours: r.Hours}, simPolicy, noon.Add(3*time.Hour))
		copy(x[:], f.hours[12:15])
		return x
	}
	seen := learn(r, simPolicy, noon, noon.Add(150*time.Minute), noon.Add(3*time.Hour), published)
	blind := learn(r, simPolicy, noon, time.Time{}, noon.Add(3*time.Hour), published)
	if x := rates(seen); math.Abs(x[0]-4) > 0.05 || math.Abs(x[1]-4) > 0.05 {
		t.Errorf("hours of which entries were missed: %.2v entries, were 4", x)
	}
	if x := rates(blind); x[0] > 3.95 {
		t.Errorf("hours that were empty: %.2v entries, were 4", x)
	}
}

func TestALongSilenceOfOursKeepsHoursWithTheirCounts(t *testing.T) {
	r := even(1)
	r.Hours[8] *= 20
	long := noon.AddDate(0, 0, 40)
	f := expect(learn(r, simPolicy, noon, long.Add(-time.Hour), long, nil), simPolicy, long)
	for h, x := range f.hours {
		if want := map[bool]float64{true: 20, false: 1}[h == 8]; h < 6 || h > 10 || h == 8 {
			if x < want*0.9 || x > want*1.3 {
				t.Errorf("hour %d: %.2f entries, were %.0f", h, x, want)
			}
		}
	}
}
