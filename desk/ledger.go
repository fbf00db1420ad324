package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/fetcher"
)

// debts knows of which sources an answer may have come that was not settled,
// so that the ledger can name the next request, whose validators may be older
// than that answer. Of what a process before this one left behind nothing is
// written, since that would cost a write for each request: what was due before
// this one began, and was not settled since, may have been asked.
type debts struct {
	mu    sync.Mutex
	began time.Time
	owed  map[copydesk.SourceID]copydesk.Ledger // requests whose answers are lost
}

func newDebts(began time.Time) *debts {
	return &debts{began: began, owed: map[copydesk.SourceID]copydesk.Ledger{}}
}

func (d *debts) owe(id copydesk.SourceID, a fetcher.Answer) {
	d.mu.Lock()
	d.owed[id] = d.owed[id].And(fetcher.Asked(a))
	d.mu.Unlock()
}

// doubt notes an answer that is in the ledger already.
func (d *debts) doubt(id copydesk.SourceID) {
	d.mu.Lock()
	d.owed[id] = d.owed[id].And(copydesk.Ledger{})
	d.mu.Unlock()
}

func (d *debts) pay(id copydesk.SourceID) {
	d.mu.Lock()
	delete(d.owed, id)
	d.mu.Unlock()
}

// of reports whether an answer of src may not have been settled, and which
// requests are not in the ledger yet.
func (d *debts) of(src copydesk.Source) (owed copydesk.Ledger, unsettled bool) {
	d.mu.Lock()
	owed, unsettled = d.owed[src.ID]
	d.mu.Unlock()
	wasDue := src.LastPoll.Before(d.began) && src.NextPoll.Before(d.began) && !src.NextPoll.IsZero()
	return owed, unsettled || wasDue
}

// shownDays is how many days of the ledger are shown.
const shownDays = 7

// week is a source's pages of the last seven days.
func (d *Desk) week(ctx context.Context, id copydesk.SourceID) ([]copydesk.Ledger, error) {
	today := copydesk.DayOf(time.Now())
	return d.store.Ledger(ctx, id, today-shownDays+1, today)
}

// enter takes down requests that were no poll, for a source that the store may
// not have.
func (d *Desk) enter(ctx context.Context, id copydesk.SourceID, line copydesk.Ledger) {
	d.counters.add(line)
	_, err := d.store.Source(ctx, id)
	if err == nil {
		err = d.store.Enter(ctx, id, line)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) && ctx.Err() == nil {
		d.log.Warn("request not in the ledger", "source", string(id), "err", err)
	}
}

// printLedger prints a line for each page, for people.
func printLedger(w io.Writer, pages []copydesk.Ledger) {
	for _, l := range pages {
		fmt.Fprintf(w, "  %s  %s\n", l.Day.Start().Format(time.DateOnly), ledgerLine(l))
	}
}

// ledgerLine says what is on a page: what was asked, what it cost, what it
// brought, and how the publisher's wishes were kept.
func ledgerLine(l copydesk.Ledger) string {
	said := []string{fmt.Sprintf("%s, %.0f%% conditional", count(l.Requests, "request"), 100*l.Share())}
	for _, why := range slices.Sorted(maps.Keys(l.Apart)) {
		said = append(said, fmt.Sprintf("%d %s", l.Apart[why], why))
	}
	if n := l.Errors(); n > 0 {
		said = append(said, count(n, "error"))
	}
	said = append(said, amount(l.Received)+" received", amount(l.Saved)+" saved", fmt.Sprintf("%d found", l.Found))
	if l.Pushed > 0 {
		said = append(said, count(l.Pushed, "document")+" pushed")
	}
	if l.Delayed > 0 {
		said = append(said, fmt.Sprintf("%s after they were published, %s at most", span(l.MeanDelay()), span(time.Duration(l.MaxDelay))))
	}
	if l.Losses > 0 {
		said = append(said, fmt.Sprintf("entries lost %s", times(l.Losses)))
	}
	if g := l.Closest; !g.At.IsZero() {
		said = append(said, fmt.Sprintf("shortest gap %s of %s (%s)", span(time.Duration(g.Pause)), span(time.Duration(g.Allowed)), g.Rule))
	}
	if l.Early > 0 {
		said = append(said, fmt.Sprintf("%d too early, as ordered", l.Early))
	}
	return strings.Join(said, ", ")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// amount is a number of bytes for people.
func amount(n int64) string {
	switch {
	case n < 10<<10:
		return fmt.Sprintf("%d B", n)
	case n < 10<<20:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
