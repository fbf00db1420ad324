package main

import "testing"

func TestSmallDesksAreCollectedSeldomAndLargeOnesSoon(t *testing.T) {
	for _, c := range []struct{ inUse, beside, want int64 }{ // MiB
		{0, 8, 56}, {12, 16, 56}, {24, 20, 56}, {30, 22, 64}, {48, 24, 84}, {100, 30, 155}, {1000, 100, 1350},
	} {
		if got := memoryLimit(uint64(c.inUse<<20), uint64(c.beside<<20)) >> 20; got != c.want {
			t.Errorf("%d MiB in use, %d beside: %d, want %d", c.inUse, c.beside, got, c.want)
		}
	}
}
