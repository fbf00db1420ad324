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

// short is a topic whose edition and archives have n items.
func short(id string, n int, was ...copydesk.TopicID) db.Topic {
	t := defined(id, "1", was...)
	t.Limit = n
	return t
}

// arrive places stories of those titles in topic, one after the other.
func (s *scene) arrive(topic copydesk.TopicID, titles ...string) {
	s.Helper()
	for _, title := range titles {
		s.settle("a", s.entry("a", title, "", title))
		s.groupAlone(topic)
	}
}

// logged is a row of a log in words: "title", "title again", or "title, now of
// other".
func (s *scene) logged(topic copydesk.TopicID, first, last uint64) (rows []string) {
	s.Helper()
	err := s.DB.Log(s.ctx, topic, first, last, new(db.Looks), func(row db.Row, tell func() (copydesk.Told, error)) (bool, error) {
		told, err := tell()
		if err != nil {
			return false, err
		}
		title := told.Voices[0].Entry.Title
		for _, v := range told.Voices {
			if was := v.Entry.Title; row.Placed != row.Story && copydesk.NewStoryID(v.Entry.ID) == row.Placed {
				title = was + ", now of " + title
			}
		}
		if row.Own != row.Position {
			title += " again"
		}
		rows = append(rows, title)
		return true, nil
	})
	s.must(err)
	return rows
}

// archive is what stands in a closed archive, the newest position first.
func (s *scene) archive(topic copydesk.TopicID, number int) (rows []string) {
	s.Helper()
	a, _, err := s.Galleys(s.ctx, topic, number)
	s.must(err)
	return slices.DeleteFunc(s.logged(topic, a.From, a.To), func(row string) bool {
		return len(row) > 6 && row[len(row)-6:] == " again"
	})
}

// print sets all archives that are to be set, and returns their numbers. Of what
// is in them one publisher carries each story.
func (s *scene) print(topic copydesk.TopicID) (numbers []int) {
	s.Helper()
	stale, err := s.Stale(s.ctx, topic, math.MaxInt)
	s.must(err)
	for _, a := range stale {
		publishers := 0
		s.must(s.DB.Log(s.ctx, topic, a.From, a.To, new(db.Looks), func(row db.Row, _ func() (copydesk.Told, error)) (bool, error) {
			if row.Own == row.Position && !row.Kept {
				publishers = 1
			}
			return true, nil
		}))
		s.must(s.PutGalleys(s.ctx, topic, a, fmt.Append(nil, "set ", a.Number), publishers))
		numbers = append(numbers, a.Number)
	}
	return numbers
}

func archives(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 2))
	s.arrive("asia", "1", "2", "3", "4", "5")
	s.same("the newest", s.kept("asia", 0), 2)
	s.same("the one before", s.kept("asia", 2), 1)
	s.same("none before", s.kept("asia", 1), 0)
	s.same("first", s.archive("asia", 1), []string{"2", "1"})
	s.same("second", s.archive("asia", 2), []string{"4", "3"})
	for number, want := range map[int]error{0: db.ErrNotFound, 3: db.ErrNotFound, 4: db.ErrNotFound} {
		if _, _, err := s.Galleys(s.ctx, "asia", number); !errors.Is(err, want) {
			s.Errorf("archive %d: %v", number, err)
		}
	}
	s.same("to be set", s.print("asia"), []int{2, 1})
	s.same("set", len(s.print("asia")), 0)
	s.reopen()
	a, galleys, err := s.Galleys(s.ctx, "asia", 2)
	s.must(err)
	s.same("galleys", string(galleys), "set 2")
	s.same("counted", []int{a.Count, a.Left}, []int{2, 2})
	for position, want := range map[uint64]int{0: 0, 1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, math.MaxUint64: 2} {
		got, err := s.ArchiveBelow(s.ctx, "asia", position, 1)
		s.must(err)
		s.same(fmt.Sprint("below ", position), got, want)
	}
	after, err := s.After(s.ctx, "asia", 1)
	s.must(err)
	s.same("after", after, 2)
}

