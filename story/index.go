package story

import "iter"

// index tells which entries have a key: a hash table of the newest posting of
// each key, and postings that lead to the one before. Both are plain arrays,
// which keeps a million entries small. Keys are 32 bits; who asks looks again
// at what it finds.
type index struct {
	slots    []slot // a power of two of them
	used     int
	postings []posting
	first    uint32 // number of postings that were dropped
	dead     int    // so many of the first are of entries that were forgotten
}

type slot struct {
	key  uint32
	last uint32 // number of the newest posting plus one; 0 is a free slot
}

type posting struct {
	entry uint32
	prev  uint32 // as in slot
}

func (x *index) slot(key uint32) *slot {
	mask := uint32(len(x.slots) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		if s := &x.slots[i]; s.last == 0 || s.key == key {
			return s
		}
	}
}

func (x *index) add(key, entry uint32) {
	if x.used >= len(x.slots)*3/4 {
		x.grow()
	}
	s := x.slot(key)
	if s.last == 0 {
		x.used++
		s.key = key
	}
	x.postings = append(x.postings, posting{entry, s.last})
	s.last = x.first + uint32(len(x.postings))
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]slot, max(64, 2*len(old)))
	for _, s := range old {
		if s.last != 0 {
			*x.slot(s.key) = s
		}
	}
}

// last is the newest posting of key, 0 if it has none.
func (x *index) last(key uint32) uint32 {
	if len(x.slots) == 0 {
		return 0
	}
	return x.slot(key).last
}

// posting is the one that last or another's prev names, if there still is one.
func (x *index) posting(last uint32) (p posting, ok bool) {
	if last <= x.first {
		return posting{}, false
	}
	return x.postings[last-1-x.first], true
}

// newest yields the entries that have key, newest first, down to number base.
func (x *index) newest(key, base uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for p, ok := x.posting(x.last(key)); ok; p, ok = x.posting(p.prev) {
			if p.entry >= base && !yield(p.entry) {
				return
			}
		}
	}
}

// forget drops the postings of entries before base once they are half of all,
// so that it costs little per entry.
func (x *index) forget(base uint32) {
	for x.dead < len(x.postings) && x.postings[x.dead].entry < base {
		x.dead++
	}
	if x.dead <= len(x.postings)/2 {
		return
	}
	dead := x.dead
	kept := index{}
	// Postings are added again in their order; that needs the key of each,
	// which only the chains know.
	keys := make([]uint32, len(x.postings))
	for _, s := range x.slots {
		for last := s.last; last > x.first; last = x.postings[last-1-x.first].prev {
			keys[last-1-x.first] = s.key
		}
	}
	kept.postings = make([]posting, 0, len(x.postings)-dead)
	for i, p := range x.postings[dead:] {
		if p.entry >= base {
			kept.add(keys[dead+i], p.entry)
		}
	}
	*x = kept
}
