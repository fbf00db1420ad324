package story_test

import (
	"fmt"
	"testing"
	"time"

	"copydesk"
	"copydesk/story"

	"pgregory.net/rapid"
)

func TestTheLeadByWhatTheTextsSay(t *testing.T) {
	tide := func(minute int) copydesk.Voice {
		v := written("tidewire", ferryTitle, ferryText, minute)
		v.Source.Publisher, v.Source.AKA = "Tide Wire", []string{"tidewire.example"}
		return v
	}
	early := func(v copydesk.Voice) copydesk.Voice {
		v.Entry.Published = noon.Add(-48 * time.Hour)
		return v
	}
	for _, c := range []struct {
		name, why string
		other     copydesk.Voice
	}{
		{"credited by its name", "the others credit it", early(ending(crediting(written("b", ferryTitle, ferryText, 0), "Tide Wire"), "The post appeared first on Tide Wire."))},
		{"credited by another name", "the others credit it", early(ending(crediting(written("b", ferryTitle, "", 0), "tidewire.example"), "Originally published on tidewire.example."))},
		{"credited by its address", "the others credit it", early(linking(written("b", ferryTitle, ferryText, 0), "https://www.tidewire.example/rivers?id=7"))},
		{"another one is credited, whom we do not poll", "the others credit somebody else", early(ending(crediting(written("b", ferryTitle, ferryText, 0), "Far Away Gazette"), "Originally published by Far Away Gazette."))},
		{"the other is rewritten", "the others credit somebody else", early(rewritten(written("b", ferryTitle, ferryRewrite, 0)))},
		{"the other links to it", "the others link to it", early(written("b", ferryTitle, `<p>As <a href="`+tide(60).Entry.Canonical+`">reported</a>.</p>`, 0))},
		{"the other is its summary", "the others are summaries of it", early(written("b", ferryTitle, ferryText[:340], 0))},
		{"the other is its summary, and known boilerplate", "the others are summaries of it", early(within("b", ferryText[:340], 20))},
		{"the other is its summary, and credits itself", "the others are summaries of it", early(ending(written("b", ferryTitle, ferryText[:340], 0), "The post "+ferryTitle+" appeared first on B News."))},
		{"the other is it, and known boilerplate", "the others have it with their boilerplate around it", early(within("b", ferryText, 20))},
		{"the other is it, and much boilerplate", "the others have it with their boilerplate around it", early(within("b", ferryText, 400))},
	} {
		for _, voices := range [][]copydesk.Voice{{tide(60), c.other}, {c.other, tide(60)}} {
			if lead, why := story.Lead(voices, story.Overrides{}); lead.Source.ID != "tidewire" || why != c.why {
				t.Errorf("%s: led by %s: %s", c.name, lead.Source.ID, why)
			}
		}
	}
}

// ending is a voice with a last line that credits somebody, of which its entry says
// whom.
func ending(v copydesk.Voice, line string) copydesk.Voice {
	bare := v.Entry
	v.Entry.Content += "<p>" + line + "</p>"
	return story.Measured(v, bare, bare)
}

// rewritten is a voice that says of its text that it is made from those of others.
func rewritten(v copydesk.Voice) copydesk.Voice {
	v.Entry.Rewritten = true
	return ending(v, "This article was created based on information from various sources and rewritten for clarity.")
}

// linking is a voice that credits an address.
func linking(v copydesk.Voice, address string) copydesk.Voice {
	v.Entry.Credits = []copydesk.Credit{{URL: address}}
	return v
}

// within is a text with so many words of boilerplate below it, which are known.
func within(source, text string, words int) copydesk.Voice {
	v := written(source, ferryTitle, text, 0)
	bare := v.Entry
	v.Entry.Content += "<p>"
	for i := range words {
		v.Entry.Content += fmt.Sprintf("letter%d ", i)
	}
	return story.Measured(v, v.Entry, bare)
}

func TestWordsOfBoilerplateAreThoseThatAreTakenAway(t *testing.T) {
	whole := written("a", ferryTitle, ferryText+"<p>Read on in our app.</p><p>The post appeared first on Tide Wire.</p>", 0)
	uncredited := written("a", ferryTitle, ferryText+"<p>Read on in our app.</p>", 0)
	bare := written("a", ferryTitle, ferryText, 0)
	for _, c := range []struct {
		whole, uncredited, stripped copydesk.Voice
		boilerplate, crediting      int
	}{{whole, uncredited, bare, 5, 7}, {whole, uncredited, uncredited, 0, 7}, {uncredited, uncredited, bare, 5, 0}, {bare, bare, bare, 0, 0}, {bare, bare, whole, 0, 0}} {
		if v := story.Measured(c.whole, c.uncredited.Entry, c.stripped.Entry); v.Boilerplate != c.boilerplate || v.Crediting != c.crediting {
			t.Errorf("%d words and %d, not %d and %d", v.Boilerplate, v.Crediting, c.boilerplate, c.crediting)
		}
	}
}

