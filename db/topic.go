package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Topic is what the store keeps of a topic.
type Topic struct {
	copydesk.Topic
	FeedID      string          // atom:id of its feed; survives a change of the topic's id
	Fingerprint copydesk.Digest // of the definition that its positions were made by
	Sight       copydesk.Digest `json:",omitzero"` // of what it may see, and who may see it
	Since       time.Time       // when the store first had it
	Listed      bool            // still configured; if not, its positions are kept but its addresses answer 410
}

// Topics returns all topics in the order of their ids, those no longer listed
// among them.
func (db *DB) Topics(ctx context.Context) (all []Topic, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		all, err = topics(tx)
		return err
	})
	return all, err
}

func topics(tx *bbolt.Tx) (all []Topic, err error) {
	err = under(tx, bucketTopic, nil, func(key, value []byte) (bool, error) {
		var t Topic
		if err := json.Unmarshal(value, &t); err != nil {
			return false, fmt.Errorf("read topic %s: %w", key, err)
		}
		all = append(all, t)
		return true, nil
	})
	return all, err
}

// Arrange brings the stored topics in line with what the configuration lists.
// Only the definition, the fingerprint and the sight of listed are taken; the rest is the
// store's. A topic that has a new id (Was) takes its positions and its
// feed id with it. fn is called in the same transaction to give stories their
// places in the topics whose fingerprint changed; it may place and withdraw.
func (db *DB) Arrange(ctx context.Context, now time.Time, listed []Topic, fn func(g *Grouping, changed []copydesk.TopicID) error) ([]copydesk.TopicID, error) {
	return db.grouping(ctx, now, func(g *Grouping) error {
		var changed []copydesk.TopicID
		for _, t := range listed {
			old, err := g.adoptTopic(t)
			if err != nil {
				return err
			}
			if old.Fingerprint != t.Fingerprint {
				changed = append(changed, t.ID)
				g.touched[t.ID] = true
			}
		}
		if err := g.unlistTopics(listed); err != nil || len(changed) == 0 {
			return err
		}
		return fn(g, changed)
	})
}

// adoptTopic writes t and returns what the store had of it.
func (g *Grouping) adoptTopic(t Topic) (old Topic, err error) {
	found, err := get(g.tx, bucketTopic, []byte(t.ID), &old)
	if err != nil {
		return old, err
	}
	for _, was := range t.Was {
		if found {
			break
		}
		if found, err = get(g.tx, bucketTopic, []byte(was), &old); err != nil {
			return old, err
		}
		if found {
			if err := g.renameTopic(was, t.ID); err != nil {
				return old, err
			}
		}
	}
	if found && !old.Listed {
		if err := g.alterAll(t.ID); err != nil {
			return old, err
		}
	}
	t.FeedID, t.Since, t.Listed = old.FeedID, old.Since, true
	if !found {
		t.Since = g.now
		t.FeedID = copydesk.FeedID(string(g.tx.Bucket(bucketMeta).Get(metaInstallation)), t.ID)
	}
	if err := put(g.tx, bucketTopic, []byte(t.ID), t); err != nil {
		return old, err
	}
	if found && (old.Merge != t.Merge || old.Content != t.Content) { // which shows stories otherwise
		if err := markAll(g.tx, t.ID); err != nil {
			return old, err
		}
	}
	if found && old.Sight != t.Sight { // what was set of archives may show what it must not
		if err := g.unset(t.ID); err != nil {
			return old, err
		}
	}
	return old, g.closeLong(t)
}

// unset forgets what was set of the closed archives of topic, and has all of its
// stories looked at again.
func (g *Grouping) unset(topic copydesk.TopicID) error {
	if err := markAll(g.tx, topic); err != nil {
		return err
	}
	if err := removeUnder(g.tx, bucketGalley, topicPrefix(topic), func(_, _ []byte) bool { return true }); err != nil {
		return err
	}
	return g.alterAll(topic)
}

// renameTopic moves what lies under the prefix of one topic to another's. The
// positions keep their numbers.
func (g *Grouping) renameTopic(from, to copydesk.TopicID) error {
	tx := g.tx
	if err := g.alterAll(from); err != nil {
		return err
	}
	for _, bucket := range [][]byte{bucketPosition, bucketPlaced, bucketArchive, bucketGalley, bucketStale, bucketHeld, bucketEntered, bucketEdition} {
		var keys, values [][]byte
		err := under(tx, bucket, topicPrefix(from), func(key, value []byte) (bool, error) {
			keys, values = append(keys, bytes.Clone(key)), append(values, bytes.Clone(value))
			return true, nil
		})
		if err != nil {
			return err
		}
		for i, key := range keys {
			if err := set(tx, bucket, append(topicPrefix(to), key[len(from)+1:]...), values[i]); err != nil {
				return err
			}
			if err := remove(tx, bucket, key); err != nil {
				return err
			}
		}
	}
	return remove(tx, bucketTopic, []byte(from))
}

