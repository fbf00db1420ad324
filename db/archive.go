package db

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Archive is a stretch of a topic's log (RFC 5005, section 4). The open one
// takes what is placed. When it is full it is closed, and from then on keeps
// its number, its order and its set of stories: one leaves it only by
// retention, or because the operator takes it out, each with a line in the
// change log. A story that is absorbed stays there under its own id.
type Archive struct {
	Number int       // from 1
	From   uint64    // it holds the positions above this one
	To     uint64    `json:",omitempty"` // up to this one; zero while it is open
	Count  int       // positions that were given in it
	Left   int       // of these, that still hold a story
	Closed time.Time `json:",omitzero"`

	// Publishers is how many carry a story of it at most, as the topic sees them,
	// when it was last set.
	Publishers int `json:",omitempty"`
}

// archiveSize is how many positions an archive has. A topic whose edition is
// shorter has shorter ones, or stories would be in neither.
const archiveSize = 100

func sizeFor(t Topic) int {
	if t.Limit > 0 && t.Limit < archiveSize {
		return t.Limit
	}
	return archiveSize
}

// open returns the archive of topic that takes what is placed.
func (g *Grouping) open(topic copydesk.TopicID) (a Archive, err error) {
	if a, found, err := lastArchive(g.tx, topic); found || err != nil {
		return a, err
	}
	a.Number = 1
	err = under(g.tx, bucketPosition, topicPrefix(topic), func(_, _ []byte) (bool, error) {
		a.Count, a.Left = a.Count+1, a.Left+1
		return true, nil
	})
	return a, err
}

// lastArchive returns the archive with the highest number: the open one.
func lastArchive(tx *bbolt.Tx, topic copydesk.TopicID) (a Archive, found bool, err error) {
	err = downward(tx, bucketArchive, topicPrefix(topic), ^uint64(0), func(_ uint64, value []byte) (bool, error) {
		found = true
		return false, json.Unmarshal(value, &a)
	})
	if err != nil {
		err = fmt.Errorf("read archive of %s: %w", topic, err)
	}
	return a, found, err
}

// countPlace counts in a, the open archive of topic, a position that was given,
// and closes it if it is full by that.
func (g *Grouping) countPlace(topic copydesk.TopicID, a Archive, position uint64) error {
	a.Count, a.Left = a.Count+1, a.Left+1
	var t Topic
	if _, err := get(g.tx, bucketTopic, []byte(topic), &t); err != nil {
		return err
	}
	if a.Count >= sizeFor(t) {
		return g.closeArchive(topic, a, position)
	}
	return putArchive(g.tx, topic, a)
}

// closeArchive ends the open archive of topic at position and opens the next.
func (g *Grouping) closeArchive(topic copydesk.TopicID, a Archive, position uint64) error {
	a.To, a.Closed = position, g.now
	if err := putArchive(g.tx, topic, a); err != nil {
		return err
	}
	if err := mark(g.tx, topic, a.Number); err != nil {
		return err
	}
	g.touched[topic] = true
	return putArchive(g.tx, topic, Archive{Number: a.Number + 1, From: position})
}

// closeLong closes the open archive of a topic whose edition has become
// shorter than it.
func (g *Grouping) closeLong(t Topic) error {
	a, found, err := lastArchive(g.tx, t.ID)
	if err != nil || !found || a.Count < sizeFor(t) {
		return err
	}
	last := a.From
	err = walk(g.tx, t.ID, ^uint64(0), func(position uint64, _ copydesk.StoryID, _ bool) (bool, error) {
		last = max(last, position)
		return false, nil
	})
	if err != nil {
		return err
	}
	return g.closeArchive(t.ID, a, last)
}

func putArchive(tx *bbolt.Tx, topic copydesk.TopicID, a Archive) error {
	return put(tx, bucketArchive, archiveKey(topic, a.Number), a)
}

// archiveAt returns the archive that holds a position. It halves the range of
// numbers, since they grow with the positions.
func archiveAt(tx *bbolt.Tx, topic copydesk.TopicID, position uint64) (a Archive, found bool, err error) {
	last, found, err := lastArchive(tx, topic)
	if err != nil || !found || position > last.From {
		return last, found, err
	}
	low, err := oldestArchive(tx, topic)
	if err != nil {
		return a, false, err
	}
	for high := last.Number - 1; low <= high; {
		middle := (low + high) / 2
		if found, err := get(tx, bucketArchive, archiveKey(topic, middle), &a); err != nil || !found {
			return a, false, err
		}
		switch {
		case position <= a.From:
			high = middle - 1
		case position > a.To:
			low = middle + 1
		default:
			return a, true, nil
		}
		a = Archive{}
	}
	return a, false, nil
}

