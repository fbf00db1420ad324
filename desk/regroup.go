package desk

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/story"
	"copydesk/story/alike"
)

// What was grouped stays as it is when the rules change. An operator can ask for
// entries to be grouped again: those first seen since a time come once more, in
// their order and with their newest texts, to what was there before them. It is
// worked out on a view of the store, in memory; what it changes is then written
// in one transaction.

// regroupedRow is a story that grouping again changes.
type regroupedRow struct {
	Story    string     `json:"story"`
	Title    string     `json:"title"`
	New      bool       `json:"new,omitempty"`
	Lead     string     `json:"lead"`
	LeadWas  string     `json:"lead_was,omitempty"` // if it is another one now
	Absorbed []string   `json:"absorbed,omitempty"`
	Came     []movedRow `json:"came,omitempty"`
	Went     []movedRow `json:"went,omitempty"`
}

// movedRow is a member that changes from one story to another.
type movedRow struct {
	Entry  copydesk.EntryID `json:"entry"`
	Source string           `json:"source"`
	Title  string           `json:"title"`
	Link   string           `json:"link,omitempty"`
	Story  string           `json:"story"` // where it comes from or goes to
	Why    string           `json:"why,omitempty"`
}

type regroupReport struct {
	Since   time.Time      `json:"since"`
	Entries int            `json:"entries"` // that were grouped again
	Applied bool           `json:"applied"`
	Changes []regroupedRow `json:"changes"`
}

// doRegroup prints what grouping again changes, and with Apply changes it.
func (d *Desk) doRegroup(ctx context.Context, cmd Command, s Streams) error {
	d.grouping.Lock()
	defer d.grouping.Unlock()
	if err := d.recall(ctx); err != nil {
		return err
	}
	now := time.Now()
	r := &regrouping{Desk: d, ctx: ctx, since: cmd.Since, private: map[copydesk.SourceID]bool{}}
	sources, err := d.store.Sources(ctx)
	if err != nil {
		return err
	}
	for _, src := range sources {
		r.private[src.ID] = src.Private
	}
	report := regroupReport{Since: cmd.Since, Applied: cmd.Apply}
	err = d.store.Look(ctx, now, func(g *db.Grouping) (err error) {
		r.g = g
		changed, err := r.again(now)
		if err != nil {
			return err
		}
		r.changed, report.Entries = changed, len(r.coming)
		report.Changes, err = r.rows()
		return err
	})
	if err != nil {
		return fmt.Errorf("regroup: %w", err)
	}
	if cmd.Apply && len(r.changed) > 0 {
		if err := d.settleRegrouped(ctx, r.changed, now); err != nil {
			return err
		}
	}
	if cmd.JSON {
		return printJSON(s.Out, report)
	}
	report.print(s.Out)
	return nil
}

// settleRegrouped writes stories that were grouped again.
func (d *Desk) settleRegrouped(ctx context.Context, changed []story.Regrouped, now time.Time) error {
	touched, err := d.store.Regroup(ctx, now, func(g *db.Grouping) error {
		var all []copydesk.Told
		for _, c := range changed {
			voices, err := g.Voices(c.Story)
			if err != nil {
				return err
			}
			all = append(all, copydesk.Told{Story: c.Story, Voices: voices})
		}
		return d.bringInLine(g, d.stripped(g), all)
	})
	if err != nil {
		d.recent = nil // it may know more than the store does
		return fmt.Errorf("regroup: %w", err)
	}
	d.changed.add(touched...)
	d.log.Info("entries grouped again", "stories", len(changed))
	return nil
}

// regrouping is entries on their second way to their stories.
type regrouping struct {
	*Desk
	ctx     context.Context
	g       *db.Grouping
	since   time.Time
	private map[copydesk.SourceID]bool
	window  *alike.Window
	rarity  *alike.Rarity
	strip   stripper
	texts   []text                                // of all entries that are compared, in the order of their arrival
	coming  map[copydesk.EntryID]bool             // those that are grouped again
	before  map[copydesk.StoryID]copydesk.Story   // that have to do with it
	stories map[copydesk.StoryID]copydesk.Story   // as they are by now
	of      map[copydesk.EntryID]copydesk.StoryID // their members
	changed []story.Regrouped

	surplus map[copydesk.EntryID]copydesk.Surplus // of members as it was when they came
}

// text is what is compared of an entry, packed.
type text struct {
	db.Arrival
	features []byte
}

// again groups the entries again and returns the stories that differ from what
// is stored.
func (r *regrouping) again(now time.Time) ([]story.Regrouped, error) {
	if err := r.prepare(); err != nil {
		return nil, err
	}
	for _, t := range r.texts {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		var f alike.Features
		if err := f.UnmarshalBinary(t.features); err != nil {
			return nil, err
		}
		r.window.Expire(t.Seen)
		if err := r.arrive(f); err != nil {
			return nil, fmt.Errorf("entry %s: %w", t.Entry, err)
		}
		r.rarity.Observe(f)
	}
	var before, after []copydesk.Story
	for _, s := range r.before {
		before = append(before, s)
	}
	for _, s := range r.stories {
		after = append(after, s)
	}
	slices.SortFunc(after, story.ByAge)
	var changed []story.Regrouped
	for _, c := range story.Reconcile(before, after, r.secret) {
		if len(c.Story.Members) == 1 && len(c.Before.Members) == 1 {
			continue // by itself, and was: most are
		}
		voices, err := r.g.Voices(c.Story)
		if err != nil {
			return nil, err
		}
		if c.Credit(voices, r.now.Load().overrides, now) {
			changed = append(changed, c)
		}
	}
	return changed, nil
}

