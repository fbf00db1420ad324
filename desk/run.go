package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"copydesk/config"
	"copydesk/fetcher"
	"copydesk/publish"

	"golang.org/x/sync/errgroup"
)

// Run runs the daemon until ctx is done, and returns when everything that it
// began has ended: polls in flight are settled or dropped whole, requests in
// flight are answered, the store is closed. A clean end is nil.
func Run(ctx context.Context, c config.Config, w World) (err error) {
	// What can be in the way comes first, so that it is found before a store is
	// created.
	if err := freeControl(c.Server.Control); err != nil {
		return err
	}
	doors, err := w.open(c)
	if err != nil {
		return err
	}
	defer doors.close()
	d, err := Open(ctx, c, w, w.LockTime)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	control, err := listenControl(c.Server.Control)
	if err != nil {
		return err
	}
	if err := d.press(ctx); err != nil { // nobody is served before there is something to serve
		return errors.Join(err, closeListener(control))
	}
	return d.run(ctx, c, doors, control)
}

func (d *Desk) run(ctx context.Context, c config.Config, doors doors, control net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.poller.Run(ctx) })
	g.Go(func() error { return d.groupLoop(ctx) })
	g.Go(func() error { return d.pressLoop(ctx) })
	g.Go(func() error { return d.expireLoop(ctx) })
	g.Go(func() error { return d.subscribeLoop(ctx) })
	g.Go(func() error { return d.pushLoop(ctx) })
	g.Go(func() error { return d.seekLoop(ctx) })
	d.outlet.run(ctx, g)
	g.Go(func() error { return d.searchLoop(ctx, c.Search.Path) })
	g.Go(func() error { return d.reloadLoop(ctx) })
	g.Go(func() error {
		return publish.Serve(ctx, doors.public, d.counters.count(d.publicHandler()), d.log)
	})
	if doors.admin != nil {
		g.Go(func() error { return publish.Serve(ctx, doors.admin, d.adminHandler(), d.log) })
	}
	if control != nil {
		g.Go(func() error { return publish.Serve(ctx, control, d.controlHandler(ctx), d.log) })
	}
	if m := d.world.Manager; m != nil {
		g.Go(func() error { return m.Watch(ctx, d.alive) })
		g.Go(func() error { return d.announce(ctx, m) })
	}
	d.log.Info("copydesk is running", "version", d.world.Version, "listen", doors.public.Addr().String(), "store", c.Store.Path)
	err := g.Wait()
	d.log.Info("copydesk has stopped")
	return err
}

// publicHandler is what everybody can reach: editions, and what WebSub needs.
func (d *Desk) publicHandler() http.Handler {
	callback, found, face := fetcher.NewCallback(d), publish.NewSearch(finder{d}, d.site), publish.NewHandler(d.shelf, library{d}, d.site, d.nextPoll, d.alive, d.ready)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch { // no ServeMux, which redirects paths that are not clean
		case strings.HasPrefix(r.URL.Path, fetcher.CallbackPath):
			callback.ServeHTTP(w, r)
		case r.URL.Path == publish.HubPath && d.outlet.hub != nil:
			d.outlet.hub.ServeHTTP(w, r)
		case publish.IsSearch(r.URL.Path):
			found.ServeHTTP(w, r)
		default:
			face.ServeHTTP(w, r)
		}
	})
}

// announce tells the service manager when we are ready and when we stop.
func (d *Desk) announce(ctx context.Context, m Manager) error {
	if err := m.Ready(); err != nil {
		d.log.Warn("service manager not told", "err", err)
	}
	<-ctx.Done()
	if err := m.Stopping(); err != nil {
		d.log.Warn("service manager not told", "err", err)
	}
	return nil
}

// doors are the listeners that the outside world knows.
type doors struct {
	public, admin net.Listener
}

func (w World) open(c config.Config) (d doors, err error) {
	listen := w.Listen
	if listen == nil {
		listen = net.Listen
	}
	if d.public, err = openDoor(listen, "listen", c.Server.Listen); err != nil {
		return d, err
	}
	if c.Server.Admin == "" {
		return d, nil
	}
	if d.admin, err = openDoor(listen, "admin", c.Server.Admin); err != nil {
		d.close()
	}
	return d, err
}

// openDoor listens at the address that a key of [server] names.
func openDoor(listen func(network, address string) (net.Listener, error), key, address string) (net.Listener, error) {
	network, place := config.Network(address)
	if network == "unix" {
		removeStale(place)
	}
	l, err := listen(network, place)
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w ([server] %s)", address, listenHint(err), key)
	}
	return l, nil
}

