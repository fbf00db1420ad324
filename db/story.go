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

// Story returns the story with that id, or the one that absorbed it, or an
// error that wraps ErrNotFound, or ErrGone if retention took it.
func (db *DB) Story(ctx context.Context, id copydesk.StoryID) (told copydesk.Told, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		last := survivor(tx, id)
		if ended(tx, last) {
			return fmt.Errorf("story %s: %w", id, ErrGone)
		}
		told, err = db.telling(tx).told(last)
		return err
	})
	return told, err
}

// StoryOf returns the story that entry belongs to, or an error that wraps
// ErrNotFound while it waits to be grouped.
func (db *DB) StoryOf(ctx context.Context, entry copydesk.EntryID) (told copydesk.Told, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		id := tx.Bucket(bucketMember).Get(entry[:])
		if id == nil {
			return fmt.Errorf("story of entry %s: %w", entry, ErrNotFound)
		}
		told, err = db.telling(tx).told(copydesk.StoryID(id))
		return err
	})
	return told, err
}

// survivor follows a chain of absorbed stories to its end. Chains cannot close,
// since a story that is gone absorbs nothing, and one that is there leads nowhere.
func survivor(tx *bbolt.Tx, id copydesk.StoryID) copydesk.StoryID {
	for {
		next := tx.Bucket(bucketSurvivor).Get(id[:])
		if len(next) == 0 {
			return id
		}
		id = copydesk.StoryID(next)
	}
}

// ended reports whether retention took the story.
func ended(tx *bbolt.Tx, id copydesk.StoryID) bool {
	next := tx.Bucket(bucketSurvivor).Get(id[:])
	return next != nil && len(next) == 0
}

// telling reads what stories tell, within one transaction. What many entries
// share it decodes once: who writes of a source or of its habits tells nothing
// in the same transaction.
type telling struct {
	db      *DB
	tx      *bbolt.Tx
	sources map[copydesk.SourceID]copydesk.Source
	habits  map[copydesk.SourceID]copydesk.Habits
}

func (db *DB) telling(tx *bbolt.Tx) telling {
	return telling{db, tx, map[copydesk.SourceID]copydesk.Source{}, map[copydesk.SourceID]copydesk.Habits{}}
}

func (t telling) told(id copydesk.StoryID) (told copydesk.Told, err error) {
	found, err := get(t.tx, bucketStory, id[:], &told.Story)
	if err == nil && !found {
		err = notFound(id)
	}
	if err != nil {
		return told, err
	}
	told.Voices, err = t.voices(told.Story)
	return told, err
}

func (t telling) voices(s copydesk.Story) ([]copydesk.Voice, error) {
	all := make([]copydesk.Voice, len(s.Members))
	for i, m := range s.Members {
		v, err := t.voice(m.Entry)
		if err != nil {
			return nil, fmt.Errorf("story %s: %w", s.ID, err)
		}
		v.Surplus = m.Surplus
		all[i] = v
	}
	return all, nil
}

func (t telling) voice(id copydesk.EntryID) (v copydesk.Voice, err error) {
	if v.Entry, err = t.db.entry(t.tx, id); err != nil {
		return v, err
	}
	v.Source, err = once(t.sources, v.Entry.Source, func(id copydesk.SourceID) (copydesk.Source, error) { return source(t.tx, id) })
	return v, err
}

func (t telling) habitsOf(id copydesk.SourceID) (copydesk.Habits, error) {
	return once(t.habits, id, func(id copydesk.SourceID) (copydesk.Habits, error) { return habits(t.tx, id) })
}

// once is what read says of id, which is asked only the first time.
func once[V any](known map[copydesk.SourceID]V, id copydesk.SourceID, read func(copydesk.SourceID) (V, error)) (V, error) {
	v, ok := known[id]
	if ok {
		return v, nil
	}
	v, err := read(id)
	if err == nil {
		known[id] = v
	}
	return v, err
}

func notFound(id copydesk.StoryID) error { return fmt.Errorf("story %s: %w", id, ErrNotFound) }

// Stories yields all stories in the order of their ids. It holds a read
// transaction, so the loop should not dawdle.
func (db *DB) Stories(ctx context.Context) iter.Seq2[copydesk.Story, error] {
	return func(yield func(copydesk.Story, error) bool) {
		err := db.read(ctx, func(tx *bbolt.Tx) error {
			for story, err := range stories(tx) {
				if err != nil || !yield(story, nil) {
					return err
				}
			}
			return nil
		})
		if err != nil {
			yield(copydesk.Story{}, err)
		}
	}
}

func stories(tx *bbolt.Tx) iter.Seq2[copydesk.Story, error] {
	return func(yield func(copydesk.Story, error) bool) {
		err := under(tx, bucketStory, nil, func(key, value []byte) (bool, error) {
			var story copydesk.Story
			if err := json.Unmarshal(value, &story); err != nil {
				return false, fmt.Errorf("read story %x: %w", key, err)
			}
			return yield(story, nil), nil
		})
		if err != nil {
			yield(copydesk.Story{}, err)
		}
	}
}

// CountPlaced returns how many stories have a place in topic, counting up to
// limit.
func (db *DB) CountPlaced(ctx context.Context, topic copydesk.TopicID, limit int) (n int, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		return under(tx, bucketPosition, topicPrefix(topic), func(_, value []byte) (bool, error) {
			if len(value) == 16 && !spotOf(tx, topic, copydesk.StoryID(value)).kept { // each story once
				n++
			}
			return n < limit, nil
		})
	})
	return n, err
}

// Note is a line of the change log: what happened to a story's place in a
// topic.
type Note struct {
	At    time.Time
	Kind  string // "placed", "raised", "updated", "absorbed", "withdrawn" or "expired"
	Topic copydesk.TopicID
	Story copydesk.StoryID
}

func note(tx *bbolt.Tx, n Note) error {
	sequence, err := tx.Bucket(bucketChange).NextSequence()
	if err != nil {
		return fmt.Errorf("change log: %w", err)
	}
	return put(tx, bucketChange, be64(sequence), n)
}

// Trim removes up to limit lines of the change log from before cutoff, the
// oldest first, and returns how many went.
func (db *DB) Trim(ctx context.Context, cutoff time.Time, limit int) (gone int, err error) {
	err = db.write(ctx, func(tx *bbolt.Tx) error {
		gone = 0
		return removeWhile(tx, bucketChange, func(key, value []byte) (bool, error) {
			var n Note
			if err := json.Unmarshal(value, &n); err != nil {
				return false, fmt.Errorf("read change %x: %w", key, err)
			}
			if gone == limit || !n.At.Before(cutoff) {
				return false, nil
			}
			gone++
			return true, nil
		})
	})
	return gone, err
}
