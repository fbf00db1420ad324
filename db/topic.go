package db

import (
	"context"
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
	old, found, err := g.knownTopic(t)
	if err != nil {
		return old, err
	}
	t.FeedID, t.Since, t.Listed = old.FeedID, old.Since, true
	if !found {
		t.Since = g.now
		t.FeedID = copydesk.FeedID(string(g.tx.Bucket(bucketMeta).Get(metaInstallation)), t.ID)
	}
	if err := put(g.tx, bucketTopic, []byte(t.ID), t); err != nil {
		return old, err
	}
	if found {
		if err := g.showOtherwise(old, t); err != nil {
			return old, err
		}
	}
	return old, g.closeLong(t)
}

// knownTopic returns what the store has of t, under its id or one that it had
// before, from which all is then moved.
func (g *Grouping) knownTopic(t Topic) (old Topic, found bool, err error) {
	if found, err = get(g.tx, bucketTopic, []byte(t.ID), &old); found || err != nil {
		return old, found, err
	}
	for _, was := range t.Was {
		if found, err = get(g.tx, bucketTopic, []byte(was), &old); err != nil {
			return old, false, err
		}
		if found {
			return old, true, g.renameTopic(was, t.ID)
		}
	}
	return old, false, nil
}

// showOtherwise sees to what another definition of a topic changes of how its
// stories are shown, and to whom.
func (g *Grouping) showOtherwise(old, t Topic) error {
	if !old.Listed {
		if err := g.alterAll(t.ID); err != nil {
			return err
		}
	}
	if old.Merge != t.Merge || old.Content != t.Content {
		if err := markAll(g.tx, t.ID); err != nil {
			return err
		}
	}
	if old.Sight != t.Sight { // what was set of archives may show what it must not
		return g.unset(t.ID)
	}
	return nil
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
	if err := g.alterAll(from); err != nil {
		return err
	}
	for _, bucket := range [][]byte{bucketPosition, bucketPlaced, bucketArchive, bucketGalley, bucketStale, bucketHeld, bucketEntered, bucketEdition} {
		if err := moveUnder(g.tx, bucket, topicPrefix(from), topicPrefix(to)); err != nil {
			return err
		}
	}
	return remove(g.tx, bucketTopic, []byte(from))
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
