package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/normalize"
	"copydesk/story"
	"copydesk/story/alike"
)

// groupAtOnce is how many inbox rows one transaction takes. Each alters a few
// pages of its own, which lie in memory until they are written.
const groupAtOnce = 100

// groupLoop makes stories of what waits in the inbox, whenever the bell rings
// and once at the start, for what a crash left there.
func (d *Desk) groupLoop(ctx context.Context) error {
	for {
		if err := d.groupAll(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.inbox:
		}
	}
}

// groupAll empties the inbox.
func (d *Desk) groupAll(ctx context.Context) error {
	d.grouping.Lock()
	defer d.grouping.Unlock()
	defer d.pulses.group.begin()()
	if err := d.recall(ctx); err != nil {
		return err
	}
	for {
		taken, touched, err := d.store.Group(ctx, groupAtOnce, time.Now(), d.group)
		if err != nil {
			d.recent = nil // it may know more than the store does
			return fmt.Errorf("group: %w", err)
		}
		d.changed.add(touched...)
		if err := d.keepLearned(ctx, learnedAfter); err != nil {
			return err
		}
		d.pulses.group.beat()
		if taken < groupAtOnce {
			return nil
		}
	}
}

// group finds the story of one entry and the topics of that story. It sees the
// entry with its boilerplate, on which the story's face and atom:updated depend;
// what compares texts sees them stripped.
func (d *Desk) group(g *db.Grouping, v copydesk.Voice) error {
	strip := d.stripped(g)
	_, known := g.StoryOf(v.Entry.ID)
	grouped, features, err := d.decide(g, strip, v)
	if err != nil {
		return err
	}
	if err := d.remember(g, v, features, grouped.Story, !known); err != nil {
		return err
	}
	d.log.Debug("entry grouped", "entry", v.Entry.ID, "story", grouped.Story.ID, "reason", grouped.Reason)
	told := copydesk.Told{Story: grouped.Story, Voices: grouped.Voices}
	if overrides := d.now.Load().overrides; overrides.Torn(told.Voices) {
		return d.bringInLine(g, strip, tell(overrides.Apply([]copydesk.Told{told}, g.Now())))
	}
	if err := d.put(g, told); err != nil {
		return err
	}
	if known {
		if err := d.renew(g, told, v.Entry); err != nil {
			return err
		}
	}
	return d.place(g, strip, told)
}

// decide says which story an entry belongs to. A text that cannot be judged is set
// aside: it is a story of its own, or stays in the one it is in, and is compared
// with nothing.
func (d *Desk) decide(g *db.Grouping, strip stripper, v copydesk.Voice) (grouped story.Grouped, f alike.Features, err error) {
	habits, err := strip.habits(v.Entry.Source)
	if err != nil {
		return grouped, f, err
	}
	others, err := g.AtAddress(v.Entry.Canonical)
	if err != nil {
		return grouped, f, err
	}
	if err := d.crowd(g, strip, v.Entry, others); err != nil {
		return grouped, f, err
	}
	operator, known, err := d.given(g, v.Entry, others)
	if err != nil {
		return grouped, f, err
	}
	var answer alike.Answer
	if !d.judged(v, func() {
		stripped := strip.without(v, habits)
		v = story.Measured(v, uncredited(v.Entry), stripped.Entry)
		f = alike.Read(stripped)
		answer, err = compared(g, strip, d.recent.Window, f, known)
	}) {
		return setAside(g, v)
	}
	if err != nil {
		return grouped, f, err
	}
	digests := story.OfDigests(answer.Digests, d.recent.Alike)
	for _, digest := range answer.Digests {
		if err := d.part(g, strip, digest, digests, nil, v.Entry.RevisedAt); err != nil {
			return grouped, f, err
		}
	}
	links := slices.Concat(operator, known, answer.Links)
	near, err := nearby(g, v.Entry.ID, links)
	if err != nil {
		return grouped, f, err
	}
	if !d.judged(v, func() { grouped = story.Group(v, links, near, d.now.Load().overrides) }) {
		return setAside(g, v)
	}
	relate(grouped.Story, v.Entry.ID, slices.Concat(grouped.Overruled, answer.Related))
	return grouped, f, nil
}

// judged lets the text of an entry be judged, and reports whether that came to its
// end. If the text brings those that judge it to a panic, which is our mistake and
// not to happen, nobody else's entries are to wait for that.
func (d *Desk) judged(v copydesk.Voice, judge func()) (done bool) {
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("entry set aside, it could not be compared; please report this", "entry", v.Entry.ID, "source", v.Source.Handle(), "err", p, "stack", string(debug.Stack()))
		}
	}()
	judge()
	return true
}

