package search

import (
	"context"
	"sync"

	"copydesk"
)

// Memory is an index that keeps every text in memory and asks each of them. It
// says what is right, and is for tests and small stores. It is safe for
// concurrent use.
type Memory struct {
	mu      sync.RWMutex
	mark    Mark
	members map[copydesk.EntryID]member
	stories map[copydesk.StoryID][]copydesk.EntryID // whose members they last were
}

type member struct {
	story  copydesk.StoryID
	topics []copydesk.TopicID
	text   Text
}

// NewMemory returns an empty index.
func NewMemory() *Memory {
	return &Memory{members: map[copydesk.EntryID]member{}, stories: map[copydesk.StoryID][]copydesk.EntryID{}}
}

// Mark returns the mark of the last batch that had one.
func (m *Memory) Mark(context.Context) (Mark, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.mark, nil
}

// Update takes a batch in.
func (m *Memory) Update(ctx context.Context, b Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range b.Gone {
		m.forget(id)
	}
	for _, s := range b.Put {
		m.forget(s.ID)
	}
	for _, s := range b.Put {
		for _, v := range s.Voices {
			m.members[v.Entry.ID] = member{s.ID, s.Topics, Read(v)}
			m.stories[s.ID] = append(m.stories[s.ID], v.Entry.ID)
		}
	}
	if b.Mark != (Mark{}) {
		m.mark = b.Mark
	}
	return nil
}

// forget removes the members that are still the story's.
func (m *Memory) forget(id copydesk.StoryID) {
	for _, entry := range m.stories[id] {
		if m.members[entry].story == id {
			delete(m.members, entry)
		}
	}
	delete(m.stories, id)
}

// Search returns up to limit stories with a visible member that meets q; nil
// makes all visible. Sources must have been looked up, see [Query.Among].
func (m *Memory) Search(ctx context.Context, q Query, limit int, visible Visible) ([]copydesk.StoryID, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var hits []hit
	var entries []copydesk.EntryID // of hits
	for id, one := range m.members {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if q.Meets(one.text, one.topics) {
			hits = append(hits, hit{one.story, one.text.seen, len(entries)})
			entries = append(entries, id)
		}
	}
	return order(hits, limit, func(h hit) (bool, error) {
		return visible == nil || visible(h.story, entries[h.at]), nil
	})
}

// Close does nothing.
func (m *Memory) Close() error { return nil }
