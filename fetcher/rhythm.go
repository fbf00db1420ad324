package fetcher

import (
	"math"
	"slices"
	"time"

	"copydesk"
)

// What follows was chosen on two days of 24 busy feeds and on made-up rhythms
// (see sim_test.go), all of them near a wide optimum.
const (
	keepHour  = 0.96 // of an hour of the day's count, from one day to the next: a memory of 25 days
	keepBurst = 0.8  // of the last hours, from one to the next: a memory of 5 hours
	firstLook = 24 * time.Hour
	sameTime  = 10 * time.Minute   // dates as close as this are those of the document
	longGap   = 7 * 24 * time.Hour // between two readings; before that nobody knows what was listed

	// Entries that a first guess is worth against what was seen.
	guessLevel = 0.5 // that a new source publishes once in each min_interval
	guessHour  = 2   // that an hour of the day is like the hours around it
	guessBurst = 4   // that now is as it always is
	guessDay   = 20  // that a weekday is like the others
)

// forecast is how many entries per hour a source is expected to publish.
type forecast struct {
	from  time.Time
	hours [24]float64
	days  [7]float64
	burst float64 // how many times as many come at from; fades
}

// expect reads a rhythm at a time. Each figure is a count over the hours
// watched, with a guess in it that weighs a few entries: so a source that is
// new or quiet is taken to be even, and one that is busy is believed.
func expect(r copydesk.Rhythm, p Policy, now time.Time) *forecast {
	f := &forecast{from: now, days: weekdays(r), burst: 1}
	watched := watchedHours(r)
	var came, hours float64
	for h, n := range r.Hours {
		came += float64(n)
		hours += watched[h]
	}
	since := 0.0
	if !r.Until.IsZero() {
		since = min(max(now.Sub(r.Until).Hours(), 0), 2)
	}
	level := (came + float64(r.Open) + guessLevel) / (hours + since + guessLevel*p.MinInterval.Hours())
	estimate := func(h int, guess float64) float64 {
		return (float64(r.Hours[h]) + guessHour) / (watched[h] + guessHour/guess)
	}
	var rough [24]float64
	for h := range rough {
		rough[h] = estimate(h, level)
	}
	for h := range f.hours {
		near, far := rough[(h+1)%24]+rough[(h+23)%24], rough[(h+2)%24]+rough[(h+22)%24]
		f.hours[h] = estimate(h, (3*rough[h]+2*near+far)/9)
	}
	due := float64(r.Due) + since*f.rate(r.Until)
	f.burst = (float64(r.Came) + float64(r.Open) + guessBurst) / (due + guessBurst)
	return f
}

func weekdays(r copydesk.Rhythm) (share [7]float64) {
	for d := range share {
		share[d] = float64(r.Days[d])
		if r.Days[d] == 0 {
			share[d] = 1
		}
	}
	return share
}

// watchedHours is for how many hours each hour of the day was watched, faded as
// its count is.
func watchedHours(r copydesk.Rhythm) (hours [24]float64) {
	for back := range min(r.Watched, 24) {
		days := (r.Watched - back + 23) / 24
		h := (r.Until.UTC().Hour() + 23 - back) % 24
		hours[h] = (1 - math.Pow(keepHour, float64(days))) / (1 - keepHour)
	}
	return hours
}

// rate is the entries per hour to expect in the hour of t.
func (f *forecast) rate(t time.Time) float64 {
	t = t.UTC()
	x := f.hours[t.Hour()] * f.days[t.Weekday()]
	ahead := max(t.Sub(f.from).Hours(), 0)
	return x * (1 + (f.burst-1)*math.Pow(keepBurst, ahead))
}

// wait is how long after f.from the entries to expect will have waited for
// price in all, up to limit, but not longer than until they number crowd. With
// an even rate that is the square root law: four times as many entries are
// asked for twice as often.
func (f *forecast) wait(price, limit time.Duration, crowd float64) time.Duration {
	var at, waiting, waited float64 // hours, entries, and their hours of waiting
	for at < limit.Hours() {
		t := f.from.Add(hoursLong(at))
		long := min(t.Truncate(time.Hour).Add(time.Hour).Sub(t).Hours(), limit.Hours()-at)
		x := f.rate(t)
		left := price.Hours() - waited
		// waiting·s + x·s²/2 = left, in a form that bears x = 0
		s := 2 * left / (waiting + math.Sqrt(waiting*waiting+2*x*left))
		s = min(s, (crowd-waiting)/x)
		if s <= long {
			return hoursLong(at + s)
		}
		at += max(long, 1e-9)
		waited += waiting*long + x*long*long/2
		waiting += x * long
	}
	return limit
}

