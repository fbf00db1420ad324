package search_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/search"
)

var noon = time.Date(2026, 3, 14, 12, 30, 0, 0, time.UTC)

func parse(t testing.TB, text string) search.Query {
	t.Helper()
	q, err := search.Parse(text, noon)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

func TestAQuestionHasOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"Floods":                            "floods",
		"  Kim  Jong\tUn ":                  "kim jong un",
		"rain RAIN rain":                    "rain",
		`"rain" rain`:                       "rain",
		`"Mekong  Delta"`:                   `"mekong delta"`,
		"“Mekong Delta”":                    `"mekong delta"`,
		`rain"Mekong Delta"snow`:            `rain "mekong delta" snow`,
		"rain-soaked":                       `"rain soaked"`,
		"don't":                             `"don t"`,
		"Müller Straße Łódź":                "muller strasse lodz",
		"cats & dogs - what?":               "cats dogs what",
		"-football lang:en":                 "-football lang:en",
		`-"Premier League" rain`:            `-"premier league" rain`,
		"-source:DW rain":                   "rain -source:dw",
		`source:"Deutsche  Welle"`:          `source:"deutsche welle"`,
		"SOURCE:dw":                         "source:dw",
		"since:2w lang:EN topic:Asia rain":  "rain topic:Asia lang:en since:14d",
		"since:24h":                         "since:1d",
		"since:07d":                         "since:7d",
		"since:36h":                         "since:36h",
		"since:2026-01-31":                  "since:2026-01-31",
		"日本の首相":                             "日本の首相",
		"ASEAN首脳":                           `"asean 首脳"`,
		"ｶﾀｶﾅ ＡＳＥＡＮ":                        "カタカナ asean",
		"10:30":                             `"10 30"`,
		"Exclusive: rain":                   "exclusive rain",
		`"sorce:dw"`:                        `"sorce dw"`,
		"Donau\u00addampf":                  "donaudampf",
		"Москва: дождь":                     "москва дождь",
		"source:rss.dw.com/rdf/rss-en-asia": "source:rss.dw.com/rdf/rss-en-asia",
	} {
		q := parse(t, text)
		if got := q.String(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if again := parse(t, want).String(); again != want {
			t.Errorf("%s: read again it is %s", want, again)
		}
	}
}

func TestAWrongQuestionSaysWhereAndWhatToDo(t *testing.T) {
	for text, want := range map[string]struct {
		column  int
		message string
	}{
		"":                         {0, "asks for nothing"},
		"-- ! ?":                   {0, "asks for nothing"},
		"-football":                {0, "asks for nothing"},
		`rain "mekong delta`:       {6, "not closed"},
		"rain sorce:dw":            {6, "no such field"},
		"https://dw.com/x":         {1, "no such field"},
		"rain source:":             {13, "nothing follows source:"},
		`topic:""`:                 {7, "nothing follows topic:"},
		"source:\u00ad":            {8, "no source"},
		`topic:"a b"`:              {7, "no topic's id"},
		"lang:english_":            {6, "no language"},
		"lang:en-":                 {6, "no language"},
		"since:yesterday":          {7, "no time"},
		"since:0d":                 {7, "no time"},
		"since:99999999999999999d": {7, "no time"},
		"since:2026-02-30":         {7, "no time"},
		"since:1900-01-01":         {7, "no time"},
		"since:d":                  {7, "no time"},
		"ä -since:7d":              {10, "cannot be turned round"},
		strings.Repeat("a", 401):   {0, "longer than 400 bytes"},
		letters(25):                {0, "more than 24 terms"},
		strings.Repeat("日", 65):    {0, "more than 64 words"},
		"\xff":                     {0, "not UTF-8"},
	} {
		_, err := search.Parse(text, noon)
		wrong, ok := errors.AsType[*search.Error](err)
		if !ok || !strings.Contains(wrong.Error(), want.message) || wrong.Column() != want.column {
			t.Errorf("%q: %v at %d, want %+v", text, err, wrong.Column(), want)
		}
	}
}

