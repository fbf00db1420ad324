package dbtest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"copydesk"
	"copydesk/db"
)

// joined has the story of one entry take in those of others.
func (s *scene) joined(into string, others ...string) {
	s.Helper()
	_, err := s.Regroup(s.ctx, s.at, func(g *db.Grouping) error {
		told, err := g.Told(s.storyOf(into))
		for _, title := range others {
			gone, failed := g.Told(s.storyOf(title))
			told.Story.Members = append(told.Story.Members, gone.Story.Members...)
			err = errors.Join(err, failed)
		}
		return errors.Join(err, g.Put(told.Story))
	})
	s.must(err)
}

// storyOf is the id of the story that begins with the entry of that title.
func (s *scene) storyOf(title string) copydesk.StoryID {
	return copydesk.NewStoryID(copydesk.NewEntryID("a", title))
}

// shown is what a topic shows, as "title", or "title as other".
func (s *scene) shown(topic copydesk.TopicID) (rows []string) {
	s.Helper()
	all, err := s.Newest(s.ctx, topic, 100)
	s.must(err)
	for _, told := range all {
		title := told.Voices[0].Entry.Title
		for _, v := range told.Voices {
			if told.As != told.Story.ID && told.As == copydesk.NewStoryID(v.Entry.ID) {
				title += " as " + v.Entry.Title
			}
		}
		rows = append(rows, title)
	}
	return rows
}

func standsAsAbsorbed(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 2), short("europe", 2), short("world", 2))
	s.arrive("asia", "oldest", "older")
	s.arrive("europe", "younger")
	younger := s.storyOf("younger")
	s.joined("older", "younger")
	s.same("asia", s.shown("asia"), []string{"older", "oldest"})
	s.same("europe", s.shown("europe"), []string{"older as younger"})
	got, err := s.Placements(s.ctx, s.storyOf("older"))
	s.must(err)
	s.same("places", got, []db.Placement{{Topic: "asia", As: s.storyOf("older"), Position: 2}, {Topic: "europe", As: younger, Position: 3}})
	rows, _ := s.carried(new(db.Looks), s.storyOf("older"), younger)
	s.same("carried", rows, []string{"older in [asia europe]"})
	_, err = s.Regroup(s.ctx, s.at, func(g *db.Grouping) error {
		placed, err := g.Place("europe", s.storyOf("older"))
		s.same("placed anew", placed, false)
		return err
	})
	s.must(err)
	s.arrive("europe", "next")
	s.print("europe")

	s.joined("oldest", "older")
	s.same("absorbed once more", s.shown("europe"), []string{"next", "oldest as younger"})
	s.same("the archive is set anew", s.print("europe"), []int{1})
	s.same("nothing is only kept there", s.logged("europe", 0, math.MaxUint64), []string{"next", "younger, now of oldest"})
	s.arrange(short("asia", 2), short("west", 2, "europe"), short("world", 2))
	s.reopen()
	s.same("under a new name", s.shown("west"), []string{"next", "oldest as younger"})

	_, err = s.Regroup(s.ctx, s.at, func(g *db.Grouping) error {
		told, err := g.Told(s.storyOf("oldest"))
		if err != nil {
			return err
		}
		told.Story.Members = told.Story.Members[:2]
		return errors.Join(g.Put(told.Story), g.Put(alone(told.Voices[2].Entry)))
	})
	s.must(err)
	s.same("parted again", s.shown("west"), []string{"next", "younger"})
	s.joined("oldest", "younger")
	_, err = s.Arrange(s.ctx, s.at, []db.Topic{short("west", 2)}, func(*db.Grouping, []copydesk.TopicID) error { return nil })
	s.must(err)
	_, err = s.Regroup(s.ctx, s.at, func(g *db.Grouping) error { return g.Withdraw("west", s.storyOf("oldest")) })
	s.must(err)
	s.same("withdrawn", s.shown("west"), []string{"next"})
}

