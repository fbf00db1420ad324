package normalize

import (
	"testing"

	"copydesk"
)

func TestLanguagesAreTags(t *testing.T) {
	for in, want := range map[string]string{"en-us": "en-US", "EN": "en", "zh_hant_tw": "zh-Hant-TW", " de ": "de", "x-klingon": "x-klingon", "English (US)": "", "": "", "e": ""} {
		if got := language(in); got != want {
			t.Errorf("language(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestALanguageThatIsNotDeclaredIsRecognisedOnlyWhenSure(t *testing.T) {
	for _, tc := range []struct{ why, title, text, want string }{
		{"English", "Ferry service resumes", "The harbour authority said on Friday that the first ferry had left the northern quay after three days of storms.", "en"},
		{"German", "Fähren fahren wieder", "Die Hafenbehörde teilte am Freitag mit, dass die erste Fähre nach drei Tagen Sturm den Nordkai verlassen habe.", "de"},
		{"French", "Reprise des ferries", "Les autorités portuaires ont annoncé vendredi que le premier ferry avait quitté le quai nord après trois jours de tempête.", "fr"},
		{"Russian", "Паромы снова ходят", "Портовые власти сообщили в пятницу, что первый паром отошёл от северного причала после трёх дней шторма, пассажиры ждали.", "ru"},
		{"Slovak, which is no Czech", "Trajekty opäť plávajú", "Správa prístavu v piatok oznámila, že prvý trajekt po troch dňoch búrky opustil severné mólo a ďalšie budú nasledovať v priebehu týždňa, pričom ľudia čakali na ďalšie správy z úradu.", "sk"},
		{"a title alone says too little", "Ferry service resumes", "", ""},
		{"names are no language", "Tokyo, Jakarta, Manila, Hanoi", "Kuala Lumpur", ""},
		{"a script that one language has", "평양에서 열린 회의", "", "ko"},
		{"another one", "การประชุมที่กรุงเทพ", "", "th"},
		{"Japanese in Chinese characters", "東京都知事選挙、投票始まる", "各地の投票所で", "ja"},
		{"Chinese", "北京市政府今天发布通知", "", "zh"},
		{"two languages at once", "北京市政府今天发布通知,各区将执行新的规定", "The city of Beijing has published a notice about the new rules for all of its districts.", ""},
		{"tags and addresses are none", "", `<p><a href="https://news.example/the/of/and">https://news.example/the/of/and/which/that/with/from/they/have/this/will</a></p>`, ""},
		{"nothing", "", "", ""},
	} {
		if got := spoken(copydesk.Text{Title: tc.title, Content: tc.text}); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.why, got, tc.want)
		}
	}
}

func TestADeclaredLanguageGoesBeforeAGuess(t *testing.T) {
	const english = "The harbour authority said on Friday that the first ferry had left the northern quay after three days of storms."
	for _, tc := range []struct{ why, body, want string }{
		{"the entry's", `<rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><language>fr</language><item><dc:language>de</dc:language><title>x</title><description>` + english + `</description></item></channel></rss>`, "de"},
		{"the feed's", `<rss><channel><language>fr</language><item><title>x</title><description>` + english + `</description></item></channel></rss>`, "fr"},
		{"none", `<rss><channel><item><title>x</title><description>` + english + `</description></item></channel></rss>`, "en"},
	} {
		feed, err := Parse(copydesk.Document{Body: []byte(tc.body)})
		if err != nil {
			t.Fatal(err)
		}
		s := newShelf()
		d, _ := s.poll(feed)
		e := d.Changes[0].Entry
		if e.Language != tc.want {
			t.Errorf("%s: %q, want %q", tc.why, e.Language, tc.want)
		}
		if d, _ := s.poll(feed); d.Unchanged != 1 {
			t.Errorf("%s: read again, it is %+v", tc.why, d.Changes)
		}
	}
}
