package story_test

import (
	"strings"
	"testing"

	"copydesk/story/alike"
)

func contradicts(language, one, other string) bool {
	return contradictsAfter(language, one, other, 5)
}

func contradictsAfter(language, one, other string, minutes int) bool {
	return withLeads(language, [2]string{one}, [2]string{other}, minutes)
}

// withLeads compares two headlines, each with a lead.
func withLeads(language string, one, other [2]string, minutes int) bool {
	a, b := written("a", one[0], one[1], 0), written("b", other[0], other[1], minutes)
	a.Entry.Language, b.Entry.Language = language, language
	return alike.Compare(alike.Read(a), alike.Read(b), alike.NewRarity()).Contradicts
}

func TestHeadlinesThatPutDifferentNumbersInOnePlaceContradict(t *testing.T) {
	for _, c := range []struct{ language, one, other string }{
		{"en", "Ferry sinks off Oslavia, 12 dead", "Ferry sinks off Oslavia: 300 dead"},
		{"en", "Norrland Lines Q1 profit falls as fuel costs rise", "Norrland Lines profit falls in Q2 as fuel costs rise"},
		{"en", "Talvik Rovers beat Korby Town 2-1 in valley derby", "Talvik Rovers beat Korby Town 4-0 in valley derby"},
		{"en", "M6.1 quake shakes Anselm valley villages", "M4.8 quake shakes Anselm valley villages"},
		{"en", "Magnitude 6.1 quake shakes Anselm valley", "Magnitude 4.8 quake shakes Anselm valley"},
		{"en", "Korby lantern festival 2024 opens with record crowd", "Korby lantern festival 2025 opens with record crowd"},
		{"en", "Tour of Anselm stage 3: Brekke wins in Talvik", "Tour of Anselm stage 4: Brekke wins in Talvik"},
		{"en", "Port Ellery council meets 12 June over lighthouse", "Port Ellery council meets 19 June over lighthouse"},
		{"en", "Viel takes 2nd title at Korby chess open", "Viel takes 5th title at Korby chess open"},
		{"en", "Norrland Lines to pay $40 million fine over spill", "Norrland Lines to pay $2 million fine over spill"},
		{"de", "Fähre sinkt vor Oslavia: 12 Tote", "Fähre sinkt vor Oslavia: 300 Tote"},
		{"es", "Naufragio en Oslavia deja 12 muertos", "Naufragio en Oslavia deja 300 muertos"},
		{"en", "Magnitude 5.8 quake shakes Anselm valley", "Quake of 7.2 shakes Anselm valley"},
		{"en", "M5.8 quake shakes Anselm valley", "7.2-magnitude quake shakes Anselm valley"},
		{"es", "Un sismo de magnitud 5,8 sacude el valle de Anselm", "Un sismo de magnitud 7,4 sacude el valle de Anselm"},
		{"de", "Erdbeben der Stärke 5,1 erschüttert das Tal von Anselm", "Erdbeben der Stärke 6,8 erschüttert das Tal von Anselm"},
		{"de", "Inflation in Oslavia steigt auf 5,8 Prozent", "Inflation in Oslavia steigt auf 2,4 Prozent"},
		{"fr", "L'inflation atteint 5,8 pour cent en Oslavie", "L'inflation atteint 2,4 pour cent en Oslavie"},
		{"de", "Norrland zahlt 1.200 Fischern einen Ausgleich", "Norrland zahlt 90 Fischern einen Ausgleich"},
		{"en", "Owls 3-2 Herons: match report from Korby", "Owls 2-3 Herons: match report from Korby"},
		{"en", "Talvik Rovers 4-1 Oslavia in cup replay at Korby", "Talvik Rovers 1-4 Oslavia in cup replay at Korby"},
		{"en", "Box score: Owls 3, Herons 2", "Box score: Owls 2, Herons 3"},
		{"en", "Box score: Rovers 81, Vendhara Kites 77", "Box score: Rovers 64, Vendhara Kites 70"},
		{"en", "Full time: Rovers 3 Vendhara Kites 1", "Full time: Rovers 0 Vendhara Kites 2"},
		{"en", "Norrland Lines third-quarter profit falls as fuel costs rise", "Norrland Lines fourth-quarter profit falls as fuel costs rise"},
		{"en", "Norrland Lines third-quarter profit falls as fuel costs rise", "Norrland Lines Q2 profit falls as fuel costs rise"},
		{"en", "Brekke wins third stage of Tour of Anselm in Talvik", "Brekke wins fourth stage of Tour of Anselm in Talvik"},
		{"en", "Brekke wins third stage of Tour of Anselm in Talvik", "Brekke wins stage 4 of Tour of Anselm in Talvik"},
		{"en", "Korby chess open, day one: Viel leads the field", "Korby chess open, day two: Viel leads the field"},
		{"en", "Owls take Game Three of valley finals in Korby", "Owls take Game Four of valley finals in Korby"},
		{"de", "Brekke gewinnt dritte Etappe der Anselm-Rundfahrt", "Brekke gewinnt vierte Etappe der Anselm-Rundfahrt"},
		{"de", "Brekke gewinnt 3. Etappe der Anselm-Rundfahrt", "Brekke gewinnt 4. Etappe der Anselm-Rundfahrt"},
		{"de", "Hafenfest von Korby beginnt am 12. Juni", "Hafenfest von Korby beginnt am 19. Juni"},
		{"es", "Brekke gana la tercera etapa de la vuelta en Talvik", "Brekke gana la cuarta etapa de la vuelta en Talvik"},
		{"zh", "奥斯拉维亚渡轮沉没致12人死亡", "奥斯拉维亚渡轮沉没致300人死亡"},
		{"ja", "オスラヴィア沖でフェリー沈没 12人死亡", "オスラヴィア沖でフェリー沈没 300人死亡"},
	} {
		if !contradicts(c.language, c.one, c.other) || !contradicts(c.language, c.other, c.one) {
			t.Errorf("%q and %q agree", c.one, c.other)
		}
	}
}

