package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"copydesk/db"
	"copydesk/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

// killSeed makes the random instants; whoever changes it should try some.
const killSeed = 20240301

// TestAKillAtAnyInstantLosesNothing plays the same bill twice with `poll --once`,
// once undisturbed and once with the process killed at random instants and
// started again until the step is done. The two stores must then hold the same.
func TestAKillAtAnyInstantLosesNothing(t *testing.T) {
	bin := buildCopydesk(t)
	long := os.Getenv("COPYDESK_LONG") != ""
	times := func(short, full int) int {
		if long {
			return full
		}
		return short
	}
	t.Run("made feeds", func(t *testing.T) { comparePlays(t, bin, madeBill(), times(6, 30)) })
	t.Run("captured feeds", func(t *testing.T) { comparePlays(t, bin, capturesBill(t), times(10, 50)) })
}

// buildCopydesk builds the program as users run it.
func buildCopydesk(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "copydesk")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

func comparePlays(t *testing.T, bin string, b bill, kills int) {
	s := openTheatre(b)
	defer s.Close()

	undisturbed := newPlay(t, bin, s)
	var pace [][]time.Duration
	for step := range b.steps {
		s.turn(step)
		undisturbed.finish()
		asked, marks := s.seen()
		if !slices.Equal(asked, b.names) {
			t.Fatalf("step %d: asked in the order %q, want %q", step, asked, b.names)
		}
		pace = append(pace, between(append(marks, time.Now())))
	}

	disturbed := newPlay(t, bin, s)
	plan := instants(pace, kills)
	hits := 0
	for step := range b.steps {
		s.turn(step)
		for _, at := range plan[step] {
			if disturbed.kill(at) {
				hits++
			}
			disturbed.sound(at)
		}
		disturbed.finish()
	}
	t.Logf("seed %d: %d of %d kills hit a process at work, in %d steps", killSeed, hits, kills, len(plan))
	if hits < kills/2 {
		t.Errorf("only %d of %d kills hit a process at work: this proves little", hits, kills)
	}
	if diff := cmp.Diff(undisturbed.dump(), disturbed.dump()); diff != "" {
		t.Errorf("the stores differ (-undisturbed +killed):\n%s", diff)
	}
}

// between is the spans between the marks.
func between(marks []time.Time) (spans []time.Duration) {
	for i, at := range marks[1:] {
		spans = append(spans, at.Sub(marks[i]))
	}
	return spans
}

// instant is when a process is killed: so long after so many sources were
// settled. Time alone would miss the process as often as the machine is busier
// or idler than it was.
type instant struct {
	settled int
	then    time.Duration
}

// instants spreads kills over the steps and over the run of a process: before
// its first source is settled, between any two, and after the last while it
// groups, makes editions and ends. pace is how long each of these took.
func instants(pace [][]time.Duration, kills int) map[int][]instant {
	random := rand.New(rand.NewPCG(killSeed, 0))
	plan := map[int][]instant{}
	for range kills {
		step := random.IntN(len(pace))
		settled := random.IntN(len(pace[step]))
		then := time.Duration(random.Int64N(int64(pace[step][settled]) + 1))
		plan[step] = append(plan[step], instant{settled, then})
	}
	return plan
}

// play is one store, and the processes that fill it.
type play struct {
	t       *testing.T
	bin     string
	theatre *theatre
	config  string
	store   string
}

func newPlay(t *testing.T, bin string, s *theatre) *play {
	t.Helper()
	folder := t.TempDir()
	p := &play{t: t, bin: bin, theatre: s, config: filepath.Join(folder, "copydesk.toml"), store: filepath.Join(folder, "copydesk.db")}
	if err := os.WriteFile(p.config, []byte(s.config()), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// process is a `poll --once` that runs.
type process struct {
	*exec.Cmd
	printed bytes.Buffer
	ended   chan error
}

func (p *play) start() *process {
	p.t.Helper()
	proc := &process{Cmd: exec.Command(p.bin, "--config", p.config, "poll", "--once"), ended: make(chan error, 1)}
	proc.Stderr = io.MultiWriter(&proc.printed, p.theatre)
	p.theatre.begin()
	if err := proc.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { proc.ended <- proc.Wait() }()
	return proc
}

// finish polls and lets it come to its end.
func (p *play) finish() {
	p.t.Helper()
	proc := p.start()
	if err := <-proc.ended; err != nil {
		p.t.Fatalf("poll --once: %v\n%s", err, &proc.printed)
	}
}

// kill polls and kills the process at that instant. It reports whether that was
// still at work.
func (p *play) kill(at instant) bool {
	p.t.Helper()
	proc := p.start()
	if p.reach(proc, at) {
		if err := proc.Process.Kill(); err != nil {
			p.t.Log(err) // it has ended by itself in between
		}
		<-proc.ended
	}
	return !proc.ProcessState.Exited()
}

// reach waits for the instant; false if the process ended before.
func (p *play) reach(proc *process, at instant) bool {
	for {
		settled, more := p.theatre.progress()
		if settled >= at.settled {
			break
		}
		select {
		case <-more:
		case <-proc.ended:
			return false
		}
	}
	select {
	case <-time.After(at.then):
		return true
	case <-proc.ended:
		return false
	}
}

// sound demands that what the killed process left is a store whose indices agree
// with its data.
func (p *play) sound(at instant) {
	p.t.Helper()
	p.read(func(store *db.DB) {
		if err := store.Check(p.t.Context()); err != nil {
			p.t.Errorf("killed %s after source %d: the store is not sound: %v", at.then, at.settled, err)
		}
	})
}

// dump is what the store holds, line by line.
func (p *play) dump() (lines []string) {
	p.t.Helper()
	p.read(func(store *db.DB) {
		if err := store.Check(p.t.Context()); err != nil {
			p.t.Errorf("the store is not sound: %v", err)
		}
		text, err := dbtest.Dump(p.t.Context(), store)
		if err != nil {
			p.t.Fatal(err)
		}
		lines = strings.Split(text, "\n")
	})
	return lines
}

// read opens the store as the next process would.
func (p *play) read(fn func(*db.DB)) {
	p.t.Helper()
	store, err := db.Open(p.store, db.Options{Create: true, Wait: 10 * time.Second})
	if err != nil {
		p.t.Fatal(err)
	}
	fn(store)
	if err := store.Close(); err != nil {
		p.t.Fatal(err)
	}
}
