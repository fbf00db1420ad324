package publish

import (
	"cmp"
	"container/list"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"copydesk"
)

// composer puts documents together that nobody can foresee: archives when they
// are first asked for, pages of a log, what is new since a version. They are
// made of galleys, so nothing is written or escaped anew, and few are made at a
// time.
type composer struct {
	library Library
	site    Site
	slots   chan struct{} // as many as may compose at once

	mu     sync.Mutex
	shelf  map[string]*list.Element // of made
	recent *list.List               // the last used first
	size   int                      // bytes in recent
}

type made struct {
	key string
	p   *Pressed
}

// How much composing may cost. A request that cannot be answered within the
// time is asked to come back.
const (
	composeAtOnce = 2
	composeTime   = 5 * time.Second
	keptBytes     = 32 << 20
	scanned       = 50 // archives that one page of a log looks through
)

// errCrowded is that a document could not be made in time.
var errCrowded = errors.New("too many others ask for something special")

func newComposer(library Library, site Site) *composer {
	return &composer{library: library, site: site, slots: make(chan struct{}, composeAtOnce), shelf: map[string]*list.Element{}, recent: list.New()}
}

// get returns the document that is known as key, and makes it if it must.
func (c *composer) get(ctx context.Context, key string, compose func(ctx context.Context) (*Pressed, error)) (*Pressed, error) {
	if p := c.kept(key); p != nil {
		return p, nil
	}
	return c.make(ctx, func(ctx context.Context) (*Pressed, error) {
		if p := c.kept(key); p != nil { // somebody else has made it meanwhile
			return p, nil
		}
		p, err := compose(ctx)
		if err == nil {
			c.keep(key, p)
		}
		return p, err
	})
}

// make makes a document when it is its turn.
func (c *composer) make(ctx context.Context, compose func(ctx context.Context) (*Pressed, error)) (*Pressed, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, composeTime, errCrowded)
	defer cancel()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	p, err := compose(ctx)
	if err != nil {
		return nil, cmp.Or(context.Cause(ctx), err)
	}
	return p, nil
}

func (c *composer) kept(key string) *Pressed {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.shelf[key]
	if e == nil {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(made).p
}

// keep keeps p, and lets go of what was not used for the longest time.
func (c *composer) keep(key string, p *Pressed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shelf[key] != nil || p.size() > keptBytes {
		return
	}
	c.shelf[key] = c.recent.PushFront(made{key, p})
	c.size += p.size()
	for c.size > keptBytes {
		last := c.recent.Remove(c.recent.Back()).(made)
		delete(c.shelf, last.key)
		c.size -= last.p.size()
	}
}

// archive is a closed archive in format f. What it is made of changes with the
// archives of its topic and with the topic's title.
func (c *composer) archive(ctx context.Context, current *Issue, number int, f Format) (*Pressed, error) {
	document := string(f) + " archive " + strconv.Itoa(number)
	key := fmt.Sprintf("%s%s %s %s %q", current.Under, current.Topic, document, current.History, current.Title)
	return c.get(ctx, key, func(ctx context.Context) (*Pressed, error) {
		a, err := c.library.Archive(ctx, current.Topic, number)
		if err != nil {
			return nil, err
		}
		issue := &Issue{
			Private: current.Private, Under: current.Under,
			Topic: current.Topic, Title: current.Title, FeedID: current.FeedID, Galleys: a.Galleys,
			Part: Part{Archive: a.Number}, Links: Links{PrevArchive: a.Prev, NextArchive: a.Next},
		}
		body, err := issue.Print(f, c.site)
		if err != nil {
			return nil, err
		}
		modified, err := c.library.Stamp(ctx, current.Topic, document, copydesk.DigestOf(body))
		if err != nil {
			return nil, err
		}
		return Press(body, f.ContentType(), modified)
	})
}

// page is a page of a topic's log in format f.
func (c *composer) page(ctx context.Context, p place, part Part, f Format) (*Pressed, error) {
	key := fmt.Sprintf("%s %s%s %d", p.issue.Topic, f, part.query(), p.serial)
	return c.get(ctx, key, func(ctx context.Context) (*Pressed, error) {
		issue, err := c.leaf(ctx, p.issue, part)
		if err != nil {
			return nil, err
		}
		body, err := issue.Print(f, c.site)
		if err != nil {
			return nil, err
		}
		return Press(body, f.ContentType(), time.Time{})
	})
}

// leaf gathers the galleys of a page: from the open end of the log, which an
// edition always has whole, then from one archive after the other.
func (c *composer) leaf(ctx context.Context, current *Issue, part Part) (*Issue, error) {
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
		a, err := c.library.Below(ctx, current.Topic, l.last+1)
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
func (c *composer) delta(ctx context.Context, p place, fresh []*Galley, since uint64, f Format) (*Pressed, error) {
	key := fmt.Sprintf("%s %s %d to %d", p.issue.Topic, f, since, p.serial)
	return c.get(ctx, key, func(context.Context) (*Pressed, error) {
		issue := *p.issue
		issue.Galleys = fresh
		body, err := issue.Print(f, c.site)
		if err != nil {
			return nil, err
		}
		return Press(body, f.ContentType(), time.Time{})
	})
}