func TestNumbersThatRiseOrAreRoundedOrOfOtherThingsDoNotContradict(t *testing.T) {
	for _, c := range []struct{ one, other string }{
		{"Ferry sinks off Oslavia, at least 12 dead", "Ferry sinks off Oslavia: 15 dead"},
		{"Ferry sinks off Oslavia: twelve dead", "Ferry sinks off Oslavia, 12 dead"},
		{"Ferry sinks off Oslavia, 12 dead", "12 killed as ferry with 300 aboard sinks off Oslavia"},
		{"Ferry sinks off Oslavia, 12 dead", "Ferry sinks off Oslavia, 300 rescued"},
		{"Magnitude 6.1 quake shakes Anselm valley", "Magnitude 6.2 quake shakes Anselm valley"},
		{"Talvik Rovers beat Korby Town 2-1", "Korby Town lose 1-2 to Talvik Rovers"},
		{"Norrland Lines to pay $2.5 million fine", "Norrland Lines to pay $2.5m fine over spill"},
		{"Covid-19 ward of Korby hospital shuts", "Korby hospital shuts its Covid ward"},
		{"Clerk, 31, held after 3 found dead in Korby", "Man, 34, held after 3 found dead in Korby"},
		{"Korby lantern festival opens at 10:30", "Korby lantern festival opens at 9:00"},
		{"One dead after shooting at Talvik mall", "Four dead after shooting at Talvik mall"},
		{"Second person dies after Talvik mall shooting", "Third person dies after Talvik mall shooting"},
		{"Brekke wins first-round match at Korby chess open", "Brekke reaches second round of Korby chess open"},
		{"Norrland third-quarter profit falls", "Norrland profit falls in Q3"},
		{"Norrland third-quarter profit falls, fourth quarter looks better", "Norrland fourth quarter looks better than last"},
		{"Norrland falls on first-quarter forecast for ferry line", "Norrland fourth-quarter profit on ferry line falls"},
		{"Norrland issues Q1 fare guidance for ferry line", "Norrland Q4 profit on ferry line falls"},
		{"Brekke wins third stage of Tour of Anselm", "Tour of Anselm stage 3: Brekke wins"},
		{"Korby chess open, day two: Viel leads", "Korby chess open, day 2: Viel leads"},
		{"Owls 3-2 Herons: match report", "Herons 2-3 Owls: match report"},
		{"Box score: Owls 3, Herons 2", "Owls 3-2 Herons"},
		{"Town Beat Rovers 3-2 Saturday in Korby", "Rovers 2-3 Town in Korby cup match"},
		{"Ferry crash hurts 1,200 in Talvik", "Ferry crash hurts 1200 in Talvik"},
		{"Magnitude 6.1 quake shakes Anselm valley", "6.1 quake shakes Anselm valley, 12 dead"},
		{"Quake 2.5 km below Anselm valley measured 6.1", "Quake of 6.1 shakes Anselm valley"},
	} {
		if contradicts("en", c.one, c.other) || contradicts("en", c.other, c.one) {
			t.Errorf("%q and %q contradict each other", c.one, c.other)
		}
	}
}

