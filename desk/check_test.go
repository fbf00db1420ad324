package desk

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
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
	says  func(url string) (status int, header http.Header) // nil: 200
}

const clerksFeed = `<rss version="2.0"><channel><title>Wire</title><link>http://wire.example/</link>
<item><title>Rain</title><link>http://wire.example/rain</link></item></channel></rss>`

// RoundTrip makes clerk an [http.RoundTripper].
func (c *clerk) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[r.URL.String()]++
	status, header := http.StatusOK, http.Header{"Etag": {`"1"`}}
	if c.says != nil {
		status, header = c.says(r.URL.String())
	}
	if status == 0 {
		return nil, &net.DNSError{IsNotFound: true, Name: r.URL.Host}
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: header, Body: io.NopCloser(strings.NewReader(clerksFeed)), ContentLength: int64(len(clerksFeed)),
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

// newChecked is a configuration without a store, and what a command comes to that
// is asked of it.
func newChecked(t *testing.T, web *clerk, urls ...string) (c *config.Config, do func(name string) (exit int, said string)) {
	t.Helper()
	c = &config.Config{Store: config.Store{Path: filepath.Join(t.TempDir(), "copydesk.db")}, Poll: config.Poll{MinInterval: time.Hour}}
	for _, url := range urls {
		c.Sources = append(c.Sources, copydesk.Settings{URL: url})
	}
	world := World{Version: "test", Log: slog.New(slog.DiscardHandler), Transport: web}
	return c, func(name string) (int, string) {
		var out, errs bytes.Buffer
		exit, err := Ask(t.Context(), *c, world, Command{Name: name, Sources: c.Sources}, Streams{Out: &out, Err: &errs})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return exit, out.String() + errs.String()
	}
}

func TestAConfigurationThatIsCheckedAgainAndAgainAsksEachPublisherOnce(t *testing.T) {
	const secret = "http://wire.example/feed?key=hush"
	web := &clerk{asked: map[string]int{}}
	c, do := newChecked(t, web, wireFeed, secret)
	c.Sources[1].Secret = true
	for i := range 3 {
		exit, said := do("check")
		if exit != 0 || i > 0 && strings.Count(said, "not asked again: 200 OK") != 4 {
			t.Errorf("exit %d: %s", exit, said)
		}
	}
	if web.times(wireFeed) != 1 || web.times(secret) != 1 {
		t.Errorf("asked %v", web.asked)
	}
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(c.Store.Path), "*"))
	text, err := os.ReadFile(c.Store.Path + ".checked")
	if err != nil || len(files) != 1 || strings.Contains(string(text), "example") || strings.Contains(string(text), "hush") {
		t.Errorf("it leaves %v: %s, %v", files, text, err)
	}
	if exit, said := do("poll"); exit != 0 || web.times(wireFeed) != 2 { // check kept nothing of what it read
		t.Errorf("the first poll: exit %d, asked %v: %s", exit, web.asked, said)
	}
}

func TestWhatIsOnlyInTheFileIsNotAskedAgainByACheckBesideADaemon(t *testing.T) {
	d, _, web := openHourly(t)
	fresh := copydesk.Settings{URL: "http://other.example/feed"}
	for range 3 {
		if exit, said := doneCheck(t, d, fresh); exit != 0 || !strings.Contains(said, "200 OK") {
			t.Errorf("exit %d: %s", exit, said)
		}
	}
	if n := web.times(fresh.URL); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestWhoToldACheckToWaitIsNotAskedByThePollThatFollows(t *testing.T) {
	later := http.Header{"Retry-After": {"7200"}}
	for _, tt := range []struct {
		status int
		header http.Header
		asked  map[string]int
	}{
		{503, later, map[string]int{wireFeed: 1, "http://other.example/feed": 2}},
		{404, later, map[string]int{wireFeed: 1, "http://other.example/feed": 2}},
		{410, nil, map[string]int{wireFeed: 1, "http://other.example/feed": 2}},
		{429, later, map[string]int{wireFeed: 1, "http://other.example/feed": 2, "http://wire.example/sport": 0}},
	} {
		web := &clerk{asked: map[string]int{}, says: func(url string) (int, http.Header) {
			if url == wireFeed {
				return tt.status, tt.header
			}
			return 200, nil
		}}
		c, do := newChecked(t, web, wireFeed, "http://other.example/feed")
		do("check")
		if tt.status == 429 { // which is about all of that host
			c.Sources = append(c.Sources, copydesk.Settings{URL: "http://wire.example/sport"})
			do("check")
		}
		do("check")
		do("poll")
		do("poll")
		web.asked["http://other.example/feed"]-- // of the second poll
		for url, n := range tt.asked {
			if web.times(url) != n {
				t.Errorf("%d: %s was asked %d times, not %d", tt.status, url, web.times(url), n)
			}
		}
	}
}

func TestACheckWithinThePublishersOwnTimeAsksNobody(t *testing.T) {
	d, c, web := openHourly(t)
	web.says = func(string) (int, http.Header) { return 200, http.Header{"Cache-Control": {"max-age=36000"}} }
	doneCheck(t, d, c.Sources...)
	src, err := d.store.SourceNamed(t.Context(), "wire")
	if err != nil {
		t.Fatal(err)
	}
	src.LastPoll = src.LastPoll.Add(-2 * time.Hour)
	if err := d.store.Settle(t.Context(), db.Settlement{Source: src}); err != nil {
		t.Fatal(err)
	}
	if _, said := doneCheck(t, d, c.Sources...); web.times(wireFeed) != 1 {
		t.Errorf("asked %d times: %s", web.times(wireFeed), said)
	}
}

func TestWhoRedirectsToNowhereWasAsked(t *testing.T) {
	web := &clerk{asked: map[string]int{}, says: func(url string) (int, http.Header) {
		if url == wireFeed {
			return 302, http.Header{"Location": {"http://nowhere.example/"}}
		}
		return 0, nil
	}}
	_, do := newChecked(t, web, wireFeed)
	for range 3 {
		if exit, said := do("check"); exit != 1 {
			t.Errorf("exit %d: %s", exit, said)
		}
	}
	if n := web.times(wireFeed); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestTheNextCheckKeepsTheGapToTheLast(t *testing.T) {
	web := &clerk{asked: map[string]int{}}
	c, do := newChecked(t, web, wireFeed, "http://wire.example/sport")
	c.Poll.HostGap = 400 * time.Millisecond
	all := c.Sources
	c.Sources = all[:1]
	began := time.Now()
	do("check")
	c.Sources = all
	do("check")
	if took := time.Since(began); took < c.Poll.HostGap || web.times("http://wire.example/sport") != 1 {
		t.Errorf("asked after %s: %v", took, web.asked)
	}
}
