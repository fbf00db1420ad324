package desk_test

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
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"copydesk/config"
	"copydesk/db"
	"copydesk/desk"
	"copydesk/search"
)

// world is everything around the daemon, and the daemon while it runs: one at a
// time, like processes on a machine. It lives in a synctest bubble; nothing in
// it may wait for the world outside.
type world struct {
	publishers *publishers
	hubs       hubs
	readers    readers
	log        io.Writer
	level      slog.Level                                  // of what is logged
	asked      func(*http.Request) (*http.Response, error) // takes the place of publishers, if not nil
	folder     string                                      // for stores
	store      string                                      // path of the one in use
	stores     int                                         // that there were
	index      func(path string) (desk.Index, error)

	text   string          // of copydesk.toml, as it now is
	config config.Config   // as last read
	known  map[string]bool // addresses that a configuration ever named

	running *process
	crash   crash
}

// process is one life of the daemon.
type process struct {
	stop   context.CancelFunc
	ended  chan error
	public *pipes
	admin  *pipes
	reload chan os.Signal
	dead   atomic.Bool // it crashed: nothing that it does from now on is seen
}

// The points at which a daemon can be made to crash, each between two writes.
const (
	fetched  = "fetched"  // the document is there, nothing of it is stored
	settled  = "settled"  // its entries are stored, no story has them
	grouping = "grouping" // a story is being made, its transaction open
)

// crash waits for a process to reach a point.
type crash struct {
	mu       sync.Mutex
	point    string      // armed; empty if none
	happened chan string // path of the store as it then was
}

// restartAfter is how long a service manager waits after a crash.
const restartAfter = 5 * time.Second

func newWorld(folder, text string, log io.Writer) *world {
	w := &world{publishers: newPublishers(), log: log, level: slog.LevelDebug, folder: folder, text: text, known: map[string]bool{}}
	w.hubs.all = map[string]*hub{}
	w.readers.all = map[string]*pushReader{}
	w.crash.happened = make(chan string, 1)
	w.store = w.newStore()
	w.index = func(string) (desk.Index, error) { return search.NewMemory(), nil } // a disk that forgets
	return w
}

func (w *world) newStore() string {
	w.stores++
	return filepath.Join(w.folder, fmt.Sprintf("store-%d.db", w.stores))
}

// load reads the configuration as the daemon would, but that the store lies in
// the test's folder and that there is no control socket: a bubble has none.
func (w *world) load() (config.Config, error) {
	c, err := config.Parse("copydesk.toml", []byte(w.text), func(string) string { return "" }, desk.Meaning())
	if err != nil {
		return c, err
	}
	for _, src := range c.Sources {
		w.known[src.URL] = true
	}
	c.Server.Control, c.Store.Path = "", w.store
	if !strings.Contains(w.text, "[search]") { // most have nothing to search for
		c.Search.Path = ""
	}
	w.config = c
	return c, nil
}

// start begins a process on the store, and returns when it has nothing to do
// for the moment.
func (w *world) start() error {
	if w.running != nil {
		return errors.New("the daemon runs already")
	}
	c, err := w.load()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	p := &process{stop: stop, ended: make(chan error, 1), public: newPipes(c.Server.Listen), admin: newPipes(c.Server.Admin), reload: make(chan os.Signal, 1)}
	outside := desk.World{
		Version: "test",
		Log:     slog.New(watcher{slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: w.level}), w, p}),
		Listen: func(_, address string) (net.Listener, error) {
			if address == p.public.address {
				return p.public, nil
			}
			return p.admin, nil
		},
		Transport: line{w, p},
		Reload:    p.reload,
		OpenIndex: w.index,
		Load:      w.load,
	}
	w.running = p
	go func() { p.ended <- desk.Run(ctx, c, outside) }()
	synctest.Wait()
	select {
	case err := <-p.ended:
		w.running = nil
		stop()
		return fmt.Errorf("the daemon ended by itself: %w", err)
	default:
		return nil
	}
}

// stop ends the process, waits for it, and sees that it left a sound store.
func (w *world) stop() error {
	p := w.running
	if p == nil {
		return errors.New("the daemon does not run")
	}
	w.running = nil
	p.stop()
	if err := <-p.ended; err != nil {
		return fmt.Errorf("the daemon ended: %w", err)
	}
	return check(w.store)
}

