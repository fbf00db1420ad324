package fetcher

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
)

// world is publishers and a desk in memory: it judges and stores, and notes who
// asked for what, when.
type world struct {
	t      *testing.T
	start  time.Time
	policy Policy
	client *Client
	poller *Poller
	logs   strings.Builder

	mu      sync.Mutex
	sources map[copydesk.SourceID]copydesk.Source
	answers map[string]func(*http.Request) (*http.Response, error) // by host; default: a 304
	asked   []ask
	settles int
	flying  map[string]int

	listing  error                       // of Sources
	settling func(copydesk.Source) error // of Settle
	slow     time.Duration               // Settle
}

type ask struct {
	at   time.Duration
	what string
}

func newWorld(t *testing.T, o Options, urls ...string) *world {
	w := &world{
		t: t, start: time.Now(),
		sources: map[copydesk.SourceID]copydesk.Source{},
		answers: map[string]func(*http.Request) (*http.Response, error){},
		flying:  map[string]int{},
	}
	o.Transport = w
	w.client = client(t, o)
	w.poller = NewPoller(w.client, w, slog.New(slog.NewTextHandler(&w.logs, nil)))
	for _, url := range urls {
		w.list(url)
	}
	return w
}

// list lists a source that was asked a minute ago and is due in an hour.
func (w *world) list(url string) copydesk.SourceID {
	src := copydesk.Source{ID: copydesk.SourceID(url), Listed: true}
	src.URL = "http://" + url
	src.ETag = `"1"`
	src.LastPoll, src.NextPoll = w.start.Add(-time.Minute), w.start.Add(time.Hour)
	w.put(src)
	return src.ID
}

func (w *world) put(src copydesk.Source) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources[src.ID] = src
}

func (w *world) get(id copydesk.SourceID) copydesk.Source {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sources[id]
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	host := Host(r.URL.String())
	w.mu.Lock()
	w.asked = append(w.asked, ask{time.Since(w.start), r.URL.Host + r.URL.Path})
	if w.flying[host]++; w.flying[host] > 1 {
		w.t.Errorf("%s is asked twice at once", host)
	}
	do := w.answers[r.URL.Host]
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.flying[host]--
		w.mu.Unlock()
	}()
	if do == nil {
		return answer(304, ""), nil
	}
	return do(r)
}

func (w *world) Sources(context.Context) (all []copydesk.Source, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, src := range w.sources {
		if src.Listed {
			all = append(all, src)
		}
	}
	return all, w.listing
}

func (w *world) Known(context.Context) ([]copydesk.Source, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Values(w.sources)), w.listing
}

func (w *world) Source(_ context.Context, id copydesk.SourceID) (copydesk.Source, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	src, ok := w.sources[id]
	if !ok {
		return src, fmt.Errorf("no source %s", id)
	}
	return src, nil
}

func (w *world) Settle(ctx context.Context, src *copydesk.Source, a Answer) error {
	if w.slow > 0 {
		select {
		case <-time.After(w.slow):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if w.settling != nil {
		if err := w.settling(*src); err != nil {
			return err
		}
	}
	now := time.Now()
	*src = After(*src, a, Judge(*src, a, now), true, Found{}, w.policy, now)
	w.put(*src)
	w.mu.Lock()
	w.settles++
	w.mu.Unlock()
	return nil
}

// run runs the poller for d.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), d)
	defer cancel()
	if err := w.poller.Run(ctx); err != nil {
		w.t.Errorf("Run: %v", err)
	}
}

// times returns the requests as "host/path at TIME"; those of one moment in
// alphabetical order.
func (w *world) times() (all []string) {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortFunc(w.asked, func(a, b ask) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.what, b.what))
	})
	for _, a := range w.asked {
		all = append(all, fmt.Sprintf("%s at %s", a.what, a.at))
	}
	return all
}

