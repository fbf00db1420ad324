package alike

import (
	"encoding/binary"
	"iter"
	"maps"
	"slices"
)

// counter counts hashes. It is a table of plain arrays, six bytes a slot, since
// most of what a desk holds in memory for long is counts of pairs of words, and
// most of those were seen once.
//
// Hashes lie in their order, each at or behind the place that its size gives it,
// without a gap between. Counts are kept in halves, since they are halved. The
// zero value counts nothing yet.
type counter struct {
	keys   []uint32
	halves []uint16 // 0 is a free slot, full leads to large
	used   int
	large  map[uint32]uint32 // the few counts that are full or more, in halves
}

const full = 1<<16 - 1

// A table grows by a quarter when it is so full, in percent. The slots at its
// end are for the greatest hashes, which have none behind them.
const (
	fullest    = 85
	spareSlots = 64
)

func (c *counter) len() int { return c.used }

// home is where key lies if nothing is in its way.
func (c *counter) home(key uint32) int {
	return int(uint64(key) * uint64(len(c.keys)-spareSlots) >> 32)
}

// find returns the slot of key, or where it belongs.
func (c *counter) find(key uint32) (slot int, found bool) {
	if len(c.keys) == 0 {
		return 0, false
	}
	i := c.home(key)
	for i < len(c.keys) && c.halves[i] != 0 && c.keys[i] < key {
		i++
	}
	return i, i < len(c.keys) && c.halves[i] != 0 && c.keys[i] == key
}

// of is how often key was counted.
func (c *counter) of(key uint32) float32 {
	i, found := c.find(key)
	if !found {
		return 0
	}
	return float32(c.at(i)) / 2
}

func (c *counter) at(slot int) uint32 {
	if n := c.halves[slot]; n < full {
		return uint32(n)
	}
	return c.large[c.keys[slot]]
}

// add counts key so many halves more.
func (c *counter) add(key, halves uint32) {
	i, found := c.find(key)
	if found {
		c.put(i, c.at(i)+halves)
		return
	}
	if c.used*100 >= (len(c.keys)-spareSlots)*fullest || i == len(c.keys) {
		c.resize(max(256, c.used*100/fullest*5/4))
		i, _ = c.find(key)
	}
	end := i
	for end < len(c.keys) && c.halves[end] != 0 {
		end++
	}
	if end == len(c.keys) { // hashes that lie so close together are no chance
		c.resize(2 * len(c.keys))
		c.add(key, halves)
		return
	}
	copy(c.keys[i+1:end+1], c.keys[i:end])
	copy(c.halves[i+1:end+1], c.halves[i:end])
	c.keys[i], c.halves[i] = key, 0
	c.used++
	c.put(i, halves)
}

func (c *counter) put(slot int, halves uint32) {
	if halves < full {
		c.halves[slot] = uint16(halves)
		return
	}
	if c.large == nil {
		c.large = map[uint32]uint32{}
	}
	c.halves[slot], c.large[c.keys[slot]] = full, halves
}

// all yields the hashes in their order, with how many halves each was counted.
func (c *counter) all() iter.Seq2[uint32, uint32] {
	return func(yield func(key, halves uint32) bool) {
		for i, n := range c.halves {
			if n != 0 && !yield(c.keys[i], c.at(i)) {
				return
			}
		}
	}
}

// resize lays the table out anew, with room for so many slots.
func (c *counter) resize(slots int) {
	old := *c
	*c = counter{keys: make([]uint32, slots+spareSlots), halves: make([]uint16, slots+spareSlots)}
	next := 0
	for key, halves := range old.all() {
		next = max(next, c.home(key))
		if next == len(c.keys) {
			*c = old
			c.resize(2 * slots)
			return
		}
		c.keys[next] = key
		c.put(next, halves)
		c.used++
		next++
	}
}

// change replaces each count by what it becomes; what becomes nothing is
// forgotten.
func (c *counter) change(to func(halves uint32) uint32) {
	old := *c
	*c = counter{}
	kept := 0
	for _, halves := range old.all() {
		if to(halves) > 0 {
			kept++
		}
	}
	if kept == 0 {
		return
	}
	c.resize(max(256, kept*5/4))
	for key, halves := range old.all() {
		if n := to(halves); n > 0 {
			c.add(key, n)
		}
	}
}

// halve halves all counts. What is then counted less than once is forgotten.
func (c *counter) halve() {
	c.change(func(halves uint32) uint32 {
		if halves < 4 {
			return 0
		}
		return halves / 2
	})
}

// shrink forgets what was counted once, then what was counted twice, and so on,
// until not more than limit hashes are left.
func (c *counter) shrink(limit int) {
	for least := uint32(4); c.used > limit; least += 2 {
		c.change(func(halves uint32) uint32 {
			if halves < least {
				return 0
			}
			return halves
		})
	}
}

// uncount counts each of keys once less.
func (c *counter) uncount(keys []uint32) {
	for _, key := range keys {
		if i, found := c.find(key); found && c.at(i) > 2 {
			c.put(i, c.at(i)-2)
		} else if found {
			c.remove(i)
		}
	}
}

// remove frees a slot. What lies behind it, and not where it would lie alone,
// moves up.
func (c *counter) remove(slot int) {
	delete(c.large, c.keys[slot])
	for ; slot+1 < len(c.keys) && c.halves[slot+1] != 0 && c.home(c.keys[slot+1]) <= slot; slot++ {
		c.keys[slot], c.halves[slot] = c.keys[slot+1], c.halves[slot+1]
	}
	c.halves[slot] = 0
	c.used--
}

func (c *counter) clone() counter {
	return counter{slices.Clone(c.keys), slices.Clone(c.halves), c.used, maps.Clone(c.large)}
}

// append writes the counts: each hash as how much greater it is than the one
// before it.
func (c *counter) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(c.used))
	last := uint32(0)
	for key, halves := range c.all() {
		b = binary.AppendUvarint(b, uint64(key-last))
		b = binary.AppendUvarint(b, uint64(halves))
		last = key
	}
	return b
}

// counter reads what append wrote, into an empty counter.
func (r *record) counter(c *counter) {
	key, first := uint64(0), true
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		more, halves := r.uvarint(), r.uvarint()
		key += more
		if r.bad = r.bad || key >= 1<<32 || more == 0 && !first || halves == 0 || halves > 4*halvedAt; r.bad {
			return
		}
		c.add(uint32(key), uint32(halves))
		first = false
	}
}
