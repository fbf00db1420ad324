package db

import (
	"context"
	"fmt"

	"copydesk"

	"go.etcd.io/bbolt"
)

// A topic carries a story in one place, and under one id: its own, or, where
// only a story was that it has absorbed since, the id of that one, by which
// readers of the topic know it. Other stories that it has absorbed stand in
// closed archives at most, which keep the ids that they have.

// Stand is a story's place in a topic while the story is about to change.
type Stand struct {
	Topic copydesk.TopicID
	As    copydesk.StoryID // the id under which it stands there
	Was   copydesk.Story   // what stands there now: the story, or one that it is about to absorb

	private bool // who reads the topic sees all members
}

// Stands returns where a story will stand when it is put, for each topic that
// carries it, or one that it will then have absorbed, in the order of the
// topics' ids.
func (g *Grouping) Stands(story copydesk.Story) (all []Stand, err error) {
	ids, err := topics(g.tx)
	if err != nil {
		return nil, err
	}
	known, was := names(g.tx, story), map[copydesk.StoryID]copydesk.Story{}
	for _, t := range ids {
		as, found := standing(g.tx, t.ID, known)
		if !found {
			continue
		}
		now := survivor(g.tx, as)
		if _, read := was[now]; !read {
			var s copydesk.Story
			if _, err := get(g.tx, bucketStory, now[:], &s); err != nil {
				return nil, err
			}
			was[now] = s
		}
		all = append(all, Stand{Topic: t.ID, As: as, Was: was[now], private: t.Private})
	}
	return all, nil
}

// keepStand brings the topic in line with a story that was put, and whose names
// are known: no other of them stays in the open part of its log, an update is
// seen by who reads the edition alone, and what was set of the archives that
// tell the story is to be set anew.
func (g *Grouping) keepStand(s Stand, story copydesk.Story, known []copydesk.StoryID) error {
	if err := remove(g.tx, bucketHeld, placedKey(s.Topic, story.ID)); err != nil {
		return err
	}
	for _, id := range known {
		if id == s.As {
			continue
		}
		if err := g.retire(s.Topic, id); err != nil {
			return err
		}
	}
	if story.UpdatedFor(s.private).After(s.Was.UpdatedFor(s.private)) {
		if err := g.restate(s.Topic, s.As); err != nil {
			return err
		}
	}
	g.touched[s.Topic] = true
	for _, id := range known {
		if err := g.markArchiveOf(s.Topic, id); err != nil {
			return err
		}
	}
	return nil
}

// names returns the ids under which a story can stand in topics: its own, and
// then those of the stories whose first members are in it, by which these were
// named.
func names(tx *bbolt.Tx, story copydesk.Story) []copydesk.StoryID {
	all := []copydesk.StoryID{story.ID}
	for _, m := range story.Members {
		was := copydesk.NewStoryID(m.Entry)
		if was != story.ID && (has(tx, bucketSurvivor, was[:]) || has(tx, bucketStory, was[:])) {
			all = append(all, was)
		}
	}
	return all
}

// namesOf returns the names of a story that is stored.
func namesOf(tx *bbolt.Tx, id copydesk.StoryID) ([]copydesk.StoryID, error) {
	story := copydesk.Story{ID: id}
	_, err := get(tx, bucketStory, id[:], &story)
	return names(tx, story), err
}

// standing returns under which of its names a story stands in topic: its own,
// which is the first, else that which has been there for longest.
func standing(tx *bbolt.Tx, topic copydesk.TopicID, names []copydesk.StoryID) (as copydesk.StoryID, found bool) {
	oldest := ^uint64(0)
	for i, id := range names {
		value := tx.Bucket(bucketPlaced).Get(placedKey(topic, id))
		if value == nil {
			continue
		}
		if i == 0 {
			return id, true
		}
		if own, _ := readPlaced(value); own < oldest {
			as, found, oldest = id, true, own
		}
	}
	return as, found
}

// stand returns under which id a story that is stored stands in topic.
func stand(tx *bbolt.Tx, topic copydesk.TopicID, story copydesk.StoryID) (as copydesk.StoryID, found bool, err error) {
	if has(tx, bucketPlaced, placedKey(topic, story)) { // as nearly always
		return story, true, nil
	}
	known, err := namesOf(tx, story)
	if err != nil {
		return as, false, err
	}
	as, found = standing(tx, topic, known)
	return as, found, nil
}

