package fetcher

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

// ward is a source that is polled and diagnosed, poll after poll.
type ward struct {
	src   copydesk.Source
	pages []copydesk.Ledger
	known []copydesk.Episode
	now   time.Time
}

func newWard() *ward { return &ward{src: copydesk.Source{ID: "a"}, now: noon} }

// take polls once, and returns the episodes that changed as "cause" or "cause
// over".
func (w *ward) take(p poll, wait time.Duration) (changed []string) {
	p.answer.Asked, p.answer.Requests, p.answer.Conditional = w.now, 1, true
	o := Judge(w.src, p.answer, w.now)
	if p.verdict != "" {
		o.Verdict = p.verdict
	}
	next := After(w.src, p.answer, o, !p.part, p.found, Policy{}, w.now)
	l := Line(w.src, next, p.answer, p.found, false)
	if n := len(w.pages) - 1; n >= 0 && w.pages[n].Day == l.Day {
		w.pages[n] = w.pages[n].And(l)
	} else {
		w.pages = append(w.pages, l)
	}
	for _, e := range Follow(w.known, Diagnose(next, w.pages, w.now), w.now) {
		w.known = slices.DeleteFunc(w.known, func(k copydesk.Episode) bool { return k.ID == e.ID })
		w.known = append([]copydesk.Episode{e}, w.known...)
		said := string(e.Cause)
		if !e.Open() {
			said += " over"
		}
		changed = append(changed, said)
	}
	w.src, w.now = next, w.now.Add(wait)
	return changed
}

// reading is a poll that brings a document of so many entries.
func reading(text string, listed, known int, published ...time.Time) poll {
	return poll{answer: with(200, text, nil), found: Found{Listed: listed, Known: known, New: published}}
}

