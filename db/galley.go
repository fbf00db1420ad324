package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"copydesk"

	"go.etcd.io/bbolt"
)

// What package publish sets in type of closed archives is kept with them. What
// changes an archive marks it; it is served as it was until it has been set anew.

// mark says that a closed archive is to be set anew.
func mark(tx *bbolt.Tx, topic copydesk.TopicID, number int) error {
	sequence, err := tx.Bucket(bucketStale).NextSequence()
	if err != nil {
		return fmt.Errorf("mark archive %d of %s: %w", number, topic, err)
	}
	return set(tx, bucketStale, archiveKey(topic, number), be64(sequence))
}

// markAll says that all closed archives of topic are to be set anew.
func markAll(tx *bbolt.Tx, topic copydesk.TopicID) error {
	var numbers []int
	err := under(tx, bucketGalley, topicPrefix(topic), func(key, _ []byte) (bool, error) {
		numbers = append(numbers, int(binary.BigEndian.Uint64(key[len(key)-8:])))
		return true, nil
	})
	for _, n := range numbers {
		if err := mark(tx, topic, n); err != nil {
			return err
		}
	}
	return err
}

func markEverywhere(tx *bbolt.Tx) error {
	all, err := topics(tx)
	for _, t := range all {
		if err := markAll(tx, t.ID); err != nil {
			return err
		}
	}
	return err
}

// SetAnew marks all closed archives to be set anew, if version is another one
// than when it was last called: that of how package publish sets them.
func (db *DB) SetAnew(ctx context.Context, version string) error {
	return db.write(ctx, func(tx *bbolt.Tx) error {
		if string(tx.Bucket(bucketMeta).Get(metaGalleys)) == version {
			return nil
		}
		if err := markEverywhere(tx); err != nil {
			return err
		}
		return set(tx, bucketMeta, metaGalleys, []byte(version))
	})
}

// Stale is a closed archive that is to be set.
type Stale struct {
	Archive
	mark []byte
}

// Stale returns up to limit closed archives of topic that are to be set, the
// newest first.
func (db *DB) Stale(ctx context.Context, topic copydesk.TopicID, limit int) (all []Stale, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		return downward(tx, bucketStale, topicPrefix(topic), ^uint64(0), func(number uint64, value []byte) (bool, error) {
			s := Stale{mark: bytes.Clone(value)}
			found, err := get(tx, bucketArchive, archiveKey(topic, int(number)), &s.Archive)
			if err == nil && found {
				all = append(all, s)
			}
			return len(all) < limit, err
		})
	})
	return all, err
}

// PutGalleys keeps what was set of a closed archive, and how many publishers
// carry a story of it at most. If the archive has changed since s was read, it
// stays to be set.
func (db *DB) PutGalleys(ctx context.Context, topic copydesk.TopicID, s Stale, galleys []byte, publishers int) error {
	return db.write(ctx, func(tx *bbolt.Tx) error {
		key := archiveKey(topic, s.Number)
		value := tx.Bucket(bucketStale).Get(key)
		if value == nil {
			return nil // retention has dropped it
		}
		var a Archive
		if _, err := get(tx, bucketArchive, key, &a); err != nil {
			return err
		}
		a.Publishers = publishers
		if err := putArchive(tx, topic, a); err != nil {
			return err
		}
		if err := set(tx, bucketGalley, key, db.encoder.EncodeAll(galleys, nil)); err != nil {
			return err
		}
		if !bytes.Equal(value, s.mark) {
			return nil
		}
		return remove(tx, bucketStale, key)
	})
}

// Galleys returns a closed archive and what was set of it; nothing if it is
// still to be set. It wraps [ErrNotFound] for an archive that is not closed
// yet, and [ErrGone] for one that retention has dropped.
func (db *DB) Galleys(ctx context.Context, topic copydesk.TopicID, number int) (a Archive, galleys []byte, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		key := archiveKey(topic, number)
		found, err := get(tx, bucketArchive, key, &a)
		if err != nil {
			return err
		}
		last, _, err := lastArchive(tx, topic)
		switch {
		case err != nil:
			return err
		case number < 1 || number >= last.Number:
			return fmt.Errorf("archive %d of %s: %w", number, topic, ErrNotFound)
		case !found || a.Left == 0:
			return fmt.Errorf("archive %d of %s: %w", number, topic, ErrGone)
		}
		if packed := tx.Bucket(bucketGalley).Get(key); packed != nil {
			if galleys, err = db.decoder.DecodeAll(packed, nil); err != nil {
				return fmt.Errorf("unpack archive %d of %s: %w", number, topic, err)
			}
		}
		return nil
	})
	return a, galleys, err
}
