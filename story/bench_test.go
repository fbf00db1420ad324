package story_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"copydesk"
	"copydesk/story/alike"
)

// article is a title and a text; the captures' or made of words as frequent as
// words are (Zipf).
type article struct{ title, text string }

// articles reads the entries below COPYDESK_CAPTURES (JSON Lines of title and
// text in entries/*.jsonl); without it they are made up.
func articles(tb testing.TB) (all []article) {
	dir := os.Getenv("COPYDESK_CAPTURES")
	if dir == "" {
		return madeUp(3000)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "entries", "*.jsonl"))
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var row struct{ Title, Text string }
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				tb.Fatal(err)
			}
			all = append(all, article{row.Title, row.Text})
		}
	}
	if len(all) == 0 {
		tb.Fatalf("no entries in %s", dir)
	}
	return all
}

func madeUp(n int) (all []article) {
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 8, 60_000)
	text := func(words int) string {
		var b strings.Builder
		for range words {
			w := zipf.Uint64()
			name := fmt.Sprintf("w%s", strings.Repeat(string(rune('a'+w%26)), int(w%5))+fmt.Sprint(w))
			if w > 2000 && w%3 == 0 {
				name = strings.ToUpper(name[:1]) + name[1:]
			}
			b.WriteString(name + " ")
		}
		return b.String()
	}
	for range n {
		all = append(all, article{text(11), text(43)})
	}
	return all
}

// renamed gives an article other names, numbers and rare words, so that copies
// of one are not one story. Common words stay, which keeps frequencies real.
func renamed(s string, round int, common map[string]int) string {
	if round == 0 {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		if common[w] < 30 || unicode.IsDigit([]rune(w)[0]) {
			words[i] = fmt.Sprintf("%s%c%c", w, 'a'+round%26, 'a'+round/26%26)
		}
	}
	return strings.Join(words, " ")
}

// stream yields n voices of 600 sources, as many a day as fill a window.
func stream(all []article, n, from int) func(func(copydesk.Voice) bool) {
	return func(yield func(copydesk.Voice) bool) {
		random := rand.New(rand.NewPCG(3, uint64(from)))
		common := map[string]int{}
		for _, a := range all {
			for _, w := range strings.Fields(a.title + " " + a.text) {
				common[w]++
			}
		}
		for i := from; i < from+n; i++ {
			a := all[(i*7919)%len(all)]
			round := i / len(all)
			id := copydesk.SourceID(fmt.Sprintf("source %d", random.IntN(600)))
			at := noon.Add(time.Duration(float64(i) / float64(from+n) * float64(10*24*time.Hour)))
			if !yield(copydesk.Voice{
				Entry: copydesk.Entry{
					ID: copydesk.NewEntryID(id, fmt.Sprint(i)), Source: id, FirstSeen: at, RevisedAt: at, Canonical: fmt.Sprintf("https://%d.example/%d", i%600, i),
					Text: copydesk.Text{Title: renamed(a.title, round, common), Summary: renamed(a.text, round, common), Language: "en"},
				},
				Source: copydesk.Source{ID: id, Settings: copydesk.Settings{Publisher: string(id)}},
			}) {
				return
			}
		}
	}
}

// shelf has the whole texts of a window's entries at hand, as a store has.
type shelf map[copydesk.EntryID]copydesk.Voice

func (s shelf) text(entry copydesk.EntryID) (copydesk.Voice, bool) {
	v, there := s[entry]
	return v, there
}

// settle lets a voice arrive at a window.
func (s shelf) settle(w *alike.Window, r *alike.Rarity, v copydesk.Voice) int {
	f := alike.Read(v)
	s[v.Entry.ID] = v
	links := w.Evidence(f, nil, s.text).Links
	id := copydesk.NewStoryID(v.Entry.ID)
	if len(links) > 0 {
		if home, ok := w.StoryOf(links[0].With); ok {
			id = home
		}
	}
	w.Add(f)
	w.Place(v.Entry.ID, id)
	r.Observe(f)
	return len(links)
}

func BenchmarkAnEntryArrives(b *testing.B) {
	for _, size := range []int{1000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			if testing.Short() && size > 10_000 {
				b.Skip("large")
			}
			all := articles(b)
			r := alike.NewRarity()
			w := alike.NewWindow(r, alike.DefaultReach)
			before, learned := heap(), alike.NewRarity()
			for v := range stream(all, size, 0) {
				learned.Observe(alike.Read(v))
			}
			counts := heap() - before
			runtime.KeepAlive(learned)
			learned = nil
			before = heap()
			for v := range stream(all, size, 0) {
				f := alike.Read(v)
				w.Add(f)
				w.Place(v.Entry.ID, copydesk.NewStoryID(v.Entry.ID))
				r.Observe(f)
			}
			perEntry := float64(heap()-before-counts) / float64(size)
			b.Logf("%d entries; the word counts are %d KB more", w.Len(), counts>>10)
			var next []copydesk.Voice
			for v := range stream(all, 2000, size) {
				next = append(next, v)
			}
			i, links, texts := 0, 0, shelf{}
			for v := range stream(all, size, 0) {
				if i++; i > size-100_000 {
					texts[v.Entry.ID] = v
				}
			}
			i = 0
			start := processor(b)
			for b.Loop() {
				links += texts.settle(w, r, next[i%len(next)])
				i++
			}
			b.ReportMetric(float64((processor(b)-start).Microseconds())/float64(i), "cpu-µs/op")
			b.ReportMetric(float64(links)/float64(i), "links/op")
			b.ReportMetric(perEntry, "window-B/entry")
			runtime.KeepAlive(w)
		})
	}
}

