package story_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"copydesk"
	"copydesk/story"

	"pgregory.net/rapid"
)

func address(name string) string { return "https://" + name + ".example/1" }

// asWritten stands in for the form in which addresses are compared.
func asWritten(address string) string { return strings.TrimSuffix(address, "#home") }

// override names articles by the source that carries them: "a b" for a list.
func override(join, split, lead string) copydesk.Override {
	o := copydesk.Override{}
	for _, name := range strings.Fields(join) {
		o.Join = append(o.Join, address(name))
	}
	for _, name := range strings.Fields(split) {
		o.Split = append(o.Split, address(name))
	}
	if lead != "" {
		o.Lead = address(lead)
	}
	return o
}

func said(all ...copydesk.Override) story.Overrides { return story.NewOverrides(all, asWritten) }

// articleOf is the voice of a source that has one article.
func articleOf(name string) copydesk.Voice {
	return voice(name, "1", address(name), int(name[0]-'a'))
}

// told is a story of articles, each linked to those that its name is followed
// by: "a b:a c:b" is a chain.
func told(text string) copydesk.Told {
	var t copydesk.Told
	for _, field := range strings.Fields(text) {
		name, links, _ := strings.Cut(field, ":")
		v := articleOf(name)
		m := copydesk.Member{Entry: v.Entry.ID, Source: v.Entry.Source, Joined: v.Entry.RevisedAt}
		for _, with := range strings.Split(links, "") {
			m.Evidence = append(m.Evidence, link(with))
		}
		if len(t.Voices) == 0 {
			t.Story.ID = copydesk.NewStoryID(v.Entry.ID)
		}
		t.Story.Members, t.Voices = append(t.Story.Members, m), append(t.Voices, v)
	}
	t.Story.Lead = t.Story.Members[0].Entry
	return t
}

func link(with string) copydesk.Evidence {
	return copydesk.Evidence{Step: copydesk.StepSameText, With: articleOf(with).Entry.ID, Score: 1, Why: "the same text"}
}

// row shows a story by its members in the order in which they joined, after the
// one that its id is from.
func row(s copydesk.Story) string {
	var members []string
	first := ""
	for _, m := range s.Members {
		members = append(members, string(m.Source))
		if s.ID == copydesk.NewStoryID(m.Entry) {
			first = string(m.Source)
		}
	}
	return first + ": " + strings.Join(members, " ")
}

func rows(all []story.Grouped) (text []string) {
	for _, g := range all {
		text = append(text, row(g.Story))
	}
	return text
}

