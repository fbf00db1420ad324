// Package desk is the daemon: it joins the stages and waits for them.
//
// A poll's answer comes in from the fetcher, is read by normalize, and settled
// in the store (ingest.go). Settled entries become stories and get their places
// in topics (group.go). Topics that look different are made into editions and
// put on the shelf (press.go), from where publish serves them. Each of the three
// works alone and is woken by the one before it; the store between them is what
// makes a crash at any instant harmless.
//
// The package decides nothing about news: fetcher, normalize, story and topic
// do. It knows all of them so that they need not know each other.
//
// Everything outside the process is given in a [World], so that a test can run
// the whole daemon with publishers and subscribers in memory. Begin with [Run].
// Commands that need the store are in command.go; control.go lets a running
// daemon answer them, since only one process can hold the store's file.
package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/db"
	"copydesk/fetcher"
	"copydesk/normalize"
	"copydesk/publish"
	"copydesk/story"
	"copydesk/story/alike"
	"copydesk/topic"
)

// World is what the daemon touches outside itself.
type World struct {
	Version string
	Log     *slog.Logger

	// LockTime is how long a starting daemon waits for the one before it to
	// let go of the store.
	LockTime time.Duration

	// Readers is how many documents are read at once; zero means one for each
	// processor.
	Readers int

	// Listen opens a listener; nil means net.Listen.
	Listen func(network, address string) (net.Listener, error)
	// Transport makes requests to publishers; nil means the guarded one of
	// package fetcher.
	Transport http.RoundTripper
	// Reload delivers wishes to read the configuration again with Load. Both
	// may be nil.
	Reload <-chan os.Signal
	Load   func() (config.Config, error)
	// OpenIndex opens the search index in a folder, or makes one; nil means the
	// one that the program was built with.
	OpenIndex func(path string) (Index, error)
	// Manager is told what the daemon is doing; nil means that nobody is.
	Manager Manager
}

// Manager is the service manager, as far as the daemon needs it.
type Manager interface {
	Ready() error
	Reloading() error
	Stopping() error
	Watch(ctx context.Context, alive func() error) error
}

// Desk is an open store with the stages around it, at rest. Its methods are
// safe for concurrent use.
type Desk struct {
	world  World
	log    *slog.Logger
	store  *db.DB
	site   publish.Site // as at the start: a changed base_url waits for the next one
	client *fetcher.Client
	poller *fetcher.Poller
	shelf  *publish.Shelf
	rack   *publish.Rack

	now       atomic.Pointer[standing]
	reloading sync.Mutex // held while the configuration is read again
	counters  counters
	pulses    pulses
	stacks    stacks

	intake
	comparing
	printing
	hubs
}

// intake is what stands between an answer and its settlement.
type intake struct {
	reading  places // of documents, one for each processor
	settling places // of documents until they are written
	dues     dues
	price    price
	debts    *debts
	inbox    bell // rung when entries were settled
}

// comparing is where settled entries become stories.
type comparing struct {
	grouping sync.Mutex // held while inbox rows are taken, so that their order is kept
	recent   *recent    // nil until it is needed; guarded by grouping
}

// printing is where editions are printed.
type printing struct {
	changed   marks
	pressed   atomic.Bool                     // the first editions are on the shelf
	pressing  sync.Mutex                      // held while editions are made; guards what follows
	shown     map[copydesk.TopicID]shown      // of the editions on the shelf
	composed  map[copydesk.TopicID]int        // how often archives were set since the start
	composing map[copydesk.TopicID]*composing // what the next edition need not set again
	lists     map[publish.List]copydesk.Digest
	listed    time.Time // when the lists were printed
}

// hubs are those of publishers, at which we subscribe, and our own.
type hubs struct {
	subscribed *subscriptions
	callbacks  string // below which address publishers' hubs reach us, as at the start; empty if they cannot
	pushes     *pushes
	outlet     outlet    // of what we publish
	up         time.Time // since when pushes can reach us
}

