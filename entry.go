package copydesk

import "time"

// EntryID names an entry for ever. It is made from the source's id and what
// the publisher calls the entry, so the same entry gets the same id in any
// store. See [NewEntryID].
type EntryID [16]byte

// NewEntryID returns the id of the entry that source calls name: its raw guid
// or atom:id where it has one.
func NewEntryID(source SourceID, name string) EntryID {
	return EntryID(uuid5(entryNamespace, string(source)+"\x00"+name))
}

// String returns the id as a UUID.
func (id EntryID) String() string { return formatUUID(id) }

// MarshalText writes the id as a UUID.
func (id EntryID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *EntryID) UnmarshalText(text []byte) (err error) {
	*id, err = parseUUID(string(text))
	return err
}

// Entry is one item of one source, normalized: its identity, when it was seen,
// and its newest text.
type Entry struct {
	ID        EntryID
	Source    SourceID
	GUID      string `json:",omitempty"` // guid or atom:id byte for byte as published; empty if it has none
	Canonical string `json:",omitempty"` // its address in the form that is compared; empty where the address stands for more than this entry
	Digest    Digest `json:",omitzero"`  // of what makes a revision, see [Text]
	Revision  int    // number of the newest text, from 1

	// Raw is of the item as its publisher sent it with the newest text. The same
	// bytes are never a revision, whatever a newer version of ours reads in them.
	// It is zero in entries that were stored before it was kept.
	Raw Digest `json:",omitzero"`

	// FirstSeen is when a document first listed the entry. LackedAt is the last
	// time before that at which a document of the source was read that lacked
	// it, so the entry appeared between the two; zero for the entries of a
	// source's first document, which can be of any age.
	FirstSeen time.Time
	LackedAt  time.Time `json:",omitzero"`
	RevisedAt time.Time // when the newest text was seen
	ShownAt   time.Time `json:",omitzero"` // when what a reader sees of it last changed; zero while that is as it was at first

	Text
}

// Text is what a publisher wrote of an entry: all that can change while the
// entry stays the same.
type Text struct {
	Title      string      `json:",omitempty"` // plain text
	Summary    string      `json:",omitempty"` // sanitised HTML
	Content    string      `json:",omitempty"` // sanitised HTML
	Link       string      `json:",omitempty"` // absolute address, as published
	Authors    []Person    `json:",omitempty"`
	Categories []Category  `json:",omitempty"`
	Enclosures []Enclosure `json:",omitempty"`
	Image      string      `json:",omitempty"`
	Language   string      `json:",omitempty"` // BCP 47; the entry's own, else its feed's, else that of its text if that is sure
	Rights     string      `json:",omitempty"` // sanitised HTML
	Comments   string      `json:",omitempty"` // address
	Published  time.Time   `json:",omitzero"`  // as the publisher says; zero if it does not, or says something impossible
	Updated    time.Time   `json:",omitzero"`  // as the publisher says; a change of it alone is no revision
	Origin     Origin      `json:",omitzero"`
	Credits    []Credit    `json:",omitempty"` // what Summary, Content, Authors and a via link say of where it comes from; no part of Digest, since most of it follows from them
	Rewritten  bool        `json:",omitempty"` // Summary or Content says that it was made from the texts of others, whom it does not name; as Credits no part of Digest
}

// Origin is the feed that an entry says it was taken from: atom:source or the
// source element of RSS.
type Origin struct {
	ID    string `json:",omitempty"`
	Title string `json:",omitempty"`
	URL   string `json:",omitempty"`
}

// NewsTime is the time by which entries are compared and shown: published, but
// never later than first seen, since publishers set dates in the future.
func (e Entry) NewsTime() time.Time {
	if e.Published.IsZero() || e.Published.After(e.FirstSeen) {
		return e.FirstSeen
	}
	return e.Published
}

// FirstUpdated is atom:updated of the entry while it has its first text: what
// its publisher says, if that can be true, else when it was first seen.
func (e Entry) FirstUpdated() time.Time {
	for _, said := range []time.Time{e.Updated, e.Published} {
		if !said.IsZero() && !said.After(e.FirstSeen) {
			return said
		}
	}
	return e.FirstSeen
}

// Revision is one of an entry's texts over time.
type Revision struct {
	Number int       // from 1
	SeenAt time.Time // when a document first had this text
	Reason string    // what differs from the one before: "title", "text", …
	Text
}

// Key is the digest of something that leads to an entry within its source: its
// guid, a completed guid, its address. The store keeps keys for longer than
// entries, so that an expired entry that is listed again is not new.
type Key = Digest

// Holder is what the store remembers behind a key.
type Holder struct {
	Entry   EntryID
	Expired bool // retention took the entry; only its keys are left
	Shared  bool // several entries had this key at once: it names none of them
}

// Memory is what the store knows about the keys of one document: who holds
// them, and the entries that are held and not expired.
type Memory struct {
	Holders map[Key]Holder
	Entries map[EntryID]Entry
}

// ChangeKind says what a document did to an entry.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"   // a new entry
	Revised ChangeKind = "revised" // a new text of a known entry
	Aliased ChangeKind = "aliased" // a known entry under a further key, its text unchanged
)

// Change is what one document says of one entry that the store did not know.
type Change struct {
	Kind   ChangeKind
	Reason string // "new guid", "title", "same address under another guid", …
	Entry  Entry
	Keys   []Key // that lead to the entry from now on, beside those it had
}
