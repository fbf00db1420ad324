package fetcher

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
)

func TestOnly429StopsAHostAndNoPrivateOne(t *testing.T) {
	for _, tt := range []struct {
		name   string
		url    string
		answer Answer
		host   string
		wait   time.Duration
	}{
		{"429", "https://www.a.example/feed", with(429, "", header("Retry-After", "7200")), "a.example", 2 * time.Hour},
		{"429 without a word", "https://a.example/feed", with(429, "", nil), "a.example", 4 * time.Hour},
		{"429 for ever", "https://a.example/feed", with(429, "", header("Retry-After", "99999999")), "a.example", longestWish},
		{"429 of where it redirects to", "https://a.example/feed", Answer{Status: 429, Hops: []Hop{{"https://a.example/feed", "https://cdn.b.example/feed", 302}}}, "b.example", 4 * time.Hour},
		{"429 of a public address", "http://93.184.216.34/feed", with(429, "", nil), "93.184.216.34", 4 * time.Hour},
		{"503", "https://a.example/feed", with(503, "", header("Retry-After", "7200")), "", 0},
		{"403", "https://a.example/feed", with(403, "", nil), "", 0},
		{"200", "https://a.example/feed", with(200, feed, header("Retry-After", "7200")), "", 0},
		{"429 of a private address", "http://192.168.1.5:8080/feed", with(429, "", nil), "", 0},
		{"429 of loopback", "http://[::1]:8080/feed", with(429, "", nil), "", 0},
		{"429 of a name that leads to a private address", "https://a.example/feed", Answer{Status: 429, Remote: netip.MustParseAddr("::ffff:10.0.0.3")}, "", 0},
		{"429 of a carrier's address", "https://a.example/feed", Answer{Status: 429, Remote: netip.MustParseAddr("100.64.3.4")}, "", 0},
		{"429 of a name of the house", "http://bridge/feed", with(429, "", nil), "", 0},
		{"429 of another", "http://bridge.home.arpa/feed", with(429, "", nil), "", 0},
	} {
		src := copydesk.Source{ID: "a"}
		src.URL = tt.url
		got := After(src, tt.answer, Judge(src, tt.answer, noon), true, Found{}, Policy{}, noon).Stop
		want := copydesk.HostStop{Host: tt.host}
		if tt.wait > 0 {
			want.Until = noon.Add(tt.wait)
		}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, want)
		}
	}
}

func TestThreeTimes403CountsAsThrottling(t *testing.T) {
	var src copydesk.Source
	src.ID, src.URL = "a", "https://a.example/feed"
	now := noon
	ask := func(status int) copydesk.Outcome {
		a := with(status, "", nil)
		src = After(src, a, Judge(src, a, now), false, Found{}, Policy{}, now)
		now = src.NextPoll
		return src.Outcome
	}
	for _, tt := range []struct {
		status  int
		verdict copydesk.Verdict
		wait    time.Duration
	}{
		{403, copydesk.Failed, time.Hour},
		{403, copydesk.Failed, 2 * time.Hour},
		{500, copydesk.Failed, 4 * time.Hour}, // no longer in a row
		{403, copydesk.Failed, 8 * time.Hour},
		{403, copydesk.Failed, 16 * time.Hour},
		{403, copydesk.Throttled, 4 * time.Hour},
		{403, copydesk.Throttled, 8 * time.Hour},
		{403, copydesk.Throttled, 16 * time.Hour},
		{403, copydesk.Throttled, 24 * time.Hour},
	} {
		before := now
		o := ask(tt.status)
		if wait := now.Sub(before); o.Verdict != tt.verdict || wait < tt.wait || wait > tt.wait*11/10 {
			t.Errorf("%d: %s (%s), asked again after %s; want %s after %s", tt.status, o.Verdict, o.Reason, wait, tt.verdict, tt.wait)
		}
	}
}

