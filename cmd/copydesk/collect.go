package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How the daemon's memory is collected. Go's rule, at twice what is in use, is
// too often for a small desk, which then spends a tenth of a busy processor on
// it, and too late for a large one, which would keep what a sweep once took. Most
// of what a large desk has in use are plain numbers, which cost little to go over.
const (
	modest       = 48 << 20     // bytes that a desk is to get by with, if it can:
	mostRoom     = 24 << 20     // so many may be taken before memory is collected,
	leastRoom    = mostRoom / 2 // and so many where that would be more than modest, but
	leastPercent = 25           // at least so much of what is in use, and
	mostPercent  = 400          // at most so much: a start takes ever more
	roomEvery    = time.Second
)

// collectorPercent is by how much memory may grow over what is in use, as
// [debug.SetGCPercent] wants it.
func collectorPercent(inUse uint64) int {
	room := min(max(modest-int64(inUse), leastRoom), mostRoom)
	return int(min(max(room*100/max(int64(inUse), 1), leastPercent), mostPercent))
}

// paceCollector keeps the collector's percentage in line with what is in use,
// until ctx is done.
func paceCollector(ctx context.Context) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	ticker := time.NewTicker(roomEvery)
	defer ticker.Stop()
	for set := 100; ; {
		metrics.Read(live)
		// Setting it stops the world for a moment: not for every megabyte.
		if next := collectorPercent(live[0].Value.Uint64()); next*10 < set*9 || next*10 > set*11 {
			debug.SetGCPercent(next)
			set = next
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