func (s *scene) kept(topic copydesk.TopicID, number int) int {
	s.Helper()
	a, err := s.Kept(s.ctx, topic, number)
	s.must(err)
	return a.Number
}

func restated(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 2))
	one := s.entry("a", "1", "", "1")
	s.settle("a", one)
	s.groupAlone("asia")
	s.arrive("asia", "2", "3")
	s.print("asia")
	for range 2 { // the second time its second place moves
		s.at = s.at.Add(time.Hour)
		one = s.revised(one, one.Entry.Title+"!")
		s.settle("a", one)
		s.groupAlone("asia")
		s.same("to be set anew", s.print("asia"), []int{1})
	}
	s.same("log", s.logged("asia", 0, math.MaxUint64), []string{"1!! again", "3", "2", "1!!"})
	s.same("edition", s.titles("asia"), []string{"1!!", "3", "2"})
	s.same("archive", s.archive("asia", 1), []string{"2", "1!!"})
	s.same("counted", s.kept("asia", 0), 1) // a second place fills no archive
}

func absorbedInArchive(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 2))
	s.arrive("asia", "1", "2")
	three := s.entry("a", "3", "", "3")
	s.settle("a", three)
	s.groupAlone("asia")
	s.arrive("asia", "4", "5")
	s.print("asia")
	id := func(title string) copydesk.StoryID { return copydesk.NewStoryID(copydesk.NewEntryID("a", title)) }
	join := func(g *db.Grouping, into, from string) error {
		to, err1 := g.Told(id(into))
		gone, err2 := g.Told(id(from))
		to.Story.Members = append(to.Story.Members, gone.Story.Members...)
		return errors.Join(err1, err2, g.Put(to.Story))
	}
	_, err := s.Override(s.ctx, s.at, []copydesk.Override{{Join: []string{"x"}}}, func(g *db.Grouping, _ []copydesk.Override) error {
		return errors.Join(join(g, "3", "1"), join(g, "3", "5"))
	})
	s.must(err)
	s.same("first", s.archive("asia", 1), []string{"2", "1, now of 3"})
	s.same("log", s.logged("asia", 0, math.MaxUint64), []string{"4", "3", "2", "1, now of 3"})
	s.same("edition", s.titles("asia"), []string{"4", "3", "2"})
	s.same("to be set anew", s.print("asia"), []int{2, 1})
	s.at = s.at.Add(time.Hour)
	s.settle("a", s.revised(three, "3!"))
	_, _, err = s.Group(s.ctx, 10, s.at, func(g *db.Grouping, _ copydesk.Voice) error {
		told, err := g.Told(id("3"))
		told.Story.Updated = s.at
		return errors.Join(err, g.Put(told.Story))
	})
	s.must(err)
	s.same("the update is in both archives", s.print("asia"), []int{2, 1})
	_, err = s.Arrange(s.ctx, s.at, []db.Topic{{Topic: short("asia", 2).Topic, Fingerprint: key("2")}}, func(g *db.Grouping, _ []copydesk.TopicID) error {
		return g.Withdraw("asia", id("3"))
	})
	s.must(err)
	s.same("first", s.archive("asia", 1), []string{"2"})
	s.same("second", s.archive("asia", 2), []string{"4"})
}

