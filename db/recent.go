package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Recent is what is kept of a text for as long as others are compared with it:
// its features, as package story wrote them, and the story of its entry.
type Recent struct {
	Entry    copydesk.EntryID
	Revision int
	Story    copydesk.StoryID // zero if the entry has expired
	Features []byte
}

// Keep writes the features of a text, to be compared until then. Every text has
// a record of its own, so that whoever reads them back in order knows what those
// who wrote them knew.
func (g *Grouping) Keep(entry copydesk.EntryID, revision int, features []byte, until time.Time) error {
	n, err := g.tx.Bucket(bucketRecent).NextSequence()
	if err != nil {
		return fmt.Errorf("keep entry %s: %w", entry, err)
	}
	head := binary.BigEndian.AppendUint32(slices.Concat(entry[:], be64(uint64(until.UnixNano()))), uint32(revision))
	return set(g.tx, bucketRecent, be64(n), append(head, features...))
}

const recentHead = 16 + 8 + 4 // bytes before the features

// Recent returns what is kept of all recent texts, in the order in which they
// arrived.
func (db *DB) Recent(ctx context.Context) (all []Recent, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		return under(tx, bucketRecent, nil, func(_, value []byte) (bool, error) {
			r := Recent{
				Entry:    copydesk.EntryID(value[:16]),
				Revision: int(binary.BigEndian.Uint32(value[24:])),
				Features: bytes.Clone(value[recentHead:]),
			}
			if story := tx.Bucket(bucketMember).Get(r.Entry[:]); story != nil {
				r.Story = copydesk.StoryID(story)
			}
			all = append(all, r)
			return true, nil
		})
	})
	return all, err
}

// Forget removes what is kept only until now: of recent texts, the counts of
// stories that entered on days that are over, and pages of the ledger that are
// older than LedgerDays.
func (db *DB) Forget(ctx context.Context, now time.Time) error {
	return db.write(ctx, func(tx *bbolt.Tx) error {
		err := removeUnder(tx, bucketRecent, nil, func(_, value []byte) bool {
			return int64(binary.BigEndian.Uint64(value[16:])) < now.UnixNano()
		})
		return errors.Join(err, forgetEntered(tx, now.Unix()/(24*60*60)), forgetLedger(tx, copydesk.DayOf(now)-LedgerDays+1))
	})
}
