package desk

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/fetcher"
	"copydesk/fetcher/websub"
	"copydesk/normalize"
)

// push is a document that a hub brought, and that was signed as agreed.
type push struct {
	sub copydesk.Subscription
	doc copydesk.Document
}

// pushes wait to be settled. Hubs are answered at once; what does not fit in
// they bring again.
type pushes struct {
	waiting chan push
	bytes   atomic.Int64
}

const (
	maxPushes    = 64
	maxPushBytes = 64 << 20
)

func newPushes() *pushes { return &pushes{waiting: make(chan push, maxPushes)} }

// Post is part of [websub.Mailbox].
func (d *Desk) Post(sub copydesk.Subscription, doc copydesk.Document) bool {
	size := int64(len(doc.Body))
	if d.pushes.bytes.Add(size) <= maxPushBytes {
		select {
		case d.pushes.waiting <- push{sub, doc}:
			return true
		default:
		}
	}
	d.pushes.bytes.Add(-size)
	return false
}

// pushLoop settles what was pushed, one after the other, and at the end what is
// left.
func (d *Desk) pushLoop(ctx context.Context) error {
	for {
		select {
		case p := <-d.pushes.waiting:
			d.takePush(ctx, p)
			continue
		default:
		}
		select {
		case p := <-d.pushes.waiting:
			d.takePush(ctx, p)
		case <-ctx.Done():
			return nil
		}
	}
}

func (d *Desk) takePush(ctx context.Context, p push) {
	defer d.pushes.bytes.Add(-int64(len(p.doc.Body)))
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if err := d.settlePush(whole, p); err != nil { // a poll will find what it was
		d.log.Error("push not settled", "source", string(p.sub.Source), "err", err)
	}
}

// settlePush reads what was pushed and writes what was learned, as [Desk.Settle]
// does of a poll.
func (d *Desk) settlePush(ctx context.Context, p push) error {
	var s pushed
	src, err := d.amend(ctx, p.sub.Source, func(src copydesk.Source) (_ db.Settlement, ok bool, err error) {
		if src.Listed {
			s, err = d.pushSettlement(ctx, src, p)
		}
		return s.Settlement, src.Listed, err
	})
	if err != nil || !src.Listed {
		return err
	}
	return d.pushSettled(ctx, p, s)
}

// pushed is a settlement with what the push was worth.
type pushed struct {
	db.Settlement
	added, revised int
	trouble        string // why it was not read to its end; a poll is to look
}

// pushSettlement is what a push changes: entries, and when the next poll is.
// The validators stay those of what polls have read. What is pushed may be a
// part of the document, so nothing is concluded from what it does not list.
func (d *Desk) pushSettlement(ctx context.Context, src copydesk.Source, p push) (s pushed, err error) {
	now := time.Now()
	policy, err := d.pricedPolicy(ctx, now)
	if err != nil {
		return s, err
	}
	p.doc.URL = src.URL
	if at := src.Feed.ReadAt; at != "" {
		p.doc.URL = at // against which polls resolve addresses
	}
	feed, trouble := d.readPush(src, p.doc, now)
	decision := normalize.Decision{}
	if len(feed.Entries) > 0 {
		memory, err := d.store.Memory(ctx, src.ID, normalize.Keys(src, feed))
		if err != nil {
			return s, fmt.Errorf("remember %s: %w", src.Handle(), err)
		}
		decision = normalize.DecidePart(src, feed, memory, now)
	}
	if decision.Unsure > 0 && trouble == "" {
		trouble = "an entry in it may be one that is known"
	}
	habits, err := d.learn(ctx, src, decision.Changes)
	if err != nil {
		return s, fmt.Errorf("learn of %s: %w", src.Handle(), err)
	}
	s = pushed{trouble: trouble}
	s.added, s.revised = tally(decision.Changes)
	found := foundIn(feed, decision.Changes, now)
	next := fetcher.Learned(src, found, policy, now)
	if len(decision.Changes) > 0 {
		next.LastChange = now
	}
	sub := websub.Pushed(d.subscribed.of(src.ID), s.added > 0, now)
	if policy.Pushed = websub.Trusted(sub, now); policy.Pushed {
		next = fetcher.Reschedule(next, policy, now)
	}
	if trouble != "" {
		next = fetcher.AskSoon(next, policy, now)
	}
	s.Settlement = db.Settlement{Source: next, Changes: decision.Changes, Shared: decision.Shared, Habits: habits, Line: fetcher.PushLine(found, now)}
	return s, nil
}

// readPush parses what was pushed; trouble says why not all of it is there. The
// very bytes that a poll brought have nothing in them.
func (d *Desk) readPush(src copydesk.Source, doc copydesk.Document, now time.Time) (feed copydesk.Feed, trouble string) {
	outcome := fetcher.Judge(src, fetcher.Answer{Status: http.StatusOK, Document: doc}, now)
	switch outcome.Verdict {
	case copydesk.Unchanged:
		return feed, ""
	case copydesk.Changed:
	default:
		return feed, outcome.Reason
	}
	feed, err := normalize.Parse(doc)
	if err != nil {
		return feed, err.Error()
	}
	if feed.Partial {
		trouble = "only a part could be read"
	}
	return feed, trouble
}

// pushSettled tells the rest of the daemon, and the log, what was pushed.
func (d *Desk) pushSettled(ctx context.Context, p push, s pushed) error {
	log := d.log.With("source", s.Source.Handle(), "next", s.Source.NextPoll, "rule", s.Source.Rule)
	switch {
	case s.trouble != "":
		log.Warn("push to be looked at", "reason", s.trouble, "added", s.added, "revised", s.revised)
	case s.added+s.revised > 0:
		log.Info("push brought changes", "added", s.added, "revised", s.revised)
	default:
		log.Debug("push brought nothing new")
	}
	if s.added+s.revised > 0 {
		d.inbox.ring()
	}
	d.counters.add(s.Line)
	d.dues.set(s.Source)
	d.poller.Update(s.Source)
	return d.editSubscription(ctx, p.sub.Callback, always(func(sub copydesk.Subscription) copydesk.Subscription {
		if s.trouble != "" && s.added == 0 {
			return sub // signed, and worth nothing
		}
		return websub.Pushed(sub, s.added > 0, time.Now())
	}))
}

// reschedule changes when a source is polled next.
func (d *Desk) reschedule(ctx context.Context, id copydesk.SourceID, change func(copydesk.Source) copydesk.Source) error {
	src, err := d.amend(ctx, id, func(src copydesk.Source) (db.Settlement, bool, error) {
		return db.Settlement{Source: change(src)}, true, nil
	})
	if err != nil {
		return err
	}
	d.dues.set(src)
	d.poller.Update(src)
	return nil
}

// unpushed notes that a poll found entries which no hub had pushed. Before is
// the source as it was before the poll.
func (d *Desk) unpushed(ctx context.Context, before copydesk.Source) {
	sub := d.subscribed.of(before.ID)
	now := time.Now()
	if sub.Source == "" || websub.Polled(sub, before.LastRead, d.up, now) == sub {
		return
	}
	err := d.editSubscription(ctx, sub.Callback, always(func(sub copydesk.Subscription) copydesk.Subscription {
		return websub.Polled(sub, before.LastRead, d.up, now)
	}))
	if err != nil {
		d.log.Error("subscription not noted", "source", before.Handle(), "err", err)
	}
}

// tally counts what is new and what is revised.
func tally(changes []copydesk.Change) (added, revised int) {
	for _, c := range changes {
		switch c.Kind {
		case copydesk.Added:
			added++
		case copydesk.Revised:
			revised++
		}
	}
	return added, revised
}
