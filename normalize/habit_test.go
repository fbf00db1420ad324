package normalize

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"
)

// Each file of testdata/habits begins with its claim. Its sections are, in this
// order:
//
//	learn N        N entries of a source with this text. {story} is a paragraph
//	               of its own in each, {title} the entry's title, {n} its number,
//	               {day} the day on which it was published
//	brief N        the same, as the summary
//	content TITLE  an entry of that source, and what goes out of it follows as
//	summary TITLE
//	becomes        … this text, or
//	stays          … what it was
func TestTheCorpusOfHabits(t *testing.T) {
	files, err := filepath.Glob("testdata/habits/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			playHabits(t, archive)
		})
	}
}

func playHabits(t *testing.T, archive *txtar.Archive) {
	var (
		h    copydesk.Habits
		e    copydesk.Entry
		text string // of the entry
		n    int
	)
	for _, f := range archive.Files {
		verb, arg, _ := strings.Cut(f.Name, " ")
		body := strings.TrimSpace(string(f.Data))
		switch verb {
		case "learn", "brief":
			times, err := strconv.Atoi(arg)
			if err != nil {
				t.Fatal(err)
			}
			for range times {
				n++
				h = Learn(h, []copydesk.Entry{sampleEntry(n, body, verb == "brief")})
			}
		case "content":
			e, text = entryOf(arg, body, ""), body
		case "summary":
			e, text = entryOf(arg, "", body), body
		case "becomes", "stays":
			if verb == "stays" {
				body = text
			}
			got, removed := Strip(e, h)
			if diff := cmp.Diff(body, got.Content+got.Summary); diff != "" {
				t.Errorf("%s (-want +got):\n%s\nremoved %q\nknown %+v", e.Title, diff, removed, h.Known)
			}
			if (len(removed) == 0) != (got.Content+got.Summary == text) {
				t.Errorf("%s: removed %q", e.Title, removed)
			}
			again, _ := Strip(got, h)
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("%s: stripping twice differs:\n%s", e.Title, diff)
			}
		default:
			t.Fatalf("unknown section %q", f.Name)
		}
	}
}

func entryOf(title, content, summary string) copydesk.Entry {
	return copydesk.Entry{Text: copydesk.Text{
		Title: title, Content: content, Summary: summary, Link: "https://www.news.example/" + strings.ReplaceAll(strings.ToLower(title), " ", "-"),
		Published: time.Date(2024, 5, 20, 8, 0, 0, 0, time.UTC),
	}}
}

// sampleEntry is the nth entry made of a pattern.
func sampleEntry(n int, pattern string, brief bool) copydesk.Entry {
	title := fmt.Sprintf("%s visits %s on business", invented(3*n), invented(3*n+1))
	day := time.Date(2024, 4, 1+n, 8, 0, 0, 0, time.UTC)
	text := strings.NewReplacer("{title}", title, "{n}", strconv.Itoa(7*n+5), "{day}", day.Format("2 January 2006"), "{story}",
		fmt.Sprintf("%s said that %s had gone to %s.", invented(5*n), invented(5*n+2), invented(5*n+3))).Replace(pattern)
	e := entryOf(title, text, "")
	if brief {
		e.Content, e.Summary = "", text
	}
	e.Published = day
	return e
}

// invented is a name that no other number has.
func invented(n int) string {
	syllables := []string{"ba", "do", "fi", "gu", "ke", "la", "mo", "ni", "pu", "ri"}
	name := "Ka"
	for n += 10; n > 0; n /= 10 {
		name += syllables[n%10]
	}
	return name
}

func TestWithoutHabitsOnlyCreditLinesGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEntry(t, "e")
		got, removed := Strip(e, copydesk.Habits{})
		for _, r := range removed {
			if !strings.Contains(r, "appeared first on") {
				t.Fatalf("removed %q of\n%s\n%s", r, e.Content, e.Summary)
			}
		}
		if len(removed) == 0 && !cmp.Equal(got, e) {
			t.Fatal("something changed, and nothing is said to be removed")
		}
	})
}

func TestStrippingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h copydesk.Habits
		for i := range rapid.IntRange(0, 3).Draw(t, "documents") {
			h = Learn(h, anyEntries(t, fmt.Sprint("document", i), 9))
		}
		e := anyEntry(t, "e")
		once, _ := Strip(e, h)
		twice, removed := Strip(once, h)
		if len(removed) > 0 || !cmp.Equal(once, twice) {
			t.Fatalf("%s\n%s", cmp.Diff(once, twice), removed)
		}
		for _, html := range []string{once.Content, once.Summary} {
			if clean := Sanitize(html, nil); clean != html {
				t.Fatalf("what is left is not clean:\n%s\n%s", html, clean)
			}
		}
	})
}

// Whatever a publisher writes, and however often: nothing breaks, nothing is
// lost whole, what is left is clean and final.
func FuzzStrip(f *testing.F) {
	f.Add("<p>Rain.</p><p>Get our app.</p>", "<div><p>Wind.</p><br><br>Get our app.</div>")
	f.Add("Rain. <em>Get. Our app.</em>", "<ul><li>Rain. Get.</ul><a href=http://x.example/>Get.</a>")
	f.Add("<p>Rain.</p><p>Source: <a href=https://a.example/1>A</a></p>", "<table><tr><td>1<br><br>2</table><hr><img src=http://x.example/1.png>")
	f.Fuzz(func(t *testing.T, a, b string) {
		one, two := entryOf("One", Sanitize(a, nil), Sanitize(b, nil)), entryOf("Two", Sanitize(b+a, nil), "")
		h := Learn(copydesk.Habits{}, []copydesk.Entry{one, one, one, two})
		for _, e := range []copydesk.Entry{one, two} {
			once, _ := Strip(e, h)
			if twice, removed := Strip(once, h); !cmp.Equal(once, twice) {
				t.Errorf("%s\nremoved %q", cmp.Diff(once, twice), removed)
			}
			if (layOut(e.Content).hasWords() && !layOut(once.Content).hasWords()) || (layOut(e.Summary).hasWords() && !layOut(once.Summary).hasWords()) {
				t.Errorf("nothing is left of %q, %q", e.Content, e.Summary)
			}
			if clean := Sanitize(once.Content, nil); clean != once.Content && Sanitize(e.Content, nil) == e.Content {
				t.Errorf("not clean: %q, %q", once.Content, clean)
			}
		}
	})
}

// What is kept is what stood there, one block after the other; only the last can
// have lost its end.
func TestWhatIsKeptIsOnePieceOfTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Learn(copydesk.Habits{}, anyEntries(t, "learned", 9))
		e := anyEntry(t, "e")
		got, _ := Strip(e, h)
		before, after := blockTexts(e.Content), blockTexts(got.Content)
		if len(after) == 0 && len(before) > 0 {
			t.Fatalf("nothing is left of %s", e.Content)
		}
		for from := 0; ; from++ {
			if from+len(after) > len(before) {
				t.Fatalf("%q is no piece of %q", after, before)
			}
			if pieceOf(before[from:from+len(after)], after) {
				return
			}
		}
	})
}

func pieceOf(before, after []string) bool {
	last := len(after) - 1
	return last < 0 || slices.Equal(before[:last], after[:last]) && strings.HasPrefix(before[last], after[last])
}

func blockTexts(html string) (all []string) {
	l := layOut(html)
	for _, i := range l.seen() {
		all = append(all, l.readBlock(i).text)
	}
	return all
}

func TestLearningIsBounded(t *testing.T) {
	var h copydesk.Habits
	for n := range 200 {
		h = Learn(h, []copydesk.Entry{sampleEntry(n, strings.Repeat("<p>{story}</p>", n%9)+"<p>Yours. Truly. &lt;&amp;&gt;</p><hr>"+
			strings.Repeat("<p>A line that is the same every time, and a long one at that: "+strings.Repeat("<b>&lt;word&gt;</b> ", 200)+"</p>", 4), n%2 == 0)})
		text, err := json.Marshal(h)
		if err != nil || len(text) > 6<<10 {
			t.Fatalf("after %d entries: %d bytes, %v", n, len(text), err)
		}
	}
	if len(h.Recent) != recentEntries || len(h.Known) == 0 {
		t.Fatalf("%d recent, %d known", len(h.Recent), len(h.Known))
	}
}

