package fetcher

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"copydesk"
)

// Access is what a publisher wants to see before it answers, and the way there.
type Access struct {
	// Header goes with each request to the source's own address, and to nobody
	// else: not to where a redirect leads on another host or port.
	Header http.Header

	// Proxy is the address of a proxy, empty for none. It looks names up
	// itself, so the guard sees a private address only where one is written.
	Proxy string
}

// Basic is the value of Authorization for a user (RFC 7617).
func Basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// proxies are the ways through proxies, each made when it is first needed.
type proxies struct {
	fixed  bool // there is one way for everything, which is not ours
	limits Limits
	mu     sync.Mutex
	all    map[string]*http.Transport
}

// way is the transport for a request to u.
func (c *Client) way(proxy string, u *url.URL) (http.RoundTripper, error) {
	if proxy == "" || c.proxies.fixed {
		return c.transport, nil
	}
	at, err := url.Parse(proxy)
	if err != nil {
		return nil, refuse("the proxy's address cannot be read")
	}
	if err := c.throughProxy(u); err != nil {
		return nil, err
	}
	p := &c.proxies
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all[proxy] == nil {
		t := newTransport(nil, p.limits) // the operator named the proxy: it may be anywhere
		t.Proxy = http.ProxyURL(at)
		p.all[proxy] = t
	}
	return p.all[proxy], nil
}

// throughProxy guards what can be guarded of a request that somebody else
// dials: an address that is written as such, and names of the house. An address
// in another spelling, such as 127.1 or 0x7f.0.0.1, is none to us, but is one to
// many who look names up; no publisher's looks like that.
func (c *Client) throughProxy(u *url.URL) error {
	name := strings.TrimRight(u.Hostname(), ".")
	if addr, err := netip.ParseAddr(name); err == nil {
		addr = addr.Unmap().WithZone("")
		network := "tcp6" // as a dialler would say
		if addr.Is4() {
			network = "tcp4"
		}
		n, _ := strconv.ParseUint(port(u), 10, 16)
		return c.guard.check(network, netip.AddrPortFrom(addr, uint16(n)))
	}
	if endsInNumber(name) {
		return refuse("the name %s could be read as a private address, and a proxy is not asked for such", u.Hostname())
	}
	if isPrivate(netip.Addr{}, u.String()) {
		return refuse("the name %s is private, and a proxy is not asked for such", u.Hostname())
	}
	return nil
}

// endsInNumber reports whether a name can be taken for an IPv4 address (WHATWG
// URL, "ends in a number"): no top-level domain is a number.
func endsInNumber(name string) bool {
	last := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	return strings.HasPrefix(last, "0x") || last != "" && strings.Trim(last, "0123456789") == ""
}

func (p *proxies) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.all {
		t.CloseIdleConnections()
	}
}

// restricted reports whether requests for src show more than an address: then
// the source's own is asked each time, since what is shown belongs there.
func restricted(src copydesk.Source, a Access) bool {
	u, err := url.Parse(src.URL)
	return src.Secret || len(a.Header) > 0 || err != nil || u.User != nil
}
