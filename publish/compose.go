package publish

import (
	"cmp"
	"context"
	"errors"
	"time"

	"copydesk"
)

// composer makes documents that nobody can foresee, when they are asked for: a
// few at a time, each once, and for no longer than a moment. A request that
// cannot be answered within that time is asked to come back.
type composer struct {
	limits
	slots chan struct{} // as many as may compose at once
	kept  *recent[string, composed]
}

// limits are what composing may cost.
type limits struct {
	atOnce int
	wait   time.Duration      // for others to be done
	whole  time.Duration      // for the wait and the work
	fresh  time.Duration      // for how long a document is good; zero: for ever
	room   int                // for documents that were made
	size   func(*Pressed) int // what one takes of it
}

type composed struct {
	p  *Pressed
	at time.Time
}

// draft is a document as it is before it is pressed.
type draft struct {
	body     []byte
	kind     string    // its media type
	modified time.Time // zero: nobody knows
}

// errCrowded is that a document could not be made in time.
var errCrowded = errors.New("too many others ask for something special")

func newComposer(l limits) *composer {
	return &composer{limits: l, slots: make(chan struct{}, l.atOnce), kept: newRecent[string, composed](l.room)}
}

// get returns the document that is known as key, and makes it if it must. Where
// it comes out as it was, it is not compressed again.
func (c *composer) get(ctx context.Context, key string, compose func(ctx context.Context) (draft, error)) (*Pressed, error) {
	if p := c.good(key); p != nil {
		return p, nil
	}
	return c.make(ctx, func(ctx context.Context) (*Pressed, error) {
		if p := c.good(key); p != nil { // somebody else has made it meanwhile
			return p, nil
		}
		d, err := compose(ctx)
		if err != nil {
			return nil, err
		}
		was, _ := c.kept.get(key)
		p, err := d.press(was.p)
		if err == nil {
			c.kept.put(key, composed{p, time.Now()}, c.size(p))
		}
		return p, err
	})
}

// good returns the document that is known as key, if it is kept and still good.
func (c *composer) good(key string) *Pressed {
	was, ok := c.kept.get(key)
	if !ok || c.fresh > 0 && time.Since(was.at) > c.fresh {
		return nil
	}
	return was.p
}

// press presses the draft, unless it says what was pressed before.
func (d draft) press(before *Pressed) (*Pressed, error) {
	if before != nil && before.hash == copydesk.DigestOf(d.body) {
		return before, nil
	}
	return Press(d.body, d.kind, d.modified)
}

// make makes a document when it is its turn.
func (c *composer) make(ctx context.Context, compose func(ctx context.Context) (*Pressed, error)) (*Pressed, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.whole, errCrowded)
	defer cancel()
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func() { <-c.slots }()
	p, err := compose(ctx)
	if err != nil {
		return nil, cmp.Or(context.Cause(ctx), err)
	}
	return p, nil
}

// enter waits for a slot.
func (c *composer) enter(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.wait, errCrowded)
	defer cancel()
	if ctx.Err() != nil { // a free slot helps nobody who has left
		return context.Cause(ctx)
	}
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
