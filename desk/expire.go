package desk

import (
	"context"
	"fmt"
	"time"
)

// Retention looks for what is too old soon after the start, since a daemon that
// is started anew each day would else never get to it, and then now and again.
// The numbers bound what one transaction removes.
const (
	expireSoon   = time.Minute
	expireEvery  = 6 * time.Hour
	expireAtOnce = 200    // stories
	trimAtOnce   = 10_000 // lines of the change log
)

// expireLoop removes what retention no longer keeps.
func (d *Desk) expireLoop(ctx context.Context) error {
	next := time.NewTimer(expireSoon)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		}
		if err := d.expire(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("expire: %w", err)
		}
		next.Reset(expireEvery)
	}
}

func (d *Desk) expire(ctx context.Context) error {
	d.grouping.Lock()
	defer d.grouping.Unlock()
	defer d.pulses.expire.begin()()
	if err := d.forget(ctx, time.Now()); err != nil {
		return err
	}
	keep := d.now.Load().config.Store.Retention
	if keep == 0 {
		return nil
	}
	for ctx.Err() == nil {
		now := time.Now()
		gone, touched, err := d.store.Expire(ctx, now.Add(-keep), now, expireAtOnce)
		if err != nil {
			return err
		}
		if gone == 0 {
			break
		}
		d.changed.add(touched...)
		d.log.Info("entries expired", "entries", gone)
		d.pulses.expire.beat()
	}
	return d.trim(ctx, keep)
}

// trim removes what the change log has from before that.
func (d *Desk) trim(ctx context.Context, keep time.Duration) error {
	for ctx.Err() == nil {
		gone, err := d.store.Trim(ctx, time.Now().Add(-keep), trimAtOnce)
		if err != nil || gone < trimAtOnce {
			return err
		}
		d.pulses.expire.beat()
	}
	return nil
}
