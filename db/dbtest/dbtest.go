// Package dbtest is the contract of a store, as tests. A store that passes
// [Run] can hold Copydesk's entries; what is not asked here, no stage relies on.
//
// After every test the store checks itself: no index may disagree with the
// data.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"copydesk"
	"copydesk/db"

	"github.com/google/go-cmp/cmp"
)

// Store is a store under test: an open database, and a way to open the same one
// anew.
type Store struct {
	*db.DB
	Reopen func() *db.DB // closes what is open
}

// Run runs the contract against the stores that open makes, an empty one for
// each test.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) {
			s := &scene{T: t, Store: open(t), ctx: t.Context(), at: start}
			c.test(s)
			if err := s.Check(context.Background()); err != nil {
				t.Errorf("the store is not sound: %v", err)
			}
		})
	}
}

var contract = []struct {
	name string
	test func(*scene)
}{
	{"a listed source is due at once and keeps its schedule when it is listed again", aListedSource},
	{"a source that is gone stays gone when it is listed again", aGoneSource},
	{"a source that moved keeps its id and loses its validators", aMovedSource},
	{"a source that ailed begins anew at another address", aMovedSourceThatAiled},
	{"a source that was renamed keeps its id", aRenamedSource},
	{"a source that is no longer listed is kept", anUnlistedSource},
	{"a new source at a former name shares nothing with the one that moved on", aFormerName},
	{"what a poll learned is there after a restart", settledStays},
	{"a settlement for a source that has moved on changes nothing", staleSettlement},
	{"a settlement that cannot be written whole is not written at all", brokenSettlement},
	{"settlements that are made at once are all kept", manySettlements},
	{"a poll that brought nothing writes nothing but the source", nothingNew},
	{"what was learned of a source stays until more is learned", learned},
	{"what was learned is refused with its settlement", unlearned},
	{"what was asked of a source adds up to a page a day", ledgerAddsUp},
	{"a line of the ledger is refused with its settlement", ledgerIsFenced},
	{"pages of the ledger are kept for a while", ledgerExpires},
	{"an episode changes with settlements and outlasts them", episodesLast},
	{"episodes that are over are kept for a while", episodesExpire},
	{"a revision keeps the text before it", revisions},
	{"an archive closes when it is full and keeps what it has", archives},
	{"an updated story of an archive stands in the log again", restated},
	{"an archive keeps a story that was absorbed", absorbedInArchive},
	{"an archive that retention has emptied is gone", droppedArchive},
	{"archives link across those that are empty", emptyBetween},
	{"an archive is found by how many publishers carry a story of it", carriedArchive},
	{"a renamed topic keeps its archives", archivesOfRenamed},
	{"an archive is never longer than the edition", shorterEdition},
	{"archives are set anew where stories are shown otherwise", setAnew},
	{"what was set of archives is forgotten when its topic sees otherwise", otherSight},
	{"a story stands again for those who see what changed", updatedForSome},
	{"whatever happens, closed archives keep their order and their ids", anyHistory},
	{"memory knows the keys that were settled and no others", memory},
	{"a shared key names no entry but remembers who had it", sharedKey},
	{"an entry is found by its address as that now is", addresses},
	{"the inbox is taken in the order of settling, each row once", inboxOrder},
	{"a grouping that fails leaves the inbox as it was", failedGrouping},
	{"a story keeps its place in a topic", places},
	{"the newest stories of a topic come first, and only its own", newest},
	{"stories are told as they stand, with the topics that carry them", carriedStories},
	{"an absorbed story leads to its survivor and leaves its topics", absorbed},
	{"a story that was absorbed and is one of its own again leads to itself", partedAgain},
	{"where only the absorbed story was, the survivor stands under its id", standsAsAbsorbed},
	{"of two absorbed stories the one that was there first gives its id", standsAsTheFirst},
	{"whatever becomes one and parts, a topic shows a story once, and never anew", anyMerging},
	{"overrides are put in force when they change, or were not yet", overridden},
	{"a topic that was renamed keeps its feed id and its places", renamedTopic},
	{"only topics whose definition changed are arranged anew", arrangedAnew},
	{"a topic that is no longer listed is kept", unlistedTopic},
	{"a story is held back in a topic until it has a place there", heldBack},
	{"what a topic held back goes with the story, and with a new definition", heldNoMore},
	{"entered stories are counted by topic, day and publisher until the day is over", enteredCounts},
	{"an edition's time moves only with its bytes, and always forward", stamps},
	{"entries are found by when they were first seen, in their order, on a view that cannot be written to", since},
	{"a subscription is edited whole and stays until it is not kept", subscriptionKept},
	{"a subscriber is known by edition and callback together", subscribersKept},
	{"recent entries come back in the order in which they arrived, with their stories", recent},
	{"the change log is trimmed from its beginning", trimmed},
	{"an expired entry is remembered by its keys", expired},
	{"whoever indexes stories learns which were altered", altered},
	{"who has fallen behind too far begins anew", alteredTooLong},
	{"the stories of a topic that is renamed, unlisted or listed again are altered", alteredTopics},
	{"stories are read piece by piece", storiesAfter},
	{"a story with a young member does not expire", youngMember},
}

