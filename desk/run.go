package desk

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"copydesk/config"
	"copydesk/fetcher/websub"
	"copydesk/publish"
	"copydesk/publish/hub"

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
	callback, found, face := websub.NewCallback(d), publish.NewSearch(finder{d}, d.site), publish.NewHandler(d.shelf, library{d}, d.site, d.nextPoll, d.alive, d.ready)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch { // no ServeMux, which redirects paths that are not clean
		case strings.HasPrefix(r.URL.Path, websub.Path):
			callback.ServeHTTP(w, r)
		case r.URL.Path == hub.Path && d.outlet.hub != nil:
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
