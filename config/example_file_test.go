package config

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"copydesk"
)

const example = "../config.example.toml"

func loadExample(t *testing.T) (Config, string) {
	t.Helper()
	c, err := Load(example, noEnv, Meaning{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	return c, string(text)
}

func TestTheExampleShowsEveryOptionAtItsDefault(t *testing.T) {
	got, _ := loadExample(t)
	want, err := Parse(example, nil, noEnv, Meaning{})
	if err != nil {
		t.Fatal(err)
	}
	ignoreLists := cmp.FilterPath(func(p cmp.Path) bool {
		last := p.Last().String()
		return len(p) == 2 && (last == ".Topics" || last == ".Sources")
	}, cmp.Ignore())
	emptyIsNil := cmp.Transformer("emptyIsNil", func(s []string) []string { return append([]string(nil), s...) })
	if diff := cmp.Diff(want, got, ignoreLists, emptyIsNil); diff != "" {
		t.Errorf("(-default +example)\n%s", diff)
	}
	for _, topic := range got.Topics {
		title := copydesk.Topic{ID: topic.ID, Title: topic.Title, Parent: topic.Parent}
		title.Merge, title.Limit, title.Content = copydesk.MergeStory, 100, copydesk.ShowFull
		title.MinSources = 1
		if diff := cmp.Diff(title, topic, emptyIsNil); diff != "" {
			t.Errorf("topic %s (-default +example)\n%s", topic.ID, diff)
		}
	}
}

// The options of a table are explained at the first of its kind.
func TestTheExampleHasEveryKey(t *testing.T) {
	_, text := loadExample(t)
	for _, table := range new(wire).tables() {
		first := regexp.MustCompile(`(?ms)^(?:# )?` + regexp.QuoteMeta(table.header()) + `$(.*?)(^\[|\z)`).FindString(text)
		for _, name := range keyNames(table.open(0)) {
			if !regexp.MustCompile(`(?m)^(# )?` + name + ` = .`).MatchString(first) {
				t.Errorf("the first %s does not show %s", table.header(), name)
			}
		}
	}
}

func TestEveryOptionOfTheExampleHasItsReasonAbove(t *testing.T) {
	_, text := loadExample(t)
	for _, block := range regexp.MustCompile(`(?m)\n\n(?:# )?(\w+) = `).FindAllStringSubmatch(text, -1) {
		t.Errorf("%s has no comment above it", block[1])
	}
}

func TestTheExampleFeedsAsiaAndTheWorld(t *testing.T) {
	c, _ := loadExample(t)
	feeding := map[copydesk.TopicID]int{}
	for _, s := range c.Sources {
		for _, topic := range s.Topics {
			feeding[topic]++
		}
		if s.ID == "" || s.Name == "" || s.Publisher == "" {
			t.Errorf("%s lacks an id, a name or a publisher", s.URL)
		}
	}
	for _, want := range []copydesk.Topic{{ID: "world", Title: "World"}, {ID: "asia", Title: "Asia", Parent: "world"}} {
		i := slices.IndexFunc(c.Topics, func(t copydesk.Topic) bool { return t.ID == want.ID })
		if i < 0 || c.Topics[i].Title != want.Title || c.Topics[i].Parent != want.Parent {
			t.Errorf("topic %s is not there as it should be: %+v", want.ID, c.Topics)
		}
		if feeding[want.ID] < 5 {
			t.Errorf("topic %s has %d sources, want 5 or more", want.ID, feeding[want.ID])
		}
	}
}