// start is when the scenes begin.
var start = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

// scene is a test at work on a store: the words in which tests are written.
type scene struct {
	*testing.T
	Store
	ctx context.Context
	at  time.Time
}

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *scene) same(what string, got, want any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (s *scene) reopen() { s.DB = s.Reopen() }

func setting(id, url string, was ...string) copydesk.Settings {
	return copydesk.Settings{ID: id, URL: url, Was: was, Role: copydesk.RolePublisher}
}

func (s *scene) adopt(listed ...copydesk.Settings) {
	s.Helper()
	s.must(s.Adopt(s.ctx, listed, s.at))
}

func (s *scene) named(name string) copydesk.Source {
	s.Helper()
	src, err := s.SourceNamed(s.ctx, name)
	s.must(err)
	return src
}

// entry is an entry of source as first seen now.
func (s *scene) entry(source, guid, canonical, title string) copydesk.Change {
	id := copydesk.SourceID(source)
	e := copydesk.Entry{
		ID: copydesk.NewEntryID(id, guid), Source: id, GUID: guid, Canonical: canonical,
		Digest: copydesk.DigestOf([]byte(title)), Revision: 1, FirstSeen: s.at, RevisedAt: s.at,
		Text: copydesk.Text{Title: title, Link: canonical, Content: "<p>" + title + "</p>"},
	}
	return copydesk.Change{Kind: copydesk.Added, Reason: "new guid", Entry: e, Keys: []copydesk.Key{key(guid)}}
}

func key(text string) copydesk.Key { return copydesk.DigestOf([]byte(text)) }

// revised is the change after c that gives its entry another title.
func (s *scene) revised(c copydesk.Change, title string) copydesk.Change {
	c.Kind, c.Reason, c.Keys = copydesk.Revised, "title", nil
	c.Entry.Title, c.Entry.Digest = title, copydesk.DigestOf([]byte(title))
	c.Entry.Revision, c.Entry.RevisedAt = c.Entry.Revision+1, s.at
	return c
}

func (s *scene) settle(source string, changes ...copydesk.Change) {
	s.Helper()
	src, err := s.Source(s.ctx, copydesk.SourceID(source))
	s.must(err)
	s.must(s.Settle(s.ctx, db.Settlement{Source: src, Changes: changes}))
}

// groupAlone makes a story of each entry that waits, in topic if one is given.
func (s *scene) groupAlone(topics ...copydesk.TopicID) {
	s.Helper()
	_, _, err := s.Group(s.ctx, 100, s.at, func(g *db.Grouping, v copydesk.Voice) error {
		story := alone(v.Entry)
		if id, found := g.StoryOf(v.Entry.ID); found {
			story.ID = id
		}
		if err := g.Put(story); err != nil {
			return err
		}
		for _, topic := range topics {
			if _, err := g.Place(topic, story.ID); err != nil {
				return err
			}
		}
		return nil
	})
	s.must(err)
}

func alone(e copydesk.Entry) copydesk.Story {
	return copydesk.Story{
		ID: copydesk.NewStoryID(e.ID), Lead: e.ID, Updated: e.RevisedAt,
		Members: []copydesk.Member{{Entry: e.ID, Source: e.Source, Joined: e.RevisedAt}},
	}
}

func (s *scene) arrange(topics ...db.Topic) (changed []copydesk.TopicID) {
	s.Helper()
	_, err := s.Arrange(s.ctx, s.at, topics, func(_ *db.Grouping, c []copydesk.TopicID) error {
		changed = c
		return nil
	})
	s.must(err)
	return changed
}

func defined(id, definition string, was ...copydesk.TopicID) db.Topic {
	return db.Topic{
		Topic:       copydesk.Topic{ID: copydesk.TopicID(id), Title: id, Was: was, Limit: 100},
		Fingerprint: copydesk.DigestOf([]byte(definition)),
	}
}

func (s *scene) titles(topic copydesk.TopicID) (titles []string) {
	s.Helper()
	all, err := s.Newest(s.ctx, topic, 100)
	s.must(err)
	for _, told := range all {
		titles = append(titles, told.Voices[0].Entry.Title)
	}
	return titles
}

func aListedSource(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.same("due", s.named("a").NextPoll, s.at)
	src := s.named("http://a.example/rss")
	src.NextPoll, src.ETag = s.at.Add(time.Hour), `"1"`
	s.must(s.Settle(s.ctx, db.Settlement{Source: src}))
	s.at = s.at.Add(time.Minute)
	s.adopt(setting("a", "http://a.example/rss"))
	s.reopen()
	s.same("next poll", s.named("a").NextPoll, start.Add(time.Hour))
	s.same("validator", s.named("a").ETag, `"1"`)
}

func aGoneSource(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	src := s.named("a")
	src.NextPoll = time.Time{}
	s.must(s.Settle(s.ctx, db.Settlement{Source: src}))
	s.at = s.at.Add(time.Hour)
	s.adopt(setting("a", "http://a.example/rss"))
	s.same("next poll", s.named("a").NextPoll, time.Time{})
	s.adopt(setting("a", "http://a.example/atom"))
	s.same("next poll at a new address", s.named("a").NextPoll, s.at)
}

func aMovedSourceThatAiled(s *scene) {
	later := s.at.Add(20 * time.Hour)
	for name, trouble := range map[string]copydesk.Schedule{
		"failed":    {Failures: 9, Failing: s.at, Outcome: copydesk.Outcome{Verdict: copydesk.Failed, Status: 404}},
		"throttled": {Refusals: 2, Outcome: copydesk.Outcome{Verdict: copydesk.Throttled, Status: 403}},
		"told when": {Refusals: 1, Outcome: copydesk.Outcome{Verdict: copydesk.Throttled, Status: 503, NotBefore: later, Wish: "Retry-After"}},
		"gone":      {Outcome: copydesk.Outcome{Verdict: copydesk.Gone, Status: 410}},
	} {
		s.adopt(setting("a", "http://a.example/rss"))
		src := s.named("a")
		src.Schedule = trouble
		src.LastPoll = s.at
		if trouble.Outcome.Verdict != copydesk.Gone {
			src.NextPoll = later
		}
		s.must(s.Settle(s.ctx, db.Settlement{Source: src}))
		s.adopt(setting("a", "http://b.example/rss"))
		src = s.named("a")
		s.same(name+": next poll at another host", src.NextPoll, s.at)
		s.same(name+": in a row", src.Failures+src.Refusals, 0)
		s.same(name+": failing", src.Failing, time.Time{})
		s.same(name+": outcome", src.Outcome, copydesk.Outcome{})

		src.Schedule = trouble
		src.NextPoll = later
		s.must(s.Settle(s.ctx, db.Settlement{Source: src}))
		s.adopt(setting("a", "http://b.example/atom"))
		want := s.at
		if name == "told when" {
			want = later
		}
		s.same(name+": next poll at the same host", s.named("a").NextPoll, want)
	}
}

func aMovedSource(s *scene) {
	s.adopt(setting("", "http://a.example/rss"))
	src := s.named("http://a.example/rss")
	src.NextPoll, src.ETag, src.BodyHash = s.at.Add(time.Hour), `"1"`, key("body")
	s.must(s.Settle(s.ctx, db.Settlement{Source: src, Changes: []copydesk.Change{s.entry("http://a.example/rss", "1", "", "One")}}))
	s.adopt(setting("", "https://new.example/rss", "http://a.example/rss"))
	moved := s.named("https://new.example/rss")
	s.same("id", moved.ID, copydesk.SourceID("http://a.example/rss"))
	s.same("validators", moved.Validators, copydesk.Validators{})
	s.same("next poll", moved.NextPoll, s.at.Add(time.Hour))
	s.same("found by its old address", s.named("http://a.example/rss").ID, moved.ID)

	// An address to which it was led before has given validators of its own.
	moved.Elsewhere.URL, moved.Elsewhere.ETag, moved.Move.To = "https://newer.example/rss", `"2"`, "https://newer.example/rss"
	s.must(s.Settle(s.ctx, db.Settlement{Source: moved}))
	s.adopt(setting("", "https://newer.example/rss", "https://new.example/rss"))
	moved = s.named("https://newer.example/rss")
	s.same("validator of where it was led", moved.ETag, `"2"`)
	s.same("no move is left", moved.Move, copydesk.Move{})
}

func aRenamedSource(s *scene) {
	s.adopt(setting("", "http://a.example/rss"))
	s.adopt(setting("a", "http://a.example/rss"))
	s.adopt(setting("b", "http://a.example/rss", "a"))
	all, err := s.Sources(s.ctx)
	s.must(err)
	s.same("sources", len(all), 1)
	s.same("id", all[0].ID, copydesk.SourceID("http://a.example/rss"))
	s.same("handle", all[0].Handle(), "b")
}

func anUnlistedSource(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.settle("a", s.entry("a", "1", "", "One"))
	s.adopt()
	s.same("listed", s.named("a").Listed, false)
	_, err := s.Entry(s.ctx, copydesk.NewEntryID("a", "1"))
	s.must(err)
	s.adopt(setting("a", "http://a.example/rss"))
	s.same("listed again", s.named("a").Listed, true)
}

func aFormerName(s *scene) {
	s.adopt(setting("", "http://a.example/rss"))
	s.adopt(setting("", "http://b.example/rss", "http://a.example/rss"))
	s.adopt(setting("", "http://a.example/rss"), setting("", "http://b.example/rss"))
	s.same("the one that moved on", s.named("http://b.example/rss").ID, copydesk.SourceID("http://a.example/rss"))
	if newcomer := s.named("http://a.example/rss"); newcomer.ID == "http://a.example/rss" {
		s.Errorf("the newcomer has the id %q and so the entries of the one before it", newcomer.ID)
	}
}

func settledStays(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	change := s.entry("a", "1", "https://a.example/one", "One")
	change.Entry.LackedAt, change.Entry.ShownAt = s.at.Add(-time.Hour), s.at
	change.Entry.Raw = copydesk.DigestOf([]byte("<item>One</item>"))
	change.Entry.Authors = []copydesk.Person{{Name: "Ada"}}
	change.Entry.Categories = []copydesk.Category{{Term: "t", Scheme: "s", Label: "l"}}
	change.Entry.Enclosures = []copydesk.Enclosure{{URL: "https://a.example/1.mp3", Type: "audio/mpeg", Length: 7}}
	change.Entry.Image, change.Entry.Language, change.Entry.Rights = "https://a.example/1.png", "en", "all"
	change.Entry.Published, change.Entry.Updated = s.at.Add(-time.Minute), s.at
	change.Entry.Origin = copydesk.Origin{ID: "i", Title: "t", URL: "https://o.example/"}
	change.Entry.Credits = []copydesk.Credit{{Title: "t", URL: "https://o.example/1", Publisher: "O", PublisherURL: "https://o.example/"}, {URL: "https://v.example/1", In: copydesk.InElement}}
	change.Entry.Rewritten = true
	src := s.named("a")
	src.ETag, src.NextPoll = `"x"`, s.at.Add(time.Hour)
	s.must(s.Settle(s.ctx, db.Settlement{Source: src, Changes: []copydesk.Change{change}}))
	s.reopen()
	got, err := s.Entry(s.ctx, change.Entry.ID)
	s.must(err)
	s.same("entry", got, change.Entry)
	s.same("validator", s.named("a").ETag, `"x"`)
	waiting, err := s.Waiting(s.ctx)
	s.must(err)
	s.same("waiting", waiting, 1)
}

func staleSettlement(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	before := s.named("a")
	s.settleSchedule("a", time.Hour)
	err := s.Settle(s.ctx, db.Settlement{Source: before, Changes: []copydesk.Change{s.entry("a", "1", "", "One")}})
	if !errors.Is(err, db.ErrStale) {
		s.Errorf("got %v, want ErrStale", err)
	}
	if _, err := s.Entry(s.ctx, copydesk.NewEntryID("a", "1")); !errors.Is(err, db.ErrNotFound) {
		s.Errorf("the entry was written all the same (%v)", err)
	}
	s.same("next poll", s.named("a").NextPoll, s.at.Add(time.Hour))
}

func (s *scene) settleSchedule(source string, in time.Duration) {
	s.Helper()
	src := s.named(source)
	src.NextPoll = s.at.Add(in)
	s.must(s.Settle(s.ctx, db.Settlement{Source: src}))
}

func brokenSettlement(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	good, broken := s.entry("a", "1", "", "One"), s.revised(s.entry("a", "2", "", "Two"), "Two, revised")
	src := s.named("a")
	src.ETag = `"x"`
	if err := s.Settle(s.ctx, db.Settlement{Source: src, Changes: []copydesk.Change{good, broken}}); err == nil {
		s.Error("a revision of an entry that is not there was settled")
	}
	entries, _, err := s.Count(s.ctx)
	s.must(err)
	s.same("entries", entries, 0)
	s.same("validator", s.named("a").ETag, "")
}

func manySettlements(s *scene) {
	const sources = 40
	var listed []copydesk.Settings
	for i := range sources {
		listed = append(listed, setting(fmt.Sprintf("s%d", i), fmt.Sprintf("http://%d.example/", i)))
	}
	s.adopt(listed...)
	done := make(chan error)
	for i := range sources {
		id := fmt.Sprintf("s%d", i)
		src, change := s.named(id), s.entry(id, "1", "", id)
		if i%10 == 0 {
			src.Version++ // will be refused, and must spoil nothing for the others
		}
		go func() { done <- s.Settle(s.ctx, db.Settlement{Source: src, Changes: []copydesk.Change{change}}) }()
	}
	refused := 0
	for range sources {
		if err := <-done; errors.Is(err, db.ErrStale) {
			refused++
		} else if err != nil {
			s.Error(err)
		}
	}
	entries, _, err := s.Count(s.ctx)
	s.must(err)
	s.same("refused", refused, sources/10)
	s.same("entries", entries, sources-sources/10)
}

func nothingNew(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.settle("a", s.entry("a", "1", "", "One"))
	s.groupAlone()
	version := s.named("a").Version
	s.settle("a")
	waiting, err := s.Waiting(s.ctx)
	s.must(err)
	s.same("waiting", waiting, 0)
	s.same("version", s.named("a").Version, version)
}

func learned(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"), setting("b", "http://b.example/rss"))
	h := copydesk.Habits{
		Known:  []copydesk.Habit{{Where: copydesk.AtTail, Mark: 7, Times: 3, Sample: "Share this"}},
		Recent: []copydesk.Edges{{Tail: []copydesk.Mark{7}}, {}, {Head: []copydesk.Mark{1, 2}, End: []copydesk.Mark{1<<32 - 1}}},
	}
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Habits: h, Changes: []copydesk.Change{s.entry("a", "1", "", "One")}}))
	s.settle("a") // a poll that taught nothing
	s.reopen()
	_, _, err := s.Group(s.ctx, 10, s.at, func(g *db.Grouping, v copydesk.Voice) error {
		got, err := g.Habits(v.Source.ID)
		s.same("habits, while grouping", got, h)
		return errors.Join(err, g.Put(alone(v.Entry)))
	})
	s.must(err)
	s.sameHabits("a", h)
	s.sameHabits("b", copydesk.Habits{})
	h.Recent = h.Recent[1:]
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Habits: h}))
	s.sameHabits("a", h)
}

