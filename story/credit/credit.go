// Package credit compares the names by which publishers are credited.
//
// What an entry says of who had it first is in its Credits; here are the keys under
// which such a name, and all those that a source goes by, are the same. A key is for
// comparing, not for showing.
package credit

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"copydesk"
)

// key is a name as names are compared: its letters and digits in lower
// case, without a leading "the" or "www".
func key(name string) string {
	var b strings.Builder
	for _, r := range strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "the "), "www.") {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Names returns the keys of the names by which others credit a source:
// publisher, title, the page's domain and what the operator added.
func Names(s copydesk.Source) (names []string) {
	for _, name := range append([]string{s.Publisher, s.Name, s.Feed.Title, Site(s.Feed.Link)}, s.AKA...) {
		names = append(names, key(name))
		for _, part := range []string{" – ", " - ", " | ", ": "} {
			if whole, _, found := strings.Cut(name, part); found {
				names = append(names, key(whole))
			}
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return len(n) < 2 })
	slices.Sort(names)
	return slices.Compact(names)
}

// Given returns the keys of the names that a voice credits for its entry,
// beside itself: those of its credits, of the feed it says it took the entry from,
// and, for an aggregator, of the site that it links to.
func Given(v copydesk.Voice) []string { return from(v, v.Entry.Credits) }

func from(v copydesk.Voice, credits []copydesk.Credit) (names []string) {
	for _, c := range credits {
		names = append(names, key(c.Publisher), key(Site(c.PublisherURL)), key(Site(c.URL)))
	}
	names = append(names, key(v.Entry.Origin.Title), key(Site(v.Entry.Origin.URL)))
	if home := Site(v.Source.Feed.Link); home != "" && v.Source.Role == copydesk.RoleAggregator && Site(v.Entry.Link) != home {
		names = append(names, key(Site(v.Entry.Link)))
	}
	own := Names(v.Source)
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" || slices.Contains(own, n) })
	slices.Sort(names)
	return slices.Compact(names)
}

// Outright is Given without the agencies that only a dateline, a byline or
// a signature names.
func Outright(v copydesk.Voice) []string {
	return from(v, slices.DeleteFunc(slices.Clone(v.Entry.Credits), func(c copydesk.Credit) bool { return c.In == copydesk.InByline }))
}

// Strangers returns the publishers that a voice credits, or took its entry from,
// and that none of the sources is; in the order in which it says so.
func Strangers(v copydesk.Voice, sources []copydesk.Source) (names []string) {
	known := map[string]bool{}
	for _, s := range append(sources[:len(sources):len(sources)], v.Source) {
		for _, n := range Names(s) {
			known[n] = true
		}
		known[key(Site(s.URL))] = true
	}
	delete(known, "")
	said := []copydesk.Credit{{Publisher: v.Entry.Origin.Title, PublisherURL: v.Entry.Origin.URL}}
	for _, c := range append(said, v.Entry.Credits...) {
		name := cmp.Or(c.Publisher, Site(c.PublisherURL), Site(c.URL))
		if name == "" || known[key(c.Publisher)] || known[key(Site(c.PublisherURL))] || known[key(Site(c.URL))] || slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

// Meet returns a key that is in both.
func Meet(a, b []string) (name string, ok bool) {
	for _, n := range a {
		if slices.Contains(b, n) {
			return n, true
		}
	}
	return "", false
}

// Site is the host of an address, without "www"; "" if it has none.
func Site(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		return ""
	}
	end := strings.IndexAny(rest, "/?#")
	if end >= 0 {
		rest = rest[:end]
	}
	return strings.TrimPrefix(strings.ToLower(rest), "www.")
}
