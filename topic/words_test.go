package topic_test

import (
	"strings"
	"testing"

	"copydesk"
	"copydesk/topic"

	"github.com/google/go-cmp/cmp"
)

// why says why a topic with these lists takes a title, or nothing.
func why(t *testing.T, lists copydesk.Topic, v copydesk.Voice) string {
	t.Helper()
	lists.ID = "x"
	p, err := topic.Compose([]copydesk.Topic{lists}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	matches, err := p.Match([]copydesk.Voice{v})
	if err != nil {
		t.Fatal(err)
	}
	if len(matches) == 0 {
		return ""
	}
	return matches[0].Why
}

func TestAWordIsFoundWholeAndInAnyCase(t *testing.T) {
	for _, c := range []struct {
		word, text string
		want       bool
	}{
		{"asean", "ASEAN's summit", true},
		{"ASEAN", "Caseansen", false},
		{"rain", "Ukraine", false},
		{"rain", "Ukraine: rain", true},
		{"rain", "trains and rain-soaked fields", true},
		{"rain", "rain2", false},
		{"Kuala Lumpur", "KUALA\u00a0LUMPUR, Malaysia", true},
		{"Kuala  Lumpur ", "in Kuala\n Lumpur", true},
		{"Kuala Lumpur", "Kuala and Lumpur", false},
		{"Côte d'Ivoire", "CÔTE D’IVOIRE wins", true},
		{"Straße", "STRASSE gesperrt", true},
		{"cafe\u0301", "Café", true},
		{"cafe", "Café", false},
		{"C++", "new in C++ today", true},
		{"Москва", "МОСКВА: дождь", true},
		{"Москва", "Москвабад", false},
		{"مصر", "فازت مصر اليوم", true},
		{"مصر", "مصرف", false},
		{"भारत", "भारत में वर्षा", true},
		{"भार", "भारत में वर्षा", false},
		{"भारत", "भारतीय", false},
		{"台风", "强台风登陆广东", true},
		{"ミャンマー", "在ミャンマー大使館", true},
		{"พม่า", "รัฐบาลพม่าประกาศ", true},
		{"ASEAN", "东盟ASEAN峰会", true},
		{"미얀마", "미얀마는 오늘", true},
		{"얀마", "미얀마는 오늘", false},
		{"ＡＳＥＡＮ", "ASEAN", true},
	} {
		got := why(t, copydesk.Topic{MatchAny: []string{c.word}}, says(source("s"), c.text))
		if (got != "") != c.want {
			t.Errorf("%q in %q: %q, want %v", c.word, c.text, got, c.want)
		}
		if c.want && got != "has the words "+c.word {
			t.Errorf("%q in %q: the reason is %q", c.word, c.text, got)
		}
	}
}

func TestListsOfWordsAreOneRule(t *testing.T) {
	lists := copydesk.Topic{MatchAny: []string{"Myanmar", "ASEAN"}, MatchAll: []string{"talks"}, MatchNone: []string{"football"}}
	for title, want := range map[string]string{
		"Talks in Myanmar":                "has the words talks, Myanmar",
		"ASEAN: Myanmar talks":            "has the words talks, Myanmar, ASEAN",
		"Myanmar votes":                   "",
		"Talks in Oslo":                   "",
		"Talks on football in Myanmar":    "",
		"Talks in Myanmar, footballs too": "has the words talks, Myanmar",
	} {
		if got := why(t, lists, says(source("s"), title)); got != want {
			t.Errorf("%s: got %q, want %q", title, got, want)
		}
	}
	lists.MatchAny = nil
	if got := why(t, lists, says(source("s"), "Talks in Oslo")); got != "has the words talks" {
		t.Errorf("without match_any: %q", got)
	}
}

func TestListsOrTheRuleAreEnough(t *testing.T) {
	both := copydesk.Topic{Match: `"Tigers" in words`, MatchAny: []string{"ASEAN"}, MatchNone: []string{"football"}}
	for title, want := range map[string]string{
		"Tigers counted":   "meets match",
		"ASEAN meets":      "has the words ASEAN",
		"Tigers, football": "meets match", // the lists are a rule of their own
		"ASEAN football":   "",
	} {
		if got := why(t, both, says(source("s"), title)); got != want {
			t.Errorf("%s: got %q, want %q", title, got, want)
		}
	}
}

func TestWordsThatATopicMustNotHaveTakeNothingAlone(t *testing.T) {
	if got := why(t, copydesk.Topic{MatchNone: []string{"football"}}, says(source("s"), "Rain")); got != "" {
		t.Errorf("it took the story: %s", got)
	}
}

func TestListsSeeTheWholeTextAndNoMarkup(t *testing.T) {
	v := says(source("s"), "Rain in Kuala")
	v.Entry.Summary, v.Entry.Content = "<p>Lumpur is <b>wet</b></p>", `<a href="https://x.example/asean">flood &amp; mud</a>`
	for word, want := range map[string]bool{"is wet": true, "flood & mud": true, "asean": false, "Kuala Lumpur": false, "href": false} {
		if got := why(t, copydesk.Topic{MatchAny: []string{word}}, v); (got != "") != want {
			t.Errorf("%s: %q, want %v", word, got, want)
		}
	}
}

func TestListsAreForTheSourcesOfOthers(t *testing.T) {
	own := source("own", "x")
	p, err := topic.Compose([]copydesk.Topic{{ID: "x", Only: `"Rain" in words`, MatchAny: []string{"ASEAN"}}}, []copydesk.Source{own}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := p.Match([]copydesk.Voice{says(own, "ASEAN meets")}); got != nil {
		t.Errorf("an own source that does not meet only: %v", got)
	}
	want := []topic.Match{{Topic: "x", Why: "has the words ASEAN"}}
	got, _ := p.Match([]copydesk.Voice{says(own, "Snow"), says(source("other"), "ASEAN meets")})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzAWordAmongOthersIsFound puts a phrase between spaces: it must be found,
// whatever it is made of, and never where the text does not have it.
func FuzzAWordAmongOthersIsFound(f *testing.F) {
	for _, seed := range []string{"ASEAN", "Kuala Lumpur", "台风", "مصر", "e\u0301", "ſ", "İ", "ﬁ", "a'b", "\u0301", "가"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if strings.TrimSpace(word) == "" || strings.ContainsAny(word, "<&") {
			t.Skip()
		}
		v := says(source("s"), ". "+word+" .")
		lists := copydesk.Topic{MatchAny: []string{word}}
		if got := why(t, lists, v); got == "" {
			t.Errorf("%q was not found", word)
		}
		v = says(source("s"), "")
		if got := why(t, lists, v); got != "" {
			t.Errorf("%q was found in nothing: %s", word, got)
		}
	})
}
