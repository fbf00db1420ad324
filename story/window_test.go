package story_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/story"
	"copydesk/story/alike"

	"pgregory.net/rapid"
)

// desk lets voices arrive as the daemon does: evidence, group, add, place,
// count.
type desk struct {
	rarity  *alike.Rarity
	window  *alike.Window
	told    map[copydesk.StoryID]copydesk.Told
	of      map[copydesk.EntryID]copydesk.StoryID
	related map[copydesk.EntryID][]copydesk.Evidence
	first   map[copydesk.EntryID]copydesk.StoryID // the id that each had at first
	entries []copydesk.Entry
	shown   map[copydesk.EntryID]copydesk.Voice
	frozen  bool
}

func newDesk() *desk {
	r := alike.NewRarity()
	return &desk{
		rarity: r, window: alike.NewWindow(r, alike.DefaultReach), told: map[copydesk.StoryID]copydesk.Told{}, of: map[copydesk.EntryID]copydesk.StoryID{},
		related: map[copydesk.EntryID][]copydesk.Evidence{}, first: map[copydesk.EntryID]copydesk.StoryID{}, shown: map[copydesk.EntryID]copydesk.Voice{},
	}
}

func (d *desk) arrive(v copydesk.Voice) story.Grouped {
	f := alike.Read(v)
	crowd := story.Crowd(v.Entry, d.entries)
	ask := func(v copydesk.Voice) []copydesk.Evidence { return d.window.Evidence(alike.Read(v), nil, d.text).Links }
	for _, e := range crowd {
		d.part(e, story.OfCrowd(v.Entry.Canonical, crowd), ask, v.Entry.RevisedAt)
	}
	known := story.Evidence(v.Entry, d.entries, alike.DefaultReach)
	d.entries = append(slices.DeleteFunc(d.entries, func(e copydesk.Entry) bool { return e.ID == v.Entry.ID }), v.Entry)
	d.shown[v.Entry.ID] = v
	answer := d.window.Evidence(f, known, d.text)
	links, related := slices.Concat(known, answer.Links), answer.Related
	d.related[v.Entry.ID] = related
	for _, digest := range answer.Digests {
		d.part(digest, story.OfDigests(answer.Digests, d.window.Alike), nil, v.Entry.RevisedAt)
	}
	var near []copydesk.Told
	for id, told := range d.told {
		if told.Story.Has(v.Entry.ID) || slices.ContainsFunc(links, func(e copydesk.Evidence) bool { return d.of[e.With] == id }) {
			near = append(near, told)
		}
	}
	g := story.Group(v, links, near, story.Overrides{})
	d.window.Add(f)
	for _, id := range g.Absorbed {
		delete(d.told, id)
	}
	d.put(copydesk.Told{Story: g.Story, Voices: g.Voices})
	if !d.frozen {
		d.rarity.Observe(f)
	}
	return g
}

func (d *desk) part(entry copydesk.EntryID, void story.Void, ask func(copydesk.Voice) []copydesk.Evidence, at time.Time) {
	for _, t := range story.Parted(d.told[d.of[entry]], void, ask, story.Overrides{}, at) {
		d.put(copydesk.Told{Story: t.Story, Voices: t.Voices})
	}
}

func (d *desk) text(entry copydesk.EntryID) (copydesk.Voice, bool) {
	v, there := d.shown[entry]
	return v, there
}

func (d *desk) put(t copydesk.Told) {
	d.told[t.Story.ID] = t
	for _, m := range t.Story.Members {
		d.of[m.Entry] = t.Story.ID
		d.window.Place(m.Entry, t.Story.ID)
	}
}

// article is a voice with a text.
func written(source, title, text string, minute int) copydesk.Voice {
	v := voice(source, title+fmt.Sprint(len(text)), fmt.Sprintf("https://%s.example/%d", source, len(title)+len(text)), minute)
	v.Entry.Title, v.Entry.Content, v.Entry.Language = title, text, "en"
	v.Entry.Published = v.Entry.FirstSeen
	return v
}

