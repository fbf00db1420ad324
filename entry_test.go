package copydesk_test

import (
	"encoding/json"
	"testing"
	"time"

	"copydesk"

	"pgregory.net/rapid"
)

// These ids stand in readers all over the world. A test that fails here is
// right, whatever was changed.
func TestIdsAreWhatTheyEverWere(t *testing.T) {
	entry := copydesk.NewEntryID("dw-asia", "https://www.example.org/a-1")
	for _, c := range []struct{ what, got, want string }{
		{"entry", entry.String(), "dc88f50c-acba-5fc3-8901-6d831584f789"},
		{"story", copydesk.NewStoryID(entry).String(), "urn:uuid:b68ef689-9f38-5059-8aef-3aade46e164d"},
		{"item", copydesk.ItemID(entry), "urn:uuid:298e1f0a-36cf-5bd1-9483-9dfe97baf22c"},
		{"copies", copydesk.CopiesID(entry), "urn:uuid:73068c2d-bcab-5034-b452-a17ed1b24960"},
		{"feed", copydesk.FeedID("install", "asia"), "urn:uuid:12b731ce-3482-53cf-b60b-78765216e4c7"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
}

func TestTheNewsTimeIsNeverLaterThanFirstSeen(t *testing.T) {
	seen := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	for published, want := range map[time.Time]time.Time{
		{}:                       seen,
		seen.Add(-time.Hour):     seen.Add(-time.Hour),
		seen.Add(24 * time.Hour): seen,
	} {
		e := copydesk.Entry{FirstSeen: seen, Text: copydesk.Text{Published: published}}
		if got := e.NewsTime(); !got.Equal(want) {
			t.Errorf("published %v: %v, want %v", published, got, want)
		}
	}
}

func TestTheFirstUpdatedIsWhatThePublisherSaysIfItCanBeTrue(t *testing.T) {
	seen := time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)
	early, earlier, late := seen.Add(-time.Hour), seen.Add(-2*time.Hour), seen.Add(time.Hour)
	for _, c := range []struct{ updated, published, want time.Time }{
		{early, earlier, early},
		{late, earlier, earlier},
		{time.Time{}, earlier, earlier},
		{late, late, seen},
		{time.Time{}, time.Time{}, seen},
	} {
		e := copydesk.Entry{FirstSeen: seen, Text: copydesk.Text{Published: c.published, Updated: c.updated}}
		if got := e.FirstUpdated(); !got.Equal(c.want) {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestIdsAndDigestsAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := struct {
			Entry  copydesk.EntryID
			Story  copydesk.StoryID
			Digest copydesk.Digest
		}{Entry: copydesk.NewEntryID("s", rapid.String().Draw(t, "guid"))}
		in.Story = copydesk.NewStoryID(in.Entry)
		in.Digest = copydesk.DigestOf(in.Entry[:])
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		out := in
		out.Entry, out.Story, out.Digest = copydesk.EntryID{}, copydesk.StoryID{}, copydesk.Digest{}
		if err := json.Unmarshal(text, &out); err != nil || in != out {
			t.Fatalf("%s: %v, %+v", text, err, out)
		}
	})
}

func TestWhatIsNoIdIsRefused(t *testing.T) {
	for _, text := range []string{"", "urn:uuid:", "x", "5a0f6f0c7d2e4a449d353f7f2f9a6b10", "5a0f6f0c-7d2e-4a44-9d35-3f7f2f9a6bzz", "urn:uuid:5a0f6f0c-7d2e-4a44-9d35-3f7f2f9a6b1"} {
		if id, err := copydesk.ParseStoryID(text); err == nil {
			t.Errorf("%q: %s", text, id)
		}
	}
}
