package fetcher

import (
	"testing"
	"time"

	"copydesk"
)

func TestWhatIsLeftOfTheLastWindowIsMeasured(t *testing.T) {
	src := copydesk.Source{ID: "a"}
	now := noon
	read := func(v copydesk.Verdict, listed, known int) copydesk.Window {
		t.Helper()
		found := Found{Listed: listed, Known: known, New: make([]time.Time, listed-known)}
		src = After(src, Answer{Status: 200}, copydesk.Outcome{Verdict: v, Status: 200}, v == copydesk.Changed, found, Policy{}, now)
		now = now.Add(4 * time.Hour)
		return src.Window
	}
	for i, tt := range []struct {
		verdict               copydesk.Verdict
		listed, known         int
		kept, remains, losses int
		reach                 time.Duration
	}{
		{copydesk.Changed, 20, 0, 0, 20, 0, 0}, // the first document can have lost nothing
		{copydesk.Changed, 20, 15, 75, 20, 0, 0},
		{copydesk.Unchanged, 0, 0, 100, 20, 0, 0},
		{copydesk.Failed, 0, 0, 100, 20, 0, 0},
		{copydesk.Changed, 30, 1, 5, 30, 0, 0},
		{copydesk.Changed, 10, 0, 0, 10, 1, 4 * time.Hour / 2},
		{copydesk.Changed, 10, 9, 90, 10, 1, 2 * time.Hour * 5 / 4},
		{copydesk.Changed, 0, 0, 90, 10, 1, 2 * time.Hour * 5 / 4}, // an empty document pushed nothing out
		{copydesk.Changed, 10, 10, 100, 10, 1, 2 * time.Hour * 25 / 16},
		{copydesk.Changed, 10, 0, 0, 10, 2, 2 * time.Hour},
	} {
		w := read(tt.verdict, tt.listed, tt.known)
		if w.Kept != tt.kept || w.Listed != tt.remains || w.Losses != tt.losses || w.Reach != tt.reach {
			t.Errorf("reading %d: got %+v, want %+v", i, w, tt)
		}
	}
	if want := noon.Add(9 * 4 * time.Hour); !src.Window.LostAt.Equal(want) {
		t.Errorf("lost at %s, want %s", src.Window.LostAt, want)
	}
	for range 40 {
		read(copydesk.Changed, 10, 10)
	}
	if src.Window.Reach != 0 || src.Window.Losses != 2 {
		t.Errorf("long after a loss: %+v", src.Window)
	}
}

func TestAShortDocumentThatIsReplacedProvesNoLoss(t *testing.T) {
	in, before := noon.Add(-time.Hour), noon.Add(-9*time.Hour)
	for _, tt := range []struct {
		listed int
		fresh  []time.Time
		losses int
	}{
		{1, []time.Time{in}, 0},
		{1, []time.Time{in, in}, 1},
		{2, []time.Time{in, before}, 0},
		{2, []time.Time{{}, {}}, 0},
		{2, []time.Time{in, in}, 1},
		{3, []time.Time{{}, {}, {}}, 1},
	} {
		src := copydesk.Source{ID: "a"}
		src.LastRead, src.Window.Listed = noon.Add(-8*time.Hour), tt.listed
		found := Found{Listed: len(tt.fresh), New: tt.fresh}
		src = After(src, Answer{Status: 200}, copydesk.Outcome{Verdict: copydesk.Changed, Status: 200}, true, found, Policy{}, noon)
		if w := src.Window; w.Losses != tt.losses || (w.Reach > 0) != (tt.losses > 0) {
			t.Errorf("%d listed, then %v: %+v", tt.listed, tt.fresh, w)
		}
	}
}

func TestASourceThatListsOneEntryIsAskedLittleMoreForThat(t *testing.T) {
	month := func(listed int) (polls, losses int) {
		src := copydesk.Source{ID: "a"}
		p := Policy{Price: 6 * time.Hour}
		for now, last := noon, noon; now.Before(noon.AddDate(0, 0, 30)); last, now = now, src.NextPoll {
			found := Found{Listed: listed, Known: listed}
			if today := now.Truncate(24 * time.Hour).Add(8 * time.Hour); today.After(last) && !today.After(now) {
				found.Known, found.New = listed-1, []time.Time{today}
			}
			src = After(src, Answer{Status: 200}, copydesk.Outcome{Verdict: copydesk.Changed, Status: 200}, true, found, p, now)
			polls++
		}
		return polls, src.Window.Losses
	}
	ten, _ := month(10)
	if one, losses := month(1); one > 2*ten || losses > 0 {
		t.Errorf("%d polls in 30 days and %d losses; %d polls where it lists ten", one, losses, ten)
	}
}

func TestASourceThatLosesEntriesIsAskedSoonerWithinTheFloor(t *testing.T) {
	slow := copydesk.Source{ID: "a", Rhythm: even(0.01)}
	slow.LastRead, slow.Window.Listed = noon.Add(-8*time.Hour), 10
	ok := copydesk.Outcome{Verdict: copydesk.Changed, Status: 200}
	lost := After(slow, Answer{Status: 200}, ok, true, Found{Listed: 10}, Policy{}, noon)
	if got := planned(lost); lost.Rule != "entries were lost" || got < 4*time.Hour || got > 4*time.Hour*11/10 {
		t.Errorf("next poll in %s by %q", got, lost.Rule)
	}
	for range 5 {
		last := lost.NextPoll
		lost = After(lost, Answer{Status: 200}, ok, true, Found{Listed: 10}, Policy{}, last)
		if got := lost.NextPoll.Sub(last); got < time.Hour {
			t.Fatalf("asked after %s", got)
		}
	}
	if lost.Rule != "min_interval" {
		t.Errorf("by %q after losses in a row", lost.Rule)
	}
}

func TestADocumentIsAskedForBeforeHalfOfItIsNew(t *testing.T) {
	src := copydesk.Source{ID: "a", Rhythm: even(4)}
	p := Policy{MinInterval: 15 * time.Minute, Price: 1000 * time.Hour}
	ok := copydesk.Outcome{Verdict: copydesk.Changed}
	for _, tt := range []struct {
		listed int
		wait   time.Duration
	}{{0, 22 * time.Hour}, {200, 22 * time.Hour}, {40, 5 * time.Hour}, {8, time.Hour}, {1, 15 * time.Minute}} {
		src.Window.Listed = tt.listed
		next, rule := NextPoll(src, ok, p, noon)
		if got := next.Sub(noon); got < tt.wait*8/10 || got > tt.wait*13/10 {
			t.Errorf("%d listed: next poll in %s by %q, want about %s", tt.listed, got, rule, tt.wait)
		}
	}
}
