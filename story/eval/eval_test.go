package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"copydesk"
)

// The gate: on rows of our own writing, in seven languages and with columns
// that share a headline, nothing is merged that is not the same.
func TestNothingIsMergedThatIsNotTheSame(t *testing.T) {
	rows, err := readAll([]string{"testdata/own.jsonl"}, "")
	if err != nil {
		t.Fatal(err)
	}
	g := group(rows, inOrder(rows))
	s, ok := g.score()
	if !ok {
		t.Fatal("the rows have no labels")
	}
	if s.precision < 1 || s.recall < 0.85 {
		var out bytes.Buffer
		g.confusions(&out, 10)
		t.Errorf("%v\n%s", s, &out)
	}
	apart := map[string]string{}
	for i, r := range rows {
		group := g.of[g.ids[i]].String()
		if first, ok := apart[r.Story]; ok && first != group {
			t.Logf("not found: %s", r.Title)
		}
		apart[r.Story] = group
	}
}

func TestTheScoresOfAGroupingThatIsKnown(t *testing.T) {
	rows := []row{
		{ID: "1", Publisher: "a", Title: "Wheat prices climb as drought spreads in Anselm valley", Language: "en", Story: "wheat"},
		{ID: "2", Publisher: "b", Title: "Drought spreads in Anselm valley, wheat prices climb", Language: "en", Story: "wheat"},
		{ID: "3", Publisher: "c", Title: "Chess federation bans phones from playing halls", Language: "en", Story: "wheat"},
		{ID: "4", Publisher: "d", Title: "New ferry terminal in Oslavia opens a month late", Language: "en", Story: "ferry"},
	}
	s, _ := group(rows, inOrder(rows)).score()
	if s.precision != 1 || s.recall < 0.66 || s.recall > 0.67 { // (2/3 + 2/3 + 1/3 + 1) / 4
		t.Errorf("got %v", s)
	}
}

func TestTheCommandPrintsScoresAndPairs(t *testing.T) {
	pairs := filepath.Join(t.TempDir(), "pairs.jsonl")
	if err := os.WriteFile(pairs, []byte(`{"label":"same","a":{"id":"r1"},"b":{"id":"r2"}}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{"--pairs", pairs, "--shuffles", "2", "testdata/own.jsonl"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"B3 precision", "same: 1 of 1 together", "in 2 orders, each entry up to 2h0m0s", "pairs that change sides: "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestEntriesArriveWithinTheTimeThatPollsTake(t *testing.T) {
	rows := []row{{Published: "2024-03-01T10:00:00Z"}, {Published: "2024-03-01T10:30:00Z"}, {Published: "2024-03-01T18:00:00Z"}, {}}
	firsts := map[int]bool{}
	for seed := range uint64(50) {
		all := shuffled(rows, 2*time.Hour, rand.New(rand.NewPCG(seed, 1)))
		firsts[all[0].row] = true
		for i, a := range all {
			if late := a.seen.Sub(a.news); late < 0 || late > 2*time.Hour {
				t.Errorf("row %d came %v after its news time", a.row, late)
			}
			if i > 0 && a.seen.Before(all[i-1].seen) {
				t.Errorf("row %d came before its time", a.row)
			}
		}
		if last := all[3].row; last < 2 || all[0].row > 1 {
			t.Errorf("came as %v, though hours lie between", all)
		}
	}
	if len(firsts) != 2 {
		t.Errorf("the first was always one of %v", firsts)
	}
}

func TestPairsThatChangeSidesAreCounted(t *testing.T) {
	one := copydesk.NewStoryID(copydesk.EntryID{1})
	other := copydesk.NewStoryID(copydesk.EntryID{2})
	of := func(stories ...copydesk.StoryID) *grouping {
		g := &grouping{of: map[copydesk.EntryID]copydesk.StoryID{}}
		for i, s := range stories {
			id := copydesk.EntryID{byte(i)}
			g.rows, g.ids = append(g.rows, row{Story: "x"}), append(g.ids, id)
			g.of[id] = s
		}
		return g
	}
	got := of(one, one, one, other).against(of(one, one, other, other))
	if want := (turned{pairs: 6, together: 4, changed: 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The gate on orders: on our own rows no pair changes sides.
func TestOurOwnRowsAreGroupedAlikeInOtherOrders(t *testing.T) {
	rows, err := readAll([]string{"testdata/own.jsonl"}, "")
	if err != nil {
		t.Fatal(err)
	}
	g := group(rows, inOrder(rows))
	for seed := range uint64(20) {
		o := group(rows, shuffled(rows, 2*time.Hour, rand.New(rand.NewPCG(seed, 1))))
		if got := g.against(o); got.changed > 0 {
			t.Errorf("order %d: %+v", seed, got)
		}
	}
}

func TestTheCommandSaysWhatIsWrong(t *testing.T) {
	for _, args := range [][]string{{}, {"testdata/none.jsonl"}} {
		if err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

// What a store groups of one day when it has seen nothing else, and when it has
// seen another day before.
func TestAColdStoreMergesNoMoreOfARealDayThanAWarmOne(t *testing.T) {
	dir := os.Getenv("COPYDESK_CAPTURES")
	if dir == "" {
		t.Skip("COPYDESK_CAPTURES names no directory of real entries")
	}
	days, err := filepath.Glob(filepath.Join(dir, "entries", "*.jsonl"))
	if err != nil || len(days) < 2 {
		t.Fatalf("%d days in %s: %v", len(days), dir, err)
	}
	day, err := readAll(days[1:2], "")
	if err != nil {
		t.Fatal(err)
	}
	both, err := readAll(days[:2], "")
	if err != nil {
		t.Fatal(err)
	}
	// Entries that joined another are counted, not pairs: one more in a story of
	// fifteen would count for fifteen.
	joined := func(rows []row) int {
		g := group(rows, inOrder(rows))
		stories := map[copydesk.StoryID]bool{}
		for _, r := range day {
			stories[g.of[voice(r, 0, time.Time{}, time.Time{}).Entry.ID]] = true
		}
		return len(day) - len(stories)
	}
	cold, warm := joined(day), joined(both)
	t.Logf("of %d entries, so many joined another: cold %d, warm %d", len(day), cold, warm)
	if float64(cold) > 1.02*float64(warm) {
		t.Errorf("cold %d entries joined another, warm %d", cold, warm)
	}
}
