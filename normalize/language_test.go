package normalize

import (
	"fmt"
	"slices"
	"strings"
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

// harbour is the same news in several languages, in sentences of which any two
// are enough to tell.
var harbour = map[string][]string{
	"en": {
		"The harbour authority said on Friday that the first ferry had left the northern quay after three days of storms.",
		"About four hundred passengers had waited in the old customs house, where the town had set up beds and a kitchen.",
		"The second ferry is to leave in the evening, if the wind does not turn again before the tide comes in.",
		"On the islands people expect fresh bread and newspapers by the morning, and with them the doctor from the mainland.",
		"Nobody was hurt when the roof of the fish market fell in, but it will stay closed for the rest of the month.",
	},
	"es": {
		"La autoridad portuaria informó el viernes de que el primer transbordador salió del muelle norte tras tres días de tormenta.",
		"Unos cuatrocientos viajeros esperaban en la antigua aduana, donde el ayuntamiento había puesto camas y una cocina.",
		"El segundo transbordador saldrá por la tarde, si el viento no vuelve a cambiar antes de que suba la marea.",
		"En las islas la gente espera pan fresco y periódicos para la mañana, y con ellos al médico de tierra firme.",
		"Nadie resultó herido cuando se hundió el tejado de la lonja, pero seguirá cerrada durante el resto del mes.",
	},
	"ar": {
		"قالت سلطة الميناء يوم الجمعة إن العبارة الأولى غادرت الرصيف الشمالي بعد ثلاثة أيام من العواصف الشديدة.",
		"وكان نحو أربعمئة مسافر ينتظرون في مبنى الجمارك القديم، حيث أقامت المدينة أسرة ومطبخا كبيرا لهم.",
		"ومن المقرر أن تغادر العبارة الثانية في المساء، إذا لم تتغير الرياح مرة أخرى قبل وصول المد العالي.",
		"ينتظر سكان الجزر الخبز الطازج والصحف في الصباح، ومعها الطبيب الذي يأتي من البر الرئيسي كل أسبوع.",
		"لم يصب أحد عندما سقط سقف سوق السمك، لكنه سيبقى مغلقا حتى نهاية هذا الشهر بحسب ما قالت البلدية.",
	},
}

// dispatch is an entry about the harbour that declares no language. No two
// numbers below 20 give the same text.
func dispatch(language string, n int) copydesk.Entry {
	said := harbour[language]
	first, second := said[n%5], said[(n+1+n/5%4)%5]
	e := entryOf(fmt.Sprintf("%s %d", strings.Join(strings.Fields(first)[:4], " "), n), "<p>"+first+"</p><p>"+second+"</p>", "")
	e.GUID = fmt.Sprintf("%s-%d", language, n)
	return e
}

// A publisher in a country of two languages has both in one feed, by turns or
// one for long, and declares neither.
func TestEntriesOfAFeedInSeveralLanguagesAreRecognisedOneByOne(t *testing.T) {
	for _, other := range []string{"es", "ar"} {
		var turns, long []copydesk.Entry
		for n := range 16 {
			turns = append(turns, dispatch("en", n), dispatch(other, n))
		}
		for n := range 40 {
			long = append(long, dispatch("en", n))
		}
		short := entryOf("Rain", "<p>On Friday.</p>", "") // which says too little
		short.GUID = "und-1"
		for how, entries := range map[string][]copydesk.Entry{
			"by turns": turns, "one after 40 others": append(long, dispatch(other, 1)), "one before": append([]copydesk.Entry{dispatch(other, 1)}, long...),
			"a short one after 40 others": append(slices.Clone(long), short),
		} {
			d := Decide(copydesk.Source{ID: "https://news.example/feed"}, copydesk.Feed{Entries: entries}, copydesk.Memory{}, newShelf().now)
			if len(d.Changes) != len(entries) {
				t.Fatalf("%s: %d of %d entries", how, len(d.Changes), len(entries))
			}
			for _, c := range d.Changes {
				want, _, _ := strings.Cut(c.Entry.GUID, "-")
				if got := c.Entry.Language; got != strings.TrimPrefix(want, "und") {
					t.Errorf("English and %s, %s: %s is %q", other, how, c.Entry.GUID, got)
				}
			}
		}
	}
}

func TestAStoredEntryKeepsItsLanguageWhateverStandsBesideIt(t *testing.T) {
	s := newShelf()
	one := dispatch("es", 1)
	s.poll(copydesk.Feed{Entries: []copydesk.Entry{one}})
	among := []copydesk.Entry{one}
	for n := range 40 {
		among = append(among, dispatch("en", n))
	}
	d, _ := s.poll(copydesk.Feed{Entries: among})
	if d.Unchanged != 1 || len(d.Changes) != 40 {
		t.Fatalf("read again among others: %d unchanged, %d changes", d.Unchanged, len(d.Changes))
	}
	among[0].Categories = []copydesk.Category{{Term: "harbours"}}
	d, _ = s.poll(copydesk.Feed{Entries: among})
	if len(d.Changes) != 1 || d.Changes[0].Entry.Language != "es" || d.Changes[0].Reason != "categories" {
		t.Fatalf("under another heading: %+v", d.Changes)
	}
}

// Neighbours of the languages whose common words we know have some of those words.
func TestCommonWordsNameNoNeighbour(t *testing.T) {
	for language, text := range map[string]string{
		"pt": "A autoridade portuária informou na sexta-feira que a primeira balsa saiu do cais norte depois de três dias de tempestade. Cerca de quatrocentos passageiros esperavam na antiga alfândega, onde a cidade tinha posto camas e uma cozinha, e o segundo barco sai à tarde se o vento não mudar.",
		"ca": "L'autoritat portuària va informar divendres que el primer transbordador havia sortit del moll nord després de tres dies de tempesta. Uns quatre-cents passatgers esperaven a l'antiga duana, on l'ajuntament havia posat llits i una cuina, i el segon vaixell sortirà a la tarda si el vent no canvia.",
		"nl": "Het havenbedrijf meldde vrijdag dat de eerste veerboot na drie dagen storm de noordelijke kade had verlaten. Ongeveer vierhonderd reizigers wachtten in het oude douanehuis, waar de stad bedden en een keuken had neergezet, en de tweede boot vertrekt in de avond als de wind niet draait.",
		"da": "Havnemyndigheden oplyste fredag, at den første færge havde forladt den nordlige kaj efter tre dages storm. Omkring fire hundrede passagerer havde ventet i det gamle toldhus, hvor byen havde sat senge og et køkken op, og den næste færge sejler om aftenen, hvis vinden ikke vender.",
		"ro": "Autoritatea portuară a anunțat vineri că primul feribot a părăsit cheiul de nord după trei zile de furtună. Aproximativ patru sute de călători au așteptat în vechea vamă, unde orașul a pus paturi și o bucătărie, iar al doilea vapor pleacă seara dacă vântul nu se schimbă.",
	} {
		if got := plainly(text); got != "" {
			t.Errorf("%s is taken for %s", language, got)
		}
	}
	for _, language := range []string{"en", "es"} {
		if got := plainly(strings.Join(harbour[language], " ")); got != language {
			t.Errorf("%s is taken for %q", language, got)
		}
	}
}

func TestADocumentThatCannotBeGuessedIsNotGuessedToItsEnd(t *testing.T) {
	const nobodys = `Kelor vantu mibera sodalu prake nitor, gelamo vurite sanko belir tadu morasi. Uxwe qarth zlin ojfa hmuk, drosk wepp ystrad
		lloq fen. Aioue rraza, thwick nggolu pfersh iiwake soohm vlakt brzy oeut. Xochi mbeki tsrul kjaer gwynt nhulo faaie szczu dvour hyeka. Psarq unwei klotz mbrau evviy okknu tjelp sraaw giuzh.`
	if got := spoken(copydesk.Text{Content: nobodys}); got != "" {
		t.Fatalf("the text is %q", got)
	}
	for vain, want := range map[int]string{2: "es", 3: ""} {
		var entries []copydesk.Entry
		for n := range vain {
			e := entryOf(fmt.Sprintf("Kelor %d", n), "<p>"+nobodys+"</p>", "")
			e.GUID = fmt.Sprint("made-up-", n)
			entries = append(entries, e)
		}
		d := Decide(copydesk.Source{ID: "https://news.example/feed"}, copydesk.Feed{Entries: append(entries, dispatch("es", 1))}, copydesk.Memory{}, newShelf().now)
		i := slices.IndexFunc(d.Changes, func(c copydesk.Change) bool { return c.Entry.GUID == "es-1" })
		if got := d.Changes[i].Entry.Language; got != want {
			t.Errorf("after %d vain guesses the next came to %q, want %q", vain, got, want)
		}
	}
}

func BenchmarkSpoken(b *testing.B) {
	for _, tc := range []struct {
		name  string
		texts []string
	}{
		{"English", harbour["en"]}, {"Spanish", harbour["es"]}, {"Arabic", harbour["ar"]},
		{"Korean", []string{"회의는 금요일 아침에 시작되었고 저녁까지 이어졌다.", "참석자들은 항구와 다리, 그리고 새로운 길에 대해 이야기했다."}},
		{"Made-up", []string{"Kelor vantu mibera sodalu prake nitor, gelamo vurite sanko belir tadu morasi.", "Surim palo gentika brosu latemi nodra, kivel ostanu merido falsa."}},
	} {
		b.Run(tc.name, func(b *testing.B) {
			t := copydesk.Text{Title: tc.texts[0], Content: "<p>" + strings.Join(tc.texts, "</p><p>") + "</p>"}
			b.ReportAllocs()
			for b.Loop() {
				spoken(t)
			}
		})
	}
}
