package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// newsagent is the publishers of a script: a server on loopback with one feed
// a name, which answers conditional requests and counts.
type newsagent struct {
	addr    string
	server  *httptest.Server
	closing chan struct{}

	mu    sync.Mutex
	feeds map[string]*publication
}

// publication is one feed, and who asked for it.
type publication struct {
	body    []byte
	kind    string
	hangs   bool     // and never answers
	status  int      // in place of the body; zero: none
	header  []string // that goes with it, "Name: value"
	asked   int
	matched int         // of these, answered with 304
	agents  []string    // who asked, as they say
	shown   http.Header // by who asked last
}

func openNewsagent() *newsagent {
	n := &newsagent{feeds: map[string]*publication{}, closing: make(chan struct{})}
	n.server = httptest.NewServer(n)
	n.addr = n.server.Listener.Addr().String()
	return n
}

func (n *newsagent) close() {
	close(n.closing)
	n.server.Close()
}

// feed returns the publication of that name, a new one if there is none.
func (n *newsagent) feed(name string) *publication {
	if n.feeds[name] == nil {
		n.feeds[name] = &publication{}
	}
	return n.feeds[name]
}

// change does something to the publication of that name.
func (n *newsagent) change(name string, do func(*publication)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	do(n.feed(name))
}

// ServeHTTP answers as a publisher's web server does.
func (n *newsagent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if n.hangs(strings.TrimPrefix(r.URL.Path, "/"), r) {
		select {
		case <-r.Context().Done():
		case <-n.closing:
		}
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	p, ok := n.feeds[strings.TrimPrefix(r.URL.Path, "/")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	for _, line := range p.header {
		name, value, _ := strings.Cut(line, ":")
		w.Header().Set(name, strings.TrimSpace(value))
	}
	if p.status != 0 {
		http.Error(w, http.StatusText(p.status), p.status)
		return
	}
	etag := fmt.Sprintf(`"%x"`, sha256.Sum256(p.body))
	w.Header().Set("ETag", etag)
	w.Header().Set("Content-Type", p.kind)
	if r.Header.Get("If-None-Match") == etag {
		p.matched++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(p.body)
}

// hangs takes down who asks for name, and reports whether to let them wait.
func (n *newsagent) hangs(name string, r *http.Request) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	p, ok := n.feeds[name]
	if !ok {
		return false
	}
	p.asked++
	p.shown = r.Header
	p.agents = append(p.agents, r.UserAgent())
	return p.hangs
}
