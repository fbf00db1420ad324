package fetcher

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"copydesk"
)

// A stage plays publishers for simDays virtual days and one more, in which what
// was published at the end is found. The measure is the mean time from
// publication to discovery over all entries of a stretch of days, as a share of
// what hourly polling reaches, with the number of requests beside it.
const simDays = 14

var simStart = time.Date(2023, 6, 12, 0, 0, 0, 0, time.UTC) // a Monday

func simDay(n int) time.Time { return simStart.AddDate(0, 0, n) }

// actor is a publisher: when it publishes, and what came of a run.
type actor struct {
	id       copydesk.SourceID
	news     []time.Time
	src      copydesk.Source
	next     time.Time
	found    []time.Time // when each of news was found
	requests []time.Time
}

type stage []*actor

// rule says how long to wait after a poll at now that found n entries, the last
// of those that a.found tells of.
type rule func(a *actor, now time.Time, n int) time.Duration

// run plays all days under a rule.
func (st stage) run(next rule) {
	for _, a := range st {
		a.found, a.requests = a.found[:0], a.requests[:0]
		a.src = copydesk.Source{ID: a.id}
		a.next = simStart.Add(10 * spread(a.id, time.Hour))
	}
	for {
		a := slices.MinFunc(st, func(a, b *actor) int { return a.next.Compare(b.next) })
		now := a.next
		if now.After(simDay(simDays + 2)) {
			return
		}
		a.requests = append(a.requests, now)
		before := len(a.found)
		for len(a.found) < len(a.news) && !a.news[len(a.found)].After(now) {
			a.found = append(a.found, now)
		}
		a.next = now.Add(next(a, now, len(a.found)-before))
	}
}

// score is the mean delay of what was published in a stretch of days, in hours,
// and the requests for each source and hour.
func (st stage) score(from, to int) (delay, requests float64) {
	n := 0
	within := func(t time.Time) bool { return !t.Before(simDay(from)) && t.Before(simDay(to)) }
	for _, a := range st {
		for i, at := range a.news {
			if within(at) && i < len(a.found) {
				delay += a.found[i].Sub(at).Hours()
				n++
			}
		}
		for _, at := range a.requests {
			if within(at) {
				requests++
			}
		}
	}
	return delay / float64(n), requests / float64(24*(to-from)*len(st))
}

var simPolicy = Policy{MinInterval: 30 * time.Minute, MaxInterval: 24 * time.Hour}.orDefaults()

// adaptive is what the package does: answers are settled with After, and the
// price is set every quarter of an hour.
func adaptive(st stage) rule {
	p, until := simPolicy, time.Time{}
	return func(a *actor, now time.Time, n int) time.Duration {
		if !now.Before(until) {
			var all []copydesk.Source
			for _, a := range st {
				all = append(all, a.src)
			}
			p.Price, until = Price(all, p, now), now.Add(15*time.Minute)
		}
		end := len(a.found)
		found := Found{Listed: 200, Known: 200 - min(n, 199), New: a.news[end-n : end]}
		o := copydesk.Outcome{Verdict: copydesk.Changed, Status: 200}
		a.src = After(a.src, Answer{Status: 200}, o, true, found, p, now)
		return a.src.NextPoll.Sub(now)
	}
}

func hourly(*actor, time.Time, int) time.Duration { return time.Hour }

func clamp(hours float64) time.Duration {
	p := simPolicy
	return time.Duration(min(max(hours*float64(time.Hour), float64(p.MinInterval)), float64(p.MaxInterval)))
}

// The others have a factor, which is chosen so that they make as many requests.

// miniflux is entry_frequency: a week over the entries of the last week.
func miniflux(k float64) rule {
	return func(a *actor, now time.Time, _ int) time.Duration {
		week := countAfter(a.news[:len(a.found)], now.AddDate(0, 0, -7))
		return clamp(k * 7 * 24 / float64(max(week, 1)))
	}
}

