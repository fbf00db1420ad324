package db

import (
	"encoding/binary"

	"copydesk"
)

// The file format, version 1, on one page.
//
// Keys are composite and few buckets are at the top, since a nested bucket
// costs at least a page of its own. Numbers and times are big-endian, so that
// byte order is their order. Values are JSON unless said otherwise.
//
//	bucket        key                             value
//	meta          "format"                        be64: this version
//	              "installation"                  a UUID drawn when the file was created, for atom:id of our feeds
//	              "overrides"                     []copydesk.Override: those that stories were last brought in line with
//	              "galleys"                       the way in which package publish last set archives in type
//	source        SourceID                        copydesk.Source
//	name          id or address of a source       SourceID
//	habit         SourceID                        copydesk.Habits: what was learned of it
//	ledger        be64 day of Unix, SourceID      copydesk.Ledger: what we asked of it on that day
//	episode       digest8 of SourceID, EpisodeID  copydesk.Episode: a stretch of ill health
//	entry         EntryID                         entryRecord: the newest revision without its long texts
//	text          be64 serial, be32 revision      zstd of copydesk.Revision
//	key           digest8 of SourceID, Key        EntryID, flag (holderOpen, holderExpired or holderShared)
//	address       digest of canonical, EntryID    nothing
//	seen          be64 first seen, EntryID        nothing; for retention
//	grave         EntryID                         tombstone of an expired entry
//	inbox         be64 sequence                   EntryID, be32 revision: to be grouped
//	member        EntryID                         StoryID
//	recent        be64 sequence                   EntryID, be64 first seen, and what package alike compares of a text
//	said          be64 sequence                   what it counts of the same text, until that is in learned
//	learned       "words", "habits"               what it has learned of all texts
//	              "through"                       be64: sequence of the last text that is in both
//	story         StoryID                         copydesk.Story
//	survivor      StoryID                         StoryID of the story that has its first member now; nothing if retention took the story itself
//	topic         TopicID                         topicRecord
//	position      TopicID, 0, be64 position       StoryID; followed by one byte where the story stands a second time (RFC 5005, section 4.1)
//	placed        TopicID, 0, StoryID             be64 position; followed by be64 of the second one, if it has one, or by one byte
//	                                              where it is only kept for a closed archive (place.go)
//	archive       TopicID, 0, be64 number         Archive: a stretch of the topic's log; the last one is open
//	galley        TopicID, 0, be64 number         zstd of what package publish set in type of a closed archive
//	stale         TopicID, 0, be64 number         be64 that only grows: it is to be set anew
//	held          TopicID, 0, StoryID             copydesk.Held: why the story has no place there
//	entered       TopicID, 0, be64 day, digest    be32: stories of that publisher (its digest) that entered on that day of Unix
//	edition       TopicID, 0, document            Stamp: of a format, an archive; of a list under no topic
//	change        be64 sequence                   Note
//	altered       be64 sequence                   StoryID: its members, their texts or its topics changed; only the newest rows
//	subscription  callback                        copydesk.Subscription: ours, at a publisher's hub
//	subscriber    digest of edition, callback     copydesk.Subscriber: theirs, at our hub
//
// Serials grow, so texts are appended at the end of their bucket and pack well;
// entry ids are hashes, so the records under them are kept small.
const formatVersion = 1

var (
	bucketMeta     = []byte("meta")
	bucketSource   = []byte("source")
	bucketName     = []byte("name")
	bucketHabit    = []byte("habit")
	bucketLedger   = []byte("ledger")
	bucketEpisode  = []byte("episode")
	bucketEntry    = []byte("entry")
	bucketText     = []byte("text")
	bucketKey      = []byte("key")
	bucketAddress  = []byte("address")
	bucketSeen     = []byte("seen")
	bucketGrave    = []byte("grave")
	bucketInbox    = []byte("inbox")
	bucketMember   = []byte("member")
	bucketRecent   = []byte("recent")
	bucketSaid     = []byte("said")
	bucketLearned  = []byte("learned")
	bucketStory    = []byte("story")
	bucketSurvivor = []byte("survivor")
	bucketTopic    = []byte("topic")
	bucketPosition = []byte("position")
	bucketPlaced   = []byte("placed")
	bucketArchive  = []byte("archive")
	bucketGalley   = []byte("galley")
	bucketStale    = []byte("stale")
	bucketHeld     = []byte("held")
	bucketEntered  = []byte("entered")
	bucketEdition  = []byte("edition")
	bucketChange   = []byte("change")
	bucketAltered  = []byte("altered")

	bucketSubscription = []byte("subscription")
	bucketSubscriber   = []byte("subscriber")
)

