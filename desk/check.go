package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/db"
	"copydesk/fetcher"
	"copydesk/normalize"

	"golang.org/x/sync/errgroup"
)

// probeAtOnce bounds how many hosts `check` asks at the same time.
const probeAtOnce = 32

// probed is what `check` found of a source.
type probed struct {
	src     copydesk.Source
	outcome copydesk.Outcome
	entries int // in the document; -1 if none was read
	repairs int
	why     string // it was not asked
}

// doCheck asks each source once, conditionally and under the host rules, and
// prints what came of it. What is listed is polled, so that it is not asked for the
// same soon after; of what is only in the file that is checked nothing is stored.
// A source that was asked within min_interval, that is gone or wants to be left
// alone is not asked: its last outcome is shown.
func (d *Desk) doCheck(ctx context.Context, cmd Command, s Streams) error {
	return checkSources(ctx, cmd, s, d.known, d.probe, d.policy().MinInterval)
}

// checkNew does the same for a configuration that has no store yet.
func checkNew(ctx context.Context, c config.Config, w World, cmd Command, s Streams) (exit int, err error) {
	client, err := newClient(c, w)
	if err != nil {
		return 1, err
	}
	defer client.Close()
	ask := fetcher.NewPoller(client, nil, w.Log)
	ask.Access = func(src copydesk.Source) fetcher.Access { return accessTo(c, src) }
	return said(checkSources(ctx, cmd, s, unknown, ask.Probe, 0), s), nil
}

// known is the stored source behind settings, or a new one. What it has said at
// another address is nothing to this one.
func (d *Desk) known(ctx context.Context, settings copydesk.Settings) (copydesk.Source, error) {
	for _, name := range append([]string{settings.ID, settings.URL}, settings.Was...) {
		src, err := d.store.SourceNamed(ctx, name)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return src, err
		}
		if src.URL != settings.URL {
			src = copydesk.Source{ID: src.ID}
		}
		src.Settings = settings
		return src, nil
	}
	return unknown(ctx, settings)
}

// probe asks src: by a poll, if it is one of those that are polled.
func (d *Desk) probe(ctx context.Context, src copydesk.Source) fetcher.Answer {
	stored, err := d.store.Source(ctx, src.ID)
	if err == nil && stored.Listed && stored.URL == src.URL {
		return d.poller.Ask(ctx, src.ID)
	}
	a := d.poller.Probe(ctx, src)
	d.enter(ctx, src.ID, fetcher.Asked(a))
	if err == nil && stored.URL == src.URL { // not listed now, but it may be again
		d.debts.doubt(src.ID)
	}
	return a
}

func unknown(_ context.Context, settings copydesk.Settings) (copydesk.Source, error) {
	return copydesk.Source{ID: copydesk.NewSourceID(settings), Settings: settings}, nil
}

type probe func(context.Context, copydesk.Source) fetcher.Answer

func checkSources(ctx context.Context, cmd Command, s Streams, known func(context.Context, copydesk.Settings) (copydesk.Source, error), ask probe, within time.Duration) error {
	all := make([]probed, len(cmd.Sources))
	show := newProgress(s.Err, cmd.Terminal, len(all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(probeAtOnce)
	for i, settings := range cmd.Sources {
		g.Go(func() error {
			src, err := known(ctx, settings)
			if err != nil {
				return err
			}
			all[i] = probeOne(ctx, src, ask, within)
			show.step("%s: %s", src.Handle(), all[i].says())
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	show.end()
	return report(all, s)
}

func probeOne(ctx context.Context, src copydesk.Source, ask probe, within time.Duration) probed {
	now := time.Now()
	p := probed{src: src, entries: -1}
	if p.why = unasked(src, within, now); p.why != "" {
		p.outcome = src.Outcome
		return p
	}
	a := ask(ctx, src)
	p.outcome = fetcher.Judge(src, a, time.Now())
	if p.outcome.Verdict != copydesk.Changed {
		return p
	}
	feed, err := normalize.Parse(a.Document)
	if err != nil {
		p.outcome.Verdict, p.outcome.Reason = copydesk.Failed, err.Error()
		return p
	}
	p.entries, p.repairs = len(feed.Entries), len(feed.Warnings)
	if feed.Partial {
		p.outcome.Verdict, p.outcome.Reason = copydesk.Failed, "only a part of the document could be read: "+cmp.Or(feed.Warnings...)
	}
	return p
}

// unasked says why src is not asked at now, or nothing.
func unasked(src copydesk.Source, within time.Duration, now time.Time) string {
	o, since := src.Outcome, now.Sub(src.LastPoll)
	switch {
	case o.Verdict == copydesk.Gone:
		return "not asked again"
	case o.Rests(now):
		return "asked us to wait until " + o.NotBefore.Local().Format(time.DateTime) + ", not asked before then"
	case since >= 0 && since < within:
		return "asked " + ago(src.LastPoll, now) + ", not asked again"
	}
	return ""
}

// says is the row's last column.
func (p probed) says() string {
	switch {
	case p.why != "":
		return p.why + ": " + p.outcome.Reason
	case p.outcome.MovedTo != "":
		return fmt.Sprintf("moved for good to %s: use that address", p.outcome.MovedTo)
	case p.repairs > 0:
		return p.outcome.Reason + ", " + count(p.repairs, "repair")
	}
	return p.outcome.Reason
}

func report(all []probed, s Streams) error {
	var rows [][]string
	unwell := false
	for _, p := range all {
		entries := "-"
		if p.entries >= 0 {
			entries = strconv.Itoa(p.entries)
		}
		state := string(p.outcome.Verdict)
		if p.outcome.OK() {
			state = "ok"
		} else {
			unwell = true
		}
		rows = append(rows, []string{p.src.Handle(), state, entries, p.says()})
	}
	if err := table(s.Out, []string{"SOURCE", "STATE", "ENTRIES", "WHAT WAS SEEN"}, rows); err != nil {
		return err
	}
	if unwell {
		return errUnwell
	}
	return nil
}