func (w *world) expect(want ...string) {
	w.t.Helper()
	if got := w.times(); !slices.Equal(got, want) {
		w.t.Errorf("asked\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// hangs answers nothing until the request is given up.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// after answers when d has passed.
func after(d time.Duration, status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(d):
			return answer(status, body), nil
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

func TestEachSourceIsAskedWhenDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/", "b.example/")
		b := w.get("b.example/")
		b.NextPoll = w.start.Add(90 * time.Minute)
		w.put(b)
		w.run(2 * time.Hour)
		w.expect("a.example/ at 1h0m0s", "b.example/ at 1h30m0s")
		if src := w.get("a.example/"); src.Outcome.Verdict != copydesk.Unchanged || src.LastPoll != w.start.Add(time.Hour) {
			t.Errorf("settled as %+v", src.Schedule)
		}
	})
}

func TestARestartPollsNobodyEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/", "b.example/")
		for range 10 {
			w.run(5 * time.Minute)
		}
		w.expect()
		w.run(20 * time.Minute)
		w.expect("a.example/ at 1h0m0s", "b.example/ at 1h0m0s")
		for range 10 {
			w.run(4 * time.Minute)
		}
		if n := len(w.times()); n != 2 {
			t.Errorf("%d requests within the hour", n)
		}
	})
}

func TestANewSourceIsAskedAtOnceAndOneThatIsGoneNever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/", "b.example/")
		a, b := w.get("a.example/"), w.get("b.example/")
		a.Schedule = copydesk.Schedule{}
		b.NextPoll = time.Time{}
		w.put(a)
		w.put(b)
		w.run(time.Minute)
		w.expect("a.example/ at 0s")
	})
}

func TestOneAtATimeIsAskedOfAHostWithAGapInBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 2 * time.Second}, "x.a.example/1", "y.a.example/2", "a.example:8080/3")
		for _, host := range []string{"x.a.example", "y.a.example", "a.example:8080"} {
			w.answers[host] = after(5*time.Second, 304, "")
		}
		w.run(time.Hour + time.Minute)
		w.expect("a.example:8080/3 at 1h0m0s", "x.a.example/1 at 1h0m7s", "y.a.example/2 at 1h0m14s")
	})
}

// The rest of a host begins with the end of the request, not of what we make of
// the answer.
func TestSettlingDoesNotHoldUpTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 2 * time.Second}, "a.example/1", "a.example/2")
		w.slow = 10 * time.Second
		w.run(time.Hour + time.Minute)
		w.expect("a.example/1 at 1h0m0s", "a.example/2 at 1h0m2s")
	})
}

func TestAHostThatHangsHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 2 * time.Second}, "hung.example/1", "hung.example/2", "a.example/", "b.example/")
		w.answers["hung.example"] = hangs
		w.run(time.Hour + 45*time.Second)
		got := w.times()
		if want := []string{"a.example/ at 1h0m0s", "b.example/ at 1h0m0s", "hung.example/1 at 1h0m0s", "hung.example/2 at 1h0m32s"}; !slices.Equal(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
		src := w.get("hung.example/1")
		if src.Failures != 1 || src.Outcome.Reason != "timed out after 30s waiting for headers" {
			t.Errorf("settled as %+v", src.Schedule)
		}
	})
}

// A thousand sources at 250 hosts that take 200 ms each: what a sweep may take
// is four requests one after the other.
func TestASweepTakesAsLongAsItsSlowestHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		var all ids
		for i := range 1000 {
			host := fmt.Sprintf("h%d.example", i%250)
			if i < 250 {
				w.answers[host] = after(200*time.Millisecond, 304, "")
				if i%20 == 0 {
					w.answers[host] = hangs
				}
			}
			all = append(all, w.list(fmt.Sprintf("%s/%d", host, i)))
		}
		healthy, last := 0, time.Duration(0)
		err := w.poller.Sweep(t.Context(), all, func(src copydesk.Source, err error) {
			if err == nil && src.Outcome.OK() {
				healthy, last = healthy+1, time.Since(w.start)
			}
		})
		if err != nil || healthy != 948 || last != 800*time.Millisecond {
			t.Errorf("%v, %d healthy sources, the last after %s", err, healthy, last)
		}
	})
}

func TestAPollThatIsCutOffIsDroppedWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "slow.example/", "broken.example/")
		w.answers["slow.example"] = hangs
		w.answers["broken.example"] = func(r *http.Request) (*http.Response, error) {
			resp := answer(200, "")
			resp.ContentLength = -1
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(feed), readerFunc(func([]byte) (int, error) {
				<-r.Context().Done()
				return 0, r.Context().Err()
			})))
			return resp, nil
		}
		w.run(time.Hour + 10*time.Second)
		if n := len(w.times()); n != 2 || w.settles != 0 {
			t.Errorf("%d requests, %d settled", n, w.settles)
		}
		if src := w.get("slow.example/"); src.Failures != 0 || src.LastPoll.After(w.start) {
			t.Errorf("counted as %+v", src.Schedule)
		}
		if w.logs.Len() > 0 {
			t.Errorf("logged %s", &w.logs)
		}
	})
}

func TestAnAnswerThatIsThereIsSettledEvenWhenToldToStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/", "stuck.example/")
		w.slow = 10 * time.Second
		w.run(time.Hour + 5*time.Second)
		if took := time.Since(w.start); took != time.Hour+10*time.Second || w.settles != 2 {
			t.Errorf("stopped after %s with %d settled", took, w.settles)
		}

		w = newWorld(t, Options{}, "a.example/")
		w.slow = 10 * time.Hour
		w.run(time.Hour + 5*time.Second)
		if took := time.Since(w.start); took != time.Hour+5*time.Second+settleTime {
			t.Errorf("stopped after %s", took)
		}
	})
}

// Trouble of ours is no failure of the publisher, and no reason to ask it again
// and again.
func TestASourceThatCannotBeSettledIsTriedAgainEverLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/")
		w.settling = func(copydesk.Source) error { return errors.New("disk full") }
		w.run(4 * time.Hour)
		w.expect("a.example/ at 1h0m0s", "a.example/ at 1h15m0s", "a.example/ at 1h45m0s", "a.example/ at 2h45m0s", "a.example/ at 3h45m0s")
		if n := strings.Count(w.logs.String(), `level=ERROR msg="poll not settled" source=a.example/`); n != 0 {
			t.Errorf("the source is not named as the operator names it")
		}
		if n := strings.Count(w.logs.String(), `level=ERROR msg="poll not settled" source=http://a.example/ err="settle http://a.example/: disk full"`); n != 5 {
			t.Errorf("logged %d times:\n%s", n, &w.logs)
		}
		w.settling = nil
		w.run(time.Minute)
		if src := w.get("a.example/"); src.Outcome.Verdict != copydesk.Unchanged {
			t.Errorf("settled as %+v", src.Schedule)
		}
	})
}

// A full disk is no reason to forget what a publisher asked for.
func TestWhatCannotBeSettledIsNotAskedBeforeItsPublishersTime(t *testing.T) {
	for _, tt := range []struct {
		status       int
		name, value  string
		beside, sure int // requests to another source of that host, and to it itself, within two hours
	}{
		{503, "Retry-After", "7500", 4, 1}, {404, "Retry-After", "7500", 4, 1}, {429, "Retry-After", "7500", 0, 1},
		{304, "Cache-Control", "max-age=7500", 4, 1}, {200, "Cache-Control", "max-age=7500", 4, 1}, {500, "Cache-Control", "max-age=7500", 4, 4},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{HostGap: 2 * time.Second}, "a.example/", "x.a.example/")
			w.settling = func(copydesk.Source) error { return errors.New("disk full") }
			w.answers["a.example"] = func(*http.Request) (*http.Response, error) {
				if tt.status == 200 {
					return answer(tt.status, feed, tt.name, tt.value), nil
				}
				return answer(tt.status, "", tt.name, tt.value), nil
			}
			w.run(3*time.Hour + 5*time.Second)
			got := strings.Join(w.times(), " ")
			sure, all := strings.Count(got, "a.example/ at"), strings.Count(got, "x.a.example/ at")
			if sure -= all; sure != tt.sure || all != tt.beside {
				t.Errorf("%d: asked %s", tt.status, got)
			}
		})
	}
}

