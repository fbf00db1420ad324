package db

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Grouping is a transaction in which entries become stories and stories get
// their places in topics. It reads what it has written itself. It is valid only
// during the call that it was given to.
type Grouping struct {
	telling
	now     time.Time
	touched map[copydesk.TopicID]bool
	altered map[copydesk.StoryID]bool
}

func (db *DB) newGrouping(tx *bbolt.Tx, now time.Time) *Grouping {
	return &Grouping{telling: db.telling(tx), now: now, touched: map[copydesk.TopicID]bool{}, altered: map[copydesk.StoryID]bool{}}
}

// Group takes up to limit rows from the inbox in sequence and calls fn with
// each entry, in its newest text; what fn writes and the removal of the rows
// are one transaction. It returns how many rows it took and which topics look
// different now. fn is called once for each row; if it or the transaction fails,
// what it changed beside g no longer fits the store.
func (db *DB) Group(ctx context.Context, limit int, now time.Time, fn func(g *Grouping, v copydesk.Voice) error) (taken int, topics []copydesk.TopicID, err error) {
	topics, err = db.grouping(ctx, now, func(g *Grouping) error {
		rows, err := inbox(g.tx, limit)
		if err != nil {
			return err
		}
		taken = len(rows)
		for _, row := range rows {
			if err := g.take(row, fn); err != nil {
				return fmt.Errorf("group entry %s: %w", row.entry, err)
			}
		}
		return nil
	})
	return taken, topics, err
}

func (db *DB) grouping(ctx context.Context, now time.Time, fn func(*Grouping) error) ([]copydesk.TopicID, error) {
	var touched map[copydesk.TopicID]bool
	err := db.writeAlone(ctx, func(tx *bbolt.Tx) error {
		g := db.newGrouping(tx, now)
		touched = g.touched
		if err := fn(g); err != nil {
			return err
		}
		return g.noteAltered()
	})
	return slices.Sorted(maps.Keys(touched)), err
}

func inbox(tx *bbolt.Tx, limit int) (rows []inboxRow, err error) {
	err = under(tx, bucketInbox, nil, func(key, value []byte) (bool, error) {
		rows = append(rows, readInboxRow(key, value))
		return len(rows) < limit, nil
	})
	return rows, err
}

func (g *Grouping) take(row inboxRow, fn func(*Grouping, copydesk.Voice) error) error {
	if g.tx.Bucket(bucketEntry).Get(row.entry[:]) != nil { // else it has expired meanwhile
		v, err := g.Voice(row.entry)
		if err != nil {
			return err
		}
		if err := fn(g, v); err != nil {
			return err
		}
	}
	return remove(g.tx, bucketInbox, be64(row.sequence))
}

// AtAddress returns the entries with that canonical address, without their long
// texts.
func (g *Grouping) AtAddress(canonical string) ([]copydesk.Entry, error) {
	return atAddress(g.tx, canonical)
}

// StoryOf returns the id of the story that entry belongs to, and whether there
// is one.
func (g *Grouping) StoryOf(entry copydesk.EntryID) (id copydesk.StoryID, found bool) {
	value := g.tx.Bucket(bucketMember).Get(entry[:])
	if value == nil {
		return id, false
	}
	return copydesk.StoryID(value), true
}

// Now is when the grouping began.
func (g *Grouping) Now() time.Time { return g.now }

// Put writes a story and its members. A story whose first member is in it now is
// absorbed: links to that lead to this one from now on, and topics that carry
// both have only this one. One that was absorbed, and is one of its own again,
// leads to itself from now on.
func (g *Grouping) Put(story copydesk.Story) error {
	all, err := g.Stands(story)
	if err != nil {
		return err
	}
	known := names(g.tx, story)
	for _, id := range known[1:] {
		if err := g.absorb(id, story.ID); err != nil {
			return err
		}
	}
	for _, m := range story.Members {
		if err := set(g.tx, bucketMember, m.Entry[:], story.ID[:]); err != nil {
			return err
		}
	}
	if err := remove(g.tx, bucketSurvivor, story.ID[:]); err != nil {
		return err
	}
	if err := put(g.tx, bucketStory, story.ID[:], story); err != nil {
		return err
	}
	g.altered[story.ID] = true
	for _, s := range all {
		if err := g.keepStand(s, story, known); err != nil {
			return err
		}
	}
	return nil
}

// absorb takes a story away, if it is still there, and has what leads to it lead
// to its survivor.
func (g *Grouping) absorb(story, survivor copydesk.StoryID) error {
	if has(g.tx, bucketStory, story[:]) {
		g.altered[story] = true
		if err := g.releaseEverywhere(story); err != nil {
			return err
		}
		if err := remove(g.tx, bucketStory, story[:]); err != nil {
			return err
		}
	}
	return set(g.tx, bucketSurvivor, story[:], survivor[:])
}

// Voice returns an entry, in its newest text, with its source.
func (g *Grouping) Voice(id copydesk.EntryID) (copydesk.Voice, error) { return g.voice(id) }

// Voices returns the voices of a story's members, in their order.
func (g *Grouping) Voices(s copydesk.Story) ([]copydesk.Voice, error) { return g.voices(s) }

// Told returns a story with the voices of its members.
func (g *Grouping) Told(id copydesk.StoryID) (copydesk.Told, error) { return g.told(id) }

// Stories yields all stories in the order of their ids. The loop may not write.
func (g *Grouping) Stories() iter.Seq2[copydesk.Story, error] { return stories(g.tx) }
