package story_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/story"
)

func TestADigestIsACopyOfNone(t *testing.T) {
	_, others := example()
	long := func(s string) string {
		return s + "<p>" + strings.Join(strings.Fields(strings.Repeat(s[:40]+" is what people there say about it ", 1)+" the matter was first raised by the local council in spring and has since been taken up by three ministries without much result so far according to those who follow it closely every single week of the year"), " ") + "</p>"
	}
	a, b := written("a", others[0].Entry.Title, long(others[0].Entry.Content), 0), written("b", ferryTitle, ferryText, 5)
	digest := written("c", "The day in full", a.Entry.Content+b.Entry.Content, 60)
	d := newDesk()
	d.arrive(a)
	d.arrive(b)
	if g := d.arrive(digest); len(g.Story.Members) != 1 {
		t.Errorf("merged: %s", g.Reason)
	}
	if len(d.told) != 3 {
		t.Errorf("%d stories", len(d.told))
	}
}

// In whatever order a digest and its parts come.
func TestADigestIsACopyOfNoneInAnyOrder(t *testing.T) {
	texts := []struct{ title, text string }{
		{ferryTitle, ferryText},
		{"Wheat prices climb as drought spreads in the valley", partOf("Anselm", "farmers", "mill at Korby", "sack of flour")},
		{"Chess federation bans phones from playing halls", partOf("Minsk", "players", "federation", "open tournament")},
		{"New terminal in Oslavia opens a month late", partOf("Oslavia", "electricians", "terminal", "strike")},
		{"Comet Varga passes closest to Earth on Sunday", partOf("Varga", "astronomers", "observatory", "comet's tail")},
	}
	for parts := 2; parts <= len(texts); parts++ {
		whole := ""
		for _, p := range texts[:parts] {
			whole += p.text
		}
		for at := range parts + 1 { // so many of its parts come before it
			d := newDesk()
			digest := written("digest", "The day in full", whole, 30)
			for i, p := range texts[:parts] {
				if i == at {
					d.arrive(digest)
				}
				d.arrive(written(fmt.Sprint("s", i), p.title, p.text, 10+10*i))
			}
			if at == parts {
				d.arrive(digest)
			}
			if in := d.told[d.of[digest.Entry.ID]].Story; len(in.Members) != 1 || len(d.told) != parts+1 {
				t.Errorf("a digest of %d parts, after %d of them, is in a story of %d; %d stories", parts, at, len(in.Members), len(d.told))
			}
		}
	}
}

// partOf is a text about something, of some hundred words.
func partOf(place, who, what, thing string) string {
	return fmt.Sprintf("<p>In %[1]s the %[2]s had waited for the %[3]s since %[1]s was named for it, and on Thursday the %[4]s was all that %[2]s there would speak of. "+
		"One of the %[2]s, who has known the %[3]s for thirty years, called the %[4]s of %[1]s a beginning. Others of the %[2]s in %[1]s were less sure that a %[4]s helps the %[3]s.</p>"+
		"<p>Nobody at the %[3]s wanted to say when the %[4]s will be heard of again in %[1]s, but the %[2]s expect a word on the %[3]s before the end of the month, "+
		"and a second %[4]s is said to be on its way from %[1]s by then.</p>", place, who, what, thing)
}

const (
	lightText = `The lighthouse of Port Ellery will shine again next spring after nineteen years in the dark, because a ferry to the outer islands needs a light to steer by at night, and the council voted on Tuesday to pay for the repair. Norrland Lines wants to run two boats a day, says its director Asta Brekke, while fishermen fear for the mussel beds along the southern quay.`
	millText  = `Bakers in Oslavia have gone back to the old stone mill of Anselm Varga, whose wheel had been standing still since the flood of 1998, for the price of wheat has doubled within a year and the big mills deliver late. Varga grinds forty sacks between dawn and noon, and his granddaughter carries them to the station on a cart.`
)

// roundup is a digest of two parts, which came after it.
func roundup() (digest, light, mill copydesk.Voice) {
	return written("digest", "What we read today", lightText+" "+millText, 1),
		written("a", "Lighthouse of Port Ellery to shine again", lightText, 2),
		written("b", "Oslavia bakes with stone mill flour", millText, 30)
}

func TestADigestStaysWhereTheOperatorHasJoinedIt(t *testing.T) {
	digest, light, _ := roundup()
	d := newDesk()
	d.arrive(digest)
	g := d.arrive(light)
	o := story.NewOverrides([]copydesk.Override{{Join: []string{digest.Entry.Canonical, light.Entry.Canonical}}}, func(s string) string { return s })
	void := story.OfDigests([]copydesk.EntryID{digest.Entry.ID}, d.window.Alike)
	if parts := story.Parted(copydesk.Told{Story: g.Story, Voices: g.Voices}, void, nil, o, noon); len(g.Story.Members) != 2 || len(parts) != 1 {
		t.Errorf("%d members, then %d parts", len(g.Story.Members), len(parts))
	}
}