func (g *Grouping) unlistTopics(listed []Topic) error {
	keep := map[copydesk.TopicID]bool{}
	for _, t := range listed {
		keep[t.ID] = true
	}
	all, err := topics(g.tx)
	if err != nil {
		return err
	}
	for _, t := range all {
		if keep[t.ID] || !t.Listed {
			continue
		}
		t.Listed = false
		if err := g.alterAll(t.ID); err != nil {
			return err
		}
		if err := put(g.tx, bucketTopic, []byte(t.ID), t); err != nil {
			return err
		}
	}
	return nil
}

// Place gives the story a position at the top of topic, unless it has one, and
// reports whether it got one.
func (g *Grouping) Place(topic copydesk.TopicID, story copydesk.StoryID) (bool, error) {
	if g.tx.Bucket(bucketPlaced).Get(placedKey(topic, story)) != nil {
		return false, nil
	}
	if err := remove(g.tx, bucketHeld, placedKey(topic, story)); err != nil {
		return false, err
	}
	return true, g.putPlace(topic, story, "placed")
}

// putPlace gives the story, which has none, a position at the top of topic.
func (g *Grouping) putPlace(topic copydesk.TopicID, story copydesk.StoryID, kind string) error {
	// One sequence serves all topics: positions only have to grow.
	position, err := g.tx.Bucket(bucketPosition).NextSequence()
	if err != nil {
		return fmt.Errorf("place in %s: %w", topic, err)
	}
	open, err := g.open(topic)
	if err != nil {
		return err
	}
	if err := set(g.tx, bucketPosition, positionKey(topic, position), positionValue(story, false)); err != nil {
		return err
	}
	if err := set(g.tx, bucketPlaced, placedKey(topic, story), placedValue(position, 0)); err != nil {
		return err
	}
	if err := g.countPlace(topic, open, position); err != nil {
		return err
	}
	g.touched[topic], g.altered[story] = true, true
	return note(g.tx, Note{At: g.now, Kind: kind, Topic: topic, Story: story})
}

// Raise gives a story that has a place in topic a new one at the top: something
// of it is new there, and must stand above what readers have fetched. If its own
// place lies in a closed archive it keeps that, and gets a second one.
func (g *Grouping) Raise(topic copydesk.TopicID, story copydesk.StoryID) error {
	key := placedKey(topic, story)
	value := g.tx.Bucket(bucketPlaced).Get(key)
	if value == nil {
		return nil
	}
	own, _ := readPlaced(value)
	if _, closed, err := g.archived(topic, own); err != nil {
		return err
	} else if closed {
		g.touched[topic] = true
		return g.restate(topic, story)
	}
	if err := remove(g.tx, bucketPosition, positionKey(topic, own)); err != nil {
		return err
	}
	if err := remove(g.tx, bucketPlaced, key); err != nil {
		return err
	}
	if err := g.leave(topic, own); err != nil {
		return err
	}
	return g.putPlace(topic, story, "raised")
}

// Placed returns the stories of topic, the oldest position first.
func (g *Grouping) Placed(topic copydesk.TopicID) (all []copydesk.StoryID, err error) {
	err = under(g.tx, bucketPosition, topicPrefix(topic), func(_, value []byte) (bool, error) {
		if len(value) == 16 {
			all = append(all, copydesk.StoryID(value))
		}
		return true, nil
	})
	return all, err
}

// restate gives the story a second position at the top of topic, in place of
// the one that it had, if its own lies in a closed archive: its update must also
// be seen by who reads the edition alone (RFC 5005, section 4.1).
func (g *Grouping) restate(topic copydesk.TopicID, story copydesk.StoryID) error {
	own, before := readPlaced(g.tx.Bucket(bucketPlaced).Get(placedKey(topic, story)))
	if _, closed, err := g.archived(topic, own); err != nil || !closed {
		return err
	}
	if before > 0 {
		if err := remove(g.tx, bucketPosition, positionKey(topic, before)); err != nil {
			return err
		}
	}
	again, err := g.tx.Bucket(bucketPosition).NextSequence()
	if err != nil {
		return fmt.Errorf("place again in %s: %w", topic, err)
	}
	if err := set(g.tx, bucketPosition, positionKey(topic, again), positionValue(story, true)); err != nil {
		return err
	}
	if err := set(g.tx, bucketPlaced, placedKey(topic, story), placedValue(own, again)); err != nil {
		return err
	}
	return note(g.tx, Note{At: g.now, Kind: "updated", Topic: topic, Story: story})
}

