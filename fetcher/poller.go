package fetcher

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"copydesk"
)

// Desk is what a poller needs of its surroundings.
type Desk interface {
	// Sources returns every listed source.
	Sources(ctx context.Context) ([]copydesk.Source, error)

	// Known returns those that are no longer listed as well.
	Known(ctx context.Context) ([]copydesk.Source, error)

	// Source returns a source as it is now.
	Source(ctx context.Context, id copydesk.SourceID) (copydesk.Source, error)

	// Settle judges, reads and stores an answer, and makes src the source with
	// its next poll. An error is ours, not the publisher's: nothing was stored.
	Settle(ctx context.Context, src *copydesk.Source, a Answer) error
}

const (
	// maxFlights bounds the polls in flight. Nearly all of a poll is waiting for
	// the publisher; what comes of it waits for [room].
	maxFlights = 256

	// settleTime bounds how long a settlement can hold up a daemon that is told
	// to stop. Until then it may take its time: many wait for their turn to be
	// read after a sweep.
	settleTime = 15 * time.Second

	// longestNap bounds how long Run sleeps: timers stand still while a machine
	// is suspended and know nothing of a clock that is set.
	longestNap = time.Minute
)

// Poller asks sources when they are due, or when told. No source is ever asked
// by two of its methods at once.
type Poller struct {
	client *Client
	desk   Desk
	log    *slog.Logger
	slots  chan struct{} // one for each poll in flight
	reload chan struct{}
	shares shares

	// Access returns what requests for a source carry beside its validators. It
	// may be nil, and must not change once the poller is used.
	Access func(copydesk.Source) Access

	began       time.Time
	remembering sync.Mutex // held while the desk is asked for the sources
	remembers   bool       // the gate knows what was before this process

	mu      sync.Mutex // never held while waiting
	flights map[copydesk.SourceID]*flight
	running *round    // of Run; nil while it does not run
	turned  time.Time // when Run last looked at its agenda
}

// flight is one poll of one source, for all who want its result. The result is
// there once done is closed.
type flight struct {
	done  chan struct{}
	src   copydesk.Source
	err   error // ours
	asked Answer
	final bool // the source was asked and the answer settled, or that went wrong; else whoever still wants it asks again
}

// NewPoller returns a poller. It starts nothing. One that only probes needs no
// desk.
func NewPoller(c *Client, d Desk, log *slog.Logger) *Poller {
	return &Poller{
		client: c, desk: d, log: log, began: time.Now(),
		slots:   make(chan struct{}, maxFlights),
		reload:  make(chan struct{}, 1),
		flights: make(map[copydesk.SourceID]*flight),
	}
}