var buckets = [][]byte{
	bucketMeta,
	bucketSource, bucketName, bucketHabit, bucketLedger, bucketEpisode,
	bucketEntry, bucketText, bucketKey, bucketAddress, bucketSeen, bucketGrave,
	bucketInbox, bucketMember, bucketRecent, bucketSaid, bucketLearned, bucketStory, bucketSurvivor,
	bucketTopic, bucketPosition, bucketPlaced, bucketArchive, bucketGalley, bucketStale,
	bucketHeld, bucketEntered, bucketEdition, bucketChange, bucketAltered,
	bucketSubscription, bucketSubscriber,
}

var (
	metaFormat       = []byte("format")
	metaInstallation = []byte("installation")
	metaOverrides    = []byte("overrides")
	metaGalleys      = []byte("galleys")
)

var (
	learnedWords      = []byte("words")
	learnedHabits     = []byte("habits")
	learnedThroughKey = []byte("through")
)

// What a key leads to, the last byte of its value.
const (
	holderOpen    = 0 // an entry
	holderExpired = 1 // an entry that retention took
	holderShared  = 2 // several entries at once, so none
)

func ledgerKey(day copydesk.Day, source copydesk.SourceID) []byte {
	return append(be64(uint64(day)), source...)
}

func be64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func textKey(serial uint64, revision int) []byte {
	return binary.BigEndian.AppendUint32(be64(serial), uint32(revision))
}

func keyKey(source copydesk.SourceID, key copydesk.Key) []byte {
	return append(sourcePrefix(source), key[:]...)
}

func episodeKey(source copydesk.SourceID, id copydesk.EpisodeID) []byte {
	return append(sourcePrefix(source), id[:]...)
}

func sourcePrefix(source copydesk.SourceID) []byte {
	sum := copydesk.DigestOf([]byte(source))
	return sum[:8:8]
}

func addressPrefix(canonical string) []byte {
	sum := copydesk.DigestOf([]byte(canonical))
	return sum[:len(sum):len(sum)]
}

func addressKey(canonical string, id copydesk.EntryID) []byte {
	return append(addressPrefix(canonical), id[:]...)
}

func seenKey(e entryRecord) []byte {
	return append(be64(uint64(e.FirstSeen.UnixNano())), e.ID[:]...)
}

func inboxValue(id copydesk.EntryID, revision int) []byte {
	return binary.BigEndian.AppendUint32(append([]byte(nil), id[:]...), uint32(revision))
}

func topicPrefix(topic copydesk.TopicID) []byte { return append([]byte(topic), 0) }

func positionKey(topic copydesk.TopicID, position uint64) []byte {
	return append(topicPrefix(topic), be64(position)...)
}

// positionValue is the story at a position; again says that it is its second.
func positionValue(story copydesk.StoryID, again bool) []byte {
	if again {
		return append(story[:], 1)
	}
	return story[:]
}

// spot is where a story was placed in a topic. The zero value is nowhere.
type spot struct {
	position uint64
	again    uint64 // the second one; zero if it has none
	kept     bool   // for the sake of a closed archive alone
}

func (s spot) value() []byte {
	switch {
	case s.kept:
		return append(be64(s.position), 0)
	case s.again > 0:
		return append(be64(s.position), be64(s.again)...)
	}
	return be64(s.position)
}

func readSpot(value []byte) (s spot) {
	if len(value) >= 8 {
		s.position = binary.BigEndian.Uint64(value)
	}
	if len(value) == 16 {
		s.again = binary.BigEndian.Uint64(value[8:])
	}
	s.kept = len(value) == 9
	return s
}

func archiveKey(topic copydesk.TopicID, number int) []byte {
	return append(topicPrefix(topic), be64(uint64(number))...)
}

func placedKey(topic copydesk.TopicID, story copydesk.StoryID) []byte {
	return append(topicPrefix(topic), story[:]...)
}

func enteredKey(topic copydesk.TopicID, day int64, publisher string) []byte {
	sum := copydesk.DigestOf([]byte(publisher))
	return append(append(topicPrefix(topic), be64(uint64(day))...), sum[:]...)
}

// enteredDay is the day in such a key.
func enteredDay(key []byte) int64 {
	return int64(binary.BigEndian.Uint64(key[len(key)-len(copydesk.Digest{})-8:]))
}

func editionKey(topic copydesk.TopicID, format string) []byte {
	return append(topicPrefix(topic), format...)
}

func subscriberKey(edition, callback string) []byte {
	sum := copydesk.DigestOf([]byte(edition))
	return append(sum[:len(sum):len(sum)], callback...)
}
