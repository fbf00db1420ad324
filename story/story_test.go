package story_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"copydesk"
	"copydesk/story"
	"copydesk/story/alike"

	"pgregory.net/rapid"
)

var noon = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

// voice is an entry of source at the address, first seen at a minute past noon.
func voice(source, guid, address string, minute int) copydesk.Voice {
	id := copydesk.SourceID(source)
	at := noon.Add(time.Duration(minute) * time.Minute)
	return copydesk.Voice{
		Entry: copydesk.Entry{
			ID: copydesk.NewEntryID(id, guid), Source: id, GUID: guid, Canonical: address, Revision: 1, FirstSeen: at, RevisedAt: at,
			Text: copydesk.Text{Title: source + " " + guid, Link: address},
		},
		Source: copydesk.Source{ID: id, Settings: copydesk.Settings{ID: source, Role: copydesk.RolePublisher}},
	}
}

func aggregator(v copydesk.Voice) copydesk.Voice {
	v.Source.Role = copydesk.RoleAggregator
	return v
}

func home(v copydesk.Voice, page string) copydesk.Voice {
	v.Source.Feed.Link = page
	return v
}

func lackedAt(v copydesk.Voice, minute int) copydesk.Voice {
	v.Entry.LackedAt = noon.Add(time.Duration(minute) * time.Minute)
	return v
}

func publishedAt(v copydesk.Voice, minute int) copydesk.Voice {
	v.Entry.Published = noon.Add(time.Duration(minute) * time.Minute)
	return v
}

func entries(voices ...copydesk.Voice) (all []copydesk.Entry) {
	for _, v := range voices {
		all = append(all, v.Entry)
	}
	return all
}

// news is a desk with nothing but stories in it.
type news struct {
	voices  []copydesk.Voice
	stories map[copydesk.StoryID]copydesk.Told
}

func (n *news) arrive(v copydesk.Voice) story.Grouped {
	n.voices = slices.DeleteFunc(n.voices, func(o copydesk.Voice) bool { return o.Entry.ID == v.Entry.ID })
	n.voices = append(n.voices, v)
	evidence := story.Evidence(v.Entry, entries(n.voices...), alike.DefaultReach)
	var near []copydesk.Told
	for _, told := range n.stories {
		named := func(e copydesk.Evidence) bool { return told.Story.Has(e.With) }
		if told.Story.Has(v.Entry.ID) || slices.ContainsFunc(evidence, named) {
			near = append(near, told)
		}
	}
	g := story.Group(v, evidence, near, story.Overrides{})
	for _, id := range g.Absorbed {
		delete(n.stories, id)
	}
	told := copydesk.Told{Story: g.Story}
	for _, m := range g.Story.Members {
		for _, o := range n.voices {
			if o.Entry.ID == m.Entry {
				told.Voices = append(told.Voices, o)
			}
		}
	}
	if n.stories == nil {
		n.stories = map[copydesk.StoryID]copydesk.Told{}
	}
	n.stories[g.Story.ID] = told
	return g
}

