package topic

import (
	"cmp"
	"fmt"
	"time"

	"copydesk"
)

func countPublishers(voices []copydesk.Voice) int {
	seen := map[string]bool{}
	for _, v := range voices {
		seen[v.Source.Carrier()] = true
	}
	return len(seen)
}

// Carried is what a topic looks at of a story that it takes, to decide whether
// the story enters.
type Carried struct {
	Lead       string    // the publisher of its lead
	Name       string    // the same for people: an id can be an address with a password
	Publishers int       // that carry it
	Seen       time.Time // when its lead was first seen
}

// CarriedBy returns who carries a story.
func CarriedBy(told copydesk.Told) Carried {
	c := Carried{Publishers: countPublishers(told.Voices)}
	for _, v := range told.Voices {
		if v.Entry.ID == told.Story.Lead {
			c.Lead, c.Name, c.Seen = v.Source.Carrier(), cmp.Or(v.Source.Publisher, v.Source.Title()), v.Entry.FirstSeen
		}
	}
	return c
}

// Shared reports whether more publishers carry the story than t asks for. When
// it would first have entered nobody can tell any more, but a limit would have
// held it back no longer than until now.
func (c Carried) Shared(t copydesk.Topic) bool { return c.Publishers > max(1, t.MinSources) }

// Day is the UTC day of t, as a limit of PerSource counts.
func Day(t time.Time) int64 { return t.Unix() / int64(24*time.Hour/time.Second) }

// Enters decides whether a story that t takes gets a place in it at now.
// entered is how many stories with leads of that publisher have entered by
// this decision on that day, and before is the decision that already held the
// story back, if one did: it stands until one more publisher carries the story.
func Enters(t copydesk.Topic, c Carried, now time.Time, entered int, before copydesk.Held) (held copydesk.Held, enters bool) {
	switch {
	case before.Why != "":
		return before, c.Publishers > before.Publishers
	case t.PerSource == 0 || entered < t.PerSource:
		return copydesk.Held{}, true
	}
	return copydesk.Held{
		Why:        fmt.Sprintf("%s had its %d of %s; it enters when another publisher carries it", c.Name, t.PerSource, now.UTC().Format(time.DateOnly)),
		At:         now,
		Publishers: c.Publishers,
	}, false
}
