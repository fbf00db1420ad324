package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Stamp is what the store keeps of an edition: its validators.
type Stamp struct {
	Hash     copydesk.Digest // of the identity bytes
	Modified time.Time       // when the bytes last changed, in whole seconds
}

// Stamp returns since when the edition has had the bytes with that hash: the
// stored time if they are the same, else now, in whole seconds. The times of
// one edition strictly increase, so that If-Modified-Since alone tells its
// versions apart (RFC 9110, section 8.8.2).
func (db *DB) Stamp(ctx context.Context, topic copydesk.TopicID, format string, hash copydesk.Digest, now time.Time) (modified time.Time, err error) {
	key := editionKey(topic, format)
	err = db.write(ctx, func(tx *bbolt.Tx) error {
		var old Stamp
		if _, err := get(tx, bucketEdition, key, &old); err != nil {
			return err
		}
		if old.Hash == hash {
			modified = old.Modified
			return nil
		}
		modified = now.UTC().Truncate(time.Second)
		if !modified.After(old.Modified) {
			modified = old.Modified.Add(time.Second)
		}
		return put(tx, bucketEdition, key, Stamp{Hash: hash, Modified: modified})
	})
	return modified, err
}

// LastStamp returns when the bytes of any edition last changed; zero if there
// is none.
func (db *DB) LastStamp(ctx context.Context) (last time.Time, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		return under(tx, bucketEdition, nil, func(key, value []byte) (bool, error) {
			var s Stamp
			if err := json.Unmarshal(value, &s); err != nil {
				return false, fmt.Errorf("read edition %x: %w", key, err)
			}
			if s.Modified.After(last) {
				last = s.Modified
			}
			return true, nil
		})
	})
	return last, err
}
