package story

import (
	"slices"
	"time"

	"copydesk"
	"copydesk/story/alike"
)

// Board is a desk without a store and without an operator: it puts what arrives
// into stories, by the same decisions as the daemon within the default reach,
// and keeps them in memory. It is for programs
// that measure and for looking at single documents; it is not safe for
// concurrent use.
type Board struct {
	rarity  *alike.Rarity
	window  *alike.Window
	entries map[copydesk.EntryID]copydesk.Voice
	shown   map[copydesk.EntryID]copydesk.Voice
	stories map[copydesk.StoryID]copydesk.Story
	of      map[copydesk.EntryID]copydesk.StoryID
	at      map[string][]copydesk.EntryID // by canonical address
}

// NewBoard returns a board with nothing on it.
func NewBoard() *Board {
	rarity := alike.NewRarity()
	return &Board{
		rarity: rarity, window: alike.NewWindow(rarity, alike.DefaultReach),
		entries: map[copydesk.EntryID]copydesk.Voice{},
		shown:   map[copydesk.EntryID]copydesk.Voice{},
		stories: map[copydesk.StoryID]copydesk.Story{},
		of:      map[copydesk.EntryID]copydesk.StoryID{},
		at:      map[string][]copydesk.EntryID{},
	}
}

// Arrive puts v where its evidence leads. What is compared is read from shown,
// which is v without its boilerplate.
func (b *Board) Arrive(v, shown copydesk.Voice) Grouped {
	b.window.Expire(v.Entry.FirstSeen)
	f := alike.Read(shown)
	b.shown[v.Entry.ID] = shown
	others := b.atAddress(v.Entry)
	crowd := Crowd(v.Entry, others)
	for _, e := range crowd {
		b.part(e, OfCrowd(v.Entry.Canonical, crowd), b.ask, v.Entry.RevisedAt)
	}
	known := Evidence(v.Entry, others, alike.DefaultReach)
	answer := b.window.Evidence(f, known, b.text)
	links := slices.Concat(known, answer.Links)
	b.entries[v.Entry.ID] = v
	digests := OfDigests(answer.Digests, b.window.Alike)
	for _, digest := range answer.Digests {
		b.part(digest, digests, nil, v.Entry.RevisedAt)
	}
	g := Group(v, links, b.near(v.Entry.ID, links), Overrides{})
	for _, id := range g.Absorbed {
		delete(b.stories, id)
	}
	b.window.Add(f)
	b.put(g.Story)
	b.rarity.Observe(f)
	return g
}

// part takes the story of an entry apart where its links are void.
func (b *Board) part(entry copydesk.EntryID, void Void, ask func(copydesk.Voice) []copydesk.Evidence, at time.Time) {
	for _, t := range Parted(b.told(b.of[entry]), void, ask, Overrides{}, at) {
		b.put(t.Story)
	}
}

func (b *Board) ask(v copydesk.Voice) []copydesk.Evidence {
	return b.window.Evidence(alike.Read(b.shown[v.Entry.ID]), nil, b.text).Links
}

func (b *Board) text(entry copydesk.EntryID) (copydesk.Voice, bool) {
	v, there := b.shown[entry]
	return v, there
}

func (b *Board) put(s copydesk.Story) {
	b.stories[s.ID] = s
	for _, m := range s.Members {
		b.of[m.Entry] = s.ID
		b.window.Place(m.Entry, s.ID)
	}
}

func (b *Board) told(id copydesk.StoryID) copydesk.Told {
	t := copydesk.Told{Story: b.stories[id]}
	for _, m := range t.Story.Members {
		t.Voices = append(t.Voices, b.entries[m.Entry])
	}
	return t
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
		near = append(near, b.told(storyID))
	}
	return near
}

// StoryOf returns the story that an entry is in now; its zero value if the
// entry never arrived.
func (b *Board) StoryOf(entry copydesk.EntryID) copydesk.Story { return b.stories[b.of[entry]] }
