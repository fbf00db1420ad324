package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"copydesk/story/alike"
)

// writePrior counts in how many entries each word occurs, per language, and
// prints those that at least three entries of two sources have: counts of
// words, and nothing of the texts.
func writePrior(out io.Writer, rows []row) error {
	type tally struct {
		entries int
		sources map[string]bool
	}
	languages := map[string]map[string]*tally{}
	entries := map[string]int{}
	for i, r := range rows {
		v := voice(r, i, time.Time{}, time.Time{})
		f := alike.Read(v)
		entries[f.Language]++
		words := languages[f.Language]
		if words == nil {
			words = map[string]*tally{}
			languages[f.Language] = words
		}
		for w := range f.Stems() {
			t := words[w]
			if t == nil {
				t = &tally{sources: map[string]bool{}}
				words[w] = t
			}
			t.entries++
			t.sources[string(v.Source.ID)] = true
		}
	}
	for _, language := range slices.Sorted(maps.Keys(languages)) {
		if language == "" || entries[language] < 100 {
			continue
		}
		fmt.Fprintln(out, "#", language, entries[language])
		words := languages[language]
		for _, w := range slices.Sorted(maps.Keys(words)) {
			if t := words[w]; t.entries >= 3 && len(t.sources) >= 2 && share(t.entries, entries[language]) {
				fmt.Fprintln(out, w, t.entries)
			}
		}
	}
	return nil
}

// share reports whether a word is frequent enough to be worth its line: once
// in two thousand entries. A rarer one is as good as unknown.
func share(n, of int) bool { return 2000*n >= of }
