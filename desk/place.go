package desk

import (
	"fmt"
	"slices"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/topic"
)

// place gives a story its places in the topics that take it. It keeps those
// that it has.
func (d *Desk) place(g *db.Grouping, strip stripper, told copydesk.Told) error {
	matches, err := d.match(strip, told)
	if err != nil {
		return err
	}
	p := placing{g: g, plan: d.now.Load().plan, story: told.Story.ID, carried: d.carried(told, matches), at: g.Now()}
	for _, m := range matches {
		if err := p.enter(m); err != nil {
			return err
		}
	}
	return nil
}

// put writes what became of a story. In the topics that have it, show entries by
// themselves and show an item more of it now, it gets a place on top: what is new
// stands above what readers have fetched.
func (d *Desk) put(g *db.Grouping, told copydesk.Told) error {
	plan := d.now.Load().plan
	if !slices.ContainsFunc(plan.Topics(), topic.Apart) {
		return g.Put(told.Story)
	}
	stands, err := g.Stands(told.Story)
	if err != nil {
		return err
	}
	if err := g.Put(told.Story); err != nil {
		return err
	}
	for _, s := range stands {
		if plan.Has(s.Topic) && topic.Apart(plan.Topic(s.Topic)) && topic.Adds(plan.Topic(s.Topic), d.seen(s.Topic, told), s.Was) {
			if err := g.Raise(s.Topic, told.Story.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// renew has a story stand in the editions that show a new text of entry by
// itself. [db.Grouping.Put] sees to those that show it whole.
func (d *Desk) renew(g *db.Grouping, told copydesk.Told, entry copydesk.Entry) error {
	for _, t := range d.now.Load().plan.Topics() {
		if topic.Apart(t) && topic.Renews(t, d.seen(t.ID, told), entry) {
			if err := g.Restate(t.ID, told.Story.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// match returns the topics that take a story, children before their parents.
func (d *Desk) match(strip stripper, told copydesk.Told) ([]topic.Match, error) {
	voices, err := strip.voices(told.Voices)
	if err != nil {
		return nil, err
	}
	matches, err := d.now.Load().plan.Match(voices)
	if err != nil {
		d.log.Warn("rule not decided", "story", told.Story.ID, "err", err)
	}
	return matches, nil
}

// placing is a story on its way into topics.
type placing struct {
	g       *db.Grouping
	plan    topic.Plan
	story   copydesk.StoryID
	carried map[copydesk.TopicID]topic.Carried // as each topic that takes it sees it
	at      time.Time                          // by whose day limits are counted; zero: the day on which its lead was first seen
}

// late reports whether the story came long ago, and the topic's definition now.
func (p placing) late() bool { return p.at.IsZero() }

func (p placing) day(t copydesk.TopicID) int64 {
	if p.late() {
		return topic.Day(p.carried[t].Seen)
	}
	return topic.Day(p.at)
}

// enter gives the story a place in a topic that takes it, or notes why not.
func (p placing) enter(m topic.Match) error {
	if m.Waits != "" {
		return nil
	}
	if placed, err := p.g.HasPlace(m.Topic, p.story); err != nil || placed {
		return err
	}
	if held, err := p.heldBelow(m.Via); err != nil || held {
		return err
	}
	before, err := p.g.Held(m.Topic, p.story)
	if err != nil {
		return err
	}
	day, t, carried := p.day(m.Topic), p.plan.Topic(m.Topic), p.carried[m.Topic]
	if p.late() && carried.Shared(t) {
		_, err = p.g.Place(m.Topic, p.story)
		return err
	}
	at := p.at
	if p.late() {
		at = carried.Seen
	}
	entered := p.g.Entered(m.Topic, day, carried.Lead)
	held, enters := topic.Enters(t, carried, at, entered, before)
	if !enters {
		return p.g.Hold(m.Topic, p.story, held)
	}
	if t.PerSource > 0 && before.Why == "" {
		if err := p.g.CountEntered(m.Topic, day, carried.Lead); err != nil {
			return err
		}
	}
	_, err = p.g.Place(m.Topic, p.story)
	return err
}

// heldBelow reports whether a story comes in through children alone, and none of
// them has a place for it.
func (p placing) heldBelow(children []copydesk.TopicID) (bool, error) {
	for _, child := range children {
		if placed, err := p.g.HasPlace(child, p.story); err != nil || placed {
			return false, err
		}
	}
	return len(children) > 0, nil
}

// rearrange matches every story again with the topics that changed: those that
// belong come in by the order of their news time, those that no longer do go.
// Limits count each story on the day on which its lead was first seen, as if
// the topics had always been what they are; what has a place keeps it and is
// counted first. What more publishers carry than a topic asks for is no matter
// of limits by now. Which sources are public may have changed as well.
func (d *Desk) rearrange(g *db.Grouping, changed []copydesk.TopicID) error {
	for _, t := range changed {
		if err := g.Reconsider(t); err != nil {
			return err
		}
	}
	all, err := inOrder(g)
	if err != nil {
		return err
	}
	type coming struct {
		placing
		matches []topic.Match
	}
	var queue []coming
	plan, strip := d.now.Load().plan, d.stripped(g)
	for _, id := range all {
		told, err := d.publish(g, id)
		if err != nil {
			return err
		}
		matches, err := d.match(strip, told)
		if err != nil {
			return err
		}
		p := placing{g: g, plan: plan, story: id, carried: d.carried(told, matches)}
		matches = slices.DeleteFunc(matches, func(m topic.Match) bool { return !slices.Contains(changed, m.Topic) })
		if err := p.keep(changed, matches); err != nil {
			return err
		}
		if len(matches) > 0 {
			queue = append(queue, coming{p, matches})
		}
	}
	for _, c := range queue {
		for _, m := range c.matches {
			if err := c.enter(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep counts the places that the story has in topics that still take it, and
// takes it out of those that no longer do.
func (p placing) keep(changed []copydesk.TopicID, matches []topic.Match) error {
	for _, id := range changed {
		takes := slices.ContainsFunc(matches, func(m topic.Match) bool { return m.Topic == id && m.Waits == "" })
		placed, err := p.g.HasPlace(id, p.story)
		switch {
		case err != nil:
		case !takes:
			err = p.g.Withdraw(id, p.story)
		case p.plan.Topic(id).PerSource > 0 && placed && !p.carried[id].Shared(p.plan.Topic(id)):
			err = p.g.CountEntered(id, p.day(id), p.carried[id].Lead)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inOrder returns the ids of all stories in the order of their news time.
func inOrder(g *db.Grouping) (ids []copydesk.StoryID, err error) {
	type dated struct {
		id copydesk.StoryID
		at time.Time
	}
	var all []dated
	for s, err := range g.Stories() {
		if err != nil {
			return nil, fmt.Errorf("list stories: %w", err)
		}
		lead, err := g.Voice(s.Lead)
		if err != nil {
			return nil, fmt.Errorf("lead of story %s: %w", s.ID, err)
		}
		all = append(all, dated{s.ID, lead.Entry.NewsTime()})
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.at.Compare(b.at) })
	for _, s := range all {
		ids = append(ids, s.id)
	}
	return ids, nil
}