// commafeed is half the average interval between the entries listed, here the
// last twenty, and longer for a source that has been silent for a week.
func commafeed(k float64) rule {
	return func(a *actor, now time.Time, _ int) time.Duration {
		listed := a.news[max(len(a.found)-20, 0):len(a.found)]
		if len(listed) == 0 {
			return simPolicy.MaxInterval
		}
		silent := now.Sub(listed[len(listed)-1])
		switch {
		case silent > 30*24*time.Hour:
			return simPolicy.MaxInterval
		case silent > 14*24*time.Hour:
			return simPolicy.MaxInterval / 2
		case silent > 7*24*time.Hour:
			return simPolicy.MaxInterval / 4
		}
		average := now.Sub(listed[0]).Hours() / float64(len(listed))
		return clamp(k * average / 2)
	}
}

// meanKnown knows each source's mean rate beforehand.
func meanKnown(k float64) rule {
	return func(a *actor, _ time.Time, _ int) time.Duration {
		return clamp(k / math.Sqrt(float64(len(a.news))/(24*(simDays+2))))
	}
}

// hoursKnown knows the rate of each hour of the day beforehand, the mean of all
// days.
func hoursKnown(k float64) rule {
	known := map[copydesk.SourceID]*forecast{}
	return func(a *actor, now time.Time, _ int) time.Duration {
		f := known[a.id]
		if f == nil {
			f = &forecast{burst: 1, days: weekdays(copydesk.Rhythm{})}
			for _, at := range a.news {
				f.hours[at.Hour()] += 1. / (simDays + 2)
			}
			known[a.id] = f
		}
		f.from = now
		return max(f.wait(hoursLong(k), simPolicy.MaxInterval, math.Inf(1)), simPolicy.MinInterval)
	}
}

func countAfter(times []time.Time, t time.Time) int {
	i, _ := slices.BinarySearchFunc(times, t, time.Time.Compare)
	return len(times) - i
}

// matched runs the best of a family that makes no more requests than hourly
// polling does in a stretch of days.
func (st stage) matched(family func(k float64) rule, from, to int) {
	low, high := 1e-3, 1e3
	for range 14 {
		mid := math.Sqrt(low * high)
		st.run(family(mid))
		if _, n := st.score(from, to); n > 1 {
			low = mid
		} else {
			high = mid
		}
	}
	st.run(family(high))
}

// figures are a rule's, over the first two days and the last two.
type figures struct{ delay, requests [2]float64 }

func (st stage) figures() (f figures) {
	f.delay[0], f.requests[0] = st.score(0, 2)
	f.delay[1], f.requests[1] = st.score(simDays-2, simDays)
	return f
}

// table plays every rule, prints what came of it, and returns it by name.
func (st stage) table(t *testing.T) map[string]figures {
	all := map[string]figures{}
	var b strings.Builder
	note := func(name string) {
		f := st.figures()
		for i := range f.delay {
			f.delay[i] /= cmp.Or(all["hourly"].delay[i], f.delay[i])
		}
		if name == "hourly" {
			f = st.figures()
		}
		all[name] = f
		fmt.Fprintf(&b, "%-32s %6.3f of %.3f requests  %6.3f of %.3f requests\n", name, f.delay[0], f.requests[0], f.delay[1], f.requests[1])
	}
	st.run(hourly)
	note("hourly")
	for _, f := range []struct {
		name   string
		family func(float64) rule
	}{
		{"each mean rate known", meanKnown}, {"each hour's rate known", hoursKnown},
		{"entry_frequency (Miniflux)", miniflux}, {"average interval (CommaFeed)", commafeed},
	} {
		st.matched(f.family, simDays-2, simDays)
		note(f.name)
	}
	st.run(adaptive(st))
	note("adaptive")
	st.check(t)
	t.Logf("%d sources, days 1-2 and days %d-%d; hourly in hours, the others as shares of it\n%s", len(st), simDays-1, simDays, b.String())
	return all
}

// check fails where a source was asked within the floor or left alone beyond the
// ceiling, or where what is kept of it is large.
func (st stage) check(t *testing.T) {
	largest := 0
	for _, a := range st {
		for i, at := range a.requests[1:] {
			if wait := at.Sub(a.requests[i]); wait < simPolicy.MinInterval || wait > simPolicy.MaxInterval*11/10 {
				t.Errorf("%s was asked after %s", a.id, wait)
			}
		}
		text, err := json.Marshal(a.src.Rhythm)
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, len(text))
	}
	if t.Logf("the largest rhythm has %d bytes", largest); largest > 300 {
		t.Error("that is too much")
	}
}

