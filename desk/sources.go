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
	Validator bool               `json:"conditional"`      // the next request will be conditional
	Ledger    []copydesk.Ledger  `json:"ledger,omitempty"` // of the last seven days, the oldest first
}

func rowOf(src copydesk.Source) sourceRow {
	return sourceRow{
		Source: src.Handle(), Name: src.Title(), URL: fetcher.Redact(src.URL), Topics: src.Topics, Role: src.Role, Listed: src.Listed,
		Verdict: src.Outcome.Verdict, Reason: src.Outcome.Reason, Failures: src.Failures,
		LastPoll: maybe(src.LastPoll), LastNew: maybe(src.LastChange), NextPoll: maybe(src.NextPoll), Rule: src.Rule,
		MovedTo: src.Outcome.MovedTo, Validator: src.ETag != "" || src.LastModified != "",
	}
}

// row is a source's row with its ledger.
func (d *Desk) row(ctx context.Context, src copydesk.Source) (r sourceRow, err error) {
	r = rowOf(src)
	r.Ledger, err = d.week(ctx, src.ID)
	return r, err
}

// maybe is t for JSON, where a time that is none is left out.
func maybe(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (d *Desk) doSources(ctx context.Context, cmd Command, s Streams) error {
	sources, err := d.store.Sources(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(sources, func(a, b copydesk.Source) int { return cmp.Compare(a.Handle(), b.Handle()) })
	rows := []sourceRow{}
	for _, src := range sources {
		row, err := d.row(ctx, src)
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
			r.Source, state, ago(sources[i].LastPoll, now), ago(sources[i].NextPoll, now), r.Rule, strconv.Itoa(r.Failures), r.Reason,
		})
	}
	return table(s.Out, []string{"SOURCE", "STATE", "LAST POLL", "NEXT POLL", "DECIDED BY", "FAILURES", "REASON"}, lines)
}

// status is `copydesk status`: the daemon at a glance.
type status struct {
	Version string        `json:"version"`
	Store   string        `json:"store"`
	Sources int           `json:"sources"` // listed
	Unwell  int           `json:"unwell"`  // of these, with trouble at the last poll
	Entries int           `json:"entries"`
	Stories int           `json:"stories"`
	Waiting int           `json:"waiting"` // entries and revisions that wait to be grouped
	Topics  []topicStatus `json:"topics"`
}

type topicStatus struct {
	ID    copydesk.TopicID `json:"id"`
	Title string           `json:"title"`
	Items int              `json:"items"` // in the edition
}

func (d *Desk) status(ctx context.Context) (s status, err error) {
	s.Version, s.Store, s.Topics = d.world.Version, d.now.Load().config.Store.Path, []topicStatus{}
	sources, err := d.Sources(ctx)
	if err != nil {
		return s, err
	}
	s.Sources = len(sources)
	for _, src := range sources {
		if v := src.Outcome; v.Verdict != "" && !v.OK() {
			s.Unwell++
		}
	}
	if s.Entries, s.Stories, err = d.store.Count(ctx); err != nil {
		return s, err
	}
	if s.Waiting, err = d.store.Waiting(ctx); err != nil {
		return s, err
	}
	topics, err := d.store.Topics(ctx)
	for _, t := range topics {
		if !t.Listed {
			continue
		}
		stories, err := d.store.Newest(ctx, t.ID, t.Limit)
		if err != nil {
			return s, err
		}
		s.Topics = append(s.Topics, topicStatus{ID: t.ID, Title: t.Title, Items: len(stories)})
	}
	return s, err
}

func (d *Desk) doStatus(ctx context.Context, cmd Command, s Streams) error {
	st, err := d.status(ctx)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return printJSON(s.Out, st)
	}
	rows := [][]string{
		{"version", st.Version}, {"store", st.Store},
		{"sources", strconv.Itoa(st.Sources) + ", " + strconv.Itoa(st.Unwell) + " unwell"},
		{"entries", strconv.Itoa(st.Entries)}, {"stories", strconv.Itoa(st.Stories)},
		{"waiting", strconv.Itoa(st.Waiting) + " to be grouped"},
	}
	for _, t := range st.Topics {
		rows = append(rows, []string{"topic " + string(t.ID), count(t.Items, "item")})
	}
	return table(s.Out, []string{"WHAT", "NOW"}, rows)
}
