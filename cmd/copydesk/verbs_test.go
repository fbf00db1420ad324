package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"copydesk"
	"copydesk/db"

	"github.com/rogpeppe/go-internal/testscript"
	"go.etcd.io/bbolt"
)

// verb is a command of our scripts. What it prints is stdout and stderr of the
// script; its error fails it.
type verb func(ts *testscript.TestScript, args []string) error

// The verbs, beside those that testscript has itself:
//
//	publish NAME FILE ['HEADER: VALUE']…  serve FILE at http://$ADDR/NAME from now on
//	answer NAME STATUS ['HEADER: VALUE']… answer so instead from now on
//	hang NAME                             never answer from now on
//	awaited NAME                          somebody must have asked NAME
//	asked NAME                            print how often NAME was asked, and how
//	agents NAME                           print how those who asked introduced themselves
//	shown NAME HEADER                     print that header of who asked NAME last
//	daemon start [COMMAND ARG…]           start copydesk run, or COMMAND, and wait until it is ready
//	daemon stop [SIGNAL]                  stop it (TERM); it must exit with 0
//	daemon hup                            tell it to reload
//	hold                                  begin the part of a store script that runs in both modes
//	serve                                 begin the part of a store script that needs the daemon in either mode
//	storyid                               set $STORY to the story's id in the JSON on stdout
//	get ADDRESS [PATTERN]                 print the body, and status and headers on stderr; PATTERN must match the body
//	log [-count=N] PATTERN                the daemon's log must match, in N lines
//	noticed PATTERN                       what the service manager was told must match
//	eventually VERB ARG…                  try until it works, for a minute at most
//	exits CODE COMMAND ARG…               run it; it must exit with CODE
//	nobody CODE COMMAND ARG…              the same, as a user without rights if we are root
//	fields                                print the fields of the JSON on stdout, one a line, sorted
//	wellformed                            stdout must be one well-formed document, XML or JSON
//	subscribe FILE                        all addresses of feeds in FILE must lead to well-formed documents
//	sound FILE                            the store must be one, with every index agreeing with the data
//	held FILE                             another process must have the lock of FILE
//	empty FOLDER                          it must be
//	lock FILE                             take the lock of FILE, as another process would
//	foreign FILE                          make FILE a database of another program
//	moved FILE SOURCE URL                 make SOURCE in the store FILE one that has been redirecting to URL for a week
//	socket FILE                           leave a socket behind that nobody listens at
func verbs() map[string]func(*testscript.TestScript, bool, []string) {
	all := map[string]verb{
		"publish": doPublish, "answer": doAnswer, "hang": doHang, "asked": doAsked, "agents": doAgents, "shown": doShown,
		"daemon": doDaemon, "hold": doHold, "serve": doServe, "storyid": doStoryID, "get": doGet, "log": doLog, "noticed": doNoticed, "exits": doExits, "nobody": doNobody,
		"fields": doFields, "wellformed": doWellformed, "subscribe": doSubscribe,
		"sound": doSound, "held": doHeld, "empty": doEmpty, "awaited": doAwaited, "lock": doLock, "foreign": doForeign, "socket": doSocket,
		"moved": doMoved,
	}
	all["eventually"] = func(ts *testscript.TestScript, args []string) error {
		v, ok := all[args[0]]
		if !ok {
			return fmt.Errorf("no verb: %s", args)
		}
		return within(patience, func() error { return v(ts, args[1:]) })
	}
	cmds := map[string]func(*testscript.TestScript, bool, []string){}
	for name, v := range all {
		cmds[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			switch err := v(ts, args); {
			case neg && err == nil:
				ts.Fatalf("%s: works, and should not", name)
			case !neg && err != nil:
				ts.Fatalf("%s: %v", name, err)
			}
		}
	}
	return cmds
}

func doPublish(ts *testscript.TestScript, args []string) error {
	body := ts.ReadFile(args[1])
	on(ts).news.change(args[0], func(p *publication) {
		p.body, p.kind, p.status, p.header = []byte(body), kindOf(args[1]), 0, args[2:]
	})
	return nil
}

func kindOf(file string) string {
	switch filepath.Ext(file) {
	case ".rss":
		return "application/rss+xml"
	case ".atom":
		return "application/atom+xml"
	}
	return "text/html; charset=utf-8"
}

func doAnswer(ts *testscript.TestScript, args []string) error {
	status, err := strconv.Atoi(args[1])
	on(ts).news.change(args[0], func(p *publication) { p.status, p.header = status, args[2:] })
	return err
}

func doHang(ts *testscript.TestScript, args []string) error {
	on(ts).news.change(args[0], func(p *publication) { p.hangs = true })
	return nil
}

