package story_test

import (
	"fmt"
	"testing"
)

// What stands in the place of articles, or below those of a series.
const (
	paywall = `<p>This content is for subscribers of our newspapers only. To go on reading, please sign in to your account or choose one of the offers below, which include the daily paper as it was printed, the articles of all our local desks, the archive of the last decade and fewer advertisements. You may cancel at any time, and a first month costs no more than a cup of coffee in town.</p>`
	series  = `<p>This article belongs to a series on money and power, which is paid for by our readers and by the Foundation for Open Reporting. The foundation has no say in what we write. You may print it again under a free licence if you leave the links as they are, name the author, and say where it was published first, as well as when it was changed for the last time.</p>`
)

var unlikeTitles = []string{
	"Orsini wins Meridia vote in a landslide", "Helvorra chief Oberlin steps down over sales", "Calliope enters orbit around Ceres after six years",
	"Vostrana dam breach drives thousands from homes", "Kettleborough bakery burns to the ground", "Larkspur Rovers sign Velikov from Dunmore",
}

func TestWhatStandsInPlaceOfArticlesIsNoArticle(t *testing.T) {
	for name, text := range map[string]string{"a paywall": paywall, "a short beginning and a note": "<p>It was a long night.</p>" + series} {
		for papers := 2; papers <= 6; papers++ {
			d := newDesk()
			for i, title := range unlikeTitles {
				if g := d.arrive(written(fmt.Sprint("paper", i%papers), title, text, i)); len(g.Story.Members) != 1 {
					t.Errorf("%s at %d papers: %q %s", name, papers, title, g.Reason)
				}
			}
		}
	}
}

// Once a source has been seen to put a text under headlines that have nothing to
// do with each other, it says nothing, even below something of each article.
func TestATextUnderUnlikeHeadlinesOfOneSourceIsNoEvidence(t *testing.T) {
	begins := []string{"Orsini has won the vote in Meridia.", "Oberlin has left Helvorra.", "Calliope is in orbit around Ceres.", "The Vostrana dam broke."}
	d := newDesk()
	for i, source := range []string{"a", "a", "b", "a"} {
		if g := d.arrive(written(source, unlikeTitles[i], "<p>"+begins[i]+"</p>"+paywall, i)); len(g.Story.Members) != 1 {
			t.Errorf("%q: %s", unlikeTitles[i], g.Reason)
		}
	}
}

func TestACopyUnderAHeadlineThatItsTextDoesNotTellIsACopy(t *testing.T) {
	d := newDesk()
	d.arrive(written("a", ferryTitle, ferryText, 0))
	if g := d.arrive(written("b", "Nineteen reasons for joy on a small island", ferryText, 4*24*60)); len(g.Story.Members) != 2 {
		t.Errorf("apart: %s", g.Reason)
	}
}