func TestAStopKeepsAHostFromBeingAsked(t *testing.T) {
	a := NewAgenda(time.Second, 10)
	a.Put("a", "a.example", noon)
	a.Stop("a.example", noon.Add(time.Hour), noon)
	a.Stop("a.example", noon.Add(time.Minute), noon) // the later holds
	a.Put("b", "b.example", noon)
	start(t, a, 0, ids{"b"}, time.Hour)
	a.Drop("a")
	a.Put("c", "a.example", noon) // the host was forgotten in between, the stop was not
	start(t, a, time.Minute, nil, time.Hour)
	start(t, a, time.Hour, ids{"c"}, 0)
	a.Stop("b.example", noon, noon.Add(time.Hour)) // over before it began
	a.Done("b", noon.Add(time.Hour))
	start(t, a, time.Hour+time.Second, ids{"b"}, 0)
	if len(a.stops) > 0 {
		t.Errorf("remembers %v", a.stops)
	}
}

func TestA429StopsAllSourcesOfItsHostAcrossRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		first := w.list("a.example/1")
		w.list("a.example/2")
		w.list("www.a.example/3")
		w.list("b.example/")
		angry := w.get(first)
		angry.NextPoll = w.start.Add(30 * time.Minute)
		w.put(angry)
		w.answers["a.example"] = func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/1" {
				return answer(429, "", "Retry-After", "18000"), nil
			}
			return answer(304, ""), nil
		}
		for range 5 {
			w.run(time.Hour) // a new agenda each time
		}
		w.run(time.Hour)
		w.mu.Lock()
		defer w.mu.Unlock()
		others := 0
		for _, ask := range w.asked[1:] {
			switch {
			case ask.what == "b.example/":
				others++
			case ask.at < 30*time.Minute+5*time.Hour:
				t.Errorf("%s was asked %s after the start", ask.what, ask.at)
			}
		}
		if w.asked[0].what != "a.example/1" || others < 2 || len(w.asked) < others+3 {
			t.Errorf("asked %v", w.asked)
		}
	})
}

func TestAnAnswerTellsWhoGaveIt(t *testing.T) {
	p := publisher(t, "127.0.0.1", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) })
	a := client(t, Options{Allow: []string{"127.0.0.1:*"}}).Fetch(t.Context(), Request{URL: p.URL})
	if a.Status != 429 || a.Remote != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("status %d from %s (%v)", a.Status, a.Remote, a.Err)
	}
}

// angry answers 429 with five hours' rest.
func angry(*http.Request) (*http.Response, error) {
	return answer(429, "", "Retry-After", "18000"), nil
}

func TestAStopHoldsForSweepsProbesAndRedirectsOfAllSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 2 * time.Second})
		first, second, other := w.list("a.example/1"), w.list("a.example/2"), w.list("b.example/")
		w.answers["a.example"] = angry
		w.answers["b.example"] = func(*http.Request) (*http.Response, error) {
			return answer(302, "", "Location", "http://www.a.example/3"), nil
		}
		if err := w.poller.Sweep(t.Context(), []copydesk.SourceID{first}, nil); err != nil {
			t.Error(err)
		}
		var told []string
		err := w.poller.Sweep(t.Context(), []copydesk.SourceID{second, other}, func(src copydesk.Source, err error) {
			stop, stopped := errors.AsType[*Stopped](err)
			if stopped && stop.Until.Sub(w.start).Round(time.Hour) != 5*time.Hour {
				t.Errorf("stopped until %s", stop.Until)
			}
			told = append(told, fmt.Sprint(src.ID, " ", src.Outcome.Verdict, " ", stopped))
		})
		if err != nil {
			t.Error(err)
		}
		if a := w.poller.Probe(t.Context(), w.get(second)); Judge(w.get(second), a, time.Now()).Verdict != copydesk.Throttled || a.Status != 0 {
			t.Errorf("the probe was answered %d, %v", a.Status, a.Err)
		}
		slices.Sort(told)
		if want := []string{"a.example/2  true", "b.example/ throttled false"}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		if src := w.get(other); src.NextPoll.Before(w.start.Add(5*time.Hour)) || src.Failures > 0 {
			t.Errorf("what redirects to the host is asked again %s after the start", src.NextPoll.Sub(w.start))
		}
		w.expect("a.example/1 at 0s", "b.example/ at 0s")

		if err := w.poller.Insist(t.Context(), []copydesk.SourceID{second}, nil); err != nil {
			t.Error(err)
		}
		if got := w.times(); len(got) != 3 {
			t.Errorf("an operator who insists: asked %q", got)
		}
	})
}

