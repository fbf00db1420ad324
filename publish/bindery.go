package publish

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"copydesk"
)

// bindery puts together what the shelf does not have of topics: archives when
// they are first asked for, pages of a log, what is new since a version. They are
// made of galleys, so nothing is written or escaped anew.
type bindery struct {
	library  Library
	site     Site
	composer *composer
}

// What the bindery may cost. What it has made is good for ever: the key changes
// with what it was made of.
const (
	bindAtOnce = 2
	bindTime   = 5 * time.Second
	boundBytes = 32 << 20
	scanned    = 50 // archives that one page of a log looks through
)

func newBindery(library Library, site Site) *bindery {
	return &bindery{library, site, newComposer(limits{
		atOnce: bindAtOnce, wait: bindTime, whole: bindTime, room: boundBytes, size: (*Pressed).size,
	})}
}

// archive is a closed archive in format f. What it is made of changes with the
// archives of its topic and with the topic's title.
func (b *bindery) archive(ctx context.Context, current *Issue, number int, f Format) (*Pressed, error) {
	document := string(f) + " archive " + strconv.Itoa(number)
	key := fmt.Sprintf("%s%s %s %s %q", current.Under, current.Topic, document, current.History, current.Title)
	return b.composer.get(ctx, key, func(ctx context.Context) (draft, error) {
		a, err := b.library.Archive(ctx, current.Topic, number)
		if err != nil {
			return draft{}, err
		}
		issue := &Issue{
			Private: current.Private, Under: current.Under,
			Topic: current.Topic, Title: current.Title, FeedID: current.FeedID, Galleys: a.Galleys,
			Part: Part{Archive: a.Number}, Links: Links{PrevArchive: a.Prev, NextArchive: a.Next},
		}
		d, err := issue.draft(f, b.site)
		if err != nil {
			return d, err
		}
		d.modified, err = b.library.Stamp(ctx, current.Topic, document, copydesk.DigestOf(d.body))
		return d, err
	})
}

// page is a page of a topic's log in format f.
func (b *bindery) page(ctx context.Context, p place, part Part, f Format) (*Pressed, error) {
	key := fmt.Sprintf("%s %s%s %d", p.issue.Topic, f, part.query(), p.serial)
	return b.composer.get(ctx, key, func(ctx context.Context) (draft, error) {
		issue, err := b.leaf(ctx, p.issue, part)
		if err != nil {
			return draft{}, err
		}
		return issue.draft(f, b.site)
	})
}

// leaf gathers the galleys of a page: from the open end of the log, which an
// edition always has whole, then from one archive after the other.
func (b *bindery) leaf(ctx context.Context, current *Issue, part Part) (*Issue, error) {
	l := &leaf{part: part, limit: current.Limit, last: math.MaxUint64}
	if part.Before > 0 {
		l.last = part.Before - 1
	}
	open := slices.DeleteFunc(slices.Clone(current.Galleys), func(g *Galley) bool { return g.position <= current.Closed })
	slices.SortStableFunc(open, func(a, b *Galley) int { return cmp.Compare(b.position, a.position) })
	full := l.take(open)
	if !full {
		l.last = min(l.last, current.Closed)
	}
	for n := 0; !full && l.last > 0 && n < scanned; n++ {
		a, err := b.library.Below(ctx, current.Topic, l.last+1, part.Sources)
		if err != nil {
			return nil, err
		}
		if a.Number == 0 {
			l.last = 0
			break
		}
		if full = l.take(a.Galleys); !full {
			l.last = a.From
		}
	}
	issue := &Issue{
		Topic: current.Topic, Title: current.Title, FeedID: current.FeedID, Galleys: l.galleys, Part: part,
		Private: current.Private, Under: current.Under,
	}
	if part.Sources > 1 {
		issue.Title = fmt.Sprintf("%s (%d or more publishers)", current.Title, part.Sources)
		issue.FeedID = copydesk.PartID(current.FeedID, Part{Sources: part.Sources}.query())
	}
	if l.last > 0 {
		issue.Links.Next = l.last + 1
	}
	if len(l.galleys) == 0 {
		issue.Updated = current.Updated
	}
	return issue, nil
}

// leaf is a page in the making.
type leaf struct {
	part    Part
	limit   int
	last    uint64 // the highest position that was not looked at
	galleys []*Galley
}

// take adds the galleys that belong on the page, and reports whether there are
// more of them than it has room for.
// All galleys of one story have one position: they come together.
func (l *leaf) take(galleys []*Galley) bool {
	for _, g := range galleys {
		if g.position > l.last || g.absorbed || g.publishers < l.part.Sources {
			continue
		}
		if len(l.galleys) >= l.limit && g.position != l.galleys[len(l.galleys)-1].position {
			l.last = l.galleys[len(l.galleys)-1].position - 1
			return true
		}
		l.galleys = append(l.galleys, g)
	}
	return false
}

// delta is what has come into an issue since the version with that serial.
func (b *bindery) delta(ctx context.Context, p place, fresh []*Galley, since uint64, f Format) (*Pressed, error) {
	key := fmt.Sprintf("%s %s %d to %d", p.issue.Topic, f, since, p.serial)
	return b.composer.get(ctx, key, func(context.Context) (draft, error) {
		issue := *p.issue
		issue.Galleys = fresh
		return issue.draft(f, b.site)
	})
}
