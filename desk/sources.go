package desk

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"copydesk"
	"copydesk/fetcher"
)

// sourceRow is a source as `copydesk sources` shows it.
type sourceRow struct {
	Source    string             `json:"source"` // id, else address
	Name      string             `json:"name"`
	URL       string             `json:"url"`
	Topics    []copydesk.TopicID `json:"topics"`
	Role      copydesk.Role      `json:"role"`
	Listed    bool               `json:"listed"`
	Verdict   copydesk.Verdict   `json:"verdict,omitempty"`
	Reason    string             `json:"reason,omitempty"`
	Failures  int                `json:"failures"`
	LastPoll  *time.Time         `json:"last_poll,omitempty"`
	LastNew   *time.Time         `json:"last_change,omitempty"`
	NextPoll  *time.Time         `json:"next_poll,omitempty"`
	Rule      string             `json:"rule,omitempty"` // what decided NextPoll
	MovedTo   string             `json:"moved_to,omitempty"`
	Validator bool               `json:"conditional"`        // the next request will be conditional
	Episodes  []episodeRow       `json:"episodes,omitempty"` // of ill health, those that last
	Ledger    []copydesk.Ledger  `json:"ledger,omitempty"`   // of the last seven days, the oldest first
	WebSub    *webSubRow         `json:"websub,omitempty"`
}

func rowOf(src copydesk.Source, stops stops) sourceRow {
	if stop := stops.of(src); stop.Until.After(src.NextPoll) && !src.NextPoll.IsZero() {
		src.NextPoll, src.Rule = stop.Until, "429 of "+stop.Host
	}
	return sourceRow{
		Source: src.Handle(), Name: src.Title(), URL: src.Address(), Topics: src.Topics, Role: src.Role, Listed: src.Listed,
		Verdict: src.Outcome.Verdict, Reason: src.Outcome.Reason, Failures: src.Failures,
		LastPoll: maybe(src.LastPoll), LastNew: maybe(src.LastChange), NextPoll: maybe(src.NextPoll), Rule: src.Rule,
		MovedTo: src.Outcome.MovedTo, Validator: src.ETag != "" || src.LastModified != "",
	}
}

// row is a source's row with its episodes and its ledger.
func (d *Desk) row(ctx context.Context, src copydesk.Source) (sourceRow, error) {
	stops, err := d.stops(ctx)
	if err != nil {
		return sourceRow{}, err
	}
	return d.rowBeside(ctx, src, stops)
}

// rowBeside is row where the stops are known.
func (d *Desk) rowBeside(ctx context.Context, src copydesk.Source, stops stops) (r sourceRow, err error) {
	r = rowOf(src, stops)
	r.WebSub = d.webSubOf(src, time.Now())
	if r.Episodes, err = d.openEpisodes(ctx, src); err != nil {
		return r, err
	}
	r.Ledger, err = d.week(ctx, src.ID)
	return r, err
}

// stops are the hosts that want to be left alone, for which all sources of each
// wait.
type stops map[string]copydesk.HostStop

func stopsOf(sources []copydesk.Source) stops {
	all, now := stops{}, time.Now()
	for _, src := range sources {
		if s := fetcher.Lasting(src.Stop, now); s.Until.After(all[s.Host].Until) {
			all[s.Host] = s
		}
	}
	return all
}

func (d *Desk) stops(ctx context.Context) (stops, error) {
	sources, err := d.store.Sources(ctx)
	return stopsOf(sources), err
}

func (s stops) of(src copydesk.Source) copydesk.HostStop { return s[fetcher.Host(src.URL)] }

// maybe is t for JSON, where a time that is none is left out.
func maybe(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func when(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (d *Desk) doSources(ctx context.Context, cmd Command, s Streams) error {
	sources, err := d.store.Sources(ctx)
	if err != nil {
		return err
	}
	if cmd.Moved {
		return printProposals(proposals(sources), cmd, s)
	}
	slices.SortFunc(sources, func(a, b copydesk.Source) int { return cmp.Compare(a.Handle(), b.Handle()) })
	rows := []sourceRow{}
	stops := stopsOf(sources)
	for _, src := range sources {
		row, err := d.rowBeside(ctx, src, stops)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if cmd.JSON {
		return printJSON(s.Out, rows)
	}
	var lines [][]string
	now := time.Now()
	for i, r := range rows {
		state := string(cmp.Or(r.Verdict, "new"))
		if !r.Listed {
			state = "not listed"
		}
		lines = append(lines, []string{
			r.Source, state, ago(sources[i].LastPoll, now), ago(when(r.NextPoll), now), r.Rule, strconv.Itoa(r.Failures), r.Reason + r.ails(now),
		})
	}
	return table(s.Out, []string{"SOURCE", "STATE", "LAST POLL", "NEXT POLL", "DECIDED BY", "FAILURES", "REASON"}, lines)
}
