package story

import (
	"encoding/json"
	"html"
	"slices"
	"strings"
	"time"

	"copydesk"
	"copydesk/story/credit"
)

// Lead returns the voice that a story is credited to, and why. It depends on
// the set of voices and the overrides alone. There must be at least one.
//
// Whom the operator names leads. Else the rules in order: whom others credit, then who credits nobody (what an
// article says of its own origin can give the lead away, never take it); who is
// linked to by the others and links to none; a text before the same text within a
// source's boilerplate, and a long one before its summary; a publisher or agency before an aggregator; the source
// whose address it is; who can have had it first, by the times between which
// each can have appeared; the earlier published date, which can be forged and
// so comes last; and an order without meaning, so that there always is one.
func Lead(voices []copydesk.Voice, o Overrides) (copydesk.Voice, string) {
	if len(voices) == 1 {
		return voices[0], "the only member"
	}
	named := filter(voices, func(v copydesk.Voice) bool { return o.lead[v.Entry.Canonical] })
	if len(named) == 1 {
		return named[0], whyNamed
	}
	if len(named) > 1 && len(named) < len(voices) {
		lead, why := Lead(named, Overrides{})
		return lead, whyNamed + "; of those at that address: " + why
	}
	rest := slices.SortedFunc(slices.Values(voices), func(a, b copydesk.Voice) int {
		return slices.Compare(a.Entry.ID[:], b.Entry.ID[:])
	})
	for _, rule := range rules {
		left := rule.keep(rest)
		if len(left) == 1 {
			return left[0], rule.why
		}
		if len(left) > 0 {
			rest = left
		}
	}
	return rest[0], "no difference told: lowest id"
}

// rule keeps the voices that may lead. Keeping none means that it says nothing.
type rule struct {
	why  string
	keep func([]copydesk.Voice) []copydesk.Voice
}

var rules = []rule{
	{"the others credit it", namedByOthers},
	{"the others credit somebody else", creditsNobody},
	{"the others link to it", linksToNone},
	{"the others have it with their boilerplate around it", bareText},
	{"the others are summaries of it", wholeText},
	{"others are aggregators", original},
	{"the address is its own", athome},
	{"had it before the others can have", earliest},
	{"published first, by its own date", published},
}

// namedByOthers keeps the voices whom others credit and who credit none of the
// others: what somebody outside wrote first does not tell one member from
// another.
func namedByOthers(voices []copydesk.Voice) []copydesk.Voice {
	credits := map[copydesk.EntryID][]string{}
	for _, v := range voices {
		credits[v.Entry.ID] = credit.Given(v)
	}
	names := func(v, w copydesk.Voice) bool {
		_, named := credit.Meet(credits[v.Entry.ID], credit.Names(w.Source))
		return named && v.Source.ID != w.Source.ID
	}
	return filter(voices, func(v copydesk.Voice) bool {
		return !v.Entry.Rewritten &&
			slices.ContainsFunc(voices, func(w copydesk.Voice) bool { return names(w, v) }) &&
			!slices.ContainsFunc(voices, func(w copydesk.Voice) bool { return names(v, w) })
	})
}

// creditsNobody keeps the voices that say nothing of an origin. The name of an
// agency in a dateline or byline counts only where the agency is a member:
// who prints an agency's dispatch and leaves its name out did not have it first.
func creditsNobody(voices []copydesk.Voice) []copydesk.Voice {
	return filter(voices, func(v copydesk.Voice) bool {
		given := credit.Given(v)
		return !v.Entry.Rewritten && len(credit.Outright(v)) == 0 && !slices.ContainsFunc(voices, func(w copydesk.Voice) bool {
			_, named := credit.Meet(given, credit.Names(w.Source))
			return named
		})
	})
}

// linksToNone keeps the voices whose text links to no other voice's article.
func linksToNone(voices []copydesk.Voice) []copydesk.Voice {
	return filter(voices, func(v copydesk.Voice) bool {
		links := linksIn(v.Entry)
		return len(links) == 0 || !slices.ContainsFunc(voices, func(w copydesk.Voice) bool {
			return w.Source.ID != v.Source.ID && (leadTo(links, pageOf(w.Entry.Link)) || leadTo(links, pageOf(w.Entry.Canonical)))
		})
	})
}

