package publish

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"copydesk"
)

func TestAddressesArePrintedAbsoluteInASCIIAndWithoutPasswords(t *testing.T) {
	for raw, want := range map[string]string{
		"https://a.example/x?y=1&z=%20#f":     "https://a.example/x?y=1&z=%20#f",
		"  HTTPS://A.example/ ":               "https://A.example/",
		"https://a.example/a b|c":             "https://a.example/a%20b%7Cc",
		"https://a.example/100%":              "https://a.example/100%25",
		"https://a.example/#one#two":          "https://a.example/#one%23two",
		"https://a.example/日":                 "https://a.example/%E6%97%A5",
		"https://bücher.example/":             "https://xn--bcher-kva.example/",
		"https://me:pw@a.example:8080/":       "https://a.example:8080/",
		"https://me@x:pw@a.example/":          "https://a.example/",
		"https://a.example?q=x@y":             "https://a.example?q=x@y",
		"https://a.example\\@b.example/":      "https://a.example/@b.example/",
		"http://[::1]:80/x":                   "http://[::1]:80/x",
		"http://[fe80::1%25eth0]/":            "",
		"https://a b.example/":                "",
		"https://a.example:port/":             "",
		"https:///x":                          "",
		"//a.example/":                        "",
		"/x":                                  "",
		"javascript:alert(1)":                 "",
		"ftp://a.example/":                    "",
		"":                                    "",
		"https://a.example/\x00\u0085\ufffex": "https://a.example/x",
	} {
		if got := absolute(raw); got != want {
			t.Errorf("absolute(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestAnAddressThatIsPrintedIsPrintedTheSameAgain(t *testing.T) {
	for _, raw := range []string{"https://a.example/a b|c%zz#x#y", "http://bücher.example:80/ä?ö=%C3", "https://a.example\\x"} {
		once := absolute(raw)
		if twice := absolute(once); once == "" || twice != once {
			t.Errorf("%q is printed as %q and then as %q", raw, once, twice)
		}
	}
}

func TestAddressesOfSourcesLoseTheParametersThatAreSecrets(t *testing.T) {
	for raw, want := range map[string]string{
		"https://u:p@a.example/f?section=1":    "https://a.example/f?section=1",
		"https://a.example/f?token=x":          "https://a.example/f",
		"https://a.example/f?a=1&API_KEY=x&b#": "https://a.example/f?a=1&b",
		"https://a.example/f?key=1#part":       "https://a.example/f#part",
		"https://a.example/f?keyword=1":        "https://a.example/f?keyword=1",
	} {
		if got := public(raw); got != want {
			t.Errorf("public(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestAFeedIDIsRepeatedOnlyIfItIsAnAbsoluteIRI(t *testing.T) {
	for id, want := range map[string]string{
		"tag:a.example,2026:blog":                       "tag:a.example,2026:blog",
		"tag:a.example:blog":                            "",
		"urn:uuid:4cad02d3-cd90-5f65-b6ae-7acb12f99735": "urn:uuid:4cad02d3-cd90-5f65-b6ae-7acb12f99735",
		"urn:uuid:4cad02d3":                             "",
		"urn:isbn:0451450523":                           "urn:isbn:0451450523",
		"https://a.example/feed":                        "https://a.example/feed",
		"feed-1":                                        "",
		"x:y":                                           "",
	} {
		if got := feedID(id); got != want {
			t.Errorf("feedID(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestCleanTextHoldsNothingThatXMLForbids(t *testing.T) {
	for s, want := range map[string]string{
		"plain":                    "plain",
		"größer 大きい 🚢":             "größer 大きい 🚢",
		"a\x00b\x1bc\x7fd\u0085e":  "abcde",
		"a\r\nb":                   "a\nb",
		"\xffa\xc3(":               "?a?(",
		"a\ufffdb\ufffe\uffff":     "a?b",
		"\xed\xa0\x80 (surrogate)": "??? (surrogate)",
	} {
		if got := clean(s); got != want {
			t.Errorf("clean(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestPlainTextIsWhatAReaderSeesOfHTML(t *testing.T) {
	for s, want := range map[string]string{
		"<p>One</p><p>two<br>three</p>":         "One two three",
		"in<b>divi</b>sible &amp; &lt;b&gt;":    "indivisible & <b>",
		"<style>p{}</style>text<script>x":       "text",
		"a < b":                                 "a < b",
		"Combien\u00a0? <i>12\u00a0000</i>\n\n": "Combien\u00a0? 12\u00a0000",
		"\u00a0\u200b":                          "",
	} {
		if got := plain(s); got != want {
			t.Errorf("plain(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestAnExcerptEndsAtAWordAndNeverWithinALetter(t *testing.T) {
	for _, c := range []struct {
		s     string
		limit int
		want  string
	}{
		{"short", 5, "short"},
		{"one two three four", 12, "one two…"},
		{"one two, three", 7, "one two…"},
		{"one two three", 7, "one two…"},
		{"三つの港に船が着く", 4, "三つの港…"},
		{"Donaudampfschifffahrt", 5, "Donau…"},
		{"abe\u0301\u0301x", 4, "ab…"},
	} {
		if got := excerpt(c.s, c.limit); got != c.want {
			t.Errorf("excerpt(%q, %d) = %q, want %q", c.s, c.limit, got, c.want)
		}
	}
}

func TestALanguageIsPrintedOnlyIfISO639KnowsIt(t *testing.T) {
	for s, want := range map[string]string{"en": "en", "en_US": "en-US", "zh-Hant-TW": "zh-Hant-TW", "english": "", "zz": "", "en-": "", "": "", "de-<b>": ""} {
		if got := tag(s); got != want {
			t.Errorf("tag(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestEveryItemHasAnAuthorWhoseNameIsNoMailAddress(t *testing.T) {
	for _, c := range []struct {
		author copydesk.Person
		want   copydesk.Person
	}{
		{copydesk.Person{Name: "Ann"}, copydesk.Person{Name: "Ann"}},
		{copydesk.Person{Name: "ann@a.example (Ann Lee)"}, copydesk.Person{Name: "Ann Lee"}},
		{copydesk.Person{Name: "Ann Lee <ann@a.example>"}, copydesk.Person{Name: "Ann Lee"}},
		{copydesk.Person{Name: "ann@a.example"}, copydesk.Person{Name: "ann"}},
		{copydesk.Person{Email: "ann@a.example"}, copydesk.Person{Name: "ann", Email: "ann@a.example"}},
		{copydesk.Person{Name: "@ann", Email: "nobody"}, copydesk.Person{Name: "@ann"}},
		{copydesk.Person{URI: "https://ann.example/"}, copydesk.Person{Name: "ann.example", URI: "https://ann.example/"}},
		{copydesk.Person{Name: " \x00 "}, copydesk.Person{Name: "The Paper"}},
	} {
		if diff := cmp.Diff([]copydesk.Person{c.want}, people([]copydesk.Person{c.author}, "The Paper")); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.author, diff)
		}
	}
}

func TestAnItemThatSaysNothingIsStillAnItem(t *testing.T) {
	p := newProof(copydesk.Item{ID: "urn:x:1"})
	if p.Title != untitled || p.content != untitled || p.authors[0].Name != "unknown publisher" || !p.updated.Equal(time.Unix(0, 0)) {
		t.Errorf("%+v", p)
	}
}

func TestAnEditionThatHasNoTimeTakesThatOfItsNewestItem(t *testing.T) {
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	i := Issue{FeedID: "urn:x:feed", Galleys: []*Galley{{id: "urn:x:1", updated: at}, {id: "urn:x:2", updated: at.Add(time.Hour)}}}
	ready, err := i.once()
	if err != nil || !ready.Updated.Equal(at.Add(time.Hour)) {
		t.Errorf("updated %v, %v", ready.Updated, err)
	}
}

func TestASummaryIsMadeFromTheTextWhereThePublisherGaveNone(t *testing.T) {
	item := copydesk.Item{ID: "urn:x:1", Content: copydesk.ShowSummary}
	item.Lead.Entry.Content = "<p>Salt &amp; water</p>"
	if p := newProof(item); p.summary != "Salt &amp; water" || p.content != "" {
		t.Errorf("summary %q, content %q", p.summary, p.content)
	}
}

func TestAnAggregatorThatLinksToTheLeadIsNotNamed(t *testing.T) {
	lead := copydesk.Voice{Entry: copydesk.Entry{Text: copydesk.Text{Link: "https://a.example/1"}}}
	copied := copydesk.Voice{Entry: lead.Entry, Source: copydesk.Source{Settings: copydesk.Settings{Name: "Copies"}}}
	if p := newProof(copydesk.Item{ID: "urn:x:1", Lead: lead, Others: []copydesk.Voice{copied}}); len(p.Others) != 0 || p.content != "" {
		t.Errorf("others %+v, content %q", p.Others, p.content)
	}
}

func TestMaxAgeIsTheTimeToTheNextPollWithinBounds(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ next, want time.Duration }{
		{-time.Hour, time.Minute}, {time.Second, time.Minute}, {5 * time.Minute, 5 * time.Minute}, {time.Hour, 15 * time.Minute},
	} {
		if got := age(now.Add(c.next), now); got != c.want {
			t.Errorf("next poll in %s: max-age %s, want %s", c.next, got, c.want)
		}
	}
	if got := age(time.Time{}, now); got != 15*time.Minute {
		t.Errorf("no next poll: max-age %s", got)
	}
}

func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"https://a.example/ä#b#c%", "http://[::1]/", "https://u:p@é.example:1/\\x", "https://a%2fb/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		once := absolute(raw)
		if once == "" {
			return
		}
		if again := absolute(once); again != once {
			t.Errorf("%q, then %q", once, again)
		}
		for _, c := range []byte(once) {
			if c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' || c == '\\' {
				t.Errorf("%q holds %q", once, c)
			}
		}
	})
}

func TestAStoryCameThroughTheFirstAggregatorThatHadItBeforeItsLead(t *testing.T) {
	at := func(hour int, role copydesk.Role) copydesk.Voice {
		return copydesk.Voice{
			Entry:  copydesk.Entry{FirstSeen: time.Date(2026, 3, 14, hour, 0, 0, 0, time.UTC)},
			Source: copydesk.Source{Settings: copydesk.Settings{Role: role}},
		}
	}
	lead, publisher := at(12, copydesk.RolePublisher), at(8, copydesk.RolePublisher)
	for _, c := range []struct {
		name   string
		others []copydesk.Voice
		want   int
	}{
		{"no other", nil, -1},
		{"a publisher before it", []copydesk.Voice{publisher}, -1},
		{"an aggregator as soon as it", []copydesk.Voice{at(12, copydesk.RoleAggregator)}, -1},
		{"an aggregator after it", []copydesk.Voice{publisher, at(13, copydesk.RoleAggregator)}, -1},
		{"aggregators before it", []copydesk.Voice{publisher, at(10, copydesk.RoleAggregator), at(9, copydesk.RoleAggregator)}, 2},
	} {
		if got := through(copydesk.Item{Lead: lead, Others: c.others}); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestTheOthersAreNamedWithTheirHeadlinesWhereTheTextEnds(t *testing.T) {
	hostile := other{Publisher: `<i>"B"</i>`, title: `</a><script>alert('1')</script> &amp;`, Link: `https://b.example/?a="&b=<`}
	long := other{Publisher: "C", title: strings.Repeat("word ", 100)}
	for _, c := range []struct {
		name   string
		others []other
		want   string
	}{
		{"a headline", []other{{Publisher: "B", title: "Rain", Link: "https://b.example/1"}}, `<p>Also:</p><ul><li><a href="https://b.example/1">B – Rain</a></li></ul>`},
		{"no headline, no link", []other{{Publisher: "B"}}, `<p>Also:</p><ul><li>B</li></ul>`},
		{"markup is text", []other{hostile}, `<p>Also:</p><ul><li><a href="https://b.example/?a=&#34;&amp;b=&lt;">&lt;i&gt;&#34;B&#34;&lt;/i&gt; – &lt;/a&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp;amp;</a></li></ul>`},
		{"a long headline is cut", []other{long}, "<p>Also:</p><ul><li>C – " + strings.TrimSpace(strings.Repeat("word ", 24)) + "…</li></ul>"},
		{"eight are named", slices.Repeat([]other{{Publisher: "B"}}, 8), "<p>Also:</p><ul>" + strings.Repeat("<li>B</li>", 8) + "</ul>"},
		{"and the rest counted", slices.Repeat([]other{{Publisher: "B"}}, 10), "<p>Also:</p><ul>" + strings.Repeat("<li>B</li>", 8) + "<li>and 2 more</li></ul>"},
	} {
		if diff := cmp.Diff(c.want, alsoList(c.others)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestAListWithoutWeightsIsReadAsOneWith(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOf(rapid.SampledFrom([]string{"gzip", "GZIP", " x-gzip ", "zstd", "br", "*", "identity", "", " ", "deflate"})).Draw(t, "names")
		list := strings.Join(names, ",")
		if got, want := firstNamed(list), preferred([]string{list}); got != want {
			t.Fatalf("%q: %s, want %s", list, codings[got], codings[want])
		}
	})
}
