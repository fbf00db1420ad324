package desk

import (
	"context"
	"fmt"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/publish"
	"copydesk/topic"
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
	if err := d.setFront(topics); err != nil {
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

func (d *Desk) pressTopic(ctx context.Context, t db.Topic) error {
	edition, err := d.edition(ctx, t)
	if err != nil {
		return err
	}
	d.shown[t.ID] = shown{items: len(edition.Items)}
	if len(edition.Items) > 0 {
		d.shown[t.ID] = shown{len(edition.Items), edition.Updated}
	}
	for _, f := range publish.Formats() {
		body, err := publish.Render(edition, f, d.site)
		if err != nil {
			return err
		}
		modified, err := d.store.Stamp(ctx, t.ID, string(f), copydesk.DigestOf(body), time.Now())
		if err != nil {
			return err
		}
		pressed, err := publish.Press(body, f.ContentType(), modified)
		if err != nil {
			return err
		}
		d.putOnShelf(t.ID, f, pressed.Named(t.ID, f, d.site))
	}
	return nil
}

// edition is what a topic publishes as of now.
func (d *Desk) edition(ctx context.Context, t db.Topic) (copydesk.Edition, error) {
	e := copydesk.Edition{Topic: t.Topic, FeedID: t.FeedID, Updated: t.Since}
	stories, err := d.store.Newest(ctx, t.ID, t.Limit)
	if err != nil {
		return e, err
	}
	strip := d.strippedNow(ctx)
	for _, told := range stories {
		for _, item := range topic.Items(t.Topic, told) {
			if item.Updated.After(e.Updated) {
				e.Updated = item.Updated
			}
			if len(e.Items) >= t.Limit {
				continue
			}
			if item.Lead, err = strip.voice(item.Lead); err != nil { // of the others no text is shown
				return e, err
			}
			e.Items = append(e.Items, item)
		}
	}
	return e, nil
}
