//go:build !nosearch

package search

import (
	"slices"
	"strings"
)

// What stands before a unit in a written text, and behind the last one. None of
// them is ever part of a unit.
const (
	apart    = ' '
	together = '\x01' // glued
	anew     = '\n'   // behind a break
)

// written is units as one text, in which phrases can be looked for as they are.
func written(units []unit) string {
	n := 1
	for _, u := range units {
		n += 1 + len(u.text)
	}
	var b strings.Builder
	b.Grow(n)
	before := byte(anew)
	for _, u := range units {
		switch {
		case u.text == "":
			before = anew
			continue
		case u.glued:
			before = together
		}
		b.WriteByte(before)
		b.WriteString(u.text)
		before = apart
	}
	b.WriteByte(anew)
	return b.String()
}

// stands reports whether phrase stands in a written text, as contains does of
// its units.
func stands(text string, phrase []unit) bool {
	first := phrase[0].text
	for {
		at := strings.Index(text, first)
		if at < 0 {
			return false
		}
		if at > 0 && between(text[at-1]) && follow(text[at+len(first):], phrase[1:]) {
			return true
		}
		text = text[at+len(first):]
	}
}

// follow reports whether a text goes on with those units.
func follow(text string, units []unit) bool {
	for _, u := range units {
		if text == "" || text[0] == anew || !between(text[0]) || u.glued && text[0] != together {
			return false
		}
		if !strings.HasPrefix(text[1:], u.text) {
			return false
		}
		text = text[1+len(u.text):]
	}
	return text != "" && between(text[0])
}

func between(c byte) bool { return c == apart || c == together || c == anew }

// phrases are the parts of a query that only a text itself can answer, since
// they ask for terms in a row.
func (q Query) phrases() (all []term) {
	for _, t := range q.terms {
		if t.field == words && len(phrase(t.units)) > 1 {
			all = append(all, t)
		}
	}
	return all
}

// says reports whether a written text meets those parts of a query.
func says(text string, phrases []term) bool {
	return !slices.ContainsFunc(phrases, func(t term) bool { return stands(text, t.units) == t.not })
}

// phrase is the terms that are in every text in which those units stand one
// after the other. If there are several, they can be in others too.
func phrase(units []unit) (terms []string) {
	for i, u := range units {
		last := i == len(units)-1
		switch {
		case !last && units[i+1].glued:
			terms = append(terms, u.text+units[i+1].text)
		case last && u.glued && i > 0: // is in the term before
		default:
			terms = append(terms, u.text)
		}
	}
	return terms
}
