package dbtest

import (
	"fmt"
	"slices"
	"time"

	"copydesk"
	"copydesk/db"
)

// alteredSince returns the titles of the first members of stories altered after
// that number, "gone" for those that are not there, sorted; and where to go on.
func (s *scene) alteredSince(after uint64) (titles []string, last uint64) {
	s.Helper()
	ids, last, known, err := s.Altered(s.ctx, after, 100)
	s.must(err)
	if !known {
		s.Errorf("what was altered after %d is not known", after)
	}
	for _, id := range ids {
		told, err := s.Story(s.ctx, id)
		if err != nil || told.Story.ID != id {
			titles = append(titles, "gone")
			continue
		}
		titles = append(titles, told.Voices[0].Entry.Title)
	}
	slices.Sort(titles)
	return titles, last
}

func altered(s *scene) {
	s.adopt(setting("dw", "https://dw.example/rss"))
	s.arrange(defined("asia", "1"))
	nothing, last := s.alteredSince(0)
	s.same("at first", nothing, []string(nil))
	a, b := s.entry("dw", "a", "", "A"), s.entry("dw", "b", "", "B")
	s.settle("dw", a, b)
	s.groupAlone("asia")
	grouped, last := s.alteredSince(last)
	s.same("grouped", grouped, []string{"A", "B"})
	newest, err := s.LastAltered(s.ctx)
	s.must(err)
	s.same("the newest", newest, last)
	again, same := s.alteredSince(last)
	s.same("nothing since", again, []string(nil))
	s.same("and no further", same, last)

	s.reopen()
	_, _, err = s.Group(s.ctx, 100, s.at, func(*db.Grouping, copydesk.Voice) error { return nil })
	s.must(err)
	s.settle("dw", s.revised(a, "A, revised"))
	s.groupAlone()
	revised, last := s.alteredSince(last)
	s.same("revised", revised, []string{"A, revised"})

	_, err = s.Regroup(s.ctx, s.at, func(g *db.Grouping) error {
		story := alone(a.Entry)
		story.Members = append(story.Members, alone(b.Entry).Members...)
		return g.Put(story)
	})
	s.must(err)
	absorbed, last := s.alteredSince(last)
	s.same("absorbed", absorbed, []string{"A, revised", "gone"})

	_, _, err = s.Expire(s.ctx, s.at.Add(time.Hour), s.at, 10)
	s.must(err)
	expired, _ := s.alteredSince(last)
	s.same("expired", slices.Compact(expired), []string{"gone"})
}

func alteredTooLong(s *scene) {
	s.adopt(setting("dw", "https://dw.example/rss"))
	s.settle("dw", s.entry("dw", "a", "", "A"))
	s.groupAlone()
	last, err := s.LastAltered(s.ctx)
	s.must(err)
	for _, after := range []uint64{last + 1, last + 1000} { // of an older copy of the store
		_, _, known, err := s.Altered(s.ctx, after, 10)
		s.must(err)
		s.same("known", known, false)
	}
	var changes []copydesk.Change
	for i := range 500 {
		changes = append(changes, s.entry("dw", fmt.Sprint(i), "", fmt.Sprint(i)))
	}
	s.settle("dw", changes...)
	s.groupAlone()
	for range 40 {
		_, err := s.Regroup(s.ctx, s.at, func(g *db.Grouping) error {
			for _, c := range changes {
				if err := g.Put(alone(c.Entry)); err != nil {
					return err
				}
			}
			return nil
		})
		s.must(err)
	}
	_, _, known, err := s.Altered(s.ctx, last, 10)
	s.must(err)
	s.same("known from the beginning", known, false)
	newest, err := s.LastAltered(s.ctx)
	s.must(err)
	ids, next, known, err := s.Altered(s.ctx, newest-15_000, 10)
	s.must(err)
	s.same("known from later on", known, true)
	s.same("as many as asked for", len(ids), 10)
	s.same("and on from there", next, newest-15_000+10)
}

func alteredTopics(s *scene) {
	s.adopt(setting("dw", "https://dw.example/rss"))
	s.arrange(defined("asia", "1"), defined("world", "1"))
	s.settle("dw", s.entry("dw", "a", "", "A"))
	s.groupAlone("asia")
	_, last := s.alteredSince(0)
	for _, c := range []struct {
		name   string
		topics []db.Topic
		want   []string
	}{
		{"as before", []db.Topic{defined("asia", "1"), defined("world", "1")}, nil},
		{"renamed", []db.Topic{defined("orient", "1", "asia"), defined("world", "1")}, []string{"A"}},
		{"unlisted", []db.Topic{defined("world", "1")}, []string{"A"}},
		{"still unlisted", []db.Topic{defined("world", "1")}, nil},
		{"listed again", []db.Topic{defined("orient", "1"), defined("world", "1")}, []string{"A"}},
	} {
		s.arrange(c.topics...)
		var titles []string
		titles, last = s.alteredSince(last)
		s.same(c.name, titles, c.want)
	}
}

func storiesAfter(s *scene) {
	s.adopt(setting("dw", "https://dw.example/rss"))
	s.settle("dw", s.entry("dw", "a", "", "A"), s.entry("dw", "b", "", "B"), s.entry("dw", "c", "", "C"))
	s.groupAlone()
	var all, pieces []copydesk.StoryID
	for story, err := range s.Stories(s.ctx) {
		s.must(err)
		all = append(all, story.ID)
	}
	after := copydesk.StoryID{}
	for {
		ids, err := s.StoriesAfter(s.ctx, after, 2)
		s.must(err)
		if len(ids) == 0 {
			break
		}
		pieces, after = append(pieces, ids...), ids[len(ids)-1]
	}
	s.same("stories", pieces, all)
}
