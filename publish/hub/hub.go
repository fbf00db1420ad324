// Package hub pushes editions to those who subscribe to them, as WebSub says
// (W3C Recommendation, 2018; the sections named here are its).
//
// What it delivers are the bytes on the shelf, and what it keeps of a subscriber is the
// hash of those that it has: so an edition that changes while a delivery fails is
// delivered once, as it is then, and a restart goes on where the end came. Nobody is
// subscribed who did not say so from the callback itself, and nobody can have us flood
// somebody else: each host has a lane, in which one letter follows another.
//
// Begin with wish.go, what somebody may ask, and delivery.go, what becomes of a
// subscriber: decisions without a clock. serve.go is where subscribers ask, hub.go the
// loop that asks them back and delivers; ping.go tells a hub that is not ours.
package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"copydesk"
	"copydesk/publish"
)

// Roll keeps the subscribers of a hub.
type Roll interface {
	Subscribers(ctx context.Context) ([]copydesk.Subscriber, error)

	// PutSubscriber writes a subscriber in place of the one with its edition
	// and callback.
	PutSubscriber(ctx context.Context, s copydesk.Subscriber) error
	DropSubscriber(ctx context.Context, edition, callback string) error
}

// Shelf is where editions lie.
type Shelf interface {
	// Edition returns what there is to subscribe to at a path below base_url.
	Edition(path string) publish.Offer
}

// Hub takes wishes, asks back, and delivers editions as they appear on a shelf.
// It is an [http.Handler] for [Path].
type Hub struct {
	site    publish.Site
	shelf   Shelf
	roll    Roll
	courier Courier
	log     *slog.Logger
	bell    chan struct{}
	slots   chan struct{} // one for each letter that is under way

	mu      sync.Mutex // guards what follows; never held while waiting
	lanes   map[string]*lane
	count   int // subscribers
	waiting int // wishes
}

const (
	maxPending     = 200 // wishes in all that wait to be asked back
	maxPendingHost = 10  // at one host
	maxLetters     = 64  // under way at once
	askPause       = time.Second
	hubNap         = time.Minute
	noteTime       = 10 * time.Second // for a write that is under way when the end comes
)

// New returns a hub. It starts nothing.
func New(site publish.Site, shelf Shelf, roll Roll, courier Courier, log *slog.Logger) *Hub {
	return &Hub{site: site, shelf: shelf, roll: roll, courier: courier, log: log, bell: make(chan struct{}, 1), slots: make(chan struct{}, maxLetters), lanes: map[string]*lane{}}
}

// Changed says that an edition on the shelf may be another.
func (h *Hub) Changed() {
	select {
	case h.bell <- struct{}{}:
	default:
	}
}

// Run asks back and delivers until ctx is done, and returns when what it began
// has ended. Its error is that of reading the roll.
func (h *Hub) Run(ctx context.Context) error {
	all, err := h.roll.Subscribers(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("hub: read the roll: %w", err)
	}
	h.mu.Lock()
	for _, s := range all {
		h.put(s)
	}
	h.mu.Unlock()
	var jobs sync.WaitGroup
	defer jobs.Wait()
	for {
		wake := h.start(ctx, time.Now(), func(job func()) { jobs.Go(job) })
		select {
		case <-ctx.Done():
			return nil
		case <-h.bell:
		case <-time.After(min(max(time.Until(wake), 0), hubNap)):
		}
	}
}

// Len returns how many subscribers there are.
func (h *Hub) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

var errBusy = errors.New("too much at once; please ask again in a minute")

// take puts a wish into its lane. Anybody can ask for anything, so what is not
// taken leaves nothing behind.
func (h *Hub) take(w Wish) error {
	p := h.shelf.Edition(w.Edition).Pressed
	if w.Subscribe && p == nil {
		return errNotOurs
	}
	host := h.courier.Host(w.Callback)
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.lanes[host]
	if l == nil {
		l = newLane() // kept with the wish, or not at all
	}
	_, known := l.subs[key{w.Edition, w.Callback}]
	switch {
	case !known && !w.Subscribe:
		return nil // there is nothing to end, and nobody to ask whether it is so
	case h.waiting >= maxPending, len(l.wishes) >= maxPendingHost:
		return errBusy
	case !known && (h.count >= maxSubscribers || len(l.subs) >= maxPerHost):
		return errors.New("this hub has as many subscribers as it can take")
	}
	wish := pending{Wish: w}
	if p != nil {
		wish.has = p.Hash()
	}
	l.wishes = append(l.wishes, wish)
	h.lanes[host] = l
	h.waiting++
	h.Changed()
	return nil
}

// start starts a lane for each host that has something to do and nobody who
// does it, and returns when the next one will have.
func (h *Hub) start(ctx context.Context, now time.Time, run func(job func())) (wake time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	wake = now.Add(hubNap)
	for host, l := range h.lanes {
		if l.busy {
			continue
		}
		at, ok := h.dueIn(l, now)
		switch {
		case ok && !at.After(now):
			l.busy = true
			run(func() { h.work(ctx, l) })
		case ok && at.Before(wake):
			wake = at
		case len(l.subs)+len(l.wishes) == 0:
			delete(h.lanes, host)
		}
	}
	return wake
}

