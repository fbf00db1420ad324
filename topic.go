package copydesk

import "time"

// TopicID names a topic in addresses and in the configuration, such as "asia".
type TopicID string

// Merge says how much of a story becomes one item of an edition.
type Merge string

// The ways to merge. They are applied when an edition is made, so that a
// topic can change its mind.
const (
	MergeStory  Merge = "story"  // the whole story is one item (the default)
	MergeCopies Merge = "copies" // each text is one item, copies of it joined
	MergeNone   Merge = "none"   // each entry is an item
)

// Topic is what we publish: a title, and the sources and rules that select
// its stories.
type Topic struct {
	ID     TopicID
	Title  string
	Parent TopicID   `json:",omitempty"` // carries this topic's stories as well
	Was    []TopicID `json:",omitempty"` // ids it had before
	Only   string    `json:",omitempty"` // rule that stories of its own sources must meet
	Match  string    `json:",omitempty"` // rule by which stories of any other source come in

	// The short form of Match: words and phrases, of which a text has any, has
	// all, and has none. Together they are one rule; to meet it or Match is
	// enough. MatchNone has no meaning alone.
	MatchAny  []string `json:",omitempty"`
	MatchAll  []string `json:",omitempty"`
	MatchNone []string `json:",omitempty"`

	// Search is a search that is asked for ever: a story comes in if it is met by
	// one of its members, of whatever source.
	Search string `json:",omitempty"`

	MinSources int `json:",omitempty"` // publishers that must carry a story before it enters; below 2 says nothing
	PerSource  int `json:",omitempty"` // stories a UTC day that enter with leads of one publisher; 0 is no limit

	Private bool `json:",omitempty"` // for those who have its key; the only ones that show entries of private sources

	Merge   Merge
	Limit   int // items in the edition
	Content Shown
}

// Held says why a topic that takes a story gives it no place yet. It is decided
// once, when the story would have entered.
type Held struct {
	Why        string
	At         time.Time
	Publishers int // that carried it; with one more it enters
}
