package fetcher

import (
	"cmp"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"copydesk"
)

// Stopped is why a host was not asked: it has answered 429 and its time is not
// over.
type Stopped struct {
	Host  string
	Until time.Time
}

func (s *Stopped) Error() string {
	return s.Host + " asked to be left alone until " + s.Until.Local().Format(time.DateTime) + " (429)"
}

// heed is for how long a host that answers 429 is stopped until its answer is
// settled, which says for how long it is.
const heed = time.Minute

// heeded is the stop that an answer asks for at once, before anybody judges it.
func heeded(a *Answer, u *url.URL) copydesk.HostStop {
	if a.Status != http.StatusTooManyRequests || isPrivate(a.Remote, u.String()) {
		return copydesk.HostStop{}
	}
	return copydesk.HostStop{Host: hostOf(u), Until: time.Now().Add(heed)}
}

// heedCallback is for how long a subscriber is stopped at the most: whoever wants
// no more can say so.
const heedCallback = time.Hour

// heededCall is the stop that the answer to a call asks for. No source keeps it,
// and nobody judges it later: it is as long as the answer says.
func (c *Client) heededCall(a *Answer, u *url.URL) copydesk.HostStop {
	stop := heeded(a, u)
	if stop.Host == "" {
		return stop
	}
	now := time.Now()
	wait := askedFor(a.Header, now)
	if c.callbacks {
		wait = min(wait, heedCallback)
	}
	if until := now.Add(wait); until.After(stop.Until) {
		stop.Until = until
	}
	stop.Host = c.stopUnit(u)
	return stop
}

// stopUnit is who is left alone when an address answers 429: all of its domain,
// or of callbacks those at its name.
func (c *Client) stopUnit(u *url.URL) string {
	if c.callbacks {
		return strings.ToLower(u.Hostname())
	}
	return hostOf(u)
}

// hostStop is what an answer says to all sources of its host: 429 is about the
// client, where 503 is about the feed. A private address is not stopped: many
// services of one machine share it, and the next one has done nothing.
func hostStop(src copydesk.Source, a Answer, o copydesk.Outcome, p Policy, now time.Time) copydesk.HostStop {
	if a.Err != nil || a.Status != http.StatusTooManyRequests {
		return copydesk.HostStop{}
	}
	at := cmp.Or(answered(src, a), src.URL)
	if isPrivate(a.Remote, at) {
		return copydesk.HostStop{}
	}
	wait := min(bounded(o.NotBefore.Sub(now)), p.LongestStop)
	if o.NotBefore.IsZero() {
		wait = patience(src, o, p).wait
	}
	return copydesk.HostStop{Host: Host(at), Until: now.Add(wait)}
}

// orLasting is a stop that an answer asks for; if none, the one that src has
// while it lasts, unless its host is who answered.
func orLasting(stop copydesk.HostStop, src copydesk.Source, a Answer, now time.Time) copydesk.HostStop {
	ended := a.Err == nil && Host(cmp.Or(answered(src, a), src.URL)) == src.Stop.Host
	if stop.Host != "" || ended || !src.Stop.Until.After(now) {
		return stop
	}
	return src.Stop
}

// Lasting is a stop as it holds at now: one that is kept for longer than any can
// be was noted by a clock that was ahead.
func Lasting(s copydesk.HostStop, now time.Time) copydesk.HostStop {
	if latest := now.Add(longestWish); s.Until.After(latest) {
		s.Until = latest
	}
	return s
}

// isPrivate reports whether an answer came from the operator's own network:
// from the address that it came from, else by the name that was asked.
func isPrivate(remote netip.Addr, rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if addr, err := netip.ParseAddr(name); err == nil && !remote.IsValid() {
		remote = addr
	}
	if remote.IsValid() {
		remote = remote.Unmap()
		return remote.IsPrivate() || remote.IsLoopback() || remote.IsLinkLocalUnicast() || shared.Contains(remote)
	}
	if !strings.Contains(name, ".") {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".internal", ".lan", ".home.arpa"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// shared is the address space behind carriers' translators (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// Inside reports whether an address, as it is written, is of the operator's own
// network: a private or loopback address, or a name for one.
func Inside(address string) bool { return isPrivate(netip.Addr{}, address) }