func TestADeskThatForgetsTheNextPollIsNoReasonToHammer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/")
		d := forgetful{w}
		w.poller = NewPoller(w.client, d, slog.New(slog.DiscardHandler))
		w.run(2 * time.Hour)
		if n := len(w.times()); n != 3 {
			t.Errorf("asked %d times: %v", n, w.times())
		}
	})
}

type forgetful struct{ *world }

func (f forgetful) Settle(context.Context, *copydesk.Source, Answer) error { return nil }

func TestRunEndsWhenTheSourcesCannotBeListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/")
		w.answers["a.example"] = hangs
		time.AfterFunc(time.Hour+time.Second, func() {
			w.mu.Lock()
			w.listing = errors.New("disk gone")
			w.mu.Unlock()
			w.poller.Reload()
		})
		err := w.poller.Run(t.Context())
		if err == nil || err.Error() != "poll: list the sources: disk gone" || time.Since(w.start) != time.Hour+time.Second {
			t.Errorf("got %v after %s", err, time.Since(w.start))
		}
	})
}

func TestOnlyOneRunAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/")
		go w.run(time.Minute)
		synctest.Wait()
		if err := w.poller.Run(t.Context()); err == nil {
			t.Error("no error")
		}
		time.Sleep(time.Hour)
	})
}

func TestReloadTakesUpNewSourcesAndDropsOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/", "b.example/")
		time.AfterFunc(30*time.Minute, func() {
			b := w.get("b.example/")
			b.Listed = false
			w.put(b)
			w.put(copydesk.Source{ID: "c", Listed: true, Settings: copydesk.Settings{URL: "http://c.example/"}})
			w.poller.Reload()
		})
		w.run(time.Hour + time.Minute)
		w.expect("c.example/ at 30m0s", "a.example/ at 1h0m0s")
	})
}

// A source that was taken out since the agenda was made is not asked, even
// before the reload.
func TestASourceIsReadAgainBeforeItIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/", "b.example/", "c.example/")
		time.AfterFunc(30*time.Minute, func() {
			a, b := w.get("a.example/"), w.get("b.example/")
			a.Listed = false
			b.NextPoll = w.start.Add(2 * time.Hour)
			w.put(a)
			w.put(b)
		})
		w.run(3 * time.Hour)
		got := w.times()
		if len(got) < 2 || got[0] != "c.example/ at 1h0m0s" || !slices.Contains(got, "b.example/ at 2h0m0s") || strings.Contains(fmt.Sprint(got), "a.example") {
			t.Errorf("asked %v", got)
		}
	})
}

func TestASweepAsksEachSourceOnceNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 2 * time.Second}, "a.example/1", "a.example/2", "b.example/")
		w.answers["a.example"] = after(time.Second, 404, "")
		var reports []string
		err := w.poller.Sweep(t.Context(), ids{"a.example/2", "a.example/1", "b.example/", "a.example/2", "unknown"}, func(src copydesk.Source, err error) {
			reports = append(reports, fmt.Sprint(src.ID, " ", src.Outcome.Reason, err))
		})
		if err == nil || err.Error() != "no source unknown" {
			t.Errorf("got %v", err)
		}
		w.expect("a.example/2 at 0s", "b.example/ at 0s", "a.example/1 at 3s")
		slices.Sort(reports)
		want := []string{"a.example/1 404 Not Found<nil>", "a.example/2 404 Not Found<nil>", "b.example/ 304 Not Modified<nil>", "unknown no source unknown"}
		if !slices.Equal(reports, want) {
			t.Errorf("reported %q", reports)
		}
	})
}

func TestASweepSharesThePollsOfRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 2 * time.Second}, "a.example/1", "a.example/2", "b.example/")
		w.answers["a.example"] = after(10*time.Second, 304, "")
		b := w.get("b.example/")
		b.NextPoll = w.start.Add(90 * time.Minute)
		w.put(b)
		done := time.Duration(0)
		time.AfterFunc(time.Hour+5*time.Second, func() {
			if err := w.poller.Sweep(t.Context(), ids{"a.example/1", "b.example/"}, nil); err != nil {
				t.Error(err)
			}
			done = time.Since(w.start)
		})
		w.run(2 * time.Hour)
		// a.example/1 was in flight, so it is not asked again; b.example/ is
		// asked by the sweep, so not at its old time.
		w.expect("a.example/1 at 1h0m0s", "b.example/ at 1h0m5s", "a.example/2 at 1h0m12s")
		if done != time.Hour+10*time.Second {
			t.Errorf("swept by %s", done)
		}
	})
}

// What a sweep finds can also bring a next poll forward.
func TestRunLearnsOfTheNextPollThatASweepBrings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/")
		a := w.get("a.example/")
		a.NextPoll, a.Failures = w.start.Add(24*time.Hour), 9
		w.put(a)
		time.AfterFunc(time.Minute, func() {
			if err := w.poller.Sweep(t.Context(), ids{a.ID}, nil); err != nil {
				t.Error(err)
			}
		})
		w.run(2 * time.Hour)
		if got := w.times(); len(got) != 2 {
			t.Errorf("asked %v", got)
		}
	})
}

// A sweep that waits for a poll of Run which is then dropped asks for itself.
func TestASweepOutlivesTheRunItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/")
		w.answers["a.example"] = after(10*time.Second, 304, "")
		go w.run(time.Hour + 5*time.Second)
		time.Sleep(time.Hour + time.Second)
		var src copydesk.Source
		if err := w.poller.Sweep(t.Context(), ids{"a.example/"}, func(s copydesk.Source, _ error) { src = s }); err != nil {
			t.Error(err)
		}
		w.expect("a.example/ at 1h0m0s", "a.example/ at 1h0m5s")
		if src.Outcome.Verdict != copydesk.Unchanged {
			t.Errorf("reported %+v", src.Schedule)
		}
	})
}

func TestASweepThatIsCalledOffSettlesWhatItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/", "hung.example/1", "hung.example/2")
		w.answers["hung.example"] = hangs
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var reports ids
		err := w.poller.Sweep(ctx, ids{"a.example/", "hung.example/1", "hung.example/2"}, func(src copydesk.Source, err error) {
			reports = append(reports, src.ID)
		})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "poll: 2 of 3 sources not asked") {
			t.Errorf("got %v", err)
		}
		if !slices.Equal(reports, ids{"a.example/"}) || w.settles != 1 {
			t.Errorf("reported %v, settled %d", reports, w.settles)
		}
	})
}

func TestAProbeAsksConditionallyAndSettlesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 2 * time.Second}, "a.example/")
		for range 2 {
			if a := w.poller.Probe(t.Context(), w.get("a.example/")); a.Err != nil || a.Status != 304 || !a.Conditional {
				t.Errorf("got %+v", a)
			}
		}
		w.expect("a.example/ at 0s", "a.example/ at 2s")
		if w.settles != 0 {
			t.Error("settled")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if a := w.poller.Probe(ctx, w.get("a.example/")); !errors.Is(a.Err, context.Canceled) {
			t.Errorf("called off: got %v", a.Err)
		}
	})
}

