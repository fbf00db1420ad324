package topic

import (
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
	if t.Merge != copydesk.MergeNone && t.Merge != copydesk.MergeCopies {
		i := item(t, was.String(), told, told.Story.Lead, told.Story.Updated, countPublishers(told.Voices))
		i.Absorbed = true
		return []copydesk.Item{i}
	}
	for _, v := range told.Voices {
		if copydesk.NewStoryID(v.Entry.ID) == was {
			id := copydesk.ItemID(v.Entry.ID)
			if t.Merge == copydesk.MergeCopies {
				id = copydesk.CopiesID(v.Entry.ID)
			}
			alone := copydesk.Told{Story: told.Story, Voices: []copydesk.Voice{v}, Position: told.Position}
			i := item(t, id, alone, v.Entry.ID, updated(v.Entry), countPublishers(told.Voices))
			i.Absorbed = true
			return []copydesk.Item{i}
		}
	}
	return nil
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
	return []copydesk.Item{item(t, told.Story.ID.String(), told, told.Story.Lead, told.Story.Updated, countPublishers(told.Voices))}
}

// Adds reports whether an edition of t shows an item more of a story since entry
// joined it.
func Adds(t copydesk.Topic, told copydesk.Told, entry copydesk.EntryID) bool {
	if t.Merge != copydesk.MergeNone && t.Merge != copydesk.MergeCopies {
		return false
	}
	without := copydesk.Told{Story: told.Story}
	without.Story.Members = nil
	for i, m := range told.Story.Members {
		if m.Entry != entry {
			without.Story.Members, without.Voices = append(without.Story.Members, m), append(without.Voices, told.Voices[i])
		}
	}
	return len(without.Voices) > 0 && len(Items(t, told)) > len(Items(t, without))
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
// one to its first member.
func copies(t copydesk.Topic, told copydesk.Told) (items []copydesk.Item) {
	publishers := countPublishers(told.Voices)
	for _, set := range slices.Backward(copySets(told)) {
		first := set.Voices[0].Entry
		id, lead, at := copydesk.CopiesID(first.ID), first.ID, updated(first)
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
