package story_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"copydesk"
	"copydesk/story"
	"copydesk/story/alike"
)

func TestWhoWasThereBeforeStaysWithWhomItIsLinkedTo(t *testing.T) {
	for _, c := range []struct{ before, again, want string }{
		{"a b:a c:b", "", "a: a b c"},
		{"a b:a c:b", "c", "a: a b"},
		{"a b:a c:a", "b", "a: a c"},
		{"a b:a c:b", "b", "a: a | c: c"}, // only b had brought them together
		{"a b c:ab", "c", "a: a | b: b"},
		{"a b:a c d:c", "a", "b: b | c: c d"},
		{"a b:a", "a b", ""},
	} {
		var parts []string
		for _, s := range story.Settled(told(c.before).Story, func(id copydesk.EntryID) bool {
			return slices.ContainsFunc(strings.Fields(c.again), func(name string) bool { return articleOf(name).Entry.ID == id })
		}) {
			parts = append(parts, row(s))
			for _, m := range s.Members {
				for _, e := range m.Evidence {
					if !s.Has(e.With) {
						t.Errorf("%s without %s: evidence with one who is not there", c.before, c.again)
					}
				}
			}
		}
		if got := strings.Join(parts, " | "); got != c.want {
			t.Errorf("%s without %s: got %q, want %q", c.before, c.again, got, c.want)
		}
	}
}

func TestAnIdStaysWhereItsFirstMemberIs(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"a b:a | c", "a b:a | c", ""},
		{"a b:a", "a | b", "a: a | b: b"},
		{"a | b", "a b:a", "a: a b absorbs b"},
		{"a | b", "b a:b", "a: a b absorbs b"}, // the oldest, whoever came first
		{"a b:a c:a", "b c:b | a", "b: b c | a: a"},
		{"a b:a | c d:c", "a d:a | c b:c", "a: a d | c: c b"},
		{"a b:a | c d:c", "a c:a | b | d", "a: a c absorbs c | b: b | d: d"},
		{"A | b", "A b:A", "b: b A absorbs A"}, // A came first, and the public does not know it
		{"A | B", "A B:A", "A: A B absorbs B"},
	} {
		o := story.Overrides{}
		before := stories(c.before)
		settled := before // as it becomes
		var rows []string
		for _, r := range story.Reconcile(before, stories(c.after), secret) {
			var voices []copydesk.Voice
			for _, m := range r.Story.Members {
				voices = append(voices, articleOf(string(m.Source)))
			}
			if !r.Credit(voices, o, noon) {
				continue
			}
			text := row(r.Story)
			for _, id := range r.Absorbed {
				settled = slices.DeleteFunc(slices.Clone(settled), func(s copydesk.Story) bool { return s.ID == id })
				for _, s := range before {
					if s.ID == id {
						text += fmt.Sprintf(" absorbs %s", s.Members[0].Source)
					}
				}
			}
			settled = append(slices.DeleteFunc(slices.Clone(settled), func(s copydesk.Story) bool { return s.ID == r.Story.ID }), r.Story)
			rows = append(rows, text)
		}
		if got := strings.Join(rows, " | "); got != c.want {
			t.Errorf("%s to %s: got %q, want %q", c.before, c.after, got, c.want)
		}
		for _, r := range story.Reconcile(settled, stories(c.after), secret) {
			if len(r.Absorbed)+len(r.From) > 0 {
				t.Errorf("%s to %s: done again, %s changes", c.before, c.after, row(r.Story))
			}
		}
	}
}

// secret tells that the members of a story are private, those in capitals.
func secret(s copydesk.Story) bool {
	return !slices.ContainsFunc(s.Members, func(m copydesk.Member) bool { return m.Source >= "a" })
}

// stories are some of them, with leads.
func stories(text string) (all []copydesk.Story) {
	for one := range strings.SplitSeq(text, " | ") {
		g := told(one)
		r := story.Reconcile(nil, []copydesk.Story{g.Story}, secret)[0]
		r.Credit(g.Voices, story.Overrides{}, noon)
		all = append(all, r.Story)
	}
	return all
}

func TestWordsAreAsRareAsBeforeTheEntriesThatComeAgain(t *testing.T) {
	r, alone := alike.NewRarity(), alike.NewRarity()
	first, second := alike.Read(written("a", ferryTitle, ferryText, 0)), alike.Read(written("b", ferryTitle, ferryRewrite, 1))
	nothing := slices.Values([]alike.Features{})
	alone.Observe(first)
	before, _ := alone.Without(nothing).MarshalBinary()
	r.Observe(first)
	r.Observe(second)
	after, _ := r.MarshalBinary()
	less := r.Without(slices.Values([]alike.Features{second}))
	if got, _ := less.MarshalBinary(); !slices.Equal(got, before) {
		t.Errorf("the counts without an entry are not those before it")
	}
	less.Observe(second)
	again, _ := less.Without(nothing).MarshalBinary()
	if got, _ := r.Without(nothing).MarshalBinary(); !slices.Equal(got, again) {
		t.Errorf("the counts with it again are not those after it")
	}
	if got, _ := r.MarshalBinary(); !slices.Equal(got, after) {
		t.Errorf("the counts themselves were changed")
	}
	r.Without(slices.Values([]alike.Features{first, second, second})) // more often than counted
}

// What comes again comes with its hours: the first of them is weighed by what was
// said before all.
func TestWhatComesAgainWaitsForItsHoursAgain(t *testing.T) {
	r := alike.NewRarity()
	var all []alike.Features
	for i := range 12 {
		f := alike.Read(written(fmt.Sprint("s", i), ferryTitle, ferryRewrite, 60*i))
		r.Observe(f)
		all = append(all, f)
	}
	less, fresh := r.Without(slices.Values(all)), alike.NewRarity()
	for i, f := range all {
		less.Observe(f)
		fresh.Observe(f)
		if got, want := alike.Compare(all[0], f, less), alike.Compare(all[0], f, fresh); got != want {
			t.Errorf("entry %d again: %+v, at first %+v", i, got, want)
		}
	}
}
