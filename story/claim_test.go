package story_test

import (
	"strings"
	"testing"

	"copydesk/story"
)

func contradicts(language, one, other string) bool {
	a, b := written("a", one, "", 0), written("b", other, "", 5)
	a.Entry.Language, b.Entry.Language = language, language
	return story.Compare(story.Read(a), story.Read(b), story.NewRarity()).Contradicts
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
	} {
		if contradicts("en", c.one, c.other) || contradicts("en", c.other, c.one) {
			t.Errorf("%q and %q contradict each other", c.one, c.other)
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
		// Two names of the same, in headlines that differ otherwise too.
		{"en", "Children survived 40 days in Amazon jungle, custody battle begins", "Custody fight over four kids who survived 40 days in Colombian jungle", false},
		{"en", "Brekke misled Parliament over ferry deal, probe finds", "Asta Brekke misled MPs about the ferry deal, report says", false},
		// All its nouns have capitals.
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
