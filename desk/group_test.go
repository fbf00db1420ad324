package desk

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/db"
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
		falls := stripper{read: func(copydesk.SourceID) (copydesk.Habits, error) { panic("a text like that") }}
		grouped, features, err := d.decide(g, falls, v)
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
