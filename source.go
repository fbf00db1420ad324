package copydesk

import (
	"cmp"
	"net/url"
	"strings"
	"time"
)

// SourceID names a source for ever: the id that its settings gave it when it
// was first seen, else the first address it had. Renaming or moving a source
// changes neither it nor the ids of its entries.
type SourceID string

// Role says what part a source plays in the news, which matters when two
// sources carry the same text.
type Role string

// The roles.
const (
	RolePublisher  Role = "publisher"  // writes its own articles (the default)
	RoleAgency     Role = "agency"     // writes for others to print
	RoleAggregator Role = "aggregator" // repeats what others wrote
)

// Shown says how much of an entry an edition shows.
type Shown string

// What editions can show of an entry.
const (
	ShowFull    Shown = "full"    // all that the publisher's feed gives (the default)
	ShowSummary Shown = "summary" // the summary only
)

// WebSub says whether a source's hub is asked to push.
type WebSub string

// The choices.
const (
	WebSubOn  WebSub = "on"  // where it has a hub, and base_url lets the hub reach us (the default)
	WebSubOff WebSub = "off" // it is polled only
)

// Settings is what the operator says of a source.
type Settings struct {
	ID        string   `json:",omitempty"` // optional; what the operator calls it
	Name      string   `json:",omitempty"` // optional; default: the feed's title
	Publisher string   `json:",omitempty"` // optional; default: the domain its entries link to
	URL       string   // the address to poll
	Secret    bool     `json:",omitempty"` // whoever knows the address can read the feed: it must not be shown
	Private   bool     `json:",omitempty"` // only the private topics that list it show its entries
	Was       []string `json:",omitempty"` // ids and addresses it had before
	AKA       []string `json:",omitempty"` // other names and domains by which articles credit it
	Topics    []TopicID
	Role      Role
	Content   Shown  `json:",omitempty"` // empty: as the topic says
	WebSub    WebSub `json:",omitempty"` // whether its hub may push; empty: yes
}

// name is what identifies the source in the configuration, whole. It may hold
// a password.
func (s Settings) name() string {
	if s.ID != "" {
		return s.ID
	}
	return s.URL
}

// NewSourceID is the id of a source that is first seen with these settings.
func NewSourceID(s Settings) SourceID { return SourceID(s.name()) }

// Handle is how a source is named to people: its id, else its address without
// the user and password that it may hold.
func (s Settings) Handle() string {
	if u, err := url.Parse(s.name()); err == nil && u.User != nil {
		u.User = nil
		return u.String()
	}
	return s.name()
}

// Address is the source's address as it may be shown: without the user and
// password that it may hold, and not at all if it is a secret.
func (s Settings) Address() string {
	u, err := url.Parse(s.URL)
	switch {
	case s.Secret, err != nil && strings.Contains(s.URL, "@"):
		return ""
	case err == nil && u.User != nil:
		u.User = nil
		return u.String()
	}
	return s.URL
}

// Source is a publisher's feed that we poll: its settings, and what we
// remember of it.
type Source struct {
	ID         SourceID
	Settings   `json:"Settings"` // as last configured; named, since its ID would hide behind ours
	Listed     bool              // still configured; if not it is kept, not polled
	Feed       FeedInfo          // as last read
	Validators `json:"Validators"`
	Elsewhere  Elsewhere `json:",omitzero"` // where redirects of its address last led
	Schedule   `json:"Schedule"`
	Move       Move       `json:",omitzero"` // where its publisher says that it is for good
	Substitute Substitute `json:",omitzero"` // what its publisher's page offers in its place, now that it is lost
	Rhythm     Rhythm     `json:",omitzero"` // when it publishes
	Window     Window     `json:",omitzero"` // whether we ask often enough to see all of it
	Trail      Trail      `json:",omitzero"` // for the ledger's next line

	// Version counts what was settled. A settlement names the version it was
	// made for, so that two of them can never be mixed up.
	Version uint64
}

// Title is the name of the source for people: as configured, else the feed's
// own title, else how the operator names it.
func (s Source) Title() string {
	switch {
	case s.Name != "":
		return s.Name
	case s.Feed.Title != "":
		return s.Feed.Title
	}
	return s.Handle()
}

// Carrier names who carries what the source says, for counting publishers: its
// own as configured, else the source stands for it.
func (s Source) Carrier() string { return cmp.Or(s.Publisher, string(s.ID)) }

// Validators are what makes the next request conditional (RFC 9110, section
// 8.8). They belong to one address, are kept byte for byte, and only for a
// document that was read whole.
type Validators struct {
	ETag         string `json:",omitempty"`
	LastModified string `json:",omitempty"`
	BodyHash     Digest `json:",omitzero"` // of the decoded body: the same bytes need no second reading
	Asks         Asks   `json:",omitzero"` // what the document says of when to ask, which a 304 does not repeat
}

// Elsewhere is another address than a source's own that answered for it, with
// the validators that it gave.
type Elsewhere struct {
	URL        string `json:",omitempty"`
	Validators `json:"Validators,omitzero"`
	Left       bool `json:",omitempty"` // the source's own address has answered since, without leading there
}

// Move is a permanent redirect (RFC 9110, sections 15.4.2 and 15.4.9) from a
// source's address, as seen so far. Anybody between us and the publisher can
// send one once, so it takes many.
type Move struct {
	To    string    `json:",omitempty"` // where it leads, over one hop or more
	First time.Time `json:",omitzero"`  // when a request to the source's address was first led there
	Last  time.Time `json:",omitzero"`  // and when last
	Times int       `json:",omitempty"` // how many were, none of them led elsewhere
	Asked time.Time `json:",omitzero"`  // when the source's own address was last asked; zero: it is to be asked next
}

// Substitute is a feed that may take the place of one that has been failing for
// long, as found on the publisher's page. It is proposed to the operator and
// never used unasked.
type Substitute struct {
	URL    string    `json:",omitempty"` // empty if none was found
	Title  string    `json:",omitempty"`
	Sought time.Time `json:",omitzero"` // when the page was last asked
}

// Schedule is when a source is asked, and what came of it so far.
type Schedule struct {
	NextPoll   time.Time `json:",omitzero"`  // zero: never again, see Outcome
	Rule       string    `json:",omitempty"` // what decided NextPoll: "min_interval", "Retry-After", "max-age", …
	LastPoll   time.Time `json:",omitzero"`  // last request, whatever came of it
	LastRead   time.Time `json:",omitzero"`  // last time that the document as it then was is known to have been read: changed or unchanged
	LastChange time.Time `json:",omitzero"`  // last time that it brought a change
	Failures   int       `json:",omitempty"` // in a row
	Failing    time.Time `json:",omitzero"`  // since when, if it does
	Torn       int       `json:",omitempty"` // documents in a row that broke off
	Refusals   int       `json:",omitempty"` // answers 403 and 429 in a row
	Asked      float32   `json:",omitempty"` // requests of about the last 24 mean intervals, fading; see the fetcher's Price
	Stop       HostStop  `json:",omitzero"`  // of its host, if that is what it answered last
	Outcome    Outcome   `json:",omitzero"`  // of the last poll
}