const (
	ferryTitle = "Harbour town rebuilds its lighthouse for a new ferry line"
	ferryText  = `<p>After nineteen years in the dark, the lighthouse of Port Ellery will shine again next spring. The council voted on Tuesday to pay for the repair, because a ferry to the outer islands needs a light to steer by at night.</p>
<p>The company Norrland Lines wants to run two boats a day. Its director, Asta Brekke, said that the old route had been given up when the cannery closed, and that visitors now ask for it again.</p>
<p>Fishermen are less pleased. They fear that the wake of the boats will damage the mussel beds along the southern quay, and they have asked the harbour master, Tomas Viel, for a speed limit of six knots.</p>
<p>Work on the tower begins in November. A glass maker from Lund has been found to copy the broken lens from a drawing of 1911, which was kept in the parish church.</p>`
	ferryRewrite = `<p>Port Ellery is bringing back its lighthouse. The tower has been dark for nearly two decades, but councillors decided this week that it should guide a new ferry service to the outer islands.</p>
<p>Norrland Lines plans a pair of daily sailings, director Asta Brekke explained. Mussel farmers worry about damage, and harbour master Tomas Viel has been asked to slow the boats down.</p>`
)

// crediting is a voice of an entry that credits a publisher in its text, without the
// line that does, as it is compared.
func crediting(v copydesk.Voice, publisher string) copydesk.Voice {
	v.Entry.Credits = append(slices.Clip(v.Entry.Credits), copydesk.Credit{Publisher: publisher})
	return v
}

// example is the case to keep in mind: an original, a copy at an
// aggregator, and a rewriting under the same headline whose clock is a day
// early; and three entries of the same feeds about something else.
func example() (same, others []copydesk.Voice) {
	original := home(written("tidewire", ferryTitle, ferryText, 40), "https://tidewire.example/")
	original.Source.Publisher = "Tide Wire"
	copied := aggregator(crediting(written("gather", ferryTitle, ferryText, 20), "Tide Wire"))
	copied.Source.Publisher = "Gather Daily"
	rewrite := written("thirdsite", ferryTitle, ferryRewrite, 10)
	rewrite.Source.Publisher, rewrite.Entry.Rewritten = "Third Site", true
	rewrite.Entry.Published = noon.Add(-24 * time.Hour)
	others = []copydesk.Voice{
		written("tidewire", "Wheat prices climb as drought spreads in the valley", "<p>Farmers in the Anselm valley expect half of last year's harvest. The mill at Korby has raised its price for a sack of flour by a fifth since May.</p>", 15),
		written("gather", "Chess federation bans phones from playing halls", "<p>Players will have to leave their phones at the door, the federation decided in Minsk. Two games were annulled at the last open.</p>", 25),
		written("thirdsite", "New ferry terminal in Oslavia opens a month late", "<p>The terminal had been delayed by a strike of electricians. The first passengers came from Rhodane on Sunday morning.</p>", 35),
	}
	return []copydesk.Voice{original, copied, rewrite}, others
}

func TestTheExampleIsOneStoryInEveryOrderOnAnEmptyStore(t *testing.T) {
	same, others := example()
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		d := newDesk()
		var first copydesk.StoryID
		for i, n := range order {
			g := d.arrive(same[n])
			if i == 0 {
				first = g.Story.ID
			}
			if g.Story.ID != first {
				t.Errorf("order %v: the id changed when %s came: %s", order, same[n].Source.ID, g.Reason)
			}
			d.arrive(others[i])
		}
		told := d.told[first]
		if len(told.Story.Members) != 3 || told.Story.Lead != same[0].Entry.ID {
			t.Errorf("order %v: %d members, led by %s (%s)", order, len(told.Story.Members), told.Story.Lead, told.Story.LeadWhy)
		}
		if len(d.told) != 4 {
			t.Errorf("order %v: %d stories, want the one and three others", order, len(d.told))
		}
	}
}

func TestEqualHeadlinesAloneAreNoEvidence(t *testing.T) {
	for _, c := range []struct{ title, one, other string }{
		{"Morning briefing", "", ""},
		{"Morning briefing", "<p>Rail strike off, and a new mayor in Talvik.</p>", "<p>A comet passes, and the price of tin.</p>"},
		{"Live updates", "", ""},
		{"Weather", "", ""},
		{"Letters to the editor", "", ""},
	} {
		d := newDesk()
		d.arrive(written("a", c.title, c.one, 0))
		if g := d.arrive(written("b", c.title, c.other, 1)); len(g.Story.Members) != 1 {
			t.Errorf("%q merged: %s", c.title, g.Reason)
		}
	}
}

