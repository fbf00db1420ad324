package desk_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/db"
	"copydesk/desk"
	"copydesk/normalize"
)

// replayInterval is how often the replay asks each source. It is shorter than
// the shortest time for which any publisher served one document (26 seconds), so
// that no capture goes by unseen.
const replayInterval = 20 * time.Second

// TestReplayKeepsEveryEntry runs the whole daemon for the eight and a half hours
// of a real morning, on the clock of a bubble, against twenty real publishers.
// What they served is known to the test by its own reading of the captures.
func TestReplayKeepsEveryEntry(t *testing.T) {
	all := readCaptures(t)
	path := filepath.Join(t.TempDir(), "copydesk.db")
	web := newReplayWeb(all)
	synctest.Test(t, func(t *testing.T) { replay(t, web, all, path) })

	store, err := db.Open(path, db.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Check(t.Context()); err != nil {
		t.Errorf("the store is not sound: %v", err)
	}
	if n, err := store.Waiting(t.Context()); n != 0 || err != nil {
		t.Errorf("%d entries wait to be grouped (%v)", n, err)
	}
	served := servedIn(all)
	checkCounts(t, all, served)
	checkKept(t, store, served)
	checkManners(t, web)
}

// replay runs the daemon from the first capture to the last.
func replay(t *testing.T, web *replayWeb, all map[string][]capture, path string) {
	instants := instantsOf(all)
	web.trouble = troubleBetween(instants)
	time.Sleep(time.Until(instants[0])) // bubbles begin in the year 2000
	conf := config.Config{
		Server: config.Server{Listen: "127.0.0.1:80", BaseURL: "http://copydesk.example"},
		Store:  config.Store{Path: path},
		Poll:   config.Poll{MinInterval: replayInterval, MaxInterval: replayInterval},
		Topics: []copydesk.Topic{{ID: "world", Title: "World", Merge: copydesk.MergeStory, Limit: 100, Content: copydesk.ShowFull}},
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		conf.Sources = append(conf.Sources, copydesk.Settings{
			ID: name, URL: replayURL(name), Topics: []copydesk.TopicID{"world"}, Role: copydesk.RolePublisher,
		})
	}
	world := desk.World{
		Version: "test", Log: slog.New(slog.DiscardHandler), Transport: web,
		Listen: func(string, string) (net.Listener, error) { return newDeafListener(), nil },
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- desk.Run(ctx, conf, world) }()
	time.Sleep(time.Until(instants[len(instants)-1].Add(2 * replayInterval)))
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// instantsOf is the times at which anything changed.
func instantsOf(all map[string][]capture) (instants []time.Time) {
	for _, captures := range all {
		for _, c := range captures {
			instants = append(instants, c.at)
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	return slices.CompactFunc(instants, time.Time.Equal)
}

// troubleBetween puts spells of error pages where the captures leave an hour
// free: they may cost nothing, neither entries nor validators.
func troubleBetween(instants []time.Time) (all []spell) {
	for i, from := range instants[1:] {
		if from.Sub(instants[i]) < time.Hour {
			continue
		}
		at := instants[i]
		for _, s := range []spell{
			{status: 200, contentType: "text/html", body: "<!DOCTYPE html><html><head><title>Sorry</title></head><body><p>We are down for maintenance.</p></body></html>"},
			{status: 200, contentType: "application/xml"}, // an empty body
			{status: 200, contentType: "application/xml", body: `<?xml version="1.0"?><rss version="2.0"><channel><title>Half a`},
			{status: 500, contentType: "text/plain", body: "internal error"},
			{status: 404, contentType: "text/html", body: "<html><body>Not here</body></html>"},
		} {
			at = at.Add(5 * time.Minute)
			s.from, s.to = at, at.Add(2*replayInterval)
			all = append(all, s)
		}
	}
	return all
}

// deafListener is a door that nobody knocks on.
type deafListener struct {
	closed chan struct{}
	once   func()
}

func newDeafListener() net.Listener {
	l := deafListener{closed: make(chan struct{})}
	return &l
}

// servedItem is what a publisher served of one item over time.
type servedItem struct {
	kind   string
	titles []string // each change of them
}

type servedItems map[string]map[string]*servedItem // by publisher and name

func servedIn(all map[string][]capture) servedItems {
	served := servedItems{}
	for publisher, captures := range all {
		served[publisher] = map[string]*servedItem{}
		for _, c := range captures {
			for _, item := range c.items() {
				s := served[publisher][item.name]
				if s == nil {
					s = &servedItem{kind: item.kind}
					served[publisher][item.name] = s
				}
				if !slices.Contains(s.titles, item.title) {
					s.titles = append(s.titles, item.title)
				}
			}
		}
	}
	return served
}

// checkCounts guards the test's own reading: it must find what is known to be
// in the captures.
func checkCounts(t *testing.T, all map[string][]capture, served servedItems) {
	t.Helper()
	got := map[string]int{}
	damaged := map[string]bool{}
	for publisher, items := range served {
		for _, s := range items {
			got[s.kind]++
			if len(s.titles) > 1 {
				got["retitled "+s.kind]++
			}
		}
		for _, c := range all[publisher] {
			if c.damaged {
				damaged[c.file] = true
			}
		}
	}
	got["damaged"], got["instants"] = len(damaged), len(instantsOf(all))
	want := map[string]int{
		byGUID: 736, byLink: 92, byID: 132, "retitled guid": 40, "retitled link": 16, "retitled atom:id": 11, "damaged": 3, "instants": 72,
	}
	if !maps.Equal(got, want) {
		t.Errorf("found in the captures: %v, want %v", got, want)
	}
}

// checkKept is the proof: each name leads to one entry, there are no others, and
// each title is a revision of it.
func checkKept(t *testing.T, store *db.DB, served servedItems) {
	t.Helper()
	kept := map[copydesk.SourceID][]copydesk.Entry{}
	for e, err := range store.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		kept[e.Source] = append(kept[e.Source], e)
	}
	for publisher, items := range served {
		entries := kept[copydesk.SourceID(publisher)]
		if len(entries) != len(items) {
			t.Errorf("%s: %d entries for %d items", publisher, len(entries), len(items))
		}
		for name, s := range items {
			e, err := theOne(entries, s.kind, name)
			if err != nil {
				t.Errorf("%s: %s %s: %v", publisher, s.kind, name, err)
				continue
			}
			checkTitles(t, store, e, s)
		}
	}
}

// theOne is the entry that the name leads to.
func theOne(entries []copydesk.Entry, kind, name string) (one copydesk.Entry, err error) {
	n := 0
	for _, e := range entries {
		has := strings.TrimSpace(e.GUID) == name
		if kind == byLink {
			has = e.GUID == "" && cmp.Or(e.Canonical, e.Link) == cmp.Or(normalize.Canonical(name), name)
		}
		if has {
			one = e
			n++
		}
	}
	if n != 1 {
		return one, fmt.Errorf("%d entries", n)
	}
	return one, nil
}