func TestAMagnitudeIsSettledAfterADay(t *testing.T) {
	for _, c := range []struct {
		one, other string
		hours      int
		want       bool
	}{
		{"Magnitude 5.8 quake shakes islands off Oslavia", "Magnitude 6.4 quake shakes islands off Oslavia", 44, true},
		{"Magnitude 5.8 quake shakes islands off Oslavia", "Magnitude 6.4 quake shakes islands off Oslavia", 3, false},
		{"Magnitude 5.8 quake shakes islands off Oslavia", "Magnitude 6.1 quake shakes islands off Oslavia", 25, true},
		{"Magnitude 5.8 quake shakes islands off Oslavia", "Magnitude 5.9 quake shakes islands off Oslavia", 44, false},
		{"Oslavia inflation falls to 5.8 percent in Talvik", "Oslavia inflation falls to 6.4 percent in Talvik", 44, false},
	} {
		if contradictsAfter("en", c.one, c.other, c.hours*60) != c.want || contradictsAfter("en", c.other, c.one, c.hours*60) != c.want {
			t.Errorf("%q and, %d hours later, %q: want %v", c.one, c.hours, c.other, c.want)
		}
	}
}

func TestWhatRisesAndWhatFallsContradict(t *testing.T) {
	for _, c := range []struct {
		language, one, other string
		want                 bool
	}{
		{"en", "Copper rises 2 % on fears over Oslavia strike", "Copper falls 2 % on fears over Oslavia strike", true},
		{"en", "Orlova central bank raises rates as harvest fails", "Orlova central bank cuts rates as harvest fails", true},
		{"en", "Wheat prices climb in Anselm valley after drought", "Wheat prices slide in Anselm valley after drought", true},
		{"en", "Orlova central bank raises rates", "Orlova central bank cuts rates by half a point as harvest fails", true},
		{"de", "Kupfer steigt wegen Streik in Oslavia um zwei Prozent", "Kupfer fällt wegen Streik in Oslavia um zwei Prozent", true},
		{"es", "El cobre sube por la huelga en las minas de Oslavia", "El cobre cae por la huelga en las minas de Oslavia", true},
		// The same, in other words or other order.
		{"en", "Copper falls as krona rises on Oslavia strike", "Krona rises as copper falls on Oslavia strike", false},
		{"en", "Copper prices jump on fears over Oslavia strike", "Copper prices surge on fears over Oslavia strike", false},
		{"en", "Norrland shares rise as profit falls", "Norrland profit falls, shares rise", false},
		{"en", "Norrland profit falls on fuel costs", "Norrland revenue rises, profit falls on fuel costs", false},
		{"en", "Norrland shares fall after profit warning", "Norrland shares, up a fifth this year, tumble after profit warning", false},
		{"en", "Copper pares early falls to end up in Oslavia", "Copper rises in Oslavia after early falls", false},
		{"en", "Talvik Rovers beat Korby Town in valley derby", "Korby Town lose to Talvik Rovers in valley derby", false},
	} {
		if contradicts(c.language, c.one, c.other) != c.want || contradicts(c.language, c.other, c.one) != c.want {
			t.Errorf("%q and %q: want %v", c.one, c.other, c.want)
		}
	}
}

func TestWhatIsAndWhatIsNotContradict(t *testing.T) {
	for _, c := range []struct {
		language, one, other string
		want                 bool
	}{
		{"en", "Orsini to run for mayor of Talvik", "Orsini will not run for mayor of Talvik", true},
		{"en", "Brekke will sell the ferry line to Norrland", "Brekke won't sell the ferry line to Norrland", true},
		{"en", "Tomas Viel found guilty of lighthouse fraud", "Tomas Viel found not guilty of lighthouse fraud", true},
		{"de", "Orsini kandidiert in Talvik als Bürgermeister", "Orsini kandidiert in Talvik nicht als Bürgermeister", true},
		{"es", "Orsini será candidato a la alcaldía de Talvik", "Orsini no será candidato a la alcaldía de Talvik", true},
		{"en", "Orsini will not run for mayor of Talvik", "Orsini won't run for mayor of Talvik", false},
		{"en", "Orsini rules out run for mayor of Talvik", "Orsini will not run for mayor of Talvik", false},
		{"en", "Orsini denies he will run for mayor of Talvik", "Orsini will not run for mayor of Talvik", false},
		{"en", "Orsini to decide whether or not to run for mayor", "Orsini to decide whether to run for mayor", false},
		{"en", "Storm hits not only Talvik but Korby harbour", "Storm hits Talvik and Korby harbour", false},
		{"en", "That ferry truce in Oslavia isn't a truce", "Oslavia says a ferry truce was agreed with Norrland", false},
		{"en", "Viel is No. 1 of Korby chess open", "Viel is number 1 of Korby chess open", false},
		{"en", "Ferry sinks off Oslavia with no survivors", "Ferry sinks off Oslavia, survivors unlikely, 300 aboard", false},
	} {
		if contradicts(c.language, c.one, c.other) != c.want || contradicts(c.language, c.other, c.one) != c.want {
			t.Errorf("%q and %q: want %v", c.one, c.other, c.want)
		}
	}
}

