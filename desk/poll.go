package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"copydesk"
	"copydesk/fetcher"
)

// doPoll asks sources once, settles and groups what they bring, and makes the
// editions: all that the daemon does, without waiting for the next time.
func (d *Desk) doPoll(ctx context.Context, cmd Command, s Streams) error {
	asked, passed, err := d.toAsk(ctx, cmd)
	if err != nil {
		return err
	}
	show := newProgress(s.Err, cmd.Terminal, len(asked))
	unwell := len(passed) > 0 && !cmd.Due
	for _, p := range passed {
		if !cmd.Due {
			show.note("%s: %s", p.handle, p.why)
		}
	}
	sweep := d.poller.Sweep
	switch {
	case cmd.Force:
		sweep = d.poller.Insist
	case cmd.Due:
		sweep = d.poller.Catch
	}
	sweepErr := sweep(ctx, asked, func(src copydesk.Source, err error) {
		o := src.Outcome
		var stop *fetcher.Stopped
		var inTurn *fetcher.InTurn
		switch {
		case errors.As(err, &inTurn):
			show.step("%s: not asked: %v", src.Handle(), inTurn)
		case errors.As(err, &stop):
			unwell = true
			show.step("%s: not asked: %v", src.Handle(), stop)
		case err != nil:
			unwell = true
			show.step("%s: not stored: %v", src.Handle(), err)
		case !o.OK():
			unwell = true
			show.step("%s: %s: %s", src.Handle(), o.Verdict, o.Reason)
		default:
			show.step("%s: %s", src.Handle(), o.Verdict)
		}
	})
	if err := d.groupAll(ctx); err != nil {
		return err
	}
	if err := d.press(ctx); err != nil {
		return err
	}
	show.end()
	if sweepErr != nil {
		return sweepErr
	}
	if unwell {
		return errUnwell
	}
	return nil
}

// passedOver is a source that is not asked, and why.
type passedOver struct {
	handle, why string
}

// toAsk chooses the sources that cmd asks.
func (d *Desk) toAsk(ctx context.Context, cmd Command) (asked []copydesk.SourceID, passed []passedOver, err error) {
	sources, err := d.Sources(ctx)
	now := time.Now()
	stops := stopsOf(sources)
	for _, src := range sources {
		why := passOver(src, stops, cmd, now)
		if why == "" {
			asked = append(asked, src.ID)
			continue
		}
		passed = append(passed, passedOver{handle: src.Handle(), why: why})
	}
	return asked, passed, err
}

// passOver says why a source is not asked, or nothing.
func passOver(src copydesk.Source, stops stops, cmd Command, now time.Time) string {
	o := src.Outcome
	stop := stops.of(src)
	switch {
	case cmd.Force:
		return ""
	case o.Verdict == copydesk.Gone:
		return "gone: " + o.Reason
	case o.Rests(now):
		return fmt.Sprintf("asked us to wait until %s (%s)", o.NotBefore.Local().Format(time.DateTime), o.Reason)
	case stop.Until.After(now):
		return (&fetcher.Stopped{Host: stop.Host, Until: stop.Until}).Error()
	case cmd.Due:
		if due, ok := fetcher.Due(src, now); !ok || due.After(now) {
			return "not due until " + due.Local().Format(time.DateTime)
		}
	}
	return ""
}
