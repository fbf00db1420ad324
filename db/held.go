package db

import (
	"context"
	"encoding/binary"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Hold notes why topic gives the story no place, until it does.
func (g *Grouping) Hold(topic copydesk.TopicID, story copydesk.StoryID, held copydesk.Held) error {
	return put(g.tx, bucketHeld, placedKey(topic, story), held)
}

// Held returns why topic gives the story no place; the zero value if it was
// never held back.
func (g *Grouping) Held(topic copydesk.TopicID, story copydesk.StoryID) (held copydesk.Held, err error) {
	_, err = get(g.tx, bucketHeld, placedKey(topic, story), &held)
	return held, err
}

// Entered returns how many stories of publisher were counted in topic on a day.
func (g *Grouping) Entered(topic copydesk.TopicID, day int64, publisher string) int {
	value := g.tx.Bucket(bucketEntered).Get(enteredKey(topic, day, publisher))
	if value == nil {
		return 0
	}
	return int(binary.BigEndian.Uint32(value))
}

// CountEntered counts one more.
func (g *Grouping) CountEntered(topic copydesk.TopicID, day int64, publisher string) error {
	n := binary.BigEndian.AppendUint32(nil, uint32(g.Entered(topic, day, publisher)+1))
	return set(g.tx, bucketEntered, enteredKey(topic, day, publisher), n)
}

// Reconsider forgets what topic held back and what it counted.
func (g *Grouping) Reconsider(topic copydesk.TopicID) error {
	for _, bucket := range [][]byte{bucketHeld, bucketEntered} {
		if err := removeUnder(g.tx, bucket, topicPrefix(topic), func(_, _ []byte) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// forgetEntered removes the counts of the days before day, which nobody asks
// for again.
func forgetEntered(tx *bbolt.Tx, day int64) error {
	return removeUnder(tx, bucketEntered, nil, func(key, _ []byte) bool { return enteredDay(key) < day })
}

// releaseEverywhere forgets that topics held the story back.
func (g *Grouping) releaseEverywhere(story copydesk.StoryID) error {
	all, err := heldBack(g.tx, story)
	if err != nil {
		return err
	}
	for _, h := range all {
		if err := remove(g.tx, bucketHeld, placedKey(h.Topic, story)); err != nil {
			return err
		}
	}
	return nil
}

// HeldBack is a topic that takes a story and gives it no place.
type HeldBack struct {
	Topic copydesk.TopicID
	copydesk.Held
}

// HeldBack returns the topics that hold a story back, in the order of their ids.
func (db *DB) HeldBack(ctx context.Context, story copydesk.StoryID) (all []HeldBack, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		all, err = heldBack(tx, story)
		return err
	})
	return all, err
}

func heldBack(tx *bbolt.Tx, story copydesk.StoryID) (all []HeldBack, err error) {
	ids, err := topics(tx)
	if err != nil {
		return nil, err
	}
	for _, t := range ids {
		h := HeldBack{Topic: t.ID}
		if found, err := get(tx, bucketHeld, placedKey(t.ID, story), &h.Held); err != nil {
			return nil, err
		} else if found {
			all = append(all, h)
		}
	}
	return all, nil
}