func TestASourcesOwnNameIsNoEvidence(t *testing.T) {
	d := newDesk()
	one, other := written("a", "Talvik Herald morning crossword 18", "", 0), written("b", "In the Herald, 18 years ago", "", 1)
	one.Source.Name, other.Source.Name = "Talvik Herald", "Korby Herald"
	d.arrive(one)
	if g := d.arrive(other); len(g.Story.Members) != 1 {
		t.Errorf("merged: %s", g.Reason)
	}
}

func TestATurnOfPhraseIsNoEvidence(t *testing.T) {
	d := newDesk()
	d.arrive(written("a", "News from around the world", "", 0))
	if g := d.arrive(written("b", "The latest on the flu from around the world", "", 1)); len(g.Story.Members) != 1 {
		t.Errorf("merged: %s", g.Reason)
	}
}

func TestEntriesOfOneSourceAreNoEvidence(t *testing.T) {
	d := newDesk()
	d.arrive(written("a", ferryTitle, ferryText, 0))
	if g := d.arrive(written("a", ferryTitle+" again", ferryText, 5)); len(g.Story.Members) != 1 {
		t.Errorf("merged: %s", g.Reason)
	}
}

func TestACopyIsFoundWithoutAThirdOfItsTextUnderAnotherHeadline(t *testing.T) {
	parts := strings.SplitAfter(ferryText, "</p>")
	for drop := range 4 {
		d := newDesk()
		d.arrive(written("a", ferryTitle, ferryText, 0))
		text := "<p>Good morning from our little island of news, where we read so that you need not.</p>" +
			strings.Join(slices.Delete(slices.Clone(parts), drop, drop+1), "") + "<p>Follow us, share this page and tell your friends about it.</p>"
		g := d.arrive(written("b", "What we read today", text, 60))
		if len(g.Story.Members) != 2 || g.Story.Members[1].Evidence[0].Step != copydesk.StepSameText {
			t.Errorf("without paragraph %d: %s", drop, g.Reason)
		}
	}
}

func TestRewritesAreNotSoughtAfterThreeDaysNorCopiesAfterTwoWeeks(t *testing.T) {
	const day = 24 * 60
	for _, c := range []struct {
		name, text string
		minute     int
		want       int
	}{
		{"a rewriting a day later", ferryRewrite, day, 2},
		{"a rewriting four days later", ferryRewrite, 4 * day, 1},
		{"a copy ten days later", ferryText, 10 * day, 2},
		{"a copy fifteen days later", ferryText, 15 * day, 1},
	} {
		d := newDesk()
		d.arrive(written("a", ferryTitle, ferryText, 0))
		if g := d.arrive(written("b", ferryTitle, c.text, c.minute)); len(g.Story.Members) != c.want {
			t.Errorf("%s: %d members, %s", c.name, len(g.Story.Members), g.Reason)
		}
	}
}

func TestRewritesAreNotSoughtAcrossLanguages(t *testing.T) {
	d := newDesk()
	d.arrive(written("a", ferryTitle, ferryRewrite, 0))
	v := written("b", ferryTitle, "", 1)
	v.Entry.Language = "de"
	if g := d.arrive(v); len(g.Story.Members) != 1 {
		t.Errorf("merged: %s", g.Reason)
	}
}

func TestCreditAloneNeverMerges(t *testing.T) {
	original := written("tidewire", "Wheat prices climb as drought spreads in the valley", "", 0)
	original.Source.Publisher = "Tide Wire"
	for _, c := range []struct {
		title string
		want  int
	}{{"Wheat prices climb as drought spreads in the valley", 2}, {"Chess federation bans phones from playing halls", 1}} {
		d := newDesk()
		d.arrive(original)
		g := d.arrive(crediting(written("gather", c.title, "", 4300), "Tide Wire"))
		if len(g.Story.Members) != c.want || c.want > 1 && !strings.Contains(g.Reason, "credits tidewire") {
			t.Errorf("%q: %s", c.title, g.Reason)
		}
	}
}

func TestWhyNamesTheSharedWords(t *testing.T) {
	d := newDesk()
	d.arrive(written("a", ferryTitle, "", 0))
	g := d.arrive(written("b", "A lighthouse rebuilt: harbour town hopes for ferry line", "", 9))
	if len(g.Story.Members) != 2 || !strings.Contains(g.Reason, "lighthouse") || !strings.Contains(g.Reason, "evidence") {
		t.Errorf("got %s", g.Reason)
	}
}

