package publish_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"copydesk"
	"copydesk/publish"
)

var update = flag.Bool("update", false, "write the golden files anew")

var site = publish.Site{BaseURL: "https://feeds.example.org", Version: "1.2.3"}

// TestEachFormatIsWrittenAsItsGoldenFileShows covers every field of an item in
// "full", the summary policy in "summary", and an edition without items.
func TestEachFormatIsWrittenAsItsGoldenFileShows(t *testing.T) {
	summary := full()
	for i := range summary.Items {
		summary.Items[i].Content = copydesk.ShowSummary
	}
	empty := full()
	empty.Items = nil
	for name, e := range map[string]edition{"full": full(), "summary": summary, "empty": empty} {
		for _, f := range publish.Formats() {
			t.Run(name+"."+string(f), func(t *testing.T) {
				golden(t, filepath.Join("testdata", name+".golden."+string(f)), render(t, e, f))
			})
		}
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func render(t testing.TB, e edition, f publish.Format) []byte {
	t.Helper()
	b, err := e.print(f, site)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
