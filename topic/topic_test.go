package topic_test

import (
	"fmt"
	"testing"
	"time"

	"copydesk"
	"copydesk/topic"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

func source(id string, topics ...copydesk.TopicID) copydesk.Source {
	return copydesk.Source{ID: copydesk.SourceID(id), Listed: true, Settings: copydesk.Settings{ID: id, Name: id, Topics: topics}}
}

func says(src copydesk.Source, title string) copydesk.Voice {
	return copydesk.Voice{Source: src, Entry: copydesk.Entry{
		ID: copydesk.NewEntryID(src.ID, title), Source: src.ID, Revision: 1, FirstSeen: noon, RevisedAt: noon,
		Text: copydesk.Text{Title: title},
	}}
}

// plan: News › World › Asia; Sport apart, with a rule for its own; Tigers take
// by a rule alone.
func plan(t *testing.T, sources ...copydesk.Source) topic.Plan {
	t.Helper()
	p, err := topic.Compose([]copydesk.Topic{
		{ID: "news"},
		{ID: "world", Parent: "news"},
		{ID: "asia", Parent: "world"},
		{ID: "sport", Only: `"Cricket" in words`},
		{ID: "tigers", Match: `"Tiger" in words or "Tigers" in words`},
	}, sources, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhichTopicsTakeAStory(t *testing.T) {
	asia, sport, none := source("asia-daily", "asia"), source("sport-daily", "sport"), source("other")
	p := plan(t, asia, sport, none)
	for _, c := range []struct {
		name   string
		voices []copydesk.Voice
		want   []topic.Match
	}{
		{"a source's topic and its ancestors", []copydesk.Voice{says(asia, "Rain")},
			[]topic.Match{
				{Topic: "asia", Why: "its source asia-daily"},
				{Topic: "world", Why: "carries asia", Via: []copydesk.TopicID{"asia"}},
				{Topic: "news", Why: "carries world", Via: []copydesk.TopicID{"world"}},
			}},
		{"only what meets the rule", []copydesk.Voice{says(sport, "Cricket in Lahore")}, []topic.Match{{Topic: "sport", Why: "its source sport-daily meets only"}}},
		{"not what does not", []copydesk.Voice{says(sport, "Chess in Riga")}, nil},
		{"any source that meets match", []copydesk.Voice{says(none, "Tigers counted")}, []topic.Match{{Topic: "tigers", Why: "meets match"}}},
		{"one member brings the story in", []copydesk.Voice{says(none, "Chess"), says(sport, "Cricket!")}, []topic.Match{{Topic: "sport", Why: "its source sport-daily meets only"}}},
		{"nobody's", []copydesk.Voice{says(none, "Rain")}, nil},
	} {
		got, err := p.Match(c.voices)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestWhatASourceBroughtStaysWhenItIsNoLongerListed(t *testing.T) {
	src := source("asia-daily", "asia")
	before := plan(t, src).Fingerprint("asia")
	src.Listed = false
	if got, _ := plan(t, src).Match([]copydesk.Voice{says(src, "Rain")}); len(got) != 3 {
		t.Errorf("got %v", got)
	}
	if plan(t, src).Fingerprint("asia") != before {
		t.Error("the topic would be arranged anew")
	}
}

func TestATopicCarriesItsChildrensSources(t *testing.T) {
	p := plan(t, source("b", "asia"), source("a", "world"), source("c", "sport"))
	for id, want := range map[copydesk.TopicID][]copydesk.SourceID{"news": {"a", "b"}, "world": {"a", "b"}, "asia": {"b"}, "sport": {"c"}} {
		if diff := cmp.Diff(want, p.Sources(id)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func TestAFingerprintMovesOnlyWithWhatSelectsStories(t *testing.T) {
	base := []copydesk.Topic{{ID: "world"}, {ID: "asia", Parent: "world"}, {ID: "sport"}}
	compose := func(change func([]copydesk.Topic) []copydesk.Source) topic.Plan {
		topics := append([]copydesk.Topic(nil), base...)
		sources := change(topics)
		p, err := topic.Compose(topics, sources, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	before := compose(func([]copydesk.Topic) []copydesk.Source { return nil })
	for _, c := range []struct {
		name   string
		change func([]copydesk.Topic) []copydesk.Source
		moves  map[copydesk.TopicID]bool
	}{
		{"a title, a limit, a way to merge", func(t []copydesk.Topic) []copydesk.Source {
			t[1].Title, t[1].Limit, t[1].Merge = "East", 7, copydesk.MergeNone
			return nil
		}, nil},
		{"a rule", func(t []copydesk.Topic) []copydesk.Source { t[1].Match = "true"; return nil }, map[copydesk.TopicID]bool{"asia": true, "world": true}},
		{"a list of words", func(t []copydesk.Topic) []copydesk.Source { t[1].MatchAny = []string{"ASEAN"}; return nil }, map[copydesk.TopicID]bool{"asia": true, "world": true}},
		{"how many must carry it", func(t []copydesk.Topic) []copydesk.Source { t[2].MinSources = 2; return nil }, map[copydesk.TopicID]bool{"sport": true}},
		{"a limit by publisher", func(t []copydesk.Topic) []copydesk.Source { t[2].PerSource = 2; return nil }, map[copydesk.TopicID]bool{"sport": true}},
		{"a default that is said", func(t []copydesk.Topic) []copydesk.Source { t[2].MinSources = 1; return nil }, nil},
		{"a source", func([]copydesk.Topic) []copydesk.Source { return []copydesk.Source{source("a", "sport")} }, map[copydesk.TopicID]bool{"sport": true}},
	} {
		after := compose(c.change)
		for _, top := range base {
			if moved := before.Fingerprint(top.ID) != after.Fingerprint(top.ID); moved != c.moves[top.ID] {
				t.Errorf("%s: %s moved: %v", c.name, top.ID, moved)
			}
		}
	}
}

func TestWhatARuleSees(t *testing.T) {
	v := says(source("src"), "ASEAN meets in Kuala Lumpur")
	v.Entry.Summary = "<p>Talks on <b>Myanmar</b> &amp; trade</p>"
	v.Entry.Categories = []copydesk.Category{{Term: "t1"}, {Term: "t2", Label: "Diplomacy"}}
	v.Entry.Authors = []copydesk.Person{{Name: "Ada"}}
	v.Entry.Language = "en"
	v.Entry.Published = noon.Add(time.Hour) // in the future
	for rule, want := range map[string]bool{
		`"ASEAN" in names`:                                 true,
		`"Kuala Lumpur" in names`:                          true,
		`"Lumpur" in names`:                                true,
		`"meets" in names`:                                 false,
		`"Myanmar" in words`:                               true,
		`"b" in words`:                                     false,
		`text contains "Myanmar & trade"`:                  true,
		`title matches "^ASEAN"`:                           true,
		`"Diplomacy" in categories and "t1" in categories`: true,
		`"Ada" in authors`:                                 true,
		`language == "en"`:                                 true,
		`source == "src" and publisher == "src"`:           true,
		`published.Hour() == 12`:                           true,
	} {
		r, err := topic.Compile(rule)
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		if got, err := r.Meets(v); err != nil || got != want {
			t.Errorf("%s: got %v, %v", rule, got, err)
		}
	}
}

func TestAWrongRuleSaysWhereAndWhat(t *testing.T) {
	for rule, column := range map[string]int{`Titel == "x"`: 1, `title == 1`: 7, `title ==`: 8, `title`: 0} {
		_, err := topic.Compile(rule)
		at, ok := err.(*topic.RuleError)
		if !ok || at.Message == "" {
			t.Errorf("%s: got %v", rule, err)
			continue
		}
		if at.Column() != column {
			t.Errorf("%s: column %d, want %d (%s)", rule, at.Column(), column, at.Message)
		}
	}
}

// told is a story of copies {a, b}, and of c, linked to a as the same news.
func told(t *testing.T) copydesk.Told {
	t.Helper()
	a, b, c := says(source("a"), "One"), says(source("b"), "One, copied"), says(source("c"), "Uno")
	s := copydesk.Story{ID: copydesk.NewStoryID(a.Entry.ID), Lead: b.Entry.ID, Updated: noon.Add(time.Hour)}
	s.Members = []copydesk.Member{
		{Entry: a.Entry.ID, Source: "a"},
		{Entry: c.Entry.ID, Source: "c", Evidence: []copydesk.Evidence{{Step: copydesk.StepSameNews, With: a.Entry.ID}}},
		{Entry: b.Entry.ID, Source: "b", Evidence: []copydesk.Evidence{{Step: copydesk.StepSameAddress, With: a.Entry.ID}}},
	}
	return copydesk.Told{Story: s, Voices: []copydesk.Voice{a, c, b}}
}

func show(items []copydesk.Item) (lines []string) {
	for _, i := range items {
		line := i.Lead.Entry.Title
		for _, o := range i.Others {
			line += " | " + o.Entry.Title
		}
		lines = append(lines, line)
	}
	return lines
}

func TestHowMuchOfAStoryIsOneItem(t *testing.T) {
	for merge, want := range map[copydesk.Merge][]string{
		copydesk.MergeStory:  {"One, copied | One | Uno"},
		copydesk.MergeCopies: {"Uno", "One, copied | One"},
		copydesk.MergeNone:   {"One, copied", "Uno", "One"},
	} {
		items := topic.Items(copydesk.Topic{Merge: merge}, told(t))
		if diff := cmp.Diff(want, show(items)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", merge, diff)
		}
		ids := map[string]bool{}
		for _, i := range items {
			if ids[i.ID] || i.Story != told(t).Story.ID {
				t.Errorf("%s: id %s twice, or story %s", merge, i.ID, i.Story)
			}
			ids[i.ID] = true
		}
		if ids[told(t).Story.ID.String()] != (merge == copydesk.MergeStory) {
			t.Errorf("%s: ids %v", merge, ids)
		}
	}
}

func TestWhomTheOperatorJoinedIsNoCopy(t *testing.T) {
	s := told(t)
	s.Story.Members[1].Evidence[0].Step = copydesk.StepOverride
	if diff := cmp.Diff([]string{"Uno", "One, copied | One"}, show(topic.Items(copydesk.Topic{Merge: copydesk.MergeCopies}, s))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhoJoinsAStoryIsAnItemMoreWhereItIsShownByItself(t *testing.T) {
	for merge, want := range map[copydesk.Merge][3]bool{ // for Uno, for One, copied, and for nobody
		"": {}, copydesk.MergeStory: {}, copydesk.MergeCopies: {true, false, false}, copydesk.MergeNone: {true, true, false},
	} {
		for i, before := range [][2]int{{1, 2}, {2, 3}, {3, 3}} {
			all := told(t)
			all.Story.Members, all.Voices = all.Story.Members[:before[1]], all.Voices[:before[1]]
			was := all.Story
			was.Members = was.Members[:before[0]]
			if got := topic.Adds(copydesk.Topic{Merge: merge}, all, was); got != want[i] {
				t.Errorf("%q: with %q it adds an item: %t", merge, all.Voices[before[1]-1].Entry.Title, got)
			}
		}
	}
}

func TestWhatReadersKnowAsAnAbsorbedStoryKeepsThatId(t *testing.T) {
	all := told(t)
	copied := all.Voices[2].Entry
	all.As = copydesk.NewStoryID(copied.ID)
	before := copydesk.Story{Members: all.Story.Members[2:]}
	for merge, want := range map[copydesk.Merge][]string{
		copydesk.MergeStory:  {all.As.String()},
		copydesk.MergeCopies: {copydesk.CopiesID(all.Voices[1].Entry.ID), copydesk.CopiesID(copied.ID)},
	} {
		var ids []string
		for _, i := range topic.Items(copydesk.Topic{Merge: merge}, all) {
			ids = append(ids, i.ID)
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("%s (-want +got):\n%s", merge, diff)
		}
	}
	if !topic.Adds(copydesk.Topic{Merge: copydesk.MergeNone}, all, before) {
		t.Error("the members of its survivor are no items more")
	}
	all.Voices[2].Entry.ShownAt = noon.Add(2 * time.Hour)
	if got := topic.Items(copydesk.Topic{}, all)[0].Updated; !got.Equal(noon.Add(2 * time.Hour)) {
		t.Errorf("updated %v: older than it was", got)
	}
}

func TestANewTextStandsAgainWhereItIsShownByItself(t *testing.T) {
	all := told(t)
	at := noon.Add(3 * time.Hour)
	for i, want := range map[int]map[copydesk.Merge]bool{
		0: {copydesk.MergeNone: true},                             // in an item that is credited to another
		1: {copydesk.MergeNone: true, copydesk.MergeCopies: true}, // no copy, and not the lead
	} {
		all.Voices[i].Entry.RevisedAt, all.Voices[i].Entry.ShownAt = at, at
		for _, merge := range []copydesk.Merge{copydesk.MergeStory, copydesk.MergeCopies, copydesk.MergeNone} {
			if got := topic.Renews(copydesk.Topic{Merge: merge}, all, all.Voices[i].Entry); got != want[merge] {
				t.Errorf("%s: %q renews: %t", merge, all.Voices[i].Entry.Title, got)
			}
		}
	}
	all.Voices[0].Entry.RevisedAt = at.Add(time.Hour) // of its categories, say
	if topic.Renews(copydesk.Topic{Merge: copydesk.MergeNone}, all, all.Voices[0].Entry) {
		t.Error("a text that shows nothing new renews")
	}
}

func TestAnEntryByItselfIsUpdatedByWhatAReaderSees(t *testing.T) {
	v := says(source("a"), "One")
	show := func() time.Time {
		s := copydesk.Told{Story: copydesk.Story{Lead: v.Entry.ID, Members: []copydesk.Member{{Entry: v.Entry.ID}}}, Voices: []copydesk.Voice{v}}
		return topic.Items(copydesk.Topic{Merge: copydesk.MergeNone}, s)[0].Updated
	}
	v.Entry.Revision, v.Entry.RevisedAt = 2, noon.Add(time.Hour) // of its categories, say
	if got := show(); !got.Equal(noon) {
		t.Errorf("updated %v", got)
	}
	v.Entry.ShownAt = noon.Add(2 * time.Hour)
	if got := show(); !got.Equal(noon.Add(2 * time.Hour)) {
		t.Errorf("updated %v after a change", got)
	}
}

func TestASourceSaysHowMuchOfItIsShown(t *testing.T) {
	src := source("a")
	src.Content = copydesk.ShowSummary
	v := says(src, "One")
	s := copydesk.Told{Story: copydesk.Story{Lead: v.Entry.ID, Members: []copydesk.Member{{Entry: v.Entry.ID}}}, Voices: []copydesk.Voice{v}}
	if got := topic.Items(copydesk.Topic{Content: copydesk.ShowFull}, s)[0].Content; got != copydesk.ShowSummary {
		t.Errorf("got %s", got)
	}
}

func ExamplePlan_Match() {
	src := copydesk.Source{ID: "rain-daily", Listed: true, Settings: copydesk.Settings{ID: "rain-daily", Topics: []copydesk.TopicID{"asia"}}}
	p, err := topic.Compose([]copydesk.Topic{{ID: "world"}, {ID: "asia", Parent: "world"}}, []copydesk.Source{src}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	matches, _ := p.Match([]copydesk.Voice{{Source: src, Entry: copydesk.Entry{Text: copydesk.Text{Title: "Rain"}}}})
	for _, m := range matches {
		fmt.Println(m.Topic, "-", m.Why)
	}
	// Output:
	// asia - its source rain-daily
	// world - carries asia
}

func TestASearchTakesFromAnySource(t *testing.T) {
	own, other := source("own", "x"), source("other")
	asked := 0
	searches := func(v copydesk.Voice) func(string) bool {
		asked++
		return func(search string) bool { return v.Entry.Title == search }
	}
	p, err := topic.Compose([]copydesk.Topic{
		{ID: "x", Only: `"Rain" in words`, Search: "Snow"},
		{ID: "y", Search: "Hail", MatchAny: []string{"ASEAN"}},
		{ID: "z", Search: "Hail"},
	}, []copydesk.Source{own, other}, searches)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		voice copydesk.Voice
		want  []topic.Match
	}{
		{says(own, "Rain"), []topic.Match{{Topic: "x", Why: "its source own meets only"}}},
		{says(own, "Snow"), []topic.Match{{Topic: "x", Why: "meets search"}}},
		{says(other, "Snow"), []topic.Match{{Topic: "x", Why: "meets search"}}},
		{says(other, "Hail"), []topic.Match{{Topic: "y", Why: "meets search"}, {Topic: "z", Why: "meets search"}}},
		{says(other, "ASEAN"), []topic.Match{{Topic: "y", Why: "has the words ASEAN"}}},
		{says(other, "Fog"), nil},
	} {
		asked = 0
		got, err := p.Match([]copydesk.Voice{c.voice})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", c.voice.Entry.Title, c.voice.Source.ID, diff)
		}
		if asked != 1 {
			t.Errorf("%s was read %d times", c.voice.Entry.Title, asked)
		}
	}
}

func TestASearchThatChangesMakesAnotherTopic(t *testing.T) {
	print := func(search string) copydesk.Digest {
		p, err := topic.Compose([]copydesk.Topic{{ID: "x", Search: search}}, nil, func(copydesk.Voice) func(string) bool { return nil })
		if err != nil {
			t.Fatal(err)
		}
		return p.Fingerprint("x")
	}
	if print("") == print("rain") || print("rain") == print("snow") {
		t.Error("the fingerprint is the same")
	}
	if _, err := topic.Compose([]copydesk.Topic{{ID: "x", Search: "rain"}}, nil, nil); err == nil {
		t.Error("a search that nobody can ask was taken")
	}
}