func TestSignsThatKeepComingMakeAnEpisode(t *testing.T) {
	var (
		well      = poll{answer: Answer{Status: 304}}
		down      = poll{answer: Answer{Err: errors.New("no route")}}
		busy      = poll{answer: with(503, "", nil)}
		page      = poll{answer: with(200, "<html>", nil), verdict: copydesk.Failed, found: Found{Page: true}}
		noFeed    = poll{answer: with(200, "hello", nil), verdict: copydesk.Failed}
		forbidden = poll{answer: with(403, "", nil)}
		slowDown  = poll{answer: with(429, "", nil)}
		gone      = poll{answer: with(410, "", nil)}
		moved     = poll{answer: Answer{Status: 304, Hops: []Hop{{"http://a.example/", "http://b.example/", 301}}}}
	)
	part := func(n int) poll {
		p := reading(fmt.Sprintf("part %d", n), 3, 3)
		p.part = true
		return p
	}
	for _, tt := range []struct {
		name  string
		every time.Duration
		polls []poll
		want  []string
	}{
		{"one failure", time.Hour, []poll{well, down, well}, nil},
		{"three in a row", time.Hour, []poll{well, down, down, down, down, well}, []string{"unreachable", "unreachable over"}},
		{"three within the hour", 15 * time.Minute, []poll{down, down, down, well}, nil},
		{"every other one", time.Hour, []poll{down, well, down, well, down, well}, nil},
		{"pages", time.Hour, []poll{page, page, page}, []string{"html"}},
		{"no feeds", time.Hour, []poll{noFeed, noFeed, noFeed}, []string{"unreadable"}},
		{"two kinds of failures", time.Hour, []poll{page, busy, page, busy, page, well}, []string{"html", "html over"}},
		{"kept away", time.Hour, []poll{forbidden, slowDown, forbidden, well}, []string{"throttled", "throttled over"}},
		{"gone", time.Hour, []poll{well, gone, well}, []string{"gone", "gone over"}},
		{"moved for a day", 12 * time.Hour, []poll{moved, moved, moved, well}, nil},
		{"moved for a week", 3 * 24 * time.Hour, []poll{moved, moved, moved, moved, well}, []string{"moved", "moved over"}},
		{"moved, with trouble between", 3 * 24 * time.Hour, []poll{moved, moved, down, moved}, []string{"moved"}},
		{"cut short, and unchanged between", 2 * time.Hour, []poll{part(1), part(2), well, part(3), reading("whole", 3, 3)}, []string{"truncated", "truncated over"}},
	} {
		w := newWard()
		w.take(reading("one", 3, 0), tt.every)
		var got []string
		for _, p := range tt.polls {
			got = append(got, w.take(p, tt.every)...)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestAnEpisodeThatComesBackWithinADayIsTheSame(t *testing.T) {
	page := poll{answer: with(200, "<html>", nil), verdict: copydesk.Failed, found: Found{Page: true}}
	well := reading("one", 3, 3)
	ids := func(pause int) (n int) {
		w := newWard()
		for range 3 {
			w.take(page, time.Hour)
		}
		for range pause {
			w.take(well, time.Hour)
		}
		for range 3 {
			w.take(page, time.Hour)
		}
		if !w.known[0].Open() || w.known[0].Updated != w.now.Add(-time.Hour) {
			t.Errorf("after %d hours: %+v", pause, w.known[0])
		}
		return len(w.known)
	}
	if n := ids(20); n != 1 {
		t.Errorf("after a day: %d episodes", n)
	}
	if n := ids(30); n != 2 {
		t.Errorf("after more than a day: %d episodes", n)
	}
}

func TestALossIsToldAtOnceAndIsOverADayAfterTheLast(t *testing.T) {
	w := newWard()
	w.take(reading("one", 3, 0), time.Hour)
	if got := w.take(reading("two", 3, 0, noon), time.Hour); !slices.Equal(got, []string{"entries lost"}) {
		t.Errorf("after a loss: %q", got)
	}
	for hour := range 23 {
		if got := w.take(reading(fmt.Sprint(hour), 3, 2), time.Hour); len(got) > 0 {
			t.Errorf("%d hours later: %q", hour+1, got)
		}
	}
	if got := w.take(reading("last", 3, 2), time.Hour); !slices.Equal(got, []string{"entries lost over"}) {
		t.Errorf("after a day: %q", got)
	}
}

func TestDatesAreBrokenIfMostOfThemAre(t *testing.T) {
	dated := func(text string, undated int) poll {
		p := reading(text, 10, 9)
		p.found.Undated = undated
		return p
	}
	w := newWard()
	var got []string
	for day, undated := range []int{0, 5, 6, 10, 0} {
		got = append(got, w.take(dated(fmt.Sprint(day), undated), 24*time.Hour)...)
	}
	if diff := cmp.Diff([]string{"dates broken", "dates broken over"}, got); diff != "" {
		t.Error(diff)
	}
	small := newWard()
	p := reading("one", 9, 0)
	p.found.Undated = 9
	if got := small.take(p, time.Hour); len(got) > 0 {
		t.Errorf("nine entries are enough: %q", got)
	}
}

// weekdays is a source that publishes four times a day from Monday to Friday,
// for so many weeks; silence polls on without news.
func (w *ward) weekdays(weeks int) (changed []string) {
	w.now = time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC) // a Monday
	for day := range 7 * weeks {
		for hour := 0; hour < 24; hour += 2 {
			p := poll{answer: Answer{Status: 304}}
			if weekday := w.now.Weekday(); weekday != time.Saturday && weekday != time.Sunday && hour >= 8 && hour < 16 {
				p = reading(fmt.Sprint(day, hour), 20, 19, w.now.Add(-time.Minute))
			}
			changed = append(changed, w.take(p, 2*time.Hour)...)
		}
	}
	return changed
}

func (w *ward) silence(days int) (after time.Duration, changed []string) {
	from := w.now
	for range 12 * days {
		got := w.take(poll{answer: Answer{Status: 304}}, 2*time.Hour)
		if len(got) > 0 && after == 0 {
			after = w.now.Sub(from)
		}
		changed = append(changed, got...)
	}
	return after, changed
}

func TestAWeekendIsNoStandstillForWhoHasWeekends(t *testing.T) {
	w := newWard()
	if got := w.weekdays(6); len(got) > 0 {
		t.Errorf("%q in six ordinary weeks", got)
	}
}

func TestWhoPublishesInBatchesHasNotStalledBetweenThem(t *testing.T) {
	w := newWard()
	for week := range 12 {
		batch := slices.Repeat([]time.Time{w.now.Add(-time.Minute)}, 20)
		w.take(reading(fmt.Sprint(week), 40, 20, batch...), 2*time.Hour)
		if _, got := w.silence(7); len(got) > 0 {
			t.Errorf("week %d: %q", week, got)
		}
	}
}

func TestASilenceThatTheRhythmDoesNotExplainIsAStandstillUntilNewsComes(t *testing.T) {
	w := newWard()
	w.weekdays(6)
	after, changed := w.silence(120)
	if !slices.Equal(changed, []string{"stalled"}) || after < 24*time.Hour || after > 5*24*time.Hour {
		t.Errorf("after %s: %q", after, changed)
	}
	if got := w.take(reading("news", 20, 19, w.now), time.Hour); !slices.Equal(got, []string{"stalled over"}) {
		t.Errorf("after news: %q", got)
	}
}

func TestWhoIsSeldomHeardOfHasNotStalled(t *testing.T) {
	w := newWard()
	for week := range 8 {
		w.take(reading(fmt.Sprint(week), 20, 19, w.now), 2*time.Hour)
		if _, got := w.silence(6); len(got) > 0 {
			t.Errorf("week %d: %q", week, got)
		}
	}
}