func TestTheReachIsTheOperators(t *testing.T) {
	day := 24 * time.Hour
	same, _ := example()
	original, copied, rewrite := same[0], same[1], same[2]
	copied.Entry.Published = original.Entry.Published.Add(20 * day)
	copied.Entry.FirstSeen = copied.Entry.Published
	for _, c := range []struct {
		reach   alike.Reach
		other   copydesk.Voice
		members int
	}{
		{alike.DefaultReach, rewrite, 2}, // a day apart
		{alike.Reach{Rewrites: 12 * time.Hour, Copies: 14 * day}, rewrite, 1},
		{alike.DefaultReach, copied, 1}, // twenty days apart
		{alike.Reach{Rewrites: 72 * time.Hour, Copies: 21 * day}, copied, 2},
	} {
		d := newDesk()
		d.window.SetReach(c.reach)
		d.arrive(original)
		d.window.Expire(c.other.Entry.FirstSeen)
		if g := d.arrive(c.other); len(g.Story.Members) != c.members {
			t.Errorf("%v: %d members, want %d (%s)", c.reach, len(g.Story.Members), c.members, g.Reason)
		}
	}
}

func TestAnExpiredEntryIsNoEvidence(t *testing.T) {
	d := newDesk()
	for i := range 50 {
		d.arrive(written(fmt.Sprint("s", i), ferryTitle, ferryText, i))
	}
	d.window.Expire(noon.Add(25*time.Minute + alike.DefaultReach.Copies))
	if d.window.Len() != 25 {
		t.Errorf("%d entries left, want 25", d.window.Len())
	}
	f := alike.Read(written("new", ferryTitle, ferryText, 60))
	links := d.window.Evidence(f, nil, nil).Links
	for _, e := range links {
		if _, ok := d.window.StoryOf(e.With); !ok {
			t.Errorf("linked to an entry that left")
		}
	}
	if len(links) == 0 {
		t.Errorf("no link to those that stayed")
	}
	d.window.Expire(noon.Add(time.Hour + alike.DefaultReach.Copies))
	if links := d.window.Evidence(f, nil, nil).Links; len(links) != 0 || d.window.Len() != 0 {
		t.Errorf("%d links in an empty window", len(links))
	}
}

func TestARevisionTakesItsEntrysPlace(t *testing.T) {
	d := newDesk()
	v := written("a", "Wheat prices climb as drought spreads in the valley", "", 0)
	d.arrive(v)
	v.Entry.Title, v.Entry.Content = ferryTitle, ferryText
	d.arrive(v)
	if g := d.arrive(written("b", ferryTitle, ferryText, 5)); len(g.Story.Members) != 2 {
		t.Errorf("the revision was not found: %s", g.Reason)
	}
	if g := d.arrive(written("c", "Wheat prices climb as drought spreads in the valley", "", 6)); len(g.Story.Members) != 1 {
		t.Errorf("the older text was found: %s", g.Reason)
	}
}

