//go:build !nosearch

package search_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"copydesk"
	"copydesk/search"
)

// A sweep: all stories of many sources come in at once, in the batches that a
// desk makes. A trickle: few stories at a time. What each costs is CPU, of
// whatever works in the background as well.
func BenchmarkIndexing(b *testing.B) {
	for _, c := range []struct{ stories, atOnce int }{{600, 3}, {5000, 25}, {5000, 75}} {
		all := wire{words: 60_000}.stories(0, c.stories)
		b.Run(fmt.Sprintf("%d by %d", c.stories, c.atOnce), func(b *testing.B) {
			b.ReportAllocs()
			began := cpu(b)
			for b.Loop() {
				index(b, filepath.Join(b.TempDir(), "index"), c.stories, c.atOnce, func(first, n int) []search.Story { return all[first : first+n] })
			}
			b.ReportMetric(float64((cpu(b)-began).Microseconds())/float64(b.N*c.stories), "CPU-µs/story")
		})
	}
}

// The most that an index has in use at any moment of a sweep.
func BenchmarkIndexingMemory(b *testing.B) {
	for _, atOnce := range []int{3, 25, 75} {
		b.Run(fmt.Sprintf("by %d", atOnce), func(b *testing.B) {
			var most uint64
			for b.Loop() {
				most = max(most, live(b, func() { index(b, filepath.Join(b.TempDir(), "index"), 3000, atOnce, wire{words: 60_000}.stories) }))
			}
			b.ReportMetric(float64(most)/(1<<20), "MiB")
		})
	}
}

func index(b *testing.B, path string, stories, atOnce int, tell func(first, n int) []search.Story) {
	d := open(b, path)
	for i := 0; i < stories; i += atOnce {
		if err := d.Update(b.Context(), search.Batch{Put: tell(i, min(atOnce, stories-i)), Mark: mark}); err != nil {
			b.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
}

// Questions to an index as a sweep leaves it.
func BenchmarkSearchAfterSweep(b *testing.B) {
	w := wire{words: 60_000}
	path := filepath.Join(b.TempDir(), "index")
	index(b, path, 5000, 25, w.stories)
	d := open(b, path)
	defer d.Close()
	for name, text := range map[string]string{
		"rare":          w.word(20_000),
		"common":        w.word(3),
		"two":           w.word(10) + " " + w.word(300),
		"common phrase": `"` + w.word(1) + " " + w.word(2) + `"`,
		"rare phrase":   `"` + w.word(400) + " " + w.word(2) + `"`,
		"since":         w.word(5) + " since:2026-03-10",
		"without":       w.word(5) + " -" + w.word(6) + ` -"` + w.word(1) + " " + w.word(2) + `"`,
		"all":           "lang:en",
	} {
		b.Run(name, func(b *testing.B) {
			q := parse(b, text)
			found := 0
			b.ReportAllocs()
			for b.Loop() {
				ids, err := d.Search(b.Context(), q, 100, nil)
				if err != nil {
					b.Fatal(err)
				}
				found = len(ids)
			}
			b.ReportMetric(float64(found), "stories")
		})
	}
}

// wire makes stories of made-up words, as often as words of a language are: the
// n-th is said about 1/n as often as the first.
type wire struct{ words int }

// word spells the n-th word; those that are said often are short.
func (wire) word(n int) string {
	var s strings.Builder
	for n++; n > 0; n /= 60 {
		s.WriteByte("bdfgklmnprst"[n%12])
		s.WriteByte("aeiou"[n/12%5])
	}
	return s.String()
}

// pick is a word of one text. One in eight is of the text's own subject.
func (w wire) pick(rng *rand.Rand, subject int) string {
	if rng.IntN(8) == 0 {
		return w.word((subject*37 + rng.IntN(15)*101) % w.words)
	}
	return w.word(int(math.Pow(float64(w.words), rng.Float64())) - 1)
}

func (w wire) stories(first, n int) (all []search.Story) {
	for i := first; i < first+n; i++ {
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		subject := rng.IntN(w.words)
		var text strings.Builder
		for j := range 300 {
			if j%60 == 0 {
				text.WriteString("<p>")
			}
			text.WriteString(w.pick(rng, subject) + " ")
		}
		src := fmt.Sprintf("https://%d.example/rss", i/20)
		id := copydesk.NewEntryID(copydesk.SourceID(src), fmt.Sprint(i))
		all = append(all, search.Story{ID: copydesk.NewStoryID(id), Topics: []copydesk.TopicID{"asia", "world"}, Voices: []copydesk.Voice{{
			Source: copydesk.Source{ID: copydesk.SourceID(src)},
			Entry: copydesk.Entry{
				ID: id, FirstSeen: noon.Add(time.Duration(i) * time.Second),
				Text: copydesk.Text{
					Title:     w.pick(rng, subject) + " " + w.pick(rng, subject) + " " + w.pick(rng, subject),
					Content:   text.String(),
					Language:  "en-GB",
					Published: noon.Add(-time.Duration(rng.IntN(20*24)) * time.Hour),
				},
			},
		}}})
	}
	return all
}

// cpu is what the process has used.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// live is the most that is in use on the heap at any moment while fn runs, beside
// what was before.
func live(b *testing.B, fn func()) (most uint64) {
	ctx, cancel := context.WithCancel(b.Context())
	var wait sync.WaitGroup
	before := marked()
	wait.Go(func() {
		for ctx.Err() == nil {
			most = max(most, marked())
		}
	})
	fn()
	cancel()
	wait.Wait()
	return most - min(before, most)
}

func marked() uint64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