func (s *scene) sameHabits(source copydesk.SourceID, want copydesk.Habits) {
	s.Helper()
	got, err := s.Habits(s.ctx, source)
	s.must(err)
	s.same("habits of "+string(source), got, want)
}

func unlearned(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	stale := s.named("a")
	s.settleSchedule("a", time.Hour)
	h := copydesk.Habits{Recent: []copydesk.Edges{{}}}
	if err := s.Settle(s.ctx, db.Settlement{Source: stale, Habits: h}); !errors.Is(err, db.ErrStale) {
		s.Errorf("got %v, want ErrStale", err)
	}
	s.sameHabits("a", copydesk.Habits{})
}

func revisions(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	first := s.entry("a", "1", "https://a.example/one", "One")
	s.settle("a", first)
	s.at = s.at.Add(time.Hour)
	second := s.revised(first, "One, corrected")
	s.settle("a", second)
	all, err := s.Revisions(s.ctx, first.Entry.ID)
	s.must(err)
	s.same("revisions", all, []copydesk.Revision{
		{Number: 1, SeenAt: start, Reason: "new guid", Text: first.Entry.Text},
		{Number: 2, SeenAt: s.at, Reason: "title", Text: second.Entry.Text},
	})
	got, err := s.Entry(s.ctx, first.Entry.ID)
	s.must(err)
	s.same("first seen", got.FirstSeen, start)
	s.same("revised", got.RevisedAt, s.at)
}

