package fetcher

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"copydesk"
)

// Agenda says which sources to start asking now. It knows when each is due,
// which hosts are being asked or rest since the last request, and how many
// polls may be in flight, so that a poll that is started need not wait for its
// host and a host that hangs holds up nobody else. It is a value without a
// clock or a lock; make it with [NewAgenda].
type Agenda struct {
	gap    time.Duration
	limit  int
	flying int
	parked int
	items  map[copydesk.SourceID]*item
	hosts  map[string]*queue
	ready  byReady // hosts with sources that can be asked, now or later
	stops  map[string]time.Time
	rests  []*queue // hosts that were asked, in the order in which their rests end
}

// item is a source on the agenda.
type item struct {
	id   copydesk.SourceID
	host string
	next time.Time
	at   int // in its queue's items; -1 if not there

	asking *queue // the host that it keeps busy, while it does
	flying bool
	parked bool // in flight, but waits for a host to which it was redirected
	gone   bool // dropped in flight
}

// queue is the sources of one host that are not in flight, soonest first.
type queue struct {
	host  string
	items byNext
	busy  bool
	free  time.Time // when its rest is over
	stop  time.Time // when it may be asked again that wants to be left alone
	rests bool      // it stands in Agenda.rests
	at    int       // in Agenda.ready; -1 if not there
}

// NewAgenda returns an empty agenda. gap is the rest of a host between two
// requests, limit the number of polls in flight.
func NewAgenda(gap time.Duration, limit int) *Agenda {
	return &Agenda{
		gap: gap, limit: limit,
		items: make(map[copydesk.SourceID]*item),
		hosts: make(map[string]*queue),
		stops: make(map[string]time.Time),
	}
}

// Put places a source, or moves it. What is in flight stays so, and counts from
// next once it is done.
func (a *Agenda) Put(id copydesk.SourceID, host string, next time.Time) {
	it := a.items[id]
	if it == nil {
		it = &item{id: id, at: -1}
		a.items[id] = it
	}
	a.unqueue(it)
	it.host, it.next, it.gone = host, next, false
	a.queue(it)
}

// Move is Put at the host that the source is at.
func (a *Agenda) Move(id copydesk.SourceID, next time.Time) {
	if it := a.items[id]; it != nil && !it.gone {
		a.Put(id, it.host, next)
	}
}

// Drop takes a source out. What is in flight still counts until it is done.
func (a *Agenda) Drop(id copydesk.SourceID) {
	it := a.items[id]
	if it == nil {
		return
	}
	a.unqueue(it)
	it.gone = true
	if !it.flying {
		delete(a.items, id)
	}
}

// Keep drops every source that keep does not want.
func (a *Agenda) Keep(keep func(copydesk.SourceID) bool) {
	for id := range a.items {
		if !keep(id) {
			a.Drop(id)
		}
	}
}

// Next returns the sources to start now, each of which is in flight from then
// on, and when to ask again unless something changes before; a zero wake means
// that only a change can bring something to do.
func (a *Agenda) Next(now time.Time) (start []copydesk.SourceID, wake time.Time) {
	a.forget(now)
	for len(a.ready) > 0 && a.flying < a.limit {
		q := a.ready[0]
		if at := q.ready(); at.After(now) {
			return start, at
		}
		it := heap.Pop(&q.items).(*item)
		q.busy = true
		a.settle(q)
		it.flying, it.asking = true, q
		a.flying++
		start = append(start, it.id)
	}
	return start, time.Time{}
}

// Answered says that the request is over, though not all that follows from it:
// the source's host rests from now on.
func (a *Agenda) Answered(id copydesk.SourceID, now time.Time) {
	it := a.items[id]
	if it == nil || it.asking == nil {
		return
	}
	q := it.asking
	it.asking = nil
	q.busy, q.free = false, now.Add(a.gap)
	if a.gap > 0 && !q.rests {
		q.rests = true
		a.rests = append(a.rests, q)
	}
	a.settle(q)
}

// Park says that a source in flight waits for another host than its own, which
// rests from now on, and is not to be counted among those in flight any more: the
// crowd at a host to which many redirect must not keep others from being asked. It
// reports whether that is so, and else whether there are too many who wait: then it
// must not.
func (a *Agenda) Park(id copydesk.SourceID, now time.Time) (parked, crowded bool) {
	a.Answered(id, now)
	it := a.items[id]
	if it == nil || !it.flying || it.parked {
		return false, false
	}
	if a.parked >= parkedPerFlight*a.limit {
		return false, true
	}
	it.parked = true
	a.parked++
	a.flying--
	return true, false
}

