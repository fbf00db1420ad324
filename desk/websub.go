package desk

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/db"
	"copydesk/fetcher"
	"copydesk/fetcher/websub"
)

// subscriptions are ours at publishers' hubs, as the store has them, held in
// memory since every poll and every push asks for one.
type subscriptions struct {
	bell             // rung when something about them or their sources changed
	edits sync.Mutex // held while one is changed in the store, and then here

	mu       sync.Mutex // guards what follows; never held while waiting
	all      map[string]copydesk.Subscription
	bySource map[copydesk.SourceID]string // the callback of the one that is wanted
	flying   map[string]bool              // hosts of hubs that are being asked
}

func newSubscriptions() *subscriptions {
	return &subscriptions{
		bell: newBell(), all: map[string]copydesk.Subscription{},
		bySource: map[copydesk.SourceID]string{}, flying: map[string]bool{},
	}
}

func (s *subscriptions) get(callback string) (copydesk.Subscription, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub, ok := s.all[callback]
	return sub, ok
}

// of is the subscription for a source, zero if there is none.
func (s *subscriptions) of(source copydesk.SourceID) copydesk.Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[s.bySource[source]]
}

func (s *subscriptions) list() []copydesk.Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.all))
}

func (s *subscriptions) note(sub copydesk.Subscription, keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !keep || sub.State == copydesk.SubscriptionEnding {
		if s.bySource[sub.Source] == sub.Callback {
			delete(s.bySource, sub.Source)
		}
	} else {
		s.bySource[sub.Source] = sub.Callback
	}
	if keep {
		s.all[sub.Callback] = sub
	} else {
		delete(s.all, sub.Callback)
	}
}

// take reports whether a hub's host is free, and makes it busy.
func (s *subscriptions) take(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flying[host] {
		return false
	}
	s.flying[host] = true
	return true
}

func (s *subscriptions) release(host string) {
	s.mu.Lock()
	delete(s.flying, host)
	s.mu.Unlock()
	s.ring()
}

// recallSubscriptions reads what the store has.
func (d *Desk) recallSubscriptions(ctx context.Context) error {
	d.subscribed.edits.Lock()
	defer d.subscribed.edits.Unlock()
	all, err := d.store.Subscriptions(ctx)
	for _, sub := range all {
		d.subscribed.note(sub, true)
	}
	return err
}

// editSubscription changes a subscription in the store and in memory. Edit may
// be called more than once.
func (d *Desk) editSubscription(ctx context.Context, callback string, edit func(copydesk.Subscription) (copydesk.Subscription, bool)) error {
	d.subscribed.edits.Lock()
	defer d.subscribed.edits.Unlock()
	var next copydesk.Subscription
	var keep bool
	err := d.store.EditSubscription(ctx, callback, func(old copydesk.Subscription) (copydesk.Subscription, bool) {
		next, keep = edit(old)
		return next, keep
	})
	if err == nil {
		d.subscribed.note(next, keep)
		d.subscribed.ring()
	}
	return err
}

// always makes an edit of one that keeps what it makes.
func always(edit func(copydesk.Subscription) copydesk.Subscription) func(copydesk.Subscription) (copydesk.Subscription, bool) {
	return func(sub copydesk.Subscription) (copydesk.Subscription, bool) {
		if sub.Source == "" {
			return sub, false // it ended in between
		}
		return edit(sub), true
	}
}

// callbacksOf is the address below which hubs reach us, empty if they cannot.
func callbacksOf(s config.Server) string {
	if !s.Named {
		return ""
	}
	return s.BaseURL + websub.Path
}

// offer is what src lets us subscribe to, and what is in the way. A hub is asked
// directly and told where we are, which a source behind a proxy may be meant to
// hide.
func (d *Desk) offer(src copydesk.Source) (websub.Offer, string) {
	c := d.now.Load().config
	if !c.Poll.WebSub && src.WebSub != copydesk.WebSubOn {
		return websub.Offer{}, ""
	}
	if src.Secret {
		return websub.Offer{}, "its address is a secret"
	}
	o, why := websub.Offered(src, d.callbacks)
	if len(o.Hubs) > 0 && src.WebSub != copydesk.WebSubOn && accessTo(c, src).Proxy != "" {
		return websub.Offer{}, `it has a hub, which would be asked around its proxy (websub = "on" allows that)`
	}
	return o, why
}

// subscribeEvery is the shortest time between two looks at all subscriptions,
// and subscribeNap the longest: clocks are set.
const (
	subscribeEvery = time.Second
	subscribeNap   = 15 * time.Minute
)

