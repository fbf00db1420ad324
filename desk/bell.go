package desk

import (
	"maps"
	"slices"
	"sync"

	"copydesk"
)

// bell wakes one loop. However often it is rung while the loop is busy, the loop
// wakes once more.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// marks are the topics that look different from their editions.
type marks struct {
	bell
	index  bell // rung with it, for the search index
	mu     *sync.Mutex
	topics map[copydesk.TopicID]bool
}

func newMarks() marks {
	return marks{bell: newBell(), index: newBell(), mu: new(sync.Mutex), topics: map[copydesk.TopicID]bool{}}
}

func (m marks) add(topics ...copydesk.TopicID) {
	if len(topics) == 0 {
		return
	}
	m.mu.Lock()
	for _, t := range topics {
		m.topics[t] = true
	}
	m.mu.Unlock()
	m.ring()
	m.index.ring()
}

// take returns the marked topics, sorted, and unmarks them.
func (m marks) take() []copydesk.TopicID {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := slices.Sorted(maps.Keys(m.topics))
	clear(m.topics)
	return taken
}
