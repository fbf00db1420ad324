package db

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Check reads the whole store and reports, joined into one error, every place
// where an index and the data disagree. A sound store has none at any time,
// whatever process was killed when.
func (db *DB) Check(ctx context.Context) error {
	var found []error
	err := db.read(ctx, func(tx *bbolt.Tx) error {
		c := checker{db: db, tx: tx}
		for err := range tx.Check() {
			c.failf("page: %w", err)
		}
		steps := []func() error{
			c.entries, c.addresses, c.seen, c.keys,
			c.inbox, c.members, c.recent, c.stories,
			c.positions, c.archives, c.held,
			c.ledger, c.episodes,
			c.subscriptions, c.subscribers,
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		found = c.found
		return nil
	})
	return errors.Join(append(found, err)...)
}

type checker struct {
	db    *DB
	tx    *bbolt.Tx
	found []error
}

func (c *checker) failf(format string, args ...any) {
	c.found = append(c.found, fmt.Errorf(format, args...))
}

func (c *checker) has(bucket, key []byte) bool { return has(c.tx, bucket, key) }

func (c *checker) each(bucket []byte, fn func(key, value []byte)) error {
	return under(c.tx, bucket, nil, func(key, value []byte) (bool, error) {
		fn(key, value)
		return true, nil
	})
}

func (c *checker) entries() error {
	return c.each(bucketEntry, func(key, value []byte) {
		var r entryRecord
		if err := json.Unmarshal(value, &r); err != nil {
			c.failf("entry %x: %w", key, err)
			return
		}
		for n := 1; n <= r.Revision; n++ {
			if _, err := c.db.revision(c.tx, r, n); err != nil {
				c.failf("%w", err)
			}
		}
		if !c.has(bucketSource, []byte(r.Source)) {
			c.failf("entry %s: its source %s is missing", r.ID, r.Source)
		}
		if r.Canonical != "" && !c.has(bucketAddress, addressKey(r.Canonical, r.ID)) {
			c.failf("entry %s: not found by its address", r.ID)
		}
		if !c.has(bucketSeen, seenKey(r)) {
			c.failf("entry %s: not found by when it was seen", r.ID)
		}
		if len(r.Keys) == 0 {
			c.failf("entry %s: no key leads to it", r.ID)
		}
		for _, k := range r.Keys {
			if !c.has(bucketKey, keyKey(r.Source, k)) {
				c.failf("entry %s: its key %x is missing", r.ID, k)
			}
		}
		if !c.has(bucketMember, r.ID[:]) && !c.waits(r.ID) {
			c.failf("entry %s: in no story and not in the inbox", r.ID)
		}
	})
}

func (c *checker) waits(id copydesk.EntryID) (found bool) {
	c.each(bucketInbox, func(key, value []byte) { found = found || readInboxRow(key, value).entry == id })
	return found
}

func (c *checker) addresses() error {
	return c.each(bucketAddress, func(key, _ []byte) {
		if !c.has(bucketEntry, key[16:]) {
			c.failf("address %x: leads to no entry", key)
		}
	})
}

func (c *checker) seen() error {
	return c.each(bucketSeen, func(key, _ []byte) {
		if !c.has(bucketEntry, key[8:]) {
			c.failf("seen %x: leads to no entry", key)
		}
	})
}

func (c *checker) keys() error {
	return c.each(bucketKey, func(key, value []byte) {
		id := copydesk.EntryID(value[:16])
		switch h := readHolder(value); {
		case h.Shared && id == copydesk.EntryID{}:
		case h.Expired:
			if !c.has(bucketGrave, id[:]) {
				c.failf("key %x: leads to no tombstone", key)
			}
		case !c.has(bucketEntry, id[:]):
			c.failf("key %x: leads to no entry", key)
		}
	})
}

func (c *checker) inbox() error {
	last := c.tx.Bucket(bucketInbox).Sequence()
	return c.each(bucketInbox, func(key, value []byte) {
		if row := readInboxRow(key, value); row.sequence > last {
			c.failf("inbox %d: beyond the sequence %d", row.sequence, last)
		}
	})
}

func (c *checker) members() error {
	return c.each(bucketMember, func(key, value []byte) {
		var story copydesk.Story
		found, err := get(c.tx, bucketStory, value, &story)
		switch {
		case err != nil:
			c.failf("%w", err)
		case !found:
			c.failf("entry %x: its story is missing", key)
		case !story.Has(copydesk.EntryID(key)):
			c.failf("entry %x: its story %s does not have it", key, story.ID)
		}
	})
}

func (c *checker) stories() error {
	return c.each(bucketStory, func(key, value []byte) {
		var story copydesk.Story
		if err := json.Unmarshal(value, &story); err != nil {
			c.failf("story %x: %w", key, err)
			return
		}
		if !story.Has(story.Lead) {
			c.failf("story %s: its lead is no member", story.ID)
		}
		if story.Public != nil && !story.Has(story.Public.Lead) {
			c.failf("story %s: its lead for the public is no member", story.ID)
		}
		for _, m := range story.Members {
			if !c.has(bucketEntry, m.Entry[:]) {
				c.failf("story %s: its member %s is missing", story.ID, m.Entry)
			}
			if string(c.tx.Bucket(bucketMember).Get(m.Entry[:])) != string(story.ID[:]) {
				c.failf("story %s: its member %s says it is in another", story.ID, m.Entry)
			}
			was := copydesk.NewStoryID(m.Entry)
			if to := c.tx.Bucket(bucketSurvivor).Get(was[:]); len(to) > 0 && string(to) != string(story.ID[:]) {
				c.failf("story %s: it has absorbed %s, which leads to another", story.ID, was)
			}
		}
		if c.has(bucketSurvivor, story.ID[:]) { // or taken by retention
			c.failf("story %s: absorbed, yet there", story.ID)
		}
	})
}

func (c *checker) positions() error {
	err := c.each(bucketPosition, func(key, value []byte) {
		topic, position := splitNumber(key)
		id := copydesk.StoryID(value[:16])
		at := spotOf(c.tx, topic, id)
		if len(value) == 16 && at.position != position || len(value) > 16 && at.again != position {
			c.failf("topic %s: position %d is not the one its story has", topic, position)
		}
		story := survivor(c.tx, id)
		if !c.has(bucketStory, story[:]) {
			c.failf("topic %s: position %d leads to no story", topic, position)
		}
		as, _, err := stand(c.tx, topic, story)
		if err != nil || at.kept == (as == id) {
			c.failf("topic %s: what stands at %d stands at another place as well, or at none", topic, position)
		}
		if !at.kept {
			return
		}
		if a, _, err := archiveAt(c.tx, topic, position); err != nil || a.To == 0 {
			c.failf("topic %s: position %d is kept, and no archive needs it", topic, position)
		}
	})
	if err != nil {
		return err
	}
	return c.each(bucketPlaced, func(key, value []byte) {
		prefix := key[: len(key)-16 : len(key)-16]
		at := readSpot(value)
		if !c.has(bucketPosition, append(prefix, be64(at.position)...)) || at.again > 0 && !c.has(bucketPosition, append(prefix, be64(at.again)...)) {
			c.failf("placed %x: leads to no position", key)
		}
	})
}

func (c *checker) recent() error {
	through := learnedThrough(c.tx)
	if last := c.tx.Bucket(bucketRecent).Sequence(); through > last {
		c.failf("learned: through text %d, the last is %d", through, last)
	}
	return c.each(bucketSaid, func(key, _ []byte) {
		if n := binary.BigEndian.Uint64(key); n <= through {
			c.failf("said %d: learned already", n)
		}
		if !c.has(bucketRecent, key) {
			c.failf("said %x: of no recent text", key)
		}
	})
}

// splitNumber parts a key that is a topic and a number.
func splitNumber(key []byte) (copydesk.TopicID, uint64) {
	end := len(key) - 8
	return copydesk.TopicID(key[:end-1]), binary.BigEndian.Uint64(key[end:])
}

// archives checks that each archive begins where the one before it ends, and
// that it counts what stands in it.
func (c *checker) archives() error {
	before := map[copydesk.TopicID]Archive{}
	err := c.each(bucketArchive, func(key, value []byte) {
		topic, number := splitNumber(key)
		var a Archive
		if err := json.Unmarshal(value, &a); err != nil || a.Number != int(number) {
			c.failf("archive %d of %s: cannot be read: %w", number, topic, err)
			return
		}
		if b, ok := before[topic]; ok && (a.Number != b.Number+1 || a.From != b.To) {
			c.failf("archive %d of %s: does not begin where %d ends", number, topic, b.Number)
		}
		before[topic] = a
		left := 0
		err := walk(c.tx, topic, cmp.Or(a.To, ^uint64(0)), func(position uint64, _ copydesk.StoryID, again bool) (bool, error) {
			if position > a.From && !again {
				left++
			}
			return position > a.From, nil
		})
		if err != nil || left != a.Left {
			c.failf("archive %d of %s: has %d stories, and counts %d", number, topic, left, a.Left)
		}
		if a.To > 0 && a.Left > 0 && !c.has(bucketGalley, key) && !c.has(bucketStale, key) {
			c.failf("archive %d of %s: neither set nor to be set", number, topic)
		}
		if c.has(bucketGalley, key) && !c.has(bucketStale, key) {
			if err := c.publishers(topic, a); err != nil {
				c.failf("archive %d of %s: %w", number, topic, err)
			}
		}
	})
	if err != nil {
		return err
	}
	for _, bucket := range [][]byte{bucketGalley, bucketStale} {
		err := c.each(bucket, func(key, _ []byte) {
			if !c.has(bucketArchive, key) {
				c.failf("%s %x: leads to no archive", bucket, key)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// publishers checks what an archive that was set says of how many publishers
// carry one of its stories. Every topic sees their public members, and some see
// private ones.
func (c *checker) publishers(topic copydesk.TopicID, a Archive) error {
	least, most := 0, 0
	err := walk(c.tx, topic, a.To, func(position uint64, placed copydesk.StoryID, again bool) (bool, error) {
		if position <= a.From {
			return false, nil
		}
		if again || spotOf(c.tx, topic, placed).kept {
			return true, nil
		}
		id := survivor(c.tx, placed)
		var story copydesk.Story
		if _, err := get(c.tx, bucketStory, id[:], &story); err != nil {
			return false, err
		}
		public, all := map[string]bool{}, map[string]bool{}
		for _, m := range story.Members {
			src, err := source(c.tx, m.Source)
			if err != nil {
				return false, err
			}
			all[src.Carrier()] = true
			if !src.Private {
				public[src.Carrier()] = true
			}
		}
		least, most = max(least, len(public)), max(most, len(all))
		return true, nil
	})
	if err == nil && (a.Publishers < least || a.Publishers > most) {
		return fmt.Errorf("says that %d publishers carry a story of it at most, which is %d", a.Publishers, most)
	}
	return err
}

func (c *checker) held() error {
	return c.each(bucketHeld, func(key, _ []byte) {
		if !c.has(bucketStory, key[len(key)-16:]) {
			c.failf("held %x: leads to no story", key)
		}
		topic := copydesk.TopicID(key[:len(key)-17])
		if _, found, err := stand(c.tx, topic, copydesk.StoryID(key[len(key)-16:])); err != nil || found {
			c.failf("held %x: the story has a place there", key)
		}
	})
}

func (c *checker) ledger() error {
	return c.each(bucketLedger, func(key, value []byte) {
		var page copydesk.Ledger
		if err := json.Unmarshal(value, &page); err != nil {
			c.failf("ledger %x: %w", key, err)
			return
		}
		if string(be64(uint64(page.Day))) != string(key[:8]) {
			c.failf("ledger %x: its page is of another day, %d", key, page.Day)
		}
		if !c.has(bucketSource, key[8:]) {
			c.failf("ledger %x: its source is missing", key)
		}
	})
}

func (c *checker) episodes() error {
	return c.each(bucketEpisode, func(key, value []byte) {
		var e copydesk.Episode
		if err := json.Unmarshal(value, &e); err != nil {
			c.failf("episode %x: %w", key, err)
			return
		}
		if string(episodeKey(e.Source, e.ID)) != string(key) {
			c.failf("episode %s: it is kept as another one, %x", e.ID, key)
		}
		if !c.has(bucketSource, []byte(e.Source)) {
			c.failf("episode %s: its source %s is missing", e.ID, e.Source)
		}
	})
}
