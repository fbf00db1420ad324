package desk

import (
	"context"
	"slices"

	"copydesk"
	"copydesk/db"
	"copydesk/publish"
	"copydesk/story"
	"copydesk/topic"
)

// Some entries are not for everybody. Whatever leaves the daemon by its public
// listener comes through here.

// seen is what a topic may see of a story.
func (d *Desk) seen(id copydesk.TopicID, told copydesk.Told) copydesk.Told {
	now := d.now.Load()
	return topic.Visible(told, now.plan.Sees(id), now.lead)
}

// public is what everybody may see of a story: without voices, if that is
// nothing.
func (d *Desk) public(told copydesk.Told) copydesk.Told { return d.seen("", told) }

// carriedBy is what is seen of a story by who asks the given private topics, or
// everybody if there are none: without voices if no such topic carries it.
func (d *Desk) carriedBy(ctx context.Context, told copydesk.Told, private []copydesk.TopicID) (copydesk.Told, error) {
	places, err := d.store.Placements(ctx, told.Story.ID)
	if err != nil {
		return copydesk.Told{}, err
	}
	plan := d.now.Load().plan
	for _, p := range places {
		open := plan.Has(p.Topic) && !plan.Topic(p.Topic).Private
		if len(private) > 0 {
			open = plan.Has(p.Topic) && slices.Contains(private, p.Topic)
		}
		if !open {
			continue
		}
		if seen := d.seen(p.Topic, told); len(seen.Voices) > 0 {
			return seen, nil
		}
	}
	return copydesk.Told{}, nil
}

// lead is whom voices are credited to.
func (s *standing) lead(voices []copydesk.Voice) (copydesk.Voice, string) {
	return story.Lead(voices, s.overrides)
}

// carried is who carries a story, as each topic that takes it sees it.
func (d *Desk) carried(told copydesk.Told, matches []topic.Match) map[copydesk.TopicID]topic.Carried {
	by := make(map[copydesk.TopicID]topic.Carried, len(matches))
	for _, m := range matches {
		by[m.Topic] = topic.CarriedBy(d.seen(m.Topic, told))
	}
	return by
}

// publish brings a stored story in line with which of its sources are public.
func (d *Desk) publish(g *db.Grouping, id copydesk.StoryID) (copydesk.Told, error) {
	told, err := g.Told(id)
	if err != nil {
		return told, err
	}
	s, changed := story.Published(told, d.now.Load().overrides, g.Now())
	if !changed {
		return told, nil
	}
	told.Story = s
	return told, g.Put(s)
}

// keysOf are the keys of private topics, for the shelf.
func (s *standing) keysOf() map[copydesk.TopicID]publish.Key {
	keys := map[copydesk.TopicID]publish.Key{}
	for id, k := range s.config.Keys {
		keys[id] = publish.NewKey(string(k.Token), k.Username, string(k.Password))
	}
	return keys
}

// openSources are sources as everybody may know them: the private ones are
// missing, and so are private topics.
func (d *Desk) openSources(sources []copydesk.Source) (open []copydesk.Source) {
	plan := d.now.Load().plan
	for _, src := range sources {
		if src.Private {
			continue
		}
		var topics []copydesk.TopicID
		for _, id := range src.Topics {
			if plan.Has(id) && !plan.Topic(id).Private {
				topics = append(topics, id)
			}
		}
		src.Topics = topics
		open = append(open, src)
	}
	return open
}
