package config

import (
	"strings"
	"testing"
)

func TestASlipIsRecognisedAndAGuessIsNotMade(t *testing.T) {
	keys := []string{"listen", "admin", "base_url", "url", "id", "topics"}
	for name, want := range map[string]string{
		"listne":   "listen",
		"Listen":   "listen",
		"base-url": "base_url",
		"baseurl":  "base_url",
		"ul":       "url",
		"topic":    "topics",
		"color":    "",
		"x":        "",
		"":         "",

		strings.Repeat("listen", 100): "",
	} {
		if got := nearest(name, keys); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestDistanceCountsSlips(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"url", "url", 0}, {"ul", "url", 1}, {"ulr", "url", 1},
		{"role", "rule", 1}, {"kitten", "sitting", 3},
	} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
