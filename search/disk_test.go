//go:build !nosearch

package search_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/search"
	"copydesk/search/searchtest"
)

func open(t testing.TB, path string) *search.Disk {
	t.Helper()
	d, err := search.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDiskKeepsTheContract(t *testing.T) {
	searchtest.Run(t, func(t *testing.T) searchtest.Index { return open(t, filepath.Join(t.TempDir(), "index")) })
}

var mark = search.Mark{Installation: "here", Sequence: 3}

// newspaper is an index of n stories, closed.
func newspaper(t *testing.T, n int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "index")
	d := open(t, path)
	for i := range n {
		if err := d.Update(t.Context(), search.Batch{Put: articles(i, 1), Mark: mark}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnIndexIsOnDiskWhenItSaysSo(t *testing.T) {
	path := newspaper(t, 3)
	d := open(t, path)
	defer d.Close()
	if err := d.Update(t.Context(), search.Batch{Put: articles(3, 1), Mark: search.Mark{Installation: "here", Sequence: 4}}); err != nil {
		t.Fatal(err)
	}
	crashed := filepath.Join(t.TempDir(), "crashed") // as the disk is, the index not closed
	if err := os.CopyFS(crashed, os.DirFS(path)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(crashed, "00000000ffff.zap"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := open(t, crashed)
	defer e.Close()
	if m, err := e.Mark(t.Context()); err != nil || m.Sequence != 4 {
		t.Errorf("mark %+v, %v", m, err)
	}
	ids, err := e.Search(t.Context(), parse(t, "lang:en"), 10, nil)
	if err != nil || len(ids) != 4 {
		t.Errorf("found %v, %v", ids, err)
	}
}

func TestADamagedIndexIsNotOpened(t *testing.T) {
	segments := func(path string) []string {
		all, err := filepath.Glob(filepath.Join(path, "*.zap"))
		if err != nil || len(all) == 0 {
			t.Fatal(all, err)
		}
		return all
	}
	for name, harm := range map[string]func(path string) error{
		"a bit turned": func(path string) error {
			text, err := os.ReadFile(segments(path)[0])
			text[len(text)/2] ^= 4
			return errors.Join(err, os.WriteFile(segments(path)[0], text, 0o600))
		},
		"cut off": func(path string) error { return os.Truncate(segments(path)[0], 100) },
		"emptied": func(path string) error { return os.Truncate(segments(path)[0], 0) },
		"overwritten": func(path string) error {
			return os.WriteFile(segments(path)[0], []byte(strings.Repeat("x", 5000)), 0o600)
		},
		"list overwritten": func(path string) error {
			return os.WriteFile(filepath.Join(path, "root.bolt"), []byte(strings.Repeat("x", 5000)), 0o600)
		},
		"list cut off": func(path string) error { return os.Truncate(filepath.Join(path, "root.bolt"), 4096*2+100) },
	} {
		path := newspaper(t, 1) // of one segment
		if err := harm(path); err != nil {
			t.Fatal(err)
		}
		d, err := search.Open(path)
		if err == nil { // a list that leads nowhere is an index that was never finished
			m, markErr := d.Mark(t.Context())
			if markErr != nil || m != (search.Mark{}) {
				t.Errorf("%s: it was opened, mark %+v, %v", name, m, markErr)
			}
			d.Close()
		}
		if err := search.Clear(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		open(t, path).Close()
	}
}

func TestASegmentThatIsMissingIsAnIndexThatWasNeverFinished(t *testing.T) {
	path := newspaper(t, 1)
	all, err := filepath.Glob(filepath.Join(path, "*.zap"))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if err := os.Remove(all[0]); err != nil {
		t.Fatal(err)
	}
	d := open(t, path)
	defer d.Close()
	if m, err := d.Mark(t.Context()); err != nil || m != (search.Mark{}) {
		t.Errorf("mark %+v, %v", m, err)
	}
}

func TestSegmentsStayFew(t *testing.T) {
	path := newspaper(t, 100) // one by one
	d := open(t, path)
	defer d.Close()
	all, err := filepath.Glob(filepath.Join(path, "*.zap"))
	if err != nil || len(all) == 0 || len(all) > 30 {
		t.Errorf("%d segments, %v", len(all), err)
	}
	if ids, err := d.Search(t.Context(), parse(t, "since:1970-01-01"), 200, nil); err != nil || len(ids) != 100 {
		t.Errorf("found %d, %v", len(ids), err)
	}
}

func TestNobodyElsesFilesAreTouched(t *testing.T) {
	path := newspaper(t, 1)
	if err := os.WriteFile(filepath.Join(path, "thesis.txt"), []byte("years of work"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := search.Open(path); !errors.Is(err, search.ErrForeign) || !strings.Contains(err.Error(), "thesis.txt") {
		t.Errorf("open: %v", err)
	}
	if err := search.Clear(path); !errors.Is(err, search.ErrForeign) {
		t.Errorf("clear: %v", err)
	}
	if left, err := os.ReadDir(path); err != nil || len(left) < 3 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestAnIndexInUseIsNotDamaged(t *testing.T) {
	path := newspaper(t, 1)
	d := open(t, path)
	defer d.Close()
	if _, err := search.Open(path); err == nil || errors.Is(err, search.ErrDamaged) {
		t.Errorf("open: %v", err)
	}
}

func TestAClosedIndexSaysSo(t *testing.T) {
	d := open(t, newspaper(t, 1))
	if err := errors.Join(d.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Search(t.Context(), parse(t, "rain"), 1, nil); err == nil {
		t.Error("it was searched")
	}
	if err := d.Update(t.Context(), search.Batch{}); err == nil {
		t.Error("it was updated")
	}
}

// articles are n made-up stories of about 300 words each from number first on,
// a fifth of them in Japanese. Frequencies of words fall off as in real text.
func articles(first, n int) (all []search.Story) {
	for i := first; i < first+n; i++ {
		rng := rand.New(rand.NewPCG(uint64(i), 1))
		language, word := "en", func() string { return fmt.Sprintf("w%x ", int(rng.ExpFloat64()*rng.ExpFloat64()*400)) }
		if i%5 == 4 {
			language, word = "ja", func() string {
				return string(rune(0x4e00+int(rng.ExpFloat64()*200))) + string(rune(0x3042+rng.IntN(80)))
			}
		}
		var text strings.Builder
		for range 300 {
			text.WriteString(word())
		}
		id := copydesk.NewEntryID("s", fmt.Sprint(i))
		all = append(all, search.Story{ID: copydesk.NewStoryID(id), Topics: []copydesk.TopicID{"asia"}, Voices: []copydesk.Voice{{
			Source: copydesk.Source{ID: copydesk.SourceID(fmt.Sprintf("https://%d.example/rss", i%200))},
			Entry: copydesk.Entry{
				ID: id, FirstSeen: noon.Add(time.Duration(i) * time.Minute),
				Text: copydesk.Text{Title: "News " + word() + word(), Content: text.String(), Language: language},
			},
		}}})
	}
	return all
}

func BenchmarkSearch(b *testing.B) {
	path := b.TempDir()
	d := open(b, path)
	defer d.Close()
	const stories = 10_000
	began := time.Now()
	for i := 0; i < stories; i += 200 {
		if err := d.Update(b.Context(), search.Batch{Put: articles(i, 200), Mark: mark}); err != nil {
			b.Fatal(err)
		}
	}
	built := time.Since(began)
	for name, text := range map[string]string{
		"rare":    "w7d0",
		"two":     "w10 w20",
		"phrase":  `"w1 w2"`,
		"cjk":     "一あ",
		"without": "w5 -w6 since:10000d",
		"all":     "lang:en",
	} {
		b.Run(name, func(b *testing.B) {
			q := parse(b, text)
			for b.Loop() {
				if _, err := d.Search(b.Context(), q, 100, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(built.Seconds(), "s/built")
			b.ReportMetric(size(b, path)/(1<<20), "MiB")
		})
	}
}

func size(b *testing.B, path string) (bytes float64) {
	list, err := os.ReadDir(path)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range list {
		if info, err := f.Info(); err == nil {
			bytes += float64(info.Size())
		}
	}
	return bytes
}
