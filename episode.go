package copydesk

import (
	"encoding/binary"
	"time"
)

// Episode is a stretch of ill health of a source: it begins, has one cause, and
// ends. One that comes back within a day is the same episode.
type Episode struct {
	ID      EpisodeID `json:"id"`
	Source  SourceID  `json:"source"`
	Cause   Cause     `json:"cause"`
	Since   time.Time `json:"since"`          // the first sign of it
	Until   time.Time `json:"until,omitzero"` // when it was over; zero while it lasts
	Updated time.Time `json:"updated"`        // when it was noticed, ended, or came back
	Reason  string    `json:"reason"`         // what was seen when it was noticed, with figures
	Fix     string    `json:"fix"`            // what the operator can do
}

// Open reports whether the episode lasts.
func (e Episode) Open() bool { return e.Until.IsZero() }

// Cause is what an episode is about.
type Cause string

// The causes.
const (
	CauseMoved       Cause = "moved"        // permanent redirects lead elsewhere
	CauseGone        Cause = "gone"         // the publisher took the feed away (410)
	CauseUnreachable Cause = "unreachable"  // no answer, or an error in place of a document
	CausePage        Cause = "html"         // a page for people in place of the feed
	CauseUnreadable  Cause = "unreadable"   // a document that is no feed
	CauseThrottled   Cause = "throttled"    // the publisher asks us to stay away
	CauseTruncated   Cause = "truncated"    // documents of which only a part arrives or can be read
	CauseStalled     Cause = "stalled"      // nothing new for longer than its rhythm explains
	CauseLost        Cause = "entries lost" // entries came and went between two polls
	CauseUndated     Cause = "dates broken" // most entries have a date that cannot be
)

// EpisodeID is a UUID (version 5), the same wherever the same signs were seen.
type EpisodeID [16]byte

// NewEpisodeID is the id of the episode of a source that began then.
func NewEpisodeID(source SourceID, cause Cause, since time.Time) EpisodeID {
	name := string(source) + "\x00" + string(cause) + "\x00"
	return uuid5(episodeNamespace, string(binary.BigEndian.AppendUint64([]byte(name), uint64(since.Unix()))))
}

func (id EpisodeID) String() string { return "urn:uuid:" + formatUUID(id) }

// MarshalText writes the id as a URN.
func (id EpisodeID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *EpisodeID) UnmarshalText(text []byte) (err error) {
	s := string(text)
	if len(s) > len("urn:uuid:") {
		s = s[len("urn:uuid:"):]
	}
	*id, err = parseUUID(s)
	return err
}

// HealthFeedID is the atom:id of the feed that tells of episodes, in the store
// that was given the name installation when it was created.
func HealthFeedID(installation string) string {
	return "urn:uuid:" + formatUUID(uuid5(episodeNamespace, installation))
}

// Streak is a sign of ill health that was seen at every poll that could show it
// or its absence.
type Streak struct {
	Cause  Cause
	Since  time.Time
	Times  int    // polls at which it was seen
	Reason string `json:",omitempty"` // at the last of them
}
