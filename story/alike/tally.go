package alike

import "slices"

// tally sums values of entries: a small hash table that is emptied and used
// again for every question. It has room for all that one question can look at.
type tally struct {
	slots [tallySlots]tallied
	used  []uint16
}

type tallied struct {
	number uint32 // of the entry plus one; 0 is a free slot
	value  float32
}

const tallySlots = 2048 // more than wordKeys × walked, a power of two

func (t *tally) clear() {
	for _, i := range t.used {
		t.slots[i] = tallied{}
	}
	t.used = t.used[:0]
}

func (t *tally) add(number uint32, value float64) {
	for i := mix(number) % tallySlots; ; i = (i + 1) % tallySlots {
		s := &t.slots[i]
		if s.number == 0 {
			s.number = number + 1
			t.used = append(t.used, uint16(i))
		}
		if s.number == number+1 {
			s.value += float32(value)
			return
		}
	}
}

// most returns the entries with the largest sums that are wanted, largest first
// and newer ones before older.
func (t *tally) most(limit int, wanted func(number uint32) bool) []uint32 {
	best := make([]tallied, 0, limit+1)
	for _, i := range t.used {
		n := t.slots[i]
		if len(best) == limit && !before(n, best[limit-1]) || !wanted(n.number-1) {
			continue
		}
		at := len(best)
		for at > 0 && before(n, best[at-1]) {
			at--
		}
		best = slices.Insert(best, at, n)[:min(len(best)+1, limit)]
	}
	numbers := make([]uint32, len(best))
	for i, n := range best {
		numbers[i] = n.number - 1
	}
	return numbers
}

func before(a, b tallied) bool {
	return a.value > b.value || a.value == b.value && a.number > b.number
}
