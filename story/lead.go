package story

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"copydesk"
)

// Lead returns the voice that a story is credited to, and why. It depends on
// the set of voices alone. There must be at least one.
//
// The rules in order: a publisher or agency before an aggregator; the source
// whose address it is; who can have had it first, by the times between which
// each can have appeared; the earlier published date, which can be forged and
// so comes last; and an order without meaning, so that there always is one.
func Lead(voices []copydesk.Voice) (copydesk.Voice, string) {
	if len(voices) == 1 {
		return voices[0], "the only member"
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
	{"others are aggregators", original},
	{"the address is its own", athome},
	{"had it before the others can have", earliest},
	{"published first, by its own date", published},
}

func original(voices []copydesk.Voice) []copydesk.Voice {
	return filter(voices, func(v copydesk.Voice) bool { return v.Source.Role != copydesk.RoleAggregator })
}

// athome keeps the voices whose entry lies on their own site: a copy at the
// same address elsewhere links to it.
func athome(voices []copydesk.Voice) []copydesk.Voice {
	return filter(voices, func(v copydesk.Voice) bool {
		site := host(v.Source.Feed.Link)
		return site != "" && host(v.Entry.Link) == site
	})
}

func host(address string) string {
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
