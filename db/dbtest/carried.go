package dbtest

import (
	"errors"
	"fmt"

	"copydesk"
	"copydesk/db"
)

// carried is what Carried tells of those stories, in words: "title in [topics]".
func (s *scene) carried(looks *db.Looks, ids ...copydesk.StoryID) (rows []string, last uint64) {
	s.Helper()
	err := s.Carried(s.ctx, ids, looks, func(c db.Carried, tell func() (copydesk.Told, error)) error {
		told, err := tell()
		if err != nil {
			return err
		}
		s.same("story", told.Story.ID, c.Story)
		rows, last = append(rows, fmt.Sprint(told.Voices[0].Entry.Title, " in ", c.Topics)), c.Look
		return nil
	})
	s.must(err)
	return rows, last
}

func carriedStories(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(defined("asia", "1"), defined("world", "1"))
	one, two, three := s.entry("a", "1", "", "One"), s.entry("a", "2", "", "Two"), s.entry("a", "3", "", "Three")
	first, second, third := copydesk.NewStoryID(one.Entry.ID), copydesk.NewStoryID(two.Entry.ID), copydesk.NewStoryID(three.Entry.ID)
	s.settle("a", one)
	s.groupAlone("asia")
	s.settle("a", two)
	s.groupAlone("world")
	s.settle("a", three)
	s.groupAlone("asia")
	_, err := s.Regroup(s.ctx, s.at, func(g *db.Grouping) error {
		_, err := g.Place("world", first)
		return errors.Join(err, g.Withdraw("asia", third))
	})
	s.must(err)
	looks := new(db.Looks)
	rows, before := s.carried(looks, second, third, copydesk.StoryID{1}, first)
	s.same("as asked, but for those that no topic carries", rows, []string{"Two in [world]", "One in [asia world]"})
	if _, again := s.carried(looks, first); again != before {
		s.Error("a story that is as before looks different")
	}
	s.settle("a", s.revised(one, "One, revised"))
	if rows, now := s.carried(looks, first); now == before || len(rows) != 1 || rows[0] != "One, revised in [asia world]" {
		s.Errorf("a revised story looks as before: %v", rows)
	}
	stop := errors.New("stop")
	if err := s.Carried(s.ctx, []copydesk.StoryID{first, second}, looks, func(db.Carried, func() (copydesk.Told, error)) error { return stop }); !errors.Is(err, stop) {
		s.Errorf("it ended with %v", err)
	}
}