func droppedArchive(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 2))
	s.arrive("asia", "1", "2", "3")
	s.at = s.at.Add(48 * time.Hour)
	s.arrive("asia", "4", "5")
	s.print("asia")
	_, _, err := s.Expire(s.ctx, start.Add(24*time.Hour), s.at, 100)
	s.must(err)
	if _, _, err := s.Galleys(s.ctx, "asia", 1); !errors.Is(err, db.ErrGone) {
		s.Errorf("archive 1: %v", err)
	}
	if _, err := s.DB.Story(s.ctx, copydesk.NewStoryID(copydesk.NewEntryID("a", "1"))); !errors.Is(err, db.ErrGone) {
		s.Errorf("story 1: %v", err)
	}
	s.same("second", s.archive("asia", 2), []string{"4"})
	s.same("none before", s.kept("asia", 2), 0)
	s.same("to be set anew", s.print("asia"), []int{2})
	s.reopen()
	if _, _, err := s.Galleys(s.ctx, "asia", 1); !errors.Is(err, db.ErrGone) {
		s.Errorf("archive 1: %v", err)
	}
}

// emptyBetween empties the second archive of three, and then the first.
func emptyBetween(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 2))
	s.arrive("asia", "1", "2", "3", "4", "5", "6", "7")
	s.print("asia")
	withdraw := func(titles ...string) {
		s.Helper()
		_, err := s.Regroup(s.ctx, s.at, func(g *db.Grouping) (err error) {
			for _, title := range titles {
				err = errors.Join(err, g.Withdraw("asia", s.storyOf(title)))
			}
			return err
		})
		s.must(err)
	}
	withdraw("3", "4")
	s.same("to be set anew", s.print("asia"), []int{3})
	s.same("before the third", s.kept("asia", 3), 1)
	after, err := s.After(s.ctx, "asia", 1)
	s.must(err)
	s.same("after the first", after, 3)
	withdraw("1", "2")
	s.same("to be set anew, since it linked to the first", s.print("asia"), []int{3})
	s.same("before the third", s.kept("asia", 3), 0)
	for _, number := range []int{1, 2} {
		if _, _, err := s.Galleys(s.ctx, "asia", number); !errors.Is(err, db.ErrGone) {
			s.Errorf("archive %d: %v", number, err)
		}
	}
}

// carriedArchive has a story in the first archive of three that two publishers
// carry.
func carriedArchive(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"), setting("b", "http://b.example/rss"))
	s.arrange(short("asia", 2))
	s.arrive("asia", "1", "2", "3", "4", "5", "6", "7")
	copied := s.entry("b", "1", "", "1, copied")
	s.settle("b", copied)
	s.groupAlone()
	below := func(publishers int) int {
		s.Helper()
		number, err := s.ArchiveBelow(s.ctx, "asia", math.MaxUint64, publishers)
		s.must(err)
		return number
	}
	s.same("while none is set, any can", below(9), 3)
	s.print("asia")
	s.same("of one publisher", below(1), 3)
	s.same("of two", below(2), 0)
	_, err := s.Regroup(s.ctx, s.at, func(g *db.Grouping) error {
		told, err := g.Told(s.storyOf("1"))
		told.Story.Members = append(told.Story.Members, alone(copied.Entry).Members...)
		return errors.Join(err, g.Put(told.Story))
	})
	s.must(err)
	s.same("it is to be set anew", below(9), 1)
	stale, err := s.Stale(s.ctx, "asia", 10)
	s.must(err)
	s.same("the first one alone", len(stale), 1)
	s.must(s.PutGalleys(s.ctx, "asia", stale[0], []byte("set"), 2))
	s.reopen()
	s.same("of two", below(2), 1)
	s.same("of three", below(3), 0)
	s.must(s.Check(s.ctx))
}

func archivesOfRenamed(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 2))
	s.arrive("asia", "1", "2", "3")
	s.print("asia")
	s.arrange(short("east", 2, "asia"))
	s.same("archive", s.archive("east", 1), []string{"2", "1"})
	s.same("set", len(s.print("east")), 0)
	s.arrive("east", "4")
	s.same("archive", s.archive("east", 2), []string{"4", "3"})
}

