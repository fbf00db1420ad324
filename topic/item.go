package topic

import (
	"cmp"
	"slices"
	"time"

	"copydesk"
)

// Kept returns what an archive of t shows of a story that it has, and that was
// absorbed by told since: the news as it is told now, under the id that the
// archive has.
func Kept(t copydesk.Topic, was copydesk.StoryID, told copydesk.Told) []copydesk.Item {
	if len(told.Voices) == 0 {
		return nil
	}
	if !Apart(t) {
		told.As = was
		i := whole(t, told)
		i.Absorbed = true
		return []copydesk.Item{i}
	}
	v, found := namedBy(told, was)
	if !found {
		return nil
	}
	id := copydesk.ItemID(v.Entry.ID)
	if t.Merge == copydesk.MergeCopies {
		id = copydesk.CopiesID(v.Entry.ID)
	}
	alone := copydesk.Told{Story: told.Story, Voices: []copydesk.Voice{v}, Position: told.Position}
	i := item(t, id, alone, v.Entry.ID, updated(v.Entry), countPublishers(told.Voices))
	i.Absorbed = true
	return []copydesk.Item{i}
}

// Items returns what an edition of t shows of a story: the whole story as one
// item, one item for each text that is not a copy of another, or one for each
// entry, the newest first.
func Items(t copydesk.Topic, told copydesk.Told) []copydesk.Item {
	switch {
	case len(told.Voices) == 0: // t may see none of it
		return nil
	case t.Merge == copydesk.MergeNone:
		return each(t, told)
	case t.Merge == copydesk.MergeCopies:
		return copies(t, told)
	}
	return []copydesk.Item{whole(t, told)}
}

// whole makes one item of a story. Where readers know it as one that it has
// absorbed, it keeps that id, and is no older than what they had under it.
func whole(t copydesk.Topic, told copydesk.Told) copydesk.Item {
	id, at := cmp.Or(told.As, told.Story.ID), told.Story.Updated
	if v, ok := namedBy(told, told.As); ok && id != told.Story.ID && updated(v.Entry).After(at) {
		at = updated(v.Entry)
	}
	return item(t, id.String(), told, told.Story.Lead, at, countPublishers(told.Voices))
}

// namedBy returns the voice by which a story was named.
func namedBy(told copydesk.Told, id copydesk.StoryID) (v copydesk.Voice, found bool) {
	for _, v := range told.Voices {
		if copydesk.NewStoryID(v.Entry.ID) == id {
			return v, true
		}
	}
	return v, false
}

// Apart reports whether editions of t show the entries of a story by themselves,
// or its texts.
func Apart(t copydesk.Topic) bool {
	return t.Merge == copydesk.MergeNone || t.Merge == copydesk.MergeCopies
}

// Adds reports whether an edition of t, which shows stories [Apart], shows an item
// more of one than when that was as before: of what has joined it, or of a story
// that it has absorbed.
func Adds(t copydesk.Topic, told copydesk.Told, before copydesk.Story) bool {
	without := copydesk.Told{Story: told.Story}
	without.Story.Members = nil
	for i, m := range told.Story.Members {
		if before.Has(m.Entry) {
			without.Story.Members, without.Voices = append(without.Story.Members, m), append(without.Voices, told.Voices[i])
		}
	}
	shown := map[string]bool{}
	for _, i := range Items(t, without) {
		shown[i.ID] = true
	}
	return slices.ContainsFunc(Items(t, told), func(i copydesk.Item) bool { return !shown[i.ID] })
}

// Renews reports whether the newest text of an entry has moved atom:updated of
// an item that is credited to it in editions of t, which shows stories [Apart].
func Renews(t copydesk.Topic, told copydesk.Told, entry copydesk.Entry) bool {
	return entry.ShownAt.Equal(entry.RevisedAt) && slices.ContainsFunc(Items(t, told), func(i copydesk.Item) bool {
		return i.Lead.Entry.ID == entry.ID && i.Updated.Equal(entry.ShownAt)
	})
}

func item(t copydesk.Topic, id string, told copydesk.Told, lead copydesk.EntryID, updated time.Time, publishers int) copydesk.Item {
	i := copydesk.Item{ID: id, Story: told.Story.ID, Updated: updated, Content: t.Content, Publishers: publishers, Position: told.Position}
	for _, v := range told.Voices {
		if v.Entry.ID != lead {
			i.Others = append(i.Others, v)
			continue
		}
		i.Lead = v
		if v.Source.Content != "" {
			i.Content = v.Source.Content
		}
	}
	return i
}

func each(t copydesk.Topic, told copydesk.Told) (items []copydesk.Item) {
	publishers := countPublishers(told.Voices)
	for _, v := range slices.Backward(told.Voices) {
		alone := copydesk.Told{Story: told.Story, Voices: []copydesk.Voice{v}, Position: told.Position}
		items = append(items, item(t, copydesk.ItemID(v.Entry.ID), alone, v.Entry.ID, updated(v.Entry), publishers))
	}
	return items
}

// copies makes an item of each set of members that are linked by the steps for
// copies. The set with the story's lead is credited as the story is; another
// one to its first member. It has an id of its first member too, unless readers
// know it by the one that the story has for them.
func copies(t copydesk.Topic, told copydesk.Told) (items []copydesk.Item) {
	publishers := countPublishers(told.Voices)
	for _, set := range slices.Backward(copySets(told)) {
		first := set.Voices[0].Entry
		id, lead, at := copydesk.CopiesID(first.ID), first.ID, updated(first)
		if known, ok := namedBy(set, told.As); ok {
			id = copydesk.CopiesID(known.Entry.ID)
		}
		if slices.ContainsFunc(set.Voices, func(v copydesk.Voice) bool { return v.Entry.ID == told.Story.Lead }) {
			lead, at = told.Story.Lead, told.Story.Updated
		}
		items = append(items, item(t, id, set, lead, at, publishers))
	}
	return items
}

// copySets parts the members of a story: two are in one set if evidence of the
// steps for copies, from the same address to near-identical text, leads from one
// to the other. That the operator joined them makes no copy of either.
func copySets(told copydesk.Told) (sets []copydesk.Told) {
	set := map[copydesk.EntryID]int{}
	for i, m := range told.Story.Members {
		set[m.Entry] = i
	}
	for _, m := range told.Story.Members {
		for _, e := range m.Evidence {
			to, ok := set[e.With]
			if !ok || e.Step < copydesk.StepSameAddress || e.Step > copydesk.StepSameText {
				continue
			}
			from := set[m.Entry]
			for id, n := range set {
				if n == max(from, to) {
					set[id] = min(from, to)
				}
			}
		}
	}
	for n := range told.Story.Members {
		part := copydesk.Told{Story: told.Story, Position: told.Position}
		for _, v := range told.Voices {
			if set[v.Entry.ID] == n {
				part.Voices = append(part.Voices, v)
			}
		}
		if len(part.Voices) > 0 {
			sets = append(sets, part)
		}
	}
	return sets
}

// updated is atom:updated of an entry that is shown by itself.
func updated(e copydesk.Entry) time.Time {
	if !e.ShownAt.IsZero() {
		return e.ShownAt
	}
	return e.FirstUpdated()
}
