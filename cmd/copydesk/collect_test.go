package main

import "testing"

func TestSmallDesksAreCollectedSeldomAndLargeOnesSoon(t *testing.T) {
	for _, c := range []struct {
		inUse uint64 // MiB
		want  int
	}{{0, 400}, {1, 400}, {6, 400}, {12, 200}, {24, 100}, {36, 33}, {40, 30}, {48, 25}, {1000, 25}} {
		if got := collectorPercent(c.inUse << 20); got != c.want {
			t.Errorf("%d MiB: %d %%, want %d", c.inUse, got, c.want)
		}
	}
}
