package desk

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"copydesk/db"

	"github.com/google/go-cmp/cmp"
)

func TestACommandThatReadsLeavesTheStoreAsItIs(t *testing.T) {
	d, c := openDesk(t, nil)
	world := d.world
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(c.Store.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range []Command{
		{Name: "sources"}, {Name: "status"}, {Name: "stories"}, {Name: "topic", Topic: "asia", Format: "atom"}, {Name: "explain", URL: "wire"},
	} {
		var errs bytes.Buffer
		if exit, err := Ask(t.Context(), c, world, cmd, Streams{Out: io.Discard, Err: &errs}); exit != 0 || err != nil {
			t.Errorf("%s: exit %d, %v, %s", cmd.Name, exit, err, &errs)
		}
		after, err := os.ReadFile(c.Store.Path)
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the file has changed (%v)", cmd.Name, err)
		}
	}
}

func TestOnlyAPollMakesAStore(t *testing.T) {
	d, c := openDesk(t, nil)
	world := d.world
	c.Store.Path += ".new"
	c.Sources = nil
	for _, name := range []string{"sources", "status", "stories", "topic", "explain"} {
		_, err := Ask(t.Context(), c, world, Command{Name: name, Format: "atom"}, Streams{Out: io.Discard, Err: io.Discard})
		if !errors.Is(err, db.ErrMissing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if exit, err := Ask(t.Context(), c, world, Command{Name: "check"}, Streams{Out: io.Discard, Err: io.Discard}); exit != 0 || err != nil {
		t.Errorf("check: exit %d, %v", exit, err)
	}
	if _, err := os.Stat(c.Store.Path); err == nil {
		t.Fatal("one of them made a store")
	}
	if exit, err := Ask(t.Context(), c, world, Command{Name: "poll"}, Streams{Out: io.Discard, Err: io.Discard}); exit != 0 || err != nil {
		t.Errorf("poll: exit %d, %v", exit, err)
	}
	if _, err := os.Stat(c.Store.Path); err != nil {
		t.Error(err)
	}
}

func TestAStoreIsNotOpenedBehindADaemonThatAnswersBadly(t *testing.T) {
	d, c := openDesk(t, nil)
	c.Server.Control = socketPath(t)
	serveControl(t, c.Server.Control, frames(func(*framer) { panic(http.ErrAbortHandler) }))
	c.Store.Path += ".none"
	_, err := Ask(t.Context(), c, d.world, Command{Name: "sources"}, Streams{Out: io.Discard, Err: io.Discard})
	if err == nil || errors.Is(err, db.ErrMissing) {
		t.Errorf("error: %v", err)
	}
}

func TestACommandOfAnotherVersionIsSaidToBeNone(t *testing.T) {
	var errs bytes.Buffer
	exit := new(Desk).Do(t.Context(), Command{Name: "rewind"}, Streams{Out: io.Discard, Err: &errs})
	if exit != 2 || !strings.Contains(errs.String(), `"rewind"`) || !strings.Contains(errs.String(), "version") {
		t.Errorf("exit %d: %s", exit, &errs)
	}
}

func TestProgressIsPlainLinesWhereThereIsNoTerminal(t *testing.T) {
	var w strings.Builder
	p := newProgress(&w, false, 2)
	p.note("wire: gone")
	p.step("lantern: %s", "changed")
	p.step("harbour: %s", "unchanged")
	p.end()
	if diff := cmp.Diff("wire: gone\n1/2 lantern: changed\n2/2 harbour: unchanged\n", w.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProgressOnATerminalIsOneLineThatLeavesNothingBehind(t *testing.T) {
	var w strings.Builder
	p := newProgress(&w, true, 3)
	p.step("a long name: changed")
	p.step("short: changed")
	p.note("wire: gone")
	p.step("%slong", strings.Repeat("very ", 40))
	p.end()
	if diff := cmp.Diff([]string{"wire: gone", ""}, screen(w.String())); diff != "" {
		t.Errorf("(-want +got):\n%s\nwritten: %q", diff, w.String())
	}
	for line := range strings.FieldsFuncSeq(w.String(), func(r rune) bool { return r == '\r' || r == '\n' }) {
		if n := len([]rune(line)); n > 79 {
			t.Errorf("%d columns would wrap: %q", n, line)
		}
	}
}

// screen is what a terminal shows after text, without blanks at the ends of
// lines.
func screen(text string) (lines []string) {
	for line := range strings.SplitSeq(text, "\n") {
		var shown []rune
		for part := range strings.SplitSeq(line, "\r") {
			over := []rune(part)
			shown = append(over, shown[min(len(over), len(shown)):]...)
		}
		lines = append(lines, strings.TrimRight(string(shown), " "))
	}
	return lines
}

func TestTimesInTablesAreRoundedDownToWhatMatters(t *testing.T) {
	now := time.Date(2024, 5, 4, 3, 2, 1, 0, time.UTC)
	for _, c := range []struct {
		t    time.Time
		want string
	}{
		{time.Time{}, "-"},
		{now, "0s ago"},
		{now.Add(-59 * time.Second), "59s ago"},
		{now.Add(-90 * time.Minute), "90m ago"},
		{now.Add(-47 * time.Hour), "47h ago"},
		{now.Add(-72 * time.Hour), "3d ago"},
		{now.Add(61 * time.Second), "in 1m"},
	} {
		if got := ago(c.t, now); got != c.want {
			t.Errorf("%v: %q, want %q", c.t, got, c.want)
		}
	}
}

// Whoever was overdue when the hour began was asked in it all the same.
func TestWhatIsDueIsNotAskedInAnHourThatItSkips(t *testing.T) {
	d, _, web := openHourly(t)
	poll := func(cmd Command) (said string) {
		var errs bytes.Buffer
		cmd.Name = "poll"
		d.Do(t.Context(), cmd, Streams{Out: io.Discard, Err: &errs})
		return errs.String()
	}
	poll(Command{})
	src, err := d.store.SourceNamed(t.Context(), "wire")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	src.LastPoll, src.NextPoll = now.Add(-5*time.Hour), now.Add(-time.Hour)
	src.Feed.SkipHours = 1<<now.Hour() | 1<<now.Add(time.Hour).Hour()
	if err := d.store.Settle(t.Context(), db.Settlement{Source: src}); err != nil {
		t.Fatal(err)
	}
	if said := poll(Command{Due: true}); web.times(wireFeed) != 1 {
		t.Errorf("asked %d times: %s", web.times(wireFeed), said)
	}
	if said := poll(Command{}); web.times(wireFeed) != 2 {
		t.Errorf("an operator who insists is not obeyed: %s", said)
	}
}