// listenHint leaves out what net says of the address, which stands before it,
// and adds what to do.
func listenHint(err error) error {
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: another program, or another copydesk, listens there; stop it, or choose another address", err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%w: this machine does not have it; choose one that it has", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: choose a port above 1023, or a place where this user may write", err)
	}
	return err
}

// removeStale removes a socket that nobody answers on: it is left over from a
// process that was killed, and would keep the next one from listening there.
func removeStale(path string) {
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
	}
	if info, statErr := os.Lstat(path); statErr == nil && info.Mode().Type() == fs.ModeSocket && errors.Is(err, syscall.ECONNREFUSED) {
		os.Remove(path)
	}
}

func (d doors) close() {
	closeListener(d.public)
	closeListener(d.admin)
}

func closeListener(l net.Listener) error {
	if l == nil {
		return nil
	}
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// reloadLoop reads the configuration again when asked to. A configuration that
// is wrong changes nothing: the last good one stays in force.
func (d *Desk) reloadLoop(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.world.Reload:
		}
		if m := d.world.Manager; m != nil {
			if err := m.Reloading(); err != nil {
				d.log.Warn("service manager not told", "err", err)
			}
		}
		if err := d.reload(ctx); err != nil {
			d.log.Error("configuration not reloaded, the last good one stays", "err", err)
		}
		if m := d.world.Manager; m != nil {
			if err := m.Ready(); err != nil {
				d.log.Warn("service manager not told", "err", err)
			}
		}
	}
}

func (d *Desk) reload(ctx context.Context) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	c, err := d.world.Load()
	if err != nil {
		return err
	}
	old := d.now.Load().config
	if err := d.adopt(ctx, c); err != nil {
		return err
	}
	d.poller.Reload()
	d.log.Info("configuration reloaded", "sources", len(c.Sources), "topics", len(c.Topics))
	for _, key := range needRestart(old, c) {
		d.log.Warn("this setting changes at the next start", "key", key)
	}
	return nil
}

// needRestart names the settings that differ and are only read at the start.
func needRestart(old, c config.Config) (keys []string) {
	for _, k := range []struct {
		name      string
		old, next any
	}{
		{"server.listen", old.Server.Listen, c.Server.Listen},
		{"server.admin", old.Server.Admin, c.Server.Admin},
		{"server.base_url", old.Server.BaseURL, c.Server.BaseURL},
		{"server.hub", old.Server.Hub, c.Server.Hub},
		{"server.control", old.Server.Control, c.Server.Control},
		{"store.path", old.Store.Path, c.Store.Path},
		{"search.path", old.Search.Path, c.Search.Path},
		{"poll.contact", old.Poll.Contact, c.Poll.Contact},
		{"poll.host_gap", old.Poll.HostGap, c.Poll.HostGap},
		{"poll.allow", fmt.Sprint(old.Poll.Allow), fmt.Sprint(c.Poll.Allow)},
	} {
		if k.old != k.next {
			keys = append(keys, k.name)
		}
	}
	return keys
}

// Retention looks for what is too old soon after the start, since a daemon that
// is started anew each day would else never get to it, and then now and again.
// The numbers bound what one transaction removes.
const (
	expireSoon   = time.Minute
	expireEvery  = 6 * time.Hour
	expireAtOnce = 200    // stories
	trimAtOnce   = 10_000 // lines of the change log
)

// expireLoop removes what retention no longer keeps.
func (d *Desk) expireLoop(ctx context.Context) error {
	next := time.NewTimer(expireSoon)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		}
		if err := d.expire(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("expire: %w", err)
		}
		next.Reset(expireEvery)
	}
}

func (d *Desk) expire(ctx context.Context) error {
	d.grouping.Lock()
	defer d.grouping.Unlock()
	defer d.pulses.expire.begin()()
	if err := d.forget(ctx, time.Now()); err != nil {
		return err
	}
	keep := d.now.Load().config.Store.Retention
	if keep == 0 {
		return nil
	}
	for ctx.Err() == nil {
		now := time.Now()
		gone, touched, err := d.store.Expire(ctx, now.Add(-keep), now, expireAtOnce)
		if err != nil {
			return err
		}
		if gone == 0 {
			break
		}
		d.changed.add(touched...)
		d.log.Info("entries expired", "entries", gone)
		d.pulses.expire.beat()
	}
	return d.trim(ctx, keep)
}

// trim removes what the change log has from before that.
func (d *Desk) trim(ctx context.Context, keep time.Duration) error {
	for ctx.Err() == nil {
		gone, err := d.store.Trim(ctx, time.Now().Add(-keep), trimAtOnce)
		if err != nil || gone < trimAtOnce {
			return err
		}
		d.pulses.expire.beat()
	}
	return nil
}
