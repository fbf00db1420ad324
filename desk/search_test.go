package desk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"copydesk/desk"
	"copydesk/search"
)

// shaky is an index that outlives processes, as a disk does, and fails when it
// is told to.
type shaky struct {
	*search.Memory
	failing atomic.Bool
	batches atomic.Int64
}

func (s *shaky) Update(ctx context.Context, b search.Batch) error {
	if s.failing.Load() {
		return errors.New("the disk is full")
	}
	s.batches.Add(1)
	return s.Memory.Update(ctx, b)
}

const searched = `[search]
[[topic]]
id = "asia"
[[source]]
id = "a"
url = "http://a.example/rss"
topics = ["asia"]
`

func titled(titles ...string) []byte {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>A</title><link>http://a.example/</link>`)
	for _, title := range titles {
		b.WriteString(`<item><title>` + title + `</title><link>http://a.example/` + title + `</link><guid>` + title + `</guid></item>`)
	}
	b.WriteString(`</channel></rss>`)
	return []byte(b.String())
}

// status is how a search is answered, and how many items it has.
func status(t *testing.T, w *world, query string) (code, items int) {
	t.Helper()
	r, err := w.running.public.get("/search.atom?q="+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.status, strings.Count(string(r.body), "<entry")
}

// inWorld plays in a world with that index on its disk.
func inWorld(t *testing.T, play func(w *world, index *shaky)) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		index := &shaky{Memory: search.NewMemory()}
		w := newWorld(folder, searched, io.Discard)
		w.index = func(string) (desk.Index, error) { return index, nil }
		w.publishers.serve("http://a.example/rss", titled("rain", "snow"), nil)
		start(t, w)
		play(w, index)
		if w.running != nil {
			if err := w.stop(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func start(t *testing.T, w *world) {
	t.Helper()
	if err := w.start(); err != nil {
		t.Fatal(err)
	}
	if err := w.until(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
}

func TestAnIndexThatIsUpToDateIsNotBuiltAnew(t *testing.T) {
	inWorld(t, func(w *world, index *shaky) {
		if code, items := status(t, w, "rain"); code != 200 || items != 1 {
			t.Errorf("%d with %d items", code, items)
		}
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		before := index.batches.Load()
		start(t, w)
		if code, items := status(t, w, "snow"); code != 200 || items != 1 || index.batches.Load() != before {
			t.Errorf("%d with %d items after %d batches", code, items, index.batches.Load()-before)
		}
	})
}

func TestAnIndexOfAnotherStoreIsBuiltAnew(t *testing.T) {
	inWorld(t, func(w *world, index *shaky) {
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		for _, mark := range []search.Mark{{Installation: "elsewhere", Sequence: 1}, {Installation: "elsewhere", Sequence: 1 << 40}} {
			index.Memory = search.NewMemory()
			if err := index.Update(t.Context(), search.Batch{Mark: mark}); err != nil {
				t.Fatal(err)
			}
			start(t, w)
			if code, items := status(t, w, "rain"); code != 200 || items != 1 {
				t.Errorf("%+v: %d with %d items", mark, code, items)
			}
			if err := w.stop(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// What is wrong with the index stops no edition; searches are asked to come
// back, and find what they should once it is mended.
func TestAnIndexThatFailsStopsNothingElse(t *testing.T) {
	inWorld(t, func(w *world, index *shaky) {
		index.failing.Store(true)
		w.publishers.serve("http://a.example/rss", titled("rain", "snow", "hail"), nil)
		if err := w.until(time.Now().Add(3 * time.Hour)); err != nil {
			t.Fatal(err)
		}
		if code, _ := status(t, w, "hail"); code != 503 {
			t.Errorf("%d while the disk is full", code)
		}
		r, err := w.running.public.get("/topics/asia.atom", nil)
		if err != nil || !strings.Contains(string(r.body), "hail") {
			t.Errorf("the edition: %v\n%s", err, r.body)
		}
		index.failing.Store(false)
		if err := w.until(time.Now().Add(2 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		if code, items := status(t, w, "hail"); code != 200 || items != 1 {
			t.Errorf("%d with %d items when it is mended", code, items)
		}
	})
}

// What comes within some seconds is taken in together, in batches that are not
// too large.
func TestWhatComesTogetherIsIndexedTogether(t *testing.T) {
	inWorld(t, func(w *world, index *shaky) {
		var many []string
		for i := range 120 {
			many = append(many, fmt.Sprintf("hail%d", i))
		}
		w.publishers.serve("http://a.example/rss", titled(many...), nil)
		before := index.batches.Load()
		if err := w.until(time.Now().Add(3 * time.Hour)); err != nil {
			t.Fatal(err)
		}
		if batches := index.batches.Load() - before; batches < 2 || batches > 3 {
			t.Errorf("%d batches", batches)
		}
		for _, title := range []string{many[0], many[119]} {
			if code, items := status(t, w, title); code != 200 || items != 1 {
				t.Errorf("%s: %d with %d items", title, code, items)
			}
		}
	})
}

func TestADaemonWithoutAnIndexSaysSo(t *testing.T) {
	inWorld(t, func(w *world, _ *shaky) {
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		w.index = func(string) (desk.Index, error) { return nil, search.ErrLeftOut }
		start(t, w)
		if code, _ := status(t, w, "rain"); code != 404 {
			t.Errorf("left out: %d", code)
		}
		if err := w.stop(); err != nil {
			t.Fatal(err)
		}
		w.text = strings.Replace(searched, "[search]", "", 1)
		start(t, w)
		if code, _ := status(t, w, "rain"); code != 404 {
			t.Errorf("switched off: %d", code)
		}
	})
}
