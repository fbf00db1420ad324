package copydesk_test

import (
	"encoding/json"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

func TestAnEpisodeIsNamedByItsSourceItsCauseAndItsBeginning(t *testing.T) {
	seen := map[copydesk.EpisodeID]bool{}
	for _, id := range []copydesk.EpisodeID{
		copydesk.NewEpisodeID("a", copydesk.CauseGone, evening),
		copydesk.NewEpisodeID("b", copydesk.CauseGone, evening),
		copydesk.NewEpisodeID("a", copydesk.CauseMoved, evening),
		copydesk.NewEpisodeID("a", copydesk.CauseGone, evening.Add(time.Second)),
	} {
		if seen[id] {
			t.Errorf("%s stands twice", id)
		}
		seen[id] = true
	}
	// For ever: readers know it by this.
	if got := copydesk.NewEpisodeID("a", copydesk.CauseGone, evening).String(); got != "urn:uuid:a923c6cc-4b48-5cfd-925b-d8e3063c0103" {
		t.Errorf("got %s", got)
	}
}

func TestAnEpisodeSurvivesJSON(t *testing.T) {
	want := copydesk.Episode{
		ID: copydesk.NewEpisodeID("a", copydesk.CauseGone, evening), Source: "a", Cause: copydesk.CauseGone,
		Since: evening, Until: evening.Add(time.Hour), Updated: evening.Add(time.Hour), Reason: "410 Gone", Fix: "Take it out.",
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got copydesk.Episode
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.Open() {
		t.Error("it is over, and open")
	}
	if err := json.Unmarshal([]byte(`{"id":"urn:uuid:nonsense"}`), &got); err == nil {
		t.Error("nonsense is an id")
	}
}