func shorterEdition(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 5))
	s.arrive("asia", "1", "2", "3")
	s.same("none", s.kept("asia", 0), 0)
	s.arrange(short("asia", 2))
	s.same("archive", s.archive("asia", 1), []string{"3", "2", "1"})
	s.arrive("asia", "4", "5")
	s.same("archive", s.archive("asia", 2), []string{"5", "4"})
}

func setAnew(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.must(s.SetAnew(s.ctx, "1"))
	s.arrange(short("asia", 2))
	s.arrive("asia", "1", "2", "3", "4")
	s.print("asia")
	s.must(s.SetAnew(s.ctx, "1"))
	s.same("the same way", len(s.print("asia")), 0)
	s.must(s.SetAnew(s.ctx, "2"))
	s.same("another way", s.print("asia"), []int{2, 1})
	otherwise := short("asia", 2)
	otherwise.Content = copydesk.ShowSummary
	s.arrange(otherwise)
	s.same("shown otherwise", s.print("asia"), []int{2, 1})
	named := setting("a", "http://a.example/rss")
	named.Publisher = "The Paper"
	s.adopt(named)
	s.same("credited otherwise", s.print("asia"), []int{2, 1})

	stale, err := s.Stale(s.ctx, "asia", 1)
	s.must(err)
	s.same("nothing to set", len(stale), 0)
	s.must(s.SetAnew(s.ctx, "3"))
	stale, err = s.Stale(s.ctx, "asia", 1)
	s.must(err)
	s.must(s.SetAnew(s.ctx, "4")) // meanwhile
	s.must(s.PutGalleys(s.ctx, "asia", stale[0], []byte("old"), 1))
	s.same("what changed meanwhile stays to be set", s.print("asia"), []int{2, 1})
}

// otherSight: what was set may show what its readers must not see.
func otherSight(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	t := short("asia", 2)
	s.arrange(t)
	s.arrive("asia", "1", "2", "3")
	s.print("asia")
	last, err := s.LastAltered(s.ctx)
	s.must(err)
	t.Sight = key("otherwise")
	s.arrange(t)
	_, set, err := s.Galleys(s.ctx, "asia", 1)
	s.must(err)
	s.same("what was set is forgotten", len(set), 0)
	ids, _, _, err := s.Altered(s.ctx, last, 10)
	s.must(err)
	s.same("stories to look at again", len(ids), 3)
	s.same("to be set", s.print("asia"), []int{1})
	s.arrange(t)
	s.same("nothing changed", len(s.print("asia")), 0)
}

// updatedForSome has a story in an archive whose update only some can see.
func updatedForSome(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	papers := short("papers", 2)
	papers.Private = true
	s.arrange(short("asia", 2), papers)
	first := s.entry("a", "1", "", "1").Entry.ID
	alter := func(fn func(*db.Grouping) error) {
		s.Helper()
		_, err := s.Regroup(s.ctx, s.at, fn)
		s.must(err)
	}
	s.arrive("asia", "1")
	alter(func(g *db.Grouping) error {
		id, _ := g.StoryOf(first)
		_, err := g.Place("papers", id)
		return err
	})
	s.arrive("asia", "2", "3")
	s.arrive("papers", "4", "5")
	update := func(change func(*copydesk.Story)) {
		alter(func(g *db.Grouping) error {
			id, _ := g.StoryOf(first)
			told, err := g.Told(id)
			if err != nil {
				return err
			}
			change(&told.Story)
			return g.Put(told.Story)
		})
	}
	again := func(topic copydesk.TopicID) bool {
		return slices.Contains(s.logged(topic, 0, math.MaxUint64), "1 again")
	}
	update(func(story *copydesk.Story) {
		public := story.Byline()
		story.Public = &public
	})
	update(func(story *copydesk.Story) { story.Updated = s.at.Add(time.Hour) })
	s.same("for the public nothing changed", again("asia"), false)
	s.same("for the others it did", again("papers"), true)
	update(func(story *copydesk.Story) {
		public := *story.Public
		public.Updated = s.at.Add(2 * time.Hour)
		story.Public = &public
	})
	s.same("for the public too", again("asia"), true)
}

