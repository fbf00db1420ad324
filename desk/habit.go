package desk

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"copydesk"
	"copydesk/db"
	"copydesk/normalize"
)

// stripper takes boilerplate from entries on their way out, where they are
// compared or shown. It reads what was learned of each source once, so it is
// good for one piece of work. What decides on atom:updated must not pass
// through it.
type stripper struct {
	read  func(copydesk.SourceID) (copydesk.Habits, error)
	known map[copydesk.SourceID]copydesk.Habits
	last  *copydesk.Entry // stripped: most entries are asked for twice, to be compared and then to be matched with topics
}

func newStripper(read func(copydesk.SourceID) (copydesk.Habits, error)) stripper {
	return stripper{read, map[copydesk.SourceID]copydesk.Habits{}, new(copydesk.Entry)}
}

// anew is a stripper beside s, for other entries than those that s will be asked for
// again.
func (s stripper) anew() stripper {
	s.last = new(copydesk.Entry)
	return s
}

// stripped is a stripper within a transaction that groups.
func (d *Desk) stripped(g *db.Grouping) stripper {
	return newStripper(g.Habits)
}

// strippedNow is a stripper by what the store knows now.
func (d *Desk) strippedNow(ctx context.Context) stripper {
	return newStripper(func(id copydesk.SourceID) (copydesk.Habits, error) { return d.store.Habits(ctx, id) })
}

func (s stripper) voice(v copydesk.Voice) (copydesk.Voice, error) {
	h, err := s.habits(v.Entry.Source)
	if err != nil {
		return v, err
	}
	return s.without(v, h), nil
}

// habits are what is known of a source.
func (s stripper) habits(source copydesk.SourceID) (h copydesk.Habits, err error) {
	h, known := s.known[source]
	if !known {
		if h, err = s.read(source); err != nil {
			return h, err
		}
		s.known[source] = h
	}
	return h, nil
}

// without is a voice without the boilerplate that is known of its source.
func (s stripper) without(v copydesk.Voice, h copydesk.Habits) copydesk.Voice {
	if v.Entry.ID != s.last.ID || v.Entry.Revision != s.last.Revision {
		*s.last, _ = normalize.Strip(v.Entry, h)
	}
	v.Entry = *s.last
	return v
}

// uncredited is an entry without the lines that surely credit somebody.
func uncredited(e copydesk.Entry) copydesk.Entry {
	if len(e.Credits) > 0 || e.Rewritten {
		e, _ = normalize.Strip(e, copydesk.Habits{})
	}
	return e
}

// voices are the stripped voices, in new memory.
func (s stripper) voices(all []copydesk.Voice) ([]copydesk.Voice, error) {
	out := make([]copydesk.Voice, len(all))
	for i, v := range all {
		var err error
		if out[i], err = s.voice(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// learn takes what a document added into what is known of its source. It is
// zero if nothing was added.
func (d *Desk) learn(ctx context.Context, src copydesk.Source, changes []copydesk.Change) (h copydesk.Habits, err error) {
	var added []copydesk.Entry
	for _, c := range changes {
		if c.Kind == copydesk.Added {
			added = append(added, c.Entry)
		}
	}
	if len(added) == 0 {
		return h, nil
	}
	if h, err = d.store.Habits(ctx, src.ID); err != nil {
		return h, err
	}
	return normalize.Learn(h, added), nil
}

// boilerplateRow is what explain says of the pieces around a source's texts.
type boilerplateRow struct {
	Entries int               `json:"entries,omitempty"` // recent ones of the source, from which habits were learned
	Habits  []copydesk.Habit  `json:"habits,omitempty"`
	Removed []string          `json:"removed,omitempty"` // from the entry at hand, on the way out
	Credits []copydesk.Credit `json:"credits,omitempty"` // what the entry says of where it comes from

	Rewritten bool `json:"rewritten,omitempty"` // the entry says that it was made from the texts of others, and names none
}

// boilerplate is what is known of an entry's source, and what of the entry is
// therefore not shown; of a source alone if the entry has no id. It is nil if
// there is nothing to say.
func (d *Desk) boilerplate(ctx context.Context, e copydesk.Entry) (*boilerplateRow, error) {
	h, err := d.store.Habits(ctx, e.Source)
	if err == nil && e.ID != (copydesk.EntryID{}) {
		e, err = d.store.Entry(ctx, e.ID) // with its long texts
	}
	if err != nil {
		return nil, err
	}
	_, removed := normalize.Strip(e, h)
	if len(h.Known)+len(removed)+len(e.Credits) == 0 && !e.Rewritten {
		return nil, nil
	}
	return &boilerplateRow{Entries: len(h.Recent), Habits: h.Known, Removed: removed, Credits: e.Credits, Rewritten: e.Rewritten}, nil
}

func (b *boilerplateRow) print(w io.Writer) {
	if b == nil {
		return
	}
	if len(b.Habits) > 0 {
		fmt.Fprintf(w, "habits  of the source, learned from its last %d entries; they are not shown\n", b.Entries)
	}
	for _, h := range b.Habits {
		fmt.Fprintf(w, "  %-4s        %d times: %q\n", h.Where, h.Times, h.Sample)
	}
	for _, r := range b.Removed {
		fmt.Fprintf(w, "  removed     %q\n", r)
	}
	for _, c := range b.Credits {
		said := slices.DeleteFunc([]string{c.Title, c.URL, c.Publisher, c.PublisherURL}, func(s string) bool { return s == "" })
		fmt.Fprintf(w, "credit  %s\n", strings.Join(said, ", "))
	}
	if b.Rewritten {
		fmt.Fprintf(w, "credit  to nobody by name: it says that it was made from the texts of others\n")
	}
}
