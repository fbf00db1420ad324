package publish

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// maxConnections is how many connections a listener holds. Readers come, ask
// and go, so this many at once are a flood or a leak.
const maxConnections = 2000

// crowd keeps the number of connections within bounds. A newcomer takes the
// place of the connection that has been idle for the longest time; where none
// is idle it is turned away. Requests on connections that are there share
// nothing but a counter: only who comes and goes waits for others.
type crowd struct {
	limit int
	clock atomic.Uint64 // of events

	mu  sync.RWMutex
	all map[net.Conn]*visitor
}

// visitor is a connection; idle is when it became so, zero while it is not.
type visitor struct{ idle atomic.Uint64 }

func newCrowd(limit int) *crowd { return &crowd{limit: limit, all: map[net.Conn]*visitor{}} }

// state is told what becomes of connections. It fits [http.Server.ConnState].
func (c *crowd) state(conn net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		if leaving := c.enter(conn); leaving != nil {
			leaving.Close()
		}
	case http.StateClosed, http.StateHijacked:
		c.mu.Lock()
		delete(c.all, conn)
		c.mu.Unlock()
	default:
		c.mu.RLock()
		v := c.all[conn]
		c.mu.RUnlock()
		switch {
		case v == nil: // it has to go
		case s == http.StateIdle:
			v.idle.Store(c.clock.Add(1))
		default:
			v.idle.Store(0)
		}
	}
}

// enter takes a newcomer in and returns the connection that has to go for it,
// if one has.
func (c *crowd) enter(conn net.Conn) (leaving net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) >= c.limit {
		if leaving = c.longestIdle(); leaving == nil {
			return conn
		}
		delete(c.all, leaving)
	}
	c.all[conn] = new(visitor)
	return leaving
}

func (c *crowd) longestIdle() (first net.Conn) {
	var since uint64
	for conn, v := range c.all {
		if idle := v.idle.Load(); idle > 0 && (since == 0 || idle < since) {
			first, since = conn, idle
		}
	}
	return first
}
