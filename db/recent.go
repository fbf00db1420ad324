package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Recent is what is kept of a text for as long as others are compared with it,
// as package alike wrote it, and the story of its entry.
type Recent struct {
	Sequence uint64 // in the order of their arrival, from 1
	Entry    copydesk.EntryID
	Story    copydesk.StoryID // zero if the entry has expired
	Record   []byte           // what is compared
	Said     []byte           // what is counted; nil if what was learned has it already, or nothing is counted
}

// Learned is what was learned from all texts up to one, as package alike wrote it.
type Learned struct {
	Through uint64 // sequence of the last text that is in it; 0 if nothing was learned
	Words   []byte
	Habits  []byte
}

// Keep writes what is compared and what is counted of a text that was first seen
// then, and returns its sequence. Every text has a record of its own, so that
// whoever reads them back in order knows what those who wrote them knew. Said may
// be nil.
func (g *Grouping) Keep(entry copydesk.EntryID, seen time.Time, record, said []byte) (sequence uint64, err error) {
	if sequence, err = g.tx.Bucket(bucketRecent).NextSequence(); err != nil {
		return 0, fmt.Errorf("keep entry %s: %w", entry, err)
	}
	for _, bucket := range [][]byte{bucketRecent, bucketSaid} {
		g.tx.Bucket(bucket).FillPercent = 0.95 // keys grow, so pages are filled once and left alone
	}
	if said != nil {
		if err := set(g.tx, bucketSaid, be64(sequence), said); err != nil {
			return 0, err
		}
	}
	return sequence, set(g.tx, bucketRecent, be64(sequence), slices.Concat(entry[:], be64(uint64(seen.UnixNano())), record))
}

const recentHead = 16 + 8 // bytes before the record

// Recent calls fn with all recent texts in the order in which they arrived. What
// it is given is valid only during the call.
func (db *DB) Recent(ctx context.Context, fn func(Recent) error) error {
	return db.read(ctx, func(tx *bbolt.Tx) error {
		said := tx.Bucket(bucketSaid).Cursor()
		next, words := said.First()
		return under(tx, bucketRecent, nil, func(key, value []byte) (bool, error) {
			r := Recent{Sequence: binary.BigEndian.Uint64(key), Entry: copydesk.EntryID(value[:16]), Record: value[recentHead:]}
			if story := tx.Bucket(bucketMember).Get(r.Entry[:]); story != nil {
				r.Story = copydesk.StoryID(story)
			}
			for next != nil && binary.BigEndian.Uint64(next) < r.Sequence {
				next, words = said.Next()
			}
			if next != nil && binary.BigEndian.Uint64(next) == r.Sequence {
				r.Said = words
			}
			return true, fn(r)
		})
	})
}

// Learned returns what was learned by the last time that it was kept; the zero
// value if it never was.
func (db *DB) Learned(ctx context.Context) (l Learned, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		l.Through = learnedThrough(tx)
		l.Words = slices.Clone(tx.Bucket(bucketLearned).Get(learnedWords))
		l.Habits = slices.Clone(tx.Bucket(bucketLearned).Get(learnedHabits))
		return nil
	})
	return l, err
}

func learnedThrough(tx *bbolt.Tx) uint64 {
	if value := tx.Bucket(bucketLearned).Get(learnedThroughKey); value != nil {
		return binary.BigEndian.Uint64(value)
	}
	return 0
}

// KeepLearned writes what was learned of all texts up to one, whose words need
// not be counted again.
func (db *DB) KeepLearned(ctx context.Context, l Learned) error {
	return db.write(ctx, func(tx *bbolt.Tx) error {
		err := errors.Join(
			set(tx, bucketLearned, learnedThroughKey, be64(l.Through)),
			set(tx, bucketLearned, learnedWords, l.Words),
			set(tx, bucketLearned, learnedHabits, l.Habits),
		)
		return errors.Join(err, removeWhile(tx, bucketSaid, func(sequence, _ []byte) (bool, error) {
			return binary.BigEndian.Uint64(sequence) <= l.Through, nil
		}))
	})
}

// Forget removes what is kept only for a while: recent texts that were first
// seen before a time, the counts of stories that entered on days that are over,
// and pages of the ledger and episodes that are older than LedgerDays. As in a
// window, a text that came after one that stays, stays with it; and so does one
// from which something is to be learned yet.
func (db *DB) Forget(ctx context.Context, now, seenBefore time.Time) error {
	return db.write(ctx, func(tx *bbolt.Tx) error {
		through := learnedThrough(tx)
		err := removeWhile(tx, bucketRecent, func(sequence, value []byte) (bool, error) {
			return binary.BigEndian.Uint64(sequence) <= through && int64(binary.BigEndian.Uint64(value[16:])) < seenBefore.UnixNano(), nil
		})
		oldest := copydesk.DayOf(now) - LedgerDays + 1
		return errors.Join(err, forgetEntered(tx, now.Unix()/(24*60*60)), forgetLedger(tx, oldest), forgetEpisodes(tx, oldest.Start()))
	})
}
