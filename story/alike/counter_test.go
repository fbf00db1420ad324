package alike

import (
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestACounterCountsAsAMapDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c counter
		counts := map[uint32]uint32{}
		// Hashes that lie together, at both ends of the table and anywhere.
		key := rapid.OneOf(rapid.Uint32Range(0, 300), rapid.Uint32Range(math.MaxUint32-300, math.MaxUint32), rapid.Uint32())
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				k, n := key.Draw(t, "key"), rapid.OneOf(rapid.Just(uint32(2)), rapid.Uint32Range(1, 3*full)).Draw(t, "halves")
				c.add(k, n)
				counts[k] += n
			},
			"add many": func(t *rapid.T) {
				first := rapid.Uint32().Draw(t, "first")
				for i := range uint32(300) {
					c.add(first+i, 2)
					counts[first+i] += 2
				}
			},
			"uncount": func(t *rapid.T) {
				k := key.Draw(t, "key")
				c.uncount([]uint32{k})
				if counts[k] <= 2 {
					delete(counts, k)
				} else {
					counts[k] -= 2
				}
			},
			"halve": func(*rapid.T) {
				c.halve()
				maps.DeleteFunc(counts, func(_, n uint32) bool { return n < 4 })
				for k := range counts {
					counts[k] /= 2
				}
			},
			"write and read": func(t *rapid.T) {
				tooMany := false // for any desk to come to
				for _, n := range counts {
					tooMany = tooMany || n > 4*halvedAt
				}
				in := record{rest: c.append(nil)}
				var read counter
				if in.counter(&read); tooMany {
					if !in.bad {
						t.Fatal("a count that no desk comes to was read")
					}
					return
				}
				if in.bad || len(in.rest) > 0 {
					t.Fatal("what was written cannot be read")
				}
				c = read
			},
			"": func(t *rapid.T) {
				got := maps.Collect(c.all())
				if !maps.Equal(got, counts) || c.len() != len(counts) {
					t.Fatalf("counted %d of %d hashes right", len(got), len(counts))
				}
				if keys := slices.Collect(maps.Keys(counts)); len(keys) > 0 {
					k := keys[0]
					if got, want := c.of(k), float32(counts[k])/2; got != want {
						t.Errorf("%d was counted %v times, not %v", k, got, want)
					}
				}
				for k := range c.all() {
					if _, found := c.find(k); !found {
						t.Fatalf("%d is there and not found", k)
					}
				}
			},
		})
	})
}

func TestACounterYieldsItsHashesInOrder(t *testing.T) {
	var c counter
	for i := range uint32(10_000) {
		c.add(mix(i), 2)
	}
	last, n := uint32(0), 0
	for key := range c.all() {
		if n > 0 && key <= last {
			t.Fatalf("%d comes after %d", key, last)
		}
		last, n = key, n+1
	}
	if n != 10_000 {
		t.Errorf("%d hashes of 10,000", n)
	}
}

func TestACounterThatIsTooFullForgetsTheRarestFirst(t *testing.T) {
	var c counter
	for i := range uint32(1000) {
		c.add(mix(i), 2*(1+i%10))
	}
	c.shrink(500)
	if c.len() > 500 || c.len() < 400 {
		t.Errorf("%d of 1,000 are left, want up to 500 and not many fewer", c.len())
	}
	if often := c.of(mix(9)); often != 10 {
		t.Errorf("what was counted ten times is now counted %v times", often)
	}
	if once := c.of(mix(0)); once != 0 {
		t.Errorf("what was counted once is now counted %v times", once)
	}
}

func BenchmarkCounterAdd(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var c counter
		for i := range uint32(100_000) {
			c.add(mix(i%60_000), 2)
		}
	}
}