// standing is what the configuration says, as now in force.
type standing struct {
	config config.Config
	plan   topic.Plan
	policy fetcher.Policy

	reach     alike.Reach
	overrides story.Overrides
}

// Open opens the store that c names and brings it in line with c, creating it
// if it is missing. It starts nothing.
func Open(ctx context.Context, c config.Config, w World, wait time.Duration) (*Desk, error) {
	d, err := open(c, w, db.Options{Create: true, Wait: wait})
	if err != nil {
		return nil, err
	}
	err = d.store.SetAnew(ctx, publish.SetVersion)
	if err == nil {
		err = d.adopt(ctx, c)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Read opens the store that c names for reading only.
func Read(ctx context.Context, c config.Config, w World) (*Desk, error) {
	return asItIs(ctx, c, w, db.Options{ReadOnly: true, Wait: time.Second})
}

// Reopen opens the store that c names as it is, for who settles what it has: it is
// neither made nor brought in line with c. Where it may not be written it is
// opened for reading.
func Reopen(ctx context.Context, c config.Config, w World) (*Desk, error) {
	d, err := asItIs(ctx, c, w, db.Options{Wait: time.Second})
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return Read(ctx, c, w)
	}
	return d, err
}

func asItIs(ctx context.Context, c config.Config, w World, o db.Options) (*Desk, error) {
	d, err := open(c, w, o)
	if err != nil {
		return nil, err
	}
	if err := d.stand(ctx, c); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func open(c config.Config, w World, o db.Options) (*Desk, error) {
	client, err := newClient(c, w)
	if err != nil {
		return nil, err
	}
	store, err := db.Open(c.Store.Path, o)
	if err != nil {
		client.Close()
		return nil, storeHint(c.Store.Path, err)
	}
	d := &Desk{
		world: w, log: w.Log, store: store, client: client, shelf: publish.NewShelf(), rack: publish.NewRack(),
		site:   publish.Site{BaseURL: c.Server.BaseURL, Version: w.Version, Hub: hubOf(c.Server)},
		stacks: stacks{why: publish.ErrNoSearch},
		intake: intake{
			reading: make(places, max(cmp.Or(w.Readers, runtime.GOMAXPROCS(0)), 2)), settling: make(places, unwritten),
			debts: newDebts(time.Now()), inbox: newBell(),
		},
		printing: printing{
			changed: newMarks(), shown: map[copydesk.TopicID]shown{}, composed: map[copydesk.TopicID]int{},
			composing: map[copydesk.TopicID]*composing{}, lists: map[publish.List]copydesk.Digest{},
		},
		hubs: hubs{subscribed: newSubscriptions(), callbacks: callbacksOf(c.Server), pushes: newPushes(), up: time.Now()},
	}
	d.counters.began = time.Now()
	d.poller = fetcher.NewPoller(client, d, w.Log)
	if d.outlet, err = d.newOutlet(c); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.poller.Access = func(src copydesk.Source) fetcher.Access { return accessTo(d.now.Load().config, src) }
	return d, nil
}

// storeHint says what to do where the system does not let us open the store.
// What db says itself has its hint.
func storeHint(path string, err error) error {
	failed, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		return err
	}
	hint := "name another [store] path"
	switch folder := filepath.Dir(path); {
	case errors.Is(err, fs.ErrNotExist):
		hint = "create the folder " + folder + ", or name another [store] path"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		hint = "the user that runs copydesk must be able to read and write it and " + folder
	}
	return fmt.Errorf("open store %s: %w: %s", path, failed.Err, hint)
}

func newClient(c config.Config, w World) (*fetcher.Client, error) {
	return fetcher.NewClient(fetcher.Options{
		UserAgent: UserAgent(w.Version, c.Poll.Contact),
		Allow:     c.Poll.Allow,
		HostGap:   c.Poll.HostGap,
		Transport: w.Transport,
	})
}

// UserAgent is how Copydesk introduces itself to publishers. A contact lets
// them ask for a change before they block.
func UserAgent(version, contact string) string {
	if contact == "" {
		return "Copydesk/" + version
	}
	return "Copydesk/" + version + " (+" + contact + ")"
}

// Close closes the store.
func (d *Desk) Close() error {
	d.client.Close()
	d.outlet.close()
	return d.store.Close()
}

// adopt puts c in force: sources and topics in the store, and what is held in
// memory. If it fails, what was in force stays.
func (d *Desk) adopt(ctx context.Context, c config.Config) error {
	now := time.Now()
	if err := d.store.Adopt(ctx, c.Sources, now); err != nil {
		return fmt.Errorf("adopt sources: %w", err)
	}
	if err := d.heedChecks(ctx, c.Store.Path, now); err != nil {
		return err
	}
	before := d.now.Load()
	if err := d.stand(ctx, c); err != nil {
		return err
	}
	touched, err := d.store.Arrange(ctx, now, d.defined(), d.rearrange)
	if err != nil {
		d.now.Store(before)
		return fmt.Errorf("arrange topics: %w", err)
	}
	d.changed.add(touched...)
	if err := d.override(ctx, now); err != nil {
		d.now.Store(before)
		return err
	}
	return d.setShelf(ctx)
}

// stand takes c and what the store has of its sources into memory.
func (d *Desk) stand(ctx context.Context, c config.Config) error {
	sources, err := d.store.Sources(ctx)
	if err != nil {
		return err
	}
	asked, err := searches(c.Topics)
	if err != nil {
		return err
	}
	plan, err := topic.Compose(c.Topics, sources, asked)
	if err != nil {
		return err
	}
	d.now.Store(&standing{
		config: c, plan: plan, overrides: story.NewOverrides(c.Overrides, normalize.Canonical),
		reach:  alike.Reach{Rewrites: c.Group.Rewrites, Copies: c.Group.Copies},
		policy: policyOf(c.Poll),
	})
	d.dues.reset(sources)
	d.subscribed.ring()
	return d.recallSubscriptions(ctx)
}

func policyOf(p config.Poll) fetcher.Policy {
	return fetcher.Policy{
		MinInterval: p.MinInterval, MaxInterval: p.MaxInterval, MeanInterval: p.MeanInterval,
		Soonest: p.Soonest, LongestWish: p.MaxWish, LongestStop: p.MaxStop,
	}
}

// defined is the topics in force as the store keeps them.
func (d *Desk) defined() (all []db.Topic) {
	plan := d.now.Load().plan
	for _, t := range plan.Topics() {
		all = append(all, db.Topic{Topic: t, Fingerprint: plan.Fingerprint(t.ID), Sight: plan.Sight(t.ID)})
	}
	return all
}

// Meaning is what a configuration's rules, searches and articles mean.
func Meaning() config.Meaning {
	return config.Meaning{
		Rule: func(text string) error {
			_, err := topic.Compile(text)
			return err
		},
		Article: normalize.Canonical,
		Search: func(text string) error {
			_, err := readSearch(text)
			return err
		},
	}
}

// Sources returns the sources to poll. It is part of [fetcher.Desk].
func (d *Desk) Sources(ctx context.Context) ([]copydesk.Source, error) {
	all, err := d.store.Sources(ctx)
	return slices.DeleteFunc(all, func(src copydesk.Source) bool { return !src.Listed }), err
}

// Known returns all sources, those no longer listed among them. It is part of
// [fetcher.Desk].
func (d *Desk) Known(ctx context.Context) ([]copydesk.Source, error) { return d.store.Sources(ctx) }

// Source returns a source. It is part of [fetcher.Desk].
func (d *Desk) Source(ctx context.Context, id copydesk.SourceID) (copydesk.Source, error) {
	return d.store.Source(ctx, id)
}
