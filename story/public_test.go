package story_test

import (
	"slices"
	"testing"

	"copydesk"
	"copydesk/story"

	"pgregory.net/rapid"
)

func secretly(v copydesk.Voice) copydesk.Voice {
	v.Source.Private = true
	return v
}

// public is how a story looks to the public, empty if it does not.
func public(t copydesk.Told) copydesk.Byline {
	switch {
	case t.Story.Public != nil:
		return *t.Story.Public
	case slices.ContainsFunc(t.Voices, func(v copydesk.Voice) bool { return v.Source.Private }):
		return copydesk.Byline{}
	}
	return t.Story.Byline()
}

// What private entries join a story, and when, changes nothing of what the
// public sees of it.
func TestAStoryIsForThePublicWhatItWouldBeWithoutPrivateMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		with, without := news{stories: map[copydesk.StoryID]copydesk.Told{}}, news{stories: map[copydesk.StoryID]copydesk.Told{}}
		n := rapid.IntRange(1, 8).Draw(t, "entries")
		for i := range n {
			v := voice(string(rune('a'+i)), "1", "https://one.example/news", i)
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				v = aggregator(v)
			case 1:
				v = home(v, "https://one.example/")
			case 2:
				v = publishedAt(v, -i)
			}
			v = lackedAt(v, i-1)
			if rapid.Bool().Draw(t, "private") {
				with.arrive(secretly(v))
				continue
			}
			with.arrive(v)
			without.arrive(v)
		}
		for _, told := range without.stories {
			var got copydesk.Byline
			for _, mixed := range with.stories {
				got = public(mixed)
			}
			if want := told.Story.Byline(); got != want {
				t.Fatalf("the public sees %+v, want %+v", got, want)
			}
		}
	})
}

func TestAStoryThatThePublicKnowsKeepsItsIDWhenItMeetsAnOlderPrivateOne(t *testing.T) {
	older, known := secretly(voice("paid", "1", "https://paid.example/1", 0)), voice("a", "1", "https://a.example/1", 1)
	bridge := voice("b", "1", "https://b.example/1", 2)
	near := []copydesk.Told{alone(older), alone(known)}
	evidence := []copydesk.Evidence{{Step: copydesk.StepSameText, With: older.Entry.ID}, {Step: copydesk.StepSameText, With: known.Entry.ID}}
	g := story.Group(bridge, evidence, near, story.Overrides{})
	if g.Story.ID != near[1].Story.ID || !slices.Equal(g.Absorbed, []copydesk.StoryID{near[0].Story.ID}) {
		t.Errorf("story %s absorbed %s", g.Story.ID, g.Absorbed)
	}
}

func alone(v copydesk.Voice) copydesk.Told {
	g := story.Group(v, nil, nil, story.Overrides{})
	return copydesk.Told{Story: g.Story, Voices: g.Voices}
}

func TestAStoryIsPublishedAnewWhenASourceBecomesPublicOrPrivate(t *testing.T) {
	n := news{stories: map[copydesk.StoryID]copydesk.Told{}}
	n.arrive(home(voice("paid", "1", "https://paid.example/1", 0), "https://paid.example/"))
	g := n.arrive(voice("a", "1", "https://paid.example/1", 1))
	told := copydesk.Told{Story: g.Story, Voices: g.Voices}
	later := noon.AddDate(0, 0, 1)
	lead := g.Story.Lead
	if s, changed := story.Published(told, story.Overrides{}, later); changed || s.Public != nil {
		t.Errorf("nothing is private: %v, %+v", changed, s)
	}
	i := slices.IndexFunc(told.Voices, func(v copydesk.Voice) bool { return v.Entry.ID == lead })
	told.Voices[i].Source.Private = true
	s, changed := story.Published(told, story.Overrides{}, later)
	if !changed || s.Public == nil || s.Public.Lead == lead || !s.Public.Updated.Equal(later) || s.Lead != lead || !s.Updated.Equal(g.Story.Updated) {
		t.Fatalf("its lead is private: %v, %+v", changed, s)
	}
	told.Story = s
	if _, changed := story.Published(told, story.Overrides{}, later); changed {
		t.Error("it changes twice")
	}
	told.Voices[i].Source.Private = false
	s, changed = story.Published(told, story.Overrides{}, later.AddDate(0, 0, 1))
	if !changed || s.Public != nil || s.Lead != lead || !s.Updated.Equal(later.AddDate(0, 0, 1)) {
		t.Errorf("it is public again: %v, %+v", changed, s)
	}
}
