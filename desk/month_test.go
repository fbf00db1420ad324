package desk_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"text/tabwriter"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/desk"
)

// A month is thirty virtual days of the whole daemon among two hundred
// publishers that do everything that publishers do (outlet_test.go). They judge
// each request by what they said themselves, not by what the daemon made of it.
// Under the race detector, which makes all of it several times slower, it is as
// many days as it takes to meet every kind of trouble.
const (
	monthOutlets = 200
	monthSeed    = 20240506
	monthLength  = 30
)

func monthDays() int {
	if racing {
		return 6
	}
	return monthLength
}

var monthStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // where a bubble begins

func TestAMonthInWhichNoPublisherHasAnythingToComplainOf(t *testing.T) {
	t.Parallel()
	folder := memoryFolder(t)
	synctest.Test(t, func(t *testing.T) {
		dice := rand.New(rand.NewPCG(monthSeed, 0))
		town := newTown(dice, monthOutlets, monthDays())
		w := newWorld(folder, town.configuration(), io.Discard)
		w.level, w.asked = slog.LevelError, town.ask
		lives, err := live(w, dice)
		if err != nil {
			t.Fatal(err)
		}
		for _, sin := range town.sins[:min(len(town.sins), 20)] {
			t.Error(sin)
		}
		for _, kind := range town.unseen() {
			t.Errorf("nobody met %q", kind)
		}
		t.Logf("%d days of %d publishers with %d lives of the daemon, %d violations\n%s", monthDays(), monthOutlets, lives, len(town.sins), town.summary())
		status, err := w.ask(desk.Command{Name: "status"})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s", status)
		ledger, err := monthLedger(t.Context(), w.copyStore())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("the ledger\n%s", ledger)
	})
}

// monthLedger is a line for each publisher, of all days that the store at path
// keeps, as the daemon wrote them, and one for all publishers.
func monthLedger(ctx context.Context, path string) (string, error) {
	store, err := db.Open(path, db.Options{ReadOnly: true})
	if err != nil {
		return "", err
	}
	defer store.Close()
	sources, err := store.Sources(ctx)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "publisher\trequests\tconditional\treceived\tsaved\terrors\tshortest gap\tallowed\tfound\tmean delay\t")
	line := func(who string, l copydesk.Ledger) {
		fmt.Fprintf(table, "%s\t%d\t%.0f%%\t%d KiB\t%d KiB\t%d\t%s\t%s\t%d\t%s\t\n", who, l.Requests, 100*l.Share(), l.Received>>10, l.Saved>>10,
			l.Errors(), time.Duration(l.Closest.Pause.Whole()), time.Duration(l.Closest.Allowed.Whole()), l.Found, l.MeanDelay().Round(time.Minute))
	}
	var all copydesk.Ledger
	for _, src := range sources {
		pages, err := store.Ledger(ctx, src.ID, 0, copydesk.DayOf(time.Now()))
		if err != nil {
			return "", err
		}
		var l copydesk.Ledger
		for _, page := range pages {
			l = l.And(page)
		}
		line(src.Handle(), l)
		all = all.And(l)
	}
	line("all", all)
	table.Flush()
	return b.String(), nil
}

// memoryFolder is a folder in memory where there is one: tens of thousands of
// transactions would wait for a disk.
func memoryFolder(t *testing.T) string {
	const memory = "/dev/shm"
	if info, err := os.Stat(memory); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	folder, err := os.MkdirTemp(memory, "copydesk-month-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

// live runs the daemon for the month. At random times it is stopped for a while,
// told to read its configuration again, or killed while whatever happens happens.
func live(w *world, dice *rand.Rand) (lives int, err error) {
	if err := w.start(); err != nil {
		return 0, err
	}
	end := monthStart.AddDate(0, 0, monthDays())
	for lives = 1; ; lives++ {
		next := time.Now().Add(time.Duration((0.2 + 2.5*dice.Float64()) * float64(24*time.Hour)))
		if next.After(end) {
			break
		}
		if err := w.until(next); err != nil {
			return lives, err
		}
		switch dice.IntN(3) {
		case 0:
			err = w.stop()
			if err == nil && dice.IntN(2) == 0 {
				time.Sleep(time.Duration(dice.IntN(180)) * time.Minute)
			}
			if err == nil {
				err = w.start()
			}
		case 1:
			w.running.reload <- nil
		case 2: // with what is on its way, such as an answer of a slow publisher
			w.running.dead.Store(true)
			err = w.comeBack(w.copyStore())
		}
		if err != nil {
			return lives, err
		}
	}
	if err := w.until(end); err != nil {
		return lives, err
	}
	return lives, w.stop()
}

// configuration lists all outlets of a town. One in twenty is in the topic: what
// subscribers get is no matter here, and costs most.
func (t *town) configuration() string {
	var b strings.Builder
	b.WriteString("[[topic]]\nid = \"all\"\nlimit = 10\n")
	for i, o := range t.outlets {
		fmt.Fprintf(&b, "[[source]]\nid = %q\nurl = %q\n", o.name, o.home)
		if i%20 == 0 {
			b.WriteString("topics = [\"all\"]\n")
		}
	}
	return b.String()
}

func TestATownNoticesWhatIsImpolite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			outlet outlet
			do     func(ask func(header ...string))
			sin    string
		}{
			"too soon":       {outlet{}, func(ask func(...string)) { ask(); time.Sleep(50 * time.Minute); ask("If-None-Match", `"1"`) }, "asked 50m0.001s after"},
			"before max-age": {outlet{maxAge: 3 * time.Hour}, func(ask func(...string)) { ask(); time.Sleep(2 * time.Hour); ask("If-None-Match", `"1"`) }, "max-age"},
			"in a skipped hour": {outlet{skipHours: []int{3}}, func(ask func(...string)) {
				ask()
				time.Sleep(time.Until(monthStart.AddDate(0, 0, 7).Add(3*time.Hour + time.Minute)))
				ask("If-None-Match", `"1"`)
			}, "skipHours"},
			"unconditional": {outlet{}, func(ask func(...string)) { ask(); time.Sleep(2 * time.Hour); ask() }, "validators"},
			"bogus":         {outlet{}, func(ask func(...string)) { ask(); time.Sleep(2 * time.Hour); ask("If-None-Match", `"2"`) }, "validators"},
			"a cookie":      {outlet{}, func(ask func(...string)) { ask("Cookie", "a=b") }, "Cookie"},
			"after 410": {outlet{plan: []episode{{from: time.Now(), kind: "410"}}}, func(ask func(...string)) {
				ask()
				time.Sleep(50 * time.Hour)
				ask()
			}, "410"},
			"a stopped host": {outlet{plan: []episode{{from: time.Now(), kind: "429 seconds"}}}, func(ask func(...string)) {
				ask()
				time.Sleep(2 * time.Hour)
				ask()
			}, "429"},
		} {
			o := tt.outlet
			o.name, o.home, o.validators = "a", "http://a.example/feed", "etag"
			o.news = []time.Time{time.Now()}
			town := townOf(&o)
			tt.do(func(header ...string) { town.get(t, o.home, header...) })
			if !slices.ContainsFunc(town.sins, func(s string) bool { return strings.Contains(s, tt.sin) }) {
				t.Errorf("%s: noticed %q", name, town.sins)
			}
		}
	})
}
