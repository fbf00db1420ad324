package hub

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Pinger tells a hub that is not ours which editions are new. It remembers
// nothing beyond its life: the hub is told of the next change anyway.
type Pinger struct {
	hub     string
	courier Courier
	log     *slog.Logger
	bell    chan struct{}

	mu      sync.Mutex
	waiting map[string]bool // addresses
}

// A change comes in several formats and topics, which one ping tells. A hub that
// does not answer is told after a pause, doubled with each failure in a row, up
// to an hour.
const (
	pingGather = 500 * time.Millisecond
	pingAgain  = 10 * time.Second
	pingLate   = time.Hour
)

var errUnanswered = errors.New("the hub did not take it")

// NewPinger returns a pinger for the hub at that address. It starts nothing.
func NewPinger(hub string, courier Courier, log *slog.Logger) *Pinger {
	return &Pinger{hub: hub, courier: courier, log: log, bell: make(chan struct{}, 1), waiting: map[string]bool{}}
}

// Changed says that the edition at an address is another.
func (p *Pinger) Changed(address string) {
	p.mu.Lock()
	p.waiting[address] = true
	p.mu.Unlock()
	select {
	case p.bell <- struct{}{}:
	default:
	}
}

// Run tells the hub until ctx is done. It returns nil.
func (p *Pinger) Run(ctx context.Context) error {
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.bell:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pingGather):
		}
		for p.ping(ctx, failures) != nil && ctx.Err() == nil {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(min(pingAgain<<min(failures, 16), pingLate)):
				failures++
			}
		}
		failures = 0
	}
}

// ping tells what waits, and takes it back if that fails.
func (p *Pinger) ping(ctx context.Context, failures int) error {
	p.mu.Lock()
	told := p.waiting
	p.waiting = map[string]bool{}
	p.mu.Unlock()
	if len(told) == 0 {
		return nil
	}
	status, _, err := p.courier.Send(ctx, Ping(p.hub, slices.Sorted(maps.Keys(told))))
	switch {
	case err == nil && status >= 200 && status <= 299:
		p.log.Debug("hub told", "editions", len(told))
		return nil
	case err == nil && status >= 400 && status <= 499 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout:
		p.log.Warn("hub does not want to be told", "status", status) // and not if told again
		return nil
	case err == nil:
		err = errUnanswered
	}
	if failures == 0 {
		p.log.Warn("hub not told", "status", status, "err", err)
	}
	p.mu.Lock()
	maps.Copy(p.waiting, told)
	p.mu.Unlock()
	return err
}

// Ping is the letter that tells a hub which editions are new, as hubs have
// understood it since PubSubHubbub: WebSub leaves it to publisher and hub.
func Ping(hub string, addresses []string) Letter {
	form := url.Values{"hub.mode": {"publish"}, "hub.url": addresses, "hub.topic": addresses}
	return Letter{
		Method: http.MethodPost, URL: hub, Follow: true,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   []byte(form.Encode()),
	}
}
