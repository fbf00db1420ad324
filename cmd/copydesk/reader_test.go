package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"copydesk/publish/publishtest"

	"github.com/mmcdole/gofeed"
)

// A feed reader from outside, newsboat, subscribes to every feed of the demo: it
// keeps every headline, and once nothing has changed its reloads are answered
// with 304. (Its second reload asks without validators: it only keeps those of a
// feed that it has in its store.)
func TestNewsboatReadsEveryFeedAndThenGets304(t *testing.T) {
	newsboat, err := exec.LookPath("newsboat")
	if err != nil {
		t.Skip("newsboat is not installed; `make check-all` wants it")
	}
	counter := watch(t, startDemo(t))
	feeds := feedsOf(t, counter.URL)
	for _, ending := range []string{".atom", ".rss"} { // it takes an id that it knows for the same article, in whatever feed
		t.Run(ending, func(t *testing.T) {
			mine := slices.DeleteFunc(slices.Clone(feeds), func(address string) bool { return !strings.HasSuffix(address, ending) })
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "urls"), []byte(strings.Join(mine, "\n")+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			began := len(counter.statuses())
			for range 3 {
				reload := exec.Command(newsboat, "-u", "urls", "-c", "cache.db", "-x", "reload")
				reload.Dir, reload.Env = folder, append(os.Environ(), "HOME="+folder)
				if out, err := reload.CombinedOutput(); err != nil {
					t.Fatalf("newsboat: %v\n%s", err, out)
				}
			}
			got := counter.statuses()[began:]
			want := append(slices.Repeat([]int{http.StatusOK}, 2*len(mine)), slices.Repeat([]int{http.StatusNotModified}, len(mine))...)
			if !slices.Equal(got, want) {
				t.Errorf("newsboat was answered with %v", got)
			}
			cache, err := os.ReadFile(filepath.Join(folder, "cache.db"))
			if err != nil {
				t.Fatal(err)
			}
			for _, address := range mine {
				all := titles(t, address)
				if len(all) < 2 {
					t.Errorf("%s has only %d entries", address, len(all))
				}
				for _, title := range all {
					if !bytes.Contains(cache, []byte(title)) {
						t.Errorf("%s: newsboat has no entry %q", address, title)
					}
				}
			}
		})
	}
}

// feedsOf are the addresses of a daemon's feeds, as its OPML lists them, in both
// formats that every reader knows.
func feedsOf(t *testing.T, daemon string) (all []string) {
	t.Helper()
	resp, err := http.Get(daemon + "/opml")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	list, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`xmlUrl="[^"]*(/topics/[^"]*)\.atom"`).FindAllSubmatch(list, -1) {
		all = append(all, daemon+string(m[1])+".atom", daemon+string(m[1])+".rss")
	}
	if len(all) < 4 {
		t.Fatalf("only %d feeds: %s", len(all), list)
	}
	return all
}

// rss2email subscribes to every feed of the demo: it mails each headline, and
// its second run is answered with 304.
func TestRSS2EmailReadsEveryFeedAndThenGets304(t *testing.T) {
	r2e, err := exec.LookPath("r2e")
	if err != nil {
		t.Skip("rss2email is not installed; `make check-all` wants it")
	}
	counter := watch(t, startDemo(t))
	folder := t.TempDir()
	const config = "[DEFAULT]\nto = reader@example.org\nemail-protocol = maildir\nmaildir-path = mail\nmaildir-mailbox = in\nuser-agent = rss2email\n"
	if err := os.WriteFile(filepath.Join(folder, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "mail"), 0o700); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(r2e, append([]string{"-c", "config", "-d", "data.json"}, args...)...)
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "HOME="+folder)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("r2e %s: %v\n%s", args, err, out)
		}
	}
	feeds := feedsOf(t, counter.URL)
	for n, address := range feeds {
		run("add", fmt.Sprint("feed", n), address)
	}
	began := len(counter.statuses())
	run("run")
	first := len(counter.statuses())
	run("run")
	for _, status := range counter.statuses()[began:first] {
		if status != http.StatusOK {
			t.Errorf("the first run was answered with %d", status)
		}
	}
	second := counter.statuses()[first:]
	if len(second) != len(feeds) || slices.ContainsFunc(second, func(status int) bool { return status != http.StatusNotModified }) {
		t.Errorf("the second run was answered with %v", second)
	}
	mailed := subjects(t, filepath.Join(folder, "mail"))
	for _, address := range feeds {
		for _, title := range titles(t, address) {
			if mailed[strings.Join(strings.Fields(title), " ")] == 0 {
				t.Errorf("%s: no mail has the subject %q", address, title)
			}
		}
	}
}

