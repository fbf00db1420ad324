package desk

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"copydesk"
)

// status is `copydesk status`: the daemon at a glance, of what is in the store
// alone, so that it is the same whether a daemon runs or not.
type status struct {
	Version     string          `json:"version"`
	Store       string          `json:"store"`
	StoreBytes  int64           `json:"store_bytes"`
	Sources     int             `json:"sources"` // listed
	Unwell      int             `json:"unwell"`  // of these, with trouble at the last poll
	Entries     int             `json:"entries"`
	Stories     int             `json:"stories"`
	Joined      int             `json:"joined"`                 // entries that are in the story of another
	Waiting     int             `json:"waiting"`                // entries and revisions that wait to be grouped
	LastEdition *time.Time      `json:"last_edition,omitempty"` // when the bytes of any edition last changed
	Today       copydesk.Ledger `json:"today"`                  // of all sources, since midnight UTC
	Episodes    []episodeRow    `json:"episodes"`               // of ill health, those that last
	Topics      []topicStatus   `json:"topics"`
}

type topicStatus struct {
	ID    copydesk.TopicID `json:"id"`
	Title string           `json:"title"`
	Items int              `json:"items"` // in the edition
}

func (d *Desk) status(ctx context.Context) (s status, err error) {
	s.Version, s.Store, s.Topics = d.world.Version, d.now.Load().config.Store.Path, []topicStatus{}
	for _, part := range []func(context.Context, *status) error{d.countSources, d.countStored, d.countToday, d.countTopics} {
		if err := part(ctx, &s); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (d *Desk) countSources(ctx context.Context, s *status) error {
	sources, err := d.Sources(ctx)
	if err != nil {
		return err
	}
	s.Sources, s.Episodes = len(sources), []episodeRow{}
	for _, src := range sources {
		if v := src.Outcome; v.Verdict != "" && !v.OK() {
			s.Unwell++
		}
		open, err := d.openEpisodes(ctx, src)
		if err != nil {
			return err
		}
		s.Episodes = append(s.Episodes, open...)
	}
	return nil
}

func (d *Desk) countStored(ctx context.Context, s *status) (err error) {
	if s.StoreBytes, err = d.store.Size(ctx); err != nil {
		return err
	}
	if s.Entries, s.Stories, err = d.store.Count(ctx); err != nil {
		return err
	}
	grouped, err := d.store.Grouped(ctx)
	if err != nil {
		return err
	}
	s.Joined = grouped - s.Stories
	s.Waiting, err = d.store.Waiting(ctx)
	return err
}

func (d *Desk) countToday(ctx context.Context, s *status) error {
	today := copydesk.DayOf(time.Now())
	pages, err := d.store.LedgerOf(ctx, today)
	s.Today.Day = today
	for _, p := range pages {
		s.Today = s.Today.And(p)
	}
	return err
}

func (d *Desk) countTopics(ctx context.Context, s *status) error {
	last, err := d.store.LastStamp(ctx)
	if err != nil {
		return err
	}
	s.LastEdition = maybe(last)
	topics, err := d.store.Topics(ctx)
	for _, t := range topics {
		if !t.Listed {
			continue
		}
		items, err := d.store.CountPlaced(ctx, t.ID, t.Limit)
		if err != nil {
			return err
		}
		s.Topics = append(s.Topics, topicStatus{ID: t.ID, Title: t.Title, Items: items})
	}
	return err
}

func (d *Desk) doStatus(ctx context.Context, cmd Command, s Streams) error {
	st, err := d.status(ctx)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return printJSON(s.Out, st)
	}
	return st.print(s.Out, time.Now())
}

// print prints the status for people.
func (s status) print(w io.Writer, now time.Time) error {
	edition := "none yet"
	if s.LastEdition != nil {
		edition = ago(*s.LastEdition, now)
	}
	rows := [][]string{
		{"version", s.Version}, {"store", s.Store + ", " + amount(s.StoreBytes)},
		{"sources", strconv.Itoa(s.Sources) + ", " + strconv.Itoa(s.Unwell) + " unwell"},
		{"today", ledgerLine(s.Today)},
		{"entries", strconv.Itoa(s.Entries)}, {"stories", fmt.Sprintf("%d, %d entries joined to another's", s.Stories, s.Joined)},
		{"waiting", strconv.Itoa(s.Waiting) + " to be grouped"},
		{"last edition", edition},
	}
	for _, e := range s.Episodes {
		rows = append(rows, []string{"source " + e.Source, fmt.Sprintf("%s for %s: %s", e.Cause, span(now.Sub(e.Since)), e.Reason)})
	}
	for _, t := range s.Topics {
		rows = append(rows, []string{"topic " + string(t.ID), count(t.Items, "item")})
	}
	return table(w, []string{"WHAT", "NOW"}, rows)
}
