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

// raise gives a story that entry has joined a place on top in the topics that
// have it and show entries by themselves: what is new stands above what readers
// have fetched.
func (d *Desk) raise(g *db.Grouping, told copydesk.Told, entry copydesk.EntryID) error {
	for _, t := range d.now.Load().plan.Topics() {
		if g.HasPlace(t.ID, told.Story.ID) && topic.Adds(t, d.seen(t.ID, told), entry) {
			if err := g.Raise(t.ID, told.Story.ID); err != nil {
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
	if m.Waits != "" || p.g.HasPlace(m.Topic, p.story) {
		return nil
	}
	placed := func(child copydesk.TopicID) bool { return p.g.HasPlace(child, p.story) }
	if len(m.Via) > 0 && !slices.ContainsFunc(m.Via, placed) {
		return nil // they hold it back
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
		var err error
		switch {
		case !takes:
			err = p.g.Withdraw(id, p.story)
		case p.plan.Topic(id).PerSource > 0 && p.g.HasPlace(id, p.story) && !p.carried[id].Shared(p.plan.Topic(id)):
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
