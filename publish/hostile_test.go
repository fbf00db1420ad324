package publish_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"copydesk/publish"
)

func TestARequestThatIsNoneOfOursIsRefusedAndNotRepeated(t *testing.T) {
	k, _ := kioskWithLog(t, 35, 10)
	const mark = "marker-7391"
	long := strings.Repeat("a", 2000)
	for target, want := range map[string]int{
		"/topics/" + mark: 404, "/topics/" + mark + ".atom": 404, "/" + mark: 404, "/stories/" + mark: 404, "/topics/coast/archive/" + mark + ".atom": 404,
		"/topics/coast.atom?sources=" + mark: 400, "/topics/coast.atom?before=" + mark: 400,
		"/topics/" + mark + long: 414, "/topics/coast.atom?" + mark + "=" + long: 414,
		"/topics/../" + mark: 404, "/topics/%2e%2e/" + mark: 404, "//" + mark: 404, "/topics//" + mark: 404, "/./" + mark: 404, "/topics/..": 404,
		"/topics/coast%2Farchive%2F1.atom?" + mark: 404, "/topics/%00" + mark: 404, "/topics/coast.atom%00" + mark: 404,
		"/topics/" + mark + "%3Cscript%3E": 404, "/topics/coast.atom/" + mark: 404,
	} {
		r := k.ask("GET", target, "User-Agent: "+mark, "Referer: "+mark)
		if r.StatusCode != want {
			t.Errorf("%s: %d, want %d", target, r.StatusCode, want)
		}
		if b := body(t, r); bytes.Contains(b, []byte(mark)) || strings.Contains(fmt.Sprint(r.Header), mark) {
			t.Errorf("%s: the request is repeated: %v %s", target, r.Header, b)
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: may be sniffed", target)
		}
	}
}

func TestABodyIsRefusedWhereNoneBelongs(t *testing.T) {
	k, _ := kioskWithLog(t, 5, 10)
	for _, r := range []*http.Request{
		httptest.NewRequest("GET", atomAddress, strings.NewReader("x")),
		httptest.NewRequest("GET", atomAddress, io.MultiReader(strings.NewReader("x"))), // of unknown length
		httptest.NewRequest("HEAD", "/", strings.NewReader("x")),
	} {
		w := httptest.NewRecorder()
		k.handler.ServeHTTP(w, r)
		if w.Code != 413 || w.Header().Get("Connection") != "close" {
			t.Errorf("%d %v", w.Code, w.Header())
		}
	}
}

func TestAPageElsewhereMayReadFeeds(t *testing.T) {
	k, _ := kioskWithLog(t, 5, 10)
	r := k.ask("OPTIONS", atomAddress, "Origin: https://reader.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: a-im, if-none-match")
	k.want(r, 204)
	if h := r.Header; h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "If-None-Match") || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%v", h)
	}
	r = k.ask("GET", atomAddress, "Origin: https://reader.example")
	if h := r.Header; h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Expose-Headers"), "ETag") {
		t.Errorf("%v", h)
	}
	if r := k.ask("GET", "/topics/coast", "Origin: https://reader.example"); r.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a page may be read as well")
	}
}

func TestAFloodOfUnknownTopicsCostsLittle(t *testing.T) {
	k, s := kioskWithLog(t, 5, 10)
	n := 0
	w := &discard{http.Header{}}
	allocations := testing.AllocsPerRun(1000, func() {
		n++
		r := &http.Request{Method: "GET", URL: httptest.NewRequest("GET", "/", nil).URL, Header: http.Header{}}
		r.URL.Path = fmt.Sprintf("/topics/none%d.atom", n)
		clear(w.header)
		k.handler.ServeHTTP(w, r)
	})
	if allocations > 60 { // most of them the request itself
		t.Errorf("%.0f allocations each", allocations)
	}
	if s.asked.Load() > 0 {
		t.Error("the library was asked")
	}
}

// The header limit is that of net/http, which allows 4 KB beyond it.
func TestAnEndlessHeaderIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newPipes()
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := publish.Serve(ctx, l, slow(0), slog.New(slog.DiscardHandler)); err != nil {
				t.Errorf("serve: %v", err)
			}
		})
		c := l.dial()
		wg.Go(func() {
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n")
			for range 100 {
				if _, err := io.WriteString(c, "X: "+strings.Repeat("x", 1<<10)+"\r\n"); err != nil {
					return
				}
			}
		})
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%v, %v", r, err)
		}
		c.Close()
		cancel()
		wg.Wait()
	})
}

// Two thousand connections that say nothing are held, and dropped after ten
// seconds; one more is turned away meanwhile. Idle ones make room at once.
func TestACrowdDoesNotKeepReadersOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newPipes()
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := publish.Serve(ctx, l, slow(0), slog.New(slog.DiscardHandler)); err != nil {
				t.Errorf("serve: %v", err)
			}
		})
		var held []net.Conn
		for range 1999 {
			held = append(held, l.dial())
		}
		idle := l.dial()
		if answer, err := get(idle); answer != "answered" || err != nil {
			t.Errorf("%q, %v", answer, err)
		}
		synctest.Wait()
		late := l.dial() // in place of the idle one
		if answer, err := get(late); answer != "answered" || err != nil {
			t.Errorf("%q, %v", answer, err)
		}
		if _, err := get(idle); err == nil {
			t.Error("the idle connection is still there")
		}
		synctest.Wait()
		busy := l.dial() // in place of late, and now none is idle
		synctest.Wait()
		turned := l.dial()
		if _, err := get(turned); err == nil {
			t.Error("one too many is answered")
		}
		time.Sleep(21 * time.Second)
		if answer, err := get(l.dial()); answer != "answered" || err != nil {
			t.Errorf("after the flood: %q, %v", answer, err)
		}
		for _, c := range append(held, idle, late, busy, turned) {
			c.Close()
		}
		cancel()
		wg.Wait()
	})
}
