package desk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
	"copydesk/desk"

	"github.com/google/go-cmp/cmp"
)

const oneSource = `[[topic]]
id = "asia"
[[source]]
id = "a"
url = "http://a.example/rss"
topics = ["asia"]
`

// What is removed on the way out is still in the store, in one revision; and
// explain says what is not shown, and why.
func TestExplainTellsWhatIsNotShown(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(folder, oneSource, t.Output())
		for n := range 4 { // one entry more each hour
			w.publishers.serve("http://a.example/rss", feedWithFooter(n+1), nil)
			if n == 0 {
				if err := w.start(); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.until(time.Now().Add(90 * time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		text, err := w.ask(desk.Command{Name: "explain", URL: "http://a.example/1", JSON: true})
		if err != nil {
			t.Fatal(err)
		}
		var said []struct {
			Revisions   []struct{ Number int }
			Boilerplate struct {
				Entries int
				Habits  []copydesk.Habit
				Removed []string
				Credits []copydesk.Credit
			}
		}
		if err := json.Unmarshal(text, &said); err != nil || len(said) != 1 {
			t.Fatalf("%v in %s", err, text)
		}
		if len(said[0].Revisions) != 1 {
			t.Errorf("to learn made revisions: %+v", said[0].Revisions)
		}
		got := said[0].Boilerplate
		if len(got.Habits) != 1 {
			t.Fatalf("habits: %+v", got.Habits)
		}
		got.Habits[0].Mark = 0
		want := got
		want.Entries = 4
		want.Habits = []copydesk.Habit{{Where: copydesk.AtTail, Times: 4, Sample: "Get our app."}}
		want.Removed = []string{"Get our app.", "The post Day 1 appeared first on B Example."}
		want.Credits = []copydesk.Credit{{Title: "Day 1", Publisher: "B Example"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		for url, lines := range map[string][]string{
			"http://a.example/1":   {"tail        4 times: \"Get our app.\"\n", "removed     \"Get our app.\"\n", "credit  Day 1, B Example\n"},
			"http://a.example/rss": {"learned from its last 4 entries", "4 times: \"Get our app.\"\n"},
		} {
			text, err := w.ask(desk.Command{Name: "explain", URL: url})
			for _, line := range lines {
				if err != nil || !strings.Contains(string(text), line) {
					t.Errorf("explain %s: %q is not in it (%v)\n%s", url, line, err, text)
				}
			}
		}
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	})
}

// Who says of a text that it was made from those of others, and names none, credits
// nobody; explain says so all the same, since it decides who leads.
func TestExplainTellsOfATextThatIsMadeFromOthers(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(folder, oneSource, t.Output())
		w.publishers.serve("http://a.example/rss", []byte(`<rss version="2.0"><channel><title>A Example</title><link>http://a.example/</link>`+
			`<item><title>Day 1</title><link>http://a.example/1</link><guid>1</guid><description>It rose. This story was compiled from various sources.</description></item></channel></rss>`), nil)
		if err := w.start(); err != nil {
			t.Fatal(err)
		}
		if err := w.until(time.Now().Add(90 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		text, err := w.ask(desk.Command{Name: "explain", URL: "http://a.example/1"})
		if err != nil || !strings.Contains(string(text), "credit  to nobody by name") || !strings.Contains(string(text), `removed     "This story was compiled from various sources."`) {
			t.Errorf("%v in %s", err, text)
		}
		text, err = w.ask(desk.Command{Name: "explain", URL: "http://a.example/1", JSON: true})
		if err != nil || !strings.Contains(string(text), `"rewritten": true`) || strings.Contains(string(text), "credits") {
			t.Errorf("%v in %s", err, text)
		}
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	})
}

// feedWithFooter is a feed of n entries that all end alike.
func feedWithFooter(n int) []byte {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>A Example</title><link>http://a.example/</link>`)
	for i := range n {
		fmt.Fprintf(&b, `<item><title>Day %d</title><link>http://a.example/%d</link><guid>%d</guid><description>&lt;p&gt;%s happened.&lt;/p&gt;`+
			`&lt;p&gt;Get our app.&lt;/p&gt;&lt;p&gt;The post Day %d appeared first on B Example.&lt;/p&gt;</description></item>`, i+1, i+1, i+1, strings.Repeat("More ", i), i+1)
	}
	b.WriteString(`</channel></rss>`)
	return []byte(b.String())
}