func TestTroubleBacksOffAndIsToldWithoutCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "ann:secret@a.example/")
		w.answers["a.example"] = after(0, 404, "")
		w.run(12 * time.Hour)
		if reason := w.get("ann:secret@a.example/").Outcome.Reason; reason != "404 Not Found" {
			t.Errorf("reason %q", reason)
		}
		if logs := w.logs.String(); strings.Contains(logs, "secret") || strings.Contains(logs, "ann") {
			t.Errorf("credentials in the log:\n%s", logs)
		}
		if n := len(w.times()); n != 4 { // 1h, 2h, 4h, 8h, and a little later each
			t.Errorf("asked %d times: %v", n, w.times())
		}
	})
}

// shelf is a desk that does nothing but judge.
type shelf struct {
	all map[copydesk.SourceID]copydesk.Source
}

func (s shelf) Sources(context.Context) ([]copydesk.Source, error) { return nil, nil }
func (s shelf) Known(context.Context) ([]copydesk.Source, error)   { return nil, nil }
func (s shelf) Source(_ context.Context, id copydesk.SourceID) (copydesk.Source, error) {
	return s.all[id], nil
}
func (s shelf) Settle(_ context.Context, src *copydesk.Source, a Answer) error {
	now := time.Now()
	*src = After(*src, a, Judge(*src, a, now), true, Found{}, Policy{}, now)
	return nil
}

// A thousand sources at 250 hosts on loopback, none of which has news. The
// figure to compare is time per poll with that of BenchmarkAWarmPoll.
func BenchmarkAWarmSweep(b *testing.B) {
	p := publisher(b, "0.0.0.0", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotModified) })
	_, port, _ := strings.Cut(strings.TrimPrefix(p.Listener.Addr().String(), "[::]"), ":")
	s := shelf{map[copydesk.SourceID]copydesk.Source{}}
	var all ids
	for i := range 1000 {
		src := copydesk.Source{ID: copydesk.SourceID(fmt.Sprint(i)), Listed: true}
		src.URL = fmt.Sprintf("http://127.0.1.%d:%s/%d", i%250+1, port, i)
		src.ETag = `"1"`
		s.all[src.ID] = src
		all = append(all, src.ID)
	}
	poller := NewPoller(client(b, Options{}), s, slog.New(slog.DiscardHandler))
	b.ReportAllocs()
	for b.Loop() {
		if err := poller.Sweep(b.Context(), all, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/poll")
}

// sticky is a desk that can be made to answer no more.
type sticky struct {
	*world
	stuck atomic.Bool
	freed chan struct{}
}

func (d *sticky) Sources(ctx context.Context) ([]copydesk.Source, error) {
	if d.stuck.Load() {
		<-d.freed
	}
	return d.world.Sources(ctx)
}

func TestAPollerThatIsStuckDoesNotTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "http://a.example/feed")
		d := &sticky{world: w, freed: make(chan struct{})}
		p := NewPoller(w.client, d, slog.New(slog.DiscardHandler))
		if _, running := p.Turned(); running {
			t.Error("it runs before it was started")
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(ctx) }()
		for range 100 {
			time.Sleep(7 * time.Minute)
			if at, running := p.Turned(); !running || time.Since(at) > longestNap {
				t.Fatalf("it runs: %t, and turned last %s ago", running, time.Since(at))
			}
		}
		d.stuck.Store(true)
		p.Reload()
		time.Sleep(time.Hour)
		if at, running := p.Turned(); !running || time.Since(at) < 59*time.Minute {
			t.Errorf("it is stuck, runs: %t, and turned last %s ago", running, time.Since(at))
		}
		stop()
		close(d.freed)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A thousand new sources on 250 hosts that take 200 ms to answer: four requests
