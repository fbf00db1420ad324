package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience bounds everything that a script waits for.
const patience = 60 * time.Second

// daemon is `copydesk run`, or `copydesk demo`, as a process. It prints into
// daemon.out and daemon.log of its script's folder.
type daemon struct {
	cmd     *exec.Cmd
	ended   chan struct{} // closed when it has
	err     error         // of its end
	folder  string
	address string // http://HOST:PORT, once it is known
}

// passed are the variables of a script that processes see which our verbs start.
var passed = []string{"PATH", "HOME", "TMPDIR", "GORACE", "GOCOVERDIR", "COPYDESK_CONFIG", "PAID_PASSWORD", "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "NOTIFY_SOCKET"}

func environ(ts *testscript.TestScript) (env []string) {
	for _, name := range passed {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}

// startDaemon starts `copydesk args` and returns when it says that it is ready.
func startDaemon(ts *testscript.TestScript, args ...string) (*daemon, error) {
	d := &daemon{cmd: exec.Command("copydesk", args...), ended: make(chan struct{}), folder: on(ts).folder}
	d.cmd.Dir, d.cmd.Env = ts.MkAbs("."), environ(ts)
	out, err := os.Create(filepath.Join(d.folder, "daemon.out"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	log, err := os.Create(filepath.Join(d.folder, "daemon.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	d.cmd.Stdout, d.cmd.Stderr = out, log
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		d.err = d.cmd.Wait()
		close(d.ended)
	}()
	return d, within(patience, d.ready)
}

// said is where the daemon tells its address: run in its log, demo on paper.
var said = regexp.MustCompile(`(?:msg="copydesk is running".* listen=|Open in a browser: +http://)([0-9.]+:[0-9]+)`)

// ready reports whether the daemon says that it can serve.
func (d *daemon) ready() error {
	select {
	case <-d.ended:
		return over{fmt.Errorf("the daemon ended (%v):\n%s", d.err, d.printed())}
	default:
	}
	found := said.FindStringSubmatch(d.printed())
	if found == nil {
		return fmt.Errorf("the daemon did not say where it listens:\n%s", d.printed())
	}
	d.address = "http://" + found[1]
	answer, err := http.Get(d.address + "/readyz")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New("readyz: " + answer.Status)
	}
	return nil
}

// printed is all that the daemon has said so far.
func (d *daemon) printed() (all string) {
	for _, name := range []string{"daemon.out", "daemon.log"} {
		text, _ := os.ReadFile(filepath.Join(d.folder, name))
		all += string(text)
	}
	return all
}

// stop asks the daemon to end, and wants it to do so with exit code 0.
func (d *daemon) stop(how os.Signal) error {
	if err := d.cmd.Process.Signal(how); err != nil {
		return err
	}
	select {
	case <-d.ended:
	case <-time.After(patience):
		return errors.New("the daemon does not stop")
	}
	if d.err != nil {
		return fmt.Errorf("the daemon ended with %v:\n%s", d.err, d.printed())
	}
	return nil
}

// kill ends what a failed script left behind.
func (d *daemon) kill() {
	if d == nil {
		return
	}
	d.cmd.Process.Kill()
	<-d.ended
}

// over is an error that no waiting helps against.
type over struct{ error }

// within tries until it works, at most for so long, and returns the last error.
func within(limit time.Duration, try func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := try()
		if _, hopeless := errors.AsType[over](err); err == nil || hopeless || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

var signals = map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}

// manager is the service manager of a script: it takes down what it is told.
type manager struct {
	socket *net.UnixConn
	ended  chan struct{}
}

// openManager listens at path and copies each notification to a line of file.
func openManager(path, file string) (*manager, error) {
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	m := &manager{socket: socket, ended: make(chan struct{})}
	go func() {
		defer close(m.ended)
		for buffer := make([]byte, 4096); ; {
			n, err := socket.Read(buffer)
			if err != nil {
				return
			}
			f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				return
			}
			f.Write(append(buffer[:n], '\n'))
			f.Close()
		}
	}()
	return m, nil
}

func (m *manager) close() {
	m.socket.Close()
	<-m.ended
}
