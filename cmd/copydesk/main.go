// Command copydesk polls publishers' feeds and serves one merged, clean feed
// per topic.
//
//	copydesk demo                  see it work, with publishers of its own
//	copydesk run --config FILE     the daemon
//	copydesk check                 is the configuration right, do its sources answer
//
// `copydesk --help` lists the other commands. This package reads arguments,
// handles signals and turns errors into exit codes; what the commands do is in
// package desk.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"copydesk/config"

	"github.com/alecthomas/kong"
)

func main() {
	// The second signal kills: whoever asks twice does not want to wait.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(tool(ctx, os.Args[1:], outside{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}))
}

// outside is what a command touches of the process.
type outside struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
}

// Exit codes.
const (
	exitOK    = 0
	exitWrong = 1 // something is wrong, and has been said
	exitUsage = 2
)

// exited is an error that has been said, or needs no words: only its code is
// left to pass on.
type exited int

func (e exited) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// tool does what args say and returns the exit code.
func tool(ctx context.Context, args []string, o outside) int {
	var c commands
	parser, err := kong.New(&c,
		kong.Name("copydesk"),
		kong.Description("One clean feed per topic, from many publishers, each story once."),
		kong.Writers(o.out, o.err),
		kong.Vars{"version": version()},
		kong.Exit(func(code int) { panic(exited(code)) }), // --help and --version end here
	)
	if err != nil {
		panic(err) // the struct below is wrong: no user can do anything
	}
	return finish(func() error {
		k, err := parser.Parse(args)
		if err != nil {
			fmt.Fprintf(o.err, "copydesk: %v\nTry `%s --help`.\n", err, asked(err))
			return exited(exitUsage)
		}
		k.BindTo(ctx, (*context.Context)(nil))
		return k.Run(o, &c)
	}, o.err)
}

// asked is the command whose help says how to write what was written wrongly.
func asked(err error) string {
	if wrong, ok := errors.AsType[*kong.ParseError](err); ok {
		if command := wrong.Context.Selected(); command != nil {
			return "copydesk " + command.Name
		}
	}
	return "copydesk"
}

// finish runs do and turns what comes of it into an exit code.
func finish(do func() error, stderr io.Writer) (exit int) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exited:
			exit = int(p)
		default:
			panic(p)
		}
	}()
	err := do()
	if code, ok := errors.AsType[exited](err); ok {
		return int(code)
	}
	if wrong, ok := errors.AsType[config.Errors](err); ok {
		fmt.Fprintln(stderr, wrong) // as they are: editors and terminals follow FILE:LINE:COLUMN
		return exitWrong
	}
	if err != nil {
		fmt.Fprintf(stderr, "copydesk: %v\n", err)
		return exitWrong
	}
	return exitOK
}

// version is the module's version, as the Go command recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
