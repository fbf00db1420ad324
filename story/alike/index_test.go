package alike

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestTheIndexTellsWhatAPlainMapDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var x index
	plain, base := map[uint32][]uint32{}, uint32(0)
	for entry := range uint32(20_000) {
		for range 3 { // of some keys often, of most once
			key := mix(r.Uint32N(50))
			if r.IntN(2) == 0 {
				key = r.Uint32()
			}
			x.add(key, entry)
			plain[key] = append(plain[key], entry)
		}
		if entry%1000 == 999 {
			base = max(base, entry-r.Uint32N(entry/4))
			x.forget(base)
		}
	}
	for key, entries := range plain {
		slices.Reverse(entries)
		want := slices.DeleteFunc(entries, func(e uint32) bool { return e < base })
		if got := slices.Collect(x.newest(key, base)); !slices.Equal(got, want) {
			t.Fatalf("key %d: %v, want %v", key, got, want)
		}
	}
	if most := len(plain) / 4; x.used > most {
		t.Errorf("%d keys are left of %d, want at most %d", x.used, len(plain), most)
	}
}

func TestAnIndexIsAllocatedByWhatIsInIt(t *testing.T) {
	var x index
	for entry := range uint32(100_000) {
		x.add(mix(entry), entry)
	}
	if most := 100_000 * 100 / 60; len(x.slots) > most {
		t.Errorf("%d slots, want at most %d", len(x.slots), most)
	}
	if len(x.postings.pieces) > 0 {
		t.Error("keys of one entry have postings")
	}
}