// subscribeLoop keeps the subscriptions in line with what sources offer, and
// alive.
func (d *Desk) subscribeLoop(ctx context.Context) error {
	var asks sync.WaitGroup
	defer asks.Wait()
	// What was pushed while nobody was here was not taken.
	if err := d.resume(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	idle := false // since the last look, which saw to what was left over
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(subscribeEvery):
		}
		was := idle
		if idle = d.callbacks == "" && len(d.subscribed.list()) == 0; idle && was {
			select {
			case <-ctx.Done():
				return nil
			case <-d.subscribed.bell:
			}
			continue
		}
		wake, err := d.subscribe(ctx, func(ask func()) { asks.Go(ask) })
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("subscribe: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(min(max(time.Until(wake), 0), subscribeNap)):
		case <-d.subscribed.bell:
		}
	}
}

// subscribe does what is due, and returns when to look again. What waits for a
// hub is handed to start.
func (d *Desk) subscribe(ctx context.Context, start func(ask func())) (wake time.Time, err error) {
	sources, err := d.store.Sources(ctx)
	if err != nil {
		return wake, err
	}
	now := time.Now()
	offers := map[copydesk.SourceID]websub.Offer{}
	for _, src := range sources {
		offers[src.ID], _ = d.offer(src)
	}
	if err := d.align(ctx, offers, now); err != nil {
		return wake, err
	}
	for _, src := range sources {
		if !websub.Trusted(d.subscribed.of(src.ID), now) {
			if err := d.leanNoMore(ctx, src); err != nil {
				return wake, err
			}
		}
	}
	wake = now.Add(subscribeNap)
	for _, sub := range d.subscribed.list() {
		if sub.State == copydesk.SubscriptionActive && sub.Until.After(now) && sub.Until.Before(wake) {
			wake = sub.Until
		}
		if sub.Next.After(now) {
			if sub.Next.Before(wake) {
				wake = sub.Next
			}
			continue
		}
		if host := fetcher.Host(sub.Hub); d.subscribed.take(host) {
			start(func() {
				defer d.subscribed.release(host)
				d.askHub(ctx, sub.Callback, offers[sub.Source])
			})
		}
	}
	return wake, nil
}

