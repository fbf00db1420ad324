package publish

import (
	"container/list"
	"sync"
)

// recent keeps what was used last, as much as it has room for. It is safe for
// concurrent use.
type recent[K comparable, V any] struct {
	room int

	mu    sync.Mutex
	slots map[K]*list.Element // of slot[K, V]
	order *list.List          // the last used first
	taken int                 // of the room
}

type slot[K comparable, V any] struct {
	key   K
	value V
	size  int
}

func newRecent[K comparable, V any](room int) *recent[K, V] {
	return &recent[K, V]{room: room, slots: map[K]*list.Element{}, order: list.New()}
}

func (r *recent[K, V]) get(key K) (value V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.slots[key]
	if e == nil {
		return value, false
	}
	r.order.MoveToFront(e)
	return e.Value.(slot[K, V]).value, true
}

// put keeps value in place of what key had, and lets go of what was not used for
// the longest time. What is larger than all the room is not kept.
func (r *recent[K, V]) put(key K, value V, size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.slots[key]; e != nil {
		r.drop(e)
	}
	if size > r.room {
		return
	}
	r.slots[key] = r.order.PushFront(slot[K, V]{key, value, size})
	for r.taken += size; r.taken > r.room; {
		r.drop(r.order.Back())
	}
}

func (r *recent[K, V]) drop(e *list.Element) {
	s := r.order.Remove(e).(slot[K, V])
	delete(r.slots, s.key)
	r.taken -= s.size
}
