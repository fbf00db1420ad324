package main

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"copydesk"
	"copydesk/normalize"
	"copydesk/story"
)

// grouping is what became of the rows.
type grouping struct {
	rows     []row
	ids      []copydesk.EntryID
	of       map[copydesk.EntryID]copydesk.StoryID
	evidence [][]copydesk.Evidence
	byID     map[copydesk.EntryID]int
}

// voice is a row as an entry of the source that it names.
func voice(r row, i int, seen, published time.Time) copydesk.Voice {
	name := cmp.Or(r.Publisher, fmt.Sprintf("row %d", i))
	id := copydesk.SourceID(name)
	v := copydesk.Voice{
		Entry: copydesk.Entry{
			ID: copydesk.NewEntryID(id, r.ID), Source: id, GUID: r.ID, Canonical: canonical(r.URL), Revision: 1, FirstSeen: seen, RevisedAt: seen,
			Text: copydesk.Text{Title: r.Title, Summary: r.Text, Link: r.URL, Language: cmp.Or(r.Language, r.Lang), Published: published},
		},
		Source: copydesk.Source{ID: id, Settings: copydesk.Settings{Name: name, Publisher: r.Publisher}},
	}
	v.Entry.Credits, v.Entry.Rewritten = normalize.Credits(v.Entry.Text)
	return v
}

// canonical is the address without its query, if it has a path.
func canonical(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return ""
	}
	return u.Host + u.Path
}

// group lets the rows arrive one by one, as a desk does.
func group(rows []row, arrivals []arrival) *grouping {
	g := &grouping{
		rows: rows, ids: make([]copydesk.EntryID, len(rows)), of: map[copydesk.EntryID]copydesk.StoryID{},
		byID: map[copydesk.EntryID]int{}, evidence: make([][]copydesk.Evidence, len(rows)),
	}
	board := story.NewBoard()
	for _, a := range arrivals {
		v := voice(rows[a.row], a.row, a.seen, a.date)
		shown := v
		shown.Entry, _ = normalize.Strip(v.Entry, copydesk.Habits{})
		for _, m := range board.Arrive(story.Measured(v, shown.Entry, shown.Entry), shown).Story.Members {
			if m.Entry == v.Entry.ID {
				g.evidence[a.row] = m.Evidence
			}
		}
		g.ids[a.row] = v.Entry.ID
		g.byID[v.Entry.ID] = a.row
	}
	for _, id := range g.ids {
		g.of[id] = board.StoryOf(id).ID
	}
	return g
}

func (g *grouping) groups() int {
	all := map[copydesk.StoryID]bool{}
	for _, id := range g.of {
		all[id] = true
	}
	return len(all)
}

func (g *grouping) title(id copydesk.EntryID) string { return g.rows[g.byID[id]].Title }