// processor is the time that the process has used, which other load on the
// machine moves less than the wall's.
func processor(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkTenThousandUnderOneHeadline(b *testing.B) {
	r := alike.NewRarity()
	w := alike.NewWindow(r, alike.DefaultReach)
	text := madeUp(1)[0]
	v := func(i int) copydesk.Voice {
		for v := range stream([]article{{text.title, ""}}, 1, 0) {
			v.Entry.ID = copydesk.NewEntryID("x", fmt.Sprint(i))
			v.Entry.Source = copydesk.SourceID(fmt.Sprint("s", i%900))
			return v
		}
		return copydesk.Voice{}
	}
	afterTenThousand(b, w, r, v)
}

// afterTenThousand measures what an entry costs in a window that has ten thousand
// of the kind.
func afterTenThousand(b *testing.B, w *alike.Window, r *alike.Rarity, v func(i int) copydesk.Voice) {
	texts := shelf{}
	for i := range 10_000 {
		texts.settle(w, r, v(i))
	}
	i, start := 10_000, processor(b)
	for b.Loop() {
		texts.settle(w, r, v(i))
		i++
	}
	b.ReportMetric(float64((processor(b)-start).Microseconds())/float64(i-10_000), "cpu-µs/op")
}

func BenchmarkAWindowFullOfBoilerplate(b *testing.B) {
	r := alike.NewRarity()
	w := alike.NewWindow(r, alike.DefaultReach)
	all := madeUp(12_000)
	furniture := madeUp(3)
	v := func(i int) copydesk.Voice {
		a := all[i%len(all)]
		for v := range stream([]article{{a.title, furniture[0].text + furniture[1].text + a.text + furniture[2].text}}, 1, 0) {
			v.Entry.ID = copydesk.NewEntryID("x", fmt.Sprint(i))
			v.Entry.Source = copydesk.SourceID(fmt.Sprint("s", i%900))
			return v
		}
		return copydesk.Voice{}
	}
	afterTenThousand(b, w, r, v)
}

// Each is the form of the others with other facts, so that every one that is near is
// compared word by word.
func BenchmarkAWindowFullOfOneForm(b *testing.B) {
	r := alike.NewRarity()
	w := alike.NewWindow(r, alike.DefaultReach)
	f := forms[0]
	v := func(i int) copydesk.Voice {
		county := fmt.Sprintf("%c%s", 'A'+i%26, strings.Repeat(string(rune('a'+i/26%26)), 3+i%5)+fmt.Sprint(i%97))
		return f.voice(fmt.Sprint("s", i%900), []any{county, fmt.Sprint(1 + i%11), county + "ville and Upper " + county}, i%600)
	}
	afterTenThousand(b, w, r, v)
}

// What a restart costs: each text is restored, and of those since what was
// learned was last kept, the words are counted again.
func BenchmarkARecordIsReadBack(b *testing.B) {
	for name, counted := range map[string]bool{"learned": false, "counted": true} {
		b.Run(name, func(b *testing.B) {
			r := alike.NewRarity()
			w := alike.NewWindow(r, alike.DefaultReach)
			var records, said [][]byte
			bytes := 0
			for v := range stream(articles(b), 20_000, 0) {
				f := alike.Read(v)
				w.Add(f)
				r.Observe(f)
				records, said = append(records, w.Record()), append(said, f.Said())
				bytes += len(records[len(records)-1])
			}
			back, counts := alike.NewWindow(r, alike.DefaultReach), alike.NewRarity()
			i, start := 0, processor(b)
			for b.Loop() {
				if i%len(records) == 0 {
					back, counts = alike.NewWindow(r, alike.DefaultReach), alike.NewRarity()
				}
				if err := back.Restore(records[i%len(records)], counted); err != nil {
					b.Fatal(err)
				}
				if counted {
					if err := counts.Count(said[i%len(said)]); err != nil {
						b.Fatal(err)
					}
				}
				i++
			}
			b.ReportMetric(float64((processor(b)-start).Microseconds())/float64(i), "cpu-µs/op")
			b.ReportMetric(float64(bytes)/float64(len(records)), "B/record")
		})
	}
}