func TestEvidenceIsTheSameAddressAtAnotherSource(t *testing.T) {
	a := voice("a", "1", "https://a.example/one", 0)
	for _, c := range []struct {
		name  string
		other copydesk.Voice
		want  int
	}{
		{"the same address elsewhere", voice("b", "1", "https://a.example/one", 1), 1},
		{"another address", voice("b", "1", "https://a.example/two", 1), 0},
		{"the same address at the same source", voice("a", "2", "https://a.example/one", 1), 0},
		{"itself", a, 0},
	} {
		if got := story.Evidence(a.Entry, entries(c.other), alike.DefaultReach); len(got) != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestNoAddressIsNoEvidence(t *testing.T) {
	if got := story.Evidence(voice("a", "1", "", 0).Entry, entries(voice("b", "1", "", 0)), alike.DefaultReach); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestAnAddressOfSeveralEntriesIsNoEvidence(t *testing.T) {
	live := "https://a.example/live"
	crowd := entries(voice("a", "1", live, 0), voice("a", "2", live, 1))
	if got := story.Evidence(voice("b", "1", live, 2).Entry, crowd, alike.DefaultReach); got != nil {
		t.Errorf("a copy joined one of two: %v", got)
	}
	if got := story.Evidence(crowd[1], append(entries(voice("b", "1", live, 2)), crowd[0]), alike.DefaultReach); got != nil {
		t.Errorf("one of two joined a copy: %v", got)
	}
}

func TestAnEntryAloneIsAStory(t *testing.T) {
	v := publishedAt(voice("a", "1", "", 10), 0)
	g := new(news).arrive(v)
	if g.Story.ID != copydesk.NewStoryID(v.Entry.ID) || g.Story.Lead != v.Entry.ID {
		t.Errorf("got %+v", g.Story)
	}
	if !g.Story.Updated.Equal(noon) {
		t.Errorf("updated %v, want the publisher's date", g.Story.Updated)
	}
}

func TestADateInTheFutureIsNotBelieved(t *testing.T) {
	g := new(news).arrive(publishedAt(voice("a", "1", "", 0), 60*24))
	if !g.Story.Updated.Equal(noon) {
		t.Errorf("updated %v, want when it was first seen", g.Story.Updated)
	}
}

func TestACopyJoinsAndTheIdStays(t *testing.T) {
	n := new(news)
	copied := aggregator(voice("agg", "1", "https://a.example/one", 0))
	first := n.arrive(copied)
	original := voice("a", "1", "https://a.example/one", 5)
	second := n.arrive(original)
	if second.Story.ID != first.Story.ID || len(n.stories) != 1 {
		t.Errorf("the late original did not join: %+v", second)
	}
	if second.Story.Lead != original.Entry.ID {
		t.Errorf("credited to the aggregator: %s", second.Story.LeadWhy)
	}
	if !second.Story.Updated.Equal(original.Entry.FirstSeen) {
		t.Errorf("updated %v: a new lead is a change that readers see", second.Story.Updated)
	}
}

func TestCoverageDoesNotMoveUpdated(t *testing.T) {
	n := new(news)
	first := n.arrive(voice("a", "1", "https://a.example/one", 0))
	second := n.arrive(aggregator(voice("agg", "1", "https://a.example/one", 5)))
	if !second.Story.Updated.Equal(first.Story.Updated) || second.Story.Face != first.Story.Face {
		t.Errorf("updated moved from %v to %v", first.Story.Updated, second.Story.Updated)
	}
}

func TestUpdatedMovesWithWhatAReaderSees(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*copydesk.Entry)
		moves  bool
	}{
		{"title", func(e *copydesk.Entry) { e.Title = "Other" }, true},
		{"content", func(e *copydesk.Entry) { e.Content = "Other" }, true},
		{"summary", func(e *copydesk.Entry) { e.Summary = "Other" }, true},
		{"authors", func(e *copydesk.Entry) { e.Authors = []copydesk.Person{{Name: "Ada"}} }, true},
		{"enclosures", func(e *copydesk.Entry) { e.Enclosures = []copydesk.Enclosure{{URL: "https://a.example/1.mp3"}} }, true},
		{"categories", func(e *copydesk.Entry) { e.Categories = []copydesk.Category{{Term: "t"}} }, false},
		{"the publisher's date of update", func(e *copydesk.Entry) { e.Updated = noon.Add(time.Hour) }, false},
	} {
		n := new(news)
		v := voice("a", "1", "", 0)
		n.arrive(v)
		v.Entry.Revision, v.Entry.RevisedAt = 2, noon.Add(time.Hour)
		c.change(&v.Entry)
		if got := n.arrive(v).Story.Updated; got.Equal(noon.Add(time.Hour)) != c.moves {
			t.Errorf("%s: updated %v", c.name, got)
		}
	}
}

func TestARevisionNeverRemovesAMember(t *testing.T) {
	n := new(news)
	n.arrive(voice("a", "1", "https://a.example/one", 0))
	b := voice("b", "1", "https://a.example/one", 1)
	n.arrive(b)
	b.Entry.Canonical, b.Entry.Revision, b.Entry.RevisedAt = "https://b.example/", 2, noon.Add(time.Hour)
	if g := n.arrive(b); len(g.Story.Members) != 2 {
		t.Errorf("members: %v", g.Story.Members)
	}
}

func TestTwoStoriesFoundToBeOneKeepTheOlderId(t *testing.T) {
	n := new(news)
	older := n.arrive(voice("a", "1", "https://a.example/one", 0))
	b := voice("b", "1", "https://b.example/one", 1)
	younger := n.arrive(b)
	b.Entry.Canonical, b.Entry.Revision, b.Entry.RevisedAt = "https://a.example/one", 2, noon.Add(time.Hour)
	g := n.arrive(b)
	if g.Story.ID != older.Story.ID || !slices.Equal(g.Absorbed, []copydesk.StoryID{younger.Story.ID}) || len(g.Story.Members) != 2 {
		t.Errorf("got %+v", g)
	}
}

func TestTheLeadByEachRule(t *testing.T) {
	const at = "https://a.example/one"
	for _, c := range []struct {
		name       string
		lead, rest copydesk.Voice
		why        string
	}{
		{"a publisher before an aggregator", voice("a", "1", at, 9), aggregator(voice("b", "1", at, 0)), "others are aggregators"},
		{"whose site it is", home(voice("a", "1", at, 9), "https://www.a.example/news"), home(voice("b", "1", at, 0), "https://b.example/"), "the address is its own"},
		{"who surely had it before", lackedAt(voice("a", "1", at, 5), 0), lackedAt(voice("b", "1", at, 9), 6), "had it before the others can have"},
		{"published first where the times overlap", publishedAt(lackedAt(voice("a", "1", at, 9), 0), -9), publishedAt(lackedAt(voice("b", "1", at, 5), 0), -5), "published first, by its own date"},
		{"unknown since when is no proof", publishedAt(voice("a", "1", at, 9), -9), publishedAt(lackedAt(voice("b", "1", at, 5), 0), -5), "published first, by its own date"},
	} {
		for _, voices := range [][]copydesk.Voice{{c.lead, c.rest}, {c.rest, c.lead}} {
			if lead, why := story.Lead(voices, story.Overrides{}); lead.Entry.ID != c.lead.Entry.ID || why != c.why {
				t.Errorf("%s: led by %s: %s", c.name, lead.Source.ID, why)
			}
		}
	}
}

// Whatever the order of arrival: the same members, the same lead.
func TestOrderOfArrivalDecidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var voices []copydesk.Voice
		for i := range rapid.IntRange(1, 7).Draw(t, "entries") {
			v := voice(fmt.Sprintf("s%d", i), "1", rapid.SampledFrom([]string{"https://a.example/1", "https://a.example/2", ""}).Draw(t, "address"), rapid.IntRange(0, 9).Draw(t, "seen"))
			v.Source.Role = rapid.SampledFrom([]copydesk.Role{copydesk.RolePublisher, copydesk.RoleAgency, copydesk.RoleAggregator}).Draw(t, "role")
			v = publishedAt(v, rapid.IntRange(-9, 9).Draw(t, "published"))
			if rapid.Bool().Draw(t, "known since") {
				v = lackedAt(v, rapid.IntRange(-9, 0).Draw(t, "lacked"))
			}
			voices = append(voices, v)
		}
		one, other := outcome(voices), outcome(rapid.Permutation(voices).Draw(t, "order"))
		if one != other {
			t.Fatalf("one order:\n%s\nanother:\n%s", one, other)
		}
	})
}

