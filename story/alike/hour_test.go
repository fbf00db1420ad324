package alike_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"copydesk/story/alike"
)

// In whatever order the entries of two hours arrive, each weighs the same.
func TestWeightsAreTheSameInAllOrdersOfTwoHours(t *testing.T) {
	var stream []alike.Features
	for i := range 600 {
		stream = append(stream, alike.Read(written(fmt.Sprint("s", i%7), fmt.Sprintf("Ferry of Korby%d meets tug Norrland%d off Lund%d", i%11, i%23, i%5), "", 2*i)))
	}
	first, second := alike.Read(written("a", "Ferry of Korby3 meets tug Norrland4", "", 1000)), alike.Read(written("b", "Tug Norrland4 and ferry of Korby3 meet", "", 1030))
	want := ""
	for seed := range uint64(20) {
		r, random := alike.NewRarity(), rand.New(rand.NewPCG(seed, 1))
		arrivals := map[int][]alike.Features{}
		for _, f := range stream {
			late := random.IntN(121)
			f.Seen = f.News.Add(time.Duration(late) * time.Minute)
			at := int(f.Seen.Sub(noon).Minutes())
			arrivals[at] = append(arrivals[at], f)
		}
		asked := 1030 + random.IntN(90)
		for minute := range asked {
			for _, f := range arrivals[minute] {
				r.Observe(f)
			}
		}
		got := fmt.Sprintf("%+v", alike.Compare(first, second, r))
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("asked at minute %d: %s\nbefore: %s", asked, got, want)
		}
	}
}

// An entry that says when it was written is counted after some hours, one that
// does not at once.
func TestWordsOfTheLastHoursDoNotCountYet(t *testing.T) {
	score := func(dated bool, hours int) float64 {
		r := alike.NewRarity()
		for i := range 400 {
			v := written("x", fmt.Sprintf("Tug Norrland%d meets ferry of Korby%d", i%2, i%2), "", i/40)
			if !dated {
				v.Entry.Published = time.Time{}
			}
			r.Observe(alike.Read(v))
		}
		return alike.Compare(alike.Read(written("a", "Tug Norrland0 meets ferry of Korby0", "", 60*hours)),
			alike.Read(written("b", "Ferry of Korby0 meets tug Norrland0", "", 60*hours)), r).Score
	}
	if at, later := score(true, 1), score(true, 9); at <= later {
		t.Errorf("dated: score %.3f at once, %.3f later", at, later)
	}
	if at, later := score(false, 1), score(false, 9); at != later {
		t.Errorf("without a date: score %.3f at once, %.3f later", at, later)
	}
}
