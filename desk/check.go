package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
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
// same soon after; of what is only in the file that is checked, it is kept beside the
// store when it was asked and what came of it. A source that was asked within
// min_interval, or within what its publisher allows if that is longer, that is gone
// or wants to be left alone is not asked: its last outcome is shown.
func (d *Desk) doCheck(ctx context.Context, cmd Command, s Streams) error {
	k := newChecking(d.now.Load().config, d.poller, cmd)
	k.known, k.ask = d.known, d.probe
	return k.run(ctx, cmd, s)
}

// checkNew does the same for a configuration that has no store yet.
func checkNew(ctx context.Context, c config.Config, w World, cmd Command, s Streams) (exit int, err error) {
	client, err := newClient(c, w)
	if err != nil {
		return 1, err
	}
	defer client.Close()
	poller := fetcher.NewPoller(client, nil, w.Log)
	poller.Access = func(src copydesk.Source) fetcher.Access { return accessTo(c, src) }
	k := newChecking(c, poller, cmd)
	k.known = unknown
	k.ask = func(ctx context.Context, src copydesk.Source) (fetcher.Answer, bool) {
		return poller.Probe(ctx, src), false
	}
	return said(k.run(ctx, cmd, s), s), nil
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
func (d *Desk) probe(ctx context.Context, src copydesk.Source) (a fetcher.Answer, polled bool) {
	stored, err := d.store.Source(ctx, src.ID)
	if err == nil && stored.Listed && stored.URL == src.URL {
		return d.poller.Ask(ctx, src.ID), true
	}
	a = d.poller.Probe(ctx, src)
	d.enter(ctx, src.ID, fetcher.Asked(a))
	if err == nil && stored.URL == src.URL { // not listed now, but it may be again
		d.debts.doubt(src.ID)
	}
	return a, false
}

func unknown(_ context.Context, settings copydesk.Settings) (copydesk.Source, error) {
	return copydesk.Source{ID: copydesk.NewSourceID(settings), Settings: settings}, nil
}

// checking is one `check`.
type checking struct {
	known   func(context.Context, copydesk.Settings) (copydesk.Source, error)
	ask     func(context.Context, copydesk.Source) (a fetcher.Answer, polled bool)
	policy  fetcher.Policy
	checked *checked
}

// newChecking keeps to what was checked before: whose host has its gap, and who
// wants to be left alone.
func newChecking(c config.Config, poller *fetcher.Poller, cmd Command) *checking {
	k := &checking{policy: policyOf(c.Poll), checked: checkedBeside(c.Store.Path)}
	poller.Recall(k.checked.of(cmd.Sources))
	return k
}

func (k *checking) run(ctx context.Context, cmd Command, s Streams) (err error) {
	all := make([]probed, len(cmd.Sources))
	show := newProgress(s.Err, cmd.Terminal, len(all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(probeAtOnce)
	for i, settings := range cmd.Sources {
		g.Go(func() error {
			src, err := k.known(ctx, settings)
			if err != nil {
				return err
			}
			all[i] = k.probe(ctx, k.checked.upon(src))
			show.step("%s: %s", src.Handle(), all[i].says())
			return ctx.Err()
		})
	}
	err = g.Wait()
	if kept := k.checked.save(); kept != nil {
		show.note("%v; who is checked again is asked again", kept)
	}
	if err != nil {
		return err
	}
	show.end()
	return report(all, s)
}

func (k *checking) probe(ctx context.Context, src copydesk.Source) probed {
	now := time.Now()
	p := probed{src: src, entries: -1}
	if p.why = k.unasked(src, now); p.why != "" {
		p.outcome = src.Outcome
		return p
	}
	a, polled := k.ask(ctx, src)
	now = time.Now()
	p.outcome = fetcher.Judge(src, a, now)
	if p.outcome.Verdict == copydesk.Changed {
		src.Feed.Asks = p.read(a.Document)
	}
	if !polled {
		k.checked.note(src, a, p.outcome, p.outcome.Read(), k.policy, now)
	}
	return p
}

// read takes in a document, and returns what it says of when to ask for it.
func (p *probed) read(doc copydesk.Document) copydesk.Asks {
	feed, err := normalize.Parse(doc)
	if err != nil {
		p.outcome.Verdict, p.outcome.Reason = copydesk.Failed, err.Error()
		return copydesk.Asks{}
	}
	p.entries, p.repairs = len(feed.Entries), len(feed.Warnings)
	if feed.Partial {
		p.outcome.Verdict, p.outcome.Reason = copydesk.Failed, "only a part of the document could be read: "+cmp.Or(feed.Warnings...)
	}
	return feed.Asks
}

// unasked says why src is not asked at now, or nothing. Whether a password is the
// right one now, only asking tells.
func (k *checking) unasked(src copydesk.Source, now time.Time) string {
	o, since := src.Outcome, now.Sub(src.LastPoll)
	switch {
	case o.Verdict == copydesk.Gone:
		return "not asked again"
	case o.Rests(now):
		return "asked us to wait until " + o.NotBefore.Local().Format(time.DateTime) + ", not asked before then"
	case o.Status == http.StatusUnauthorized:
		return ""
	case since >= 0 && since < max(k.policy.MinInterval, time.Duration(src.Trail.Wait)):
		return "asked " + ago(src.LastPoll, now) + ", not asked again"
	}
	return ""
}

// says is the row's last column.
func (p probed) says() string {
	said := p.outcome.Reason
	switch {
	case p.outcome.MovedTo != "":
		said = fmt.Sprintf("moved for good to %s: use that address", p.outcome.MovedTo)
	case p.repairs > 0:
		said += ", " + count(p.repairs, "repair")
	}
	if p.why != "" {
		return p.why + ": " + said
	}
	return said
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