func letters(n int) string {
	var all []string
	for i := range n {
		all = append(all, string(rune('a'+i%26))+strings.Repeat("x", i/26))
	}
	return strings.Join(all, " ")
}

func TestASavedQuestionDependsOnTheStoryAlone(t *testing.T) {
	for text, lasting := range map[string]bool{
		"rain source:dw lang:en":    true,
		"rain since:2026-01-31":     true,
		"rain since:7d":             false,
		"rain topic:asia":           false,
		"rain -topic:asia":          false,
		`"topic: asia" since:1000d`: false,
	} {
		if err := parse(t, text).Lasting(); (err == nil) != lasting {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSinceCountsWholeHours(t *testing.T) {
	at := func(when time.Time) search.Text {
		return search.Read(copydesk.Voice{Entry: copydesk.Entry{FirstSeen: when}})
	}
	q := parse(t, "since:1d") // from half past twelve of the day before
	for when, want := range map[time.Time]bool{
		noon: true,
		time.Date(2026, 3, 13, 12, 0, 0, 0, time.UTC):                   true,
		time.Date(2026, 3, 13, 11, 59, 59, 0, time.UTC):                 false,
		time.Date(2026, 3, 13, 14, 0, 0, 0, time.FixedZone("", 2*3600)): true,
	} {
		if got := q.Meets(at(when), nil); got != want {
			t.Errorf("%v: %v", when, got)
		}
	}
}

func TestTheZeroQuestionFindsNothing(t *testing.T) {
	if (search.Query{}).Meets(search.Read(copydesk.Voice{}), nil) {
		t.Error("it found something")
	}
}

func FuzzAQuestionIsReadAsItIsWritten(f *testing.F) {
	for _, seed := range []string{
		"rain", `"a b" -c`, "source:dw -lang:en since:7d", "日本の首相 ASEAN首脳", `source:"ß ẞ" topic:x`, "İ ǅ ŉ ſ ﬁ", "พม่า", "e\u0301\u0315", "각 ᄀ", "-\"", "a:b", "\u0345 \u0300a", "ͺ ΐ", "\u00ad-", "և", "ᾳ", "ꭰ Ꭰ",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := search.Parse(text, noon)
		if err != nil {
			if q.String() != "" {
				t.Errorf("an error and the query %s", q)
			}
			return
		}
		written := q.String()
		again, err := search.Parse(written, noon)
		if err != nil {
			if strings.Contains(err.Error(), "longer") {
				t.Skip("folding made it longer")
			}
			t.Fatalf("%q is written %q, which is wrong: %v", text, written, err)
		}
		if again.String() != written {
			t.Fatalf("%q is written %q, then %q", text, written, again)
		}
		v := copydesk.Voice{Entry: copydesk.Entry{FirstSeen: noon, Text: copydesk.Text{Title: text}}}
		if a, b := q.Meets(search.Read(v), nil), again.Meets(search.Read(v), nil); a != b {
			t.Fatalf("%q meets itself: %v, written %q: %v", text, a, written, b)
		}
	})
}

func FuzzAPhraseAmongOtherWordsIsFound(f *testing.F) {
	for _, seed := range []string{"Mekong delta", "日本の首相", "d'Ivoire", "e\u0301", "พม่า", "ASEAN首脳", "각", "ſ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := search.Parse(`"`+text+`"`, noon)
		if err != nil || strings.ContainsAny(text, `"“”„<&`) {
			t.Skip()
		}
		v := copydesk.Voice{Entry: copydesk.Entry{FirstSeen: noon, Text: copydesk.Text{Content: "one . " + text + " . two"}}}
		if !q.Meets(search.Read(v), nil) {
			t.Errorf("%q was not found", text)
		}
		if v.Entry.Content = "one . . two"; q.Meets(search.Read(v), nil) && !strings.Contains("one two", q.String()) && q.String() != `"one two"` {
			t.Errorf("%q was found in nothing", text)
		}
	})
}
