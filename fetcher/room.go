package fetcher

import (
	"context"
	"slices"
	"sync"
	"time"
)

// room is the memory for bodies that are read and not yet settled. A sweep has
// hundreds of publishers answer at once, and their documents are settled one
// after the other. A body for which there is no room waits where it is, with the
// publisher and in the buffers between; a request, before it begins.
//
// It bounds what comes quickly. Whoever is in may stay and grow, so nobody who
// has room waits for more of it; and what is slow to come takes none from others
// until it is there, so that a few publishers that dawdle stop nobody.
type room struct {
	mu      sync.Mutex // never held while waiting
	free    int64      // bytes; below zero where bodies turned out larger
	waiting []*entrant // bodies before requests, in the order in which they came
}

// entrant waits for room, and may go in when its channel is closed.
type entrant struct {
	bytes int64
	in    chan struct{}
}

const (
	roomForBodies = 3 << 20
	bodyAtFirst   = 48 << 10    // is held for a body that is being read
	bodyIsSlow    = time.Second // after which nothing is, until it is there
)

func newRoom(bytes int64) *room { return &room{free: bytes} }

// enter waits until there is room and all who came before are in, and takes so
// many bytes. For a request they are none, and it lets all bodies in first, each
// of which keeps a publisher waiting. The error is ctx's.
func (r *room) enter(ctx context.Context, bytes int64) error {
	e := &entrant{bytes, make(chan struct{})}
	r.mu.Lock()
	i := slices.IndexFunc(r.waiting, func(w *entrant) bool { return bytes > 0 && w.bytes == 0 })
	if i < 0 {
		i = len(r.waiting)
	}
	r.waiting = slices.Insert(r.waiting, i, e)
	r.admit()
	r.mu.Unlock()
	select {
	case <-e.in:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.waiting, e); i >= 0 {
		r.waiting = slices.Delete(r.waiting, i, i+1)
	} else { // it was let in at that very moment
		r.free += bytes
	}
	r.admit()
	return ctx.Err()
}

// admit lets in who can go in, with the lock held.
func (r *room) admit() {
	for len(r.waiting) > 0 && r.free > 0 {
		first := r.waiting[0]
		r.waiting = slices.Delete(r.waiting, 0, 1)
		r.free -= first.bytes
		close(first.in)
	}
}

// stay is the room that one answer takes, from its body's beginning until it
// ends. The zero value takes none, and nor does nil.
type stay struct {
	room *room
	held int64
	slow *time.Timer
	here bool // the body is
}

// begin takes room for a body that is about to be read.
func (s *stay) begin(ctx context.Context) error {
	if err := s.room.enter(ctx, bodyAtFirst); err != nil {
		return err
	}
	s.held = bodyAtFirst
	s.slow = time.AfterFunc(bodyIsSlow, func() { s.hold(0, false) })
	return nil
}

// came says how large the body was.
func (s *stay) came(bytes int64) { s.hold(bytes, true) }

// end gives back what the answer took.
func (s *stay) end() {
	if s.slow != nil {
		s.slow.Stop()
	}
	s.hold(0, true)
}

func (s *stay) hold(bytes int64, here bool) {
	r := s.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.here && !here { // it came just before it was slow
		return
	}
	s.here = s.here || here
	r.free += s.held - bytes
	s.held = bytes
	r.admit()
}
