package fetcher

import (
	"sync"
	"time"

	"copydesk"
)

// round is one use of an agenda, shared by a loop and the polls it started:
// Run has one, and each Sweep.
type round struct {
	wake   chan struct{} // something has changed
	due    bool          // only who is due is asked
	insist bool          // on asking hosts that want to be left alone

	mu       sync.Mutex // never held while waiting
	agenda   *Agenda
	troubles map[copydesk.SourceID]int // settlements in a row that went wrong
}

func newRound(gap time.Duration) *round {
	return &round{
		wake:     make(chan struct{}, 1),
		agenda:   NewAgenda(gap, maxFlights),
		troubles: make(map[copydesk.SourceID]int),
	}
}

// start calls poll for each source to start now, and returns when the next one
// can.
func (r *round) start(now time.Time, poll func(copydesk.SourceID)) (wake time.Time) {
	r.mu.Lock()
	ids, wake := r.agenda.Next(now)
	r.mu.Unlock()
	for _, id := range ids {
		poll(id)
	}
	return wake
}

// change does something to the agenda and wakes the loop.
func (r *round) change(do func(*Agenda)) {
	r.mu.Lock()
	do(r.agenda)
	r.mu.Unlock()
	signal(r.wake)
}

func (r *round) put(id copydesk.SourceID, host string, next time.Time) {
	r.change(func(a *Agenda) {
		a.Put(id, host, next)
		delete(r.troubles, id)
	})
}

// update places a source as its stored schedule says.
func (r *round) update(src copydesk.Source, now time.Time) {
	if stop := Lasting(src.Stop, now); stop.Until.After(now) {
		r.change(func(a *Agenda) { a.Stop(stop.Host, stop.Until, now) })
	}
	next, ok := Due(src, now)
	if ok && src.Listed {
		r.put(src.ID, Host(addressOf(src, now)), next)
	} else {
		r.drop(src.ID)
	}
}

// list makes these the sources on the agenda.
func (r *round) list(sources []copydesk.Source, now time.Time) {
	listed := make(map[copydesk.SourceID]bool, len(sources))
	for _, src := range sources {
		listed[src.ID] = true
		r.update(src, now)
	}
	r.change(func(a *Agenda) { a.Keep(func(id copydesk.SourceID) bool { return listed[id] }) })
}

func (r *round) drop(id copydesk.SourceID) { r.change(func(a *Agenda) { a.Drop(id) }) }

// trouble is of ours: how long to wait after the first in a row, and how long its
// publisher wants us to.
type trouble struct{ first, wish time.Duration }

// postpone moves a source whose poll could not be settled, each time in a row
// further, up to an hour, and not before its publisher's wish is over: a
// full disk here must not become a stream of requests there.
func (r *round) postpone(id copydesk.SourceID, t trouble, now time.Time) (wait time.Duration) {
	r.change(func(a *Agenda) {
		wait = max(min(t.first<<min(r.troubles[id], 6), time.Hour), t.wish)
		r.troubles[id]++
		a.Move(id, now.Add(wait))
	})
	return wait
}

func (r *round) answered(id copydesk.SourceID, now time.Time) {
	r.change(func(a *Agenda) { a.Answered(id, now) })
}

func (r *round) park(id copydesk.SourceID, now time.Time) (parked, crowded bool) {
	r.change(func(a *Agenda) { parked, crowded = a.Park(id, now) })
	return parked, crowded
}

func (r *round) done(id copydesk.SourceID, now time.Time) {
	r.change(func(a *Agenda) { a.Done(id, now) })
}

// nap returns a channel that ends the sleep until wake; a zero wake is far away.
func nap(wake time.Time) <-chan time.Time {
	if wake.IsZero() {
		return time.After(longestNap)
	}
	return time.After(min(max(time.Until(wake), 0), longestNap))
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