func standsAsTheFirst(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 2), short("europe", 3))
	s.arrive("asia", "oldest")
	s.arrive("europe", "1", "2", "3", "4", "5")
	s.joined("oldest", "5", "2", "4") // 2 is in an archive, the others in the open
	s.same("europe", s.shown("europe"), []string{"3", "oldest as 2", "1"})
	s.joined("oldest", "1") // which was there before
	s.same("europe", s.shown("europe"), []string{"3", "oldest as 1"})
	s.same("the archive keeps its ids", s.archive("europe", 1), []string{"3", "2, now of oldest", "1, now of oldest"})
	_, _, err := s.Expire(s.ctx, s.at.Add(time.Hour), s.at, 100)
	s.must(err)
	s.same("expired", len(s.shown("europe")), 0)
}

// anyMerging has stories come into topics, become one, part and be withdrawn at
// random. No topic ever shows one twice, and when two become one no reader gets
// an id that is new to him, and who had one of them has it still.
func anyMerging(s *scene) {
	random := rand.New(rand.NewPCG(3, 1))
	s.adopt(setting("a", "http://a.example/rss"))
	topics := []copydesk.TopicID{"asia", "europe"}
	s.arrange(short("asia", 4), short("europe", 3))
	change := func(fn func(g *db.Grouping) error) {
		s.Helper()
		_, err := s.Regroup(s.ctx, s.at, fn)
		s.must(err)
	}
	said := 0
	for n := range 200 {
		s.at = s.at.Add(time.Minute)
		pick := func() copydesk.Told {
			told, err := s.StoryOf(s.ctx, copydesk.NewEntryID("a", fmt.Sprint(random.IntN(said))))
			s.must(err)
			return told
		}
		switch step := random.IntN(6); {
		case step < 2 || said < 2:
			s.settle("a", s.entry("a", fmt.Sprint(said), "", fmt.Sprint(said)))
			s.groupAlone(topics[:random.IntN(3)]...)
			said++
			if random.IntN(3) == 0 {
				change(func(g *db.Grouping) error {
					_, err := g.Place("europe", s.storyOf(fmt.Sprint(said-1)))
					return err
				})
			}
		case step < 4:
			one, two := pick(), pick()
			if one.Story.ID == two.Story.ID {
				continue
			}
			before := s.ids(topics)
			change(func(g *db.Grouping) error {
				one.Story.Members = append(slices.Clip(one.Story.Members), two.Story.Members...)
				return g.Put(one.Story)
			})
			after := s.ids(topics)
			for _, t := range topics {
				had := before[t][one.Story.ID] != "" || before[t][two.Story.ID] != ""
				id := after[t][one.Story.ID]
				if had != (id != "") || had && id != before[t][one.Story.ID] && id != before[t][two.Story.ID] {
					s.Fatalf("step %d: %s showed %q and %q, and shows %q", n, t, before[t][one.Story.ID], before[t][two.Story.ID], id)
				}
			}
		case step == 4:
			told := pick()
			if at := random.IntN(len(told.Voices)); at > 0 {
				change(func(g *db.Grouping) error {
					told.Story.Members = slices.Delete(slices.Clone(told.Story.Members), at, at+1)
					return errors.Join(g.Put(told.Story), g.Put(alone(told.Voices[at].Entry)))
				})
			}
		default:
			told := pick()
			change(func(g *db.Grouping) error { return g.Withdraw(topics[n%2], told.Story.ID) })
		}
		s.ids(topics)
		if n%8 != 0 {
			continue
		}
		for _, t := range topics {
			s.print(t)
		}
		if err := s.Check(s.ctx); err != nil {
			s.Fatalf("step %d: %v", n, err)
		}
	}
}

// ids is under which id each topic shows each story that it has.
func (s *scene) ids(topics []copydesk.TopicID) map[copydesk.TopicID]map[copydesk.StoryID]string {
	s.Helper()
	all := map[copydesk.TopicID]map[copydesk.StoryID]string{}
	for _, t := range topics {
		all[t] = map[copydesk.StoryID]string{}
		stories, err := s.Newest(s.ctx, t, math.MaxInt)
		s.must(err)
		for _, told := range stories {
			if all[t][told.Story.ID] != "" {
				s.Fatalf("%s shows %s twice", t, told.Story.ID)
			}
			all[t][told.Story.ID] = told.As.String()
		}
	}
	return all
}