// With frozen word counts, the links of steps 3 to 5 depend on the two entries
// alone, and stories are closures over them: the same in all orders of arrival.
//
// Two things are known only when a third entry is there, and so the order can
// matter where one of them comes late: that a text contains several others (see
// TestExcerptsMakeTheirOriginalNoDigest), and that
// a source has several entries at one address (what came before the second one
// stays joined). Neither is drawn here.
func TestCopiesAreTheSameInAnyOrder(t *testing.T) {
	paragraphs := strings.SplitAfter(ferryText, "</p>")
	titles := []string{"Wheat prices climb as drought spreads in Anselm valley", "Chess federation bans phones from playing halls in Minsk"}
	rapid.Check(t, func(t *rapid.T) {
		var voices []copydesk.Voice
		for i := range rapid.IntRange(2, 8).Draw(t, "entries") {
			name, text, credits := fmt.Sprintf("s%d", i), "", -1
			title := name
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0: // a text without a paragraph
				without := rapid.IntRange(0, 4).Draw(t, "without paragraph")
				for j, p := range paragraphs[:4] {
					if j != without {
						text += p
					}
				}
			case 1: // a headline that credits another source, or none
				title = rapid.SampledFrom(titles).Draw(t, "title")
				credits = rapid.IntRange(-1, 7).Draw(t, "credits")
			}
			// Days apart: rewriting is not in question here.
			v := written(name, title, text, i*4*24*60)
			if credits >= 0 {
				v = crediting(v, fmt.Sprintf("Wire s%d", credits))
			}
			v.Entry.FirstSeen, v.Entry.Published = noon.Add(time.Duration(i%3)*4*24*time.Hour), noon.Add(time.Duration(i%3)*4*24*time.Hour)
			v.Source.Publisher = "Wire " + name
			v.Entry.Canonical = fmt.Sprintf("https://wire.example/%d", rapid.IntRange(0, 12).Draw(t, "address"))
			voices = append(voices, v)
		}
		members := func(order []copydesk.Voice) string {
			d := newDesk()
			d.frozen = true
			for _, v := range order {
				if g := d.arrive(v); slices.ContainsFunc(g.Story.Members, func(m copydesk.Member) bool {
					return slices.ContainsFunc(m.Evidence, func(e copydesk.Evidence) bool { return e.Step == copydesk.StepSameNews })
				}) {
					t.Skip("the same news in other words")
				}
			}
			var lines []string
			for _, told := range d.told {
				var in []string
				for _, m := range told.Story.Members {
					in = append(in, string(m.Source))
				}
				slices.Sort(in)
				lines = append(lines, strings.Join(in, " "))
			}
			slices.Sort(lines)
			return strings.Join(lines, "; ")
		}
		one, other := members(voices), members(rapid.Permutation(voices).Draw(t, "order"))
		if one != other {
			t.Fatalf("one order: %s\nanother: %s", one, other)
		}
	})
}

func TestFeaturesAreReadBackAsTheyWere(t *testing.T) {
	same, others := example()
	for _, v := range slices.Concat(same, others) {
		f := alike.Read(v)
		b, err := f.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 900 {
			t.Errorf("%d bytes", len(b))
		}
		var back alike.Features
		if err := back.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		again, _ := back.MarshalBinary()
		if string(again) != string(b) {
			t.Errorf("%q was read back differently", v.Entry.Title)
		}
		r := alike.NewRarity()
		for _, o := range same {
			if got, want := alike.Compare(back, alike.Read(o), r), alike.Compare(f, alike.Read(o), r); got != want {
				t.Errorf("compared as %+v, before as %+v", got, want)
			}
		}
	}
}

func FuzzFeaturesRecord(f *testing.F) {
	same, _ := example()
	b, _ := alike.Read(same[0]).MarshalBinary()
	f.Add(b)
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var back alike.Features
		if back.UnmarshalBinary(b) == nil {
			w := alike.NewWindow(alike.NewRarity(), alike.DefaultReach)
			w.Add(back)
			w.Evidence(back, nil, nil)
		}
	})
}

func FuzzReadAnyText(f *testing.F) {
	f.Add(ferryTitle, ferryText, "en")
	f.Add("北京冬奥会开幕", "<p>三万人", "")
	f.Add("It's the U.S.’s $1.5k", "The post x appeared first on \xff", "xx")
	f.Fuzz(func(t *testing.T, title, text, language string) {
		v := written("a", title, text, 0)
		v.Entry.Language = language
		one := alike.Read(v)
		o := v
		o.Source.ID, o.Entry.Source = "b", "b"
		m := alike.Compare(one, alike.Read(o), alike.NewRarity())
		if m.Score < 0 || m.Score > 1 {
			t.Errorf("score %v", m.Score)
		}
	})
}

func TestRarityIsReadBackAsItWas(t *testing.T) {
	r := alike.NewRarity()
	same, others := example()
	for _, v := range slices.Concat(same, others) {
		r.Observe(alike.Read(v))
	}
	b, err := r.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	back := alike.NewRarity()
	if err := back.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	again, _ := back.MarshalBinary()
	if string(again) != string(b) {
		t.Errorf("read back differently")
	}
	a, c := alike.Read(same[0]), alike.Read(same[2])
	if got, want := alike.Compare(a, c, back), alike.Compare(a, c, r); got != want {
		t.Errorf("compared as %+v, before as %+v", got, want)
	}
	for n := range len(b) {
		if alike.NewRarity().UnmarshalBinary(b[:n]) == nil {
			t.Errorf("%d of %d bytes were taken for a record", n, len(b))
			break
		}
	}
}