// What a source puts around its texts is no reason to credit it, and who strips that of
// others is not credited either.
func TestBoilerplateThatIsNotKnownOrAnAggregatorsAbsenceOfItCreditsNobody(t *testing.T) {
	bare, decorated := written("bare", ferryTitle, ferryText, 60), within("decorated", ferryText, 20)
	aggregator := bare
	aggregator.Source.Role = copydesk.RoleAggregator
	unknown := decorated
	unknown.Boilerplate = 0
	for _, voices := range [][]copydesk.Voice{{bare, unknown}, {aggregator, decorated}} {
		if lead, why := story.Lead(voices, story.Overrides{}); lead.Source.ID != "decorated" {
			t.Errorf("led by %s: %s", lead.Source.ID, why)
		}
	}
}

func TestNobodyTakesTheLeadByCreditingItself(t *testing.T) {
	v := ending(crediting(written("b", ferryTitle, ferryText, 60), "B News"), "The post appeared first on B News.")
	v.Source.Publisher = "B News"
	other := written("a", ferryTitle, ferryText, 0)
	if lead, why := story.Lead([]copydesk.Voice{v, other}, story.Overrides{}); lead.Source.ID != "a" {
		t.Errorf("led by %s: %s", lead.Source.ID, why)
	}
}

// WordPress has such a line under all that it publishes first; who copies leaves it out.
func TestNobodyLosesTheLeadByCreditingItself(t *testing.T) {
	v := ending(crediting(written("b", ferryTitle, ferryText, 0), "B News"), "The post "+ferryTitle+" appeared first on B News.")
	v.Source.Publisher = "B News"
	for name, voices := range map[string][]copydesk.Voice{
		"to a text without it":         {v, written("a", ferryTitle, ferryText, 60)},
		"beside one that is decorated": {v, written("a", ferryTitle, ferryText, 60), within("c", ferryText, 20)},
	} {
		if lead, why := story.Lead(voices, story.Overrides{}); lead.Source.ID != "b" {
			t.Errorf("%s: led by %s: %s", name, lead.Source.ID, why)
		}
	}
}

// The lead is a function of the set of voices, whatever their texts say.
func TestTheLeadIsTheSameForEveryPermutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var voices []copydesk.Voice
		for i := range rapid.IntRange(1, 6).Draw(t, "voices") {
			text := rapid.SampledFrom([]string{"", ferryText, ferryRewrite, ferryText[:500]}).Draw(t, "text")
			if rapid.Bool().Draw(t, "links") {
				text += fmt.Sprintf(`<a href="https://s%d.example/1">more</a>`, rapid.IntRange(0, 6).Draw(t, "to"))
			}
			v := written(fmt.Sprintf("s%d", i), ferryTitle, text, rapid.IntRange(0, 9).Draw(t, "seen"))
			v.Entry.Rewritten = text == ferryRewrite
			if rapid.Bool().Draw(t, "credits") {
				in := rapid.SampledFrom([]copydesk.CreditPlace{copydesk.InText, copydesk.InByline, copydesk.InElement}).Draw(t, "in")
				v.Entry.Credits = []copydesk.Credit{{Publisher: fmt.Sprintf("Paper %d", rapid.IntRange(0, 6).Draw(t, "whom")), In: in}}
			}
			v.Source.Publisher, v.Entry.Link = fmt.Sprintf("Paper %d", i), fmt.Sprintf("https://s%d.example/1", i)
			v.Boilerplate, v.Crediting = rapid.IntRange(0, 40).Draw(t, "boilerplate"), rapid.IntRange(0, 20).Draw(t, "crediting")
			v.Source.Role = rapid.SampledFrom([]copydesk.Role{copydesk.RolePublisher, copydesk.RoleAggregator}).Draw(t, "role")
			voices = append(voices, v)
		}
		one, why := story.Lead(voices, story.Overrides{})
		other, otherWhy := story.Lead(rapid.Permutation(voices).Draw(t, "order"), story.Overrides{})
		if one.Entry.ID != other.Entry.ID || why != otherWhy {
			t.Fatalf("%s (%s), in another order %s (%s)", one.Source.ID, why, other.Source.ID, otherWhy)
		}
	})
}

func TestAnAgencysDatelineDoesNotGiveTheLeadToTheCopy(t *testing.T) {
	own := voice("dw", "1", "https://dw.example/ports", 30)
	own.Source.Publisher = "Deutsche Welle"
	own.Entry.Credits = []copydesk.Credit{{Publisher: "Reuters", In: copydesk.InByline}}
	copied := voice("copies", "1", "https://copies.example/ports", 0) // it claims to have been first
	copied.Entry.Content = `<p>The post Ports appeared first on Deutsche Welle.</p>`
	copied.Entry.Credits = []copydesk.Credit{{Title: "Ports", Publisher: "Deutsche Welle"}, {Publisher: "Reuters", In: copydesk.InByline}}
	if lead, why := story.Lead([]copydesk.Voice{copied, own}, story.Overrides{}); lead.Source.ID != "dw" || why != "the others credit it" {
		t.Errorf("%s leads: %s", lead.Source.ID, why)
	}
	stripped := voice("strips", "1", "https://strips.example/ports", 600)
	if lead, why := story.Lead([]copydesk.Voice{stripped, own}, story.Overrides{}); lead.Source.ID != "dw" {
		t.Errorf("who leaves the agency out leads: %s", why)
	}
}
