package publish

import (
	"maps"
	"sync"
	"sync/atomic"

	"copydesk"
)

// Shelf holds the editions that are on sale. Readers never wait: each sees the
// shelf as it was at one moment. Writers are taken one after the other.
type Shelf struct {
	mu    sync.Mutex // held to write
	stock atomic.Pointer[stock]
}

// stock is a shelf at one moment. It is copied to be changed.
type stock struct {
	topics map[copydesk.TopicID]place
	front  *Pressed
}

// place is what the shelf says of one topic.
type place struct {
	editions map[Format]*Pressed // copied to be changed
	gone     bool
	moved    copydesk.TopicID // where a renamed topic went, or empty
}

// NewShelf returns an empty shelf.
func NewShelf() *Shelf {
	s := new(Shelf)
	s.stock.Store(&stock{topics: map[copydesk.TopicID]place{}})
	return s
}

// Put offers p as the edition of topic in format f, in place of the one before.
// It ends what Gone and Moved said of the topic.
func (s *Shelf) Put(topic copydesk.TopicID, f Format, p *Pressed) {
	s.change(func(next *stock) {
		editions := maps.Clone(next.topics[topic].editions)
		if editions == nil {
			editions = map[Format]*Pressed{}
		}
		editions[f] = p
		next.topics[topic] = place{editions: editions}
	})
}

// Drop takes topic from the shelf as if it had never been there: 404.
func (s *Shelf) Drop(topic copydesk.TopicID) {
	s.change(func(next *stock) { delete(next.topics, topic) })
}

// Gone takes topic from the shelf and says so to those who ask: 410, upon
// which readers unsubscribe.
func (s *Shelf) Gone(topic copydesk.TopicID) {
	s.change(func(next *stock) { next.topics[topic] = place{gone: true} })
}

// Moved sends those who ask for old to the same format of topic, for good: 301.
func (s *Shelf) Moved(old, topic copydesk.TopicID) {
	s.change(func(next *stock) { next.topics[old] = place{moved: topic} })
}

// Get returns the edition of topic in format f.
func (s *Shelf) Get(topic copydesk.TopicID, f Format) (*Pressed, bool) {
	p, ok := s.stock.Load().topics[topic].editions[f]
	return p, ok
}

func (s *Shelf) place(topic copydesk.TopicID) (place, bool) {
	p, ok := s.stock.Load().topics[topic]
	return p, ok
}

func (s *Shelf) change(edit func(next *stock)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.stock.Load()
	next := &stock{topics: maps.Clone(now.topics), front: now.front}
	edit(next)
	s.stock.Store(next)
}