func TestAColdStoreMergesNoMoreFreelyThanAWarmOne(t *testing.T) {
	cold, warm := alike.NewRarity(), alike.NewRarity()
	for i := range 3000 {
		warm.Observe(alike.Read(written("x", fmt.Sprintf("Council of town%d votes on road%d", i, i%97), "", i-4000)))
	}
	a := alike.Read(written("a", "Fire at the glass works in Korby, two hurt", "", 0))
	for _, other := range []string{"Two hurt in fire at Korby glass works", "Glass works fire in Korby injures two workers", "Korby: fire brigade holds its summer party"} {
		b := alike.Read(written("b", other, "", 5))
		c, w := alike.Compare(a, b, cold), alike.Compare(a, b, warm)
		if c.Score > w.Score+0.01 {
			t.Errorf("%q: cold %.2f, warm %.2f", other, c.Score, w.Score)
		}
	}
}

// What a town by the sea has, or a zoo, is in many headlines. A store that has
// seen few of them does not take it for news.
func TestThreeThingsOfOnePlaceAreNoNewsToAStoreThatHasSeenLittle(t *testing.T) {
	for _, c := range [][2]string{
		{"Harbour lighthouse to open for ferry visitors", "Ferry strikes lighthouse in harbour fog"},
		{"Ferry operator buys lighthouse at the harbour", "Artist paints harbour, ferry and lighthouse from memory"},
		{"Brewery opens beer garden beside the canal", "Canal flood ruins brewery garden"},
		{"Village chess club wins library trophy", "Library closes chess room as village budget shrinks"},
		{"Zookeeper bottle-feeds orphaned penguin and seal", "Penguin and seal numbers puzzle zookeeper"},
		{"Beekeepers warn of honey shortage after frost", "Frost-proof honey hive wins beekeepers prize"},
		{"Vintage tram returns to museum depot", "Museum tram depot sold to developer"},
	} {
		for _, seen := range []int{0, 90} {
			d := newDesk()
			for i := range seen {
				d.rarity.Observe(alike.Read(written("x", fmt.Sprintf("Council of town%d votes on road%d", i, i%97), "", i-1000)))
			}
			d.arrive(written("a", c[0], "", 0))
			v := written("b", c[1], "", 30)
			g := d.arrive(v)
			if len(g.Story.Members) != 1 || len(d.related[v.Entry.ID]) != 1 {
				t.Errorf("after %d entries: %q and %q are one: %s", seen, c[0], c[1], g.Reason)
			}
		}
	}
}

// What the store knows of an address is told to the window: it gives no second
// link to the same entry.
func TestWhatIsKnownByItsAddressIsNotFoundAgain(t *testing.T) {
	d := newDesk()
	first := written("a", ferryTitle, ferryText, 0)
	d.arrive(first)
	v := written("b", ferryTitle, ferryText, 5)
	v.Entry.Canonical = first.Entry.Canonical
	g := d.arrive(v)
	if len(g.Story.Members) != 2 {
		t.Fatalf("apart: %s", g.Reason)
	}
	for _, m := range g.Story.Members {
		if m.Entry == v.Entry.ID && (len(m.Evidence) != 1 || m.Evidence[0].Step != copydesk.StepSameAddress) {
			t.Errorf("linked by %+v", m.Evidence)
		}
	}
}

// An apostrophe before an s that is no possessive begins a quotation.
func TestAQuotedWordKeepsItsS(t *testing.T) {
	a := alike.Read(written("a", "'Salvage the ferry', Korby mayor tells Norrland Lines", "", 0))
	b := alike.Read(written("b", "Korby mayor to Norrland Lines: salvage the ferry", "", 5))
	if m := alike.Compare(a, b, alike.NewRarity()); !strings.Contains(m.Why, "salvage ") {
		t.Errorf("got %q", m.Why)
	}
}

// What stands at the place of a revision's older text is no other article of
// its source.
func TestACopyOfARevisedArticleIsFound(t *testing.T) {
	d := newDesk()
	v := written("a", ferryTitle, ferryText, 0)
	d.arrive(v)
	v.Entry.Title = "Lighthouse to shine again in spring"
	d.arrive(v)
	copied := written("b", "What the council decided on Tuesday", ferryText, 5)
	d.arrive(copied)
	links := d.told[d.of[copied.Entry.ID]].Story.Members
	if len(links) != 2 || len(links[1].Evidence) == 0 || links[1].Evidence[0].Step != copydesk.StepSameText {
		t.Errorf("no copy by its text: %+v", links)
	}
}