// Withdraw takes the story out of topic, its archives too, and with it those
// that it absorbed.
func (g *Grouping) Withdraw(topic copydesk.TopicID, story copydesk.StoryID) error {
	if g.tx.Bucket(bucketPlaced).Get(placedKey(topic, story)) == nil {
		return nil
	}
	absorbed, err := g.absorbed(story)
	if err != nil {
		return err
	}
	for _, id := range append(absorbed, story) {
		if err := g.withdraw(topic, id, "withdrawn"); err != nil {
			return err
		}
	}
	return nil
}

func (g *Grouping) withdraw(topic copydesk.TopicID, story copydesk.StoryID, kind string) error {
	key := placedKey(topic, story)
	value := g.tx.Bucket(bucketPlaced).Get(key)
	if value == nil {
		return nil
	}
	own, again := readPlaced(value)
	if again > 0 {
		if err := remove(g.tx, bucketPosition, positionKey(topic, again)); err != nil {
			return err
		}
	}
	if err := remove(g.tx, bucketPosition, positionKey(topic, own)); err != nil {
		return err
	}
	if err := remove(g.tx, bucketPlaced, key); err != nil {
		return err
	}
	if err := g.leave(topic, own); err != nil {
		return err
	}
	g.touched[topic], g.altered[story] = true, true
	return note(g.tx, Note{At: g.now, Kind: kind, Topic: topic, Story: story})
}

// retire takes an absorbed story out of topic, unless it stands in a closed
// archive: that keeps its set of ids.
func (g *Grouping) retire(topic copydesk.TopicID, story copydesk.StoryID) error {
	key := placedKey(topic, story)
	own, again := readPlaced(g.tx.Bucket(bucketPlaced).Get(key))
	a, closed, err := g.archived(topic, own)
	if err != nil {
		return err
	}
	if !closed {
		return g.withdraw(topic, story, "absorbed")
	}
	if again > 0 {
		if err := remove(g.tx, bucketPosition, positionKey(topic, again)); err != nil {
			return err
		}
		if err := set(g.tx, bucketPlaced, key, placedValue(own, 0)); err != nil {
			return err
		}
	}
	g.touched[topic] = true
	if err := mark(g.tx, topic, a.Number); err != nil {
		return err
	}
	return note(g.tx, Note{At: g.now, Kind: "absorbed", Topic: topic, Story: story})
}

// absorbed returns the stories that have become part of this one. A story is
// named by its first member, so they are found by the members.
func (g *Grouping) absorbed(id copydesk.StoryID) (all []copydesk.StoryID, err error) {
	var story copydesk.Story
	if _, err := get(g.tx, bucketStory, id[:], &story); err != nil {
		return nil, err
	}
	for _, m := range story.Members {
		was := copydesk.NewStoryID(m.Entry)
		if was != id && len(g.tx.Bucket(bucketSurvivor).Get(was[:])) > 0 {
			all = append(all, was)
		}
	}
	return all, nil
}

func (g *Grouping) withdrawEverywhere(story copydesk.StoryID, kind string) error {
	return g.placements(story, func(topic copydesk.TopicID, _ uint64) error {
		return g.withdraw(topic, story, kind)
	})
}

// placements calls fn for each topic that carries the story.
func (g *Grouping) placements(story copydesk.StoryID, fn func(topic copydesk.TopicID, position uint64) error) error {
	all, err := placements(g.tx, story)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := fn(p.Topic, p.Position); err != nil {
			return err
		}
	}
	return nil
}

// Placement is a story's place in a topic.
type Placement struct {
	Topic    copydesk.TopicID
	Position uint64
}

// Placements returns the places of a story in topics, in the order of the
// topics' ids.
func (db *DB) Placements(ctx context.Context, story copydesk.StoryID) (all []Placement, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		all, err = placements(tx, story)
		return err
	})
	return all, err
}

func placements(tx *bbolt.Tx, story copydesk.StoryID) (all []Placement, err error) {
	ids, err := topics(tx)
	if err != nil {
		return nil, err
	}
	for _, t := range ids {
		if position := tx.Bucket(bucketPlaced).Get(placedKey(t.ID, story)); position != nil {
			all = append(all, Placement{Topic: t.ID, Position: binary.BigEndian.Uint64(position)})
		}
	}
	return all, nil
}

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
