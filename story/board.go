package story

import (
	"slices"

	"copydesk"
)

// Board is a desk without a store and without an operator: it puts what arrives
// into stories, by the same decisions as the daemon within the default reach,
// and keeps them in memory. It is for programs
// that measure and for looking at single documents; it is not safe for
// concurrent use.
type Board struct {
	rarity  *Rarity
	window  *Window
	entries map[copydesk.EntryID]copydesk.Voice
	stories map[copydesk.StoryID]copydesk.Story
	of      map[copydesk.EntryID]copydesk.StoryID
	at      map[string][]copydesk.EntryID // by canonical address
}

// NewBoard returns a board with nothing on it.
func NewBoard() *Board {
	rarity := NewRarity()
	return &Board{
		rarity: rarity, window: NewWindow(rarity, DefaultReach),
		entries: map[copydesk.EntryID]copydesk.Voice{},
		stories: map[copydesk.StoryID]copydesk.Story{},
		of:      map[copydesk.EntryID]copydesk.StoryID{},
		at:      map[string][]copydesk.EntryID{},
	}
}

// Arrive puts v where its evidence leads. What is compared is read from shown,
// which is v without its boilerplate.
func (b *Board) Arrive(v, shown copydesk.Voice) Grouped {
	b.window.Expire(v.Entry.FirstSeen)
	f := Read(shown)
	known := Evidence(v.Entry, b.atAddress(v.Entry), DefaultReach)
	links := slices.Concat(known, b.window.Evidence(f, known).Links)
	b.entries[v.Entry.ID] = v
	g := Group(v, links, b.near(v.Entry.ID, links), Overrides{})
	for _, id := range g.Absorbed {
		delete(b.stories, id)
	}
	b.stories[g.Story.ID] = g.Story
	b.window.Add(f)
	for _, m := range g.Story.Members {
		b.of[m.Entry] = g.Story.ID
		b.window.Place(m.Entry, g.Story.ID)
	}
	b.rarity.Observe(f)
	return g
}

// atAddress is the others at an entry's address; it is among them from now on.
func (b *Board) atAddress(e copydesk.Entry) (others []copydesk.Entry) {
	if e.Canonical == "" {
		return nil
	}
	there := b.at[e.Canonical]
	for _, id := range there {
		if other := b.entries[id].Entry; id != e.ID && other.Canonical == e.Canonical {
			others = append(others, other)
		}
	}
	if !slices.Contains(there, e.ID) {
		b.at[e.Canonical] = append(there, e.ID)
	}
	return others
}

// near is the stories that links lead to, and the entry's own.
func (b *Board) near(entry copydesk.EntryID, links []copydesk.Evidence) (near []copydesk.Told) {
	ids := []copydesk.EntryID{entry}
	for _, e := range links {
		ids = append(ids, e.With)
	}
	var seen []copydesk.StoryID
	for _, id := range ids {
		storyID, ok := b.of[id]
		if !ok || slices.Contains(seen, storyID) {
			continue
		}
		seen = append(seen, storyID)
		told := copydesk.Told{Story: b.stories[storyID]}
		for _, m := range told.Story.Members {
			told.Voices = append(told.Voices, b.entries[m.Entry])
		}
		near = append(near, told)
	}
	return near
}

// StoryOf returns the story that an entry is in now; its zero value if the
// entry never arrived.
func (b *Board) StoryOf(entry copydesk.EntryID) copydesk.Story { return b.stories[b.of[entry]] }
