package fetcher

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestPrivateAddressesAreRefusedUnlessAllowedWithTheirPort(t *testing.T) {
	g, err := newGuard([]string{"127.0.1.0/24:8900", "[fd00::/8]:80", "10.0.0.5:*", "8.8.8.8:25"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		target  string
		refusal string // empty: may be connected to
	}{
		{"93.184.215.14:80", ""},
		{"93.184.215.14:443", ""},
		{"93.184.215.14:8443", ""},
		{"[2606:4700::1111]:443", ""},
		{"93.184.215.14:22", `port 22 is not one where feeds are: add "93.184.215.14:22" to [poll] allow if it is meant`},
		{"93.184.215.14:25", "port 25"},
		{"93.184.215.14:465", "port 465"},
		{"[2606:4700::1111]:587", "port 587"},
		{"8.8.8.8:25", ""},

		{"127.0.0.1:80", `address 127.0.0.1 is private: add "127.0.0.1:80" to [poll] allow if it is meant`},
		{"127.0.1.7:8900", ""},
		{"127.0.1.7:8901", "private"},
		{"127.0.2.7:8900", "private"},
		{"10.0.0.5:6379", ""},
		{"10.0.0.6:6379", "private"},
		{"192.168.1.1:80", "private"},
		{"172.16.0.1:80", "private"},
		{"169.254.169.254:80", "private"},
		{"100.64.0.1:80", "private"},
		{"0.0.0.0:80", "private"},
		{"224.0.0.1:80", "private"},

		{"[::1]:80", `address ::1 is private: add "[::1]:80" to [poll] allow if it is meant`},
		{"[fd12::1]:80", ""},
		{"[fd12::1]:81", "private"},
		{"[fe80::1%eth0]:80", "private"},
		{"[64:ff9b::7f00:1]:80", "private"},
		{"[::ffff:127.0.0.1]:80", "private"},
		{"[::ffff:10.0.0.5]:6379", ""},
	} {
		network := "tcp4"
		if strings.HasPrefix(tt.target, "[") {
			network = "tcp6"
		}
		err := g.control(network, tt.target, nil)
		switch {
		case tt.refusal == "" && err != nil:
			t.Errorf("%s: %v", tt.target, err)
		case tt.refusal != "" && (err == nil || !strings.Contains(err.Error(), tt.refusal)):
			t.Errorf("%s: got %v, want %s", tt.target, err, tt.refusal)
		}
	}
	if err := g.control("udp4", "93.184.215.14:443", nil); err == nil {
		t.Error("anything but TCP must be refused")
	}
}

// The guard looks at what a name resolves to and at each hop, not at what an
// address says.
func TestTheGuardStandsBeforeEachConnection(t *testing.T) {
	inside := publisher(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) {
		t.Error("the inside was asked")
	})
	outside := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusFound)
	})
	port := netip.MustParseAddrPort(outside.Listener.Addr().String()).Port()
	c, err := NewClient(Options{Allow: []string{fmt.Sprintf("127.0.0.1:%d", port)}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	insidePort := netip.MustParseAddrPort(inside.Listener.Addr().String()).Port()
	for _, url := range []string{
		outside.URL,
		inside.URL,
		fmt.Sprintf("http://localhost:%d/", insidePort),
		fmt.Sprintf("http://[::ffff:127.0.0.2]:%d/", insidePort),
	} {
		a := c.Fetch(t.Context(), Request{URL: url})
		if r, ok := errors.AsType[*Refusal](a.Err); !ok || !strings.Contains(r.Reason, "is private: add") {
			t.Errorf("%s: got %v", url, a.Err)
		}
	}
}

// A proxy would be connected to instead of the target, and the guard would see
// the proxy's address.
func TestNoProxyIsUsed(t *testing.T) {
	if client(t, Options{}).transport.(*http.Transport).Proxy != nil {
		t.Error("the transport would ask for a proxy")
	}
}

func TestAnAllowPairThatIsWrongSaysHow(t *testing.T) {
	for s, want := range map[string]string{
		"":                    "the port is missing",
		"10.0.0.5":            "the port is missing",
		"10.0.0.5:":           "the port is not a number",
		"10.0.0.5:0":          "the port is not a number",
		"10.0.0.5:65536":      "the port is not a number",
		"10.0.0.5:http":       "the port is not a number",
		"localhost:80":        "not an IP address or prefix",
		"10.0.0.0/33:80":      "not an IP address or prefix",
		"fd00::/8:80":         "stands in brackets",
		"::1:80":              "stands in brackets",
		"[fd00::/8]":          "a bracket or the port is missing",
		"[fd00::/8:80":        "a bracket or the port is missing",
		"[10.0.0.5]:80":       "stands without brackets",
		"[::ffff:1.2.3.4]:80": "an IPv4 address in IPv6 form",
	} {
		_, err := NewClient(Options{Allow: []string{"10.0.0.5:*", s}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("allow %q", s)) {
			t.Errorf("%q: got %v, want %s", s, err, want)
		}
	}
}

// A pair that is taken allows the address that it names, at its port, and no
// pair allows more than its prefix.
func FuzzAllowPair(f *testing.F) {
	for _, s := range []string{"127.0.1.0/24:8900", "[fd00::/8]:80", "10.0.0.5:*", "10.1.2.3/8:1", "[::1%lo]:80", "[::]:*", "0.0.0.0/0:*", ":", "[]:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePair(s)
		if err != nil {
			if !strings.Contains(err.Error(), "write PREFIX:PORT") {
				t.Errorf("%q: the error does not say what to write: %v", s, err)
			}
			return
		}
		port := p.port
		if port == 0 {
			port = 1
			if !strings.HasSuffix(s, ":*") {
				t.Errorf("%q allows any port", s)
			}
		}
		if !p.holds(netip.AddrPortFrom(p.prefix.Addr(), port)) {
			t.Errorf("%q does not allow %s", s, p.prefix.Addr())
		}
		if p.port != 0 && p.holds(netip.AddrPortFrom(p.prefix.Addr(), port^1)) {
			t.Errorf("%q allows port %d", s, port^1)
		}
		if last := p.prefix.Masked().Addr().Prev(); last.IsValid() && p.holds(netip.AddrPortFrom(last, port)) {
			t.Errorf("%q allows %s, before its prefix", s, last)
		}
	})
}
