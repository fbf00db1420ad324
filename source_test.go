package copydesk_test

import (
	"strings"
	"testing"

	"copydesk"
)

func TestASourceIsNeverNamedWithItsPassword(t *testing.T) {
	const address = "https://reader:secret@wire.example/feed"
	for _, c := range []struct {
		settings copydesk.Settings
		want     string
	}{
		{copydesk.Settings{URL: address}, "https://wire.example/feed"},
		{copydesk.Settings{ID: "wire", URL: address}, "wire"},
		{copydesk.Settings{ID: "news@wire", URL: address}, "news@wire"},
		{copydesk.Settings{URL: "https://wire.example/feed"}, "https://wire.example/feed"},
	} {
		if got := c.settings.Handle(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.settings, got, c.want)
		}
	}
	src := copydesk.Source{Settings: copydesk.Settings{URL: address}}
	if got := src.Title(); strings.Contains(got, "secret") {
		t.Errorf("title %s", got)
	}
}

func TestASourceIsKnownByItsIdElseItsWholeAddress(t *testing.T) {
	for _, c := range []struct {
		settings copydesk.Settings
		want     copydesk.SourceID
	}{
		{copydesk.Settings{ID: "wire", URL: "https://wire.example/feed"}, "wire"},
		{copydesk.Settings{URL: "https://a:b@wire.example/feed"}, "https://a:b@wire.example/feed"},
	} {
		if got := copydesk.NewSourceID(c.settings); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