// Run asks each listed source when it is due, until ctx is done; then it waits
// for the polls in flight and returns nil. A poll that is cut off by ctx is
// dropped whole, as if it had never begun; one whose answer is there is
// settled. The only error is of [Desk.Sources]: one of Settle or Source is
// logged and the source tried again later.
func (p *Poller) Run(ctx context.Context) error {
	r := newRound(p.client.gate.gap)
	if !p.begin(r) {
		return errors.New("poll: running already")
	}
	defer p.end()
	var polls sync.WaitGroup
	defer polls.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	if err := p.load(ctx, r); err != nil {
		return err
	}
	if err := p.remember(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	for ctx.Err() == nil {
		p.turnedAt(time.Now())
		wake := r.start(time.Now(), func(id copydesk.SourceID) {
			polls.Go(func() { p.turn(ctx, r, id) })
		})
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-nap(wake):
		case <-p.reload:
			if err := p.load(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// Turned says when Run last looked at its agenda, and whether Run runs. It looks
// once a minute at the least, so that one that has not for longer is stuck.
func (p *Poller) Turned() (at time.Time, running bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.turned, p.running != nil
}

func (p *Poller) turnedAt(now time.Time) {
	p.mu.Lock()
	p.turned = now
	p.mu.Unlock()
}

// Reload tells Run that the configured sources have changed.
func (p *Poller) Reload() { signal(p.reload) }

// Update tells Run of a next poll that no poll has set.
func (p *Poller) Update(src copydesk.Source) {
	p.mu.Lock()
	running := p.running
	p.mu.Unlock()
	if running != nil {
		running.update(src, time.Now())
	}
}

// Sweep asks each of these sources once, now, whatever their next poll, under
// the rules for hosts, and returns when all are settled. A source that is being
// asked already is not asked again: that result counts. report, which may be
// nil, is called for each as it is settled, never twice at once; its error is
// ours, or a [*Stopped] for a source that was not asked for the sake of its host.
// Sweep's error is that of ctx, else the first of ours that was reported. It
// works while Run runs and while it does not.
func (p *Poller) Sweep(ctx context.Context, ids []copydesk.SourceID, report func(src copydesk.Source, err error)) error {
	return p.sweep(ctx, newRound(p.client.gate.gap), ids, report)
}

// Catch is Sweep for sources that are due: one that is not any more is passed over,
// and so is one with an [*InTurn] whose feed was just asked for another source.
func (p *Poller) Catch(ctx context.Context, ids []copydesk.SourceID, report func(src copydesk.Source, err error)) error {
	r := newRound(p.client.gate.gap)
	r.due = true
	return p.sweep(ctx, r, ids, report)
}

// Insist is Sweep for an operator who wants also those hosts to be asked that
// want to be left alone.
func (p *Poller) Insist(ctx context.Context, ids []copydesk.SourceID, report func(src copydesk.Source, err error)) error {
	r := newRound(p.client.gate.gap)
	r.insist = true
	return p.sweep(ctx, r, ids, report)
}

func (p *Poller) sweep(ctx context.Context, r *round, ids []copydesk.SourceID, report func(src copydesk.Source, err error)) error {
	if err := p.remember(ctx); err != nil {
		return err
	}
	results := make(chan result, len(ids)) // room for all, so that no poll waits for report
	left := p.enlist(ctx, r, ids, results)
	var polls sync.WaitGroup
	var first error
	tell := func(res result) {
		left--
		if !held(res.err) {
			first = cmp.Or(first, res.err)
		}
		if report != nil {
			report(res.src, res.err)
		}
	}
	for left > 0 && ctx.Err() == nil {
		wake := r.start(time.Now(), func(id copydesk.SourceID) {
			polls.Go(func() { p.once(ctx, r, id, results) })
		})
		select {
		case <-ctx.Done():
		case res := <-results:
			tell(res)
		case <-r.wake:
		case <-nap(wake):
		}
	}
	polls.Wait()
	for len(results) > 0 {
		tell(<-results)
	}
	if left > 0 {
		return fmt.Errorf("poll: %d of %d sources not asked: %w", left, len(ids), ctx.Err())
	}
	return first
}

// held reports whether a source was not asked for the sake of its publisher.
func held(err error) bool {
	_, stopped := errors.AsType[*Stopped](err)
	_, inTurn := errors.AsType[*InTurn](err)
	return stopped || inTurn
}

// result is what came of one source of a sweep.
type result struct {
	src copydesk.Source
	err error
}

// enlist puts the sources of a sweep on its agenda, in the order given, and
// returns how many results there will be.
func (p *Poller) enlist(ctx context.Context, r *round, ids []copydesk.SourceID, results chan<- result) (n int) {
	seen := make(map[copydesk.SourceID]bool, len(ids))
	for i, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		n++
		src, err := p.desk.Source(ctx, id)
		if err != nil {
			results <- result{copydesk.Source{ID: id}, err}
			continue
		}
		r.put(id, Host(addressOf(src, time.Now())), time.Unix(0, int64(i)))
	}
	return n
}

// once is one source's turn in a sweep.
func (p *Poller) once(ctx context.Context, r *round, id copydesk.SourceID, results chan<- result) {
	f := p.poll(ctx, r, id, !r.due)
	r.drop(id)
	r.done(id, time.Now())
	if f.err == nil || ctx.Err() == nil { // else dropped
		results <- result{f.src, f.err}
	}
}

// Look asks for what is not a source, but found by way of src, once, now, under
// the rules for hosts: a page, if that is wanted. It goes through the proxy of
// src, and shows nothing that is meant for the address of src. The stop that the
// answer asks for is in force; the caller keeps it for the next process.
func (p *Poller) Look(ctx context.Context, src copydesk.Source, address string, page bool) (Answer, copydesk.HostStop) {
	leave, err := p.takeOff(ctx)
	if err != nil {
		return Answer{Asked: time.Now(), Err: fmt.Errorf("interrupted: %w", err)}, copydesk.HostStop{}
	}
	defer leave()
	a := p.client.Fetch(ctx, Request{URL: address, Page: page, Access: Access{Proxy: p.access(src).Proxy}})
	return a, p.heed(src, a)
}

// Ask is Sweep of one source, for who wants to see the answer as well. Its Err is
// a [*Stopped] where nobody was asked; that it was not settled is logged.
func (p *Poller) Ask(ctx context.Context, id copydesk.SourceID) Answer {
	if err := p.remember(ctx); err != nil {
		return Answer{Asked: time.Now(), Err: err}
	}
	f := p.poll(ctx, newRound(p.client.gate.gap), id, true)
	if f.err != nil && f.asked.Requests > 0 && ctx.Err() == nil {
		p.log.Warn("poll not settled", "source", f.src.Handle(), "err", f.err)
	}
	if f.err != nil && f.asked.Requests == 0 {
		return Answer{Asked: time.Now(), Err: f.err}
	}
	return f.asked
}

// Probe asks src once, now, with its stored validators and under the rules for
// hosts. Nothing is settled.
func (p *Poller) Probe(ctx context.Context, src copydesk.Source) Answer {
	leave, err := p.takeOff(ctx)
	if err != nil {
		return Answer{Asked: time.Now(), Err: fmt.Errorf("interrupted: %w", err)}
	}
	defer leave()
	if err := p.remember(ctx); err != nil {
		return Answer{Asked: time.Now(), Err: err}
	}
	a := p.client.Fetch(ctx, requestFor(src, p.access(src), time.Now()))
	p.heed(src, a)
	return a
}

// heed keeps the stop that an answer asks for, which nobody settles.
func (p *Poller) heed(src copydesk.Source, a Answer) copydesk.HostStop {
	now := time.Now()
	stop := hostStop(src, a, Judge(src, a, now), Policy{}.orDefaults(), now)
	p.client.gate.stop(stop)
	return stop
}

func (p *Poller) access(src copydesk.Source) (a Access) {
	if p.Access != nil {
		a = p.Access(src)
	}
	return a
}

// requestFor is the question to ask of src now.
func requestFor(src copydesk.Source, access Access, now time.Time) Request {
	r := Request{URL: addressOf(src, now), Elsewhere: src.Elsewhere, Access: access, Secret: src.Secret}
	if restricted(src, access) {
		r.URL = src.URL
	}
	switch r.URL {
	case src.URL:
		r.ETag, r.LastModified = src.ETag, src.LastModified
	case src.Elsewhere.URL:
		r.ETag, r.LastModified = src.Elsewhere.ETag, src.Elsewhere.LastModified
	}
	return r
}

// remember tells the gate, once, what the process before this one did to hosts:
// which of them want to be left alone, and which it asked a moment ago. A source
// that was due before this process began may have been asked by the one before,
// which did not live to tell.
func (p *Poller) remember(ctx context.Context) error {
	p.remembering.Lock()
	defer p.remembering.Unlock()
	if p.remembers || p.desk == nil {
		return nil
	}
	sources, err := p.desk.Known(ctx)
	if err != nil {
		return fmt.Errorf("poll: list the sources: %w", err)
	}
	p.Recall(sources)
	p.remembers = true
	return nil
}

// Recall tells the gate of what was asked before this process began, by these
// sources, and who wants to be left alone.
func (p *Poller) Recall(sources []copydesk.Source) {
	g, rests := p.client.gate, map[string]time.Time{}
	for _, src := range sources {
		g.stop(src.Stop)
		p.shares.note(src, p.began)
		last := src.LastPoll
		if src.Listed && !src.NextPoll.IsZero() && src.NextPoll.Before(p.began) {
			last = p.began
		}
		for _, at := range []string{src.URL, src.Elsewhere.URL} {
			if host := Host(at); at != "" && last.After(rests[host]) {
				rests[host] = last
			}
		}
	}
	for host, last := range rests {
		g.rest(host, last.Add(g.gap))
	}
}

func (p *Poller) begin(r *round) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		return false
	}
	p.running, p.turned = r, time.Now()
	return true
}

func (p *Poller) end() {
	p.mu.Lock()
	p.running = nil
	p.mu.Unlock()
}

// load brings the agenda into line with the listed sources.
func (p *Poller) load(ctx context.Context, r *round) error {
	sources, err := p.desk.Sources(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return fmt.Errorf("poll: list the sources: %w", err)
	}
	r.list(sources, time.Now())
	return nil
}

// turn is one source's turn in Run.
func (p *Poller) turn(ctx context.Context, r *round, id copydesk.SourceID) {
	p.turnOver(ctx, r, id, p.poll(ctx, r, id, false))
}

// turnOver puts a source back on the agenda, after its turn.
func (p *Poller) turnOver(ctx context.Context, r *round, id copydesk.SourceID, f *flight) {
	src, err, now := f.src, f.err, time.Now()
	var stop *Stopped
	var inTurn *InTurn
	switch {
	case err != nil && ctx.Err() != nil: // dropped
	case errors.As(err, &inTurn):
		r.put(id, Host(addressOf(src, now)), inTurn.Until)
	case errors.As(err, &stop):
		r.put(id, stop.Host, stop.Until)
	case err != nil:
		wait := r.postpone(id, p.unsettled(f, now), now)
		p.log.Error("poll not settled", "source", src.Handle(), "err", err, "again", wait)
	default:
		r.update(src, now)
	}
	r.done(id, now)
}

// unsettled is how long to leave a source alone that could not be settled. If it was
// asked, its publisher pays for our trouble, and what it wishes nobody else keeps.
func (p *Poller) unsettled(f *flight, now time.Time) trouble {
	if f.asked.Requests == 0 {
		return trouble{first: time.Minute}
	}
	policy := Policy{}.orDefaults()
	p.heed(f.src, f.asked)
	wishes := wishesOf(f.src, Judge(f.src, f.asked, now), policy, now)
	return trouble{first: policy.Soonest, wish: orLonger(wish{}, wishes).wait}
}

// poll asks a source, unless that is being done: then it waits for what comes
// of it. Unless forced, it asks only a source that is due by what is stored now,
// which another poll may have changed since it went on the agenda.
func (p *Poller) poll(ctx context.Context, r *round, id copydesk.SourceID, force bool) *flight {
	for {
		f, mine := p.join(id)
		if mine {
			p.fly(ctx, r, f, id, force)
			p.land(r, id, f)
			return f
		}
		select {
		case <-f.done:
			if f.final {
				return f
			}
		case <-ctx.Done():
			return &flight{src: copydesk.Source{ID: id}, err: ctx.Err()}
		}
	}
}

// join returns the source's flight, a new one if there is none.
func (p *Poller) join(id copydesk.SourceID) (f *flight, mine bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.flights[id]; f != nil {
		return f, false
	}
	f = &flight{done: make(chan struct{}), src: copydesk.Source{ID: id}}
	p.flights[id] = f
	return f, true
}

// land ends a flight of round r. Run is told of a next poll that is not its own
// doing.
func (p *Poller) land(r *round, id copydesk.SourceID, f *flight) {
	p.mu.Lock()
	delete(p.flights, id)
	running := p.running
	p.mu.Unlock()
	close(f.done)
	if running != nil && running != r && f.final && f.err == nil {
		running.update(f.src, time.Now())
	}
}

// outlasting is a context that ends so long after another one.
func outlasting(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	whole, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(d, cancel)
		context.AfterFunc(whole, func() { late.Stop() })
	})
	return whole, func() {
		stop()
		cancel()
	}
}

