package fetcher

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// guard decides at dial time, after name resolution and for every hop, which
// addresses may be connected to. So neither a feed nor a redirect nor a name
// that changes its address can make us ask the operator's own network.
type guard struct {
	allowed []pair
	public  *ssrf.Guardian
}

// neverFeeds are services whose protocols can be abused through HTTP requests
// and that are no publisher's.
var neverFeeds = []uint16{22, 25, 465, 587}

func newGuard(allow []string) (*guard, error) {
	g := &guard{public: ssrf.New(ssrf.WithAnyPort())}
	for _, s := range allow {
		p, err := parsePair(s)
		if err != nil {
			return nil, err
		}
		g.allowed = append(g.allowed, p)
	}
	return g, nil
}

// control is for [net.Dialer.Control].
func (g *guard) control(network, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return refuse("address %s is not an IP address with a port", address)
	}
	target = netip.AddrPortFrom(target.Addr().Unmap().WithZone(""), target.Port())
	return g.check(network, target)
}

func (g *guard) check(network string, target netip.AddrPort) error {
	if slices.ContainsFunc(g.allowed, func(p pair) bool { return p.holds(target) }) {
		return nil
	}
	if err := g.public.Safe(network, target.String(), nil); err != nil {
		return refuse("address %s is private: add %q to [poll] allow if it is meant", target.Addr(), target)
	}
	if slices.Contains(neverFeeds, target.Port()) {
		return refuse("port %d is not one where feeds are: add %q to [poll] allow if it is meant", target.Port(), target)
	}
	return nil
}

// pair is an allowed target: the addresses of a prefix, at one port or any.
type pair struct {
	prefix netip.Prefix
	port   uint16 // zero: any
}

func (p pair) holds(target netip.AddrPort) bool {
	return p.prefix.Contains(target.Addr()) && (p.port == 0 || p.port == target.Port())
}

// parsePair reads PREFIX:PORT; an IPv6 prefix stands in brackets, a port of
// "*" is any.
func parsePair(s string) (pair, error) {
	wrong := func(why string) (pair, error) {
		return pair{}, fmt.Errorf(`allow %q: %s; write PREFIX:PORT, such as "127.0.1.0/24:8900", "[fd00::/8]:80" or "10.0.0.5:*"`, s, why)
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return wrong("the port is missing")
	}
	address, port := s[:i], s[i+1:]
	inner, bracketed := strings.CutPrefix(address, "[")
	if bracketed {
		if inner, bracketed = strings.CutSuffix(inner, "]"); !bracketed {
			return wrong("a bracket or the port is missing")
		}
	}
	prefix, err := parsePrefix(inner)
	switch {
	case err != nil:
		return wrong("not an IP address or prefix")
	case prefix.Addr().Is4In6():
		return wrong("an IPv4 address in IPv6 form")
	case prefix.Addr().Is6() && !bracketed:
		return wrong("an IPv6 prefix stands in brackets")
	case prefix.Addr().Is4() && bracketed:
		return wrong("an IPv4 prefix stands without brackets")
	}
	if port == "*" {
		return pair{prefix: prefix}, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return wrong(`the port is not a number from 1 to 65535, nor "*"`)
	}
	return pair{prefix, uint16(n)}, nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		return netip.ParsePrefix(s)
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.WithZone("").Prefix(a.BitLen())
}
