//go:build unix

package systemd

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// manager is a service manager: it keeps every notice that reaches its socket.
type manager struct {
	socket  *net.UnixConn
	notices chan string
}

func newManager(t *testing.T) *manager {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd") // short: a socket's path holds about 100 bytes, and t.TempDir has the test's name in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	address := &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"}
	socket, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		t.Fatal(err)
	}
	m := &manager{socket: socket, notices: make(chan string, 1000)}
	go m.read() // ends when the socket is closed
	t.Cleanup(func() {
		socket.Close()
		for range m.notices { // until read has ended
		}
	})
	t.Setenv("NOTIFY_SOCKET", address.Name)
	return m
}

func (m *manager) read() {
	defer close(m.notices)
	for buf := make([]byte, 4096); ; {
		n, err := m.socket.Read(buf)
		if err != nil {
			return
		}
		m.notices <- string(buf[:n])
	}
}

// heard are the notices so far. One of its own marks the end: a unix socket
// keeps the order of its datagrams.
func (m *manager) heard(t *testing.T) (notices []string) {
	t.Helper()
	const end = "X_END=1"
	if err := NewNotifier().send("end", end); err != nil {
		t.Fatal(err)
	}
	for notice := range m.notices {
		if notice == end {
			break
		}
		notices = append(notices, notice)
	}
	return notices
}

// withWatchdog is the environment that WatchdogSec makes (sd_watchdog_enabled(3)).
func withWatchdog(t *testing.T, limit time.Duration) {
	t.Setenv("WATCHDOG_USEC", strconv.FormatInt(limit.Microseconds(), 10))
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
}

func watchFor(t *testing.T, d time.Duration, alive func() error) (err error) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		err = NewNotifier().Watch(ctx, alive)
	})
	return err
}

func TestTheServiceManagerHearsWhatTheDaemonDoes(t *testing.T) {
	m, n := newManager(t), NewNotifier()
	for _, notify := range []func() error{n.Ready, func() error { return n.Status("polls 20 sources") }, n.Stopping} {
		if err := notify(); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"READY=1", "STATUS=polls 20 sources", "STOPPING=1"}
	if diff := cmp.Diff(want, m.heard(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAReloadSaysWhenItBegan(t *testing.T) {
	m := newManager(t)
	if err := NewNotifier().Reloading(); err != nil {
		t.Fatal(err)
	}
	heard := m.heard(t)
	if len(heard) != 1 || !strings.HasPrefix(heard[0], "RELOADING=1\nMONOTONIC_USEC=") {
		t.Errorf("heard %q, want one RELOADING with its time", heard)
	}
}

func TestAStatusIsOneLineAndOneNotice(t *testing.T) {
	m := newManager(t)
	if err := NewNotifier().Status("broken\nREADY=1\r\nbytes \xff"); err != nil {
		t.Fatal(err)
	}
	want := []string{"STATUS=broken READY=1 bytes ?"}
	if diff := cmp.Diff(want, m.heard(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithoutAServiceManagerNothingHappens(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	n := NewNotifier()
	if err := errors.Join(n.Ready(), n.Reloading(), n.Status("x"), n.Stopping()); err != nil {
		t.Error(err)
	}
}

func TestANoticeThatDoesNotArriveIsAnError(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	if err := NewNotifier().Ready(); err == nil || !strings.Contains(err.Error(), "(ready)") {
		t.Errorf("got %v, want an error that names the notice", err)
	}
}

func TestWatchPingsAtHalfOfTheWatchdogsTime(t *testing.T) {
	m := newManager(t)
	withWatchdog(t, 60*time.Second)
	if err := watchFor(t, 95*time.Second, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	want := []string{"WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"} // at 0, 30, 60 and 90 seconds
	if diff := cmp.Diff(want, m.heard(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADaemonThatIsNotAliveDoesNotPingAndSaysWhy(t *testing.T) {
	m := newManager(t)
	withWatchdog(t, 60*time.Second)
	turns := []error{nil, errors.New("the store does not answer"), nil, nil}
	err := watchFor(t, 95*time.Second, func() (now error) {
		now, turns = turns[0], turns[1:]
		return now
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"WATCHDOG=1", "STATUS=not alive: the store does not answer", "WATCHDOG=1\nSTATUS=alive again", "WATCHDOG=1"}
	if diff := cmp.Diff(want, m.heard(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADaemonThatHangsDoesNotPing(t *testing.T) {
	m := newManager(t)
	withWatchdog(t, 60*time.Second)
	hang := func() error {
		time.Sleep(time.Hour)
		if heard := m.heard(t); len(heard) > 0 {
			t.Errorf("heard %q while the daemon hung", heard)
		}
		return nil
	}
	if err := watchFor(t, 30*time.Minute, hang); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutAWatchdogWatchReturnsAtOnce(t *testing.T) {
	ask := func() error { t.Error("asked whether it is alive"); return nil }
	t.Run("none is asked for", func(t *testing.T) {
		t.Setenv("WATCHDOG_USEC", "")
		if err := NewNotifier().Watch(t.Context(), ask); err != nil {
			t.Error(err)
		}
	})
	t.Run("it watches another process", func(t *testing.T) {
		withWatchdog(t, time.Minute)
		t.Setenv("WATCHDOG_PID", "1")
		if err := NewNotifier().Watch(t.Context(), ask); err != nil {
			t.Error(err)
		}
	})
	t.Run("its time is no number", func(t *testing.T) {
		t.Setenv("WATCHDOG_USEC", "soon")
		if err := NewNotifier().Watch(t.Context(), ask); err == nil {
			t.Error("no error")
		}
	})
}

func TestWatchReportsThatItsLastPingDidNotArrive(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	withWatchdog(t, 60*time.Second)
	if err := watchFor(t, time.Minute, func() error { return nil }); err == nil {
		t.Error("no error")
	}
}