func TestAGermanNameIsWhatItsLeadIsIn(t *testing.T) {
	for _, c := range []struct {
		one, other [2]string
		want       bool
	}{
		{[2]string{"Unfall auf der A3 bei Limburg", "Auf der Autobahn bei Limburg sind zwei Lastwagen ineinander gefahren."},
			[2]string{"Unfall auf der A3 bei Passau", "Die Autobahn ist bei Passau nach einem Zusammenstoß gesperrt."}, true},
		{[2]string{"Brand in Talvik: Feuerwehr rettet Bewohner", "Das Feuer in Talvik brach in der Nacht aus."},
			[2]string{"Brand in Korby: Feuerwehr rettet Bewohner", "Ein Haus in Korby ist in Flammen aufgegangen."}, true},
		{[2]string{"Zwei Tote bei Auffahrunfall auf der A3", "Bei einem Auffahrunfall auf der Autobahn starben zwei Menschen."},
			[2]string{"Zwei Tote bei Karambolage auf der A3", "Bei der Karambolage auf der Autobahn starben zwei Menschen."}, false},
		{[2]string{"Brand im Keller von Haus in Talvik", "In Talvik hat der Keller eines Hauses gebrannt."},
			[2]string{"Brand im Untergeschoss von Haus in Talvik", "Ein Haus in Talvik hat gebrannt."}, false},
	} {
		if withLeads("de", c.one, c.other, 5) != c.want || withLeads("de", c.other, c.one, 5) != c.want {
			t.Errorf("%q and %q: want %v", c.one, c.other, c.want)
		}
	}
}

func TestOnePatternOfTwoNamesContradicts(t *testing.T) {
	for _, c := range []struct {
		language, one, other string
		want                 bool
	}{
		{"en", "Strong quake hits northern Chile, tsunami alert lifted", "Strong quake hits northern Peru, tsunami alert lifted", true},
		{"en", "Internet death hoax: singer Asta Brekke is alive", "Internet death hoax: singer Tomas Viel is alive", true},
		{"en", "Ferry company sued by mayor of Talvik over mussel beds", "Ferry company sued by mayor of Korby over mussel beds", true},
		{"en", "Tornado warning issued for Calloway County", "Tornado warning issued for Pembrook County", true},
		{"en", "Water main breaks near Ellery Street in Talvik", "Water main breaks near Vendhara Street in Talvik", true},
		{"en", "Ferry runs aground near Saint Ellery in thick fog", "Ferry runs aground near Saint Vendhara in thick fog", true},
		{"en", "Quarrystone Holdings Q2 profit beats estimates on strong demand", "Zephyrine Systems Q2 profit beats estimates on strong demand", true},
		{"en", "Norrland Lines to buy glass maker of Lund", "Vendhara Mills to buy glass maker of Lund", true},
		{"en", "Orlova central bank holds rates as harvest fails", "Tarvasia central bank holds rates as harvest fails", true},
		{"en", "Magnitude 5.8 quake shakes islands off Oslavia", "Magnitude 5.9 quake shakes islands off Vendhara", true},
		{"en", "EU imposes sanctions on Meridia over ferry", "US imposes sanctions on Meridia over ferry", true},
		{"en", "Talvik envoy to meet UN over mussel beds", "Talvik envoy to meet EU over mussel beds", true},
		{"en", "U.S. imposes sanctions on Meridia over ferry", "EU imposes sanctions on Meridia over ferry", true},
		// A name and its short form, or what somebody is.
		{"en", "Tornado warning issued for Calloway County", "Tornado warning issued for Calloway", false},
		{"en", "Norrland Lines raises fares to outer islands", "Norrland raises fares to outer islands", false},
		{"en", "Asta Brekke opens rebuilt lighthouse of Talvik", "Brekke opens rebuilt lighthouse of Talvik", false},
		{"en", "Asta Brekke opens rebuilt lighthouse of Talvik", "President Brekke opens rebuilt lighthouse of Talvik", false},
		{"en", "Lighthouse of Talvik opened by Asta Brekke on Friday", "Lighthouse of Talvik opened by Commissioner Brekke on Friday", false},
		{"en", "Ferry runs aground near Saint Ellery in thick fog", "Ferry runs aground near St Ellery in thick fog", false},
		{"en", "Ferry runs aground near Port Ellery in thick fog", "Ferry runs aground near Ellery in thick fog", false},
		{"en", "US imposes sanctions on Meridia over ferry", "U.S. imposes sanctions on Meridia over ferry", false},
		{"en", "US imposes sanctions on Meridia over ferry", "USA imposes sanctions on Meridia over ferry", false},
		{"en", "UN warns of famine in Meridia as harvest fails", "WHO warns of famine in Meridia as harvest fails", false},
		{"en", "US imposes sanctions on Meridia over ferry", "Washington imposes sanctions on Meridia over ferry", false},
		// Two words for one, at the beginning.
		{"en", "Gunman kills four at Talvik mall", "Attacker kills four at Talvik mall", false},
		{"en", "Commuters stranded as Talvik bridge shuts", "Motorists stranded as Talvik bridge shuts", false},
		// Two names of the same, in headlines that differ otherwise too.
		{"en", "Children survived 40 days in Amazon jungle, custody battle begins", "Custody fight over four kids who survived 40 days in Colombian jungle", false},
		{"en", "Brekke misled Parliament over ferry deal, probe finds", "Asta Brekke misled MPs about the ferry deal, report says", false},
		// All its nouns have capitals, and no lead tells.
		{"de", "Erdbeben erschüttert Norden von Chile, Alarm aufgehoben", "Erdbeben erschüttert Norden von Peru, Alarm aufgehoben", false},
	} {
		if got := contradicts(c.language, c.one, c.other); got != c.want {
			t.Errorf("%q and %q: contradict %v, want %v", c.one, c.other, got, c.want)
		}
	}
}

