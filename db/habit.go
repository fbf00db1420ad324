package db

import (
	"context"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Habits returns what was learned of a source; the zero value if nothing was.
func (db *DB) Habits(ctx context.Context, source copydesk.SourceID) (h copydesk.Habits, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		h, err = habits(tx, source)
		return err
	})
	return h, err
}

// Habits returns what was learned of a source; the zero value if nothing was.
func (g *Grouping) Habits(source copydesk.SourceID) (copydesk.Habits, error) {
	return g.habitsOf(source)
}

func habits(tx *bbolt.Tx, source copydesk.SourceID) (h copydesk.Habits, err error) {
	_, err = get(tx, bucketHabit, []byte(source), &h)
	return h, err
}

func putHabits(tx *bbolt.Tx, source copydesk.SourceID, h copydesk.Habits) error {
	if h.IsZero() {
		return nil
	}
	return put(tx, bucketHabit, []byte(source), h)
}
