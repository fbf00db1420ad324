package config

import (
	"slices"
	"strings"
)

// nearest returns the candidate that name is most likely a misspelling of, or
// "" if none is near enough to be suggested: about one slip in three letters.
func nearest(name string, candidates []string) string {
	const longest = 100 // beyond it a name is no misspelling, and comparing costs
	if len(name) > longest {
		return ""
	}
	best, slips := "", (len(name)+2)/3+1
	for _, candidate := range candidates {
		if len(candidate) > longest {
			continue
		}
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d < slips {
			best, slips = candidate, d
		}
	}
	return best
}

// distance counts the letters that must be added, dropped, replaced or swapped
// with their neighbour to turn a into b (optimal string alignment).
func distance(a, b string) int {
	before := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		above := slices.Clone(row)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before = above
	}
	return row[len(b)]
}