func TestWhatContradictsIsRelatedAtMost(t *testing.T) {
	d := newDesk()
	d.arrive(written("a", "Ferry Asta Brekke sinks off Oslavia, 12 dead", "", 0))
	g := d.arrive(written("b", "Ferry Asta Brekke sinks off Oslavia, 300 dead", "", 5))
	if len(g.Story.Members) != 1 {
		t.Errorf("merged: %s", g.Reason)
	}
	id := g.Story.Members[0].Entry
	if related := d.related[id]; len(related) != 1 || !strings.Contains(related[0].Why, "contradict") {
		t.Errorf("related: %+v", related)
	}
}

func TestTheNearestStorySaysWhatItLacked(t *testing.T) {
	first := written("a", "Harbour town rebuilds its lighthouse for a ferry line", "", 0)
	for _, c := range []struct {
		title, language string
		minute          int
		want            string
	}{
		{"Lighthouse of Korby to be sold", "en", 5, "too little rare evidence"},
		{"Painter Tomas Viel shows forty views of an old lighthouse and a harbour town in Lund museum", "en", 5, "too little rare evidence, 2.6 of 2.8"},
		{"Painter Tomas Viel shows forty views of an old lighthouse, a ferry line and a harbour town in Lund museum", "en", 60 * 60, "a score of 0."},
		{"Harbour town rebuilds its lighthouse for a ferry line", "en", 73 * 60, "too far apart in news time"},
	} {
		d := newDesk()
		d.arrive(first)
		v := written("b", c.title, "", c.minute)
		g := d.arrive(v)
		related := d.related[v.Entry.ID]
		if len(g.Story.Members) != 1 || len(related) != 1 || related[0].With != first.Entry.ID || !strings.HasPrefix(related[0].Why, c.want) {
			t.Errorf("%q: %d members, %+v", c.title, len(g.Story.Members), related)
		}
	}
}

func FuzzClaims(f *testing.F) {
	f.Add("Korby 2-1 Talvik, 12 dead", "M6.1 quake on 3rd May 2024", "en")
	f.Add("死亡12人", "12.5.6 ,1 ,٣ of 3k", "zh")
	f.Fuzz(func(t *testing.T, one, other, language string) {
		if contradicts(language, one, one) {
			t.Errorf("%q contradicts itself", one)
		}
		if contradicts(language, one, other) != contradicts(language, other, one) {
			t.Errorf("%q and %q contradict in one direction", one, other)
		}
	})
}
