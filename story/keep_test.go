package story_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/story/alike"

	"pgregory.net/rapid"
)

// kept is what a store has of a desk: what was learned through one text, and the
// texts.
type kept struct {
	words, habits []byte
	through       int
	records, said [][]byte
	entries       []copydesk.EntryID
}

// remember keeps the text that arrived last.
func (k *kept) remember(d *desk, v copydesk.Voice) {
	k.records, k.entries = append(k.records, d.window.Record()), append(k.entries, v.Entry.ID)
	k.said = append(k.said, alike.Read(v).Said())
}

func (k *kept) learn(d *desk) {
	k.words, _ = d.rarity.MarshalBinary()
	k.habits, k.through = d.window.MarshalHabits(), len(k.records)
}

// restart is a desk that knows only what is kept, the stories and the entries.
func (k *kept) restart(t testing.TB, old *desk) *desk {
	t.Helper()
	d := newDesk()
	d.told, d.of, d.entries, d.shown = old.told, old.of, old.entries, old.shown
	if k.through > 0 {
		if err := d.rarity.UnmarshalBinary(k.words); err != nil {
			t.Fatal(err)
		}
		if err := d.window.UnmarshalHabits(k.habits); err != nil {
			t.Fatal(err)
		}
	}
	for i, record := range k.records {
		if err := d.window.Restore(record, i >= k.through); err != nil {
			t.Fatal(err)
		}
		d.window.Place(k.entries[i], d.of[k.entries[i]])
		if i >= k.through {
			if err := d.rarity.Count(k.said[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return d
}

// dispatches are entries of a few sources with words that recur, some of them
// copies, rewritings, revisions and digests of others.
func dispatches(seed uint64, n int) (all []copydesk.Voice) {
	r := rand.New(rand.NewPCG(seed, 0))
	words := func(n int) string {
		var b strings.Builder
		for range n {
			fmt.Fprintf(&b, "%c%s ", 'a'+rune(r.IntN(26)), []string{"orrin", "elmar", "undek", "istral", "anvor"}[r.IntN(5)]+fmt.Sprint(r.IntN(9)))
		}
		return b.String()
	}
	for i := range n {
		v := written(fmt.Sprintf("s%d", r.IntN(6)), words(8), "<p>"+words(60)+"</p>", i)
		if len(all) > 2 {
			o, p := all[r.IntN(len(all))], all[r.IntN(len(all))]
			switch r.IntN(8) {
			case 0, 1:
				v.Entry.Content = o.Entry.Content
			case 2:
				v.Entry.Title = o.Entry.Title + words(1)
			case 3:
				v.Entry.Content = o.Entry.Content + p.Entry.Content + v.Entry.Content
			case 4:
				v = o
				v.Entry.Title, v.Entry.Revision = words(7), v.Entry.Revision+1
			case 5:
				v.Entry.Canonical = o.Entry.Canonical
			}
		}
		all = append(all, v)
	}
	return all
}

func TestWhoReadsBackWhatWasKeptGroupsAsWhoKeptIt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := dispatches(rapid.Uint64().Draw(rt, "seed"), 50)
		restarts := rapid.IntRange(0, 6).Draw(rt, "one in so many restarts")
		undisturbed, disturbed := newDesk(), newDesk()
		var k, other kept
		for i, v := range all {
			one, two := undisturbed.arrive(v), disturbed.arrive(v)
			if fmt.Sprint(one) != fmt.Sprint(two) {
				rt.Fatalf("entry %d: %v\nafter restarts: %v", i, one, two)
			}
			k.remember(disturbed, v)
			other.remember(undisturbed, v)
			if !bytes.Equal(k.records[i], other.records[i]) {
				rt.Fatalf("entry %d is kept differently after restarts", i)
			}
			if i%7 == 0 {
				k.learn(disturbed)
			}
			if restarts > 0 && i%(9*restarts) == 0 {
				disturbed = k.restart(t, disturbed)
			}
		}
		k.learn(disturbed)
		other.learn(undisturbed)
		if !bytes.Equal(k.words, other.words) || !bytes.Equal(k.habits, other.habits) {
			rt.Fatalf("something else was learned")
		}
	})
}

func TestARecordThatIsNoneIsSaidToBeNone(t *testing.T) {
	d, k := newDesk(), kept{}
	same, _ := example()
	d.arrive(same[0])
	k.remember(d, same[0])
	k.learn(d)
	for n := range k.records[0] {
		if newDesk().window.Restore(k.records[0][:n], true) == nil {
			t.Errorf("%d of %d bytes of a record were read", n, len(k.records[0]))
		}
	}
	for n := range k.said[0] {
		if alike.NewRarity().Count(k.said[0][:n]) == nil && n%4 != len(k.said[0])%4 {
			t.Errorf("%d of %d bytes of what was said were counted", n, len(k.said[0]))
		}
	}
	for _, wrong := range [][]byte{nil, {99}, append([]byte{99}, k.habits[1:]...), k.habits[:len(k.habits)-1]} {
		if newDesk().window.UnmarshalHabits(wrong) == nil {
			t.Errorf("habits read from %x", wrong)
		}
	}
}

func FuzzRestore(f *testing.F) {
	d, k := newDesk(), kept{}
	same, _ := example()
	for _, v := range same {
		d.arrive(v)
		k.remember(d, v)
	}
	k.learn(d)
	f.Add(k.records[2], k.said[2], k.habits)
	f.Fuzz(func(t *testing.T, record, said, habits []byte) {
		d := newDesk()
		_ = d.window.UnmarshalHabits(habits)
		_ = d.rarity.Count(said)
		if d.window.Restore(record, true) == nil {
			d.window.Restore(record, false)
			d.window.Evidence(alike.Read(same[0]), nil, nil)
			d.window.Expire(time.Now())
			if d.window.Len() > 0 {
				d.window.Record()
			}
		}
	})
}