func TestASecretDigestDoesNotTakeTheIDThatThePublicKnows(t *testing.T) {
	digest, light, mill := roundup()
	d := newDesk()
	d.arrive(secretly(digest))
	known := d.arrive(light).Story.ID
	d.arrive(mill)
	if got := d.of[light.Entry.ID]; got != known || len(d.told) != 2 {
		t.Errorf("it is %s and was %s; %d stories", got, known, len(d.told))
	}
}

func TestAFooterMakesNoDigest(t *testing.T) {
	const short = ` Read more of our reporting from the coast and the islands every morning in the Harbour Post newsletter, which is free of charge, and support independent local journalism with a small monthly gift to our foundation.`
	const long = short + ` We live from what our readers give and from nothing else, we answer every letter before tea, and the cat who came with the building will still be here when all of us have gone home.`
	for _, footer := range []string{short, long} {
		for _, brief := range []string{"No phones at the door.", "Players have to leave their phones at the door, the federation decided."} {
			d := newDesk()
			article := written("post", "Lighthouse of Port Ellery to shine again", lightText+" Work on the tower begins in November, as a glass maker has been found."+footer, 1)
			d.arrive(article)
			d.arrive(written("copier", "Lighthouse of Port Ellery to shine again", lightText, 2))
			d.arrive(written("post", "Chess players leave phones at the door", brief+footer, 3))
			if in := d.told[d.of[article.Entry.ID]].Story; len(in.Members) != 2 {
				t.Errorf("%d members after %q above %d bytes", len(in.Members), brief, len(footer))
			}
		}
	}
}

func TestTwoTextsOfOneEntryMakeNoDigest(t *testing.T) {
	ticker, copier := written("ticker", "Live from the coast", lightText, 1), written("copier", "Live from the coast, all of today", lightText+" "+millText, 2)
	d := newDesk()
	d.arrive(ticker)
	d.arrive(copier)
	ticker.Entry.Content, ticker.Entry.Revision, ticker.Entry.RevisedAt = millText, 2, ticker.Entry.RevisedAt.Add(time.Hour)
	if g := d.arrive(ticker); len(g.Story.Members) != 2 {
		t.Errorf("%d members", len(g.Story.Members))
	}
}

// cut is an article, and texts that others make of it: its paragraphs.
var cut = struct {
	title      string
	paragraphs []string
}{"Bus falls into ravine near Korby, killing 12", strings.Split(edited[0].text, "\n")}

func cutTo(source, title string, minute int, paragraphs ...int) copydesk.Voice {
	text := ""
	for _, n := range paragraphs {
		text += "<p>" + cut.paragraphs[n] + "</p>"
	}
	return written(source, title, text, minute)
}

// Who cuts an article up makes no digest of it.
func TestExcerptsMakeTheirOriginalNoDigest(t *testing.T) {
	days := 4 * 24 * 60 // apart: no headline but that of the original is in question
	original := cutTo("post", cut.title, 0, 0, 1, 2, 3)
	for _, c := range []struct {
		name   string
		others []copydesk.Voice
		want   string // the sources of each story
	}{
		{"two halves under its headline", []copydesk.Voice{cutTo("excerpt", cut.title, days, 0, 1), cutTo("rest", cut.title, 2*days, 2, 3)}, "excerpt post rest"},
		{"halves and all of it under another", []copydesk.Voice{cutTo("excerpt", cut.title, days, 0, 1), cutTo("rest", cut.title, days, 2, 3), cutTo("whole", "What we read today", days, 0, 1, 2, 3)}, "excerpt post rest whole"},
		{"the beginning and the rest under others", []copydesk.Voice{cutTo("excerpt", "A morning in the mountains", days, 0), cutTo("rest", "What we read today", days, 1, 2, 3)}, "excerpt; post rest"},
		{"all of it twice, and two halves under others", []copydesk.Voice{cutTo("whole", "What we read today", days, 0, 1, 2, 3), cutTo("excerpt", "A morning in the mountains", days, 0, 1), cutTo("rest", "Schools to stay closed for a day", days, 2, 3)}, "excerpt; post whole; rest"},
	} {
		inEveryOrder(append(c.others, original), func(order []copydesk.Voice) {
			if got := sources(order); got != c.want {
				t.Errorf("%s, %s first: %s, want %s", c.name, order[0].Source.ID, got, c.want)
			}
		})
	}
}

// sources are those of each story that entries become, with frozen word counts.
func sources(order []copydesk.Voice) string {
	d := newDesk()
	d.frozen = true
	for _, v := range order {
		d.arrive(v)
	}
	var all []string
	for _, told := range d.told {
		var in []string
		for _, m := range told.Story.Members {
			in = append(in, string(m.Source))
		}
		slices.Sort(in)
		all = append(all, strings.Join(in, " "))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

func inEveryOrder(voices []copydesk.Voice, try func([]copydesk.Voice)) {
	if len(voices) == 0 {
		try(nil)
	}
	for i, first := range voices {
		rest := slices.Delete(slices.Clone(voices), i, i+1)
		inEveryOrder(rest, func(order []copydesk.Voice) { try(append([]copydesk.Voice{first}, order...)) })
	}
}
