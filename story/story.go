// Package story decides which entries tell the same story, why, and who had it
// first.
//
// All of it is pure: entries and sources go in, a story with its evidence comes
// out, and the reason for each choice stays with it. There is no memory here
// and no clock; what the store knows of an entry's surroundings is given.
//
// What it promises. A story keeps its id whoever joins and whoever is credited
// later. The lead, and so all that a reader sees, is a function of the set of
// members and the operator's overrides: the order in which they came has no
// part in it. Two entries of one source are no evidence for each other. Unsure
// means separate.
//
// Package alike, below, finds what links entries by their texts; evidence.go, here,
// by their addresses. Begin with [Group], what becomes of an entry that has such
// links; then lead.go, who is credited; part.go, what becomes of a story whose links
// turn out to be none; override.go, the operator's word, which goes before all of it.
package story

import (
	"cmp"
	"slices"
	"time"

	"copydesk"
)

// Grouped is what became of an entry.
type Grouped struct {
	Story    copydesk.Story
	Voices   []copydesk.Voice   // of its members, in their order
	Absorbed []copydesk.StoryID // stories that turned out to be this one
	Reason   string             // "first of its story", "joined: …", "revised", …

	// Overruled is what links the entry to stories that the operator keeps
	// apart from it.
	Overruled []copydesk.Evidence
}

// Group puts an arrived entry where its evidence leads. Near are the stories of
// the entries that evidence names, and the entry's own story if it arrives as a
// revision; each story once, in any order. Evidence about entries that are in
// none of them is ignored.
//
// Of several stories the oldest keeps its id and takes in the others, except
// those that the operator keeps apart.
func Group(arrived copydesk.Voice, evidence []copydesk.Evidence, near []copydesk.Told, o Overrides) Grouped {
	near = slices.Clone(near)
	slices.SortFunc(near, older)
	near, evidence, overruled := o.admit(arrived, evidence, near)
	g := Grouped{Overruled: overruled}
	if len(near) == 0 {
		g.Story, g.Voices, g.Reason = begin(arrived), []copydesk.Voice{arrived}, "first of its story"
		return g
	}
	told, reason := near[0], "revised"
	for _, other := range near[1:] {
		told.Story.Members = slices.Concat(told.Story.Members, other.Story.Members)
		told.Voices = slices.Concat(told.Voices, other.Voices)
		g.Absorbed = append(g.Absorbed, other.Story.ID)
	}
	if told.Story.Has(arrived.Entry.ID) {
		told = renewed(told, arrived, evidence)
	} else {
		told = joined(told, arrived, evidence)
		reason = "joined"
	}
	if len(evidence) > 0 {
		reason += ": " + evidence[0].Why
	}
	g.Story, g.Voices, g.Reason = accredit(told, o, arrived.Entry.RevisedAt), told.Voices, reason
	return g
}

// older orders stories by age, so that everybody finds the same one to be the
// oldest. A story that the public knows goes before one that it does not: what was
// published keeps its id.
func older(a, b copydesk.Told) int {
	return cmp.Or(secrecy(a)-secrecy(b), ByAge(a.Story, b.Story))
}

// ByAge orders stories by when their first member joined, then by id.
func ByAge(a, b copydesk.Story) int {
	return cmp.Or(a.Members[0].Joined.Compare(b.Members[0].Joined), slices.Compare(a.ID[:], b.ID[:]))
}

func begin(v copydesk.Voice) copydesk.Story {
	e := v.Entry
	s := copydesk.Story{
		ID:      copydesk.NewStoryID(e.ID),
		Members: []copydesk.Member{newMember(v)},
		Updated: e.FirstUpdated(),
	}
	s.Lead, s.LeadWhy = e.ID, "the only member"
	s.Face = face(e)
	return s
}

func newMember(v copydesk.Voice) copydesk.Member {
	return copydesk.Member{Entry: v.Entry.ID, Source: v.Entry.Source, Joined: v.Entry.RevisedAt, Surplus: v.Surplus}
}

func joined(t copydesk.Told, v copydesk.Voice, evidence []copydesk.Evidence) copydesk.Told {
	m := newMember(v)
	m.Evidence = known(t, evidence)
	t.Story.Members = append(slices.Clip(t.Story.Members), m)
	t.Voices = append(slices.Clip(t.Voices), v)
	return t
}

// renewed takes a member's new text in. Its links may grow; it never leaves.
func renewed(t copydesk.Told, v copydesk.Voice, evidence []copydesk.Evidence) copydesk.Told {
	t.Story.Members, t.Voices = slices.Clone(t.Story.Members), slices.Clone(t.Voices)
	for i, m := range t.Story.Members {
		if m.Entry != v.Entry.ID {
			continue
		}
		t.Voices[i], m.Surplus = v, v.Surplus
		m.Evidence = added(m.Evidence, known(t, evidence))
		t.Story.Members[i] = m
	}
	return t
}

// added are links with those of more that are not among them.
func added(links, more []copydesk.Evidence) []copydesk.Evidence {
	for _, e := range more {
		if !slices.ContainsFunc(links, func(old copydesk.Evidence) bool { return old.Step == e.Step && old.With == e.With }) {
			links = append(slices.Clip(links), e)
		}
	}
	return links
}

// known is the evidence that names a member.
func known(t copydesk.Told, evidence []copydesk.Evidence) (found []copydesk.Evidence) {
	for _, e := range evidence {
		if t.Story.Has(e.With) {
			found = append(found, e)
		}
	}
	return found
}

// accredit chooses the lead and notes when that changed what a reader sees.
func accredit(t copydesk.Told, o Overrides, at time.Time) copydesk.Story {
	lead, why := Lead(t.Voices, o)
	s := t.Story
	s.Public = byline(t, o, at)
	if s.Public == nil && t.Story.Public != nil && secrecy(t) == 0 { // its private members have left, and took their changes along
		s = s.Credited(*t.Story.Public)
	}
	return s.Credited(since(s.Byline(), lead, why, at))
}

// since is what becomes of a byline when the lead is as given.
func since(b copydesk.Byline, lead copydesk.Voice, why string, at time.Time) copydesk.Byline {
	b.Lead, b.LeadWhy = lead.Entry.ID, why
	if f := face(lead.Entry); f != b.Face {
		b.Face = f
		if at.After(b.Updated) {
			b.Updated = at
		}
	}
	return b
}
