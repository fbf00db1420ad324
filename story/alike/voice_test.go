package alike_test

import (
	"fmt"
	"time"

	"copydesk"
)

var noon = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

// written is an English entry of source, first seen at a minute past noon.
func written(source, title, text string, minute int) copydesk.Voice {
	id, at := copydesk.SourceID(source), noon.Add(time.Duration(minute)*time.Minute)
	guid := title + fmt.Sprint(len(text))
	return copydesk.Voice{
		Entry: copydesk.Entry{
			ID: copydesk.NewEntryID(id, guid), Source: id, GUID: guid, Revision: 1, FirstSeen: at, RevisedAt: at,
			Text: copydesk.Text{Title: title, Content: text, Language: "en", Published: at},
		},
		Source: copydesk.Source{ID: id, Settings: copydesk.Settings{ID: source, Role: copydesk.RolePublisher}},
	}
}