func TestStoriesAreBroughtInLineWithOverrides(t *testing.T) {
	for _, c := range []struct {
		name    string
		say     []copydesk.Override
		stories []string
		want    []string
	}{
		{"nothing said, nothing done", nil, []string{"a b:a", "c"}, []string{"a: a b", "c: c"}},
		{"the oldest takes the others in", []copydesk.Override{override("c b a", "", "")}, []string{"b", "c", "a"}, []string{"a: a b c"}},
		{"joins meet in one that both name", []copydesk.Override{override("a b", "", ""), override("b c", "", "")}, []string{"a", "b", "c"}, []string{"a: a b c"}},
		{"whole stories are joined", []copydesk.Override{override("b d", "", "")}, []string{"a b:a", "c d:c"}, []string{"a: a b c d"}},
		{"who joined later leaves", []copydesk.Override{override("", "a b", "")}, []string{"a b:a"}, []string{"a: a", "b: b"}},
		{"no two of three stay together", []copydesk.Override{override("", "a b c", "")}, []string{"a b:a c:ab"}, []string{"a: a", "b: b", "c: c"}},
		{"who is linked to the first stays", []copydesk.Override{override("", "a b", "")}, []string{"a b:a c:a"}, []string{"a: a c", "b: b"}},
		{"who is linked to the one that leaves alone goes along", []copydesk.Override{override("", "a b", "")}, []string{"a b:a c:b"}, []string{"a: a", "b: b c"}},
		{"who is joined with the one that leaves goes along", []copydesk.Override{override("b c", "a b", "")}, []string{"a b:a c:a"}, []string{"a: a", "b: b c"}},
		{"from one story into another", []copydesk.Override{override("b c", "a b", "")}, []string{"a b:a", "c d:c"}, []string{"a: a", "c: c d b"}},
		{"a story with one that is split is not joined", []copydesk.Override{override("b c", "a c", "")}, []string{"a b:a", "c"}, []string{"a: a", "c: c b"}},
		{"split goes before join", []copydesk.Override{override("a b", "a b", "")}, []string{"a", "b"}, []string{"a: a", "b: b"}},
		{"an address that is none is passed over", []copydesk.Override{{Join: []string{address("a"), "#home"}}}, []string{"a", "b"}, []string{"a: a", "b: b"}},
	} {
		var before []copydesk.Told
		for _, s := range c.stories {
			before = append(before, told(s))
		}
		if got := rows(said(c.say...).Apply(before, noon.AddDate(0, 0, 1))); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAMemberKnowsThatTheOperatorJoinedOrSplitIt(t *testing.T) {
	joined := said(override("a b", "", "")).Apply([]copydesk.Told{told("a"), told("b")}, noon)[0]
	want := copydesk.Evidence{Step: copydesk.StepOverride, With: articleOf("a").Entry.ID, Score: 1, Why: "joined by the operator ([[story]] join)"}
	if got := joined.Story.Members[1].Evidence; !slices.Contains(got, want) {
		t.Errorf("joined: %+v", got)
	}
	if want := []copydesk.StoryID{told("b").Story.ID}; !slices.Equal(joined.Absorbed, want) {
		t.Errorf("absorbed %v, want %v", joined.Absorbed, want)
	}
	apart := said(override("", "a b c", "")).Apply([]copydesk.Told{told("a b:a c:b")}, noon.AddDate(0, 0, 1))
	whys := func(n int) (all []string) {
		for _, e := range apart[n].Story.Members[0].Related {
			all = append(all, e.Why)
		}
		return all
	}
	linked, bare := "split by the operator ([[story]] split): the same text", "split by the operator ([[story]] split)"
	for n, want := range [][]string{{bare, bare}, {linked, bare}, {linked, bare}} {
		if got := whys(n); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", row(apart[n].Story), got, want)
		}
		if len(apart[n].Story.Members[0].Evidence) > 0 {
			t.Errorf("%s keeps a link to whom it was split from", row(apart[n].Story))
		}
	}
}

func TestAnEntryJoinsOnlyWhereNobodyIsSplitFromIt(t *testing.T) {
	for _, c := range []struct {
		name      string
		say       copydesk.Override
		arrives   string
		links     string
		near      []string
		want      string
		overruled int
	}{
		{"split from the one it is linked to", override("", "a c", ""), "c", "a", []string{"a"}, "c: c", 1},
		{"split from another of the story", override("", "a c", ""), "c", "b", []string{"a b:a"}, "c: c", 1},
		{"split stories do not meet in a third", override("", "a b", ""), "c", "ab", []string{"a", "b"}, "a: a c", 1},
		{"what is joined with one that is split is split", override("b c", "a b", ""), "c", "a", []string{"a"}, "c: c", 1},
		{"the joined story goes before an older one", override("b c", "a b", ""), "c", "ab", []string{"a", "b"}, "b: b c", 1},
		{"a revision stays where it is", override("", "a b", ""), "b", "a", []string{"a", "b"}, "b: b", 1},
		{"others are as near as ever", override("", "x y", ""), "c", "ab", []string{"a", "b"}, "a: a b c", 0},
	} {
		var near []copydesk.Told
		var evidence []copydesk.Evidence
		var others []copydesk.Entry
		for _, s := range c.near {
			near = append(near, told(s))
			for _, v := range told(s).Voices {
				others = append(others, v.Entry)
			}
		}
		o, arrived := said(c.say), articleOf(c.arrives)
		evidence = append(evidence, o.Evidence(arrived.Entry, others)...)
		for _, with := range strings.Split(c.links, "") {
			evidence = append(evidence, link(with))
		}
		g := story.Group(arrived, evidence, near, o)
		if got := row(g.Story); got != c.want || len(g.Overruled) != c.overruled {
			t.Errorf("%s: got %q, %d overruled, want %q, %d", c.name, got, len(g.Overruled), c.want, c.overruled)
		}
	}
}

func TestTheOperatorNamesTheLead(t *testing.T) {
	at := func(source, name string, minute int) copydesk.Voice { return voice(source, "1", address(name), minute) }
	original, late := home(articleOf("a"), address("a")), aggregator(articleOf("d"))
	for _, c := range []struct {
		name, lead string
		say        []copydesk.Override
		voices     []copydesk.Voice
		why        string
	}{
		{"against every rule", "d", []copydesk.Override{override("", "", "d")}, []copydesk.Voice{original, late}, "named by the operator ([[story]] lead)"},
		{"of two at that address, by the rules", "c", []copydesk.Override{override("", "", "d")},
			[]copydesk.Voice{original, late, at("c", "d", 9)}, "named by the operator ([[story]] lead); of those at that address: others are aggregators"},
		{"another one's lead", "a", []copydesk.Override{override("", "", "x")}, []copydesk.Voice{original, late}, "others are aggregators"},
		{"alone", "d", []copydesk.Override{override("", "", "d")}, []copydesk.Voice{late}, "the only member"},
	} {
		for range c.voices {
			c.voices = append(c.voices[1:], c.voices[0])
			if lead, why := story.Lead(c.voices, said(c.say...)); string(lead.Source.ID) != c.lead || why != c.why {
				t.Errorf("%s: led by %s: %s", c.name, lead.Source.ID, why)
			}
		}
	}
}

// Whatever is said of whatever stories: no entry is lost, no two that are split
// are together, and saying it again changes nothing.
func TestOverridesLoseNobodyAndComeToRest(t *testing.T) {
	names := strings.Split("abcdefgh", "")
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.Map(rapid.SliceOfNDistinct(rapid.SampledFrom(names), 2, 3, rapid.ID), func(s []string) string { return strings.Join(s, " ") })
		var say []copydesk.Override
		for range rapid.IntRange(1, 4).Draw(t, "overrides") {
			if rapid.Bool().Draw(t, "joins") {
				say = append(say, override(some.Draw(t, "join"), "", ""))
			} else {
				say = append(say, override("", some.Draw(t, "split"), ""))
			}
		}
		stories := map[int]string{}
		for _, name := range names {
			n := rapid.IntRange(0, 3).Draw(t, "story of "+name)
			if stories[n] != "" {
				name += ":" + stories[n][:1]
			}
			stories[n] += name + " "
		}
		var before []copydesk.Told
		for _, s := range stories {
			before = append(before, told(s))
		}
		after := said(say...).Apply(before, noon)
		var members []string
		var again []copydesk.Told
		for _, g := range after {
			next := copydesk.Told{Story: g.Story}
			for _, m := range g.Story.Members {
				members = append(members, string(m.Source))
				next.Voices = append(next.Voices, articleOf(string(m.Source)))
			}
			again = append(again, next)
			for _, o := range say {
				together := slices.DeleteFunc(slices.Clone(o.Split), func(a string) bool {
					return !slices.ContainsFunc(next.Voices, func(v copydesk.Voice) bool { return v.Entry.Canonical == a })
				})
				if len(together) > 1 {
					t.Fatalf("%q are in one story", together)
				}
			}
		}
		slices.Sort(members)
		if !slices.Equal(members, names) {
			t.Fatalf("members are %q", members)
		}
		if one, two := fmt.Sprint(rows(after)), fmt.Sprint(rows(said(say...).Apply(again, noon))); one != two {
			t.Fatalf("first %s, then %s", one, two)
		}
	})
}
