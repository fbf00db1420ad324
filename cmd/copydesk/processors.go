package main

import "runtime"

// loops is how many of the daemon's loops compute at once, beside documents that
// are read: grouping, printing, indexing, writing, expiring.
const loops = 5

// spareProcessor has Go run so many goroutines at once that one is left for
// subscribers when all loops compute, and returns how many there were. Where none
// is left, Go looks for requests every ten milliseconds only; where one is, the
// kernel gives it its share at once.
func spareProcessor() (processors int) {
	processors = runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(processors + loops + 1)
	return processors
}
