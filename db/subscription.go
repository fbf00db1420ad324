package db

import (
	"context"
	"encoding/json"
	"fmt"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Subscriptions returns all subscriptions in the order of their callbacks.
func (db *DB) Subscriptions(ctx context.Context) (all []copydesk.Subscription, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		all = nil
		return under(tx, bucketSubscription, nil, func(key, value []byte) (bool, error) {
			var sub copydesk.Subscription
			if err := json.Unmarshal(value, &sub); err != nil {
				return false, fmt.Errorf("read subscription of callback %d: %w", len(all), err) // the key is a secret
			}
			all = append(all, sub)
			return true, nil
		})
	})
	return all, err
}

// EditSubscription replaces the subscription with that callback by what edit
// makes of it, or removes it if edit does not keep it, in one transaction. One
// that is not there is zero but for its callback. Edit may be called more than
// once and must have no effect of its own.
func (db *DB) EditSubscription(ctx context.Context, callback string, edit func(copydesk.Subscription) (next copydesk.Subscription, keep bool)) error {
	err := db.write(ctx, func(tx *bbolt.Tx) error {
		sub := copydesk.Subscription{Callback: callback}
		if _, err := get(tx, bucketSubscription, []byte(callback), &sub); err != nil {
			return err
		}
		next, keep := edit(sub)
		if !keep {
			return remove(tx, bucketSubscription, []byte(callback))
		}
		next.Callback = callback
		return put(tx, bucketSubscription, []byte(callback), next)
	})
	if err != nil {
		return fmt.Errorf("edit subscription: %w", err)
	}
	return nil
}

func (c *checker) subscriptions() error {
	return c.each(bucketSubscription, func(key, value []byte) {
		var sub copydesk.Subscription
		if err := json.Unmarshal(value, &sub); err != nil {
			c.failf("subscription: %w", err)
			return
		}
		if sub.Callback != string(key) {
			c.failf("subscription for %s: not found by its callback", sub.Source)
		}
		if !c.has(bucketSource, []byte(sub.Source)) {
			c.failf("subscription for %s: its source is missing", sub.Source)
		}
	})
}
