package desk

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/db"
)

// clerk is a publisher that counts who asks for what.
type clerk struct {
	mu    sync.Mutex
	asked map[string]int
}

const clerksFeed = `<rss version="2.0"><channel><title>Wire</title><link>http://wire.example/</link>
<item><title>Rain</title><link>http://wire.example/rain</link></item></channel></rss>`

// RoundTrip makes clerk an [http.RoundTripper].
func (c *clerk) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[r.URL.String()]++
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Etag": {`"1"`}}, Body: io.NopCloser(strings.NewReader(clerksFeed)), ContentLength: int64(len(clerksFeed)),
	}, nil
}

func (c *clerk) times(url string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[url]
}

const wireFeed = "http://wire.example/feed"

// openHourly is openDesk whose sources are asked once an hour at most.
func openHourly(t *testing.T) (*Desk, config.Config, *clerk) {
	t.Helper()
	web := &clerk{asked: map[string]int{}}
	d, c := openDesk(t, web)
	c.Poll.MinInterval = time.Hour
	if err := d.adopt(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return d, c, web
}

// doneCheck does what `check` does, and returns what it prints.
func doneCheck(t *testing.T, d *Desk, sources ...copydesk.Settings) (exit int, said string) {
	t.Helper()
	var out, errs bytes.Buffer
	exit = d.Do(t.Context(), Command{Name: "check", Sources: sources}, Streams{Out: &out, Err: &errs})
	return exit, out.String()
}

func TestACheckIsAPollOfWhatIsListed(t *testing.T) {
	d, c, web := openHourly(t)
	for range 3 {
		if exit, said := doneCheck(t, d, c.Sources...); exit != 0 || !strings.Contains(said, "200 OK") {
			t.Errorf("exit %d: %s", exit, said)
		}
	}
	if n := web.times(wireFeed); n != 1 {
		t.Errorf("asked %d times", n)
	}
	src, err := d.store.SourceNamed(t.Context(), "wire")
	if err != nil || src.ETag != `"1"` || src.Outcome.Verdict != copydesk.Changed || time.Until(src.NextPoll) < 50*time.Minute {
		t.Errorf("settled: %+v, %v", src.Schedule, err)
	}
	if pages, err := d.week(t.Context(), src.ID); err != nil || len(pages) != 1 || pages[0].Requests != 1 || pages[0].Found != 1 {
		t.Errorf("the ledger says %+v, %v", pages, err)
	}
	if sum := d.counters.sum(); sum.Requests != 1 {
		t.Errorf("%d requests counted", sum.Requests)
	}
}

func TestACheckAsksNobodyWhoWantsToBeLeftAlone(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		outcome copydesk.Outcome
		said    string
	}{
		{copydesk.Outcome{Verdict: copydesk.Gone, Reason: "410 Gone", Status: 410}, "not asked again: 410 Gone"},
		{copydesk.Outcome{Verdict: copydesk.Throttled, Reason: "503 Service Unavailable", Status: 503, NotBefore: now.Add(5 * time.Hour), Wish: "Retry-After"}, "not asked before then: 503"},
	} {
		d, c, web := openHourly(t)
		src, err := d.store.SourceNamed(t.Context(), "wire")
		if err != nil {
			t.Fatal(err)
		}
		src.LastPoll, src.Outcome = now.Add(-2*time.Hour), tt.outcome
		if err := d.store.Settle(t.Context(), db.Settlement{Source: src}); err != nil {
			t.Fatal(err)
		}
		if exit, said := doneCheck(t, d, c.Sources...); exit != 1 || !strings.Contains(said, tt.said) || web.times(wireFeed) > 0 {
			t.Errorf("asked %d times, exit %d: %s", web.times(wireFeed), exit, said)
		}
		c.Sources[0].URL = "http://wire.example/new" // which has said nothing yet
		if exit, said := doneCheck(t, d, c.Sources...); exit != 0 || web.times(c.Sources[0].URL) != 1 {
			t.Errorf("at its new address: exit %d: %s", exit, said)
		}
	}
}

func TestACheckWithoutADaemonIsKeptInTheStore(t *testing.T) {
	d, c, web := openHourly(t)
	world := d.world
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var out, errs bytes.Buffer
		if exit, err := Ask(t.Context(), c, world, Command{Name: "check", Sources: c.Sources}, Streams{Out: &out, Err: &errs}); exit != 0 || err != nil {
			t.Errorf("exit %d, %v: %s%s", exit, err, &out, &errs)
		}
	}
	if n := web.times(wireFeed); n != 1 {
		t.Errorf("asked %d times", n)
	}
}
