package db

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Recent is what is kept of an entry for as long as others are compared with
// it: its features, as package story wrote them, and its story.
type Recent struct {
	Entry    copydesk.EntryID
	Story    copydesk.StoryID
	Features []byte
	arrival  uint64
}

// Keep writes the features of an entry, in place of those it had, to be
// compared until then.
func (g *Grouping) Keep(entry copydesk.EntryID, features []byte, until time.Time) error {
	var arrival []byte
	if old := g.tx.Bucket(bucketRecent).Get(entry[:]); old != nil {
		arrival = bytes.Clone(old[:8])
	} else {
		n, err := g.tx.Bucket(bucketRecent).NextSequence()
		if err != nil {
			return fmt.Errorf("keep entry %s: %w", entry, err)
		}
		arrival = be64(n)
	}
	return set(g.tx, bucketRecent, entry[:], slices.Concat(arrival, be64(uint64(until.UnixNano())), features))
}

// Recent returns what is kept of all recent entries, in the order in which they
// arrived.
func (db *DB) Recent(ctx context.Context) (all []Recent, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		return under(tx, bucketRecent, nil, func(key, value []byte) (bool, error) {
			r := Recent{Entry: copydesk.EntryID(key), Features: bytes.Clone(value[16:]), arrival: binary.BigEndian.Uint64(value)}
			if story := tx.Bucket(bucketMember).Get(key); story != nil {
				r.Story = copydesk.StoryID(story)
			}
			all = append(all, r)
			return true, nil
		})
	})
	slices.SortFunc(all, func(a, b Recent) int { return cmp.Compare(a.arrival, b.arrival) })
	return all, err
}

// Forget removes what is kept of entries only until now.
func (db *DB) Forget(ctx context.Context, now time.Time) error {
	return db.write(ctx, func(tx *bbolt.Tx) error {
		var old [][]byte
		err := under(tx, bucketRecent, nil, func(key, value []byte) (bool, error) {
			if int64(binary.BigEndian.Uint64(value[8:])) < now.UnixNano() {
				old = append(old, bytes.Clone(key))
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		for _, key := range old {
			if err := remove(tx, bucketRecent, key); err != nil {
				return err
			}
		}
		return nil
	})
}
