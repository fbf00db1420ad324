package fetcher

import (
	"context"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"copydesk"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Host returns the unit of politeness of an address, for which somebody in
// particular pays: its registrable domain by the public suffix list with its
// private section (so alice.github.io and bob.github.io are two), in lower case
// and ASCII, or its IP address. The port does not count. An address that has no
// host is its own unit.
func Host(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return rawURL
	}
	return hostOf(u)
}

func hostOf(u *url.URL) string {
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.Unmap().WithZone("").String()
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		if ascii, err := idna.Lookup.ToASCII(name); err == nil {
			name = ascii
		}
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return domain
	}
	return name // "localhost", or a public suffix itself
}

// gate lets one request at a time through to each host, in the order in which
// they came, and the next one only after the gap; none to a host that wants to
// be left alone. It remembers a host only while it is busy, its gap lasts or its
// stop does.
type gate struct {
	gap   time.Duration
	mu    sync.Mutex // never held while waiting
	hosts map[string]*turn
	stops map[string]time.Time
}

// turn is the queue at one host, whose head may go when its channel is closed.
type turn struct{ waiting []chan struct{} }

func newGate(gap time.Duration) *gate {
	return &gate{gap: gap, hosts: make(map[string]*turn), stops: make(map[string]time.Time)}
}

// enter waits for the host's turn. Its error is ctx's, or [*Stopped] where
// whoever wishes wants to be left alone, the host or one at it; otherwise leave
// must be called once, when the request is over. Who insists goes in whatever
// they wish. Whoever has to wait is told so by parked, which may be nil and says
// whether to wait; else the error is a [*Refusal].
func (g *gate) enter(ctx context.Context, host, whoever string, insist bool, parked func() bool) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := g.stopped(whoever); err != nil && !insist {
		return nil, err
	}
	if err := g.wait(ctx, host, parked); err != nil {
		return nil, err
	}
	if err := g.stopped(whoever); err != nil && !insist { // since, by whoever went before
		g.pass(host)
		return nil, err
	}
	return func() { g.leave(host) }, nil
}

// mostWaiting is how many may wait at one host to which redirects lead. With the usual gap
// the last of them waits for most of an hour, and where the host hangs for a morning.
const mostWaiting = 1024

func tooMany(host string) *Refusal {
	return refuse("redirected to %s, where too many wait already", host)
}

// wait waits until the host is the caller's.
func (g *gate) wait(ctx context.Context, host string, parked func() bool) error {
	g.mu.Lock()
	t, busy := g.hosts[host]
	if !busy {
		g.hosts[host] = &turn{}
		g.mu.Unlock()
		return nil
	}
	if parked != nil && len(t.waiting) >= mostWaiting {
		g.mu.Unlock()
		return tooMany(host)
	}
	mine := make(chan struct{})
	t.waiting = append(t.waiting, mine)
	g.mu.Unlock()
	if parked != nil && !parked() {
		g.giveUp(host, mine)
		return tooMany(host)
	}

	select {
	case <-mine:
		return nil
	case <-ctx.Done():
		g.giveUp(host, mine)
		return ctx.Err()
	}
}

// rest keeps a host that nobody asks from being asked before a time.
func (g *gate) rest(host string, until time.Time) {
	wait := time.Until(until)
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, busy := g.hosts[host]; busy || wait <= 0 {
		return
	}
	g.hosts[host] = &turn{}
	time.AfterFunc(wait, func() { g.pass(host) })
}

// stop keeps a host from being asked before a time. The later of two stops holds.
func (g *gate) stop(s copydesk.HostStop) {
	now := time.Now()
	s = Lasting(s, now)
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.DeleteFunc(g.stops, func(_ string, until time.Time) bool { return !until.After(now) })
	if s.Until.After(now) && s.Until.After(g.stops[s.Host]) {
		g.stops[s.Host] = s.Until
	}
}

// stopped returns a [*Stopped] for a host that wants to be left alone.
func (g *gate) stopped(host string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := g.stops[host]; until.After(time.Now()) {
		return &Stopped{Host: host, Until: until}
	}
	return nil
}

// leave ends a request; the host stays busy for the gap.
func (g *gate) leave(host string) {
	if g.gap <= 0 {
		g.pass(host)
		return
	}
	time.AfterFunc(g.gap, func() { g.pass(host) })
}

// pass gives the turn to whoever has waited longest, or forgets the host.
func (g *gate) pass(host string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.hosts[host]
	if len(t.waiting) == 0 {
		delete(g.hosts, host)
		return
	}
	close(t.waiting[0])
	t.waiting = t.waiting[1:]
}

// giveUp takes a waiter out of the queue. If it was given the turn in that very
// moment, the next one has it, and without a gap since there was no request.
func (g *gate) giveUp(host string, mine chan struct{}) {
	g.mu.Lock()
	t := g.hosts[host]
	i := -1
	if t != nil {
		i = slices.Index(t.waiting, mine)
	}
	if i >= 0 {
		t.waiting = slices.Delete(t.waiting, i, i+1)
	}
	g.mu.Unlock()
	if i < 0 {
		g.pass(host)
	}
}
