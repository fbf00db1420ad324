package publish

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// doorman keeps people from trying key after key: who has come with too many
// wrong ones within a minute is turned away until the minute is over, also with
// the right one, since else the answer would tell it from the others. Nobody at
// another address is held up.
type doorman struct {
	mu    sync.Mutex // held while a key is tried, so that none slips through between two counts
	wrong *recent[netip.Prefix, tries]
}

// tries are the wrong keys that came from somewhere.
type tries struct {
	since time.Time // when the first of them did
	count int
}

const (
	maxWrong   = 10
	wrongFor   = time.Minute
	doorMemory = 4096 // addresses
)

func newDoorman() *doorman { return &doorman{wrong: newRecent[netip.Prefix, tries](doorMemory)} }

// try tries a key that came from there, and reports whether it is right; else
// wait is for how long no other one is looked at, or zero.
func (d *doorman) try(from netip.Prefix, now time.Time, isRight func() bool) (right bool, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, _ := d.wrong.get(from)
	if end := t.since.Add(wrongFor); !now.Before(end) {
		t = tries{since: now}
	} else if t.count >= maxWrong {
		return false, end.Sub(now)
	}
	if isRight() {
		return true, 0
	}
	t.count++
	d.wrong.put(from, t, 1)
	return false, 0
}

// originOf is where a request comes from. A proxy in our own network speaks for
// others, and puts the one for whom it does last. Of IPv6 it is the network,
// whose 64 bits of hosts are one customer's.
func originOf(r *http.Request) netip.Prefix {
	peer := parseHost(r.RemoteAddr) // not valid: a socket of this machine
	if !peer.IsValid() || peer.IsLoopback() || peer.IsPrivate() {
		named := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
		if client := parseHost(strings.TrimSpace(named[len(named)-1])); client.IsValid() {
			peer = client
		}
	}
	bits := peer.BitLen()
	if peer.Is6() {
		bits = 64
	}
	prefix, _ := peer.Prefix(bits) // of no address it is none, which is somewhere as well
	return prefix
}

// parseHost reads an address with or without a port.
func parseHost(s string) netip.Addr {
	if both, err := netip.ParseAddrPort(s); err == nil {
		return both.Addr().Unmap().WithZone("")
	}
	a, _ := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.Unmap().WithZone("")
}
