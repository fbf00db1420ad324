package db

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/maphash"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Row is a place in the log of a topic.
type Row struct {
	Position uint64
	Own      uint64           // the story's own position: another one where it stands a second time
	Placed   copydesk.StoryID // the story that was placed there
	Story    copydesk.StoryID // the same, or the one that has absorbed it
	Kept     bool             // for the archive's sake alone: the topic carries the story elsewhere

	// Look is a hash of all that decides how the story looks: itself, its
	// entries, what is shown of their sources, and what was learned of those. It
	// is only good within one process.
	Look uint64
}

// Looks remember between two readings of a log what they needed to decode, so
// that a story that is as before costs next to nothing. They may be used by one
// reading at a time. The zero value is ready.
type Looks struct {
	stories map[copydesk.StoryID]seenStory
	sources map[copydesk.SourceID]seenSource
}

type seenStory struct {
	raw     uint64
	members []copydesk.Member // without their evidence
}

type seenSource struct {
	raw  uint64
	look uint64
}

var lookSeed = maphash.MakeSeed()

// Log calls fn for the places of topic from position last downward and above
// first, until fn says stop or fails. Tell reads the whole story, with the
// boilerplate in its texts; it is valid only during the call. All is seen as it
// was at one moment.
func (db *DB) Log(ctx context.Context, topic copydesk.TopicID, first, last uint64, looks *Looks,
	fn func(row Row, tell func() (copydesk.Told, error)) (more bool, err error)) error {
	looks.begin()
	err := db.read(ctx, func(tx *bbolt.Tx) error {
		b, tell := openShelves(tx), db.telling(tx)
		return walk(tx, topic, last, func(position uint64, story copydesk.StoryID, again bool) (bool, error) {
			if position <= first {
				return false, nil
			}
			at := spotOf(tx, topic, story)
			row := Row{Position: position, Own: at.position, Placed: story, Story: survivor(tx, story), Kept: at.kept}
			found, err := looks.at(b, &row)
			if err != nil || !found { // not found: what absorbed it has expired
				return true, err
			}
			return fn(row, func() (copydesk.Told, error) {
				told, err := tell.told(row.Story)
				told.Position, told.As = row.Own, row.Placed
				return told, err
			})
		})
	})
	if err != nil {
		return fmt.Errorf("log of topic %s: %w", topic, err)
	}
	return nil
}

// shelves are buckets that were opened once, since a reader opens one anew each
// time that it is asked for.
type shelves struct {
	tx                          *bbolt.Tx
	story, entry, source, habit *bbolt.Bucket
}

func openShelves(tx *bbolt.Tx) shelves {
	return shelves{tx, tx.Bucket(bucketStory), tx.Bucket(bucketEntry), tx.Bucket(bucketSource), tx.Bucket(bucketHabit)}
}

func (l *Looks) begin() {
	if l.stories == nil {
		l.stories, l.sources = map[copydesk.StoryID]seenStory{}, map[copydesk.SourceID]seenSource{}
	}
}

// Forget drops what is remembered of stories that keep does not name.
func (l *Looks) Forget(keep func(copydesk.StoryID) bool) {
	for id := range l.stories {
		if !keep(id) {
			delete(l.stories, id)
		}
	}
}

// at fills in the look of a row, and reports whether its story is there.
func (l *Looks) at(b shelves, row *Row) (found bool, err error) {
	value := b.story.Get(row.Story[:])
	if value == nil {
		return false, nil
	}
	raw := maphash.Bytes(lookSeed, value)
	seen, known := l.stories[row.Story]
	if !known || seen.raw != raw {
		var s copydesk.Story
		if err := json.Unmarshal(value, &s); err != nil {
			return false, fmt.Errorf("read story %s: %w", row.Story, err)
		}
		for i := range s.Members {
			s.Members[i].Evidence, s.Members[i].Related = nil, nil
		}
		seen = seenStory{raw, s.Members}
		l.stories[row.Story] = seen
	}
	var h maphash.Hash
	h.SetSeed(lookSeed)
	write := func(n uint64) { h.Write(binary.LittleEndian.AppendUint64(nil, n)) }
	write(raw)
	for _, m := range seen.members {
		h.Write(b.entry.Get(m.Entry[:]))
		look, err := l.source(b, m.Source)
		if err != nil {
			return false, err
		}
		write(look)
	}
	row.Look = h.Sum64()
	return true, nil
}

// source is a hash of what is shown of a source, and of what is left out of its
// texts. When it was polled and what it answered are no part of it.
func (l *Looks) source(b shelves, id copydesk.SourceID) (uint64, error) {
	value, habit := b.source.Get([]byte(id)), b.habit.Get([]byte(id))
	raw := maphash.Bytes(lookSeed, value) ^ 31*maphash.Bytes(lookSeed, habit)
	if seen, known := l.sources[id]; known && seen.raw == raw {
		return seen.look, nil
	}
	src, err := source(b.tx, id)
	if err != nil {
		return 0, err
	}
	learned, err := habits(b.tx, id)
	if err != nil {
		return 0, err
	}
	look, err := lookOf(src, learned)
	if err != nil {
		return 0, fmt.Errorf("source %s: %w", id, err)
	}
	l.sources[id] = seenSource{raw, look}
	return look, nil
}

func lookOf(src copydesk.Source, learned copydesk.Habits) (uint64, error) {
	feed := src.Feed
	shown, err := json.Marshal([]any{
		src.Name, src.Publisher, src.URL, src.Role, src.Content, src.Secret, src.Private, feed.ID, feed.Title, feed.Link, feed.Rights, feed.Image,
	})
	if err != nil {
		return 0, err
	}
	look := maphash.Bytes(lookSeed, shown)
	for _, k := range learned.Known { // in whatever order
		look += maphash.String(lookSeed, fmt.Sprint(k.Where, k.Mark))
	}
	return look, nil
}

// walk calls fn for the positions of topic from last downward, until fn says
// stop or fails. Again says that the story has an own position further down.
func walk(tx *bbolt.Tx, topic copydesk.TopicID, last uint64, fn func(position uint64, story copydesk.StoryID, again bool) (bool, error)) error {
	return downward(tx, bucketPosition, topicPrefix(topic), last, func(position uint64, value []byte) (bool, error) {
		return fn(position, copydesk.StoryID(value[:16]), len(value) > 16)
	})
}

// Newest returns the newest stories of a topic, the newest first, each once:
// what an edition of that many stories is made of.
func (db *DB) Newest(ctx context.Context, topic copydesk.TopicID, limit int) (all []copydesk.Told, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		seen, tell := map[copydesk.StoryID]bool{}, db.telling(tx)
		return walk(tx, topic, ^uint64(0), func(position uint64, id copydesk.StoryID, _ bool) (bool, error) {
			if seen[id] || spotOf(tx, topic, id).kept {
				return true, nil
			}
			if len(all) == limit {
				return false, nil
			}
			told, err := tell.told(survivor(tx, id))
			if err != nil {
				return false, fmt.Errorf("topic %s: %w", topic, err)
			}
			seen[id], told.Position, told.As = true, position, id
			all = append(all, told)
			return true, nil
		})
	})
	return all, err
}
