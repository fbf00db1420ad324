package desk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/publish"
)

// pressEvery is the shortest time between two editions of a topic: a
// Last-Modified has whole seconds, so a second edition within one could not be
// told from the first.
const pressEvery = time.Second

// pressLoop makes editions of the topics that look different.
func (d *Desk) pressLoop(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.changed.bell:
		}
		if err := d.press(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pressEvery):
		}
	}
}

// press makes an edition of every marked topic and puts it on the shelf.
func (d *Desk) press(ctx context.Context) error {
	d.pressing.Lock()
	defer d.pressing.Unlock()
	defer d.pulses.press.begin()()
	marked := d.changed.take()
	topics, err := d.topics(ctx)
	if err != nil {
		d.changed.add(marked...)
		return err
	}
	for i, id := range marked {
		if t, ok := topics[id]; ok && t.Listed {
			if err := d.pressTopic(ctx, t); err != nil {
				d.changed.add(marked[i:]...) // they still look different
				return fmt.Errorf("press topic %s: %w", id, err)
			}
			d.pulses.press.beat()
		}
	}
	if err := d.setFront(ctx); err != nil {
		return err
	}
	d.pressed.Store(true)
	return nil
}

func (d *Desk) topics(ctx context.Context) (map[copydesk.TopicID]db.Topic, error) {
	all, err := d.store.Topics(ctx)
	byID := map[copydesk.TopicID]db.Topic{}
	for _, t := range all {
		byID[t.ID] = t
	}
	return byID, err
}

// pressTopic puts the newest edition of a topic on the shelf. Archives that
// have closed since come first, so that the edition can link them.
func (d *Desk) pressTopic(ctx context.Context, t db.Topic) error {
	more, err := d.setArchives(ctx, t)
	if err != nil {
		return err
	}
	if more {
		d.changed.add(t.ID)
	}
	issue, err := d.issue(ctx, t)
	if err != nil {
		return err
	}
	d.shown[t.ID] = shown{items: len(issue.Galleys)}
	if len(issue.Galleys) > 0 {
		d.shown[t.ID] = shown{len(issue.Galleys), issue.Updated}
	}
	editions := map[publish.Format]*publish.Pressed{}
	for _, f := range publish.Formats() {
		body, err := issue.Print(f, d.site)
		if err != nil {
			return err
		}
		if old, ok := d.shelf.Get(t.ID, f); ok && old.Hash() == copydesk.DigestOf(body) {
			editions[f] = old
			continue
		}
		modified, err := d.store.Stamp(ctx, t.ID, string(f), copydesk.DigestOf(body), time.Now())
		if err != nil {
			return err
		}
		if editions[f], err = publish.Press(body, f.ContentType(), modified); err != nil {
			return err
		}
		if !t.Private {
			editions[f] = editions[f].Named(t.ID, f, d.site)
		}
	}
	return d.putOnShelf(issue, editions)
}

// archivesAtOnce is how many archives of a topic are set before its edition is
// made again.
const archivesAtOnce = 10

// setArchives sets closed archives of t that changed in type, the newest first,
// and reports whether there are more.
func (d *Desk) setArchives(ctx context.Context, t db.Topic) (more bool, err error) {
	stale, err := d.store.Stale(ctx, t.ID, archivesAtOnce+1)
	if err != nil || len(stale) == 0 {
		return false, err
	}
	strip := d.strippedNow(ctx)
	for _, s := range stale[:min(len(stale), archivesAtOnce)] {
		var sheets []sheet
		err := d.store.Log(ctx, t.ID, s.From, s.To, new(db.Looks), func(row db.Row, tell func() (copydesk.Told, error)) (bool, error) {
			if row.Own != row.Position {
				return true, ctx.Err()
			}
			next, err := d.sheetAt(t, row, tell)
			next.shared = false // the rack is for what is printed again soon
			sheets = append(sheets, next)
			return true, errors.Join(err, ctx.Err())
		})
		var galleys []*publish.Galley
		if err == nil {
			galleys, err = d.setAll(sheets, strip)
		}
		if err != nil {
			return false, fmt.Errorf("set archive %d: %w", s.Number, err)
		}
		if err := d.store.PutGalleys(ctx, t.ID, s, publish.Pack(galleys), publish.MostCarried(galleys)); err != nil {
			return false, err
		}
	}
	d.composed[t.ID]++
	return len(stale) > archivesAtOnce, nil
}

// composing is what is kept of a topic's edition until the next one: the
// galleys of stories that look as before need not be set again.
type composing struct {
	way   string // of the topic to show stories
	looks db.Looks
	set   map[copydesk.StoryID]setStory
}

// issue is what a topic publishes as of now: its newest stories up to its
// limit, and in any case those that no archive has.
func (d *Desk) issue(ctx context.Context, t db.Topic) (*publish.Issue, error) {
	newest, err := d.store.Kept(ctx, t.ID, 0)
	if err != nil {
		return nil, err
	}
	i := &publish.Issue{
		Topic: t.ID, Title: t.Title, FeedID: t.FeedID, Updated: t.Since, Limit: t.Limit, Closed: newest.To,
		Links: publish.Links{PrevArchive: newest.Number}, History: fmt.Sprint(newest.Number, " ", d.composed[t.ID]),
	}
	if t.Private {
		i.Private, i.Under = true, d.now.Load().keysOf()[t.ID].Path()
	}
	way := fmt.Sprintf("%s %s %x", t.Merge, t.Content, t.Sight)
	before := d.composing[t.ID]
	if before == nil || before.way != way {
		before = &composing{way: way}
	}
	next := &composing{way: way, looks: before.looks, set: map[copydesk.StoryID]setStory{}}
	sheets, err := d.sheets(ctx, t, i, before, next)
	if err != nil {
		return nil, err
	}
	strip := d.strippedNow(ctx)
	for _, s := range sheets {
		if err := d.set(&s, strip); err != nil {
			return nil, err
		}
		next.set[s.story] = s.setStory
		i.Galleys = append(i.Galleys, s.galleys...)
	}
	for _, g := range i.Galleys {
		if g.Updated().After(i.Updated) {
			i.Updated = g.Updated()
		}
	}
	next.looks.Forget(func(id copydesk.StoryID) bool { _, shown := next.set[id]; return shown })
	d.composing[t.ID] = next
	return i, nil
}

// sheets reads the stories of an edition from the log of t, and fills in where
// the log goes on from it.
func (d *Desk) sheets(ctx context.Context, t db.Topic, i *publish.Issue, before, next *composing) (sheets []sheet, err error) {
	known, items, more := map[copydesk.StoryID]bool{}, 0, false
	err = d.store.Log(ctx, t.ID, 0, math.MaxUint64, &next.looks, func(row db.Row, tell func() (copydesk.Told, error)) (bool, error) {
		full := items >= t.Limit
		if more = full && row.Own <= i.Closed; more && row.Own == row.Position {
			return false, ctx.Err()
		}
		if row.Own == row.Position {
			i.Links.Next = row.Own
		}
		if known[row.Story] || row.Kept || more {
			return true, ctx.Err()
		}
		s := sheet{story: row.Story, setStory: before.set[row.Story]}
		if s.look != row.Look || s.position != row.Own {
			if s, err = d.sheetAt(t, row, tell); err != nil {
				return false, err
			}
		}
		known[row.Story], items, sheets = true, items+s.size(), append(sheets, s)
		return true, ctx.Err()
	})
	if !more {
		i.Links.Next = 0
	}
	return sheets, err
}