// fly is the poll itself: read the source, ask, settle. Hundreds wait in it at
// once, so what it holds meanwhile is small: a source lies in the flight, and on
// the stack only of who does not wait.
func (p *Poller) fly(ctx context.Context, r *round, f *flight, id copydesk.SourceID, force bool) {
	leave, err := p.takeOff(ctx)
	if err != nil {
		f.err = err
		return
	}
	defer leave()
	if f.err = p.client.room.enter(ctx, 0); f.err != nil { // what cannot be taken in soon need not be asked for
		return
	}
	ask, wanted := p.question(ctx, f, id, force)
	if !wanted {
		return
	}
	ask.Insist = r.insist
	ask.parked = func() bool {
		parked, crowded := r.park(id, time.Now())
		if parked {
			leave() // and goes on without a slot: its turn at that host is one
		}
		return !crowded
	}
	var done func()
	f.asked, done = p.client.fetch(ctx, ask)
	defer done()
	r.answered(id, time.Now())
	if stop, ok := errors.AsType[*Stopped](f.asked.Err); ok && len(f.asked.Hops) == 0 { // nobody was asked
		f.err, f.final = stop, true
		return
	}
	if turn, ok := errors.AsType[*InTurn](f.asked.Err); ok && len(f.asked.Hops) == 0 {
		f.err = turn
		return
	}
	if f.asked.Err != nil && ctx.Err() != nil {
		f.err = ctx.Err()
		return
	}
	p.settle(ctx, f)
}