func memory(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"), setting("b", "http://b.example/rss"))
	s.settle("a", s.entry("a", "1", "", "One"))
	m, err := s.Memory(s.ctx, "a", []copydesk.Key{key("1"), key("2")})
	s.must(err)
	id := copydesk.NewEntryID("a", "1")
	s.same("holders", m.Holders, map[copydesk.Key]copydesk.Holder{key("1"): {Entry: id}})
	s.same("title", m.Entries[id].Title, "One")
	m, err = s.Memory(s.ctx, "b", []copydesk.Key{key("1")})
	s.must(err)
	s.same("holders of another source", len(m.Holders), 0)
}

func sharedKey(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.settle("a", s.entry("a", "1", "", "One"))
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Shared: []copydesk.Key{key("1"), key("never seen")}}))
	m, err := s.Memory(s.ctx, "a", []copydesk.Key{key("1"), key("never seen")})
	s.must(err)
	id := copydesk.NewEntryID("a", "1")
	s.same("holders", m.Holders, map[copydesk.Key]copydesk.Holder{
		key("1"): {Entry: id, Shared: true}, key("never seen"): {Shared: true},
	})
	s.same("the one who had it", m.Entries[id].Title, "One")
}

func addresses(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	first := s.entry("a", "1", "https://a.example/one", "One")
	s.settle("a", first)
	moved := s.revised(first, "One")
	moved.Entry.Canonical = "https://a.example/uno"
	s.settle("a", moved)
	for address, want := range map[string]int{"https://a.example/one": 0, "https://a.example/uno": 1, "": 0} {
		found, err := s.AtAddress(s.ctx, address)
		s.must(err)
		s.same(address, len(found), want)
	}
}

