package db

import (
	"context"
	"fmt"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Carried is a story that topics carry.
type Carried struct {
	Story  copydesk.StoryID
	Topics []copydesk.TopicID // in the order of their ids
	Look   uint64             // as in [Row]
}

// Carried calls fn for those of the stories that a topic carries, in the order
// of ids, until it fails. A story that another one has absorbed is carried by
// none. Tell is as in [DB.Log].
func (db *DB) Carried(ctx context.Context, ids []copydesk.StoryID, looks *Looks, fn func(c Carried, tell func() (copydesk.Told, error)) error) error {
	looks.begin()
	err := db.read(ctx, func(tx *bbolt.Tx) error {
		b, tell := openShelves(tx), db.telling(tx)
		all, err := topics(tx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			row := Row{Story: id}
			found, err := looks.at(b, &row)
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			c := Carried{Story: id, Look: row.Look}
			known := names(tx, copydesk.Story{ID: id, Members: looks.stories[id].members})
			for _, t := range all {
				if _, found := standing(tx, t.ID, known); found {
					c.Topics = append(c.Topics, t.ID)
				}
			}
			if len(c.Topics) == 0 {
				continue
			}
			if err := fn(c, func() (copydesk.Told, error) { return tell.told(id) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("stories that are carried: %w", err)
	}
	return nil
}
