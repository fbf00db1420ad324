package db

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Look calls fn with the store as it now is, while others go on writing. What
// fn writes to g fails.
func (db *DB) Look(ctx context.Context, now time.Time, fn func(g *Grouping) error) error {
	return db.read(ctx, func(tx *bbolt.Tx) error {
		return fn(db.newGrouping(tx, now))
	})
}

// Regroup calls fn to change what was grouped before: what fn writes is one
// transaction. It returns which topics look different now. If fn or the
// transaction fails, what fn changed beside g no longer fits the store.
func (db *DB) Regroup(ctx context.Context, now time.Time, fn func(g *Grouping) error) ([]copydesk.TopicID, error) {
	return db.grouping(ctx, now, fn)
}

// Arrival is when an entry was first seen.
type Arrival struct {
	Entry  copydesk.EntryID
	Seen   time.Time
	serial uint64
}

// Since returns the entries that were first seen at from or later, those of one
// document in its order.
func (g *Grouping) Since(from time.Time) (all []Arrival, err error) {
	c := g.tx.Bucket(bucketSeen).Cursor()
	if epoch := time.Unix(0, 0); from.Before(epoch) {
		from = epoch
	}
	for k, _ := c.Seek(be64(uint64(from.UnixNano()))); k != nil; k, _ = c.Next() {
		r, err := getRecord(g.tx, copydesk.EntryID(k[8:]))
		if err != nil {
			return nil, err
		}
		all = append(all, Arrival{Entry: r.ID, Seen: time.Unix(0, int64(binary.BigEndian.Uint64(k))).UTC(), serial: r.Serial})
	}
	slices.SortFunc(all, func(a, b Arrival) int {
		return cmp.Or(a.Seen.Compare(b.Seen), cmp.Compare(a.serial, b.serial))
	})
	return all, nil
}

// Story returns a story that is there, or an error that wraps ErrNotFound.
func (g *Grouping) Story(id copydesk.StoryID) (s copydesk.Story, err error) {
	found, err := get(g.tx, bucketStory, id[:], &s)
	if err == nil && !found {
		err = notFound(id)
	}
	return s, err
}