// A source that many documents taught one by one knows what one document would
// have taught it.
func TestLearningDependsOnTheOrderOfEntriesAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := anyEntries(t, "all", 30)
		whole, parts := Learn(copydesk.Habits{}, all), copydesk.Habits{}
		for _, e := range all {
			parts = Learn(parts, []copydesk.Entry{e})
		}
		if diff := cmp.Diff(whole.Recent, parts.Recent); diff != "" {
			t.Fatal(diff)
		}
		marks := func(h copydesk.Habits) (m []copydesk.Habit) {
			for _, k := range h.Known {
				k.Sample = ""
				m = append(m, k)
			}
			return m
		}
		if diff := cmp.Diff(marks(whole), marks(parts)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func anyEntries(t *rapid.T, label string, most int) []copydesk.Entry {
	var all []copydesk.Entry
	for i := range rapid.IntRange(0, most).Draw(t, label) {
		all = append(all, anyEntry(t, fmt.Sprint(label, i)))
	}
	return all
}

// anyEntry is made of few pieces, so that they recur, in all kinds of boxes.
func anyEntry(t *rapid.T, label string) copydesk.Entry {
	pieces := []string{
		"Alpha rose.", "Beta fell. Read more.", "Share this", "", "Follow <a href=\"https://x.example/us\">us</a>. Read <em>on. And</em> on.", "12 Shares",
		"The post <a href=\"https://www.news.example/a\">Alpha</a> appeared first on <a href=\"https://www.news.example/\">News</a>.",
		"<img src=\"https://x.example/i.png\">", "Gamma &amp; delta.<br>Epsilon", "<a href=\"https://www.news.example/1\">One</a> <a href=\"https://www.news.example/2\">Two</a>",
	}
	boxes := []string{"<p>%s</p>", "<div>%s</div>", "%s<br><br>", "<div><p>%s</p></div>", "<ul><li>%s</li></ul>", "<blockquote>%s</blockquote>", "<h3>%s</h3>", "<hr>%s", "%s\n"}
	text := func(label string) string {
		var b strings.Builder
		for range rapid.IntRange(0, 7).Draw(t, label) {
			fmt.Fprintf(&b, rapid.SampledFrom(boxes).Draw(t, "box"), rapid.SampledFrom(pieces).Draw(t, "piece"))
		}
		html := b.String()
		if rapid.Bool().Draw(t, "wrapped") {
			html = "<div>" + html + "</div>"
		}
		return Sanitize(html, nil)
	}
	return entryOf(rapid.SampledFrom([]string{"Alpha", "Beta fell down", "Gamma"}).Draw(t, label), text("content"), text("summary"))
}

// What is asked of a few words, or of all hints at once, is what is asked of the
// whole text and of one hint after the other.
func TestWhatSavesTimeWithDatesAndHintsChangesNothing(t *testing.T) {
	pieces := []string{"on", "may", "12", "5", "2024", "2024,", "12th", "3.", "1.5.24", "01/05/2024.", "2024-05-20", "x2024-05-20/1.5.24y", "march", "märz", "12,", "12345", "a.b", "1.2", "é", "."}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "words"), " ")
		var asked, wanted []string
		mark := func(all *[]string) func(string) string {
			return func(said string) string { *all = append(*all, said); return "<" + said + ">" }
		}
		if got, want := replaceDates(s, mark(&asked)), writtenDate.ReplaceAllStringFunc(s, mark(&wanted)); got != want || !slices.Equal(asked, wanted) {
			t.Fatalf("%q: %q, want %q", s, got, want)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		parts := append([]string{"fir", "s", "t", "ource", "Ź", "ródło", " ", "впер", "вые"}, creditHints...)
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 4).Draw(t, "parts"), "")
		s = s[rapid.IntRange(0, len(s)).Draw(t, "from"):]
		s = s[:rapid.IntRange(0, len(s)).Draw(t, "to")]
		if want := slices.ContainsFunc(creditHints, func(hint string) bool { return strings.Contains(s, hint) }); hinted(s) != want {
			t.Fatalf("%q: %v, want %v", s, hinted(s), want)
		}
	})
}
