package story

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"copydesk"
)

// nameKey is a name as names are compared: its letters and digits in lower
// case, without a leading "the" or "www".
func nameKey(name string) string {
	var b strings.Builder
	for _, r := range strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "the "), "www.") {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// namesOf returns the keys of the names by which others credit a source:
// publisher, title, the page's domain and what the operator added.
func namesOf(s copydesk.Source) (names []string) {
	for _, name := range append([]string{s.Publisher, s.Name, s.Feed.Title, host(s.Feed.Link)}, s.AKA...) {
		names = append(names, nameKey(name))
		for _, part := range []string{" – ", " - ", " | ", ": "} {
			if whole, _, found := strings.Cut(name, part); found {
				names = append(names, nameKey(whole))
			}
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return len(n) < 2 })
	slices.Sort(names)
	return slices.Compact(names)
}

// credited returns the keys of the names that a voice credits for its entry,
// beside itself: those of its credits, of the feed it says it took the entry from,
// and, for an aggregator, of the site that it links to.
func credited(v copydesk.Voice) []string { return creditedBy(v, v.Entry.Credits) }

func creditedBy(v copydesk.Voice, credits []copydesk.Credit) (names []string) {
	for _, c := range credits {
		names = append(names, nameKey(c.Publisher), nameKey(host(c.PublisherURL)), nameKey(host(c.URL)))
	}
	names = append(names, nameKey(v.Entry.Origin.Title), nameKey(host(v.Entry.Origin.URL)))
	if home := host(v.Source.Feed.Link); home != "" && v.Source.Role == copydesk.RoleAggregator && host(v.Entry.Link) != home {
		names = append(names, nameKey(host(v.Entry.Link)))
	}
	own := namesOf(v.Source)
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" || slices.Contains(own, n) })
	slices.Sort(names)
	return slices.Compact(names)
}

// creditedOutright is credited without the agencies that only a dateline, a byline or
// a signature names.
func creditedOutright(v copydesk.Voice) []string {
	return creditedBy(v, slices.DeleteFunc(slices.Clone(v.Entry.Credits), func(c copydesk.Credit) bool { return c.In == copydesk.InByline }))
}

// Strangers returns the publishers that a voice credits, or took its entry from,
// and that none of the sources is; in the order in which it says so.
func Strangers(v copydesk.Voice, sources []copydesk.Source) (names []string) {
	known := map[string]bool{}
	for _, s := range append(sources[:len(sources):len(sources)], v.Source) {
		for _, n := range namesOf(s) {
			known[n] = true
		}
		known[nameKey(host(s.URL))] = true
	}
	delete(known, "")
	said := []copydesk.Credit{{Publisher: v.Entry.Origin.Title, PublisherURL: v.Entry.Origin.URL}}
	for _, c := range append(said, v.Entry.Credits...) {
		name := cmp.Or(c.Publisher, host(c.PublisherURL), host(c.URL))
		if name == "" || known[nameKey(c.Publisher)] || known[nameKey(host(c.PublisherURL))] || known[nameKey(host(c.URL))] || slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

func meets(a, b []string) (name string, ok bool) {
	for _, n := range a {
		if slices.Contains(b, n) {
			return n, true
		}
	}
	return "", false
}
