package fetcher

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
)

// crossing lists two new sources, of which the address of the one redirects to the
// other's until that ends.
func crossing(t *testing.T, status int, ends time.Duration) (w *world, one, other copydesk.SourceID) {
	w = newWorld(t, Options{HostGap: 2 * time.Second})
	one, other = w.list("one.example/feed"), w.list("other.example/feed")
	for _, id := range []copydesk.SourceID{one, other} {
		src := w.get(id)
		src.Schedule, src.Validators = copydesk.Schedule{}, copydesk.Validators{}
		w.put(src)
	}
	w.answers["one.example"] = func(*http.Request) (*http.Response, error) {
		time.Sleep(300 * time.Millisecond)
		if time.Since(w.start) > ends {
			return answer(200, "<rss>one</rss>"), nil
		}
		return answer(status, "", "Location", "http://other.example/feed"), nil
	}
	w.answers["other.example"] = func(*http.Request) (*http.Response, error) {
		time.Sleep(time.Second)
		return answer(200, "<rss>other</rss>"), nil
	}
	return w, one, other
}

// pauses are those between requests to an address.
func (w *world) pauses(what string) (all []time.Duration) {
	last := time.Duration(-1)
	w.times()
	for _, a := range w.asked {
		if a.what != what {
			continue
		}
		if last >= 0 {
			all = append(all, a.at-last)
		}
		last = a.at
	}
	return all
}

func TestAFeedThatRedirectsToAnothersIsAskedInTurn(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		synctest.Test(t, func(t *testing.T) {
			w, one, other := crossing(t, status, 24*time.Hour)
			for range 8 { // also after a restart
				w.run(time.Hour + 3*time.Minute)
				w.poller = NewPoller(w.client, w, w.poller.log)
			}
			got := w.pauses("other.example/feed")
			if len(got) < 6 || slices.Min(got) < time.Hour {
				t.Errorf("%d: it is asked after %v: %s", status, got, strings.Join(w.times(), ", "))
			}
			for _, id := range []copydesk.SourceID{one, other} {
				if src := w.get(id); src.LastRead.IsZero() || !src.Outcome.OK() || src.Failures > 0 || src.Trail.Doubt != "" {
					t.Errorf("%d: %s is %+v", status, id, src.Schedule)
				}
			}
		})
	}
}

func TestAFeedThatIsItselfAgainWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, one, _ := crossing(t, 302, 4*time.Hour)
		w.policy = Policy{MinInterval: time.Hour, MaxInterval: time.Hour}
		w.run(16 * time.Hour)
		own := w.pauses("one.example/feed")
		if last := own[max(len(own)-5, 0):]; len(own) < 9 || slices.Max(last) > 90*time.Minute {
			t.Errorf("it is asked after %v", own)
		}
		if src := w.get(one); !src.Elsewhere.Left {
			t.Errorf("it is thought to lead to %+v", src.Elsewhere)
		}
	})
}

func TestASweepOfWhatIsDueAsksAFeedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, one, other := crossing(t, 302, 24*time.Hour)
		said := map[copydesk.SourceID]string{}
		sweep := func() {
			err := w.poller.Catch(t.Context(), ids{other, one}, func(src copydesk.Source, err error) { said[src.ID] = fmt.Sprint(src.Outcome.Reason, err) })
			if err != nil {
				t.Error(err)
			}
		}
		for range 8 * 12 { // as by cron
			sweep()
			time.Sleep(5 * time.Minute)
		}
		if got := w.pauses("other.example/feed"); len(got) < 4 || slices.Min(got) < time.Hour {
			t.Errorf("it is asked after %v", got)
		}
		if src := w.get(one); src.LastRead.IsZero() {
			t.Errorf("the one is never read: %+v", src.Schedule)
		}
		// An operator who wants all to be asked is not held up.
		before := len(w.asked)
		if err := w.poller.Sweep(t.Context(), ids{other, one}, nil); err != nil || len(w.asked) != before+3 {
			t.Errorf("%d requests, %v", len(w.asked)-before, err)
		}
	})
}

// Of several none is held up for ever: each is read as often as the others, by a
// daemon, and by cron often enough.
func TestOfSeveralThatLeadToOneFeedEachHasItsTurn(t *testing.T) {
	for _, n := range []int{3, 5} {
		for _, cron := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w, one, other := crossing(t, 302, 999*time.Hour)
				w.policy = Policy{MinInterval: time.Hour, MaxInterval: time.Hour}
				all := ids{one, other}
				for i := 2; i < n; i++ {
					host := fmt.Sprintf("more%d.example", i)
					src := w.get(w.list(host + "/feed"))
					src.Schedule, src.Validators = copydesk.Schedule{}, copydesk.Validators{}
					w.put(src)
					w.answers[host] = w.answers["one.example"]
					all = append(all, src.ID)
				}
				reads, last := map[copydesk.SourceID]int{}, map[copydesk.SourceID]time.Time{}
				w.settling = func(src copydesk.Source) error { // as it was before
					if !src.LastRead.Equal(last[src.ID]) {
						reads[src.ID]++
						last[src.ID] = src.LastRead
					}
					return nil
				}
				few, most := 46/n-2, 49
				if cron {
					few, most = 5, 80
					for range 48 * 4 {
						w.poller = NewPoller(w.client, w, w.poller.log)
						if err := w.poller.Catch(t.Context(), all, nil); err != nil {
							t.Error(err)
						}
						time.Sleep(15 * time.Minute)
					}
				} else {
					w.run(48 * time.Hour)
				}
				for _, id := range all {
					if reads[id] < few {
						t.Errorf("%d sources, by cron: %t: %s is read %d times: %v", n, cron, id, reads[id], reads)
					}
				}
				if asked := 1 + len(w.pauses("other.example/feed")); asked > most {
					t.Errorf("%d sources, by cron: %t: the feed is asked %d times", n, cron, asked)
				}
			})
		}
	}
}

func TestAFeedThatLeadsElsewhereEachTimeFillsNoMemory(t *testing.T) {
	var s shares
	now := noon
	for i := range 5000 {
		src := copydesk.Source{ID: "a", Settings: copydesk.Settings{URL: "https://a.example/feed"}}
		src.LastPoll, src.Elsewhere.URL, src.Trail.Wait = now, fmt.Sprintf("https://a.example/feed/%d", i), copydesk.Span(time.Hour)
		s.note(src, now)
		now = now.Add(time.Hour)
	}
	if len(s.last) > 200 {
		t.Errorf("%d addresses are kept", len(s.last))
	}
}
