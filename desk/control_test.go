package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"copydesk"
	"copydesk/config"
	"copydesk/publish"

	"github.com/google/go-cmp/cmp"
)

// outcome is what a command printed, and how it ended.
type outcome struct {
	Out, Err string
	Exit     int
	Failed   bool
}

// over asks the daemon behind socket.
func over(t *testing.T, socket string, cmd Command) (outcome, error) {
	t.Helper()
	var out, errs bytes.Buffer
	exit, err := ask(t.Context(), socket, cmd, Streams{Out: &out, Err: &errs})
	return outcome{out.String(), errs.String(), exit, err != nil}, err
}

// socketPath is a path that is short enough for a socket, as t.TempDir need not
// be.
func socketPath(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "desk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return filepath.Join(folder, "control.sock")
}

// serveControl serves h on a control socket until the test ends.
func serveControl(t *testing.T, path string, h http.Handler) {
	t.Helper()
	l, err := listenControl(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- publish.Serve(ctx, l, h, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// frames answers every command with what write writes.
func frames(write func(f *framer)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		write(&framer{w: w})
	})
}

func exits(f *framer, code int) { f.send(frame{Exit: &code}) }

// openDesk opens a desk on a new store with one source, which is asked through
// transport.
func openDesk(t *testing.T, transport http.RoundTripper) (*Desk, config.Config) {
	t.Helper()
	c := config.Config{
		Server: config.Server{BaseURL: "http://feeds.example"},
		Store:  config.Store{Path: filepath.Join(t.TempDir(), "copydesk.db")},
		Topics: []copydesk.Topic{{ID: "asia", Title: "Asia", Limit: 10}},
		Sources: []copydesk.Settings{{
			ID: "wire", URL: "http://wire.example/feed", Topics: []copydesk.TopicID{"asia"},
		}},
	}
	d, err := Open(t.Context(), c, World{Version: "test", Log: slog.New(slog.DiscardHandler), Transport: transport}, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d, c
}

func TestTheDaemonAnswersWithWhatTheCommandWouldHavePrintedItself(t *testing.T) {
	d, _ := openDesk(t, nil)
	socket := socketPath(t)
	serveControl(t, socket, d.controlHandler(t.Context()))
	for _, cmd := range []Command{
		{Name: "sources"},
		{Name: "status", JSON: true},
		{Name: "topic", Topic: "asia", Format: "json"},
		{Name: "topic", Topic: "aisa", Format: "atom"},
		{Name: "stories", Limit: 5},
		{Name: "explain", URL: "http://wire.example/none"},
		{Name: "nonsense"},
	} {
		got, err := over(t, socket, cmd)
		if err != nil {
			t.Errorf("%s: %v", cmd.Name, err)
		}
		var out, errs bytes.Buffer
		want := outcome{Exit: d.Do(t.Context(), cmd, Streams{Out: &out, Err: &errs})}
		want.Out, want.Err = out.String(), errs.String()
		if diff := cmp.Diff(want, got); diff != "" || want.Out+want.Err == "" {
			t.Errorf("%+v (-itself +daemon):\n%s", cmd, diff)
		}
	}
}

func TestFramesCarryOutputByteForByteInOrderAndTheExitCode(t *testing.T) {
	socket := socketPath(t)
	long := strings.Repeat("ü", 300_000)
	serveControl(t, socket, frames(func(f *framer) {
		out, errs := f.to(false), f.to(true)
		fmt.Fprint(errs, "1/2\n")
		fmt.Fprint(out, "a \xc3") // a letter in two writes
		fmt.Fprint(out, "\xbc\x00 b\n")
		fmt.Fprint(errs, "2/2\n")
		fmt.Fprint(out, long)
		exits(f, 7)
	}))
	got, err := over(t, socket, Command{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(outcome{Out: "a ü\x00 b\n" + long, Err: "1/2\n2/2\n", Exit: 7}, got); diff != "" {
		t.Errorf("(-sent +relayed):\n%s", diff)
	}
}

func TestOutputIsRelayedWhileTheCommandIsStillAtWork(t *testing.T) {
	socket := socketPath(t)
	heard := make(chan struct{})
	serveControl(t, socket, frames(func(f *framer) {
		fmt.Fprint(f.to(true), "1/2\n")
		<-heard // for ever, if the frame is held back
		exits(f, 0)
	}))
	errs := writerFunc(func(p []byte) (int, error) {
		if len(p) > 0 {
			close(heard)
		}
		return len(p), nil
	})
	if exit, err := ask(t.Context(), socket, Command{}, Streams{Out: io.Discard, Err: errs}); exit != 0 || err != nil {
		t.Errorf("exit %d, %v", exit, err)
	}
}

func TestADaemonThatGoesAwayWithinACommandIsAnError(t *testing.T) {
	for name, end := range map[string]func(f *framer){
		"cut off": func(*framer) { panic(http.ErrAbortHandler) },
		"no exit": func(*framer) {},
	} {
		socket := socketPath(t)
		serveControl(t, socket, frames(func(f *framer) {
			fmt.Fprint(f.to(false), "half of it")
			end(f)
		}))
		got, err := over(t, socket, Command{Name: "sources"})
		if err == nil || !strings.Contains(err.Error(), "went away") || errors.Is(err, errNobody) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(outcome{Out: "half of it", Exit: 1, Failed: true}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestNobodyAnswersWhereNoDaemonListens(t *testing.T) {
	empty, letter, stale := socketPath(t), socketPath(t), socketPath(t)
	if err := os.WriteFile(letter, []byte("Dear daemon"), 0o600); err != nil {
		t.Fatal(err)
	}
	leaveSocket(t, stale)
	for name, path := range map[string]string{"no file": empty, "a file": letter, "below a file": letter + "/x", "a left-over socket": stale} {
		if _, err := over(t, path, Command{Name: "sources"}); !errors.Is(err, errNobody) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// leaveSocket leaves at path what a killed daemon leaves.
func leaveSocket(t *testing.T, path string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Fatalf("no socket was left: %v", err)
	}
}

func TestALeftOverSocketIsTakenOver(t *testing.T) {
	socket := socketPath(t)
	leaveSocket(t, socket)
	serveControl(t, socket, frames(func(f *framer) { exits(f, 3) }))
	if got, err := over(t, socket, Command{}); err != nil || got.Exit != 3 {
		t.Errorf("exit %d, %v", got.Exit, err)
	}
}

func TestALeftOverSocketOfThePublicFaceIsTakenOverUnlessSomebodyAnswers(t *testing.T) {
	socket := socketPath(t)
	leaveSocket(t, socket)
	c := config.Config{Server: config.Server{Listen: "unix:" + socket}}
	first, err := World{}.open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer first.close()
	second, err := World{}.open(c)
	if !errors.Is(err, syscall.EADDRINUSE) {
		second.close()
		t.Errorf("a second daemon listens there: %v", err)
	}
}

func TestTheControlSocketIsOpenToItsOwnerOnly(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0)) // whatever the shell says
	socket := socketPath(t)
	l, err := listenControl(socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o", got)
	}
}

func TestWhatStandsInTheWayOfTheControlSocketStays(t *testing.T) {
	path := socketPath(t)
	if err := os.WriteFile(path, []byte("Dear daemon"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := listenControl(path)
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "[server] control") {
		t.Errorf("not said where, or what to do: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "Dear daemon" {
		t.Errorf("it holds %q, %v", text, err)
	}
}

func TestWhatIsNoCommandIsABadRequest(t *testing.T) {
	d, _ := openDesk(t, nil)
	socket := socketPath(t)
	serveControl(t, socket, d.controlHandler(t.Context()))
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	for body, want := range map[string]int{
		`{"name": "sources"`:    http.StatusBadRequest,
		`sources`:               http.StatusBadRequest,
		``:                      http.StatusBadRequest,
		`{"name": ["sources"]}`: http.StatusBadRequest,
		`{"name": "sources"}`:   http.StatusOK,
	} {
		answer, err := client.Post("http://copydesk"+controlPath, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s: %s, want %d", body, answer.Status, want)
		}
	}
}

func TestAnotherProgramOnTheSocketIsAnErrorThatNamesIt(t *testing.T) {
	socket := socketPath(t)
	serveControl(t, socket, http.NotFoundHandler())
	_, err := over(t, socket, Command{Name: "sources"})
	if err == nil || errors.Is(err, errNobody) || !strings.Contains(err.Error(), socket) || !strings.Contains(err.Error(), "404") {
		t.Errorf("error: %v", err)
	}
}

// hanging is publishers that never answer.
type hanging struct{ asked, left chan struct{} }

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	close(h.asked)
	<-r.Context().Done()
	close(h.left)
	return nil, r.Context().Err()
}

func TestACommandEndsWhenWhoAskedForItGoesAway(t *testing.T) {
	h := hanging{make(chan struct{}), make(chan struct{})}
	d, _ := openDesk(t, h)
	socket := socketPath(t)
	serveControl(t, socket, d.controlHandler(t.Context()))
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() {
		_, err := ask(ctx, socket, Command{Name: "poll"}, Streams{Out: io.Discard, Err: io.Discard})
		gone <- err
	}()
	<-h.asked
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller is told: %v", err)
	}
	<-h.left // for ever, if the daemon goes on asking
	src, err := d.store.Source(t.Context(), "wire")
	if err != nil || !src.LastPoll.IsZero() {
		t.Errorf("a poll that was dropped was settled: %v, %v", src.LastPoll, err)
	}
}
