package topic

import (
	"encoding/json"
	"slices"
	"time"

	"copydesk"
)

// Sees returns whether topic may see the entries of a source: of public ones
// always, of a private one if the topic is private and lists it, or has a child
// that does. A topic that the plan does not have is everybody.
func (p Plan) Sees(topic copydesk.TopicID) func(copydesk.Source) bool {
	var circle map[copydesk.SourceID]bool
	if i, ok := p.byID[topic]; ok {
		circle = p.sections[i].circle
	}
	return func(src copydesk.Source) bool { return !src.Private || circle[src.ID] }
}

// Sight is the digest of all that decides what topic may see, and who may see
// the topic. While it stays the same, what was printed can be shown.
func (p Plan) Sight(topic copydesk.TopicID) copydesk.Digest {
	i, ok := p.byID[topic]
	if !ok || !p.sections[i].topic.Private && len(p.secret) == 0 {
		return copydesk.Digest{}
	}
	var seen []copydesk.SourceID
	for _, id := range p.secret {
		if p.sections[i].circle[id] {
			seen = append(seen, id)
		}
	}
	text, err := json.Marshal([]any{p.sections[i].topic.Private, p.secret, seen})
	if err != nil { // strings only: cannot be
		panic(err)
	}
	return copydesk.DigestOf(text)
}

// visible are the voices that the section may see, each with its reading.
func (s section) visible(voices []copydesk.Voice, texts []reading) (seen []copydesk.Voice, read []reading) {
	hidden := func(v copydesk.Voice) bool { return v.Source.Private && !s.circle[v.Source.ID] }
	if !slices.ContainsFunc(voices, hidden) {
		return voices, texts
	}
	for i, v := range voices {
		if !hidden(v) {
			seen, read = append(seen, v), append(read, texts[i])
		}
	}
	return seen, read
}

// Visible returns what those see of a story who may see the entries of some
// sources: its other members are gone, and so is all that names them. It has no
// voices if nothing is left. Lead says whom voices are credited to, and why.
//
// Whoever sees the public members alone gets what the story keeps for them, so
// that nothing private moves it. Where no such thing was kept, the story is as
// new as its lead, but no older than it is for the public.
func Visible(told copydesk.Told, sees func(copydesk.Source) bool, lead func([]copydesk.Voice) (copydesk.Voice, string)) copydesk.Told {
	if !slices.ContainsFunc(told.Voices, func(v copydesk.Voice) bool { return !sees(v.Source) }) {
		return told
	}
	part := copydesk.Told{Story: told.Story, Position: told.Position, As: told.As}
	part.Story.Members, part.Story.Public = nil, nil
	private := false
	for i, v := range told.Voices {
		if sees(v.Source) {
			part.Voices = append(part.Voices, v)
			part.Story.Members = append(part.Story.Members, told.Story.Members[i])
			private = private || v.Source.Private
		}
	}
	if len(part.Voices) == 0 {
		return part
	}
	for i, m := range part.Story.Members {
		part.Story.Members[i].Related = nil
		part.Story.Members[i].Evidence = slices.DeleteFunc(slices.Clone(m.Evidence), func(e copydesk.Evidence) bool { return !part.Story.Has(e.With) })
	}
	if public := told.Story.Public; public != nil && !private && part.Story.Has(public.Lead) {
		part.Story = part.Story.Credited(*public)
		return part
	}
	first, why := lead(part.Voices)
	b := copydesk.Byline{Lead: first.Entry.ID, LeadWhy: why, Updated: leads(part.Story, first)}
	if public := told.Story.Public; public != nil && public.Updated.After(b.Updated) {
		b.Updated = public.Updated
	}
	part.Story = part.Story.Credited(b)
	return part
}

// leads is when what v shows last changed, or when it came to a story that was
// there before.
func leads(s copydesk.Story, v copydesk.Voice) time.Time {
	at := updated(v.Entry)
	for i, m := range s.Members {
		if i > 0 && m.Entry == v.Entry.ID && m.Joined.After(at) {
			at = m.Joined
		}
	}
	return at
}