// setAside groups an entry without looking at its text.
func setAside(g *db.Grouping, v copydesk.Voice) (grouped story.Grouped, f alike.Features, err error) {
	f = alike.Features{Entry: v.Entry.ID, Source: v.Source.ID, News: v.Entry.NewsTime(), Seen: v.Entry.FirstSeen}
	near, err := nearby(g, v.Entry.ID, nil)
	if err != nil {
		return grouped, f, err
	}
	return story.Group(v, nil, near, story.Overrides{}), f, nil
}

// crowd takes apart what an address has joined that turns out to be no evidence,
// since an entry's source has another one there. An entry whose address is found in
// one document with another has none from then on.
func (d *Desk) crowd(g *db.Grouping, strip stripper, e copydesk.Entry, others []copydesk.Entry) error {
	address, crowd := e.Canonical, story.Crowd(e, others)
	if address == "" {
		address, crowd = normalize.Canonical(e.Link), []copydesk.EntryID{e.ID}
	}
	var failed error
	ask := func(v copydesk.Voice) []copydesk.Evidence {
		var answer alike.Answer
		habits, err := strip.habits(v.Entry.Source)
		if err == nil {
			d.judged(v, func() {
				answer, err = compared(g, strip, d.recent.Window, alike.Read(strip.without(v, habits)), nil)
			})
		}
		failed = cmp.Or(failed, err)
		return answer.Links
	}
	for _, other := range crowd {
		if err := d.part(g, strip, other, story.OfCrowd(address, crowd), ask, e.RevisedAt); err != nil {
			return err
		}
	}
	return failed
}

// part takes the story of an entry apart where its links turn out to be void.
func (d *Desk) part(g *db.Grouping, strip stripper, entry copydesk.EntryID, void story.Void, ask func(copydesk.Voice) []copydesk.Evidence, at time.Time) error {
	id, grouped := g.StoryOf(entry)
	if !grouped {
		return nil
	}
	told, err := g.Told(id)
	if err != nil {
		return err
	}
	parts := story.Parted(told, void, ask, d.now.Load().overrides, at)
	if len(parts) > 1 {
		d.log.Info("story taken apart", "story", id, "parts", len(parts), "entry", entry)
	}
	return d.bringInLine(g, strip, tell(parts))
}

// given is what links an entry to others whatever their texts: the operator's word,
// and its address, where the store has those others.
func (d *Desk) given(g *db.Grouping, e copydesk.Entry, others []copydesk.Entry) (operator, known []copydesk.Evidence, err error) {
	operator, err = d.joinedByOperator(g, e)
	return operator, story.Evidence(e, others, d.now.Load().reach), err
}

// compared is what a window knows of an entry, by the whole texts of the store where
// that takes more than it keeps.
func compared(g *db.Grouping, strip stripper, w *alike.Window, f alike.Features, known []copydesk.Evidence) (alike.Answer, error) {
	read := texts{g: g, strip: strip.anew()}
	answer := w.Evidence(f, known, read.of)
	return answer, read.err
}

// texts are the store's, as they are compared.
type texts struct {
	g     *db.Grouping
	strip stripper
	err   error // the first that came between
}

// of is an entry with its text; false if it has expired.
func (t *texts) of(entry copydesk.EntryID) (copydesk.Voice, bool) {
	v, err := t.g.Voice(entry)
	if err == nil {
		v, err = t.strip.voice(v)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		t.err = cmp.Or(t.err, err)
	}
	return v, err == nil
}

// relate notes what an entry is related to, and was not put together with.
func relate(s copydesk.Story, entry copydesk.EntryID, related []copydesk.Evidence) {
	for i, m := range s.Members {
		if m.Entry == entry {
			s.Members[i].Related = slices.DeleteFunc(related, func(e copydesk.Evidence) bool { return s.Has(e.With) })
		}
	}
}

// nearby returns the stories that evidence leads to, and the entry's own.
func nearby(g *db.Grouping, entry copydesk.EntryID, evidence []copydesk.Evidence) (near []copydesk.Told, err error) {
	ids := []copydesk.EntryID{entry}
	for _, e := range evidence {
		ids = append(ids, e.With)
	}
	var seen []copydesk.StoryID
	for _, id := range ids {
		storyID, found := g.StoryOf(id)
		if !found || slices.Contains(seen, storyID) {
			continue
		}
		seen = append(seen, storyID)
		told, err := g.Told(storyID)
		if err != nil {
			return nil, err
		}
		near = append(near, told)
	}
	return near, nil
}
