package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/fetcher"
	"copydesk/fetcher/websub"
	"copydesk/normalize"
)

// staleTries is how often a poll is judged again because its source changed
// under it, which only a reload or a command can do.
const staleTries = 3

// Settle reads what a poll brought and writes what was learned, all in one
// transaction. It is part of [fetcher.Desk]. What is wrong with the publisher
// becomes the source's outcome; an error is ours.
func (d *Desk) Settle(ctx context.Context, src *copydesk.Source, a fetcher.Answer) error {
	defer d.pulses.settle.begin()()
	leave, err := d.settling.enter(ctx)
	if err != nil {
		return fmt.Errorf("wait for other polls to be settled: %w", err)
	}
	defer leave()
	return d.settle(ctx, src, a)
}

// settle is Settle by one whose turn it is.
func (d *Desk) settle(ctx context.Context, asked *copydesk.Source, a fetcher.Answer) error {
	src := *asked
	for try := 1; ; try++ {
		s, err := d.inTurn(ctx, src, a)
		if err != nil {
			return err
		}
		if src.URL != asked.URL {
			s.Source = movedMeanwhile(s.Source)
		}
		err = d.store.Settle(ctx, s)
		if err == nil {
			d.debts.pay(src.ID)
			if added := d.settled(s, a); added > 0 {
				d.unpushed(ctx, src)
			}
			if !slices.Equal(src.Feed.Hubs, s.Source.Feed.Hubs) || src.Feed.Self != s.Source.Feed.Self {
				d.subscribed.ring()
			}
			if src, err = d.store.Source(ctx, src.ID); err == nil {
				*asked = src
			}
			return err
		}
		if !errors.Is(err, db.ErrStale) || try == staleTries {
			d.debts.owe(src.ID, a)
			return err
		}
		if src, err = d.store.Source(ctx, src.ID); err != nil {
			return err
		}
	}
}

// amend settles what change makes of a source as it stands in the store, unless
// change says that there is nothing to settle, and returns the source as it is
// then. Where the source changes meanwhile, change is asked again; db.ErrStale
// is left if that does not end.
func (d *Desk) amend(ctx context.Context, id copydesk.SourceID, change func(copydesk.Source) (db.Settlement, bool, error)) (copydesk.Source, error) {
	for try := 1; ; try++ {
		src, err := d.store.Source(ctx, id)
		if err != nil {
			return src, err
		}
		s, ok, err := change(src)
		if err != nil || !ok {
			return src, err
		}
		if err = d.store.Settle(ctx, s); err == nil {
			return s.Source, nil
		}
		if !errors.Is(err, db.ErrStale) || try == staleTries {
			return src, err
		}
	}
}

// movedMeanwhile is src after an answer from an address that it no longer has:
// the entries are its own, the validators belong to that other address.
func movedMeanwhile(src copydesk.Source) copydesk.Source {
	src.Validators, src.Elsewhere, src.Move = copydesk.Validators{}, copydesk.Elsewhere{}, copydesk.Move{}
	src.NextPoll, src.Rule = src.LastPoll.Add(time.Minute), "new address"
	return src
}

// inTurn is settlement, one of few at once.
func (d *Desk) inTurn(ctx context.Context, src copydesk.Source, a fetcher.Answer) (db.Settlement, error) {
	leave, err := d.reading.enter(ctx)
	if err != nil {
		return db.Settlement{}, fmt.Errorf("wait for other documents to be read: %w", err)
	}
	defer leave()
	return d.settlement(ctx, src, a)
}

// places bound how many do something at once. A sweep brings hundreds of
// documents at a time: each takes many times its size while it is read, and a
// few times until it is written.
type places chan struct{}

// unwritten is how many documents may have been read and not be written yet:
// enough for transactions that are worth their cost.
const unwritten = 8

