package copydesk_test

import (
	"encoding/json"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

var evening = time.Date(2024, 5, 6, 23, 30, 0, 0, time.UTC)

func page(at time.Time, found int, delay time.Duration, pause, allowed time.Duration) copydesk.Ledger {
	return copydesk.Ledger{
		Day: copydesk.DayOf(at), Polls: map[copydesk.Verdict]int{copydesk.Changed: 1}, Requests: 2, Conditional: 1,
		Apart: map[copydesk.Apart]int{copydesk.ApartMoved: 1}, Received: 10, Saved: 20, Listed: 5, Undated: 1,
		Found: found, Delayed: found, Delay: copydesk.Span(delay) * copydesk.Span(found), MaxDelay: copydesk.Span(delay),
		Closest: copydesk.Gap{At: at, Pause: copydesk.Span(pause), Allowed: copydesk.Span(allowed), Rule: "min_interval"},
	}
}

func TestPagesOfALedgerAddUp(t *testing.T) {
	a := page(evening, 1, time.Hour, 2*time.Hour, time.Hour)
	b := page(evening.Add(24*time.Hour), 3, 2*time.Hour, 5*time.Hour, 5*time.Hour)
	b.Polls = map[copydesk.Verdict]int{copydesk.Changed: 1, copydesk.Failed: 2}
	b.Early, b.Losses = 1, 1
	want := copydesk.Ledger{
		Day: copydesk.DayOf(evening), Polls: map[copydesk.Verdict]int{copydesk.Changed: 2, copydesk.Failed: 2}, Requests: 4, Conditional: 2,
		Apart: map[copydesk.Apart]int{copydesk.ApartMoved: 2}, Received: 20, Saved: 40, Listed: 10, Undated: 2,
		Found: 4, Delayed: 4, Delay: copydesk.Span(7 * time.Hour), MaxDelay: copydesk.Span(2 * time.Hour),
		Early: 1, Losses: 1, Closest: b.Closest,
	}
	if diff := cmp.Diff(want, a.And(b)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(a.And(b), b.And(a)); diff != "" {
		t.Errorf("the order matters: %s", diff)
	}
	if diff := cmp.Diff(a, copydesk.Ledger{}.And(a)); diff != "" {
		t.Errorf("beside an empty page: %s", diff)
	}
	sum := a.And(b)
	if sum.Errors() != 2 || sum.MeanDelay() != 7*time.Hour/4 || sum.Share() != 0.5 {
		t.Errorf("%d errors, %s mean delay, share %v", sum.Errors(), sum.MeanDelay(), sum.Share())
	}
}

func TestAddingPagesChangesNeither(t *testing.T) {
	a, b := page(evening, 1, 0, 1, 1), page(evening, 1, 0, 1, 1)
	_ = a.And(b)
	if a.Polls[copydesk.Changed] != 1 || b.Apart[copydesk.ApartMoved] != 1 {
		t.Errorf("a has %v, b has %v", a.Polls, b.Apart)
	}
}

func TestAPageSurvivesJSON(t *testing.T) {
	want := page(evening, 2, time.Hour, 3*time.Hour, time.Hour)
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got copydesk.Ledger
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !json.Valid(text) || got.Day.Start() != time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC) {
		t.Errorf("%s", text)
	}
}
