package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/publish"
)

// library is the store as those see it who ask for more than editions. It is
// the [publish.Library] of the daemon.
type library struct{ *Desk }

// Archive returns a closed archive.
func (l library) Archive(ctx context.Context, topic copydesk.TopicID, number int) (a publish.Archive, err error) {
	stored, packed, err := l.store.Galleys(ctx, topic, number)
	switch {
	case errors.Is(err, db.ErrGone):
		return a, fmt.Errorf("%w: %w", publish.ErrDropped, err)
	case errors.Is(err, db.ErrNotFound):
		return a, fmt.Errorf("%w: %w", publish.ErrNoArchive, err)
	case err != nil:
		return a, err
	case packed == nil:
		return a, fmt.Errorf("archive %d of %s is not set yet", number, topic)
	}
	a.Number, a.From = stored.Number, stored.From
	if a.Galleys, err = publish.Unpack(packed); err != nil {
		return a, fmt.Errorf("archive %d of %s: %w", number, topic, err)
	}
	before, err := l.store.Kept(ctx, topic, number)
	if err != nil {
		return a, err
	}
	a.Prev = before.Number
	a.Next, err = l.store.After(ctx, topic, number)
	return a, err
}

// Below returns the newest closed archive with a story below that position which
// so many publishers carry.
func (l library) Below(ctx context.Context, topic copydesk.TopicID, position uint64, publishers int) (a publish.Archive, err error) {
	number, err := l.store.ArchiveBelow(ctx, topic, position, publishers)
	if err != nil || number == 0 {
		return a, err
	}
	return l.Archive(ctx, topic, number)
}

// Stamp returns since when a document has had the bytes with that hash.
func (l library) Stamp(ctx context.Context, topic copydesk.TopicID, document string, hash copydesk.Digest) (time.Time, error) {
	return l.store.Stamp(ctx, topic, document, hash, time.Now())
}

// Story returns a story that a public topic carries, or one of these private
// ones, as those see it.
func (l library) Story(ctx context.Context, id copydesk.StoryID, private []copydesk.TopicID) (told copydesk.Told, err error) {
	told, err = l.store.Story(ctx, id)
	switch {
	case errors.Is(err, db.ErrGone):
		return told, fmt.Errorf("%w: %w", publish.ErrDropped, err)
	case errors.Is(err, db.ErrNotFound):
		return told, fmt.Errorf("%w: %w", publish.ErrNoStory, err)
	case err != nil:
		return told, err
	}
	told, err = l.carriedBy(ctx, told, private)
	if err == nil && len(told.Voices) == 0 {
		err = fmt.Errorf("%w: no topic carries %s", publish.ErrNoStory, id)
	}
	return told, err
}