func inboxOrder(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.settle("a", s.entry("a", "1", "", "One"), s.entry("a", "2", "", "Two"), s.entry("a", "3", "", "Three"))
	var titles []string
	for {
		taken, _, err := s.Group(s.ctx, 2, s.at, func(g *db.Grouping, v copydesk.Voice) error {
			titles = append(titles, v.Entry.Title)
			s.same("source", v.Source.ID, copydesk.SourceID("a"))
			return g.Put(alone(v.Entry))
		})
		s.must(err)
		if taken == 0 {
			break
		}
	}
	s.same("order", titles, []string{"One", "Two", "Three"})
}

func failedGrouping(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.settle("a", s.entry("a", "1", "", "One"), s.entry("a", "2", "", "Two"))
	broken := errors.New("broken")
	_, _, err := s.Group(s.ctx, 10, s.at, func(g *db.Grouping, v copydesk.Voice) error {
		if v.Entry.Title == "Two" {
			return broken
		}
		return g.Put(alone(v.Entry))
	})
	if !errors.Is(err, broken) {
		s.Errorf("got %v", err)
	}
	waiting, err := s.Waiting(s.ctx)
	s.must(err)
	s.same("waiting", waiting, 2)
	_, stories, err := s.Count(s.ctx)
	s.must(err)
	s.same("stories", stories, 0)
}

