package copydesk

import "time"

// Item is one story as an edition shows it: what a topic publishes at one
// moment, before it is written in a format.
type Item struct {
	ID      string // URN; the story's, unless the topic shows its parts one by one or its readers know it as one that it absorbed
	Story   StoryID
	Lead    Voice
	Others  []Voice // the same news elsewhere, in the order in which they joined
	Updated time.Time
	Content Shown

	Publishers int    // that carry the story
	Position   uint64 // of the story in the topic's log
	Absorbed   bool   // by a story that the topic shows elsewhere; only archives, which keep their ids, still have it
}

// ItemID is the id of entry where a topic shows each entry by itself.
func ItemID(entry EntryID) string {
	return "urn:uuid:" + formatUUID(uuid5(itemNamespace, string(entry[:])))
}

// CopiesID is the id of the group of copies that first began, where a topic
// shows each text of a story by itself.
func CopiesID(first EntryID) string {
	return "urn:uuid:" + formatUUID(uuid5(copyNamespace, string(first[:])))
}

// PartID is the atom:id of what a query takes from the feed of that id.
func PartID(feedID, query string) string {
	return "urn:uuid:" + formatUUID(uuid5(feedNamespace, feedID+"\x00"+query))
}

// SearchID is the atom:id of the feed of what a search finds in the store that
// was given the name installation; question is in its canonical form. No topic
// has such an id.
func SearchID(installation, question string) string {
	return FeedID(installation, TopicID("?q="+question))
}

// FeedID is the atom:id of the feed of topic in the store that was given the
// name installation when it was created.
func FeedID(installation string, topic TopicID) string {
	return "urn:uuid:" + formatUUID(uuid5(feedNamespace, installation+"\x00"+string(topic)))
}
