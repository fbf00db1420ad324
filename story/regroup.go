package story

import (
	"slices"
	"time"

	"copydesk"
)

// Regrouped is a story as it is after entries were grouped again.
type Regrouped struct {
	Story    copydesk.Story
	Before   copydesk.Story                        // as it was; without members if it is new
	Absorbed []copydesk.StoryID                    // stories whose first members are in it now
	From     map[copydesk.EntryID]copydesk.StoryID // of the members that were in another story: which
}

// Settled takes out of a story the members that are to be grouped again, and
// returns what stays together of the others: those that their evidence links.
// Who was in the story only through one that is taken out is by itself. The part
// with the story's first member has its id, another one that of its own first
// member.
func Settled(s copydesk.Story, again func(copydesk.EntryID) bool) (parts []copydesk.Story) {
	part := map[copydesk.EntryID]int{}
	for i, m := range s.Members {
		if !again(m.Entry) {
			part[m.Entry] = i
		}
	}
	for _, m := range s.Members {
		for _, e := range m.Evidence {
			from, stays := part[m.Entry]
			to, known := part[e.With]
			if !stays || !known || from == to {
				continue
			}
			for id, n := range part {
				if n == max(from, to) {
					part[id] = min(from, to)
				}
			}
		}
	}
	for first := range s.Members {
		p := s
		p.Members = nil
		for _, m := range s.Members {
			if n, stays := part[m.Entry]; stays && n == first {
				p.Members = append(p.Members, m)
			}
		}
		if len(p.Members) == 0 {
			continue
		}
		p.ID = copydesk.NewStoryID(p.Members[0].Entry)
		if first == 0 {
			p.ID = s.ID
		}
		for i, m := range p.Members {
			p.Members[i].Evidence = slices.DeleteFunc(slices.Clone(m.Evidence), func(e copydesk.Evidence) bool { return !p.Has(e.With) })
		}
		parts = append(parts, p)
	}
	return parts
}

// Reconcile gives the stories that grouping again has made the ids of those that
// were there before, which have the same entries. A story's id stays where its
// first member is; of several that are one now the oldest stays, those that the
// public knows before those that are secret, and one that has none gets that of
// its first member. A story with the members that it had is as it was. Leads are
// chosen by [Regrouped.Credit].
func Reconcile(before, after []copydesk.Story, secret func(copydesk.Story) bool) (all []Regrouped) {
	was, first := map[copydesk.EntryID]copydesk.StoryID{}, map[copydesk.EntryID]copydesk.Story{}
	for _, s := range before {
		first[s.Members[0].Entry] = s
		for _, m := range s.Members {
			was[m.Entry] = s.ID
		}
	}
	for _, s := range after {
		var here []copydesk.Story
		for _, m := range s.Members {
			if old, found := first[m.Entry]; found {
				here = append(here, old)
			}
		}
		slices.SortFunc(here, func(a, b copydesk.Story) int {
			switch {
			case secret(a) && !secret(b):
				return 1
			case secret(b) && !secret(a):
				return -1
			}
			return ByAge(a, b)
		})
		all = append(all, reconcile(s, here, was))
	}
	return all
}

// reconcile gives s the id of the first of those whose first members are in it.
func reconcile(s copydesk.Story, here []copydesk.Story, was map[copydesk.EntryID]copydesk.StoryID) Regrouped {
	r := Regrouped{Story: copydesk.Story{Members: s.Members}, From: map[copydesk.EntryID]copydesk.StoryID{}}
	if len(here) == 0 {
		r.Story.ID = copydesk.NewStoryID(s.Members[0].Entry)
	} else {
		r.Before = here[0]
		for _, other := range here[1:] {
			r.Absorbed = append(r.Absorbed, other.ID)
		}
		if sameMembers(s, r.Before) {
			r.Story = r.Before
			return r
		}
		r.Story = r.Before
		giver := r.Before.Members[0].Entry
		r.Story.Members = slices.Clone(s.Members)
		slices.SortStableFunc(r.Story.Members, func(a, b copydesk.Member) int { return notFirst(a, giver) - notFirst(b, giver) })
	}
	for i, m := range r.Story.Members {
		if was[m.Entry] != r.Story.ID {
			r.From[m.Entry] = was[m.Entry]
		}
		r.Story.Members[i].Related = slices.DeleteFunc(slices.Clone(m.Related), func(e copydesk.Evidence) bool { return s.Has(e.With) })
	}
	return r
}

func notFirst(m copydesk.Member, first copydesk.EntryID) int {
	if m.Entry == first {
		return 0
	}
	return 1
}

func sameMembers(a, b copydesk.Story) bool {
	return len(a.Members) == len(b.Members) && !slices.ContainsFunc(a.Members, func(m copydesk.Member) bool { return !b.Has(m.Entry) })
}

// Credit chooses the lead, given the voices of the members in their order, and
// reports whether the story differs from what it was.
func (r *Regrouped) Credit(voices []copydesk.Voice, o Overrides, at time.Time) (differs bool) {
	if len(r.Before.Members) == 0 {
		fresh := begin(voices[0])
		r.Story.Face, r.Story.Updated = fresh.Face, fresh.Updated
	}
	r.Story = accredit(copydesk.Told{Story: r.Story, Voices: voices}, o, at)
	return len(r.From) > 0 || len(r.Absorbed) > 0 || !sameMembers(r.Story, r.Before) || r.Story.Lead != r.Before.Lead
}
