package db

import (
	"context"
	"fmt"

	"copydesk"

	"go.etcd.io/bbolt"
)

// A topic carries a story at one spot, and under one id: its own, or, where only
// a story was that it has absorbed since, the id of that one, by which readers of
// the topic know it. Other stories that it has absorbed are kept in closed
// archives at most, which keep the ids that they have.

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
// are known: it stands there once, an update is seen by who reads the edition
// alone, and what was set of the archives that tell it is to be set anew.
func (g *Grouping) keepStand(s Stand, story copydesk.Story, known []copydesk.StoryID) error {
	if err := remove(g.tx, bucketHeld, placedKey(s.Topic, story.ID)); err != nil {
		return err
	}
	if err := g.gather(s.Topic, s.As, known); err != nil {
		return err
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

// gather leaves one of a story's names in topic. Of the others stays what closed
// archives keep.
func (g *Grouping) gather(topic copydesk.TopicID, as copydesk.StoryID, known []copydesk.StoryID) error {
	for _, id := range known {
		if id == as {
			continue
		}
		if err := g.retire(topic, id); err != nil {
			return err
		}
	}
	at := spotOf(g.tx, topic, as)
	at.kept = false // it may have been, as a story that is one of its own again
	return g.putSpot(topic, as, at)
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

// spotOf returns where that id was placed in topic.
func spotOf(tx *bbolt.Tx, topic copydesk.TopicID, id copydesk.StoryID) spot {
	return readSpot(tx.Bucket(bucketPlaced).Get(placedKey(topic, id)))
}

// standing returns under which of its names a story stands in topic: its own,
// which is the first, else one that is not only kept there, else any, and of
// several that which was there first.
func standing(tx *bbolt.Tx, topic copydesk.TopicID, names []copydesk.StoryID) (as copydesk.StoryID, found bool) {
	var best spot
	for i, id := range names {
		at := spotOf(tx, topic, id)
		switch {
		case at.position == 0:
			continue
		case i == 0:
			return id, true
		}
		if !found || best.kept && !at.kept || best.kept == at.kept && at.position < best.position {
			as, found, best = id, true, at
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
	if err := g.putSpot(topic, id, spot{position: position}); err != nil {
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
	if err := g.putSpot(topic, id, spot{position: spotOf(g.tx, topic, id).position, again: again}); err != nil {
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
	if _, found := standing(g.tx, topic, known); found {
		g.altered[story] = true
	}
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
	case !closed:
		return g.withdraw(topic, id, "absorbed")
	}
	if err := g.clearAgain(topic, id); err != nil {
		return err
	}
	return g.putSpot(topic, id, spot{position: spotOf(g.tx, topic, id).position, kept: true})
}

// clear removes the positions that were given under that id.
func (g *Grouping) clear(topic copydesk.TopicID, id copydesk.StoryID) error {
	if err := g.clearAgain(topic, id); err != nil {
		return err
	}
	at := spotOf(g.tx, topic, id)
	if err := remove(g.tx, bucketPosition, positionKey(topic, at.position)); err != nil {
		return err
	}
	if err := remove(g.tx, bucketPlaced, placedKey(topic, id)); err != nil {
		return err
	}
	return g.leave(topic, at.position)
}

// clearAgain removes the second position that was given under that id, if one
// was.
func (g *Grouping) clearAgain(topic copydesk.TopicID, id copydesk.StoryID) error {
	at := spotOf(g.tx, topic, id)
	if at.again == 0 {
		return nil
	}
	g.touched[topic] = true
	if err := remove(g.tx, bucketPosition, positionKey(topic, at.again)); err != nil {
		return err
	}
	return g.putSpot(topic, id, spot{position: at.position})
}

func (g *Grouping) putSpot(topic copydesk.TopicID, id copydesk.StoryID, at spot) error {
	return set(g.tx, bucketPlaced, placedKey(topic, id), at.value())
}

// archiveOf returns the closed archive in which that id has its own place.
func (g *Grouping) archiveOf(topic copydesk.TopicID, id copydesk.StoryID) (a Archive, closed bool, err error) {
	at := spotOf(g.tx, topic, id)
	if at.position == 0 {
		return a, false, nil
	}
	a, found, err := archiveAt(g.tx, topic, at.position)
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
		if len(value) > 16 {
			return true, nil
		}
		if id := copydesk.StoryID(value); !spotOf(g.tx, topic, id).kept {
			all = append(all, survivor(g.tx, id))
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
				all = append(all, Placement{Topic: t.ID, As: as, Position: spotOf(tx, t.ID, as).position})
			}
		}
		return nil
	})
	return all, err
}
