package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/desk"
	"copydesk/systemd"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
)

// commands is the command line. The names are a contract that scripts rely on.
type commands struct {
	Config  string           `help:"The configuration; default: $$COPYDESK_CONFIG, ./copydesk.toml, /etc/copydesk/copydesk.toml, the first that exists." placeholder:"FILE"`
	Verbose bool             `short:"v" help:"Log what goes on in detail."`
	Version kong.VersionFlag `help:"Print the version."`

	Run     runCommand     `cmd:"" help:"Run the daemon."`
	Demo    demoCommand    `cmd:"" help:"Show it working: sample publishers on this machine, no configuration, no network."`
	Check   checkCommand   `cmd:"" help:"Validate the configuration and ask each source once."`
	Poll    pollCommand    `cmd:"" help:"Ask the sources now, once."`
	Sources sourcesCommand `cmd:"" help:"List the sources and how they are."`
	Source  sourceCommand  `cmd:"" help:"Change a source in the configuration."`
	Stories storiesCommand `cmd:"" help:"List the newest stories."`
	Status  statusCommand  `cmd:"" help:"Show the daemon at a glance."`
	Topic   topicCommand   `cmd:"" help:"Print a topic's feed."`
	Regroup regroupCommand `cmd:"" help:"Group entries again by the rules of today; says what would change."`
	Explain explainCommand `cmd:"" help:"Say why: which source, entry, story and topics an address belongs to."`
	Parse   parseCommand   `cmd:"" help:"Normalize one document and print what was understood."`
	Group   groupCommand   `cmd:"" help:"Group entries, one JSON document a line, into stories."`
	Fetch   fetchCommand   `cmd:"" help:"Fetch one document as the daemon would, and print what was understood."`
}

// load reads the configuration that the arguments, else the environment name.
func (c *commands) load(o outside) (config.Config, error) {
	path, err := config.Find(c.Config, o.env, exists)
	if err != nil {
		return config.Config{}, err
	}
	return config.Load(path, o.env, desk.Meaning())
}