func doAsked(ts *testscript.TestScript, args []string) error {
	on(ts).news.change(args[0], func(p *publication) {
		fmt.Fprintf(ts.Stdout(), "%d requests, %d answered 304\n", p.asked, p.matched)
	})
	return nil
}

func doAwaited(ts *testscript.TestScript, args []string) (err error) {
	on(ts).news.change(args[0], func(p *publication) {
		if p.asked == 0 {
			err = errors.New("nobody asked")
		}
	})
	return err
}

func doAgents(ts *testscript.TestScript, args []string) error {
	on(ts).news.change(args[0], func(p *publication) {
		for _, agent := range p.agents {
			fmt.Fprintln(ts.Stdout(), agent)
		}
	})
	return nil
}

func doShown(ts *testscript.TestScript, args []string) error {
	on(ts).news.change(args[0], func(p *publication) {
		fmt.Fprintln(ts.Stdout(), cmp.Or(p.shown.Get(args[1]), "nothing"))
	})
	return nil
}

func doDaemon(ts *testscript.TestScript, args []string) (err error) {
	s := on(ts)
	if args[0] == "start" {
		command := args[1:]
		if len(command) == 0 {
			command = []string{"run"}
		}
		s.daemon, err = startDaemon(ts, command...)
		return err
	}
	if s.daemon == nil {
		return errors.New("no daemon runs")
	}
	switch args[0] {
	case "hup":
		return s.daemon.cmd.Process.Signal(syscall.SIGHUP)
	case "stop":
		name := append(args, "TERM")[1]
		err = s.daemon.stop(signals[name])
		s.daemon = nil
		return err
	}
	return fmt.Errorf("unknown: %s", args[0])
}

// doHold makes the store of ./copydesk.toml what the mode says: held by a daemon,
// so that a command that tried to open it would fail, or held by nobody.
func doHold(ts *testscript.TestScript, _ []string) error {
	s := on(ts)
	if s.mode == attended {
		if err := doDaemon(ts, []string{"start"}); err != nil {
			return err
		}
	}
	if held := doHeld(ts, []string{"copydesk.db"}); (held == nil) != (s.mode == attended) {
		return fmt.Errorf("mode %s, but of the lock: %v", s.mode, held)
	}
	return nil
}

func doServe(ts *testscript.TestScript, _ []string) error {
	if on(ts).daemon != nil {
		return nil
	}
	return doDaemon(ts, []string{"start"})
}

func doStoryID(ts *testscript.TestScript, _ []string) error {
	id := regexp.MustCompile(`urn:uuid:[0-9a-f-]{36}`).FindString(ts.ReadFile("stdout"))
	if id == "" {
		return errors.New("there is none")
	}
	ts.Setenv("STORY", id)
	return nil
}

// doHeld tries the lock that bbolt takes for reading.
func doHeld(ts *testscript.TestScript, args []string) error {
	f, err := os.Open(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	defer f.Close()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil
	}
	return fmt.Errorf("nobody holds %s (%v)", args[0], err)
}

func doEmpty(ts *testscript.TestScript, args []string) error {
	files, err := os.ReadDir(ts.MkAbs(args[0]))
	if err == nil && len(files) > 0 {
		return fmt.Errorf("%s holds %s", args[0], files[0].Name())
	}
	return err
}

func doGet(ts *testscript.TestScript, args []string) error {
	address := args[0]
	if s := on(ts); s.daemon != nil && strings.HasPrefix(address, "/") {
		address = s.daemon.address + address
	}
	answer, err := plain.Get(address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if len(args) > 1 && !matches(args[1], body) {
		return fmt.Errorf("%s: %s, and nothing matches %q:\n%.2000s", address, answer.Status, args[1], body)
	}
	ts.Stdout().Write(body)
	fmt.Fprintln(ts.Stderr(), answer.Status)
	for _, name := range slices.Sorted(maps.Keys(answer.Header)) {
		fmt.Fprintf(ts.Stderr(), "%s: %s\n", name, answer.Header.Get(name))
	}
	return nil
}

// plain is a client that follows no redirect, so that scripts see it.
var plain = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func matches(pattern string, text []byte) bool { return count(pattern, text) > 0 }

func count(pattern string, text []byte) int {
	return len(regexp.MustCompile("(?m)"+pattern).FindAll(text, -1))
}

func doLog(ts *testscript.TestScript, args []string) error {
	text, err := os.ReadFile(filepath.Join(on(ts).folder, "daemon.log"))
	if err != nil {
		return err
	}
	found := count(args[len(args)-1], text)
	if found == 0 || len(args) > 1 && args[0] != "-count="+strconv.Itoa(found) {
		return fmt.Errorf("the log matches %q %d times:\n%s", args, found, text)
	}
	return nil
}

func doNoticed(ts *testscript.TestScript, args []string) error {
	text, err := os.ReadFile(filepath.Join(on(ts).folder, "notices"))
	if err == nil && !matches(args[0], text) {
		return fmt.Errorf("nothing matches %q:\n%s", args[0], text)
	}
	return err
}

func doExits(ts *testscript.TestScript, args []string) error {
	return exitedWith(args[0], ts.Exec(args[1], args[2:]...))
}

// exitedWith reports whether err is that of a process that exited with code.
func exitedWith(code string, err error) error {
	got := "0"
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		return err
	}
	if got != code {
		return fmt.Errorf("exit code %s, want %s", got, code)
	}
	return nil
}

