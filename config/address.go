package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// unixPrefix marks an address to listen at as the path of a unix socket.
const unixPrefix = "unix:"

// Network returns what [net.Listen] wants to know of Listen or Admin.
func Network(listen string) (network, address string) {
	if path, ok := strings.CutPrefix(listen, unixPrefix); ok {
		return "unix", path
	}
	return "tcp", listen
}

func checkListen(s string) flaw {
	const hint = `write "127.0.0.1:8480", "[::1]:8480" or "unix:/run/copydesk/http.sock"`
	if path, ok := strings.CutPrefix(s, unixPrefix); ok {
		return checkSocket(path)
	}
	if filepath.IsAbs(s) {
		return flaw{"is no address", `for a unix socket write "` + unixPrefix + s + `"`}
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil || !isHost(host) {
		return flaw{"is no address to listen at", hint}
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return flaw{"has no port between 0 and 65535", hint}
	}
	return flaw{}
}

func checkSocket(path string) flaw {
	switch {
	case !filepath.IsAbs(path):
		return flaw{"has no absolute path", `write "unix:/run/copydesk/http.sock"`}
	case len(path) > maxSocket:
		return flaw{"is too long for a socket", "choose a path of at most " + strconv.Itoa(maxSocket) + " bytes"}
	}
	return flaw{}
}

// isHost reports whether s can be listened at: nothing, an address, or what
// looks like a name.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
	}) < 0
}

// reachable reports whether an address in a feed could begin with listen: a
// socket, "all interfaces" and one interface of this machine (a zone) could not.
func reachable(listen string) bool {
	if strings.HasPrefix(listen, unixPrefix) {
		return false
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil || host == "" {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.IsUnspecified() && ip.Zone() == ""
}

// checkWebURL says what is wrong with an absolute http(s) address.
func checkWebURL(s string) flaw {
	const hint = `write "https://host/path"`
	switch {
	case s == "":
		return flaw{"is empty", hint}
	case strings.ContainsAny(s, " \t\r\n"):
		return flaw{"has a space in it", "write %20 for a space that belongs to the address"}
	case !strings.Contains(s, "://") && strings.HasPrefix(s, "http"):
		return flaw{"is no web address", hint}
	case !strings.Contains(s, "://"):
		return flaw{"has no scheme", `write "https://` + strings.TrimLeft(withheld(s), "/") + `"?`}
	}
	u, err := url.Parse(s)
	if err != nil {
		if parse, ok := errors.AsType[*url.Error](err); ok {
			err = parse.Err
		}
		if withheld(s) != s { // a part of which it may quote
			return flaw{"is no web address", hint}
		}
		return flaw{"is no web address: " + err.Error(), hint}
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return flaw{"has the scheme " + u.Scheme, "write https:// or http://"}
	case u.Hostname() == "":
		return flaw{"names no host", hint}
	case u.Port() != "" && !isPort(u.Port()):
		return flaw{"has no port between 1 and 65535", hint}
	}
	return flaw{}
}

// withheld returns s without the user and password that it holds if it is an
// address, or was meant to be one: what stands before the last "@" of its
// authority (RFC 3986, section 3.2). Where it cannot be read, a password may have
// in it what ends an authority.
func withheld(s string) string {
	scheme, rest, absolute := strings.Cut(s, "://")
	if absolute {
		scheme += "://"
	} else {
		scheme, rest = "", strings.TrimLeft(s, "/")
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	at := strings.LastIndexByte(authority, '@')
	if _, err := url.Parse(s); at < 0 && err != nil && strings.Contains(authority, ":") {
		at = strings.LastIndexByte(rest, '@')
	}
	if at < 0 || !absolute && !strings.Contains(rest[:at], ":") { // a mail address
		return s
	}
	return scheme + "xxxxx" + rest[at:]
}

func checkBaseURL(s string) flaw {
	if f := checkWebURL(s); f.message != "" {
		return f
	}
	if strings.ContainsAny(s, "?#") {
		return flaw{"has a query or a fragment", "end it at the host or a path"}
	}
	if u, err := url.Parse(s); err == nil && u.User != nil {
		return flaw{"has a user in it", "subscribers would all see it; take it out"}
	}
	return flaw{}
}

// sameURL returns the form of an address by which two sources are the same: how
// the scheme and host are spelled does not matter, nor does a fragment, which is
// never sent (RFC 3986, section 6.2).
func sameURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch {
	case u.Scheme == "http":
		u.Host = strings.TrimSuffix(u.Host, ":80")
	case u.Scheme == "https":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}

// checkAllow says what is wrong with a pair of a private prefix and a port.
func checkAllow(s string) flaw {
	const hint = `write "10.0.0.5:8080", "127.0.1.0/24:8900", "[fd00::/8]:80" or "10.0.0.5:*"`
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return flaw{"has no port", hint}
	}
	prefix, port := s[:i], s[i+1:]
	if strings.Count(s, ":") > 1 && (!strings.HasPrefix(prefix, "[") || !strings.HasSuffix(prefix, "]")) {
		return flaw{"needs brackets and a port", hint}
	}
	if port != "*" && !isPort(port) {
		return flaw{"has no port between 1 and 65535", hint}
	}
	return checkPrefix(strings.TrimSuffix(strings.TrimPrefix(prefix, "["), "]"), hint)
}

// checkPrefix refuses host bits: who writes 10.0.0.5/8 rarely means the whole of
// 10.0.0.0/8, and this key opens a guard.
func checkPrefix(s, hint string) flaw {
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		address, err := netip.ParseAddr(s)
		if err != nil || address.Zone() != "" {
			return flaw{"names no address or prefix", hint}
		}
		prefix = netip.PrefixFrom(address, address.BitLen())
	}
	switch {
	case prefix.Addr().Is4In6():
		return flaw{"is an IPv4 address in an IPv6 one", "write " + prefix.Addr().Unmap().String()}
	case prefix != prefix.Masked():
		return flaw{"has bits set beyond its prefix", "is " + prefix.Masked().String() + " meant, or " + prefix.Addr().String() + "?"}
	}
	return flaw{}
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}