func places(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(defined("asia", "1"))
	one := s.entry("a", "1", "", "One")
	s.settle("a", one, s.entry("a", "2", "", "Two"))
	s.groupAlone("asia")
	s.settle("a", s.revised(one, "One, revised"))
	s.groupAlone("asia")
	s.same("order", s.titles("asia"), []string{"Two", "One, revised"})
	id := copydesk.NewStoryID(one.Entry.ID)
	got, err := s.Placements(s.ctx, id)
	s.must(err)
	s.same("places", got, []db.Placement{{Topic: "asia", As: id, Position: 1}})
	touched, err := s.Regroup(s.ctx, s.at, func(g *db.Grouping) error {
		s.must(g.Raise("world", copydesk.NewStoryID(one.Entry.ID))) // it has no place there
		return g.Raise("asia", copydesk.NewStoryID(one.Entry.ID))
	})
	s.must(err)
	s.same("touched", touched, []copydesk.TopicID{"asia"})
	s.reopen()
	s.same("raised", s.titles("asia"), []string{"One, revised", "Two"})
	got, err = s.Placements(s.ctx, copydesk.NewStoryID(one.Entry.ID))
	s.must(err)
	s.same("places after", got, []db.Placement{{Topic: "asia", As: id, Position: 3}})
}

func newest(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(defined("as", "1"), defined("asia", "1"), defined("asia2", "1"))
	for i, topic := range []copydesk.TopicID{"as", "asia", "asia2", "asia", "as"} {
		s.settle("a", s.entry("a", fmt.Sprint(i), "", fmt.Sprint(i)))
		s.groupAlone(topic)
	}
	s.same("as", s.titles("as"), []string{"4", "0"})
	s.same("asia", s.titles("asia"), []string{"3", "1"})
	s.same("asia2", s.titles("asia2"), []string{"2"})
	s.same("none", len(s.titles("none")), 0)
	for limit, want := range map[int]int{1: 1, 2: 2, 3: 2} {
		n, err := s.CountPlaced(s.ctx, "asia", limit)
		s.must(err)
		s.same("counted", n, want)
	}
	limited, err := s.Newest(s.ctx, "asia", 1)
	s.must(err)
	s.same("limit", len(limited), 1)
}

func absorbed(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"), setting("b", "http://b.example/rss"))
	s.arrange(defined("asia", "1"))
	one, two := s.entry("a", "1", "", "One"), s.entry("b", "1", "", "One too")
	s.settle("a", one)
	s.settle("b", two)
	s.groupAlone("asia")
	s.settle("b", s.revised(two, "One as well"))
	older, younger := copydesk.NewStoryID(one.Entry.ID), copydesk.NewStoryID(two.Entry.ID)
	_, touched, err := s.Group(s.ctx, 10, s.at, func(g *db.Grouping, v copydesk.Voice) error {
		told, err := g.Told(older)
		if err != nil {
			return err
		}
		told.Story.Members = append(told.Story.Members, copydesk.Member{Entry: v.Entry.ID, Source: "b", Joined: s.at, Surplus: copydesk.Surplus{Boilerplate: 7, Crediting: 3}})
		return g.Put(told.Story)
	})
	s.must(err)
	s.same("touched", touched, []copydesk.TopicID{"asia"})
	s.same("edition", s.titles("asia"), []string{"One"})
	told, err := s.DB.Story(s.ctx, younger)
	s.must(err)
	s.same("survivor", told.Story.ID, older)
	s.same("members", len(told.Voices), 2)
	s.same("boilerplate", []int{told.Voices[0].Boilerplate, told.Voices[1].Boilerplate}, []int{0, 7})
	s.same("words that credit", []int{told.Voices[0].Crediting, told.Voices[1].Crediting}, []int{0, 3})
}

func partedAgain(s *scene) {
	absorbed(s)
	b := s.named("b").ID
	two := copydesk.NewEntryID(b, "1")
	younger := copydesk.NewStoryID(two)
	listed := []copydesk.Override{{Split: []string{"http://a.example/1", "http://b.example/1"}}}
	touched, err := s.Override(s.ctx, s.at, listed, func(g *db.Grouping, _ []copydesk.Override) error {
		older, _ := g.StoryOf(two)
		told, err := g.Told(older)
		if err != nil {
			return err
		}
		told.Story.Members = told.Story.Members[:1]
		if err := errors.Join(g.Put(told.Story), g.Put(alone(told.Voices[1].Entry))); err != nil {
			return err
		}
		_, err = g.Place("asia", younger)
		return err
	})
	s.must(err)
	s.same("touched", touched, []copydesk.TopicID{"asia"})
	s.same("edition", s.titles("asia"), []string{"One as well", "One"})
	told, err := s.DB.Story(s.ctx, younger)
	s.must(err)
	s.same("the story", told.Story.ID, younger)
}

func overridden(s *scene) {
	var told []string
	put := func(fails error, leads ...string) {
		s.Helper()
		var listed []copydesk.Override
		for _, lead := range leads {
			listed = append(listed, copydesk.Override{Lead: lead})
		}
		_, err := s.Override(s.ctx, s.at, listed, func(_ *db.Grouping, before []copydesk.Override) error {
			told = append(told, fmt.Sprintf("%d after %d", len(listed), len(before)))
			return fails
		})
		if !errors.Is(err, fails) {
			s.Errorf("got %v, want %v", err, fails)
		}
	}
	put(nil)
	put(errors.New("no"), "a")
	put(nil, "a")
	s.reopen()
	put(nil, "a")
	put(nil, "a", "b")
	put(nil)
	put(nil)
	s.same("calls", told, []string{"1 after 0", "1 after 0", "2 after 1", "0 after 2"})
}

