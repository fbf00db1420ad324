package story

import (
	"slices"
	"time"

	"copydesk"
)

// For the public a story is its public members: it is credited to one of them,
// and updated when something of that one changes. This is kept with the story,
// since nobody could tell later when it changed. What links entries is the same
// for all; a private text can show that two public ones tell the same news.

func isPublic(v copydesk.Voice) bool { return !v.Source.Private }

// secrecy is 1 if a story has no public member, else 0.
func secrecy(t copydesk.Told) int {
	if slices.ContainsFunc(t.Voices, isPublic) {
		return 0
	}
	return 1
}

// byline is whom the public members of t are credited to, nil if there are no
// others, or no such. At is when t became what it is.
func byline(t copydesk.Told, o Overrides, at time.Time) *copydesk.Byline {
	open := filter(t.Voices, isPublic)
	if len(open) == 0 || len(open) == len(t.Voices) {
		return nil
	}
	lead, why := Lead(open, o)
	before := copydesk.Byline{Face: face(lead.Entry), Updated: lead.Entry.FirstUpdated()}
	switch {
	case t.Story.Public != nil:
		before = *t.Story.Public
	case slices.ContainsFunc(open, func(v copydesk.Voice) bool { return v.Entry.ID == t.Story.Lead }): // there was no private member
		before = t.Story.Byline()
	}
	after := since(before, lead, why, at)
	return &after
}

// Published brings a story in line with which of its sources are public by now,
// and reports whether that changed it. Its lead for those who see all members
// stays.
func Published(t copydesk.Told, o Overrides, at time.Time) (s copydesk.Story, changed bool) {
	before := t.Story
	if t.Story.Public == nil { // as it was seen so far
		was := t.Story.Byline()
		t.Story.Public = &was
	}
	after := byline(t, o, at)
	s = before
	s.Public = after
	switch {
	case after == nil && before.Public == nil:
		return before, false
	case after == nil: // all are public, or none
		s = s.Credited(since(*before.Public, leadOf(t), before.LeadWhy, at))
		return s, true
	}
	return s, before.Public == nil || *before.Public != *after
}

// leadOf is the voice that leads t.
func leadOf(t copydesk.Told) copydesk.Voice {
	i := slices.IndexFunc(t.Voices, func(v copydesk.Voice) bool { return v.Entry.ID == t.Story.Lead })
	return t.Voices[max(i, 0)]
}