// subjects counts the subjects of mails below folder.
func subjects(t *testing.T, folder string) map[string]int {
	t.Helper()
	seen := map[string]int{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		m, err := mail.ReadMessage(f)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		seen[strings.Join(strings.Fields(subject), " ")]++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// feedparser is what many other readers are built on. It reads every feed of the
// demo without complaint, and once it has it, each of its two validators brings
// a 304.
const feedparserScript = `
import json, sys, feedparser
for address in sys.argv[1:]:
    one = feedparser.parse(address)
    two = feedparser.parse(address, etag=one.get("etag"))
    three = feedparser.parse(address, modified=one.get("modified"))
    print(json.dumps({"bozo": str(one.get("bozo_exception", "")), "version": one.version, "statuses": [one.status, two.status, three.status],
        "titles": [e.title for e in one.entries], "ids": len(set(e.id for e in one.entries)), "authors": sum(1 for e in one.entries if e.get("authors"))}))
`

func TestFeedparserReadsEveryFeedAndThenGets304(t *testing.T) {
	python := ""
	for _, name := range []string{"/usr/bin/python3", "python3"} { // Debian's own has Debian's packages
		if exec.Command(name, "-c", "import feedparser").Run() == nil {
			python = name
			break
		}
	}
	if python == "" {
		t.Skip("feedparser is not installed; `make check-all` wants it")
	}
	feeds := feedsOf(t, startDemo(t).String())
	out, err := exec.Command(python, append([]string{"-c", feedparserScript}, feeds...)...).Output()
	if err != nil {
		t.Fatalf("feedparser: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(feeds) {
		t.Fatalf("%d answers for %d feeds:\n%s", len(lines), len(feeds), out)
	}
	for n, line := range lines {
		var said struct {
			Bozo, Version string
			Statuses      []int
			Titles        []string
			IDs           int
			Authors       int
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatal(err)
		}
		want := titles(t, feeds[n])
		if said.Bozo != "" || said.Version == "" || !slices.Equal(said.Statuses, []int{200, 304, 304}) ||
			!slices.Equal(said.Titles, want) || said.IDs != len(want) || said.Authors != len(want) {
			t.Errorf("%s: %+v, want the titles %q", feeds[n], said, want)
		}
	}
}

// Every feed and list of the demo is valid, at the address that it names as its
// own.
func TestWhatTheDemoServesIsValid(t *testing.T) {
	daemon := startDemo(t).String()
	fetch := func(address, kind string) []byte {
		t.Helper()
		resp, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if got, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || resp.StatusCode != http.StatusOK || got != kind {
			t.Fatalf("%s: %d, %s, %v", address, resp.StatusCode, got, err)
		}
		return body
	}
	feeds := []string{daemon + "/search%s?q=harbour", daemon + "/search%s?q=nothing+has+this", daemon + "/topics/asia%s?sources=2"}
	for _, address := range feedsOf(t, daemon) {
		if topic, ok := strings.CutSuffix(address, ".atom"); ok {
			feeds = append(feeds, topic+"%s")
		}
	}
	for _, address := range feeds {
		atom, rss, json := fmt.Sprintf(address, ".atom"), fmt.Sprintf(address, ".rss"), fmt.Sprintf(address, ".json")
		publishtest.Plausible(t, publishtest.Atom(t, fetch(atom, "application/atom+xml"), atom), time.Now())
		publishtest.RSS(t, fetch(rss, "application/rss+xml"), rss)
		publishtest.JSON(t, fetch(json, "application/feed+json"), json)
	}
	for _, list := range []string{"/opml", "/sources.opml"} {
		publishtest.OPML(t, fetch(daemon+list, "text/x-opml"))
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
	for since := time.Now(); time.Since(since) < patience; time.Sleep(time.Second) {
		now := len(titles(t, address.String()+"/topics/asia.atom"))
		if now > 0 && now == before {
			return address
		}
		before = now
	}
	t.Fatal("the demo has no entries")
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
