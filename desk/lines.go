package desk

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"copydesk"
	"copydesk/normalize"
	"copydesk/story"
)

// line is an entry as `copydesk group` reads it.
type line struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	URL       string `json:"url"`
	Publisher string `json:"publisher"` // stands for the source; empty: one of its own
	Published string `json:"published"` // stands for the clock; absent: as the line before
	Text      string `json:"text"`
	Language  string `json:"language"`
	Lang      string `json:"lang"` // another common name of language
}

// groupedLine is what became of it.
type groupedLine struct {
	ID       string         `json:"id"`
	Story    string         `json:"story"`
	Evidence []lineEvidence `json:"evidence"`
}

type lineEvidence struct {
	Step  int     `json:"step"`
	With  string  `json:"with"` // id of the line that it is linked to
	Score float64 `json:"score"`
	Why   string  `json:"why"`
}

// maxLine is the longest line that is read, in bytes.
const maxLine = 16 << 20

// GroupLines groups entries, one JSON document a line, which arrived in this
// order, and after the last prints for each its story and the evidence, in the
// same order. It decides as the daemon does, but has no memory: of boilerplate
// only well-known lines are recognised. Two lines of one publisher and id are
// an error, since they would be one entry.
func GroupLines(in io.Reader, out io.Writer) error {
	board, clock := story.NewBoard(), time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	var ids []copydesk.EntryID
	name := map[copydesk.EntryID]string{}
	lineOf := map[copydesk.EntryID]int{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		published, err := time.Parse(time.RFC3339, l.Published)
		if err == nil {
			clock = published
		}
		v := l.voice(n, clock, published)
		if first, taken := lineOf[v.Entry.ID]; taken {
			return l.repeats(n, first)
		}
		lineOf[v.Entry.ID] = n
		shown := v
		shown.Entry, _ = normalize.Strip(v.Entry, copydesk.Habits{})
		board.Arrive(story.Measured(v, shown.Entry, shown.Entry), shown)
		ids, name[v.Entry.ID] = append(ids, v.Entry.ID), l.ID
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	return printGroups(board, ids, name, out)
}

// repeats is the error that the line says no more of which entry it is than the
// first did.
func (l line) repeats(n, first int) error {
	if l.ID == "" {
		return fmt.Errorf("line %d: no id, nor has line %d of the same publisher", n, first)
	}
	return fmt.Errorf("line %d: its publisher and id are those of line %d", n, first)
}

// voice is the line as an entry of the source that its publisher is, seen at a
// time.
func (l line) voice(n int, seen, published time.Time) copydesk.Voice {
	source := copydesk.SourceID(cmp.Or(l.Publisher, fmt.Sprintf("line %d", n)))
	e := copydesk.Entry{
		ID: copydesk.NewEntryID(source, l.ID), Source: source, GUID: l.ID, Canonical: normalize.Canonical(l.URL),
		Revision: 1, FirstSeen: seen, RevisedAt: seen,
		Text: copydesk.Text{Title: l.Title, Content: l.Text, Link: l.URL, Language: cmp.Or(l.Language, l.Lang), Published: published},
	}
	e.Credits, e.Rewritten = normalize.Credits(e.Text)
	return copydesk.Voice{
		Entry:  e,
		Source: copydesk.Source{ID: source, Settings: copydesk.Settings{Publisher: l.Publisher, Role: copydesk.RolePublisher}},
	}
}

func printGroups(board *story.Board, ids []copydesk.EntryID, name map[copydesk.EntryID]string, out io.Writer) error {
	w := bufio.NewWriter(out)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, id := range ids {
		s := board.StoryOf(id)
		g := groupedLine{ID: name[id], Story: s.ID.String(), Evidence: []lineEvidence{}}
		for _, m := range s.Members {
			if m.Entry != id {
				continue
			}
			for _, e := range m.Evidence {
				g.Evidence = append(g.Evidence, lineEvidence{Step: e.Step, With: name[e.With], Score: e.Score, Why: e.Why})
			}
		}
		if err := lines.Encode(g); err != nil {
			return err
		}
	}
	return w.Flush()
}
