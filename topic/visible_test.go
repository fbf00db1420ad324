package topic_test

import (
	"testing"
	"time"

	"copydesk"
	"copydesk/topic"

	"github.com/google/go-cmp/cmp"
)

func private(id string, topics ...copydesk.TopicID) copydesk.Source {
	src := source(id, topics...)
	src.Private = true
	return src
}

// drawers: the private papers have the private letters and the public world
// below them; rules take all rain.
func drawers(t *testing.T, sources ...copydesk.Source) topic.Plan {
	t.Helper()
	const rain = `"Rain" in words`
	p, err := topic.Compose([]copydesk.Topic{
		{ID: "papers", Private: true},
		{ID: "letters", Private: true, Parent: "papers"},
		{ID: "world", Parent: "papers", MinSources: 2},
		{ID: "rain", Match: rain},
		{ID: "drops", MatchAny: []string{"rain"}},
		{ID: "asked", Search: "rain"},
		{ID: "diary", Private: true, Match: rain},
	}, sources, func(v copydesk.Voice) func(string) bool {
		return func(string) bool { return v.Entry.Title == "Rain" }
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestATopicTakesAStoryByWhatItMaySee(t *testing.T) {
	post, open, other := private("post", "letters"), source("open", "world"), source("other")
	p := drawers(t, post, open, other)
	letters := topic.Match{Topic: "letters", Why: "its source post"}
	papers := topic.Match{Topic: "papers", Why: "carries letters", Via: []copydesk.TopicID{"letters"}}
	waiting := topic.Match{Topic: "world", Why: "its source open", Waits: "1 of the 2 publishers that it needs carry it"}
	for _, c := range []struct {
		name   string
		voices []copydesk.Voice
		want   []topic.Match
	}{
		{"a private voice alone", []copydesk.Voice{says(post, "Rain")}, []topic.Match{letters, papers}},
		{"it is no publisher for the public", []copydesk.Voice{says(post, "Rain"), says(open, "Wet")}, []topic.Match{letters, waiting, papers}},
		{"a public voice", []copydesk.Voice{says(post, "Wet"), says(other, "Rain")}, []topic.Match{
			letters, papers,
			{Topic: "rain", Why: "meets match"}, {Topic: "drops", Why: "has the words rain"}, {Topic: "asked", Why: "meets search"}, {Topic: "diary", Why: "meets match"},
		}},
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

func TestWhoSeesASource(t *testing.T) {
	post, open := private("post", "letters"), source("open")
	p := drawers(t, post, open)
	for id, want := range map[copydesk.TopicID]bool{"letters": true, "papers": true, "diary": false, "world": false, "rain": false, "": false, "none": false} {
		if got := p.Sees(id)(post); got != want {
			t.Errorf("%q: %v", id, got)
		}
		if !p.Sees(id)(open) {
			t.Errorf("%q does not see what is public", id)
		}
	}
}

func TestSightMovesWithWhatIsPrivateAndNothingElse(t *testing.T) {
	topics := []copydesk.Topic{{ID: "world"}, {ID: "papers"}}
	compose := func(private bool, sources ...copydesk.Source) topic.Plan {
		topics[1].Private = private
		p, err := topic.Compose(topics, sources, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	plain := compose(false, source("a", "world"))
	if plain.Sight("world") != (copydesk.Digest{}) || plain.Sight("world") != compose(false, source("b")).Sight("world") {
		t.Error("there is something to see where nothing is private")
	}
	hidden := compose(true, source("a", "world"), private("b", "papers"))
	for _, id := range []copydesk.TopicID{"world", "papers"} {
		if hidden.Sight(id) == plain.Sight(id) || hidden.Fingerprint(id) == plain.Fingerprint(id) {
			t.Errorf("%s does not notice", id)
		}
	}
	if hidden.Sight("papers") == compose(true, source("a"), private("b")).Sight("papers") {
		t.Error("papers do not notice that they list a source no more")
	}
}

func TestWhatIsVisibleNamesNothingElse(t *testing.T) {
	all := told(t) // a first, then c, then b, which leads
	hide := func(id string) func(copydesk.Source) bool {
		return func(src copydesk.Source) bool { return string(src.ID) != id }
	}
	first := func(voices []copydesk.Voice) (copydesk.Voice, string) { return voices[0], "the first" }
	if diff := cmp.Diff(all, topic.Visible(all, hide("nobody"), first)); diff != "" {
		t.Errorf("all is visible (-want +got):\n%s", diff)
	}
	if got := topic.Visible(all, func(copydesk.Source) bool { return false }, first); len(got.Voices) != 0 || topic.Items(copydesk.Topic{}, got) != nil {
		t.Errorf("nothing is visible: %+v", got)
	}

	all.Story.Members[0].Related = []copydesk.Evidence{{With: all.Story.Members[1].Entry}}
	got := topic.Visible(all, hide("a"), first)
	c, b := all.Story.Members[1], all.Story.Members[2]
	want := all.Story
	want.Members = []copydesk.Member{{Entry: c.Entry, Source: "c", Evidence: []copydesk.Evidence{}}, {Entry: b.Entry, Source: "b", Evidence: []copydesk.Evidence{}}}
	want.Lead, want.LeadWhy, want.Updated = c.Entry, "the first", noon
	if diff := cmp.Diff(copydesk.Told{Story: want, Voices: all.Voices[1:]}, got); diff != "" {
		t.Errorf("without a (-want +got):\n%s", diff)
	}
	if len(all.Story.Members[1].Evidence) != 1 || len(all.Story.Members[0].Related) != 1 {
		t.Error("the story itself was changed")
	}
}

func TestThePublicSeesWhatTheStoryKeepsForIt(t *testing.T) {
	all := told(t)
	for i := range all.Voices {
		all.Voices[i].Source.Private = all.Voices[i].Source.ID == "b"
	}
	c := all.Story.Members[1].Entry
	all.Story.Public = &copydesk.Byline{Lead: c, LeadWhy: "kept", Updated: noon.Add(time.Minute)}
	never := func([]copydesk.Voice) (copydesk.Voice, string) { panic("nobody asks") }
	public := func(src copydesk.Source) bool { return !src.Private }
	got := topic.Visible(all, public, never).Story
	if got.Lead != c || got.LeadWhy != "kept" || !got.Updated.Equal(noon.Add(time.Minute)) || got.Public != nil {
		t.Errorf("%+v", got)
	}

	// another private member is in the story, and one who may see b may not see it
	all.Voices[0].Source.Private = true
	first := func(voices []copydesk.Voice) (copydesk.Voice, string) { return voices[0], "the first" }
	got = topic.Visible(all, func(src copydesk.Source) bool { return src.ID != "a" }, first).Story
	if got.Lead != c || got.LeadWhy != "the first" || !got.Updated.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v: no older than for the public", got)
	}
}
