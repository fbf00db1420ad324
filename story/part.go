package story

import (
	"slices"
	"time"

	"copydesk"
)

// A link can turn out to be none by what comes later: a digest is seen to be one
// by its second part, an address to stand for several entries by the second of
// them. Then the link is void, so that the order in which they come has no part in
// what becomes of them.

// Void says why a link of a member, which may be any, is none; nothing if it holds.
type Void func(m copydesk.Member, e copydesk.Evidence) (why string)

// OfDigests voids the links of digests by their text, but for those to what is alike as
// a whole. All that were found at once are given at once, since copies of one digest keep
// each other's parts in their story.
func OfDigests(digests []copydesk.EntryID, alike func(a, b copydesk.EntryID) bool) Void {
	return func(m copydesk.Member, e copydesk.Evidence) string {
		of := slices.Contains(digests, m.Entry) || slices.Contains(digests, e.With)
		if !of || e.Step < copydesk.StepCredit || e.Step == copydesk.StepSameText && alike(m.Entry, e.With) {
			return ""
		}
		return "a digest, which contains others as well"
	}
}

// OfCrowd voids the links by an address of entries that one source has there, more
// than one.
func OfCrowd(canonical string, crowd []copydesk.EntryID) Void {
	return func(m copydesk.Member, e copydesk.Evidence) string {
		if e.Step == copydesk.StepSameAddress && e.Why == whyAddress(canonical) && (slices.Contains(crowd, m.Entry) || slices.Contains(crowd, e.With)) {
			return "a source has several entries there"
		}
		return ""
	}
}

// Parted takes a story apart where its links are void: a void link becomes what its
// member is related to, and who is in the story by such alone leaves. Ask, which may be
// nil, returns what links a voice to others by its text, since who was linked by its
// address was not compared with them. Parted returns what becomes of the story, of which the part with its first
// member keeps the id; nothing if no link is void, or if the public would know another
// story by the id that it knows.
func Parted(told copydesk.Told, void Void, ask func(copydesk.Voice) []copydesk.Evidence, o Overrides, at time.Time) []Grouped {
	s, voided := told.Story, false
	s.Members = slices.Clone(s.Members)
	for i := range s.Members {
		if m, changed := unlinked(s.Members[i], void); changed {
			s.Members[i], voided = m, true
			if ask != nil {
				s.Members[i].Evidence = added(m.Evidence, known(told, ask(told.Voices[i])))
			}
		}
	}
	if !voided {
		return nil
	}
	var apart []copydesk.Told
	for _, p := range Settled(s, func(copydesk.EntryID) bool { return false }) {
		t := copydesk.Told{Story: p}
		for i, m := range told.Story.Members {
			if p.Has(m.Entry) {
				t.Voices = append(t.Voices, told.Voices[i])
			}
		}
		if p.ID != s.ID {
			t.Story = begin(t.Voices[0])
			t.Story.Members = p.Members
			for i := range t.Story.Members {
				t.Story.Members[i].Joined = at
			}
		}
		for i, m := range t.Story.Members {
			t.Story.Members[i].Related = slices.DeleteFunc(slices.Clone(m.Related), func(e copydesk.Evidence) bool { return p.Has(e.With) })
		}
		apart = append(apart, t)
	}
	// The public does not see what is private, and so nothing wrong.
	if secrecy(apart[0]) > 0 && slices.ContainsFunc(apart, func(t copydesk.Told) bool { return secrecy(t) == 0 }) {
		return nil
	}
	return o.Apply(apart, at)
}

// unlinked is a member without its links that are void.
func unlinked(m copydesk.Member, void Void) (left copydesk.Member, changed bool) {
	links := m.Evidence
	m.Evidence, m.Related = nil, slices.Clone(m.Related)
	for _, e := range links {
		if why := void(m, e); why != "" {
			e.Why = why + ": " + e.Why
			m.Related = append(m.Related, e)
		} else {
			m.Evidence = append(m.Evidence, e)
		}
	}
	return m, len(m.Evidence) < len(links)
}
