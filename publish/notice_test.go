package publish_test

import (
	"path/filepath"
	"testing"
	"time"

	"copydesk/publish"
)

func TestNoticesAreWrittenAsTheirGoldenFileShows(t *testing.T) {
	since := time.Date(2024, 5, 6, 12, 21, 26, 0, time.UTC)
	n := publish.Notices{
		ID: "urn:uuid:6f1c0b46-0000-5000-8000-000000000001", Title: "Health of the sources", Self: "http://127.0.0.1:8481/health.atom",
		Updated: since.Add(time.Hour),
		Entries: []publish.Notice{{
			ID: "urn:uuid:6f1c0b46-0000-5000-8000-000000000002", Title: "A & B <news>: an HTML page in place of the feed", Category: "html",
			Paragraphs: []string{`a (http://a.example/rss?x=1&y=2)`, `3 polls in a row: not a feed: an HTML page (title "<b>Back\x00 soon</b>")`},
			Published:  since, Updated: since.Add(time.Hour),
		}},
	}
	got, err := publish.RenderNotices(n, site)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "notices.golden.atom"), got)
	n.Entries = nil
	if got, err = publish.RenderNotices(n, site); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "no-notices.golden.atom"), got)
	if _, err := publish.RenderNotices(publish.Notices{ID: n.ID}, site); err == nil {
		t.Error("a feed without a time was written")
	}
}
