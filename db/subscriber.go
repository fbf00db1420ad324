package db

import (
	"context"
	"encoding/json"
	"fmt"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Subscribers returns all subscribers of our editions.
func (db *DB) Subscribers(ctx context.Context) (all []copydesk.Subscriber, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		all = nil
		return under(tx, bucketSubscriber, nil, func(key, value []byte) (bool, error) {
			var s copydesk.Subscriber
			if err := json.Unmarshal(value, &s); err != nil {
				return false, fmt.Errorf("read subscriber %x: %w", key, err)
			}
			all = append(all, s)
			return true, nil
		})
	})
	return all, err
}

// PutSubscriber writes a subscriber in place of the one with its edition and
// callback, if there is one.
func (db *DB) PutSubscriber(ctx context.Context, s copydesk.Subscriber) error {
	return db.write(ctx, func(tx *bbolt.Tx) error {
		return put(tx, bucketSubscriber, subscriberKey(s.Edition, s.Callback), s)
	})
}

// DropSubscriber removes the subscriber with that edition and callback, if
// there is one.
func (db *DB) DropSubscriber(ctx context.Context, edition, callback string) error {
	return db.write(ctx, func(tx *bbolt.Tx) error {
		return remove(tx, bucketSubscriber, subscriberKey(edition, callback))
	})
}

func (c *checker) subscribers() error {
	return c.each(bucketSubscriber, func(key, value []byte) {
		var s copydesk.Subscriber
		if err := json.Unmarshal(value, &s); err != nil {
			c.failf("subscriber %x: %w", key, err)
			return
		}
		if string(key) != string(subscriberKey(s.Edition, s.Callback)) {
			c.failf("subscriber of %s: not found by its edition and callback", s.Edition)
		}
	})
}
