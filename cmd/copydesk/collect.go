package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"time"
)

// How the daemon's memory is collected. Go's rule, at twice what is in use, is
// too often for a small desk, which then spends a tenth of a busy processor on
// it, and too late for a large one, which would keep what a sweep once took. So
// there is a limit for all that the process takes, which leaves a desk room
// before its memory is collected. Most of what a large desk has in use are plain
// numbers, which cost little to go over.
const (
	modest       = 56 << 20 // bytes that a desk is to get by with, if it can;
	leastRoom    = 12 << 20 // so many may be taken in any case before memory is collected,
	leastPercent = 25       // and so much of what is in use;
	mostPercent  = 200      // and not more than so much, since a start takes ever more
	roomEvery    = time.Second / 4
	remembered   = 4 // samples, of which the least counts: what is in use for a moment only needs no more room
)

// memoryLimit is up to how much memory the process may take before it is
// collected: inUse is what was found to be in use when it last was, and beside is
// all that is no such object, and yet taken: stacks, gaps, what the collector
// itself needs.
func memoryLimit(inUse, beside uint64) int64 {
	room := max(leastRoom, inUse*leastPercent/100)
	return int64(max(modest, inUse+beside+room))
}

// paceCollector keeps that limit in line with what is in use, until ctx is done.
func paceCollector(ctx context.Context) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	defer debug.SetGCPercent(debug.SetGCPercent(mostPercent))
	taken := metricsOf("/gc/heap/live:bytes", "/memory/classes/heap/unused:bytes", "/memory/classes/heap/stacks:bytes",
		"/memory/classes/metadata/mcache/inuse:bytes", "/memory/classes/metadata/mspan/inuse:bytes", "/memory/classes/metadata/other:bytes",
		"/memory/classes/profiling/buckets:bytes", "/memory/classes/os-stacks:bytes", "/memory/classes/other:bytes")
	ticker := time.NewTicker(roomEvery)
	defer ticker.Stop()
	var recent [remembered]uint64
	for set, n := int64(0), 0; ; n++ {
		metrics.Read(taken)
		recent[n%remembered] = taken[0].Value.Uint64()
		beside := uint64(0)
		for _, m := range taken[1:] {
			beside += m.Value.Uint64()
		}
		// Setting it stops the world for a moment: not for every megabyte.
		if next := memoryLimit(slices.Min(recent[:min(n+1, remembered)]), beside); next*50 < set*49 || next*50 > set*51 {
			debug.SetMemoryLimit(next)
			set = next
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func metricsOf(names ...string) []metrics.Sample {
	samples := make([]metrics.Sample, len(names))
	for i, name := range names {
		samples[i].Name = name
	}
	return samples
}