func leadTo(links []page, article page) bool {
	return article.place != "" && slices.ContainsFunc(links, article.meantBy)
}

// page is what of an address says which page it is.
type page struct {
	place  string // host and path
	params []string
}

// pageOf takes an address apart. It is zero for one that is no article's.
func pageOf(address string) (p page) {
	_, rest, _ := strings.Cut(address, "://")
	rest, _, _ = strings.Cut(rest, "#")
	place, query, _ := strings.Cut(rest, "?")
	name, path, _ := strings.Cut(place, "/")
	path = strings.TrimRight(path, "/")
	if path == "" && query == "" {
		return page{}
	}
	p.place = strings.TrimPrefix(strings.ToLower(name), "www.") + "/" + path
	p.params = strings.FieldsFunc(query, func(r rune) bool { return r == '&' })
	return p
}

// meantBy reports whether link leads to p: to its place, with all parameters of
// its address. A link may have more of them, which say where a reader comes from.
func (p page) meantBy(link page) bool {
	return link.place == p.place && !slices.ContainsFunc(p.params, func(one string) bool { return !slices.Contains(link.params, one) })
}

// linksIn are the pages to which an entry's text links.
func linksIn(e copydesk.Entry) (links []page) {
	for _, markup := range []string{e.Content, e.Summary} {
		for {
			_, rest, found := strings.Cut(markup, `href="`)
			if !found {
				break
			}
			address, after, _ := strings.Cut(rest, `"`)
			if p := pageOf(html.UnescapeString(address)); p.place != "" {
				links = append(links, p)
			}
			markup = after
		}
	}
	return links
}

func original(voices []copydesk.Voice) []copydesk.Voice {
	return filter(voices, func(v copydesk.Voice) bool { return v.Source.Role != copydesk.RoleAggregator })
}

// athome keeps the voices whose entry lies on their own site: a copy at the
// same address elsewhere links to it.
func athome(voices []copydesk.Voice) []copydesk.Voice {
	return filter(voices, func(v copydesk.Voice) bool {
		site := credit.Site(v.Source.Feed.Link)
		return site != "" && credit.Site(v.Entry.Link) == site
	})
}

// earliest keeps the voices that no other one surely preceded: a voice appeared
// at some time between LackedAt and FirstSeen, and intervals that overlap say
// nothing. A voice that can be of any age (no LackedAt) is preceded by none.
func earliest(voices []copydesk.Voice) []copydesk.Voice {
	first := slices.MinFunc(voices, func(a, b copydesk.Voice) int { return a.Entry.FirstSeen.Compare(b.Entry.FirstSeen) })
	return filter(voices, func(v copydesk.Voice) bool {
		lacked := v.Entry.LackedAt
		return lacked.IsZero() || lacked.Before(first.Entry.FirstSeen)
	})
}

func published(voices []copydesk.Voice) []copydesk.Voice {
	var first time.Time
	for _, v := range voices {
		if p := v.Entry.Published; !p.IsZero() && (first.IsZero() || p.Before(first)) {
			first = p
		}
	}
	return filter(voices, func(v copydesk.Voice) bool { return !first.IsZero() && v.Entry.Published.Equal(first) })
}

func filter(voices []copydesk.Voice, keep func(copydesk.Voice) bool) (kept []copydesk.Voice) {
	for _, v := range voices {
		if keep(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// face is the digest of what a reader sees of a lead: who it is, and its title,
// text, authors and enclosures. It is taken before boilerplate is removed, so
// that learning moves no atom:updated.
func face(e copydesk.Entry) copydesk.Digest {
	text, err := json.Marshal([]any{e.ID, e.Title, e.Summary, e.Content, e.Authors, e.Enclosures})
	if err != nil { // strings, structs of strings and numbers: cannot be
		panic(err)
	}
	return copydesk.DigestOf(text)
}