// oldestArchive returns the lowest number that is kept, zero if there is none.
func oldestArchive(tx *bbolt.Tx, topic copydesk.TopicID) (number int, err error) {
	err = under(tx, bucketArchive, topicPrefix(topic), func(key, _ []byte) (bool, error) {
		number = int(binary.BigEndian.Uint64(key[len(key)-8:]))
		return false, nil
	})
	return number, err
}

// leave notes that a position holds no story any more. What was set of a closed
// archive is to be set anew; one that is empty is dropped.
func (g *Grouping) leave(topic copydesk.TopicID, position uint64) error {
	a, found, err := archiveAt(g.tx, topic, position)
	if err != nil || !found {
		return err
	}
	a.Left--
	if err := putArchive(g.tx, topic, a); err != nil || a.To == 0 {
		return err
	}
	if a.Left > 0 {
		return mark(g.tx, topic, a.Number)
	}
	return dropArchive(g.tx, topic, a.Number)
}

// dropArchive forgets what was set of a closed archive that is empty, and has
// the one that linked to it set anew.
func dropArchive(tx *bbolt.Tx, topic copydesk.TopicID, number int) error {
	for _, bucket := range [][]byte{bucketStale, bucketGalley} {
		if err := remove(tx, bucket, archiveKey(topic, number)); err != nil {
			return err
		}
	}
	next, err := archiveAfter(tx, topic, number)
	if err != nil {
		return err
	}
	if next > 0 {
		if err := mark(tx, topic, next); err != nil {
			return err
		}
	}
	return dropOldest(tx, topic)
}

// dropOldest forgets the oldest archives that hold nothing any more: that they
// were there is known by the number of those that are kept.
func dropOldest(tx *bbolt.Tx, topic copydesk.TopicID) error {
	return removeUnder(tx, bucketArchive, topicPrefix(topic), func() func(_, value []byte) bool {
		empty := true
		return func(_, value []byte) bool {
			var a Archive
			empty = empty && json.Unmarshal(value, &a) == nil && a.To > 0 && a.Left == 0
			return empty
		}
	}())
}

// Kept returns the newest closed archive of topic below number that still holds
// a story; the zero value if there is none. A number of zero asks for the
// newest of all.
func (db *DB) Kept(ctx context.Context, topic copydesk.TopicID, number int) (a Archive, err error) {
	below := uint64(number) - 1 // for zero the highest number there is
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		a, err = newestKept(tx, topic, below, func(Archive) bool { return true })
		return err
	})
	return a, err
}

// newestKept returns the closed archive with the highest number up to last that
// still holds a story and is fit; the zero value if there is none.
func newestKept(tx *bbolt.Tx, topic copydesk.TopicID, last uint64, fit func(Archive) bool) (newest Archive, err error) {
	err = downward(tx, bucketArchive, topicPrefix(topic), last, func(_ uint64, value []byte) (bool, error) {
		var a Archive
		if err := json.Unmarshal(value, &a); err != nil {
			return false, fmt.Errorf("read archive of %s: %w", topic, err)
		}
		if a.To == 0 || a.Left == 0 || !fit(a) {
			return true, nil
		}
		newest = a
		return false, nil
	})
	return newest, err
}

// After returns the number of the closed archive after that one, zero if there
// is none.
func (db *DB) After(ctx context.Context, topic copydesk.TopicID, number int) (next int, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		next, err = archiveAfter(tx, topic, number)
		return err
	})
	return next, err
}

// archiveAfter returns the number of the next closed archive that still holds a
// story, zero if there is none.
func archiveAfter(tx *bbolt.Tx, topic copydesk.TopicID, number int) (next int, err error) {
	last, found, err := lastArchive(tx, topic)
	for n := number + 1; err == nil && found && n < last.Number; n++ {
		var a Archive
		if _, err := get(tx, bucketArchive, archiveKey(topic, n), &a); err != nil {
			return 0, err
		}
		if a.Left > 0 {
			return n, nil
		}
	}
	return 0, err
}

// ArchiveBelow returns the number of the newest closed archive that holds a
// story below position which so many publishers carry, or can; zero if there is
// none. Of an archive that is to be set anew that is not known.
func (db *DB) ArchiveBelow(ctx context.Context, topic copydesk.TopicID, position uint64, publishers int) (number int, err error) {
	if position == 0 {
		return 0, nil
	}
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		at, found, err := archiveAt(tx, topic, position-1)
		if err != nil || !found {
			return err
		}
		a, err := newestKept(tx, topic, uint64(at.Number), func(a Archive) bool {
			return a.Publishers >= publishers || has(tx, bucketStale, archiveKey(topic, a.Number))
		})
		number = a.Number
		return err
	})
	return number, err
}