// work does what a lane has to do, until there is nothing left for now.
func (h *Hub) work(ctx context.Context, l *lane) {
	defer func() {
		h.mu.Lock()
		l.busy = false
		h.mu.Unlock()
		h.Changed()
	}()
	for ctx.Err() == nil {
		wish, s, now := pending{}, copydesk.Subscriber{}, time.Now()
		h.mu.Lock()
		for _, one := range l.subs { // before wishes, which anybody can make
			if at, ok := h.dueFor(one); ok && !at.After(now) {
				s = one
				break
			}
		}
		if s.Callback == "" && len(l.wishes) > 0 {
			wish = l.wishes[0]
			l.wishes = slices.Delete(l.wishes, 0, 1)
			h.waiting--
		}
		h.mu.Unlock()
		switch {
		case wish.Callback != "":
			h.askBack(ctx, wish)
		case s.Callback != "":
			h.serve(ctx, s)
		default:
			return
		}
	}
}

// askBack asks a callback whether the wish is its own, and grants it if so. It
// takes a second at least: nobody can have us flood somebody else.
func (h *Hub) askBack(ctx context.Context, w pending) {
	pause := time.After(askPause)
	defer func() {
		select {
		case <-pause:
		case <-ctx.Done():
		}
	}()
	challenge := rand.Text()
	status, body, err := h.send(ctx, Letter{Method: http.MethodGet, URL: w.Question(h.site, challenge)})
	log := h.log.With("edition", w.Edition, "host", h.courier.Host(w.Callback))
	if err != nil || status < 200 || status > 299 || string(body) != challenge {
		log.Debug("callback did not confirm", "status", status, "err", err)
		return
	}
	h.mu.Lock()
	before := h.lane(h.courier.Host(w.Callback)).subs[key{w.Edition, w.Callback}]
	h.mu.Unlock()
	if !w.Subscribe {
		h.forget(ctx, before, "it asked to end it")
		return
	}
	h.note(ctx, w.Grant(before, w.has, time.Now()))
	log.Info("subscriber confirmed", "lease", w.Lease)
}

// serve does what is due for a subscriber.
func (h *Hub) serve(ctx context.Context, s copydesk.Subscriber) {
	offer, now := h.shelf.Edition(s.Edition), time.Now()
	switch {
	case offer.Gone || offer.Moved != "":
		reason := "This topic is gone for good."
		if offer.Moved != "" {
			reason = "This topic is now " + h.site.BaseURL + offer.Moved
		}
		h.send(ctx, Letter{Method: http.MethodGet, URL: Farewell(s, h.site, reason)}) // told once; it may be gone as well
		h.forget(ctx, s, "its topic is gone")
	case !now.Before(s.Until):
		h.forget(ctx, s, "its lease is over")
	case offer.Pressed != nil:
		h.deliver(ctx, s, offer.Pressed)
	}
}

// send sends a letter when there is room for it.
func (h *Hub) send(ctx context.Context, l Letter) (status int, body []byte, err error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		return h.courier.Send(ctx, l)
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
}

func (h *Hub) deliver(ctx context.Context, s copydesk.Subscriber, p *publish.Pressed) {
	status, _, err := h.send(ctx, Letter{Method: http.MethodPost, URL: s.Callback, Header: Delivery(s, p, h.site), Body: p.Body()})
	if ctx.Err() != nil {
		return // what is not known to be there is sent again
	}
	if wait, ok := errors.AsType[*NotAsked](err); ok { // which tells nothing about s
		s.Next = wait.Until
		h.note(ctx, s)
		return
	}
	next, keep := Delivered(s, p, status, time.Now())
	log := h.log.With("edition", s.Edition, "host", h.courier.Host(s.Callback), "status", status)
	switch {
	case !keep && status == http.StatusGone:
		h.forget(ctx, s, "it answered 410 Gone")
		return
	case !keep:
		h.forget(ctx, s, "it was not reached for a day")
		return
	case next.Failures > 0:
		log.Debug("edition not delivered", "failures", next.Failures, "again", next.Next, "err", err)
	default:
		log.Debug("edition delivered")
	}
	h.note(ctx, next)
}

// note writes s down. Where that fails memory goes on alone, and after a restart
// the roll is what it was: somebody may get an edition twice.
func (h *Hub) note(ctx context.Context, s copydesk.Subscriber) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	if err := h.roll.PutSubscriber(ctx, s); err != nil {
		h.log.Error("subscriber not noted", "edition", s.Edition, "err", err)
	}
	h.mu.Lock()
	h.put(s)
	h.mu.Unlock()
}

func (h *Hub) forget(ctx context.Context, s copydesk.Subscriber, why string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	if err := h.roll.DropSubscriber(ctx, s.Edition, s.Callback); err != nil {
		h.log.Error("subscriber not forgotten", "edition", s.Edition, "err", err)
	}
	h.mu.Lock()
	h.drop(s)
	h.mu.Unlock()
	h.log.Info("subscriber forgotten", "edition", s.Edition, "host", h.courier.Host(s.Callback), "reason", why)
}