// stands returns the story that what was placed in topic under that id is by
// now, and whether it is only kept there for an archive's sake.
func stands(tx *bbolt.Tx, topic copydesk.TopicID, id copydesk.StoryID) (story copydesk.StoryID, kept bool, err error) {
	story = survivor(tx, id)
	if story == id { // as nearly always
		return story, false, nil
	}
	as, _, err := stand(tx, topic, story)
	return story, as != id, err
}

// HasPlace reports whether topic carries the story.
func (g *Grouping) HasPlace(topic copydesk.TopicID, story copydesk.StoryID) (bool, error) {
	_, found, err := stand(g.tx, topic, story)
	return found, err
}

// Place gives the story a position at the top of topic, unless it has one, and
// reports whether it got one.
func (g *Grouping) Place(topic copydesk.TopicID, story copydesk.StoryID) (bool, error) {
	if found, err := g.HasPlace(topic, story); err != nil || found {
		return false, err
	}
	if err := remove(g.tx, bucketHeld, placedKey(topic, story)); err != nil {
		return false, err
	}
	return true, g.putPlace(topic, story, "placed")
}

// putPlace gives what has no place in topic one at the top.
func (g *Grouping) putPlace(topic copydesk.TopicID, id copydesk.StoryID, kind string) error {
	// One sequence serves all topics: positions only have to grow.
	position, err := g.tx.Bucket(bucketPosition).NextSequence()
	if err != nil {
		return fmt.Errorf("place in %s: %w", topic, err)
	}
	open, err := g.open(topic)
	if err != nil {
		return err
	}
	if err := set(g.tx, bucketPosition, positionKey(topic, position), positionValue(id, false)); err != nil {
		return err
	}
	if err := set(g.tx, bucketPlaced, placedKey(topic, id), placedValue(position, 0)); err != nil {
		return err
	}
	if err := g.countPlace(topic, open, position); err != nil {
		return err
	}
	g.touched[topic], g.altered[id] = true, true
	return note(g.tx, Note{At: g.now, Kind: kind, Topic: topic, Story: id})
}

// Raise gives a story that has a place in topic a new one at the top: something
// of it is new there, and must stand above what readers have fetched. If its own
// place lies in a closed archive it keeps that, and gets a second one.
func (g *Grouping) Raise(topic copydesk.TopicID, story copydesk.StoryID) error {
	as, found, err := stand(g.tx, topic, story)
	if err != nil || !found {
		return err
	}
	if _, closed, err := g.archiveOf(topic, as); err != nil {
		return err
	} else if closed {
		return g.restate(topic, as)
	}
	if err := g.clear(topic, as); err != nil {
		return err
	}
	return g.putPlace(topic, as, "raised")
}

// Restate has a story that has a place in topic stand in the edition, where its
// update must also be seen by who reads that alone (RFC 5005, section 4.1): if
// its own place lies in a closed archive, it gets a second one at the top.
func (g *Grouping) Restate(topic copydesk.TopicID, story copydesk.StoryID) error {
	as, found, err := stand(g.tx, topic, story)
	if err != nil || !found {
		return err
	}
	return g.restate(topic, as)
}

// restate gives what stands in a closed archive a second position at the top of
// topic, in place of the one that it had.
func (g *Grouping) restate(topic copydesk.TopicID, id copydesk.StoryID) error {
	if _, closed, err := g.archiveOf(topic, id); err != nil || !closed {
		return err
	}
	if err := g.clearAgain(topic, id); err != nil {
		return err
	}
	again, err := g.tx.Bucket(bucketPosition).NextSequence()
	if err != nil {
		return fmt.Errorf("place again in %s: %w", topic, err)
	}
	if err := set(g.tx, bucketPosition, positionKey(topic, again), positionValue(id, true)); err != nil {
		return err
	}
	key := placedKey(topic, id)
	own, _ := readPlaced(g.tx.Bucket(bucketPlaced).Get(key))
	if err := set(g.tx, bucketPlaced, key, placedValue(own, again)); err != nil {
		return err
	}
	g.touched[topic] = true
	return note(g.tx, Note{At: g.now, Kind: "updated", Topic: topic, Story: id})
}

