package db

import (
	"context"
	"encoding/binary"
	"time"

	"copydesk"
)

// grave is what is left of an expired entry.
type grave struct {
	Source copydesk.SourceID
	Story  copydesk.StoryID
	At     time.Time
}

// Expire removes up to limit stories whose newest member was first seen before
// cutoff, with their entries and revisions. Of each entry its keys and a
// tombstone stay, so that one which a publisher still lists, or lists again, is
// not new. It returns how many entries went and which topics look different.
func (db *DB) Expire(ctx context.Context, cutoff, now time.Time, limit int) (gone int, topics []copydesk.TopicID, err error) {
	topics, err = db.grouping(ctx, now, func(g *Grouping) error {
		gone = 0
		old, err := g.olderThan(cutoff, limit)
		if err != nil {
			return err
		}
		for _, story := range old {
			if err := g.bury(story); err != nil {
				return err
			}
			gone += len(story.Members)
		}
		return nil
	})
	return gone, topics, err
}

// olderThan returns stories all of whose members were first seen before cutoff.
func (g *Grouping) olderThan(cutoff time.Time, limit int) (old []copydesk.Story, err error) {
	chosen := map[copydesk.StoryID]bool{}
	end := uint64(cutoff.UnixNano())
	err = under(g.tx, bucketSeen, nil, func(key, _ []byte) (bool, error) {
		if binary.BigEndian.Uint64(key) >= end || len(old) >= limit {
			return false, nil
		}
		id, found := g.StoryOf(copydesk.EntryID(key[8:]))
		if !found || chosen[id] { // not found: it waits to be grouped
			return true, nil
		}
		var story copydesk.Story
		if _, err := get(g.tx, bucketStory, id[:], &story); err != nil {
			return false, err
		}
		for _, m := range story.Members {
			r, err := getRecord(g.tx, m.Entry)
			if err != nil {
				return false, err
			}
			if !r.FirstSeen.Before(cutoff) {
				return true, nil
			}
		}
		chosen[story.ID] = true
		old = append(old, story)
		return true, nil
	})
	return old, err
}

// bury removes a story with its entries. What it absorbed leaves the archives
// with it.
func (g *Grouping) bury(story copydesk.Story) error {
	g.altered[story.ID] = true
	if err := g.releaseEverywhere(story.ID); err != nil {
		return err
	}
	all, err := topics(g.tx)
	if err != nil {
		return err
	}
	for _, t := range all {
		for _, id := range names(g.tx, story) {
			if err := g.withdraw(t.ID, id, "expired"); err != nil {
				return err
			}
		}
	}
	for _, m := range story.Members {
		if err := g.buryEntry(m.Entry, story.ID); err != nil {
			return err
		}
	}
	if err := remove(g.tx, bucketStory, story.ID[:]); err != nil {
		return err
	}
	return g.tx.Bucket(bucketSurvivor).Put(story.ID[:], []byte{})
}

func (g *Grouping) buryEntry(id copydesk.EntryID, story copydesk.StoryID) error {
	r, err := getRecord(g.tx, id)
	if err != nil {
		return err
	}
	for n := 1; n <= r.Revision; n++ {
		if err := remove(g.tx, bucketText, textKey(r.Serial, n)); err != nil {
			return err
		}
	}
	if r.Canonical != "" {
		if err := remove(g.tx, bucketAddress, addressKey(r.Canonical, id)); err != nil {
			return err
		}
	}
	for _, bucket := range [][]byte{bucketEntry, bucketMember} {
		if err := remove(g.tx, bucket, id[:]); err != nil {
			return err
		}
	}
	if err := remove(g.tx, bucketSeen, seenKey(r)); err != nil {
		return err
	}
	if err := g.expireKeys(r); err != nil {
		return err
	}
	return put(g.tx, bucketGrave, id[:], grave{Source: r.Source, Story: story, At: g.now})
}

// expireKeys marks the keys that lead to the entry. A key that was shared stays
// so, and forgets the entry.
func (g *Grouping) expireKeys(r entryRecord) error {
	for _, k := range r.Keys {
		key := keyKey(r.Source, k)
		value := g.tx.Bucket(bucketKey).Get(key)
		if value == nil || copydesk.EntryID(value[:16]) != r.ID {
			continue // another entry has it by now
		}
		left := holderValue(r.ID, holderExpired)
		if value[16] == holderShared {
			left = holderValue(copydesk.EntryID{}, holderShared)
		}
		if err := set(g.tx, bucketKey, key, left); err != nil {
			return err
		}
	}
	return nil
}