// for each host, one after the other. This counts waiting alone, for in a bubble
// nothing else takes time.
func TestAColdStartWaitsNoLongerThanItsHosts(t *testing.T) {
	for _, hung := range []int{0, 13} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{})
			for i := range 1000 {
				host := fmt.Sprintf("p%d.example", i%250)
				id := w.list(fmt.Sprintf("%s/%d", host, i))
				src := w.get(id)
				src.LastPoll, src.NextPoll = time.Time{}, time.Time{}
				w.put(src)
				w.answers[host] = after(200*time.Millisecond, 304, "")
				if i%250 < hung {
					w.answers[host] = hangs
				}
			}
			w.run(20 * time.Second)
			last, healthy := time.Duration(0), 0
			for _, a := range w.asked {
				var host int
				if fmt.Sscanf(a.what, "p%d.", &host); host >= hung {
					healthy++
					last = max(last, a.at+200*time.Millisecond)
				}
			}
			if healthy != 4*(250-hung) || last != 800*time.Millisecond {
				t.Errorf("%d hosts hang: %d others answered, the last after %s", hung, healthy, last)
			}
		})
	}
}

func TestWhoWaitsWhereRedirectsMeetHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 2 * time.Second})
		w.answers["crowd.example"] = func(r *http.Request) (*http.Response, error) {
			time.Sleep(200 * time.Millisecond)
			return answer(304, ""), nil
		}
		due := func(url string) {
			src := w.get(w.list(url))
			src.NextPoll = w.start.Add(time.Minute)
			w.put(src)
		}
		for i := range maxFlights + 50 {
			host := fmt.Sprintf("a%d.example", i)
			due(host + "/")
			w.answers[host] = func(*http.Request) (*http.Response, error) {
				return answer(302, "", "Location", "http://crowd.example/"+host), nil
			}
		}
		for i := range 20 {
			due(fmt.Sprintf("well%d.example/", i))
		}
		w.run(time.Hour)
		well, crowd := 0, 0
		for _, ask := range w.asked {
			switch {
			case strings.HasPrefix(ask.what, "crowd"):
				crowd++
			case strings.HasPrefix(ask.what, "well"):
				if well++; ask.at > time.Minute+5*time.Second && well <= 20 {
					t.Errorf("%s was asked %s after it was due", ask.what, ask.at-time.Minute)
				}
			}
		}
		if well < 20 || crowd < maxFlights+50 {
			t.Errorf("%d of 20 that are well were asked, %d where redirects meet", well, crowd)
		}
	})
}

// Every one of a crowd is led to a host that never answers, which takes hours to
// find out for all of them. However many they are, who is well is asked when due.
func TestACrowdThatIsLedToAHostThatHangsHoldsUpNobody(t *testing.T) {
	for _, crowd := range []int{maxFlights + 50, mostWaiting + maxFlights + 50, (parkedPerFlight + 2) * maxFlights} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{HostGap: 2 * time.Second})
			w.policy = Policy{MinInterval: time.Hour, MaxInterval: time.Hour}
			w.answers["hung.example"] = hangs
			for i := range crowd {
				host := fmt.Sprintf("a%d.example", i)
				w.list(host + "/")
				w.answers[host] = func(*http.Request) (*http.Response, error) {
					return answer(302, "", "Location", "http://hung.example/"+host), nil
				}
			}
			last := map[string]time.Duration{}
			for i := range 20 {
				id := w.list(fmt.Sprintf("well%d.example/", i))
				src := w.get(id)
				src.NextPoll = src.NextPoll.Add(time.Duration(i) * time.Minute)
				w.put(src)
				last[string(id)] = time.Duration(i) * time.Minute
			}
			w.run(6 * time.Hour)
			hung := 0
			for _, a := range w.asked {
				if at, ok := last[a.what]; ok {
					if a.at-at > 67*time.Minute {
						t.Errorf("a crowd of %d: %s was asked %s after the last time", crowd, a.what, a.at-at)
					}
					last[a.what] = a.at
				}
				if strings.HasPrefix(a.what, "hung") {
					hung++
				}
			}
			for who, at := range last {
				if at < 4*time.Hour+50*time.Minute {
					t.Errorf("a crowd of %d: %s was asked last at %s", crowd, who, at)
				}
			}
			if most := int(5 * time.Hour / (32 * time.Second)); hung > most+1 || hung < most/2 {
				t.Errorf("a crowd of %d: the host that hangs was asked %d times", crowd, hung)
			}
		})
	}
}
