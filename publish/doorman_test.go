package publish

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func TestARequestComesFromWhoeverAProxyInOurNetworkSpeaksFor(t *testing.T) {
	for _, tt := range []struct{ peer, forwarded, want string }{
		{"203.0.113.7:1234", "", "203.0.113.7/32"},
		{"203.0.113.7:1234", "198.51.100.1", "203.0.113.7/32"}, // it says so itself
		{"127.0.0.1:1234", "198.51.100.1", "198.51.100.1/32"},
		{"172.18.0.2:1234", "8.8.8.8, 198.51.100.1", "198.51.100.1/32"}, // the client said the first
		{"[::1]:1234", "198.51.100.1:777", "198.51.100.1/32"},
		{"127.0.0.1:1234", "[2001:db8:1:2::3]:777", "2001:db8:1:2::/64"},
		{"127.0.0.1:1234", "unknown", "127.0.0.1/32"},
		{"127.0.0.1:1234", "", "127.0.0.1/32"},
		{"[2001:db8:1:2:3:4:5:6]:1234", "", "2001:db8:1:2::/64"},
		{"[::ffff:203.0.113.7]:1234", "", "203.0.113.7/32"},
		{"@", "198.51.100.1", "198.51.100.1/32"},
		{"@", "", "invalid Prefix"},
	} {
		r := httptest.NewRequest("GET", "/private/topics/coast", nil)
		r.RemoteAddr = tt.peer
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := originOf(r).String(); got != tt.want {
			t.Errorf("%s for %q: %s, want %s", tt.peer, tt.forwarded, got, tt.want)
		}
	}
}

func TestADoormanRemembersAFewThousandAddresses(t *testing.T) {
	d, now := newDoorman(), time.Now()
	for n := range 3 * doorMemory {
		d.try(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 32), now, func() bool { return false })
	}
	if d.wrong.order.Len() != doorMemory {
		t.Errorf("it remembers %d", d.wrong.order.Len())
	}
}
