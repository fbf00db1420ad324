package fetcher

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// watch ends a hop that takes too long, and tells afterwards who ended it.
type watch struct {
	ctx    context.Context // of the hop
	caller context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	ends   time.Time // of Limits.Total
	limits Limits
}

func watchOver(ctx context.Context, l Limits, left time.Duration) *watch {
	w := &watch{caller: ctx, limits: l, ends: time.Now().Add(left)}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	if left < l.ToHeaders {
		w.after(left, "timed out after %s in total", l.Total)
	} else {
		w.after(l.ToHeaders, "timed out after %s waiting for headers", l.ToHeaders)
	}
	return w
}

func (w *watch) after(d time.Duration, format string, limit time.Duration) {
	w.timer = time.AfterFunc(d, func() { w.cancel(refuse(format, limit)) })
}

func (w *watch) headersCame() {
	w.timer.Stop()
	w.after(time.Until(w.ends), "timed out after %s in total", w.limits.Total)
}

// pause lets us do what must be done before we go on. That time is ours, not the
// publisher's.
func (w *watch) pause(do func(context.Context) error) error {
	w.timer.Stop()
	began := time.Now()
	err := do(w.ctx)
	w.ends = w.ends.Add(time.Since(began))
	w.headersCame()
	return err
}

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// trouble returns the reason behind err: the caller's context, the watch, or
// err itself.
func (w *watch) trouble(err error) error {
	if err == nil {
		return nil
	}
	if ended := w.caller.Err(); ended != nil {
		return fmt.Errorf("interrupted: %w", ended)
	}
	if cause := context.Cause(w.ctx); cause != nil {
		return cause
	}
	// net/http has no type for these two.
	if s := err.Error(); strings.Contains(s, "response headers exceeded") || strings.Contains(s, "header list larger") {
		return refuse("headers over %s", size(w.limits.Header))
	}
	return err
}
