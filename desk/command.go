package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/db"
)

// Command is a wish of an operator that needs the store. It travels as JSON to
// a running daemon, which does it on its open store; where none runs, the same
// function does it on a store that is opened for the purpose.
type Command struct {
	Name     string              `json:"name"`               // one of the names in Do
	Topic    copydesk.TopicID    `json:"topic,omitempty"`    // of "topic" and "stories"
	Format   string              `json:"format,omitempty"`   // of "topic"
	URL      string              `json:"url,omitempty"`      // of "explain"
	Limit    int                 `json:"limit,omitempty"`    // of "stories"
	Due      bool                `json:"due,omitempty"`      // of "poll": only sources that are due
	Force    bool                `json:"force,omitempty"`    // of "poll": also those that are gone or asked us to wait
	Since    time.Time           `json:"since,omitzero"`     // of "regroup": entries first seen from then on
	Apply    bool                `json:"apply,omitempty"`    // of "regroup": change it, in place of saying what would change
	Moved    bool                `json:"moved,omitempty"`    // of "sources": only where they should be looked for elsewhere
	JSON     bool                `json:"json,omitempty"`     // print JSON in place of a table
	Terminal bool                `json:"terminal,omitempty"` // progress may overwrite itself on Err
	Sources  []copydesk.Settings `json:"sources,omitempty"`  // of "check": what the caller's configuration lists
}

// Streams are where a command prints.
type Streams struct {
	Out io.Writer // results
	Err io.Writer // progress and trouble
}

// writes reports whether the command changes the store.
func (c Command) writes() bool { return c.Name == "poll" || c.Name == "regroup" && c.Apply }

// Ask does cmd: by the daemon that holds the store, if one runs, else on the
// store itself. It returns the exit code of the command; an error means that
// there is no result.
func Ask(ctx context.Context, c config.Config, w World, cmd Command, s Streams) (exit int, err error) {
	if c.Server.Control != "" {
		exit, err = ask(ctx, c.Server.Control, cmd, s)
		if !errors.Is(err, errNobody) {
			return exit, err
		}
	}
	var d *Desk
	switch {
	case cmd.writes():
		d, err = Open(ctx, c, w, time.Second)
	case cmd.Name == "check":
		d, err = Reopen(ctx, c, w)
	default:
		d, err = Read(ctx, c, w)
	}
	if cmd.Name == "check" && errors.Is(err, db.ErrMissing) { // a new configuration, not run yet
		return checkNew(ctx, c, w, cmd, s)
	}
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Do(ctx, cmd, s), nil
}

// Do does cmd and returns its exit code: 0 if all is well, 1 if something is
// wrong that has been printed, 2 if the command is none.
func (d *Desk) Do(ctx context.Context, cmd Command, s Streams) (exit int) {
	do, ok := map[string]func(context.Context, Command, Streams) error{
		"check":   d.doCheck,
		"explain": d.doExplain,
		"reload":  d.doReload,
		"poll":    d.doPoll,
		"regroup": d.doRegroup,
		"sources": d.doSources,
		"status":  d.doStatus,
		"stories": d.doStories,
		"topic":   d.doTopic,
	}[cmd.Name]
	if !ok {
		fmt.Fprintf(s.Err, "copydesk: no command %q; the daemon may be of another version than this program\n", cmd.Name)
		return 2
	}
	return said(do(ctx, cmd, s), s)
}

// said prints err, unless that has been done, and returns the exit code.
func said(err error, s Streams) (exit int) {
	if err == nil {
		return 0
	}
	if !errors.Is(err, errUnwell) {
		fmt.Fprintf(s.Err, "copydesk: %v\n", err)
	}
	return 1
}

// errUnwell ends a command that has already printed what is wrong.
var errUnwell = errors.New("something is wrong")

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// count says how many things there are.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// table prints rows under a heading, in columns.
func table(w io.Writer, heading []string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{heading}, rows...) {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprint(t, cell)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// ago says how long before now t was, or how long after, for a table.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "-"
	}
	d := now.Sub(t)
	if d < 0 {
		return "in " + span(-d)
	}
	return span(d) + " ago"
}

func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}
