package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// stuckAfter is for how long work may not move on until what does it counts as
// stuck. A step is a transaction, an edition, or a look at the agenda: seconds
// on a slow disk, never minutes.
const stuckAfter = 5 * time.Minute

// pulses are the signs of life of what the daemon does beside answering. Who
// has nothing to do has no pulse, and is well.
type pulses struct {
	settle, group, press, expire pulse
}

// stuck names what has not moved for too long.
func (p *pulses) stuck(now time.Time) error {
	return errors.Join(
		p.settle.stuck("the settling of polls", now), p.group.stuck("the grouping of entries", now),
		p.press.stuck("the making of editions", now), p.expire.stuck("retention", now),
	)
}

// pulse shows that one kind of work goes on. It may be done by several at once:
// then it moves when any of them does.
type pulse struct {
	mu    sync.Mutex
	busy  int
	moved time.Time
}

// begin says that work begins, and the function that it returns that it ends.
// It is called where all locks are held that another one's work can hold: to
// wait for that is not to be stuck.
func (p *pulse) begin() (end func()) {
	p.step(1)
	return func() { p.step(-1) }
}

// beat says that a step is done.
func (p *pulse) beat() { p.step(0) }

func (p *pulse) step(more int) {
	p.mu.Lock()
	p.busy += more
	p.moved = time.Now()
	p.mu.Unlock()
}

func (p *pulse) stuck(what string, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy == 0 {
		return nil
	}
	return tooLong(what, p.moved, now)
}

func tooLong(what string, moved, now time.Time) error {
	if still := now.Sub(moved); still > stuckAfter {
		return fmt.Errorf("%s has not moved for %s", what, span(still))
	}
	return nil
}

// alive reports what is stuck, so that the service manager starts the daemon
// anew: the store, or a loop that has work.
func (d *Desk) alive() error {
	if _, err := d.store.Installation(context.Background()); err != nil {
		return err
	}
	now := time.Now()
	if turned, running := d.poller.Turned(); running {
		if err := tooLong("the poller", turned, now); err != nil {
			return err
		}
	}
	return d.pulses.stuck(now)
}

// ready reports what keeps us from serving.
func (d *Desk) ready() error {
	if !d.pressed.Load() {
		return errors.New("the first editions are being made")
	}
	return d.alive()
}
