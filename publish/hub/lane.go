package hub

import (
	"time"

	"copydesk"
)

// lane is all that goes to one host, one thing after the other: so a host that
// hangs holds up nobody else, and none is flooded.
type lane struct {
	subs   map[key]copydesk.Subscriber
	wishes []pending
	busy   bool
}

// key is what a subscriber is known by.
type key struct{ edition, callback string }

// pending is a wish whose callback is yet to be asked.
type pending struct {
	Wish
	has copydesk.Digest // of the edition when it was made
}

// lane returns the lane of a host, which it makes if there is none, with the lock
// held.
func (h *Hub) lane(host string) *lane {
	if h.lanes[host] == nil {
		h.lanes[host] = newLane()
	}
	return h.lanes[host]
}

func newLane() *lane { return &lane{subs: map[key]copydesk.Subscriber{}} }

// put and drop keep the roll in memory, with the lock held.
func (h *Hub) put(s copydesk.Subscriber) {
	l, k := h.lane(h.courier.Host(s.Callback)), key{s.Edition, s.Callback}
	if _, known := l.subs[k]; !known {
		h.count++
	}
	l.subs[k] = s
}

func (h *Hub) drop(s copydesk.Subscriber) {
	l, k := h.lane(h.courier.Host(s.Callback)), key{s.Edition, s.Callback}
	if _, known := l.subs[k]; known {
		h.count--
	}
	delete(l.subs, k)
}

// dueIn is when a lane has something to do.
func (h *Hub) dueIn(l *lane, now time.Time) (at time.Time, ok bool) {
	if len(l.wishes) > 0 {
		return now, true
	}
	for _, s := range l.subs {
		if t, due := h.dueFor(s); due && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok
}

// dueFor is when something is to be done for s: its lease ends, its edition is
// gone, or is another than it has.
func (h *Hub) dueFor(s copydesk.Subscriber) (at time.Time, ok bool) {
	offer := h.shelf.Edition(s.Edition)
	if offer.Gone || offer.Moved != "" {
		return time.Time{}, true
	}
	at = s.Until
	if offer.Pressed != nil {
		if t, due := Due(s, offer.Pressed); due && t.Before(at) {
			at = t
		}
	}
	return at, true
}
