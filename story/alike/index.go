package alike

import (
	"iter"
	"slices"
)

// index tells which entries have a key: a hash table of the newest entry of each
// key, and postings that lead from it to the ones before. Both are plain arrays,
// which keeps a million entries small. Most keys are of one entry, which then
// stands in the table itself. Keys are 32 bits; who asks looks again at what it
// finds.
type index struct {
	slots    []slot
	used     int
	postings postings
	base     uint32 // entries before it were dropped
	next     uint32 // number of the newest entry plus one
}

type slot struct {
	key    uint32
	newest link
}

// posting is an entry that is not the oldest of its key.
type posting struct {
	entry uint32
	prev  link
}

// link leads to an entry that has a key: 0 to none, with the oldest bit to the
// entry of that number, which has none before it, else to a posting by its number plus
// one.
type link = uint32

const oldest link = 1 << 31

// postings are kept in pieces, which need no room to grow into and are never
// moved.
type postings struct {
	pieces []*[postingsInPiece]posting
	len    int
}

const postingsInPiece = 4096

func (p *postings) at(i int) *posting { return &p.pieces[i/postingsInPiece][i%postingsInPiece] }

func (p *postings) add(one posting) {
	if p.len%postingsInPiece == 0 {
		p.pieces = append(p.pieces, new([postingsInPiece]posting))
	}
	p.len++
	*p.at(p.len - 1) = one
}

// A table grows by a quarter when it is so full, in percent.
const fullestIndex = 80

func (x *index) slot(key uint32) *slot {
	for i := int(uint64(key) * uint64(len(x.slots)) >> 32); ; i++ {
		if i == len(x.slots) {
			i = 0
		}
		if s := &x.slots[i]; s.newest == 0 || s.key == key {
			return s
		}
	}
}

func (x *index) add(key, entry uint32) {
	if x.used*100 >= len(x.slots)*fullestIndex {
		x.grow()
	}
	x.next = max(x.next, entry+1)
	s := x.slot(key)
	if s.newest == 0 {
		x.used++
		*s = slot{key, oldest | entry}
		return
	}
	x.postings.add(posting{entry, s.newest})
	s.newest = link(x.postings.len)
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]slot, max(64, len(old)*5/4))
	for _, s := range old {
		if s.newest != 0 {
			*x.slot(s.key) = s
		}
	}
}

// last leads to the newest entry of key.
func (x *index) last(key uint32) link {
	if len(x.slots) == 0 {
		return 0
	}
	return x.slot(key).newest
}

// posting is where a link leads, if anywhere.
func (x *index) posting(to link) (p posting, ok bool) {
	switch {
	case to == 0:
		return posting{}, false
	case to&oldest != 0:
		return posting{entry: to &^ oldest}, true
	}
	return *x.postings.at(int(to - 1)), true
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

// forget drops the entries before base once they are half of all, so that it
// costs little per entry.
func (x *index) forget(base uint32) {
	if base-x.base <= x.next-min(base, x.next) {
		return
	}
	kept := index{base: base, next: x.next}
	var entries []uint32
	for _, s := range x.slots {
		entries = entries[:0]
		for p, ok := x.posting(s.newest); ok; p, ok = x.posting(p.prev) {
			if p.entry >= base {
				entries = append(entries, p.entry)
			}
		}
		for _, entry := range slices.Backward(entries) {
			kept.add(s.key, entry)
		}
	}
	*x = kept
}
