package normalize

import (
	"fmt"
	"testing"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

func TestDatelinesAndBylinesCreditAgencies(t *testing.T) {
	for html, want := range map[string]string{
		`<p>KYIV, Jan 5 (Reuters) - The ferry sank at night.</p>`:             "Reuters",
		`<p>PORT ELLERY, Ukraine (AP) — The ferry sank at night.</p>`:         "Associated Press",
		`<p>By Jane Roe, Associated Press</p><p>The ferry sank at night.</p>`: "Associated Press",
		`<p>Berlin (dpa/lnw) - Die Fähre sank in der Nacht.</p>`:              "dpa",
		`<p>Die Fähre sank in der Nacht.</p><p>© dpa</p>`:                     "dpa",
		`<p>Die Fähre sank. © dpa-infocom, dpa:230105-99-1/2</p>`:             "dpa",
		`<p>Madrid, 5 ene (EFE).- El transbordador se hundió.</p>`:            "EFE",
		`<p>Le bac a coulé dans la nuit. (AFP)</p>`:                           "AFP",
		`<p>【北京共同】フェリーが沈没した。</p>`:                                             "Kyodo News",
		`<p>東京（時事）フェリーが沈没した。</p>`:                                             "Jiji Press",
		`<p>新华社北京1月5日电 渡轮夜间沉没。</p>`:                                           "Xinhua",
		`<p>（中央社記者王小明台北5日電）渡輪夜間沉沒。</p>`:                                       "Central News Agency",
		`<p>القاهرة (رويترز) - غرقت العبارة ليلا.</p>`:                        "Reuters",
		`<p>नई दिल्ली, 5 जनवरी (भाषा) नौका रात में डूब गई।</p>`:               "PTI",
		`<p>KYIV — Reuters — The ferry sank at night.</p>`:                    "Reuters",
		`<p>PORT ELLERY, Jan. 5 – AP – The ferry sank at night.</p>`:          "Associated Press",
		`<p>Reuters: The ferry sank at night.</p>`:                            "Reuters",
		`<p>LISBOA/Lusa. O ferry afundou.</p>`:                                "Lusa",
		// None of these is said of the text.
		`<p>Kyiv was quiet — Reuters — they said, was not.</p>`:                        "",
		`<p>Bloomberg: I never said that.</p>`:                                         "",
		`<p>Officials/Reuters. Nothing came of it.</p>`:                                "",
		`<p>AP: as in approved.</p>`:                                                   "",
		`<p>The ferry sank. Reuters: nobody was hurt.</p>`:                             "",
		`<p>The agency (founded in 1851) hired forty people (AP has more) in May.</p>`: "",
		`<p>The ferry sank at night. Officials at Reuters and AFP were not told.</p>`:  "",
		`<p>He said: the deal (Reuters first reported it) is off.</p>`:                 "",
		`<p>A map (ap. 3) shows the quay.</p>`:                                         "",
	} {
		var list []copydesk.Credit
		if want != "" {
			list = []copydesk.Credit{{Publisher: want, In: copydesk.InByline}}
		}
		got, _ := Credits(copydesk.Text{Title: "Ferry sinks", Content: html})
		if diff := cmp.Diff(list, got); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", html, diff)
		}
	}
	for name, want := range map[string]string{"Reuters": "Reuters", "Jane Roe, Associated Press": "Associated Press", "Jane Roe (AFP)": "AFP", "dpa": "dpa", "Jane Reuters": "", "Ana Apa": ""} {
		got, _ := Credits(copydesk.Text{Title: "Ferry sinks", Content: "<p>At night.</p>", Authors: []copydesk.Person{{Name: name}}})
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[0].Publisher != want) {
			t.Errorf("by %s: %+v", name, got)
		}
	}
}

func TestCanonicalAndViaLinksNameAnotherArticle(t *testing.T) {
	const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Gather</title><id>g</id><updated>2024-05-06T08:00:00Z</updated><link href="https://gather.example/"/>%s</feed>`
	const rss = `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Gather</title><link>https://gather.example/</link>%s</channel></rss>`
	for name, c := range map[string]struct {
		body      string
		canonical string
		credits   []copydesk.Credit
	}{
		"atom canonical": {fmt.Sprintf(atom, `<entry><id>1</id><title>Ferry</title><link href="https://gather.example/1"/><link rel="canonical" href="https://www.wire.example/ferry?utm_source=x"/></entry>`),
			"https://wire.example/ferry", nil},
		"atom via": {fmt.Sprintf(atom, `<entry><id>1</id><title>Ferry</title><link href="https://gather.example/1"/><link rel="via" href="https://wire.example/ferry"/></entry>`),
			"https://gather.example/1", []copydesk.Credit{{URL: "https://wire.example/ferry", In: copydesk.InElement}}},
		"atom via its own site": {fmt.Sprintf(atom, `<entry><id>1</id><title>Ferry</title><link href="https://gather.example/1"/><link rel="via" href="https://gather.example/list"/></entry>`),
			"https://gather.example/1", nil},
		"rss": {fmt.Sprintf(rss, `<item><title>Ferry</title><link>https://gather.example/1</link><atom:link rel="canonical" href="https://wire.example/ferry"/><atom:link rel="via" href="https://wire.example/ferry"/></item>`),
			"https://wire.example/ferry", []copydesk.Credit{{URL: "https://wire.example/ferry", In: copydesk.InElement}}},
		"one canonical for all": {fmt.Sprintf(rss, `<item><title>Ferry</title><link>https://gather.example/1</link><atom:link rel="canonical" href="https://wire.example/all"/></item>
			<item><title>Bridge</title><link>https://gather.example/2</link><atom:link rel="canonical" href="https://wire.example/all"/></item>`),
			"https://gather.example/1", nil},
	} {
		feed, err := Parse(copydesk.Document{URL: "https://gather.example/feed", Body: []byte(c.body)})
		if err != nil || len(feed.Entries) == 0 {
			t.Fatalf("%s: %d entries, %v", name, len(feed.Entries), err)
		}
		e := feed.Entries[0]
		if diff := cmp.Diff(c.credits, e.Credits); diff != "" || e.Canonical != c.canonical {
			t.Errorf("%s: canonical %s\n%s", name, e.Canonical, diff)
		}
	}
}
