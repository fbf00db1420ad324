package desk

import (
	"context"
	"fmt"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/story/alike"
)

// recent is what new entries are compared with: the entries of the last days,
// and how rare words are.
type recent struct {
	*alike.Window
	rarity *alike.Rarity
	last   uint64 // sequence of the newest text
	fresh  int    // texts since what was learned was last kept
}

// How many texts come between two times at which what was learned of all is
// kept: it can be some megabytes, and the words of so many texts are soon counted
// again.
const (
	learnedAfter  = 8192
	learnedBefore = 1024 // old texts are forgotten, which wait for it
)

// take lets an entry in, as it arrived: what came before it has weighed it.
func (r *recent) take(f alike.Features, first bool) {
	r.Add(f)
	if first { // a revision says its words again
		r.rarity.Observe(f)
	}
}

// recall reads the recent entries from the store, if they are not in memory,
// and forgets those that are recent no longer. The caller holds grouping.
func (d *Desk) recall(ctx context.Context) error {
	reach := d.now.Load().reach
	if d.recent == nil {
		began := time.Now()
		r, err := d.recalled(ctx, reach)
		if err != nil {
			return fmt.Errorf("recall: %w", err)
		}
		d.recent = r
		d.log.Debug("recent entries recalled", "entries", r.Len(), "took", time.Since(began))
	}
	d.recent.SetReach(reach)
	d.recent.Expire(time.Now())
	return nil
}

// recalled is what the process knew that wrote the store: what was learned when
// that was last kept, and every text since as it was then.
func (d *Desk) recalled(ctx context.Context, reach alike.Reach) (*recent, error) {
	learned, err := d.store.Learned(ctx)
	if err != nil {
		return nil, err
	}
	rarity := alike.NewRarity()
	r := &recent{Window: alike.NewWindow(rarity, reach), rarity: rarity, last: learned.Through}
	if learned.Through > 0 {
		if err := rarity.UnmarshalBinary(learned.Words); err != nil {
			d.log.Warn("words counted anew", "err", err)
		}
		if err := r.UnmarshalHabits(learned.Habits); err != nil {
			d.log.Warn("habits learned anew", "err", err)
		}
	}
	err = d.store.Recent(ctx, func(kept db.Recent) error {
		r.last = kept.Sequence
		since := kept.Sequence > learned.Through
		if since {
			r.fresh++
		}
		if err := r.Restore(kept.Record, since); err != nil {
			d.log.Warn("entry not compared any more", "entry", kept.Entry, "err", err)
		} else if kept.Story != (copydesk.StoryID{}) {
			r.Place(kept.Entry, kept.Story)
		}
		if kept.Said != nil {
			if err := rarity.Count(kept.Said); err != nil {
				d.log.Warn("words not counted", "entry", kept.Entry, "err", err)
			}
		}
		return nil
	})
	return r, err
}

// remember keeps an entry to be compared with later ones, in memory and in the
// transaction that groups it.
//
// First says that it was in no story before. The number of its revision does not
// tell: an entry may have been revised while it waited in the inbox, and then
// comes as it is by now, twice.
func (d *Desk) remember(g *db.Grouping, v copydesk.Voice, f alike.Features, s copydesk.Story, first bool) (err error) {
	d.recent.take(f, first)
	for _, m := range s.Members {
		d.recent.Place(m.Entry, s.ID)
	}
	var said []byte
	if first {
		said = f.Said()
	}
	d.recent.last, err = g.Keep(v.Entry.ID, v.Entry.FirstSeen, d.recent.Record(), said)
	d.recent.fresh++
	return err
}

// keepLearned keeps what was learned of all texts, once there are enough since
// it was last kept. The caller holds grouping, and no transaction is open.
func (d *Desk) keepLearned(ctx context.Context, enough int) error {
	if d.recent.fresh < enough {
		return nil
	}
	words, err := d.recent.rarity.MarshalBinary()
	if err != nil {
		return fmt.Errorf("keep word counts: %w", err)
	}
	l := db.Learned{Through: d.recent.last, Words: words, Habits: d.recent.MarshalHabits()}
	if err := d.store.KeepLearned(ctx, l); err != nil {
		return fmt.Errorf("keep word counts: %w", err)
	}
	d.recent.fresh = 0
	return nil
}

// forget removes from the store what is no longer compared. The caller holds
// grouping.
func (d *Desk) forget(ctx context.Context, now time.Time) error {
	if err := d.recall(ctx); err != nil {
		return err
	}
	if err := d.keepLearned(ctx, learnedBefore); err != nil {
		return err
	}
	return d.store.Forget(ctx, now, now.Add(-d.now.Load().reach.Copies))
}