// made is publishers with made-up rhythms: steady, by day, by night, on working
// days, in bursts.
func made() (st stage) {
	dice := rand.New(rand.NewPCG(1, 2))
	rates := []func(t time.Time) float64{
		func(time.Time) float64 { return 1 },
		func(t time.Time) float64 { return 1 + math.Sin(float64(t.Hour()-9)/24*2*math.Pi) },
		func(t time.Time) float64 { return 1 - math.Sin(float64(t.Hour()-9)/24*2*math.Pi) },
		func(t time.Time) float64 {
			if t.Hour() < 8 || t.Hour() > 17 || t.Weekday()%6 == 0 {
				return 0.1
			}
			return 2
		},
		func(t time.Time) float64 {
			if t.Hour()%6 == 4 {
				return 4
			}
			return 0.4
		},
	}
	for i := range 4 * len(rates) {
		level := []float64{10, 3, 0.8, 0.2}[i/len(rates)]
		st = append(st, poisson(dice, fmt.Sprint("made ", i), level, func(t time.Time) float64 { return level * rates[i%len(rates)](t) }))
	}
	return st
}

// quiet is n publishers that publish twice a week, or less.
func quiet(n int) (st stage) {
	dice := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		rate := []float64{2, 1, 0.5}[i%3] / (7 * 24)
		st = append(st, poisson(dice, fmt.Sprint("quiet ", i), rate, func(time.Time) float64 { return rate }))
	}
	return st
}

// poisson publishes at random with a rate per hour, nowhere over five times
// level.
func poisson(dice *rand.Rand, id string, level float64, rate func(time.Time) float64) *actor {
	a := &actor{id: copydesk.SourceID(id)}
	for t := simStart; t.Before(simDay(simDays + 2)); {
		t = t.Add(hoursLong(dice.ExpFloat64() / (5 * level)))
		if dice.Float64()*5*level < rate(t) {
			a.news = append(a.news, t)
		}
	}
	return a
}

// captured is the feeds of two days, one after the other and again. The files
// belong to their publishers: COPYDESK_CAPTURES says where they are.
func captured(t *testing.T) (st stage) {
	dir := os.Getenv("COPYDESK_CAPTURES")
	if dir == "" {
		t.Skip("COPYDESK_CAPTURES names no folder with entries/*.jsonl")
	}
	byFeed := map[string]*actor{}
	for i, day := range []string{"2023-06-13", "2023-06-15"} {
		f, err := os.Open(filepath.Join(dir, "entries", day+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var e struct {
				Feed      string
				Published time.Time
			}
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Fatal(err)
			}
			a := byFeed[e.Feed]
			if a == nil {
				a = &actor{id: copydesk.SourceID(e.Feed)}
				byFeed[e.Feed] = a
				st = append(st, a)
			}
			at := e.Published.UTC().Sub(e.Published.UTC().Truncate(24 * time.Hour))
			for n := i; n < simDays+2; n += 2 {
				a.news = append(a.news, simDay(n).Add(at))
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range st {
		slices.SortFunc(a.news, time.Time.Compare)
	}
	slices.SortFunc(st, func(a, b *actor) int { return cmp.Compare(a.id, b.id) })
	return st
}

func within(t *testing.T, f figures, first, last float64) {
	t.Helper()
	for i, limit := range []float64{first, last} {
		if f.delay[i] > limit || math.IsNaN(f.delay[i]) || f.requests[i] > 1 {
			t.Errorf("part %d: %.3f of hourly's delay with %.3f of its requests, want %.2f with 1", i, f.delay[i], f.requests[i], limit)
		}
	}
}

func TestNewsIsFoundSoonerThanByHourlyPollingWithNoMoreRequests(t *testing.T) {
	all := made().table(t)
	within(t, all["adaptive"], 0.90, 0.80)
}

func TestTwoRealDaysAreFoundSooner(t *testing.T) {
	st := captured(t)
	all := st.table(t)
	within(t, all["adaptive"], 0.90, 0.80)
	if known := all["each mean rate known"].delay[1]; all["adaptive"].delay[1] > known {
		t.Errorf("knowing each source's mean rate would be better: %.3f", known)
	}
	all = append(st, quiet(3*len(st))...).table(t)
	within(t, all["adaptive"], 0.90, 0.60)
}