// Withdraw takes the story out of topic, its archives too, and with it those
// that it absorbed.
func (g *Grouping) Withdraw(topic copydesk.TopicID, story copydesk.StoryID) error {
	known, err := namesOf(g.tx, story)
	if err != nil {
		return err
	}
	if _, found := standing(g.tx, topic, known); !found {
		return nil
	}
	g.altered[story] = true
	for _, id := range known {
		if err := g.withdraw(topic, id, "withdrawn"); err != nil {
			return err
		}
	}
	return nil
}

// withdraw takes what stands in topic under that id out of its log.
func (g *Grouping) withdraw(topic copydesk.TopicID, id copydesk.StoryID, kind string) error {
	if !has(g.tx, bucketPlaced, placedKey(topic, id)) {
		return nil
	}
	if err := g.clear(topic, id); err != nil {
		return err
	}
	g.touched[topic] = true
	return note(g.tx, Note{At: g.now, Kind: kind, Topic: topic, Story: id})
}

// retire takes what a story has absorbed out of topic, but for its place in a
// closed archive: that keeps its set of ids.
func (g *Grouping) retire(topic copydesk.TopicID, id copydesk.StoryID) error {
	_, closed, err := g.archiveOf(topic, id)
	switch {
	case err != nil:
		return err
	case closed:
		return g.clearAgain(topic, id)
	}
	return g.withdraw(topic, id, "absorbed")
}

// clear removes the positions that were given under that id, if any were.
func (g *Grouping) clear(topic copydesk.TopicID, id copydesk.StoryID) error {
	if err := g.clearAgain(topic, id); err != nil {
		return err
	}
	key := placedKey(topic, id)
	own, _ := readPlaced(g.tx.Bucket(bucketPlaced).Get(key))
	if err := remove(g.tx, bucketPosition, positionKey(topic, own)); err != nil {
		return err
	}
	if err := remove(g.tx, bucketPlaced, key); err != nil {
		return err
	}
	return g.leave(topic, own)
}

// clearAgain removes the second position that was given under that id, if one
// was.
func (g *Grouping) clearAgain(topic copydesk.TopicID, id copydesk.StoryID) error {
	key := placedKey(topic, id)
	own, again := readPlaced(g.tx.Bucket(bucketPlaced).Get(key))
	if again == 0 {
		return nil
	}
	g.touched[topic] = true
	if err := remove(g.tx, bucketPosition, positionKey(topic, again)); err != nil {
		return err
	}
	return set(g.tx, bucketPlaced, key, placedValue(own, 0))
}

// archiveOf returns the closed archive in which that id has its own place.
func (g *Grouping) archiveOf(topic copydesk.TopicID, id copydesk.StoryID) (a Archive, closed bool, err error) {
	value := g.tx.Bucket(bucketPlaced).Get(placedKey(topic, id))
	if value == nil {
		return a, false, nil
	}
	own, _ := readPlaced(value)
	a, found, err := archiveAt(g.tx, topic, own)
	return a, found && a.To > 0, err
}

// markArchiveOf says that the archive in which that id stands is to be set anew.
func (g *Grouping) markArchiveOf(topic copydesk.TopicID, id copydesk.StoryID) error {
	a, closed, err := g.archiveOf(topic, id)
	if err != nil || !closed {
		return err
	}
	return mark(g.tx, topic, a.Number)
}

// Placed returns the stories that topic carries, the oldest position first.
func (g *Grouping) Placed(topic copydesk.TopicID) (all []copydesk.StoryID, err error) {
	err = under(g.tx, bucketPosition, topicPrefix(topic), func(_, value []byte) (bool, error) {
		if len(value) == 16 {
			all = append(all, survivor(g.tx, copydesk.StoryID(value)))
		}
		return true, nil
	})
	return all, err
}

// Placement is a story's place in a topic.
type Placement struct {
	Topic    copydesk.TopicID
	As       copydesk.StoryID // by which readers of the topic know it: its own id, or that of a story which it absorbed
	Position uint64
}

// Placements returns the places of a story in topics, in the order of the
// topics' ids.
func (db *DB) Placements(ctx context.Context, story copydesk.StoryID) (all []Placement, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		ids, err := topics(tx)
		if err != nil {
			return err
		}
		known, err := namesOf(tx, story)
		if err != nil {
			return err
		}
		for _, t := range ids {
			if as, found := standing(tx, t.ID, known); found {
				own, _ := readPlaced(tx.Bucket(bucketPlaced).Get(placedKey(t.ID, as)))
				all = append(all, Placement{Topic: t.ID, As: as, Position: own})
			}
		}
		return nil
	})
	return all, err
}
