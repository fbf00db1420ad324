package fetcher

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestAHostIsTheUnitThatSomebodyPaysFor(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"https://rss.dw.com/rdf/rss-en-asia", "dw.com"},
		{"http://WWW.DW.com:8080/x", "dw.com"},
		{"https://dw.com./", "dw.com"},
		{"https://feeds.bbc.co.uk/news", "bbc.co.uk"},
		{"https://alice.github.io/feed", "alice.github.io"},
		{"https://bob.github.io/feed", "bob.github.io"},
		{"https://github.io/feed", "github.io"},
		{"https://www.bücher.example/", "xn--bcher-kva.example"},
		{"https://ann:secret@a.b.example:99/", "b.example"},
		{"http://localhost:8900/feed", "localhost"},
		{"http://127.0.1.7:8900/feed", "127.0.1.7"},
		{"http://[FD00::1]:80/feed", "fd00::1"},
		{"http://[fe80::1%25eth0]/feed", "fe80::1"},
		{"http://[::ffff:10.0.0.5]/feed", "10.0.0.5"},
		{"not an address", "not an address"},
	} {
		if got := Host(tt.url); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.url, got, tt.want)
		}
	}
}

// pass goes through the gate for some time.
func pass(t *testing.T, g *gate, host string, d time.Duration) {
	leave, err := g.enter(t.Context(), host, host, false, nil)
	if err != nil {
		t.Error(err)
		return
	}
	time.Sleep(d)
	leave()
}

func busy(g *gate) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.hosts)
}

func TestAHostIsEnteredByOneAtATimeInOrderAndAfterTheGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2 * time.Second)
		start := time.Now()
		var began []string
		for i := range 4 {
			go func() {
				leave, err := g.enter(t.Context(), "a", "a", false, nil)
				if err != nil {
					t.Error(err)
					return
				}
				began = append(began, fmt.Sprintf("%d at %s", i, time.Since(start)))
				time.Sleep(time.Second)
				leave()
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []string{"0 at 0s", "1 at 3s", "2 at 6s", "3 at 9s"}
		if !slices.Equal(began, want) {
			t.Errorf("got %v, want %v", began, want)
		}
	})
}

func TestAHostThatHangsHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2 * time.Second)
		go pass(t, g, "hung", time.Hour)
		synctest.Wait()
		start := time.Now()
		for i := range 100 {
			pass(t, g, fmt.Sprint(i), 0)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("waited %s", took)
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestAnIdleHostIsForgottenAfterTheGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2 * time.Second)
		for i := range 100 {
			pass(t, g, fmt.Sprint(i), 0)
		}
		if n := busy(g); n != 100 {
			t.Errorf("%d hosts rest, want 100", n)
		}
		time.Sleep(2*time.Second + 1)
		if n := busy(g); n != 0 {
			t.Errorf("%d hosts are remembered", n)
		}
	})
}

func TestAWaiterWhoGivesUpHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2 * time.Second)
		go pass(t, g, "a", 10*time.Second)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		go func() {
			if _, err := g.enter(ctx, "a", "a", false, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}()
		synctest.Wait()
		start := time.Now()
		pass(t, g, "a", 0)
		if took := time.Since(start); took != 12*time.Second {
			t.Errorf("waited %s, want 12s", took)
		}
		time.Sleep(3 * time.Second)
		if busy(g) != 0 {
			t.Error("the host is still busy")
		}
	})
}

// The turn and the end of a waiter's context can come in the same instant: the
// turn must not be lost with the waiter.
func TestATurnThatComesWithTheEndOfItsWaiterIsPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2 * time.Second)
		pass(t, g, "a", 0)
		late := make(chan struct{})
		g.mu.Lock()
		g.hosts["a"].waiting = append(g.hosts["a"].waiting, late)
		g.mu.Unlock()
		time.Sleep(2 * time.Second)
		<-late // its turn, but it looks at its context first
		g.giveUp("a", late)
		if busy(g) != 0 {
			t.Error("the host is still busy")
		}
	})
}

func TestNobodyEntersOnceCalledOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := newGate(0)
	if _, err := g.enter(ctx, "a", "a", false, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if busy(g) != 0 {
		t.Error("the host is busy")
	}
}
