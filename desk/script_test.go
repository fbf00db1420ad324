package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// script is a day as a text file. What its steps mean stands above the table of
// verbs, in day_test.go.
type script struct {
	about  string // what the day shows, for people
	config string // copydesk.toml
	steps  []step
}

// step is a section of the file: its name says when and what, its body with
// what, or what is expected.
type step struct {
	at   time.Time
	name string // as in the file
	verb string
	args []string
	body string
}

// configSection is the name of the section that comes first.
const configSection = "copydesk.toml"

// parseScript reads a day. It knows no verbs.
func parseScript(text []byte) (script, error) {
	archive := txtar.Parse(text)
	s := script{about: strings.TrimSpace(string(archive.Comment))}
	if s.about == "" {
		return s, errors.New("it does not begin with what the day shows")
	}
	if len(archive.Files) == 0 || archive.Files[0].Name != configSection {
		return s, fmt.Errorf("its first section is not %s", configSection)
	}
	s.config = string(archive.Files[0].Data)
	var c calendar
	for _, f := range archive.Files[1:] {
		st, err := c.step(f)
		if err != nil {
			return s, fmt.Errorf("%s: %w", f.Name, err)
		}
		s.steps = append(s.steps, st)
	}
	return s, nil
}

// calendar reads the times of steps, each of which leaves out what the one
// before has said.
type calendar struct {
	first, today, last time.Time
}

func (c *calendar) step(f txtar.File) (step, error) {
	words, err := c.turn(strings.Fields(f.Name))
	if err != nil {
		return step{}, err
	}
	if c.first.IsZero() {
		return step{}, errors.New("the first step states no date, such as 2024-05-06")
	}
	if len(words) < 2 {
		return step{}, errors.New("no time and verb")
	}
	at, err := c.clock(words[0])
	if err != nil {
		return step{}, err
	}
	if at.Before(c.last) {
		return step{}, errors.New("before the step above it")
	}
	c.last = at
	return step{at: at, name: f.Name, verb: words[1], args: words[2:], body: string(f.Data)}, nil
}

// turn reads "2024-05-06" or "day 2", if words begin with one, and returns the
// rest.
func (c *calendar) turn(words []string) ([]string, error) {
	if len(words) > 1 && words[0] == "day" {
		n, err := strconv.Atoi(words[1])
		if err != nil || n < 1 {
			return nil, errors.New("days are numbered from 1")
		}
		c.today = c.first.AddDate(0, 0, n-1)
		return words[2:], nil
	}
	if len(words) > 0 {
		if date, err := time.Parse(time.DateOnly, words[0]); err == nil && c.first.IsZero() {
			c.first, c.today = date, date
			return words[1:], nil
		}
	}
	return words, nil
}

func (c *calendar) clock(word string) (time.Time, error) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, word); err == nil {
			return c.today.Add(t.Sub(t.Truncate(24 * time.Hour))), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time of day", word)
}

// lines is what a step expects: its body without empty lines, and without notes
// for people, which begin with "#".
func (s step) lines() []string {
	lines := []string{}
	for line := range strings.Lines(s.body) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestAScriptIsReadInOrderWithItsTimes(t *testing.T) {
	s, err := parseScript([]byte("A day.\n-- copydesk.toml --\n[poll]\n-- 2024-05-06 23:30 start --\n" +
		"-- 23:30:10 read /topics/asia --\n# nothing yet\n\nRain\n-- day 2 00:10 stop --\n-- 00:20 start --\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, st := range s.steps {
		got = append(got, st.at.Format(time.DateTime)+" "+st.verb)
	}
	want := []string{"2024-05-06 23:30:00 start", "2024-05-06 23:30:10 read", "2024-05-07 00:10:00 stop", "2024-05-07 00:20:00 start"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := s.steps[1].lines(); !slices.Equal(got, []string{"Rain"}) {
		t.Errorf("expected lines: %q", got)
	}
}

func TestABrokenScriptIsRefused(t *testing.T) {
	const head = "A day.\n-- copydesk.toml --\n"
	for text, reason := range map[string]string{
		"-- copydesk.toml --\n":                                    "what the day shows",
		"A day.\n-- 2024-05-06 00:00 start --\n":                   "not copydesk.toml",
		head + "-- 00:00 start --\n":                               "no date",
		head + "-- 2024-05-06 start --\n":                          "no time and verb",
		head + "-- 2024-05-06 noon start --\n":                     "no time of day",
		head + "-- 2024-05-06 02:00 start --\n-- 01:00 stop --\n":  "before the step above",
		head + "-- 2024-05-06 02:00 start --\n-- day 0 03:00 x --": "numbered from 1",
	} {
		if _, err := parseScript([]byte(text)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: got %v, want %q in it", text, err, reason)
		}
	}
}