func hoursLong(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// learn takes into r what a reading at now has shown since the reading at from:
// entries that say that they were published at these times. One that says
// another time, or none, counts half way between the two readings. Hours before
// lost are those of which entries were missed: they teach nothing.
func learn(r copydesk.Rhythm, p Policy, from, lost, now time.Time, published []time.Time) copydesk.Rhythm {
	if now.Before(r.Until) || !from.Before(now) {
		return r // the clock was set back
	}
	if r.Until.IsZero() {
		r.Until = nearestHour(from, now)
	}
	if gap := now.Sub(r.Until); gap > longGap { // in whole days, so that hours stay with their counts
		r.Until, r.Open = r.Until.AddDate(0, 0, int((gap-longGap)/(24*time.Hour))+1), 0
	}
	hours := make([]int, 1+now.Sub(r.Until)/time.Hour)
	hours[0] = r.Open
	for _, at := range published {
		if !at.After(from) || at.After(now) {
			at = from.Add(now.Sub(from) / 2)
		}
		hours[max(at.Sub(r.Until), 0)/time.Hour]++
	}
	for _, n := range hours[:len(hours)-1] {
		r = endHour(r, p, float64(n), r.Until.Before(lost))
	}
	r.Open = hours[len(hours)-1]
	return r
}

// nearestHour is the full hour nearest to from that is not after now.
func nearestHour(from, now time.Time) time.Time {
	hour := from.UTC().Round(time.Hour)
	if hour.After(now) {
		return now.UTC().Truncate(time.Hour)
	}
	return hour
}

// endHour ends the hour at r.Until, in which n entries were published, or an
// unknown number.
func endHour(r copydesk.Rhythm, p Policy, n float64, unknown bool) copydesk.Rhythm {
	calm := r
	calm.Came, calm.Due, calm.Open = 0, 0, 0
	f := expect(calm, p, r.Until)
	due := f.rate(r.Until)
	if unknown {
		n = due
	}
	h, d := r.Until.UTC().Hour(), r.Until.UTC().Weekday()
	day := 0.0
	for _, x := range f.hours {
		day += x
	}
	r.Hours[h] = digits(float64(r.Hours[h])*keepHour + n/max(f.days[d], 0.2))
	r.Days[d] = digits(min(max(f.days[d]+(n-due)/(day+guessDay), 0.1), 5))
	if r.Watched < 24 {
		due = n // what a guess expects makes no burst
	}
	r.Came = digits(float64(r.Came)*keepBurst + n)
	r.Due = digits(float64(r.Due)*keepBurst + due)
	r.Watched++
	r.Until = r.Until.Add(time.Hour)
	return r
}

// digits leaves three of a number, and nothing of one that is next to nothing.
func digits(x float64) float32 {
	if x < 0.02 {
		return 0
	}
	scale := math.Pow(10, max(min(2-math.Floor(math.Log10(x)), 3), 0))
	return float32(math.Round(x*scale) / scale)
}

// firstRhythm is what the dates of a source's first document tell: how many
// entries are younger than the middle one, which neither an entry that is
// pinned to the top nor an old one that was never taken out can change much. It
// looks back a day at most, for dates can be wrong.
func firstRhythm(p Policy, now time.Time, published []time.Time) copydesk.Rhythm {
	dated := slices.DeleteFunc(slices.Clone(published), func(t time.Time) bool { return t.IsZero() || t.After(now) })
	if len(dated) < 2 {
		return copydesk.Rhythm{}
	}
	slices.SortFunc(dated, time.Time.Compare)
	from := dated[len(dated)/2]
	if earliest := now.Add(-firstLook); from.Before(earliest) {
		from = earliest
	}
	if now.Sub(from) < sameTime {
		return copydesk.Rhythm{}
	}
	young := slices.DeleteFunc(dated, func(t time.Time) bool { return !t.After(from) })
	return learn(copydesk.Rhythm{}, p, from, time.Time{}, now, young)
}