func TestAProbeThatIsAnswered429StopsTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/1", "a.example/2")
		w.answers["a.example"] = angry
		w.poller.Probe(t.Context(), w.get("a.example/1"))
		time.Sleep(4 * time.Hour)
		w.poller.Probe(t.Context(), w.get("a.example/2"))
		w.expect("a.example/1 at 0s")
	})
}

func TestA429OutlivesTheListingOfWhoeverGotIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/1", "a.example/2")
		src := w.get("a.example/1")
		src.Listed, src.NextPoll = false, w.start.Add(-time.Hour)
		src.Stop = copydesk.HostStop{Host: "a.example", Until: w.start.Add(5 * time.Hour)}
		w.put(src)
		w.run(6 * time.Hour)
		if got := w.times(); len(got) == 0 || got[0] != "a.example/2 at 5h0m0s" {
			t.Errorf("asked %q", got)
		}
	})
}

func TestAStopOfAClockThatWasAheadIsNoLongerThanAnyOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/1")
		src := w.get("a.example/1")
		src.Stop = copydesk.HostStop{Host: "a.example", Until: w.start.AddDate(1, 0, 0)}
		w.put(src)
		w.run(8 * 24 * time.Hour)
		if got := w.times(); len(got) == 0 || got[0] != "a.example/1 at 168h0m0s" {
			t.Errorf("asked %q", got)
		}
	})
}

func TestARestartKeepsTheGapOfWhatWasAskedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 10 * time.Second}, "a.example/1", "a.example/2", "b.example/", "c.example/", "d.example/")
		asked := w.get("a.example/1")
		asked.LastPoll = w.start.Add(-3 * time.Second)
		w.put(asked)
		due := w.get("a.example/2")
		due.NextPoll = w.start
		w.put(due)
		led := w.get("b.example/")
		led.LastPoll, led.Elsewhere.URL = w.start.Add(-time.Second), "http://c.example/feed"
		w.put(led)
		due = w.get("c.example/")
		due.NextPoll = w.start
		w.put(due)
		for i := range 9 { // of several the last request counts, in whatever order they are listed
			src := w.get(w.list(fmt.Sprint("e.example/", i)))
			src.LastPoll = w.start.Add(time.Duration(i-13) * time.Second)
			w.put(src)
		}
		due = w.get(w.list("e.example/9"))
		due.NextPoll = w.start
		w.put(due)
		overdue := w.get("d.example/") // perhaps asked by the process before, which did not live to tell
		overdue.NextPoll = w.start.Add(-time.Second)
		w.put(overdue)
		w.run(time.Minute)
		w.expect("e.example/9 at 5s", "a.example/2 at 7s", "c.example/ at 9s", "d.example/ at 10s")
	})
}

func TestAnOverdueSourceIsNotAskedInAnHourThatItSkips(t *testing.T) {
	src := copydesk.Source{Schedule: copydesk.Schedule{LastPoll: noon.Add(-5 * time.Hour), NextPoll: noon.Add(-time.Hour)}}
	src.ID, src.Feed.SkipHours = "a", 1<<12|1<<13
	if due, ok := Due(src, noon); !ok || due.Before(noon.Add(2*time.Hour)) || due.After(noon.Add(2*time.Hour+6*time.Minute)) {
		t.Errorf("at noon it is due at %s", due)
	}
	if due, _ := Due(src, noon.Add(-time.Minute)); due.Before(noon.Add(2 * time.Hour)) {
		t.Errorf("a minute before it is due at %s, and would be asked in that hour", due)
	}
	if due, _ := Due(src, noon.Add(-10*time.Minute)); !due.Equal(src.NextPoll) {
		t.Errorf("ten minutes before it is due at %s", due)
	}
}