// secret reports whether the public knows nothing of a story.
func (r *regrouping) secret(s copydesk.Story) bool {
	return !slices.ContainsFunc(s.Members, func(m copydesk.Member) bool { return !r.private[m.Source] })
}

// prepare reads what is compared of the entries, those among it that were there
// before and are within reach, and takes apart the stories of those that come
// again. Words are as rare as they were before the first of them came.
func (r *regrouping) prepare() error {
	reach := r.Desk.now.Load().reach
	arrivals, err := r.g.Since(r.since.Add(-reach.Copies))
	if err != nil {
		return err
	}
	r.surplus = map[copydesk.EntryID]copydesk.Surplus{}
	r.coming, r.before = map[copydesk.EntryID]bool{}, map[copydesk.StoryID]copydesk.Story{}
	r.stories, r.of = map[copydesk.StoryID]copydesk.Story{}, map[copydesk.EntryID]copydesk.StoryID{}
	r.strip = r.stripped(r.g)
	for _, a := range arrivals {
		if _, grouped := r.g.StoryOf(a.Entry); !grouped {
			continue // it waits in the inbox, and its turn will come
		}
		if err := r.ctx.Err(); err != nil {
			return err
		}
		v, err := r.g.Voice(a.Entry)
		if err == nil {
			v, err = r.strip.voice(v)
		}
		if err != nil {
			return err
		}
		features, err := alike.Read(v).MarshalBinary()
		if err != nil {
			return err
		}
		r.texts = append(r.texts, text{a, features})
		if !a.Seen.Before(r.since) {
			r.coming[a.Entry] = true
		}
	}
	for id := range r.coming {
		if err := r.settled(id); err != nil {
			return err
		}
	}
	r.rarity = r.recent.rarity.Without(func(yield func(alike.Features) bool) {
		for _, t := range r.texts {
			var f alike.Features
			if f.UnmarshalBinary(t.features) == nil && !yield(f) {
				return
			}
		}
	})
	r.window = r.recent.Afresh(r.rarity)
	return nil
}

// settled sees to it that the story of an entry is at hand, without the members
// that come again.
func (r *regrouping) settled(entry copydesk.EntryID) error {
	id, grouped := r.g.StoryOf(entry)
	if _, known := r.before[id]; known || !grouped {
		return nil
	}
	s, err := r.g.Story(id)
	if err != nil {
		return err
	}
	r.before[id] = s
	for _, m := range s.Members {
		r.surplus[m.Entry] = m.Surplus
	}
	for _, part := range story.Settled(s, func(id copydesk.EntryID) bool { return r.coming[id] }) {
		r.keep(part)
	}
	return nil
}

func (r *regrouping) keep(s copydesk.Story) {
	r.stories[s.ID] = s
	for _, m := range s.Members {
		r.of[m.Entry] = s.ID
	}
}

// arrive lets an entry come again, or for the first time if it is only one that
// others are compared with.
func (r *regrouping) arrive(f alike.Features) error {
	if !r.coming[f.Entry] {
		if err := r.settled(f.Entry); err != nil {
			return err
		}
		r.window.Add(f)
		r.window.Place(f.Entry, r.of[f.Entry])
		return nil
	}
	v, err := r.g.Voice(f.Entry)
	if err != nil {
		return err
	}
	v.Surplus = r.surplus[f.Entry]
	others, err := r.g.AtAddress(v.Entry.Canonical)
	if err != nil {
		return err
	}
	operator, known, err := r.given(r.g, v.Entry, others)
	if err != nil {
		return err
	}
	answer, err := compared(r.g, r.strip, r.window, f, known)
	if err != nil {
		return err
	}
	links := slices.Concat(operator, known, answer.Links)
	digests := story.OfDigests(answer.Digests, r.window.Alike)
	for _, digest := range answer.Digests {
		if err := r.part(digest, digests, v.Entry.RevisedAt); err != nil {
			return err
		}
	}
	near, err := r.near(links)
	if err != nil {
		return err
	}
	grouped := story.Group(v, links, near, r.Desk.now.Load().overrides)
	relate(grouped.Story, f.Entry, slices.Concat(grouped.Overruled, answer.Related))
	for _, id := range grouped.Absorbed {
		delete(r.stories, id)
	}
	r.window.Add(f)
	r.put(grouped.Story)
	return nil
}

