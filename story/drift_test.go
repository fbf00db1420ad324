package story_test

import (
	"fmt"
	"testing"

	"copydesk"
)

// inAllOrders lets three headlines arrive in every order, each at a source of its
// own, at a desk that knows nothing and at one that knows which words are rare.
func inAllOrders(t *testing.T, headlines [3]string, check func(t *testing.T, story func(i int) copydesk.StoryID)) {
	t.Helper()
	for _, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		for _, seen := range []int{0, 400} {
			t.Run(fmt.Sprintf("%v after %d others", order, seen), func(t *testing.T) {
				d := deskThatHasSeen(seen)
				var came [3]copydesk.EntryID
				for minute, i := range order {
					v := written(fmt.Sprint("source", i), headlines[i], "", minute)
					d.arrive(v)
					came[i] = v.Entry.ID
				}
				check(t, func(i int) copydesk.StoryID { return d.of[came[i]] })
			})
		}
	}
}

func deskThatHasSeen(entries int) *desk {
	d := newDesk()
	for i := range entries {
		d.arrive(written("other", fmt.Sprintf("Ordinary council notes number %d on roads and schools", i), "", 0))
	}
	return d
}

func TestARoundupMakesNoOneStoryOfTwo(t *testing.T) {
	inAllOrders(t, [3]string{
		"Vostrana dam breach forces 12,000 from homes near Kalinberg",
		"Helvorra chief Matthias Oberlin steps down after accounting probe",
		"Vostrana dam breach forces thousands from homes; Helvorra chief Oberlin steps down",
	}, func(t *testing.T, story func(int) copydesk.StoryID) {
		if story(0) == story(1) {
			t.Errorf("a dam and an accounting probe are one story")
		}
	})
}

func TestAStoryDoesNotGoOnFromOneThingToAnother(t *testing.T) {
	inAllOrders(t, [3]string{
		"Orsini wins Meridia election in landslide over Valdemar",
		"Orsini, winner of Meridia election, names Lindqvist finance minister",
		"Meridia finance minister Lindqvist unveils rescue of bank Helvorra",
	}, func(t *testing.T, story func(int) copydesk.StoryID) {
		if story(0) == story(2) {
			t.Errorf("an election and the rescue of a bank are one story")
		}
	})
}

func TestAPageThatTellsAnotherThingEachDayLeadsNowhere(t *testing.T) {
	d := deskThatHasSeen(400)
	page := written("live", "Vostrana dam breach forces thousands from homes near Kalinberg", "", 1)
	dam := written("a", "Thousands flee homes near Kalinberg after Vostrana dam breach", "", 0)
	probe := written("b", "Helvorra chief Matthias Oberlin steps down after accounting probe", "", 2)
	d.arrive(dam)
	d.arrive(page)
	if d.of[page.Entry.ID] != d.of[dam.Entry.ID] {
		t.Fatal("the page is not in the story that it tells")
	}
	d.arrive(probe)
	page.Entry.Title, page.Entry.Revision = "Helvorra chief Oberlin steps down after accounting probe", 2
	d.arrive(page)
	if d.of[probe.Entry.ID] == d.of[dam.Entry.ID] {
		t.Error("the page made one story of a dam and an accounting probe")
	}
}

// Pairs of characters hang together, so a formula looks like many rare words.
func TestAFormulaInALanguageWithoutSpacesIsNoEvidence(t *testing.T) {
	for _, c := range []struct{ language, a, b string }{
		{"ja", "青森県で震度5弱の地震、津波の心配なし", "熊本県で震度5弱の地震、津波の心配なし"},
		{"ja", "仙台市の住宅で火災 2人死亡", "岡山市の住宅で火災 3人死亡"},
		{"zh", "广州今日最高气温36度 市民注意防暑", "武汉今日最高气温34度 市民注意防暑"},
		{"zh", "青海发生5.1级地震 暂无人员伤亡报告", "台湾发生5.4级地震 暂无人员伤亡报告"},
	} {
		d := newDesk()
		var stories []copydesk.StoryID
		for i, title := range []string{c.a, c.b} {
			v := written(fmt.Sprint("source", i), title, "", 600*i)
			v.Entry.Language = c.language
			d.arrive(v)
			stories = append(stories, d.of[v.Entry.ID])
		}
		if stories[0] == stories[1] {
			t.Errorf("%q and %q are one story", c.a, c.b)
		}
	}
}