// enter waits for a place; leave gives it back.
func (p places) enter(ctx context.Context) (leave func(), err error) {
	select {
	case p <- struct{}{}:
		return func() { <-p }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// settlement is what an answer changes: pure but for what it asks the store.
func (d *Desk) settlement(ctx context.Context, src copydesk.Source, a fetcher.Answer) (db.Settlement, error) {
	s, found, err := d.read(ctx, src, a)
	if err != nil {
		return s, err
	}
	owed, unsettled := d.debts.of(src)
	s.Line = fetcher.Line(src, s.Source, a, found, unsettled).And(owed)
	s.Episodes, err = d.diagnose(ctx, s.Source, s.Line)
	return s, err
}

// read is what an answer brings, and what was found in it.
func (d *Desk) read(ctx context.Context, src copydesk.Source, a fetcher.Answer) (s db.Settlement, found fetcher.Found, err error) {
	now := time.Now()
	outcome := fetcher.Judge(src, a, now)
	policy, err := d.pricedPolicy(ctx, now)
	if err != nil {
		return s, found, err
	}
	policy.Pushed = websub.Trusted(d.subscribed.of(src.ID), now)
	if outcome.Verdict != copydesk.Changed {
		if a.Status == http.StatusOK && outcome.Read() {
			src.Feed = discreet(fetcher.Advertised(src.Feed, a.Document), src.Settings) // the same bytes under another header
		}
		s.Source = fetcher.After(src, a, outcome, true, found, policy, now)
		return s, found, nil
	}
	feed, err := normalize.Parse(a.Document)
	if err != nil {
		outcome.Verdict, outcome.Reason = copydesk.Failed, err.Error()
		none, ok := errors.AsType[*normalize.NotAFeed](err)
		found.Page = ok && none.Page
		s.Source = fetcher.After(src, a, outcome, false, found, policy, now)
		return s, found, nil
	}
	memory, err := d.store.Memory(ctx, src.ID, normalize.Keys(src, feed))
	if err != nil {
		return s, found, fmt.Errorf("remember %s: %w", src.Handle(), err)
	}
	decision := normalize.Decide(src, feed, memory, now)
	habits, err := d.learn(ctx, src, decision.Changes)
	if err != nil {
		return s, found, fmt.Errorf("learn of %s: %w", src.Handle(), err)
	}
	src.Feed = discreet(fetcher.Advertised(feed.FeedInfo, a.Document), src.Settings)
	added, _ := tally(decision.Changes)
	policy.Pushed = policy.Pushed && added == 0
	if outcome.Partial = feed.Partial; feed.Partial {
		outcome.Reason = fmt.Sprintf("%s, but only a part could be read, %d entries: %s", outcome.Reason, len(feed.Entries), cmp.Or(feed.Warnings...))
	}
	found = foundIn(feed, decision.Changes, now)
	next := fetcher.After(src, a, outcome, !feed.Partial, found, policy, now)
	if len(decision.Changes) > 0 {
		next.LastChange = now
	}
	for _, warning := range feed.Warnings {
		d.log.Debug("document repaired", "source", src.Handle(), "repair", warning)
	}
	return db.Settlement{Source: next, Changes: decision.Changes, Shared: decision.Shared, Habits: habits}, found, nil
}

// foundIn is how much of a document was new.
func foundIn(feed copydesk.Feed, changes []copydesk.Change, now time.Time) fetcher.Found {
	found := fetcher.Found{Listed: len(feed.Entries), Undated: feed.Undated}
	for _, e := range feed.Entries {
		if !e.Published.IsZero() && !fetcher.Possible(e.Published, now) {
			found.Undated++
		}
	}
	for _, c := range changes {
		if c.Kind == copydesk.Added {
			found.New = append(found.New, c.Entry.Published)
		}
	}
	found.Known = max(found.Listed-len(found.New), 0)
	return found
}

func (d *Desk) policy() fetcher.Policy { return d.now.Load().policy }

// priceHolds is how long a price is good for.
const priceHolds = 15 * time.Minute

// price is what [fetcher.Price] said last.
type price struct {
	mu    sync.Mutex // held while the sources are read, so that only one poll does
	value time.Duration
	until time.Time
}

// pricedPolicy is the policy with the price of a request at the moment.
func (d *Desk) pricedPolicy(ctx context.Context, now time.Time) (fetcher.Policy, error) {
	p, c := d.policy(), &d.price
	c.mu.Lock()
	defer c.mu.Unlock()
	if !now.Before(c.until) || c.until.Sub(now) > priceHolds {
		sources, err := d.Sources(ctx)
		if err != nil {
			return p, fmt.Errorf("price requests: %w", err)
		}
		c.value, c.until = fetcher.Price(sources, p, now), now.Add(priceHolds)
	}
	p.Price = c.value
	return p, nil
}

// settled tells the rest of the daemon, and the log, what a poll came to.
// It returns how many entries are new.
func (d *Desk) settled(s db.Settlement, a fetcher.Answer) (added int) {
	d.dues.set(s.Source)
	d.counters.add(s.Line)
	added, revised := tally(s.Changes)
	log := d.log.With("source", s.Source.Handle(), "took", a.Took, "next", s.Source.NextPoll, "rule", s.Source.Rule)
	switch o := s.Source.Outcome; {
	case o.Verdict == copydesk.Failed && s.Source.Failures > 1: // said before
		log.Debug("poll failed again", "reason", o.Reason, "failures", s.Source.Failures)
	case !o.OK():
		log.Warn("poll failed", "verdict", o.Verdict, "reason", o.Reason, "failures", s.Source.Failures)
	case added+revised > 0:
		log.Info("poll brought changes", "added", added, "revised", revised)
	default:
		log.Debug("poll brought nothing new", "verdict", o.Verdict)
	}
	d.logEpisodes(s.Source, s.Episodes)
	if added+revised > 0 {
		d.inbox.ring()
	}
	return added
}
