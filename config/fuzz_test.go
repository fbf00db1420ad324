package config

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever the file: an answer or errors with a place in it, the same each
// time; and what is accepted is complete.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.toml")
	if err != nil || len(files) == 0 {
		f.Fatal("no samples", err)
	}
	for _, file := range append(files, example) {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse("x.toml", text, noEnv, asInTests)
		again, errAgain := Parse("x.toml", text, noEnv, asInTests)
		if diff := cmp.Diff(c, again); diff != "" || (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() {
			t.Fatalf("two answers: %v, %v\n%s", err, errAgain, diff)
		}
		if err != nil {
			checkPlaces(t, err, text)
			return
		}
		checkComplete(t, c)
	})
}

func checkComplete(t *testing.T, c Config) {
	t.Helper()
	if !filepath.IsAbs(c.Store.Path) || !filepath.IsAbs(c.Server.Control) || len(c.Server.Control) > maxSocket {
		t.Errorf("store %q, control %q", c.Store.Path, c.Server.Control)
	}
	if c.Poll.MinInterval <= 0 || c.Poll.MaxInterval < c.Poll.MinInterval || c.Poll.HostGap < 0 || c.Store.Retention < 0 {
		t.Errorf("times: %+v, retention %v", c.Poll, c.Store.Retention)
	}
	if f := checkBaseURL(c.Server.BaseURL); f.message != "" && c.Server.BaseURL != "http://"+c.Server.Listen {
		t.Errorf("base_url %q %s", c.Server.BaseURL, f.message)
	}
	var ids []string
	for _, topic := range c.Topics {
		ids = append(ids, string(topic.ID))
		if topic.ID == "" || topic.Title == "" || topic.Merge == "" || topic.Content == "" || topic.Limit < 1 {
			t.Errorf("topic %+v", topic)
		}
	}
	for _, source := range c.Sources {
		if f := checkWebURL(source.URL); f.message != "" && !source.Secret || source.Role == "" {
			t.Errorf("source %+v", source)
		}
		for _, topic := range source.Topics {
			if !slices.Contains(ids, string(topic)) {
				t.Errorf("source %s is for %s, which is no topic of %v", source.URL, topic, ids)
			}
		}
	}
}
