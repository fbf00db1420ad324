package story_test

import (
	"testing"
	"time"

	"copydesk"
	"copydesk/story/alike"
)

// An agency has the same headline over other news every few days.
func TestACreditUnderTheSameHeadlineIsOfTheSameDays(t *testing.T) {
	const sinks = "Norrland ferry sinks near Tarnhollow lighthouse off Port Ellery, Asta Brekke says 3 dead"
	for _, c := range []struct {
		name         string
		one, other   string
		text, credit string
		apart        time.Duration
		step         int
	}{
		{"within three days", "Orlova shares close higher as Brekke banks gain", "Orlova shares close higher as Brekke banks gain", "", "", 71 * time.Hour, copydesk.StepCredit},
		{"twelve days apart", "Orlova shares close higher as Brekke banks gain", "Orlova shares close higher as Brekke banks gain", "", "", 288 * time.Hour, 0},
		{"another result", "Box score: Owls 3, Herons 2", "Box score: Owls 2, Herons 3", "", "", 288 * time.Hour, 0},
		{"contradicting", sinks, "Norrland ferry sinks near Tarnhollow lighthouse off Port Ellery, Asta Brekke says 40 dead", "", "", time.Hour, 0},
		{"with the text, twelve days apart", ferryTitle, ferryTitle, ferryText, ferryText[:250] + ferryRewrite, 288 * time.Hour, copydesk.StepCredit},
	} {
		agency := written("ap", c.one, c.text, 0)
		agency.Source.Publisher = "Associated Press"
		paper := written("b", c.other, c.credit, int(c.apart.Minutes()))
		paper.Entry.Credits = []copydesk.Credit{{Publisher: "Associated Press"}}
		m := alike.Compare(alike.Read(agency), alike.Read(paper), alike.NewRarity())
		if m.Step != c.step && (m.Step == copydesk.StepCredit || c.step != 0) {
			t.Errorf("%s: step %d, %s", c.name, m.Step, m.Why)
		}
		w := alike.NewWindow(alike.NewRarity(), alike.DefaultReach)
		w.Add(alike.Read(agency))
		texts := func(id copydesk.EntryID) (copydesk.Voice, bool) {
			if id == paper.Entry.ID {
				return paper, true
			}
			return agency, true
		}
		links := w.Evidence(alike.Read(paper), nil, texts).Links
		if (len(links) > 0) != (c.step != 0) {
			t.Errorf("%s: in a window %+v", c.name, links)
		}
	}
}
