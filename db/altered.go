package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"copydesk"

	"go.etcd.io/bbolt"
)

// keptAltered is how many rows are kept of which stories were altered. Who has
// fallen behind further has more to gain from beginning anew.
const keptAltered = 20_000

// Altered returns stories that were altered after that sequence number, at
// most limit rows of them, each once: by their members, the texts of those, or
// the topics that carry them. Those that are gone are among them. last is where
// to go on, and known says that nothing has been forgotten in between: if not,
// begin anew from [DB.StoriesAfter], at [DB.LastAltered] as it was before that.
func (db *DB) Altered(ctx context.Context, after uint64, limit int) (stories []copydesk.StoryID, last uint64, known bool, err error) {
	last = after
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketAltered)
		first, _ := b.Cursor().First()
		known = after <= b.Sequence() && (first == nil || after+1 >= binary.BigEndian.Uint64(first))
		if !known {
			return nil
		}
		c := b.Cursor()
		rows := 0
		for k, v := c.Seek(be64(after + 1)); k != nil && rows < limit; k, v = c.Next() {
			last = binary.BigEndian.Uint64(k)
			rows++
			if id := copydesk.StoryID(v); !slices.Contains(stories, id) {
				stories = append(stories, id)
			}
		}
		return nil
	})
	return stories, last, known, err
}

// LastAltered is the sequence number of the newest alteration of a story, zero
// if there was none.
func (db *DB) LastAltered(ctx context.Context) (last uint64, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		last = tx.Bucket(bucketAltered).Sequence()
		return nil
	})
	return last, err
}

// StoriesAfter returns the ids of up to limit stories in the order of their
// ids, those behind that one; from the first one on if it is zero.
func (db *DB) StoriesAfter(ctx context.Context, after copydesk.StoryID, limit int) (ids []copydesk.StoryID, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketStory).Cursor()
		for k, _ := c.Seek(after[:]); k != nil && len(ids) < limit; k, _ = c.Next() {
			if id := copydesk.StoryID(k); id != after {
				ids = append(ids, id)
			}
		}
		return nil
	})
	return ids, err
}

// alterAll notes that the topics of all stories in topic are others now.
func (g *Grouping) alterAll(topic copydesk.TopicID) error {
	placed, err := g.Placed(topic)
	for _, story := range placed {
		g.altered[story] = true
	}
	return err
}

// noteAltered writes a row for each story that the transaction altered, and
// drops as many of the oldest as are too many.
func (g *Grouping) noteAltered() error {
	b := g.tx.Bucket(bucketAltered)
	all := make([]copydesk.StoryID, 0, len(g.altered))
	for id := range g.altered {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b copydesk.StoryID) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range all {
		sequence, err := b.NextSequence()
		if err != nil {
			return fmt.Errorf("note altered story: %w", err)
		}
		if err := set(g.tx, bucketAltered, be64(sequence), id[:]); err != nil {
			return err
		}
	}
	if b.Sequence() <= keptAltered {
		return nil
	}
	return removeWhile(g.tx, bucketAltered, func(key, _ []byte) (bool, error) {
		return binary.BigEndian.Uint64(key) <= b.Sequence()-keptAltered, nil
	})
}