func renamedTopic(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(defined("asia", "1"))
	s.settle("a", s.entry("a", "1", "", "One"))
	s.groupAlone("asia")
	before := s.topic("asia")
	s.same("changed", len(s.arrange(defined("east", "1", "asia"))), 0)
	s.same("feed id", s.topic("east").FeedID, before.FeedID)
	s.same("since", s.topic("east").Since, before.Since)
	s.same("places", s.titles("east"), []string{"One"})
	s.same("old places", len(s.titles("asia")), 0)
}

func (s *scene) topic(id copydesk.TopicID) db.Topic {
	s.Helper()
	all, err := s.Topics(s.ctx)
	s.must(err)
	for _, t := range all {
		if t.ID == id {
			return t
		}
	}
	s.Fatalf("no topic %s", id)
	return db.Topic{}
}

func arrangedAnew(s *scene) {
	s.same("new", s.arrange(defined("asia", "1"), defined("world", "1")), []copydesk.TopicID{"asia", "world"})
	s.same("the same", len(s.arrange(defined("asia", "1"), defined("world", "1"))), 0)
	s.same("one changed", s.arrange(defined("asia", "1"), defined("world", "2")), []copydesk.TopicID{"world"})
}

func unlistedTopic(s *scene) {
	s.arrange(defined("asia", "1"))
	id := s.topic("asia").FeedID
	s.arrange()
	s.same("listed", s.topic("asia").Listed, false)
	s.arrange(defined("asia", "1"))
	s.same("listed again", s.topic("asia").Listed, true)
	s.same("feed id", s.topic("asia").FeedID, id)
}

func stamps(s *scene) {
	stamp := func(body string, at time.Time) time.Time {
		s.Helper()
		modified, err := s.Stamp(s.ctx, "asia", "atom", key(body), at)
		s.must(err)
		return modified
	}
	first := stamp("a", start.Add(500*time.Millisecond))
	s.same("whole seconds", first, start)
	s.same("same bytes", stamp("a", start.Add(time.Hour)), first)
	s.reopen()
	s.same("same bytes after a restart", stamp("a", start.Add(time.Hour)), first)
	s.same("other bytes", stamp("b", start.Add(2*time.Second)), start.Add(2*time.Second))
	s.same("other bytes within the second", stamp("a", start.Add(2*time.Second)), start.Add(3*time.Second))
	s.same("a clock set back", stamp("c", start), start.Add(4*time.Second))
}

func recent(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.settle("a", s.entry("a", "1", "", "One"), s.entry("a", "2", "", "Two"), s.entry("a", "3", "", "Three"))
	keep := func(record string, seen time.Time, titles ...string) {
		s.Helper()
		_, _, err := s.Group(s.ctx, 10, s.at, func(g *db.Grouping, v copydesk.Voice) error {
			if err := g.Put(alone(v.Entry)); err != nil || !slices.Contains(titles, v.Entry.Title) {
				return err
			}
			var said []byte
			if v.Entry.Title != "Two" {
				said = []byte("said " + v.Entry.Title)
			}
			_, err := g.Keep(v.Entry.ID, seen, []byte(record+v.Entry.Title), said)
			return err
		})
		s.must(err)
	}
	keep("first ", s.at.Add(-3*time.Hour), "One", "Two", "Three")
	s.settle("a", s.revised(s.entry("a", "1", "", "One"), "One, revised"))
	keep("second ", s.at, "One, revised")
	s.settle("a", s.entry("a", "4", "", "Four"))
	keep("third ", s.at.Add(-3*time.Hour), "Four") // was seen long ago, and came now
	s.same("in order", s.recent(), []string{
		"1 first One: said One", "2 first Two: ", "3 first Three: said Three", "4 second One, revised: said One, revised", "5 third Four: said Four"})
	s.must(s.Forget(s.ctx, s.at, s.at.Add(-time.Hour)))
	s.same("nothing is forgotten that was not learned", len(s.recent()), 5)
	l := db.Learned{Through: 4, Words: []byte("words"), Habits: []byte("habits")}
	s.must(s.KeepLearned(s.ctx, l))
	s.reopen()
	got, err := s.Learned(s.ctx)
	s.must(err)
	s.same("learned", got, l)
	s.same("learned once", s.recent(), []string{"1 first One: ", "2 first Two: ", "3 first Three: ", "4 second One, revised: ", "5 third Four: said Four"})
	s.must(s.Forget(s.ctx, s.at, s.at.Add(-time.Hour)))
	s.reopen()
	s.same("not yet forgotten", s.recent(), []string{"4 second One, revised: ", "5 third Four: said Four"})
}