// outcome says who is with whom and who leads, without ids that depend on who
// was first.
func outcome(voices []copydesk.Voice) (text string) {
	n := new(news)
	for _, v := range voices {
		n.arrive(v)
	}
	var lines []string
	for _, told := range n.stories {
		var members []string
		for _, m := range told.Story.Members {
			members = append(members, string(m.Source))
		}
		slices.Sort(members)
		lines = append(lines, fmt.Sprint(members, told.Story.Lead, told.Story.LeadWhy))
	}
	slices.Sort(lines)
	return fmt.Sprint(lines)
}

func TestAnAddressThatHasAnotherArticleAMonthLaterIsNoEvidence(t *testing.T) {
	old, late := voice("a", "1", "https://a.example/results", 0), voice("b", "1", "https://a.example/results", 0)
	old.Entry.Title, late.Entry.Title = "Ferry sinks", "Mayor resigns"
	late.Entry.FirstSeen = old.Entry.FirstSeen.AddDate(0, 0, 39)
	if got := story.Evidence(late.Entry, []copydesk.Entry{old.Entry}, alike.DefaultReach); got != nil {
		t.Errorf("39 days later: %v", got)
	}
	late.Entry.Title = old.Entry.Title
	if got := story.Evidence(late.Entry, []copydesk.Entry{old.Entry}, alike.DefaultReach); len(got) != 1 {
		t.Error("under the same headline it is the same article")
	}
}
