package story_test

import (
	"slices"
	"testing"

	"copydesk"
	"copydesk/story"
)

// In whatever order a source's two entries at one address come, and another's there:
// that is with one of them if its text says so, and else by itself.
func TestAnAddressOfSeveralEntriesIsNoEvidenceInAnyOrder(t *testing.T) {
	for name, c := range map[string]struct {
		title, text string
		with        bool
	}{
		"another text":  {"Rain all day", "<p>It rains.</p>", false},
		"a copy":        {"Rain all day", ferryText, true},
		"a rewriting":   {ferryTitle, ferryRewrite, true},
		"no text":       {"Rain all day", "", false},
		"the same name": {"Live", "", false},
	} {
		live := func(v copydesk.Voice) copydesk.Voice {
			v.Entry.Canonical = "https://a.example/live"
			return v
		}
		title := ferryTitle
		if name == "the same name" {
			title = "Live"
		}
		all := []copydesk.Voice{
			live(written("a", title, ferryText, 1)),
			live(written("a", "Wheat prices climb as drought spreads in the valley", partOf("Anselm", "farmers", "mill at Korby", "sack of flour"), 2)),
			live(written("b", c.title, c.text, 3)),
		}
		want := 3
		if c.with {
			want = 2
		}
		for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			d := newDesk()
			for _, i := range order {
				d.arrive(all[i])
			}
			if together := d.of[all[0].Entry.ID] == d.of[all[2].Entry.ID]; len(d.told) != want || together != c.with {
				t.Errorf("%s, order %v: %d stories, together: %v", name, order, len(d.told), together)
			}
		}
	}
}

// Who is there by another link stays, and keeps what it was linked by as what it is
// related to if the other leaves.
func TestWhatAnAddressJoinedLeavesAloneIfItHasNoOtherLink(t *testing.T) {
	at := func(v copydesk.Voice, address string) copydesk.Voice {
		v.Entry.Canonical = address
		return v
	}
	const live = "https://a.example/live"
	first := at(written("a", "Harbour live", "", 1), live)
	lister := at(written("b", "From the harbour", ferryText, 2), live)
	copier := written("c", "Ferry talk", ferryText, 3)
	third := at(written("d", "What the harbour says", "", 4), live)
	d := newDesk()
	for _, v := range []copydesk.Voice{first, lister, copier, third} {
		d.arrive(v)
	}
	if len(d.told) != 1 {
		t.Fatalf("%d stories", len(d.told))
	}
	id := d.of[first.Entry.ID]
	d.arrive(at(written("a", "Wheat prices climb", "", 5), live))
	if d.of[first.Entry.ID] != id || len(d.told[id].Story.Members) != 1 {
		t.Errorf("the first entry there is in %+v", d.told[d.of[first.Entry.ID]].Story)
	}
	rest := d.told[d.of[lister.Entry.ID]].Story
	if len(rest.Members) != 3 || rest.ID != copydesk.NewStoryID(lister.Entry.ID) {
		t.Fatalf("left: %+v", rest)
	}
	if m := rest.Members[0]; !slices.ContainsFunc(m.Related, func(e copydesk.Evidence) bool { return e.With == first.Entry.ID }) {
		t.Errorf("it does not say what it was linked by: %+v", m)
	}
	if parts := story.Parted(d.told[id], story.OfCrowd(live, []copydesk.EntryID{first.Entry.ID}), nil, story.Overrides{}, noon); parts != nil {
		t.Errorf("taken apart once more: %+v", parts)
	}
}
