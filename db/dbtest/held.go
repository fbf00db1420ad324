package dbtest

import (
	"errors"
	"fmt"
	"time"

	"copydesk"
	"copydesk/db"
)

// grouped groups what waits, each entry alone, and calls fn with each story.
func (s *scene) grouped(fn func(g *db.Grouping, story copydesk.StoryID) error) {
	s.Helper()
	_, _, err := s.Group(s.ctx, 100, s.at, func(g *db.Grouping, v copydesk.Voice) error {
		story := alone(v.Entry)
		return errors.Join(g.Put(story), fn(g, story.ID))
	})
	s.must(err)
}

// heldIn is where the store holds the story back, and why.
func (s *scene) heldIn(story copydesk.StoryID) (all []db.HeldBack) {
	s.Helper()
	all, err := s.HeldBack(s.ctx, story)
	s.must(err)
	return all
}

func (s *scene) hold(topics ...copydesk.TopicID) copydesk.Held {
	held := copydesk.Held{Why: "too many", At: s.at, Publishers: 1}
	s.grouped(func(g *db.Grouping, story copydesk.StoryID) error {
		var err error
		for _, topic := range topics {
			err = errors.Join(err, g.Hold(topic, story, held))
		}
		return err
	})
	return held
}

func heldBack(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(defined("asia", "1"), defined("world", "1"))
	one := s.entry("a", "1", "", "One")
	story := copydesk.NewStoryID(one.Entry.ID)
	s.settle("a", one)
	held := s.hold("asia", "world")
	s.reopen()
	s.same("held back", s.heldIn(story), []db.HeldBack{{Topic: "asia", Held: held}, {Topic: "world", Held: held}})
	s.settle("a", s.revised(one, "One, revised"))
	s.grouped(func(g *db.Grouping, id copydesk.StoryID) error {
		before, err1 := g.Held("asia", id)
		s.same("held before", before, held)
		has, err2 := g.HasPlace("asia", id)
		s.same("a place before", has, false)
		_, err3 := g.Place("asia", id)
		has, err4 := g.HasPlace("asia", id)
		s.same("a place", has, true)
		return errors.Join(err1, err2, err3, err4)
	})
	s.same("held back still", s.heldIn(story), []db.HeldBack{{Topic: "world", Held: held}})
	s.arrange(defined("asia", "1"), defined("earth", "1", "world"))
	s.same("held back in the renamed topic", s.heldIn(story), []db.HeldBack{{Topic: "earth", Held: held}})
}

func heldNoMore(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"), setting("b", "http://b.example/rss"))
	s.arrange(defined("asia", "1"), defined("world", "1"))
	one, two := s.entry("a", "1", "", "One"), s.entry("b", "1", "", "Two")
	s.settle("a", one)
	s.settle("b", two)
	held := s.hold("asia", "world")
	older, younger := copydesk.NewStoryID(one.Entry.ID), copydesk.NewStoryID(two.Entry.ID)
	_, err := s.Arrange(s.ctx, s.at, []db.Topic{defined("asia", "2"), defined("world", "1")}, func(g *db.Grouping, changed []copydesk.TopicID) error {
		return g.Reconsider(changed[0])
	})
	s.must(err)
	s.same("after a new definition", s.heldIn(older), []db.HeldBack{{Topic: "world", Held: held}})
	s.settle("b", s.revised(two, "Two, revised"))
	_, _, err = s.Group(s.ctx, 10, s.at, func(g *db.Grouping, v copydesk.Voice) error {
		told, err := g.Told(older)
		told.Story.Members = append(told.Story.Members, copydesk.Member{Entry: v.Entry.ID, Source: "b", Joined: s.at})
		return errors.Join(err, g.Put(told.Story))
	})
	s.must(err)
	s.same("absorbed", len(s.heldIn(younger)), 0)
	s.same("the survivor", s.heldIn(older), []db.HeldBack{{Topic: "world", Held: held}})
	_, _, err = s.Expire(s.ctx, s.at.Add(time.Hour), s.at.Add(time.Hour), 10)
	s.must(err)
	s.same("expired", len(s.heldIn(older)), 0)
}

func enteredCounts(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(defined("asia", "1"), defined("world", "1"))
	today := s.at.Unix() / (24 * 60 * 60)
	asked := 0
	counts := func() (counts []int) {
		asked++
		s.settle("a", s.entry("a", fmt.Sprint("asked ", asked), "", "One"))
		s.grouped(func(g *db.Grouping, _ copydesk.StoryID) error {
			counts = []int{
				g.Entered("asia", today, "a"), g.Entered("asia", today, "b"), g.Entered("asia", today-1, "a"), g.Entered("world", today, "a"),
			}
			return nil
		})
		return counts
	}
	s.same("at first", counts(), []int{0, 0, 0, 0})
	s.settle("a", s.entry("a", "1", "", "One"))
	s.grouped(func(g *db.Grouping, _ copydesk.StoryID) error {
		return errors.Join(
			g.CountEntered("asia", today, "a"), g.CountEntered("asia", today, "a"), g.CountEntered("asia", today, "b"),
			g.CountEntered("asia", today-1, "a"), g.CountEntered("world", today, "a"),
		)
	})
	s.reopen()
	s.same("counted", counts(), []int{2, 1, 1, 1})
	s.must(s.Forget(s.ctx, s.at, s.at))
	s.same("when the day before is over", counts(), []int{2, 1, 0, 1})
	_, err := s.Arrange(s.ctx, s.at, []db.Topic{defined("asia", "2"), defined("world", "1")}, func(g *db.Grouping, changed []copydesk.TopicID) error {
		return g.Reconsider(changed[0])
	})
	s.must(err)
	s.same("after a new definition", counts(), []int{0, 0, 0, 1})
}