// part takes what turned out to be a digest out of the story that it is in.
func (r *regrouping) part(digest copydesk.EntryID, void story.Void, at time.Time) error {
	id, there, err := r.at(digest)
	if err != nil || !there {
		return err
	}
	told, err := r.told(id)
	if err != nil {
		return err
	}
	for _, t := range story.Parted(told, void, nil, r.Desk.now.Load().overrides, at) {
		r.put(t.Story)
	}
	return nil
}

// put keeps a story, and tells the window who is in it.
func (r *regrouping) put(s copydesk.Story) {
	r.keep(s)
	for _, m := range s.Members {
		r.window.Place(m.Entry, s.ID)
	}
}

// at returns the story that an entry is in by now. Who has not come again yet is
// in none.
func (r *regrouping) at(entry copydesk.EntryID) (id copydesk.StoryID, there bool, err error) {
	if !r.coming[entry] {
		err = r.settled(entry)
	}
	id, there = r.of[entry]
	return id, there, err
}

func (r *regrouping) told(id copydesk.StoryID) (told copydesk.Told, err error) {
	told.Story = r.stories[id]
	told.Voices, err = r.g.Voices(told.Story)
	return told, err
}

// near returns the stories that links lead to.
func (r *regrouping) near(links []copydesk.Evidence) (near []copydesk.Told, err error) {
	var seen []copydesk.StoryID
	for _, e := range links {
		id, there, err := r.at(e.With)
		if err != nil {
			return nil, err
		}
		if !there || slices.Contains(seen, id) {
			continue
		}
		seen = append(seen, id)
		told, err := r.told(id)
		if err != nil {
			return nil, err
		}
		near = append(near, told)
	}
	return near, nil
}

// rows says for people what changed.
func (r *regrouping) rows() ([]regroupedRow, error) {
	rows, now := []regroupedRow{}, map[copydesk.EntryID]copydesk.StoryID{}
	for _, c := range r.changed {
		for _, m := range c.Story.Members {
			now[m.Entry] = c.Story.ID
		}
	}
	for _, c := range r.changed {
		row := regroupedRow{Story: c.Story.ID.String(), New: len(c.Before.Members) == 0}
		for _, id := range c.Absorbed {
			row.Absorbed = append(row.Absorbed, id.String())
		}
		lead, err := r.g.Voice(c.Story.Lead)
		if err != nil {
			return nil, err
		}
		row.Title, row.Lead = lead.Entry.Title, lead.Source.Handle()
		if !row.New && c.Before.Lead != c.Story.Lead {
			was, err := r.g.Voice(c.Before.Lead)
			if err != nil {
				return nil, err
			}
			row.LeadWas = was.Source.Handle()
		}
		for _, m := range c.Story.Members {
			if from, moved := c.From[m.Entry]; moved {
				why := ""
				if len(m.Evidence) > 0 {
					why = m.Evidence[0].Why
				}
				if row.Came, err = r.moved(row.Came, m.Entry, from, why); err != nil {
					return nil, err
				}
			}
		}
		for _, m := range c.Before.Members {
			if !c.Story.Has(m.Entry) {
				if row.Went, err = r.moved(row.Went, m.Entry, now[m.Entry], ""); err != nil {
					return nil, err
				}
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (r *regrouping) moved(rows []movedRow, entry copydesk.EntryID, other copydesk.StoryID, why string) ([]movedRow, error) {
	v, err := r.g.Voice(entry)
	return append(rows, movedRow{
		Entry: entry, Source: v.Source.Handle(), Title: v.Entry.Title, Link: v.Entry.Link, Story: other.String(), Why: why,
	}), err
}

func (p regroupReport) print(w io.Writer) {
	for _, c := range p.Changes {
		kind := "story  "
		if c.New {
			kind = "new    "
		}
		fmt.Fprintf(w, "%s %s  %s\n", kind, c.Story, clip(c.Title, 80))
		fmt.Fprintf(w, "  credited to %s", c.Lead)
		if c.LeadWas != "" {
			fmt.Fprintf(w, ", was %s", c.LeadWas)
		}
		fmt.Fprintln(w)
		for _, m := range c.Came {
			fmt.Fprintf(w, "  comes       %s  %s\n              from %s", m.Source, m.Link, m.Story)
			if m.Why != "" {
				fmt.Fprintf(w, ": %s", m.Why)
			}
			fmt.Fprintln(w)
		}
		for _, m := range c.Went {
			fmt.Fprintf(w, "  goes        %s  %s\n              to %s\n", m.Source, m.Link, m.Story)
		}
		for _, id := range c.Absorbed {
			fmt.Fprintf(w, "  absorbs     %s\n", id)
		}
	}
	again := fmt.Sprintf("%d of the entries first seen since %s were grouped again", p.Entries, stampOr(&p.Since, ""))
	switch {
	case len(p.Changes) == 0:
		fmt.Fprintf(w, "%s: nothing changes\n", again)
	case p.Applied:
		fmt.Fprintf(w, "%s: changed %d stories\n", again, len(p.Changes))
	default:
		fmt.Fprintf(w, "%s: %d stories would change; with --yes they do\n", again, len(p.Changes))
	}
}
