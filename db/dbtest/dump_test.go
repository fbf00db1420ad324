package dbtest

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/db"

	"github.com/google/go-cmp/cmp"
)

func emptyScene(t *testing.T, at time.Time) *scene {
	t.Helper()
	store, err := db.Open(filepath.Join(t.TempDir(), "copydesk.db"), db.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return &scene{T: t, Store: Store{DB: store}, ctx: t.Context(), at: at}
}

// filled is a store with two sources, two entries, one of them revised, in one
// topic.
func filled(t *testing.T, at time.Time) *scene {
	s := emptyScene(t, at)
	s.adopt(setting("a", "http://a.example/rss"), setting("b", "http://b.example/rss"))
	s.arrange(defined("asia", "1"), defined("world", "1"))
	one := s.entry("a", "1", "https://a.example/one", "One")
	s.settle("a", one)
	s.groupAlone("asia")
	s.at = s.at.Add(time.Hour)
	s.settle("b", s.entry("b", "1", "", "Other"))
	s.settle("a", s.revised(one, "One, revised"))
	s.groupAlone("asia")
	return s
}

func (s *scene) dump() string {
	s.Helper()
	text, err := Dump(s.ctx, s.DB)
	s.must(err)
	return text
}

func TestStoresThatWereFilledAlikeHaveTheSameDump(t *testing.T) {
	now, later := filled(t, start).dump(), filled(t, start.Add(1000*time.Hour)).dump()
	if diff := cmp.Diff(now, later); diff != "" {
		t.Errorf("filled alike at another time, yet (-now +later):\n%s", diff)
	}
	for _, held := range []string{`source "b"`, `guid "1"`, `revision 2 "title"`, "story urn:uuid:", "topic asia", "  2 urn:uuid:"} {
		if !strings.Contains(now, held) {
			t.Errorf("the dump does not hold %q:\n%s", held, now)
		}
	}
}

func TestADumpShowsWhatDiffers(t *testing.T) {
	plain := filled(t, start).dump()
	for name, c := range map[string]struct {
		line   string // how the lines begin that must differ
		change func(*scene)
	}{
		"a validator": {"source", func(s *scene) {
			src := s.named("b")
			src.ETag = `"1"`
			s.must(s.Settle(s.ctx, db.Settlement{Source: src}))
		}},
		"an entry": {"entry", func(s *scene) {
			s.settle("b", s.entry("b", "2", "", "Third"))
		}},
		"a revision": {"  revision", func(s *scene) {
			s.settle("b", s.revised(s.entry("b", "1", "", "Other"), "Other, revised"))
		}},
		"a lead": {"story", func(s *scene) {
			s.regroup("a", func(story *copydesk.Story) { story.LeadWhy = "asked for" })
		}},
		"a member": {"  member", func(s *scene) {
			s.regroup("a", func(story *copydesk.Story) {
				story.Members = append(story.Members, copydesk.Member{Entry: copydesk.NewEntryID("b", "1"), Source: "b"})
			})
		}},
		"evidence": {"    step", func(s *scene) {
			s.regroup("a", func(story *copydesk.Story) {
				story.Members[0].Evidence = []copydesk.Evidence{{Step: copydesk.StepSameAddress, Score: 1}}
			})
		}},
		"what is held back": {"  held back", func(s *scene) {
			s.settle("b", s.revised(s.entry("b", "1", "", "Other"), "again"))
			s.hold("world")
		}},
		"a place": {"  2 urn:uuid:", func(s *scene) {
			_, err := s.Arrange(s.ctx, s.at, []db.Topic{defined("asia", "2")}, func(g *db.Grouping, _ []copydesk.TopicID) error {
				all, err := g.Placed("asia")
				s.must(err)
				return g.Withdraw("asia", all[len(all)-1])
			})
			s.must(err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := filled(t, start)
			c.change(s)
			if got := s.dump(); lines(got, c.line) == lines(plain, c.line) {
				t.Errorf("the lines %q do not tell that %s differs:\n%s", c.line, name, got)
			}
		})
	}
}

func TestADumpTellsTextsUnderOneTitleApart(t *testing.T) {
	var dumps [2]string
	for i, content := range []string{"<p>These words.</p>", "<p>Other words.</p>"} {
		s := emptyScene(t, start)
		s.adopt(setting("a", "http://a.example/rss"))
		one := s.entry("a", "1", "", "One")
		one.Entry.Content = content
		s.settle("a", one)
		dumps[i] = s.dump()
	}
	if dumps[0] == dumps[1] {
		t.Errorf("one dump for both:\n%s", dumps[0])
	}
}

// regroup settles a revision of the source's entry 1 and changes its story.
func (s *scene) regroup(source string, change func(*copydesk.Story)) {
	s.Helper()
	e, err := s.Entry(s.ctx, copydesk.NewEntryID(copydesk.SourceID(source), "1"))
	s.must(err)
	s.settle(source, s.revised(copydesk.Change{Entry: e}, "again"))
	_, _, err = s.Group(s.ctx, 1, s.at, func(g *db.Grouping, v copydesk.Voice) error {
		id, _ := g.StoryOf(v.Entry.ID)
		told, err := g.Told(id)
		if err != nil {
			return err
		}
		change(&told.Story)
		return g.Put(told.Story)
	})
	s.must(err)
}

func lines(text, prefix string) string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}
