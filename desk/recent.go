package desk

import (
	"context"
	"fmt"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/story"
)

// recent is what new entries are compared with: the entries of the last days,
// and how rare words are in them.
type recent struct {
	*story.Window
	rarity *story.Rarity
}

func newRecent(reach story.Reach) *recent {
	rarity := story.NewRarity()
	return &recent{Window: story.NewWindow(rarity, reach), rarity: rarity}
}

// take lets an entry in, as it arrived: what came before it has weighed it.
func (r *recent) take(f story.Features, first bool) {
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
		all, err := d.store.Recent(ctx)
		if err != nil {
			return fmt.Errorf("recall: %w", err)
		}
		d.recent = newRecent(reach)
		for _, kept := range all {
			var f story.Features
			if err := f.UnmarshalBinary(kept.Features); err != nil {
				d.log.Warn("entry not compared any more", "entry", kept.Entry, "err", err)
				continue
			}
			d.recent.take(f, kept.Revision == 1)
			if kept.Story != (copydesk.StoryID{}) {
				d.recent.Place(kept.Entry, kept.Story)
			}
		}
		d.log.Debug("recent entries recalled", "entries", len(all), "took", time.Since(began))
	}
	d.recent.SetReach(reach)
	d.recent.Expire(time.Now())
	return nil
}

// remember keeps an entry to be compared with later ones, in memory and in the
// transaction that groups it.
func (d *Desk) remember(g *db.Grouping, v copydesk.Voice, f story.Features, s copydesk.Story) error {
	d.recent.take(f, v.Entry.Revision == 1)
	for _, m := range s.Members {
		d.recent.Place(m.Entry, s.ID)
	}
	record, err := f.MarshalBinary()
	if err != nil {
		return fmt.Errorf("keep entry %s: %w", v.Entry.ID, err)
	}
	return g.Keep(v.Entry.ID, v.Entry.Revision, record, v.Entry.FirstSeen.Add(d.now.Load().reach.Copies))
}
