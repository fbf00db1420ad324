package desk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// The control socket is HTTP on a unix socket that only its owner can open. A
// command goes in as one JSON document; what it prints comes back as it is
// printed, in frames, one JSON document a line, the last with its exit code.

// frame is a piece of a command's output. The pieces are bytes, which need not
// be text by themselves: a write can end within a letter.
type frame struct {
	Out  []byte `json:"out,omitempty"`
	Err  []byte `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

const controlPath = "/command"

// listenControl opens the socket at path. A socket that nobody answers on is
// left over from a process that was killed, and replaced: the caller holds the
// store's lock, so no other daemon can be alive. No path is no socket.
func listenControl(path string) (net.Listener, error) {
	if path == "" {
		return nil, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := freeControl(path); err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l, err := private.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", path, listenHint(err))
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), l.Close())
	}
	return l, nil
}

// private gives a socket its mode before it has a name, so that it is never open
// to others, not for an instant either. Where the system has no such thing, the
// chmod that follows must do.
var private = net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) { syscall.Fchmod(int(fd), 0o600) })
}}

// freeControl reports what else than a socket is at path.
func freeControl(path string) error {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("control socket %s: something else is there; move it away, or name another [server] control", path)
	}
	return nil
}

// controlHandler answers commands on the open store.
// They end when ctx does: a stopping daemon waits for nobody's slow publisher.
func (d *Desk) controlHandler(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+controlPath, func(w http.ResponseWriter, r *http.Request) {
		var cmd Command
		if err := json.NewDecoder(io.LimitReader(r.Body, 16<<20)).Decode(&cmd); err != nil {
			http.Error(w, "not a command: "+err.Error(), http.StatusBadRequest)
			return
		}
		// A command can take longer than a page may: a slow host is waited for.
		http.NewResponseController(w).SetWriteDeadline(time.Time{})
		frames := &framer{w: w}
		asked, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		exit := d.Do(asked, cmd, Streams{Out: frames.to(false), Err: frames.to(true)})
		frames.send(frame{Exit: &exit})
	})
	return mux
}

// framer writes frames, each at once.
type framer struct {
	mu sync.Mutex
	w  http.ResponseWriter
}

func (f *framer) send(fr frame) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := json.NewEncoder(f.w).Encode(fr); err != nil {
		return err
	}
	return http.NewResponseController(f.w).Flush()
}

func (f *framer) to(errs bool) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		fr := frame{Out: p}
		if errs {
			fr = frame{Err: p}
		}
		return len(p), f.send(fr)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// errNobody is what ask returns when no daemon answers on the socket.
var errNobody = errors.New("no daemon answers")

// ask has the daemon behind the socket do cmd, and relays what it prints.
func ask(ctx context.Context, socket string, cmd Command, s Streams) (exit int, err error) {
	body, err := json.Marshal(cmd)
	if err != nil {
		return 1, err
	}
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
		DisableKeepAlives: true,
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://copydesk"+controlPath, bytes.NewReader(body))
	if err != nil {
		return 1, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 1, unanswered(ctx, socket, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		reason, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return 1, fmt.Errorf("control socket %s: %s: %s", socket, resp.Status, bytes.TrimSpace(reason))
	}
	exit, err = relay(resp.Body, s)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("interrupted: %w", ctx.Err())
	}
	return exit, err
}

// unanswered says why a command did not reach the daemon: nobody listens, or we
// must not ask.
func unanswered(ctx context.Context, socket string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: %w", ctx.Err())
	}
	for _, nobody := range []error{fs.ErrNotExist, syscall.ENOTDIR, syscall.ECONNREFUSED} {
		if errors.Is(err, nobody) {
			return errNobody
		}
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w: run this command as the user that runs the daemon", err)
	}
	return fmt.Errorf("control socket %s: %w", socket, err)
}

// relay copies frames to the streams until the one with the exit code.
func relay(body io.Reader, s Streams) (exit int, err error) {
	frames := json.NewDecoder(bufio.NewReader(body))
	for {
		var f frame
		if err := frames.Decode(&f); err != nil {
			return 1, fmt.Errorf("control socket: the daemon went away before it had finished: %w", err)
		}
		if f.Exit != nil {
			return *f.Exit, nil
		}
		if _, err := s.Out.Write(f.Out); err != nil {
			return 1, err
		}
		if _, err := s.Err.Write(f.Err); err != nil {
			return 1, err
		}
	}
}