func doNobody(ts *testscript.TestScript, args []string) error {
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), environ(ts)
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	if os.Geteuid() == 0 {
		// Folders on the way that testscript made for itself only.
		for _, folder := range []string{on(ts).folder, filepath.Dir(on(ts).folder), filepath.Dir(cmd.Path), filepath.Dir(filepath.Dir(cmd.Path))} {
			if err := os.Chmod(folder, 0o755); err != nil {
				return err
			}
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	return exitedWith(args[0], cmd.Run())
}

func doFields(ts *testscript.TestScript, _ []string) error {
	var v any
	if err := json.Unmarshal([]byte(ts.ReadFile("stdout")), &v); err != nil {
		return err
	}
	seen := map[string]bool{}
	fieldsOf(v, "", seen)
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		fmt.Fprintln(ts.Stdout(), name)
	}
	return nil
}

// fieldsOf notes the paths of all fields within v: "topics[].id".
func fieldsOf(v any, path string, seen map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			fieldsOf(element, path+"[]", seen)
		}
	case map[string]any:
		for name, value := range v {
			name = strings.TrimPrefix(path+"."+name, ".")
			seen[name] = true
			fieldsOf(value, name, seen)
		}
	}
}

func doWellformed(ts *testscript.TestScript, _ []string) error {
	return wellformed([]byte(ts.ReadFile("stdout")))
}

func wellformed(body []byte) error {
	if bytes.HasPrefix(body, []byte("{")) {
		return json.Unmarshal(body, new(any))
	}
	elements := 0
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := d.Token()
		if err == io.EOF && elements > 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
}

// doSubscribe looks for the addresses of feeds: a topic's, in all its formats,
// and the sample publishers' own.
func doSubscribe(ts *testscript.TestScript, args []string) error {
	found := regexp.MustCompile(`http://\S+/\S+`).FindAllString(ts.ReadFile(args[0]), -1)
	var addresses []string
	for _, address := range found {
		addresses = append(addresses, address)
		if short, ok := strings.CutSuffix(address, ".atom"); ok {
			addresses = append(addresses, short+".rss", short+".json")
		}
	}
	for _, address := range addresses {
		answer, err := plain.Get(address)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err := cmp.Or(err, wellformed(body)); err != nil {
			return fmt.Errorf("%s: %w", address, err)
		}
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", address, answer.Status)
		}
		fmt.Fprintln(ts.Stdout(), address)
	}
	return nil
}

func doSound(ts *testscript.TestScript, args []string) error {
	store, err := db.Open(ts.MkAbs(args[0]), db.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer store.Close()
	return store.Check(context.Background())
}

func doLock(ts *testscript.TestScript, args []string) error {
	f, err := os.Open(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	ts.Defer(func() { f.Close() })
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

func doForeign(ts *testscript.TestScript, args []string) error {
	other, err := bbolt.Open(ts.MkAbs(args[0]), 0o600, nil)
	if err != nil {
		return err
	}
	defer other.Close()
	return other.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("of another program"))
		return err
	})
}

func doMoved(ts *testscript.TestScript, args []string) error {
	ctx := context.Background()
	store, err := db.Open(ts.MkAbs(args[0]), db.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	src, err := store.Source(ctx, copydesk.SourceID(args[1]))
	if err != nil {
		return err
	}
	now := time.Now()
	src.Move = copydesk.Move{To: args[2], First: now.AddDate(0, 0, -8), Last: now, Times: 9, Asked: now}
	return store.Settle(ctx, db.Settlement{Source: src})
}

func doSocket(ts *testscript.TestScript, args []string) error {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	return syscall.Bind(fd, &syscall.SockaddrUnix{Name: ts.MkAbs(args[0])})
}
