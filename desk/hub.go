package desk

import (
	"context"
	"errors"
	"time"

	"copydesk/config"
	"copydesk/fetcher"
	"copydesk/publish"
	"copydesk/publish/hub"

	"golang.org/x/sync/errgroup"
)

// hubOf is the address of the hub that editions name, empty for none: our own
// only where the configuration says what others call us.
func hubOf(s config.Server) string {
	switch {
	case s.Hub == config.HubOff, s.Hub == "" && !s.Named:
		return ""
	case s.Hub != "":
		return s.Hub
	}
	return s.BaseURL + hub.Path
}

// Limits of a letter. A subscriber that needs longer is tried again later.
const (
	letterHeaders = 10 * time.Second
	letterTotal   = 20 * time.Second
	letterHops    = 5
)

// courier carries what hubs send, by a client of its own: what goes to
// subscribers does not wait for publishers that are at the same host.
type courier struct{ client *fetcher.Client }

// newCourier returns a courier. Whoever can reach the hub can name a callback:
// what [poll] allow opens for publishers is open to callbacks only of a house
// that stands in the own network itself.
func newCourier(c config.Config, w World) (courier, error) {
	var allow []string
	if fetcher.Inside(c.Server.BaseURL) {
		allow = c.Poll.Allow
	}
	client, err := fetcher.NewClient(fetcher.Options{
		UserAgent: UserAgent(w.Version, c.Poll.Contact),
		Allow:     allow,
		Transport: w.Transport,
		Limits:    fetcher.Limits{ToHeaders: letterHeaders, Total: letterTotal},
		Callbacks: true,
	})
	return courier{client}, err
}

// Send is part of [hub.Courier].
func (c courier) Send(ctx context.Context, l hub.Letter) (status int, body []byte, err error) {
	call := fetcher.Call{Method: l.Method, URL: l.URL, Header: l.Header, Body: l.Body}
	if l.Follow {
		call.Hops = letterHops
	}
	r := c.client.Call(ctx, call)
	if stop, ok := errors.AsType[*fetcher.Stopped](r.Err); ok {
		r.Err = &hub.NotAsked{Until: stop.Until}
	}
	return r.Status, r.Body, r.Err
}

// Host is part of [hub.Courier].
func (c courier) Host(address string) string { return fetcher.Host(address) }

// outlet is how news of editions leaves the house: our hub, or another one that
// is told. Where editions name no hub it has neither.
type outlet struct {
	courier courier
	hub     *hub.Hub
	pinger  *hub.Pinger
}

// newOutlet makes the outlet of an open desk. It starts nothing.
func (d *Desk) newOutlet(c config.Config) (o outlet, err error) {
	switch {
	case d.site.Hub == "":
		return o, nil
	case c.Server.Hub != "": // it is a host like those of publishers, and has their rules
		o.pinger = hub.NewPinger(d.site.Hub, courier{d.client}, d.log)
		return o, nil
	}
	if o.courier, err = newCourier(c, d.world); err != nil {
		return o, err
	}
	o.hub = hub.New(d.site, d.shelf, d.store, o.courier, d.log)
	return o, nil
}

func (o outlet) run(ctx context.Context, g *errgroup.Group) {
	if o.hub != nil {
		g.Go(func() error { return o.hub.Run(ctx) })
	}
	if o.pinger != nil {
		g.Go(func() error { return o.pinger.Run(ctx) })
	}
}

func (o outlet) close() {
	if o.courier.client != nil {
		o.courier.client.Close()
	}
}

// putOnShelf offers editions, and lets the hub know. What a process before
// this one has put there is no news.
func (d *Desk) putOnShelf(issue *publish.Issue, editions map[publish.Format]*publish.Pressed) error {
	before := map[publish.Format]*publish.Pressed{}
	for f := range editions {
		before[f], _ = d.shelf.Get(issue.Topic, f)
	}
	if err := d.shelf.Publish(issue, editions); err != nil {
		return err
	}
	if d.outlet.hub != nil {
		d.outlet.hub.Changed()
	}
	if d.outlet.pinger == nil || issue.Private {
		return nil
	}
	for _, f := range publish.Formats() {
		old, p := before[f], editions[f]
		news := old != nil && old.Hash() != p.Hash() || old == nil && !p.LastModified().Before(d.up.Truncate(time.Second))
		if news && f != publish.Page {
			d.outlet.pinger.Changed(d.site.Address(issue.Topic, f))
		}
	}
	return nil
}
