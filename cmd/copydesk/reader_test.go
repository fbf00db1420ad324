package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
)

// A feed reader from outside, newsboat, subscribes to a topic of the demo: it
// keeps every headline, and once nothing has changed its reloads are answered
// with 304. (Its second reload asks without validators: it only keeps those of a
// feed that it has in its store.)
func TestNewsboatReadsATopicAndThenGets304(t *testing.T) {
	newsboat, err := exec.LookPath("newsboat")
	if err != nil {
		t.Skip("newsboat is not installed; `make check-all` wants it")
	}
	for _, ending := range []string{".atom", ".rss"} {
		t.Run(ending, func(t *testing.T) {
			counter := watch(t, startDemo(t))
			folder := t.TempDir()
			topic := counter.URL + "/topics/asia" + ending
			if err := os.WriteFile(filepath.Join(folder, "urls"), []byte(topic+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				reload := exec.Command(newsboat, "-u", "urls", "-c", "cache.db", "-x", "reload")
				reload.Dir, reload.Env = folder, append(os.Environ(), "HOME="+folder)
				if out, err := reload.CombinedOutput(); err != nil {
					t.Fatalf("newsboat: %v\n%s", err, out)
				}
			}
			if got := counter.statuses(); len(got) != 3 || got[2] != http.StatusNotModified {
				t.Errorf("newsboat was answered with %v", got)
			}
			cache, err := os.ReadFile(filepath.Join(folder, "cache.db"))
			if err != nil {
				t.Fatal(err)
			}
			all := titles(t, topic)
			if len(all) < 10 {
				t.Errorf("only %d entries", len(all))
			}
			for _, title := range all {
				if !bytes.Contains(cache, []byte(title)) {
					t.Errorf("newsboat has no entry %q", title)
				}
			}
		})
	}
}

// startDemo runs the demo, whose publishers publish nothing more for a while,
// until the test ends. It returns the daemon's address once Asia has entries.
func startDemo(t *testing.T) *url.URL {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int)
	go func() {
		o := outside{in: nil, out: io.Discard, err: t.Output(), env: os.Getenv}
		ended <- tool(ctx, []string{"demo", "--beat", "1h", "--port", strconv.Itoa(port)}, o)
	}()
	t.Cleanup(func() {
		stop()
		if exit := <-ended; exit != exitOK {
			t.Errorf("the demo ended with %d", exit)
		}
	})
	address := &url.URL{Scheme: "http", Host: "127.0.0.1:" + strconv.Itoa(port)}
	// All five publishers have been read once Asia stays the same for a while.
	before := 0
	for since := time.Now(); time.Since(since) < 10*time.Second; time.Sleep(500 * time.Millisecond) {
		now := len(titles(t, address.String()+"/topics/asia.atom"))
		if now > 0 && now == before {
			return address
		}
		before = now
	}
	t.Fatal("the demo has no entries after ten seconds")
	return nil
}

// counter is a server that passes everything on and notes how it was answered.
type counter struct {
	*httptest.Server
	mu   sync.Mutex
	seen []int
}

func watch(t *testing.T, daemon *url.URL) *counter {
	c := &counter{}
	proxy := httputil.NewSingleHostReverseProxy(daemon)
	proxy.ModifyResponse = func(r *http.Response) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if r.Request.Header.Get("X-Ours") == "" {
			c.seen = append(c.seen, r.StatusCode)
		}
		return nil
	}
	c.Server = httptest.NewServer(proxy)
	t.Cleanup(c.Close)
	return c
}

func (c *counter) statuses() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.seen)
}

// titles are the headlines of a feed, as another parser reads them; none while
// nobody serves it.
func titles(t *testing.T, address string) (all []string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Ours", "1")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	feed, err := gofeed.NewParser().Parse(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range feed.Items {
		all = append(all, item.Title)
	}
	return all
}
