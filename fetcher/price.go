package fetcher

import (
	"math"
	"time"

	"copydesk"
)

// fadeAfter is over how many mean intervals the count of a source's requests
// fades.
const fadeAfter = 24

// leastPrice is the price where requests are plenty, as a share of
// min_interval: a source that publishes twice in each min_interval is asked once
// in each. Below it a request finds too little to be worth a publisher's while.
const leastPrice = 4

const (
	// spare is the share of the requests that is not planned: for what no
	// rhythm foresees, and for the first day, which begins with guesses.
	spare = 0.04

	// takeBack is in how many parts of a day what was asked too much is saved.
	takeBack = 6
)

// spreadShare is how much longer than planned an interval is on average.
const spreadShare = 1.05

// Price is how long news must be expected to have waited, all entries together,
// for a request to be made: one figure for all sources, at which they make no
// more requests than one each in [Policy.MeanInterval] over the coming day. It
// is how a source that is asked more often is paid for by others that are asked
// less. What was asked too much in about the last day is taken back within hours;
// what was asked too little is not made up for.
//
// It takes time in proportion to the number of sources, some 10 µs for each,
// and holds for as long as rhythms change little: a quarter of an hour.
func Price(sources []copydesk.Source, p Policy, now time.Time) time.Duration {
	p = p.orDefaults()
	plans := make([]plan, len(sources))
	over := 0.0 // requests
	for i, src := range sources {
		plans[i] = planFor(src, p, now)
		over += asked(src, p, now) - fadeAfter
	}
	fair := 24 * float64(len(sources)) / p.MeanInterval.Hours()
	over *= 24 / (fadeAfter * p.MeanInterval.Hours())
	budget := max(fair-takeBack*max(over, 0), fair/2) * (1 - spare)
	total := func(price float64) (n float64) {
		for i := range plans {
			n += plans[i].requests(price)
		}
		return n
	}
	low := p.leastPrice().Hours()
	if total(low) <= budget {
		return hoursLong(low)
	}
	high := low
	for total(high) > budget && high < 1e6*low {
		high *= 2
	}
	for range 20 {
		if mid := math.Sqrt(low * high); total(mid) > budget {
			low = mid
		} else {
			high = mid
		}
	}
	return hoursLong(high)
}

// plan is how often a source would be asked in the coming day.
type plan struct {
	rates       [24]float64
	least, most float64 // requests per hour
}

func planFor(src copydesk.Source, p Policy, now time.Time) (pl plan) {
	f := expect(src.Rhythm, p, now)
	for h := range pl.rates {
		pl.rates[h] = f.rate(now.Add(time.Duration(h) * time.Hour))
	}
	wishes := wishesOf(src, src.Outcome, p, src.LastPoll)
	shortest := orLonger(floor(p, wishes), wishes).wait
	pl.most = 1 / (shortest.Hours() * spreadShare)
	pl.least = min(1/(p.MaxInterval.Hours()*spreadShare), pl.most)
	return pl
}

// requests is how many they would be: with an even rate x, entries wait x·t²/2
// in an interval t, which is to be price.
func (pl *plan) requests(price float64) (n float64) {
	for _, x := range pl.rates {
		n += min(max(math.Sqrt(x/2/price)/spreadShare, pl.least), pl.most)
	}
	return n
}

// asked is how many requests a source was sent, those of long ago counting less
// and less. It is [fadeAfter] for one that is asked once in each mean interval,
// and for one that was never asked.
func asked(src copydesk.Source, p Policy, now time.Time) float64 {
	if src.LastPoll.IsZero() {
		return fadeAfter
	}
	since := max(now.Sub(src.LastPoll), 0).Hours() / (fadeAfter * p.MeanInterval.Hours())
	return float64(src.Asked) * math.Exp(-since)
}
