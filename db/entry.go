package db

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// entryRecord is an entry without its long texts, which are read far less
// often and lie in a bucket of their own.
type entryRecord struct {
	ID        copydesk.EntryID
	Source    copydesk.SourceID
	Serial    uint64
	GUID      string          `json:",omitempty"`
	Canonical string          `json:",omitempty"`
	Digest    copydesk.Digest `json:",omitzero"`
	Raw       copydesk.Digest `json:",omitzero"`
	Revision  int
	FirstSeen time.Time
	LackedAt  time.Time `json:",omitzero"`
	RevisedAt time.Time
	ShownAt   time.Time `json:",omitzero"`
	Title     string    `json:",omitempty"`
	Link      string    `json:",omitempty"`
	Published time.Time `json:",omitzero"`
	Updated   time.Time `json:",omitzero"`

	Keys []copydesk.Key // all that ever led to it, in the order in which they came
}

func record(e copydesk.Entry, serial uint64, keys []copydesk.Key) entryRecord {
	return entryRecord{
		ID: e.ID, Source: e.Source, Serial: serial, Keys: keys, GUID: e.GUID, Canonical: e.Canonical, Digest: e.Digest, Raw: e.Raw,
		Revision: e.Revision, FirstSeen: e.FirstSeen, LackedAt: e.LackedAt, RevisedAt: e.RevisedAt, ShownAt: e.ShownAt,
		Title: e.Title, Link: e.Link, Published: e.Published, Updated: e.Updated,
	}
}

// head is the entry as far as the record tells.
func (r entryRecord) head() copydesk.Entry {
	return copydesk.Entry{
		ID: r.ID, Source: r.Source, GUID: r.GUID, Canonical: r.Canonical, Digest: r.Digest, Raw: r.Raw,
		Revision: r.Revision, FirstSeen: r.FirstSeen, LackedAt: r.LackedAt, RevisedAt: r.RevisedAt, ShownAt: r.ShownAt,
		Text: copydesk.Text{Title: r.Title, Link: r.Link, Published: r.Published, Updated: r.Updated},
	}
}

func getRecord(tx *bbolt.Tx, id copydesk.EntryID) (r entryRecord, err error) {
	found, err := get(tx, bucketEntry, id[:], &r)
	if err == nil && !found {
		err = fmt.Errorf("entry %s: %w", id, ErrNotFound)
	}
	return r, err
}

// entry reads the whole entry.
func (db *DB) entry(tx *bbolt.Tx, id copydesk.EntryID) (copydesk.Entry, error) {
	r, err := getRecord(tx, id)
	if err != nil {
		return copydesk.Entry{}, err
	}
	rev, err := db.revision(tx, r, r.Revision)
	e := r.head()
	e.Text = rev.Text
	return e, err
}

func (db *DB) revision(tx *bbolt.Tx, r entryRecord, number int) (rev copydesk.Revision, err error) {
	packed := tx.Bucket(bucketText).Get(textKey(r.Serial, number))
	if packed == nil {
		return rev, fmt.Errorf("entry %s, revision %d: %w", r.ID, number, ErrNotFound)
	}
	text, err := db.decoder.DecodeAll(packed, nil)
	if err != nil {
		return rev, fmt.Errorf("unpack entry %s, revision %d: %w", r.ID, number, err)
	}
	if err := json.Unmarshal(text, &rev); err != nil {
		return rev, fmt.Errorf("read entry %s, revision %d: %w", r.ID, number, err)
	}
	return rev, nil
}

func (db *DB) putRevision(tx *bbolt.Tx, r entryRecord, rev copydesk.Revision) error {
	text, err := json.Marshal(rev)
	if err != nil {
		return fmt.Errorf("write entry %s: %w", r.ID, err)
	}
	b := tx.Bucket(bucketText)
	b.FillPercent = 0.95 // keys grow, so pages are filled once and left alone
	if err := b.Put(textKey(r.Serial, rev.Number), db.encoder.EncodeAll(text, nil)); err != nil {
		return fmt.Errorf("write entry %s: %w", r.ID, err)
	}
	return nil
}

// Entry returns the entry with its newest text, or an error that wraps
// ErrNotFound.
func (db *DB) Entry(ctx context.Context, id copydesk.EntryID) (e copydesk.Entry, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		e, err = db.entry(tx, id)
		return err
	})
	return e, err
}

// Entries yields all entries in the order of their ids, without their long
// texts. It holds a read transaction, so the loop should not dawdle.
func (db *DB) Entries(ctx context.Context) iter.Seq2[copydesk.Entry, error] {
	return func(yield func(copydesk.Entry, error) bool) {
		err := db.read(ctx, func(tx *bbolt.Tx) error {
			return under(tx, bucketEntry, nil, func(_, value []byte) (bool, error) {
				var r entryRecord
				if err := json.Unmarshal(value, &r); err != nil {
					return false, fmt.Errorf("read entry: %w", err)
				}
				return yield(r.head(), nil), ctx.Err()
			})
		})
		if err != nil {
			yield(copydesk.Entry{}, err)
		}
	}
}

// Revisions returns the texts of an entry, the first one first.
func (db *DB) Revisions(ctx context.Context, id copydesk.EntryID) (all []copydesk.Revision, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		r, err := getRecord(tx, id)
		if err != nil {
			return err
		}
		for n := 1; n <= r.Revision; n++ {
			rev, err := db.revision(tx, r, n)
			if err != nil {
				return err
			}
			all = append(all, rev)
		}
		return nil
	})
	return all, err
}

// AtAddress returns the entries whose canonical address that is, without their
// long texts, in the order of their ids.
func (db *DB) AtAddress(ctx context.Context, canonical string) (found []copydesk.Entry, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		found, err = atAddress(tx, canonical)
		return err
	})
	return found, err
}

func atAddress(tx *bbolt.Tx, canonical string) (found []copydesk.Entry, err error) {
	if canonical == "" {
		return nil, nil
	}
	prefix := addressPrefix(canonical)
	err = under(tx, bucketAddress, prefix, func(key, _ []byte) (bool, error) {
		r, err := getRecord(tx, copydesk.EntryID(key[len(prefix):]))
		if err == nil && r.Canonical == canonical {
			found = append(found, r.head())
		}
		return true, err
	})
	return found, err
}
