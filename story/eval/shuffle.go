package main

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"copydesk"
)

// arrival is a row and when it arrives.
type arrival struct {
	row  int
	seen time.Time
	news time.Time
	date time.Time // its own; zero if it has none
}

// inOrder lets the rows arrive as the file has them, each at its news time.
func inOrder(rows []row) []arrival {
	all := make([]arrival, len(rows))
	clock := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, r := range rows {
		date, err := time.Parse(time.RFC3339, r.Published)
		if err == nil {
			clock = date
		}
		all[i] = arrival{i, clock, clock, date}
	}
	return all
}

// shuffled lets each row arrive at some time after its news time, at most
// within later, as polls find it: a busy source is asked every few minutes, a
// quiet one every few hours. Rows of one news time, as all of a file without
// times are, come in any order at all.
func shuffled(rows []row, within time.Duration, random *rand.Rand) []arrival {
	all := inOrder(rows)
	for i := range all {
		all[i].seen = all[i].news.Add(time.Duration(random.Int64N(int64(within) + 1)))
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return a.seen.Compare(b.seen) })
	return all
}

// turned counts the pairs of labelled entries (of all, if none is) that one
// grouping has together and the other apart.
type turned struct {
	pairs    int
	together int // in one of the groupings, or in both
	changed  int
}

func (g *grouping) against(o *grouping) (t turned) {
	type both struct{ a, b copydesk.StoryID }
	one, other, common, n := map[copydesk.StoryID]int{}, map[copydesk.StoryID]int{}, map[both]int{}, 0
	labelled := slices.ContainsFunc(g.rows, func(r row) bool { return r.Story != "" })
	for i, r := range g.rows {
		if labelled && r.Story == "" {
			continue
		}
		a, b := g.of[g.ids[i]], o.of[o.ids[i]]
		n++
		one[a]++
		other[b]++
		common[both{a, b}]++
	}
	t.pairs = n * (n - 1) / 2
	shared := pairsIn(common)
	t.together = pairsIn(one) + pairsIn(other) - shared
	t.changed = t.together - shared
	return t
}

func pairsIn[K comparable](sizes map[K]int) (n int) {
	for _, size := range sizes {
		n += size * (size - 1) / 2
	}
	return n
}

// orders groups the rows in so many other orders of arrival and prints what that
// changes.
func (g *grouping) orders(out io.Writer, shuffles int, within time.Duration, pairs string) error {
	var scores []score
	var all turned
	worst := 0.0
	least, most := map[string]int{}, map[string]int{}
	for seed := range shuffles {
		o := group(g.rows, shuffled(g.rows, within, rand.New(rand.NewPCG(uint64(seed), 7))))
		if s, ok := o.score(); ok {
			scores = append(scores, s)
		}
		t := g.against(o)
		worst = max(worst, t.share())
		all.pairs, all.together, all.changed = all.pairs+t.pairs, all.together+t.together, all.changed+t.changed
		if pairs == "" {
			continue
		}
		together, _, err := o.pairs(pairs)
		if err != nil {
			return err
		}
		for _, label := range labels {
			most[label] = max(most[label], together[label])
			if seed == 0 || together[label] < least[label] {
				least[label] = together[label]
			}
		}
	}
	fmt.Fprintf(out, "in %d orders, each entry up to %v after its news time:\n", shuffles, within)
	printScores(out, scores)
	if pairs != "" {
		for _, label := range labels {
			fmt.Fprintf(out, "  %s: %d to %d together\n", label, least[label], most[label])
		}
	}
	fmt.Fprintf(out, "  pairs that change sides: %.2f %% of those together in either order (at worst %.2f %%), %.3f %% of all\n",
		100*all.share(), 100*worst, 100*float64(all.changed)/float64(max(1, all.pairs)))
	return nil
}

func printScores(out io.Writer, scores []score) {
	if len(scores) == 0 {
		return
	}
	var mean score
	for _, s := range scores {
		n := float64(len(scores))
		mean.precision, mean.recall, mean.f1 = mean.precision+s.precision/n, mean.recall+s.recall/n, mean.f1+s.f1/n
	}
	worst := func(of func(score) float64) score {
		return slices.MinFunc(scores, func(a, b score) int { return cmp.Compare(of(a), of(b)) })
	}
	fmt.Fprintln(out, "  mean          ", mean)
	fmt.Fprintln(out, "  worst         ", worst(func(s score) float64 { return s.f1 }))
	fmt.Fprintln(out, "  least precise ", worst(func(s score) float64 { return s.precision }))
}

func (t turned) share() float64 { return float64(t.changed) / float64(max(1, t.together)) }