// parkedPerFlight is how many may wait so for each that may be in flight. One that
// waits has no document yet, and costs little.
const parkedPerFlight = 16

// Done says that a source is no longer in flight. It is due again at the time
// of its last Put.
func (a *Agenda) Done(id copydesk.SourceID, now time.Time) {
	it := a.items[id]
	if it == nil || !it.flying {
		return
	}
	a.Answered(id, now)
	it.flying = false
	if it.parked {
		it.parked = false
		a.parked--
	} else {
		a.flying--
	}
	if it.gone {
		delete(a.items, id)
		return
	}
	a.queue(it)
}

// Stop keeps all sources of a host from being started before a time. The later
// of two stops holds.
func (a *Agenda) Stop(host string, until, now time.Time) {
	maps.DeleteFunc(a.stops, func(_ string, t time.Time) bool { return !t.After(now) })
	if !until.After(now) || !until.After(a.stops[host]) {
		return
	}
	a.stops[host] = until
	if q := a.hosts[host]; q != nil {
		q.stop = until
		a.settle(q)
	}
}

// Len returns how many sources are on the agenda, those in flight included.
func (a *Agenda) Len() int { return len(a.items) }

// queue lets an item wait at its host, unless it is in flight.
func (a *Agenda) queue(it *item) {
	if it.flying || it.gone {
		return
	}
	q := a.hosts[it.host]
	if q == nil {
		q = &queue{host: it.host, at: -1, stop: a.stops[it.host]}
		a.hosts[it.host] = q
	}
	heap.Push(&q.items, it)
	a.settle(q)
}

func (a *Agenda) unqueue(it *item) {
	if it.at < 0 {
		return
	}
	q := a.hosts[it.host]
	heap.Remove(&q.items, it.at)
	a.settle(q)
}

// settle gives a queue that has changed its place among the others, and
// forgets one that is empty and rested.
func (a *Agenda) settle(q *queue) {
	waits := len(q.items) > 0 && !q.busy
	switch {
	case waits && q.at < 0:
		heap.Push(&a.ready, q)
	case waits:
		heap.Fix(&a.ready, q.at)
	case q.at >= 0:
		heap.Remove(&a.ready, q.at)
	}
	if len(q.items) == 0 && !q.busy && !q.rests {
		delete(a.hosts, q.host)
	}
}

// forget ends the rests that are over.
func (a *Agenda) forget(now time.Time) {
	for len(a.rests) > 0 && !a.rests[0].free.After(now) {
		q := a.rests[0]
		a.rests = a.rests[1:]
		q.rests = false
		a.settle(q)
	}
}

// ready is when the queue's first source can be asked.
func (q *queue) ready() time.Time {
	return slices.MaxFunc([]time.Time{q.items[0].next, q.free, q.stop}, time.Time.Compare)
}

// byNext is a heap of sources.
type byNext []*item

func (h byNext) Len() int { return len(h) }
func (h byNext) Less(i, j int) bool {
	return cmp.Or(h[i].next.Compare(h[j].next), cmp.Compare(h[i].id, h[j].id)) < 0
}
func (h byNext) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}
func (h *byNext) Push(x any) {
	it := x.(*item)
	it.at = len(*h)
	*h = append(*h, it)
}
func (h *byNext) Pop() any {
	last := len(*h) - 1
	it := (*h)[last]
	(*h)[last] = nil
	*h, it.at = (*h)[:last], -1
	return it
}

// byReady is a heap of hosts.
type byReady []*queue

func (h byReady) Len() int { return len(h) }
func (h byReady) Less(i, j int) bool {
	return cmp.Or(h[i].ready().Compare(h[j].ready()), cmp.Compare(h[i].host, h[j].host)) < 0
}
func (h byReady) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}
func (h *byReady) Push(x any) {
	q := x.(*queue)
	q.at = len(*h)
	*h = append(*h, q)
}
func (h *byReady) Pop() any {
	last := len(*h) - 1
	q := (*h)[last]
	(*h)[last] = nil
	*h, q.at = (*h)[:last], -1
	return q
}