// question reads the source of a flight, and returns what to ask, if it is to be
// asked now.
func (p *Poller) question(ctx context.Context, f *flight, id copydesk.SourceID, force bool) (ask Request, wanted bool) {
	src, err := p.desk.Source(ctx, id)
	if err != nil {
		f.err, f.final = err, ctx.Err() == nil
		return ask, false
	}
	f.src = src
	now := time.Now()
	if due, ok := Due(src, now); !force && (!src.Listed || !ok || due.After(now)) {
		return ask, false
	}
	ask = requestFor(src, p.access(src), now)
	if force {
		return ask, true
	}
	if f.err = p.shares.taken(src, now, leadsTo(src)...); f.err != nil {
		return ask, false
	}
	ask.taken = func(address string) error { return p.shares.taken(f.src, time.Now(), address) }
	return ask, true
}

// takeOff waits until there is a slot for one more poll; leave gives it back. The
// error is ctx's.
func (p *Poller) takeOff(ctx context.Context) (leave func(), err error) {
	select {
	case p.slots <- struct{}{}:
		return sync.OnceFunc(func() { <-p.slots }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// settle has the desk settle the answer of a flight. It is there: it is not
// thrown away for a signal that comes now.
func (p *Poller) settle(ctx context.Context, f *flight) {
	whole, cancel := outlasting(ctx, settleTime)
	defer cancel()
	err := p.desk.Settle(whole, &f.src, f.asked)
	f.final = true
	if err != nil {
		f.err = fmt.Errorf("settle %s: %w", f.src.Handle(), err)
		return
	}
	p.settled(f)
}

// settled takes note of what a settlement made of a source.
func (p *Poller) settled(f *flight) {
	src := f.src
	p.client.gate.stop(src.Stop)
	if _, ok := errors.AsType[*InTurn](f.asked.Err); !ok {
		p.shares.note(src, time.Now())
	}
	if next, ok := Due(src, time.Now()); ok && !next.After(f.asked.Asked) {
		f.err = fmt.Errorf("settle %s: its next poll %s is not after this one", src.Handle(), next.Format(time.RFC3339))
	}
}
