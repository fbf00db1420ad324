package story

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"copydesk"
)

// Overrides is what the operator says of stories, ready to be asked. It goes
// before all evidence, and what is split before what is joined. The zero value
// says nothing.
type Overrides struct {
	set   map[string]int     // of every address that is named: those that are joined are in one set
	apart map[[2]string]bool // addresses that one list splits
	sets  map[[2]int]bool    // and so the sets that they are in
	lead  map[string]bool
}

// What explain shows of a decision that was the operator's.
const (
	whyJoined = "joined by the operator ([[story]] join)"
	whySplit  = "split by the operator ([[story]] split)"
	whyNamed  = "named by the operator ([[story]] lead)"
)

// NewOverrides reads overrides. Canonical returns the form in which addresses
// are compared, that of [copydesk.Entry], or "" for what can be no article's:
// that is passed over.
func NewOverrides(all []copydesk.Override, canonical func(string) string) Overrides {
	o := Overrides{set: map[string]int{}, apart: map[[2]string]bool{}, sets: map[[2]int]bool{}, lead: map[string]bool{}}
	for _, one := range all {
		o.join(addresses(one.Join, canonical))
		for _, a := range addresses([]string{one.Lead}, canonical) {
			o.lead[a] = true
			o.name(a)
		}
	}
	for _, one := range all {
		split := addresses(one.Split, canonical)
		for i, a := range split {
			for _, b := range split[:i] {
				o.apart[inOrder(a, b)] = true
				o.sets[inOrder(o.name(a), o.name(b))] = true
			}
		}
	}
	return o
}