func since(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.settle("a", s.entry("a", "1", "", "One"))
	s.at = s.at.Add(time.Hour)
	s.settle("a", s.entry("a", "4", "", "Four"), s.entry("a", "2", "", "Two"), s.entry("a", "3", "", "Three"))
	s.groupAlone()
	titles := func(from time.Time) (titles []string) {
		s.must(s.Look(s.ctx, s.at, func(g *db.Grouping) error {
			all, err := g.Since(from)
			s.must(err)
			for _, a := range all {
				v, err := g.Voice(a.Entry)
				s.must(err)
				s.same("seen", a.Seen, v.Entry.FirstSeen.UTC())
				titles = append(titles, v.Entry.Title)
				if g.Put(alone(v.Entry)) == nil {
					s.Errorf("the view was written to")
				}
			}
			return nil
		}))
		return titles
	}
	s.same("all", titles(time.Time{}), []string{"One", "Four", "Two", "Three"})
	s.same("since the second document", titles(s.at), []string{"Four", "Two", "Three"})
	s.same("since after it", titles(s.at.Add(1)), []string(nil))
	_, err := s.Regroup(s.ctx, s.at, func(g *db.Grouping) error {
		two, err := g.Story(copydesk.NewStoryID(copydesk.NewEntryID("a", "2")))
		s.must(err)
		two.LeadWhy = "grouped again"
		return g.Put(two)
	})
	s.must(err)
	told, err := s.StoryOf(s.ctx, copydesk.NewEntryID("a", "2"))
	s.must(err)
	s.same("written", told.Story.LeadWhy, "grouped again")
	s.must(s.Look(s.ctx, s.at, func(g *db.Grouping) error {
		if _, err := g.Story(copydesk.StoryID{}); !errors.Is(err, db.ErrNotFound) {
			s.Errorf("a story that is not there: %v", err)
		}
		return nil
	}))
}

func (s *scene) recent() (texts []string) {
	s.Helper()
	s.must(s.DB.Recent(s.ctx, func(r db.Recent) error {
		texts = append(texts, fmt.Sprintf("%d %s: %s", r.Sequence, r.Record, r.Said))
		s.same("story", r.Story, copydesk.NewStoryID(r.Entry))
		return nil
	}))
	return texts
}

func expired(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(defined("asia", "1"))
	s.settle("a", s.entry("a", "old", "https://a.example/old", "Old"))
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Shared: []copydesk.Key{key("live")}}))
	s.at = s.at.Add(48 * time.Hour)
	s.settle("a", s.entry("a", "young", "", "Young"))
	s.groupAlone("asia")
	gone, touched, err := s.Expire(s.ctx, start.Add(24*time.Hour), s.at, 100)
	s.must(err)
	s.same("gone", gone, 1)
	s.same("touched", touched, []copydesk.TopicID{"asia"})
	s.same("edition", s.titles("asia"), []string{"Young"})
	m, err := s.Memory(s.ctx, "a", []copydesk.Key{key("old"), key("young"), key("live")})
	s.must(err)
	s.same("tombstone", m.Holders[key("old")], copydesk.Holder{Entry: copydesk.NewEntryID("a", "old"), Expired: true})
	s.same("shared", m.Holders[key("live")], copydesk.Holder{Shared: true})
	s.same("entries", len(m.Entries), 1)
	if _, err := s.Entry(s.ctx, copydesk.NewEntryID("a", "old")); !errors.Is(err, db.ErrNotFound) {
		s.Errorf("the expired entry can still be read (%v)", err)
	}
}

func youngMember(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"), setting("b", "http://b.example/rss"))
	s.settle("a", s.entry("a", "1", "", "One"))
	s.at = s.at.Add(48 * time.Hour)
	s.settle("b", s.entry("b", "1", "", "One"))
	var story copydesk.Story
	_, _, err := s.Group(s.ctx, 10, s.at, func(g *db.Grouping, v copydesk.Voice) error {
		if v.Source.ID == "a" {
			story = alone(v.Entry)
		} else {
			story.Members = append(story.Members, copydesk.Member{Entry: v.Entry.ID, Source: "b", Joined: s.at})
		}
		return g.Put(story)
	})
	s.must(err)
	gone, _, err := s.Expire(s.ctx, start.Add(24*time.Hour), s.at, 100)
	s.must(err)
	s.same("gone", gone, 0)
}

func trimmed(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	s.arrange(defined("asia", "1"))
	for n := range 5 {
		s.settle("a", s.entry("a", fmt.Sprint(n), "", fmt.Sprint(n)))
		s.groupAlone("asia") // a line each
		s.at = s.at.Add(time.Hour)
	}
	trim := func(before time.Duration, limit, want int) {
		s.Helper()
		gone, err := s.Trim(s.ctx, start.Add(before), limit)
		s.must(err)
		s.same("lines removed", gone, want)
	}
	trim(0, 10, 0)
	trim(3*time.Hour, 2, 2)
	trim(3*time.Hour, 10, 1)
	trim(3*time.Hour, 10, 0)
	s.reopen()
	trim(24*time.Hour, 10, 2)
	s.same("places", len(s.titles("asia")), 5)
}
