package db

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Settlement is all that one poll changes.
type Settlement struct {
	// Source is the source's new state. Its Version is the one that the poll
	// was based on; if the stored source has moved on, the settlement is
	// refused with ErrStale and nothing is written.
	Source  copydesk.Source
	Changes []copydesk.Change // in the order in which topics shall show them
	Shared  []copydesk.Key    // keys that turned out to name no single entry
	Habits  copydesk.Habits   // what is known of the source by now; zero leaves what was known
	Line    copydesk.Ledger   // what the poll adds to the ledger

	// Episodes are those of the source that began or changed.
	Episodes []copydesk.Episode
}

// Memory returns what the store knows of keys of a source.
func (db *DB) Memory(ctx context.Context, source copydesk.SourceID, keys []copydesk.Key) (m copydesk.Memory, err error) {
	m = copydesk.Memory{Holders: map[copydesk.Key]copydesk.Holder{}, Entries: map[copydesk.EntryID]copydesk.Entry{}}
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		for _, key := range keys {
			value := tx.Bucket(bucketKey).Get(keyKey(source, key))
			if value == nil {
				continue
			}
			h := readHolder(value)
			m.Holders[key] = h
			if _, known := m.Entries[h.Entry]; known || h.Expired || h.Entry == (copydesk.EntryID{}) {
				continue
			}
			e, err := db.entry(tx, h.Entry)
			if err != nil {
				return err
			}
			m.Entries[h.Entry] = e
		}
		return nil
	})
	return m, err
}

func readHolder(value []byte) copydesk.Holder {
	flag := value[16]
	return copydesk.Holder{Entry: copydesk.EntryID(value[:16]), Expired: flag == holderExpired, Shared: flag == holderShared}
}

func holderValue(entry copydesk.EntryID, flag byte) []byte {
	return append(entry[:len(entry):len(entry)], flag)
}

// Settle writes what a poll came to: its entries and revisions, a row in the
// inbox for each, and the source's new state, all or nothing.
func (db *DB) Settle(ctx context.Context, s Settlement) error {
	err := db.write(ctx, func(tx *bbolt.Tx) error {
		old, err := source(tx, s.Source.ID)
		if err != nil {
			return err
		}
		if old.Version != s.Source.Version {
			return ErrStale
		}
		for _, c := range s.Changes {
			if err := db.settleChange(tx, s.Source.ID, c); err != nil {
				return err
			}
		}
		for _, key := range s.Shared {
			if err := share(tx, keyKey(s.Source.ID, key)); err != nil {
				return err
			}
		}
		if err := putHabits(tx, s.Source.ID, s.Habits); err != nil {
			return err
		}
		if err := enter(tx, s.Source.ID, s.Line); err != nil {
			return err
		}
		for _, e := range s.Episodes {
			if err := put(tx, bucketEpisode, episodeKey(s.Source.ID, e.ID), e); err != nil {
				return err
			}
		}
		return putSource(tx, s.Source)
	})
	if err != nil {
		return fmt.Errorf("settle %s: %w", s.Source.Handle(), err)
	}
	return nil
}

func (db *DB) settleChange(tx *bbolt.Tx, source copydesk.SourceID, c copydesk.Change) error {
	for _, key := range c.Keys {
		if err := set(tx, bucketKey, keyKey(source, key), holderValue(c.Entry.ID, holderOpen)); err != nil {
			return err
		}
	}
	switch c.Kind {
	case copydesk.Added:
		return db.add(tx, c)
	case copydesk.Revised:
		return db.revise(tx, c)
	case copydesk.Aliased:
		return alias(tx, c)
	}
	return fmt.Errorf("entry %s: unknown change %q", c.Entry.ID, c.Kind)
}

func (db *DB) add(tx *bbolt.Tx, c copydesk.Change) error {
	if tx.Bucket(bucketEntry).Get(c.Entry.ID[:]) != nil {
		return fmt.Errorf("entry %s: added, but it is there already", c.Entry.ID)
	}
	serial, err := tx.Bucket(bucketText).NextSequence()
	if err != nil {
		return fmt.Errorf("add entry %s: %w", c.Entry.ID, err)
	}
	r := record(c.Entry, serial, c.Keys)
	if err := set(tx, bucketSeen, seenKey(r), nil); err != nil {
		return err
	}
	return db.putEntry(tx, r, entryRecord{}, c)
}

func (db *DB) revise(tx *bbolt.Tx, c copydesk.Change) error {
	old, err := getRecord(tx, c.Entry.ID)
	if err != nil {
		return err
	}
	if c.Entry.Revision != old.Revision+1 {
		return fmt.Errorf("entry %s: revision %d after %d", c.Entry.ID, c.Entry.Revision, old.Revision)
	}
	return db.putEntry(tx, record(c.Entry, old.Serial, joinKeys(old.Keys, c.Keys)), old, c)
}

func alias(tx *bbolt.Tx, c copydesk.Change) error {
	r, err := getRecord(tx, c.Entry.ID)
	if err != nil {
		return err
	}
	r.Keys = joinKeys(r.Keys, c.Keys)
	return put(tx, bucketEntry, r.ID[:], r)
}

func joinKeys(old, more []copydesk.Key) []copydesk.Key {
	all := slices.Clone(old)
	for _, key := range more {
		if !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	return all
}

func (db *DB) putEntry(tx *bbolt.Tx, r, old entryRecord, c copydesk.Change) error {
	if old.Canonical != "" && old.Canonical != r.Canonical {
		if err := remove(tx, bucketAddress, addressKey(old.Canonical, r.ID)); err != nil {
			return err
		}
	}
	if r.Canonical != "" {
		if err := set(tx, bucketAddress, addressKey(r.Canonical, r.ID), nil); err != nil {
			return err
		}
	}
	if err := put(tx, bucketEntry, r.ID[:], r); err != nil {
		return err
	}
	rev := copydesk.Revision{Number: r.Revision, SeenAt: r.RevisedAt, Reason: c.Reason, Text: c.Entry.Text}
	if err := db.putRevision(tx, r, rev); err != nil {
		return err
	}
	sequence, err := tx.Bucket(bucketInbox).NextSequence()
	if err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	return set(tx, bucketInbox, be64(sequence), inboxValue(r.ID, r.Revision))
}

// share marks a key as naming no single entry. Whoever held it stays beside
// the mark: that entry is found again by its address.
func share(tx *bbolt.Tx, key []byte) error {
	var entry copydesk.EntryID
	if old := tx.Bucket(bucketKey).Get(key); old != nil {
		entry = copydesk.EntryID(old[:16])
	}
	return set(tx, bucketKey, key, holderValue(entry, holderShared))
}

// inboxRow is an entry that waits to be grouped.
type inboxRow struct {
	sequence uint64
	entry    copydesk.EntryID
	revision int
}

func readInboxRow(key, value []byte) inboxRow {
	return inboxRow{
		sequence: binary.BigEndian.Uint64(key),
		entry:    copydesk.EntryID(value[:16]),
		revision: int(binary.BigEndian.Uint32(value[16:])),
	}
}

// Waiting returns how many entries and revisions wait in the inbox.
func (db *DB) Waiting(ctx context.Context) (n int, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		n = tx.Bucket(bucketInbox).Stats().KeyN
		return nil
	})
	return n, err
}