func addresses(written []string, canonical func(string) string) (all []string) {
	for _, w := range written {
		if a := canonical(w); a != "" && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

func inOrder[T cmp.Ordered](a, b T) [2]T { return [2]T{min(a, b), max(a, b)} }

// name returns the set of an address, one of its own if it was not named.
func (o Overrides) name(address string) int {
	if _, known := o.set[address]; !known {
		o.set[address] = len(o.set)
	}
	return o.set[address]
}

func (o Overrides) join(all []string) {
	for i := range all {
		into, from := o.name(all[0]), o.name(all[i])
		for a, n := range o.set {
			if n == from {
				o.set[a] = into
			}
		}
	}
}

// Addresses are all that are named, in the form in which they are compared.
func (o Overrides) Addresses() []string { return slices.Sorted(maps.Keys(o.set)) }

// With are the addresses that are joined with one, itself among them; none if
// it is joined with no other.
func (o Overrides) With(address string) (all []string) {
	if _, known := o.set[address]; !known {
		return nil // as nearly all are
	}
	for _, a := range o.Addresses() {
		if o.joined(a, address) {
			all = append(all, a)
		}
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

func (o Overrides) joined(a, b string) bool {
	one, known := o.set[a]
	other, both := o.set[b]
	return known && both && one == other && !o.split(a, b)
}

// split reports whether two addresses are apart: named in one list, or joined
// with such, whichever of them comes.
func (o Overrides) split(a, b string) bool {
	one, known := o.set[a]
	other, both := o.set[b]
	if !known || !both {
		return false
	}
	return o.apart[inOrder(a, b)] || one != other && o.sets[inOrder(one, other)]
}

// Evidence returns what the operator joins entry with, of others.
func (o Overrides) Evidence(entry copydesk.Entry, others []copydesk.Entry) (found []copydesk.Evidence) {
	for _, other := range others {
		if other.ID != entry.ID && o.joined(entry.Canonical, other.Canonical) {
			found = append(found, joinedWith(other.ID))
		}
	}
	return found
}

func joinedWith(other copydesk.EntryID) copydesk.Evidence {
	return copydesk.Evidence{Step: copydesk.StepOverride, With: other, Score: 1, Why: whyJoined}
}

// overrule says of evidence between v and one of the others that the operator
// overruled it.
func (o Overrides) overrule(e copydesk.Evidence, v copydesk.Voice, others []copydesk.Voice) copydesk.Evidence {
	why := whySplit
	if !slices.ContainsFunc(others, func(w copydesk.Voice) bool {
		return w.Entry.ID == e.With && !o.agree([]copydesk.Voice{v}, []copydesk.Voice{w})
	}) {
		why += ", by other members"
	}
	e.Why = why + ": " + e.Why
	return e
}

// agree reports whether no one of some is split from one of the others.
func (o Overrides) agree(some, others []copydesk.Voice) bool {
	return !slices.ContainsFunc(some, func(a copydesk.Voice) bool {
		return slices.ContainsFunc(others, func(b copydesk.Voice) bool { return o.split(a.Entry.Canonical, b.Entry.Canonical) })
	})
}

// Torn reports whether two members of a story are split from each other, as
// when a revision has moved one of them to an address that is: [Overrides.Apply]
// takes the story apart.
func (o Overrides) Torn(voices []copydesk.Voice) bool {
	if len(o.sets) == 0 {
		return false // as nearly always
	}
	for i, v := range voices {
		if !o.agree(voices[:i], []copydesk.Voice{v}) {
			return true
		}
	}
	return false
}

// admit parts the stories near an arrived entry, which are sorted by age, into
// those that may be one with it and the others, and its links likewise. The
// entry's own story comes first, then those that it is joined with.
func (o Overrides) admit(arrived copydesk.Voice, links []copydesk.Evidence, near []copydesk.Told) (in []copydesk.Told, valid, overruled []copydesk.Evidence) {
	rank := func(t copydesk.Told) int {
		joined := func(e copydesk.Evidence) bool { return e.Step == copydesk.StepOverride && t.Story.Has(e.With) }
		switch {
		case t.Story.Has(arrived.Entry.ID):
			return 0
		case slices.ContainsFunc(links, joined):
			return 1
		}
		return 2
	}
	voices := []copydesk.Voice{arrived}
	var out []copydesk.Told
	for _, t := range slices.SortedStableFunc(slices.Values(near), func(a, b copydesk.Told) int { return rank(a) - rank(b) }) {
		if rank(t) > 0 && !o.agree(voices, t.Voices) {
			out = append(out, t)
			continue
		}
		in, voices = append(in, t), append(voices, t.Voices...)
	}
	slices.SortFunc(in, older)
	for _, e := range links {
		if n := slices.IndexFunc(out, func(t copydesk.Told) bool { return t.Story.Has(e.With) }); n >= 0 {
			overruled = append(overruled, o.overrule(e, arrived, out[n].Voices))
		} else {
			valid = append(valid, e)
		}
	}
	return in, valid, overruled
}

// Apply brings stories in line with overrides that are new. Told are all that
// have a member at one of the addresses; it returns what becomes of them, those
// that nothing happens to among it. A member leaves a story if it joined after
// one that it is split from, and takes along who is in the story by its links to
// it alone. The first to leave gives the new story its id. Of stories that are
// joined the oldest keeps its id.
func (o Overrides) Apply(told []copydesk.Told, at time.Time) (all []Grouped) {
	var parts []copydesk.Told
	for _, t := range told {
		parts = append(parts, o.part(t, at)...)
	}
	slices.SortFunc(parts, older)
	var stories []union
	for _, t := range parts {
		u := union{Told: t}
		var rest []union
		for _, other := range stories {
			if o.links(other.Voices, u.Voices) && o.agree(other.Voices, u.Voices) {
				u = o.unite(other, u)
			} else {
				rest = append(rest, other)
			}
		}
		stories = append(rest, u)
		slices.SortFunc(stories, func(a, b union) int { return older(a.Told, b.Told) })
	}
	for _, u := range stories {
		all = append(all, Grouped{Story: accredit(u.Told, o, at), Voices: u.Voices, Absorbed: u.absorbed, Reason: "as the operator says"})
	}
	return all
}

// union is a story with those that became part of it.
type union struct {
	copydesk.Told
	absorbed []copydesk.StoryID
}

func (o Overrides) links(some, others []copydesk.Voice) bool {
	return slices.ContainsFunc(some, func(a copydesk.Voice) bool {
		return slices.ContainsFunc(others, func(b copydesk.Voice) bool { return o.joined(a.Entry.Canonical, b.Entry.Canonical) })
	})
}

func (o Overrides) unite(a, b union) union {
	if older(b.Told, a.Told) < 0 {
		a, b = b, a
	}
	members := slices.Clone(b.Story.Members)
	for i, v := range b.Voices {
		if with := slices.IndexFunc(a.Voices, func(w copydesk.Voice) bool { return o.joined(v.Entry.Canonical, w.Entry.Canonical) }); with >= 0 {
			members[i].Evidence = append(slices.Clip(members[i].Evidence), joinedWith(a.Voices[with].Entry.ID))
		}
	}
	a.absorbed = slices.Concat(a.absorbed, []copydesk.StoryID{b.Story.ID}, b.absorbed)
	a.Story.Members, a.Voices = slices.Concat(a.Story.Members, members), slices.Concat(a.Voices, b.Voices)
	for i, m := range a.Story.Members {
		a.Story.Members[i].Related = slices.DeleteFunc(slices.Clone(m.Related), func(e copydesk.Evidence) bool { return a.Story.Has(e.With) })
	}
	return a
}

// part takes a story apart, so that no two members of a part are split. The
// first part is what is left of the story.
func (o Overrides) part(t copydesk.Told, at time.Time) []copydesk.Told {
	var parts []copydesk.Told
	for i, m := range t.Story.Members {
		v := t.Voices[i]
		n := o.place(parts, m, v)
		switch {
		case i == 0:
			parts = []copydesk.Told{{Story: t.Story}}
			parts[0].Story.Members = nil
		case n == len(parts):
			parts = append(parts, copydesk.Told{Story: begin(v)})
			parts[n].Story.Members = nil
		}
		if n > 0 {
			m.Joined = at
		}
		parts[n].Story.Members, parts[n].Voices = append(parts[n].Story.Members, m), append(parts[n].Voices, v)
	}
	if len(parts) == 1 {
		return []copydesk.Told{t}
	}
	for _, p := range parts {
		for i, m := range p.Story.Members {
			p.Story.Members[i] = o.cut(m, p.Voices[i], p.Story, t.Voices)
		}
	}
	return parts
}

// place returns the number of the part that a member belongs to: with whom it
// is joined, else linked, else the first, else one of its own. No one in it is
// split from the member.
func (o Overrides) place(parts []copydesk.Told, m copydesk.Member, v copydesk.Voice) int {
	free := func(t copydesk.Told) bool { return o.agree([]copydesk.Voice{v}, t.Voices) }
	joined := func(t copydesk.Told) bool { return o.links([]copydesk.Voice{v}, t.Voices) && free(t) }
	if n := slices.IndexFunc(parts, joined); n >= 0 {
		return n
	}
	for _, e := range m.Evidence {
		if n := slices.IndexFunc(parts, func(t copydesk.Told) bool { return t.Story.Has(e.With) && free(t) }); n >= 0 {
			return n
		}
	}
	if len(parts) > 0 && free(parts[0]) {
		return 0
	}
	return len(parts)
}

// cut notes on a member of a part who of the whole story it is split from, and
// the links that are thereby overruled.
func (o Overrides) cut(m copydesk.Member, v copydesk.Voice, part copydesk.Story, whole []copydesk.Voice) copydesk.Member {
	links := m.Evidence
	m.Evidence, m.Related = nil, slices.Clone(m.Related)
	noted := map[copydesk.EntryID]bool{}
	for _, e := range links {
		if part.Has(e.With) {
			m.Evidence = append(m.Evidence, e)
			continue
		}
		m.Related, noted[e.With] = append(m.Related, o.overrule(e, v, whole)), true
	}
	for _, w := range whole {
		if !noted[w.Entry.ID] && o.split(v.Entry.Canonical, w.Entry.Canonical) {
			m.Related = append(m.Related, copydesk.Evidence{Step: copydesk.StepOverride, With: w.Entry.ID, Why: whySplit})
		}
	}
	return m
}
