package copydesk

import (
	"slices"
	"time"
)

// StoryID names a story for ever. It is made from the id of the story's first
// member, once, and changes with nobody who joins or is credited later.
type StoryID [16]byte

// NewStoryID returns the id of the story that first begins.
func NewStoryID(first EntryID) StoryID { return uuid5(storyNamespace, string(first[:])) }

// String returns the id as an URN, the form in which readers see it.
func (id StoryID) String() string { return "urn:uuid:" + formatUUID(id) }

// MarshalText writes the id as an URN.
func (id StoryID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote, with or without "urn:uuid:".
func (id *StoryID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseStoryID(string(text))
	return err
}

// ParseStoryID reads a story's id, with or without "urn:uuid:".
func ParseStoryID(s string) (StoryID, error) {
	const scheme = "urn:uuid:"
	if len(s) > len(scheme) && s[:len(scheme)] == scheme {
		s = s[len(scheme):]
	}
	id, err := parseUUID(s)
	return id, err
}

// Story is the entries that tell the same news.
type Story struct {
	ID      StoryID
	Members []Member // in the order in which they joined; never empty
	Lead    EntryID  // the member that the story is credited to
	LeadWhy string   `json:",omitempty"` // what made it the lead

	// Face is the digest of what a reader sees of the lead, and Updated when
	// it last changed: atom:updated of the story (RFC 4287, section 4.2.15).
	// Coverage by others, our software and the configuration move neither.
	Face    Digest
	Updated time.Time

	// Public is what Lead, LeadWhy, Face and Updated are for those who see only
	// the members of public sources. Nil if that is all of them, or none.
	Public *Byline `json:",omitempty"`
}

// Byline is whom a story is credited to, and what follows from that.
type Byline struct {
	Lead    EntryID
	LeadWhy string `json:",omitempty"`
	Face    Digest
	Updated time.Time
}

// Byline returns to whom the story with all its members is credited.
func (s Story) Byline() Byline { return Byline{s.Lead, s.LeadWhy, s.Face, s.Updated} }

// Credited returns the story as c says.
func (s Story) Credited(c Byline) Story {
	s.Lead, s.LeadWhy, s.Face, s.Updated = c.Lead, c.LeadWhy, c.Face, c.Updated
	return s
}

// UpdatedFor is when what a reader sees of the story last changed: a reader of
// private topics, or of public ones.
func (s Story) UpdatedFor(private bool) time.Time {
	if s.Public != nil && !private {
		return s.Public.Updated
	}
	return s.Updated
}

// Member is an entry's place in a story.
type Member struct {
	Entry  EntryID
	Source SourceID
	Joined time.Time

	Surplus
	Evidence []Evidence `json:",omitempty"` // its links to members that were there before; none for the first
	Related  []Evidence `json:",omitempty"` // weaker ones, to entries that it was not put together with
}

// Surplus is how many words of an entry's text were known not to be its own when it
// joined a story, or last changed. What is learned later is not counted, so that
// learning moves no lead.
type Surplus struct {
	Boilerplate int `json:",omitempty"` // that stand around all texts of its source
	Crediting   int `json:",omitempty"` // beside these, that credit somebody
}

// Voice is an entry with the source that carries it.
type Voice struct {
	Entry  Entry
	Source Source

	Surplus // that of the entry's [Member]; zero before it is one
}

// Told is a story with the voices of its members, in the order of its members.
type Told struct {
	Story  Story
	Voices []Voice

	// Of the topic that it was read from, if any:
	Position uint64  // later stories have higher ones
	As       StoryID // the id by which its readers know it: its own, or that of a story which it absorbed
}

// Evidence is what links two entries: the step of the identity ladder
// (ARCHITECTURE.md, "Identity") and its figures.
type Evidence struct {
	Step  int     `json:"step"`
	With  EntryID `json:"with"`
	Score float64 `json:"score"`
	Why   string  `json:"why"`
}

// The steps of the identity ladder that link entries of different sources; an
// [Override] links those of one source as well.
const (
	StepOverride    = 0 // the operator says so
	StepSameAddress = 3 // the same canonical address: a copy
	StepCredit      = 4 // an explicit credit, with an equal headline or contained text
	StepSameText    = 5 // near-identical text
	StepSameNews    = 6 // the same news in other words
)

// Has reports whether entry is a member.
func (s Story) Has(entry EntryID) bool {
	return slices.ContainsFunc(s.Members, func(m Member) bool { return m.Entry == entry })
}
