package copydesk

import "time"

// Feed is a parsed document.
type Feed struct {
	Format string // "rss 2.0", "atom 1.0", "json feed 1.1", …: the dialect and version that the document declares
	FeedInfo
	Entries []Entry // in document order, without ids: those need the store's memory

	// Undated is how many entries have a date that cannot be read, and so none.
	Undated int

	// Warnings name each repair that was needed to read the document, for its
	// operator. They never make a feed unusable.
	Warnings []string

	// Partial reports that only a part of the document could be read, such as
	// the complete entries of a truncated one. The entries are good; the
	// document's validators and hash must not be kept, or what was missing
	// would be hidden behind a 304 (value one: lose no entry).
	Partial bool
}

// FeedInfo is what a feed says about itself. We repeat it as atom:source
// (RFC 4287, section 4.2.11) beside each of its entries.
type FeedInfo struct {
	ID         string     `json:",omitempty"` // atom:id as published, else empty
	Title      string     `json:",omitempty"` // plain text
	Subtitle   string     `json:",omitempty"` // sanitised HTML, short
	Link       string     `json:",omitempty"` // the publisher's page
	Language   string     `json:",omitempty"` // BCP 47, as declared
	Rights     string     `json:",omitempty"` // sanitised HTML, short
	Generator  string     `json:",omitempty"`
	Image      string     `json:",omitempty"` // logo, else icon
	Authors    []Person   `json:",omitempty"`
	Categories []Category `json:",omitempty"`
	Published  time.Time  `json:",omitzero"`
	Updated    time.Time  `json:",omitzero"`
	Hubs       []string   `json:",omitempty"` // that push the feed to who asks them to (WebSub), in its order
	Self       string     `json:",omitempty"` // its own address, as it says itself beside its hubs
	ReadAt     string     `json:",omitempty"` // the address that answered, if it has hubs
	Asks
}

// Asks is what a document says of when to ask for it again.
type Asks struct {
	TTL       int    `json:",omitempty"` // minutes that the publisher asks us to wait (RSS ttl)
	Every     int    `json:",omitempty"` // minutes from one issue to the next (sy:updatePeriod over sy:updateFrequency)
	SkipHours uint32 `json:",omitempty"` // bit n: not to be asked from n:00 to n:59 GMT (RSS skipHours)
	SkipDays  uint8  `json:",omitempty"` // bit n: not to be asked on this weekday in GMT, 0 is Sunday (RSS skipDays)
}

// Person is an author (RFC 4287, section 3.2).
type Person struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	URI   string `json:"uri,omitempty"`
}

// Category is a label from a publisher's own scheme (RFC 4287, section 4.2.2).
type Category struct {
	Term   string `json:"term"`
	Scheme string `json:"scheme,omitempty"`
	Label  string `json:"label,omitempty"`
}

// Enclosure is a related file that may be large (RFC 4287, section 4.2.7.2).
type Enclosure struct {
	URL    string `json:"url"`
	Type   string `json:"type,omitempty"`
	Length int64  `json:"length,omitempty"` // bytes; zero if not said
}
