package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"copydesk"
	"copydesk/db"
)

// Dump returns what a store holds as text, in one form: two stores that learned
// the same things in the same order have the same dump, whenever that was and
// however often they were interrupted. So it leaves out what is random (the
// installation and the ids of feeds), every time at which we did something, and
// what follows from such a time (the next poll, atom:updated, the editions). The
// times that publishers wrote are part of their texts and stay.
//
// It reads through the store's exported methods alone, and so finds what a stage
// would find; that these agree with the file's indices is for [db.DB.Check].
func Dump(ctx context.Context, store *db.DB) (string, error) {
	d := dumper{ctx: ctx, store: store}
	waiting, err := store.Waiting(ctx)
	d.linef("waiting %d", waiting)
	err = errors.Join(err, d.sources(), d.entries(), d.stories(), d.topics())
	if err != nil {
		return "", fmt.Errorf("dump: %w", err)
	}
	return d.text.String(), nil
}

type dumper struct {
	ctx   context.Context
	store *db.DB
	text  strings.Builder
}

func (d *dumper) linef(format string, args ...any) { fmt.Fprintf(&d.text, format+"\n", args...) }

func (d *dumper) sources() error {
	all, err := d.store.Sources(d.ctx)
	for _, src := range all {
		d.linef("source %q handle %q listed %t etag %q modified %q body %x",
			src.ID, src.Handle(), src.Listed, src.ETag, src.LastModified, src.BodyHash)
	}
	return err
}

func (d *dumper) entries() error {
	// Revisions have a transaction of their own each, which should not be
	// opened within the one that lists the entries.
	var all []copydesk.Entry
	for e, err := range d.store.Entries(d.ctx) {
		if err != nil {
			return err
		}
		all = append(all, e)
	}
	for _, e := range all {
		d.linef("entry %s source %q guid %q address %q digest %x revision %d", e.ID, e.Source, e.GUID, e.Canonical, e.Digest, e.Revision)
		revisions, err := d.store.Revisions(d.ctx, e.ID)
		if err != nil {
			return err
		}
		for _, rev := range revisions {
			text, err := json.Marshal(rev.Text)
			if err != nil {
				return err
			}
			d.linef("  revision %d %q text %x", rev.Number, rev.Reason, copydesk.DigestOf(text))
		}
		if err := d.membership(e.ID); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumper) membership(id copydesk.EntryID) error {
	told, err := d.store.StoryOf(d.ctx, id)
	if errors.Is(err, db.ErrNotFound) {
		d.linef("  in no story")
		return nil
	}
	d.linef("  in %s", told.Story.ID)
	return err
}

func (d *dumper) stories() error {
	var all []copydesk.Story
	for s, err := range d.store.Stories(d.ctx) {
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	for _, s := range all {
		d.linef("story %s lead %s %q face %x", s.ID, s.Lead, s.LeadWhy, s.Face)
		for _, m := range s.Members {
			d.linef("  member %s source %q", m.Entry, m.Source)
			for _, e := range m.Evidence {
				if e.Step == copydesk.StepSameNews { // its figures have the time between the two in them
					d.linef("    step %d with %s", e.Step, e.With)
					continue
				}
				d.linef("    step %d with %s score %g %q", e.Step, e.With, e.Score, e.Why)
			}
		}
		places, err := d.store.Placements(d.ctx, s.ID)
		if err != nil {
			return err
		}
		for _, p := range places {
			d.linef("  at %d in %s", p.Position, p.Topic)
		}
		held, err := d.store.HeldBack(d.ctx, s.ID)
		if err != nil {
			return err
		}
		for _, h := range held {
			d.linef("  held back in %s, carried by %d", h.Topic, h.Publishers) // why has a date in it
		}
	}
	return nil
}

func (d *dumper) topics() error {
	all, err := d.store.Topics(d.ctx)
	for _, t := range all {
		d.linef("topic %s parent %q listed %t definition %x", t.ID, t.Parent, t.Listed, t.Fingerprint)
		stories, err := d.store.Newest(d.ctx, t.ID, math.MaxInt)
		if err != nil {
			return err
		}
		for _, told := range stories {
			d.linef("  %d %s", told.Position, told.Story.ID)
		}
	}
	return err
}