// arm makes the process crash when it next reaches the point.
func (w *world) arm(point string) {
	w.crash.mu.Lock()
	defer w.crash.mu.Unlock()
	w.crash.point = point
}

// reached is called by p whenever it is at a point. A crash is a copy of the
// store's bytes: what a killed process leaves behind. What p does from now on it
// does to nobody, until it is stopped. Scripts that crash have one source, so
// that nothing else is being written while the copy is made.
func (w *world) reached(point string, p *process) {
	w.crash.mu.Lock()
	defer w.crash.mu.Unlock()
	if w.crash.point != point || p.dead.Load() {
		return
	}
	p.dead.Store(true)
	w.crash.point = ""
	w.crash.happened <- w.copyStore()
}

// copyStore copies the store's file as it is now. It must be called when nobody
// writes to it.
func (w *world) copyStore() (path string) {
	path = w.newStore()
	text, err := os.ReadFile(w.store)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		panic(err) // a disk of this machine; no test could go on
	}
	return path
}

// until sleeps to a time and lets everything happen that is due by then. A
// daemon that crashes meanwhile is started again by its service manager.
func (w *world) until(at time.Time) error {
	for {
		select {
		case store := <-w.crash.happened:
			if err := w.comeBack(store); err != nil {
				return fmt.Errorf("after the crash: %w", err)
			}
		case <-time.After(time.Until(at)):
			synctest.Wait()
			if len(w.crash.happened) == 0 {
				return nil
			}
		}
	}
}

// comeBack buries a process that crashed, and starts a new one on what it left.
func (w *world) comeBack(store string) error {
	if err := w.stop(); err != nil { // on the old store, which nobody will see again
		return err
	}
	w.store = store
	if err := check(w.store); err != nil {
		return err
	}
	time.Sleep(restartAfter)
	return w.start()
}

// check sees that no index of a store disagrees with its data.
func check(path string) error {
	store, err := db.Open(path, db.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = store.Check(context.Background())
	if err != nil {
		err = fmt.Errorf("the store is not sound: %w", err)
	}
	return errors.Join(err, store.Close())
}

// ask has a command done on a copy of the store, since one process holds the
// store itself.
func (w *world) ask(cmd desk.Command) ([]byte, error) {
	c := w.config
	c.Store.Path = w.copyStore()
	return w.command(c, cmd)
}

// command has a command done on the store that c names.
func (w *world) command(c config.Config, cmd desk.Command) ([]byte, error) {
	var out, trouble bytes.Buffer
	exit, err := desk.Ask(context.Background(), c, desk.World{Log: slog.New(slog.DiscardHandler)}, cmd, desk.Streams{Out: &out, Err: &trouble})
	if err == nil && exit != 0 {
		err = fmt.Errorf("exit %d: %s", exit, &trouble)
	}
	return out.Bytes(), err
}

// line is a process's way to the publishers.
type line struct {
	*world
	process *process
}

// RoundTrip makes line an [http.RoundTripper].
func (l line) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.process.dead.Load() {
		return nil, errors.New("this process has crashed")
	}
	if l.asked != nil {
		return l.asked(r)
	}
	if resp, isHub := l.take(r); isHub {
		return resp, nil
	}
	if resp, isReader := l.readers.take(r); isReader {
		return resp, nil
	}
	if l.asked != nil {
		return l.asked(r)
	}
	return l.publishers.ask(r, func() { l.reached(fetched, l.process) })
}

// watcher is a process's log, by which the world sees where it is.
type watcher struct {
	slog.Handler
	world   *world
	process *process
}

// Handle writes a record, and takes it as the sign that a point was reached.
func (h watcher) Handle(ctx context.Context, r slog.Record) error {
	switch r.Message {
	case "poll brought changes": // logged between settling and waking the grouping
		h.world.reached(settled, h.process)
	case "entry grouped": // logged within the transaction
		h.world.reached(grouping, h.process)
	}
	if h.process.dead.Load() {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup keep what they return a watcher.
func (h watcher) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.Handler = h.Handler.WithAttrs(attrs)
	return h
}

func (h watcher) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	return h
}
