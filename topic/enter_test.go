package topic_test

import (
	"testing"
	"time"

	"copydesk"
	"copydesk/topic"

	"github.com/google/go-cmp/cmp"
)

func published(id, publisher string, topics ...copydesk.TopicID) copydesk.Source {
	src := source(id, topics...)
	src.Publisher = publisher
	return src
}

func TestAStoryWaitsUntilEnoughPublishersCarryIt(t *testing.T) {
	dw, dwToo, planet := published("dw-asia", "DW", "asia"), published("dw-world", "DW"), source("planet")
	p, err := topic.Compose([]copydesk.Topic{{ID: "world"}, {ID: "asia", Parent: "world", MinSources: 2}}, []copydesk.Source{dw}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const lacks = "1 of the 2 publishers that it needs carry it"
	for _, c := range []struct {
		name   string
		voices []copydesk.Voice
		want   []topic.Match
	}{
		{"one publisher", []copydesk.Voice{says(dw, "Rain")}, []topic.Match{{Topic: "asia", Why: "its source dw-asia", Waits: lacks}}},
		{"two sources of one publisher", []copydesk.Voice{says(dw, "Rain"), says(dwToo, "Rain")},
			[]topic.Match{{Topic: "asia", Why: "its source dw-asia", Waits: lacks}}},
		{"two publishers, and the parent with them", []copydesk.Voice{says(dw, "Rain"), says(planet, "Rain")}, []topic.Match{
			{Topic: "asia", Why: "its source dw-asia"}, {Topic: "world", Why: "carries asia", Via: []copydesk.TopicID{"asia"}},
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

func TestATopicThatTakesAStoryItselfNeedsNoChild(t *testing.T) {
	src := source("both", "world", "asia")
	p, err := topic.Compose([]copydesk.Topic{{ID: "asia", Parent: "world"}, {ID: "world"}}, []copydesk.Source{src}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []topic.Match{{Topic: "asia", Why: "its source both"}, {Topic: "world", Why: "its source both"}}
	got, _ := p.Match([]copydesk.Voice{says(src, "Rain")})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPublisherEntersSoOftenADay(t *testing.T) {
	carried := topic.Carried{Lead: "dw", Name: "Deutsche Welle", Publishers: 1}
	limited := copydesk.Topic{PerSource: 2}
	held := copydesk.Held{
		Why: "Deutsche Welle had its 2 of 2024-03-01; it enters when another publisher carries it", At: noon, Publishers: 1,
	}
	for _, c := range []struct {
		name    string
		topic   copydesk.Topic
		entered int
		before  copydesk.Held
		by      int // publishers
		want    copydesk.Held
		enters  bool
	}{
		{"no limit", copydesk.Topic{}, 1000, copydesk.Held{}, 1, copydesk.Held{}, true},
		{"below the limit", limited, 1, copydesk.Held{}, 1, copydesk.Held{}, true},
		{"at the limit", limited, 2, copydesk.Held{}, 1, held, false},
		{"what was decided stays so on another day", limited, 0, held, 1, held, false},
		{"one more publisher", limited, 2, held, 2, held, true},
	} {
		carried.Publishers = c.by
		got, enters := topic.Enters(c.topic, carried, noon, c.entered, c.before)
		if enters != c.enters {
			t.Errorf("%s: enters is %v", c.name, enters)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestAStoryIsSharedByMoreThanATopicAsksFor(t *testing.T) {
	for _, c := range []struct {
		publishers, min int
		want            bool
	}{{1, 0, false}, {1, 1, false}, {2, 0, true}, {2, 1, true}, {2, 2, false}, {3, 2, true}} {
		if got := (topic.Carried{Publishers: c.publishers}).Shared(copydesk.Topic{MinSources: c.min}); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

func TestADayIsOneOfUTC(t *testing.T) {
	east := time.FixedZone("east", 9*3600)
	midnight := time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC)
	if topic.Day(midnight.In(east)) != topic.Day(midnight) {
		t.Error("a time has another day in another zone")
	}
	if before := topic.Day(midnight.Add(-time.Nanosecond)); before != topic.Day(midnight)-1 || before != topic.Day(midnight.Add(-24*time.Hour)) {
		t.Errorf("day %d before day %d", before, topic.Day(midnight))
	}
}

func TestALeadsPublisherIsWhatACountGoesBy(t *testing.T) {
	s := told(t) // three sources, b leads
	s.Voices[0].Source.Publisher, s.Voices[2].Source.Publisher = "One Press", "One Press"
	want := topic.Carried{Lead: "One Press", Name: "One Press", Publishers: 2, Seen: noon}
	if diff := cmp.Diff(want, topic.CarriedBy(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
