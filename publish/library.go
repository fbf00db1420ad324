package publish

import (
	"context"
	"errors"
	"time"

	"copydesk"
)

// Library is the whole history of topics, as far as it is kept. Its methods are
// called by requests, a few at a time, and give up when ctx is done.
type Library interface {
	// Archive returns a closed archive. It is an error that wraps ErrNoArchive
	// or ErrDropped if it is not there.
	Archive(ctx context.Context, topic copydesk.TopicID, number int) (Archive, error)
	// Below returns the newest closed archive with a story below that position
	// which so many publishers carry, or may carry; the zero value if there is none.
	Below(ctx context.Context, topic copydesk.TopicID, position uint64, publishers int) (Archive, error)
	// Stamp returns since when a document has had the bytes with that hash.
	Stamp(ctx context.Context, topic copydesk.TopicID, document string, hash copydesk.Digest) (time.Time, error)
	// Story returns a story that one of these private topics carries, as that one
	// may see it; if none is given, one that a public topic carries, as everybody
	// may see it. It comes under its own id or that of one that it absorbed. It
	// is an error that wraps ErrNoStory or ErrDropped if it is not there.
	Story(ctx context.Context, id copydesk.StoryID, private []copydesk.TopicID) (copydesk.Told, error)
}

// What a [Library] says of what it does not have.
var (
	ErrNoArchive = errors.New("there is no such archive")
	ErrNoStory   = errors.New("there is no such story")
	ErrDropped   = errors.New("it was here, and is kept no longer")
)

// Archive is a closed archive of a topic, set in type.
type Archive struct {
	Number  int
	Prev    int       // the one before it that is still kept; zero: there is none
	Next    int       // the closed one after it; zero: there is none
	From    uint64    // it holds the positions above this one
	Galleys []*Galley // newest position first
}
