package db

import (
	"context"
	"time"

	"copydesk"
)

// Override calls fn to bring the stories in line with overrides, if they are
// not those of the last time: what fn writes is one transaction with the note
// that they now are. Before are those of the last time. It returns which topics
// look different now. If fn or the transaction fails, what fn changed beside g
// no longer fits the store.
func (db *DB) Override(ctx context.Context, now time.Time, overrides []copydesk.Override, fn func(g *Grouping, before []copydesk.Override) error) ([]copydesk.TopicID, error) {
	return db.grouping(ctx, now, func(g *Grouping) error {
		var before []copydesk.Override
		if _, err := get(g.tx, bucketMeta, metaOverrides, &before); err != nil {
			return err
		}
		same, err := equalJSON(before, overrides)
		if err != nil || same {
			return err
		}
		if err := fn(g, before); err != nil {
			return err
		}
		return put(g.tx, bucketMeta, metaOverrides, overrides)
	})
}
