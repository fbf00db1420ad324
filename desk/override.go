package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/normalize"
	"copydesk/story"
	"copydesk/topic"
)

// override brings the stories that are there in line with the overrides in
// force, if those changed. What arrives later is grouped by them.
func (d *Desk) override(ctx context.Context, now time.Time) error {
	d.grouping.Lock()
	defer d.grouping.Unlock()
	touched, err := d.store.Override(ctx, now, d.now.Load().config.Overrides, func(g *db.Grouping, before []copydesk.Override) error {
		return d.overrule(g, before, now)
	})
	if err != nil {
		d.recent = nil // it may know more than the store does
		return fmt.Errorf("override stories: %w", err)
	}
	d.changed.add(touched...)
	return nil
}

// overrule applies the overrides in force to all stories that they name, and
// that those before them named: their leads are chosen anew, but what was joined
// or split stays so.
func (d *Desk) overrule(g *db.Grouping, before []copydesk.Override, now time.Time) error {
	overrides := d.now.Load().overrides
	named := slices.Concat(overrides.Addresses(), story.NewOverrides(before, normalize.Canonical).Addresses())
	told, err := storiesAt(g, named)
	if err != nil {
		return err
	}
	return d.bringInLine(g, d.stripped(g), tell(overrides.Apply(told, now)))
}

func tell(all []story.Grouped) (told []copydesk.Told) {
	for _, grouped := range all {
		told = append(told, copydesk.Told{Story: grouped.Story, Voices: grouped.Voices})
	}
	return told
}

// bringInLine writes stories among which the operator's word, or grouping again,
// has moved members, and gives them their places in topics: a story keeps those
// that it has, a new one comes in on top. One that is without members which it
// was in topics with leaves those that had it for their sake.
func (d *Desk) bringInLine(g *db.Grouping, strip stripper, all []copydesk.Told) error {
	lost := map[copydesk.StoryID]bool{}
	for _, told := range all {
		stands, err := g.Stands(told.Story)
		if err != nil {
			return err
		}
		lost[told.Story.ID] = slices.ContainsFunc(stands, func(s db.Stand) bool {
			return slices.ContainsFunc(s.Was.Members, func(m copydesk.Member) bool { return !told.Story.Has(m.Entry) })
		})
		if err := d.put(g, told); err != nil {
			return err
		}
		if d.recent == nil {
			continue
		}
		for _, m := range told.Story.Members {
			d.recent.Place(m.Entry, told.Story.ID)
		}
	}
	for _, told := range all {
		if err := d.place(g, strip, told); err != nil {
			return err
		}
		if lost[told.Story.ID] {
			if err := d.leave(g, strip, told); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave takes a story that lost members out of the topics that had it for their
// sake.
func (d *Desk) leave(g *db.Grouping, strip stripper, told copydesk.Told) error {
	matches, err := d.match(strip, told)
	if err != nil {
		return err
	}
	for _, t := range d.now.Load().plan.Topics() {
		takes := slices.ContainsFunc(matches, func(m topic.Match) bool { return m.Topic == t.ID && m.Waits == "" })
		if takes {
			continue
		}
		if err := g.Withdraw(t.ID, told.Story.ID); err != nil {
			return err
		}
	}
	return nil
}

// storiesAt returns the stories that have a member at one of the addresses,
// each once. Entries that wait in the inbox are in none.
func storiesAt(g *db.Grouping, addresses []string) (all []copydesk.Told, err error) {
	seen := map[copydesk.StoryID]bool{}
	for _, address := range addresses {
		entries, err := g.AtAddress(address)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			id, grouped := g.StoryOf(e.ID)
			if !grouped || seen[id] {
				continue
			}
			seen[id] = true
			told, err := g.Told(id)
			if err != nil {
				return nil, err
			}
			all = append(all, told)
		}
	}
	return all, nil
}

// joinedByOperator is what the operator joins an entry with.
func (d *Desk) joinedByOperator(g *db.Grouping, e copydesk.Entry) (links []copydesk.Evidence, err error) {
	overrides := d.now.Load().overrides
	for _, address := range overrides.With(e.Canonical) {
		others, err := g.AtAddress(address)
		if err != nil {
			return nil, err
		}
		links = append(links, overrides.Evidence(e, others)...)
	}
	return links, nil
}
