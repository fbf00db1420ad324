package desk

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/story/alike"
)

func TestATextThatCannotBeComparedIsSetAside(t *testing.T) {
	d, _ := openDesk(t, nil)
	var log bytes.Buffer
	d.log = slog.New(slog.NewTextHandler(&log, nil))
	now := time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC)
	v := copydesk.Voice{Source: copydesk.Source{ID: "a"}}
	v.Entry = copydesk.Entry{ID: copydesk.NewEntryID("a", "1"), Source: "a", Revision: 1, FirstSeen: now, RevisedAt: now}
	v.Entry.Title = "Rain"
	if err := d.recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := d.store.Look(t.Context(), now, func(g *db.Grouping) error {
		window := d.recent.Window
		d.recent.Window = nil // who looks into it falls
		grouped, features, err := d.decide(g, d.stripped(g), v)
		d.recent.Window = window
		if err != nil {
			return err
		}
		if len(grouped.Story.Members) != 1 || grouped.Story.Lead != v.Entry.ID || len(grouped.Voices) != 1 {
			t.Errorf("grouped as %+v", grouped)
		}
		d.recent.take(features, true)
		d.recent.Record()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "entry set aside"); n != 1 || !strings.Contains(log.String(), v.Entry.ID.String()) {
		t.Errorf("logged %d times: %s", n, &log)
	}
}

// What has nothing to do with a text is no reason to set it aside: the store, for one.
func TestAPanicOfTheStoreIsNotTakenForOneOfTheText(t *testing.T) {
	d, _ := openDesk(t, nil)
	if err := d.recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = d.store.Look(t.Context(), time.Now(), func(g *db.Grouping) error {
		defer func() {
			if recover() == nil {
				t.Error("it was")
			}
		}()
		falls := stripper{read: func(copydesk.SourceID) (copydesk.Habits, error) { panic("a page like that") }}
		_, _, err := d.decide(g, falls, copydesk.Voice{Source: copydesk.Source{ID: "a"}})
		return err
	})
}

// An entry's words are counted once, whether it was revised before it was grouped,
// after that, or never, and by who reads the store back as well.
func TestTheWordsOfAnEntryAreCountedOnceHoweverOftenItIsRevised(t *testing.T) {
	for name, groupedAfter := range map[string][]int{"never revised": {1}, "before": {2}, "after": {1, 2}, "before and after": {2, 3}} {
		d, _ := openDesk(t, nil)
		now := time.Now().UTC()
		v := copydesk.Voice{Source: copydesk.Source{ID: "wire"}}
		v.Entry = copydesk.Entry{ID: copydesk.NewEntryID("wire", "1"), Source: "wire", GUID: "1", Revision: 1, FirstSeen: now, RevisedAt: now}
		v.Entry.Title = "Ferry to Oslavia runs aground"
		for ; v.Entry.Revision <= groupedAfter[len(groupedAfter)-1]; v.Entry.Revision++ {
			v.Entry.Summary = strings.Repeat("More tugs came. ", v.Entry.Revision)
			settle(t, d, v.Entry)
			if slices.Contains(groupedAfter, v.Entry.Revision) {
				if err := d.groupAll(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		v.Entry.Summary = strings.Repeat("More tugs came. ", groupedAfter[0])
		once := alike.NewRarity()
		once.Observe(alike.Read(v))
		want, _ := once.MarshalBinary()
		if got, _ := d.recent.rarity.MarshalBinary(); !bytes.Equal(got, want) {
			t.Errorf("revised %s: its words are not counted once", name)
		}
		r, err := d.recalled(t.Context(), alike.DefaultReach)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := r.rarity.MarshalBinary(); !bytes.Equal(got, want) {
			t.Errorf("revised %s and read back: its words are not counted once", name)
		}
	}
}

// settle stores a revision of an entry, which waits to be grouped.
func settle(t *testing.T, d *Desk, e copydesk.Entry) {
	t.Helper()
	src, err := d.store.Source(context.Background(), e.Source)
	if err != nil {
		t.Fatal(err)
	}
	c := copydesk.Change{Kind: copydesk.Added, Reason: "new guid", Entry: e, Keys: []copydesk.Key{copydesk.DigestOf([]byte(e.GUID))}}
	if e.Revision > 1 {
		c.Kind, c.Reason = copydesk.Revised, "text"
	}
	if err := d.store.Settle(context.Background(), db.Settlement{Source: src, Changes: []copydesk.Change{c}}); err != nil {
		t.Fatal(err)
	}
}