// glance is load for commands that ask no publisher: they need no secrets, which
// their user may not be able to read.
func (c *commands) glance(o outside) (config.Config, error) {
	path, err := config.Find(c.Config, o.env, exists)
	if err != nil {
		return config.Config{}, err
	}
	return config.Glance(path, o.env, desk.Meaning())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (c *commands) log(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// ask has the daemon do cmd, or does it on the store where none runs.
func (c *commands) ask(ctx context.Context, o outside, cmd desk.Command) error {
	load := c.load
	switch cmd.Name {
	case "explain", "sources", "status", "stories", "topic":
		load = c.glance
	}
	conf, err := load(o)
	if err != nil {
		return err
	}
	cmd.Terminal = isTerminal(o.err)
	exit, err := desk.Ask(ctx, conf, desk.World{Version: version(), Log: c.quiet(o)}, cmd, desk.Streams{Out: o.out, Err: o.err})
	if err != nil {
		return err
	}
	return exitCode(exit)
}

// quiet is the log of a command: what it prints says it all, unless asked for
// more.
func (c *commands) quiet(o outside) *slog.Logger {
	if c.Verbose {
		return c.log(o.err)
	}
	return slog.New(slog.DiscardHandler)
}

func exitCode(code int) error {
	if code == exitOK {
		return nil
	}
	return exited(code)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

type runCommand struct{}

func (runCommand) Run(ctx context.Context, o outside, c *commands) error {
	conf, err := c.load(o)
	if err != nil {
		return err
	}
	if o.env("GOGC") == "" && o.env("GOMEMLIMIT") == "" {
		pace, stop := context.WithCancel(context.WithoutCancel(ctx))
		var pacing sync.WaitGroup
		pacing.Go(func() { paceCollector(pace) })
		defer pacing.Wait()
		defer stop()
	}
	readers := 0
	if o.env("GOMAXPROCS") == "" {
		readers = spareProcessor()
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	return desk.Run(ctx, conf, desk.World{
		Version: version(), Log: c.log(o.err), Manager: systemd.NewNotifier(), LockTime: systemd.LockTime,
		Readers: readers, Reload: hup, Load: func() (config.Config, error) { return c.load(o) },
	})
}

type checkCommand struct {
	Offline bool `help:"Only validate the configuration; ask nobody."`
}

func (k checkCommand) Run(ctx context.Context, o outside, c *commands) error {
	conf, err := c.load(o)
	if err != nil {
		return err
	}
	if k.Offline {
		fmt.Fprintf(o.out, "%s: nothing wrong, topics: %d, sources: %d\n", conf.Path, len(conf.Topics), len(conf.Sources))
		return nil
	}
	return c.ask(ctx, o, desk.Command{Name: "check", Sources: conf.Sources})
}

type pollCommand struct {
	Once  bool `required:"" help:"Ask each source once and exit (the daemon polls by its own schedule)."`
	Due   bool `xor:"which" help:"Only sources that are due."`
	Force bool `xor:"which" help:"Also sources that are gone or asked us to wait."`
}

func (k pollCommand) Run(ctx context.Context, o outside, c *commands) error {
	return c.ask(ctx, o, desk.Command{Name: "poll", Due: k.Due, Force: k.Force})
}

type sourcesCommand struct {
	Moved bool `help:"Only those that should be looked for elsewhere, and where."`
	JSON  bool `name:"json" help:"Print JSON."`
}

func (k sourcesCommand) Run(ctx context.Context, o outside, c *commands) error {
	return c.ask(ctx, o, desk.Command{Name: "sources", Moved: k.Moved, JSON: k.JSON})
}

type storiesCommand struct {
	Topic string `help:"Only of this topic." placeholder:"ID"`
	Limit int    `default:"20" help:"How many of each topic."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

func (k storiesCommand) Run(ctx context.Context, o outside, c *commands) error {
	return c.ask(ctx, o, desk.Command{Name: "stories", Topic: copydesk.TopicID(k.Topic), Limit: k.Limit, JSON: k.JSON})
}

type statusCommand struct {
	JSON bool `name:"json" help:"Print JSON: the same figures under names that stay, times as RFC 3339, sizes in bytes, spans in seconds."`
}

func (k statusCommand) Run(ctx context.Context, o outside, c *commands) error {
	return c.ask(ctx, o, desk.Command{Name: "status", JSON: k.JSON})
}

type topicCommand struct {
	ID     string `arg:"" help:"The topic's id."`
	Format string `enum:"atom,rss,json" default:"atom" help:"atom, rss or json."`
}

func (k topicCommand) Run(ctx context.Context, o outside, c *commands) error {
	return c.ask(ctx, o, desk.Command{Name: "topic", Topic: copydesk.TopicID(k.ID), Format: k.Format})
}

type explainCommand struct {
	URL  string `arg:"" name:"url" help:"An entry's address, guid or story id, or a source's address."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (k explainCommand) Run(ctx context.Context, o outside, c *commands) error {
	return c.ask(ctx, o, desk.Command{Name: "explain", URL: k.URL, JSON: k.JSON})
}

type regroupCommand struct {
	Since string `required:"" help:"Entries first seen since then: a day (2024-05-06), a time (2024-05-06T12:00:00Z), or how long ago (36h, 7d)." placeholder:"TIME"`
	Yes   bool   `help:"Change it; without, only say what would change."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

func (k regroupCommand) Run(ctx context.Context, o outside, c *commands) error {
	since, err := readSince(k.Since, time.Now())
	if err != nil {
		return usage(o, "--since %q: %v", k.Since, err)
	}
	return c.ask(ctx, o, desk.Command{Name: "regroup", Since: since, Apply: k.Yes, JSON: k.JSON})
}

// readSince reads a time that has passed. A day begins at midnight, UTC.
func readSince(s string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, s); err == nil {
			if at.After(now) {
				return at, errors.New("that is still to come")
			}
			return at, nil
		}
	}
	ago, err := config.ParseDuration(s)
	if err != nil {
		return time.Time{}, errors.New("write a day (2024-05-06), a time (2024-05-06T12:00:00Z), or how long ago (36h, 7d)")
	}
	return now.Add(-ago), nil
}

type parseCommand struct {
	JSON   bool     `name:"json" required:"" help:"Print JSON (there is no other form)."`
	URL    string   `name:"url" help:"The address that the document came from."`
	Header []string `sep:"none" help:"A header that it came with, as 'Name: value'; may be repeated." placeholder:"'K: V'"`
	File   string   `arg:"" help:"The document; - reads standard input."`
}

func (k parseCommand) Run(o outside) error {
	header := http.Header{}
	for _, line := range k.Header {
		name, value, found := strings.Cut(line, ":")
		if !found {
			return usage(o, "header %q: write it as 'Name: value'", line)
		}
		header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	name := k.File
	if name == "-" {
		name = "standard input"
	}
	err := k.parse(o, header)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err // it names the file once more
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usage(o, "parse %s: no such file", name)
	case err != nil:
		return fmt.Errorf("parse %s: %w", name, err)
	}
	return nil
}

func (k parseCommand) parse(o outside, header http.Header) error {
	if k.File == "-" {
		return desk.ParseDocument(o.in, k.URL, header, o.out)
	}
	f, err := os.Open(k.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return desk.ParseDocument(f, k.URL, header, o.out)
}

type groupCommand struct {
	JSON bool   `name:"json" required:"" help:"Print JSON (there is no other form)."`
	File string `arg:"" help:"The entries; - reads standard input."`
}

func (k groupCommand) Run(o outside) error {
	if k.File == "-" {
		if err := desk.GroupLines(o.in, o.out); err != nil {
			return fmt.Errorf("group standard input: %w", err)
		}
		return nil
	}
	f, err := os.Open(k.File)
	if errors.Is(err, fs.ErrNotExist) {
		return usage(o, "group %s: no such file", k.File)
	}
	if err != nil {
		return fmt.Errorf("group: %w", err)
	}
	defer f.Close()
	if err := desk.GroupLines(f, o.out); err != nil {
		return fmt.Errorf("group %s: %w", k.File, err)
	}
	return nil
}

func usage(o outside, format string, args ...any) error {
	fmt.Fprintf(o.err, "copydesk: "+format+"\n", args...)
	return exited(exitUsage)
}

type fetchCommand struct {
	JSON  bool     `name:"json" required:"" help:"Print JSON (there is no other form)."`
	Allow []string `sep:"none" help:"A private target that may be asked, as in [poll] allow; may be repeated." placeholder:"PREFIX:PORT"`
	URL   string   `arg:"" name:"url" help:"The address."`
}

func (k fetchCommand) Run(ctx context.Context, o outside, c *commands) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	return desk.FetchDocument(ctx, desk.World{Version: version(), Log: c.quiet(o)}, "", k.Allow, k.URL, o.out)
}
