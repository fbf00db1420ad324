//go:build nosearch

package main

// nosearch says whether the program under test was built without search.
const nosearch = true