// anyHistory does at random what can be done to a log. An archive that has
// closed keeps its order, and loses only what was taken out of the topic.
func anyHistory(s *scene) {
	random := rand.New(rand.NewPCG(7, 7))
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(short("asia", 4))
	closed := map[int][]string{}
	out := map[string]bool{} // taken out, by placed id
	for n := range 150 {
		s.at = s.at.Add(time.Hour)
		title := fmt.Sprint(n)
		pick := func() copydesk.StoryID {
			return copydesk.NewStoryID(copydesk.NewEntryID("a", fmt.Sprint(random.IntN(n+1))))
		}
		switch random.IntN(4) {
		case 0, 1:
			s.arrive("asia", title)
		case 2:
			s.change(pick(), pick(), random.IntN(3), out)
		case 3:
			if n%5 == 0 {
				s.expireSome(s.at.Add(-60*time.Hour), out)
			}
		}
		s.print("asia")
		for number := 1; number <= s.kept("asia", 0); number++ {
			now, dropped := s.placed("asia", number)
			want := slices.DeleteFunc(slices.Clone(closed[number]), func(id string) bool { return out[id] })
			if closed[number] != nil && !slices.Equal(now, want) {
				s.Fatalf("step %d: archive %d was %v, is %v, out %v", n, number, want, now, out)
			}
			if dropped && len(want) > 0 {
				s.Fatalf("step %d: archive %d is dropped, and had %v", n, number, want)
			}
			closed[number] = now
		}
	}
	if len(closed) < 10 {
		s.Errorf("only %d archives", len(closed))
	}
}

// placed is the ids in an archive, and whether it was dropped.
func (s *scene) placed(topic copydesk.TopicID, number int) (ids []string, dropped bool) {
	s.Helper()
	a, _, err := s.Galleys(s.ctx, topic, number)
	if errors.Is(err, db.ErrGone) {
		return []string{}, true
	}
	s.must(err)
	ids = []string{}
	s.must(s.DB.Log(s.ctx, topic, a.From, a.To, new(db.Looks), func(row db.Row, _ func() (copydesk.Told, error)) (bool, error) {
		if row.Own == row.Position {
			ids = append(ids, row.Placed.String())
		}
		return true, nil
	}))
	return ids, false
}

// change updates one story, joins two, or takes one out of its topic.
func (s *scene) change(one, two copydesk.StoryID, what int, out map[string]bool) {
	s.Helper()
	_, err := s.Override(s.ctx, s.at, []copydesk.Override{{Lead: s.at.String()}}, func(g *db.Grouping, _ []copydesk.Override) error {
		told, err := g.Told(one)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		switch {
		case err != nil:
			return err
		case what == 0:
			told.Story.Updated = s.at
			return g.Put(told.Story)
		case what == 1:
			for _, m := range told.Story.Members {
				out[copydesk.NewStoryID(m.Entry).String()] = true
			}
			return g.Withdraw("asia", one)
		}
		other, err := g.Told(two)
		if err != nil || one == two {
			return nil
		}
		told.Story.Members = append(told.Story.Members, other.Story.Members...)
		return g.Put(told.Story)
	})
	s.must(err)
}

func (s *scene) expireSome(cutoff time.Time, out map[string]bool) {
	s.Helper()
	before := map[copydesk.StoryID][]copydesk.Member{}
	for story, err := range s.Stories(s.ctx) {
		s.must(err)
		before[story.ID] = story.Members
	}
	_, _, err := s.Expire(s.ctx, cutoff, s.at, 100)
	s.must(err)
	for id, members := range before {
		if _, err := s.DB.Story(s.ctx, id); errors.Is(err, db.ErrGone) {
			for _, m := range members {
				out[copydesk.NewStoryID(m.Entry).String()] = true
			}
		}
	}
}