// align begins subscriptions that are offered, and ends those that are not any
// more.
func (d *Desk) align(ctx context.Context, offers map[copydesk.SourceID]websub.Offer, now time.Time) error {
	for _, sub := range d.subscribed.list() {
		var err error
		switch {
		case websub.Over(sub):
			err = d.editSubscription(ctx, sub.Callback, func(sub copydesk.Subscription) (copydesk.Subscription, bool) { return sub, false })
		case sub.State != copydesk.SubscriptionEnding && !offers[sub.Source].Fits(sub):
			err = d.editSubscription(ctx, sub.Callback, always(func(sub copydesk.Subscription) copydesk.Subscription { return websub.End(sub, now) }))
		}
		if err != nil {
			return err
		}
	}
	for id, o := range offers {
		if len(o.Hubs) == 0 || d.subscribed.of(id).Source != "" {
			continue
		}
		secret := rand.Text() + rand.Text()
		err := d.editSubscription(ctx, rand.Text(), func(sub copydesk.Subscription) (copydesk.Subscription, bool) {
			return websub.Begin(id, o, sub.Callback, secret, now), true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// askHub makes the request that is due, and notes what came of it. Where it
// cannot be noted it is left for the next look.
func (d *Desk) askHub(ctx context.Context, callback string, o websub.Offer) {
	err := d.editSubscription(ctx, callback, always(func(sub copydesk.Subscription) copydesk.Subscription { return websub.Asking(sub, o, time.Now()) }))
	sub, ok := d.subscribed.get(callback)
	if err != nil || !ok {
		if err != nil && ctx.Err() == nil {
			d.log.Error("subscription not noted", "err", err)
		}
		return
	}
	reply := d.client.Call(ctx, websub.Request(sub))
	if ctx.Err() != nil {
		return
	}
	now := time.Now()
	d.enter(ctx, sub.Source, fetcher.Called(reply, now))
	log := d.log.With("source", string(sub.Source), "hub", fetcher.Redact(sub.Hub))
	if reply.OK() {
		log.Debug("hub asked", "state", sub.State)
	} else {
		log.Warn("hub did not take a subscription", "reason", reply.Reason(now), "failures", sub.Failures+1)
	}
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	err = d.editSubscription(whole, callback, always(func(sub copydesk.Subscription) copydesk.Subscription { return websub.Replied(sub, o, reply, now) }))
	if err == nil && reply.Stop.Host != "" {
		err = d.keepStop(whole, sub.Source, reply.Stop)
	}
	if err != nil {
		log.Error("subscription not noted", "err", err)
	}
}

// keepStop keeps for the next process who wants to be left alone.
func (d *Desk) keepStop(ctx context.Context, id copydesk.SourceID, stop copydesk.HostStop) error {
	_, err := d.amend(ctx, id, func(src copydesk.Source) (db.Settlement, bool, error) {
		if !stop.Until.After(src.Stop.Until) { // there is room for one, and that one lasts longer
			return db.Settlement{}, false, nil
		}
		src.Stop = stop
		return db.Settlement{Source: src}, true, nil
	})
	return err
}

// settleTime bounds how long something that is written after the end began may
// hold up that end.
const settleTime = 15 * time.Second

// resume lets polls find what was pushed while nobody was here.
func (d *Desk) resume(ctx context.Context) error {
	sources, err := d.Sources(ctx)
	for _, src := range sources {
		if err := d.leanNoMore(ctx, src); err != nil {
			return err
		}
	}
	return err
}

// leanNoMore lets polls find the news of src again, if they left it to pushes.
func (d *Desk) leanNoMore(ctx context.Context, src copydesk.Source) error {
	if !src.Listed || !fetcher.Leans(src) {
		return nil
	}
	now := time.Now()
	policy, err := d.pricedPolicy(ctx, now)
	if err == nil {
		err = d.reschedule(ctx, src.ID, func(src copydesk.Source) copydesk.Source { return fetcher.Reschedule(src, policy, now) })
	}
	if err != nil {
		return fmt.Errorf("poll %s again: %w", src.Handle(), err)
	}
	return nil
}

// Subscription is part of [websub.Mailbox].
func (d *Desk) Subscription(callback string) (copydesk.Subscription, bool) {
	return d.subscribed.get(callback)
}

// Challenge is part of [websub.Mailbox].
func (d *Desk) Challenge(ctx context.Context, callback string, c websub.Challenge) (ok bool, err error) {
	sub, known := d.subscribed.get(callback)
	if !known {
		return false, nil
	}
	src, err := d.store.Source(ctx, sub.Source)
	if err != nil {
		return false, err
	}
	o, _ := d.offer(src)
	err = d.editSubscription(ctx, callback, func(sub copydesk.Subscription) (next copydesk.Subscription, keep bool) {
		if sub.Source == "" {
			ok = false
			return sub, false
		}
		next, ok, keep = c.Answer(sub, o, time.Now())
		return next, keep
	})
	if err != nil {
		d.log.Error("subscription not noted", "source", src.Handle(), "err", err)
		return false, err
	}
	if ok {
		d.log.Info("hub asked back", "source", src.Handle(), "hub", fetcher.Redact(sub.Hub), "mode", c.Mode)
	}
	return ok, nil
}

// webSubRow is what people are told of a source's subscription.
type webSubRow struct {
	Hub      string                     `json:"hub,omitempty"`
	Topic    string                     `json:"topic,omitempty"`
	State    copydesk.SubscriptionState `json:"state,omitempty"`
	Until    *time.Time                 `json:"until,omitempty"`
	LastPush *time.Time                 `json:"last_push,omitempty"`
	Trusted  bool                       `json:"trusted"` // polls leave the news to pushes
	Why      string                     `json:"why,omitempty"`
}

// webSubOf is nil for a source without a hub.
func (d *Desk) webSubOf(src copydesk.Source, now time.Time) *webSubRow {
	sub := d.subscribed.of(src.ID)
	if sub.Source == "" {
		if _, why := d.offer(src); why != "" {
			return &webSubRow{Why: why}
		}
		return nil
	}
	row := &webSubRow{
		Hub: fetcher.Redact(sub.Hub), Topic: fetcher.Redact(sub.Topic), State: sub.State, LastPush: maybe(sub.LastPush),
		Trusted: websub.Trusted(sub, now), Why: sub.Why,
	}
	if sub.State == copydesk.SubscriptionActive {
		row.Until = maybe(sub.Until)
		if sub.Misses > 0 && !row.Trusted {
			row.Why = "polls found what was not pushed, last at " + stampOr(&sub.Missed, "")
		}
	}
	return row
}

// says is the row as explain prints it.
func (r *webSubRow) says() string {
	if r.Hub == "" {
		return r.Why
	}
	text := r.Hub + ": " + string(r.State)
	if r.Until != nil {
		text += " until " + stampOr(r.Until, "")
	}
	if r.State == copydesk.SubscriptionActive {
		text += ", last push " + stampOr(r.LastPush, "never")
	}
	switch {
	case r.Trusted:
		text += "; pushes come, so polls are rare"
	case r.Why != "":
		text += "; " + r.Why
	}
	return text
}
