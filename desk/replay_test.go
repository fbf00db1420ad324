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
	"sync"
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
// that no capture goes by unseen. replayAwake is long enough for a source to be
// asked, the tenth that its interval may be longer included.
const (
	replayInterval = 20 * time.Second
	replayAwake    = 25 * time.Second
)

// TestReplayKeepsEveryEntry runs the whole daemon through eight and a half hours
// of real news, on the clock of a bubble, against twenty real publishers. What
// they served is known to the test by its own reading of the captures.
func TestReplayKeepsEveryEntry(t *testing.T) {
	all := readCaptures(t)
	conf := replayConfig(all, filepath.Join(t.TempDir(), "copydesk.db"))
	web := newReplayWeb(all)
	synctest.Test(t, func(t *testing.T) { replay(t, web, conf, instantsOf(all)) })

	checkPrinted(t, conf)
	store, err := db.Open(conf.Store.Path, db.Options{ReadOnly: true})
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

func replayConfig(all map[string][]capture, path string) config.Config {
	conf := config.Config{
		Server: config.Server{Listen: "127.0.0.1:80", BaseURL: "http://copydesk.example"},
		Store:  config.Store{Path: path},
		Poll:   config.Poll{MinInterval: replayInterval, MaxInterval: replayInterval, MaxWish: replayInterval},
		Group:  config.Group{Rewrites: 72 * time.Hour, Copies: 14 * 24 * time.Hour},
		Topics: []copydesk.Topic{{ID: "world", Title: "World", Merge: copydesk.MergeStory, Limit: 10, Content: copydesk.ShowFull}},
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		conf.Sources = append(conf.Sources, copydesk.Settings{
			ID: name, URL: replayURL(name), Topics: []copydesk.TopicID{"world"}, Role: copydesk.RolePublisher,
		})
	}
	return conf
}

// replay runs the daemon from the first capture to the last. It is stopped
// through each stretch in which nothing happens and started again, which spares
// us twenty thousand 304s and shows that restarts lose nothing either.
func replay(t *testing.T, web *replayWeb, conf config.Config, instants []time.Time) {
	web.trouble = troubleBetween(instants)
	world := desk.World{
		Version: "test", Log: slog.New(slog.DiscardHandler), Transport: web,
		Listen: func(string, string) (net.Listener, error) { return &deafListener{closed: make(chan struct{})}, nil },
	}
	starts := 0
	for _, awake := range awakeTimes(instants, web.trouble) {
		time.Sleep(time.Until(awake.from)) // bubbles begin in the year 2000
		ctx, stop := context.WithDeadline(t.Context(), awake.to)
		if err := desk.Run(ctx, conf, world); err != nil {
			t.Fatal(err)
		}
		stop()
		starts++
	}
	t.Logf("the daemon was started %d times", starts)
}

// stretch is a piece of time.
type stretch struct{ from, to time.Time }

func (s stretch) has(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

// awakeTimes are the stretches in which the daemon has something to see.
func awakeTimes(instants []time.Time, trouble []spell) (merged []stretch) {
	var all []stretch
	for _, at := range instants {
		all = append(all, stretch{at, at.Add(replayAwake)})
	}
	for _, s := range trouble {
		all = append(all, stretch{s.from, s.to.Add(replayAwake)})
	}
	slices.SortFunc(all, func(a, b stretch) int { return a.from.Compare(b.from) })
	for _, s := range all {
		if last := len(merged) - 1; last >= 0 && !s.from.After(merged[last].to) {
			merged[last].to = s.to
			continue
		}
		merged = append(merged, s)
	}
	return merged
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

// troubleBetween puts spells of error pages where the captures leave two hours
// free: they may cost nothing, neither entries nor validators.
func troubleBetween(instants []time.Time) (all []spell) {
	const page = "<!DOCTYPE html><html><head><title>Sorry</title></head><body><p>We are down for maintenance.</p></body></html>"
	for i, next := range instants[1:] {
		at := instants[i]
		if next.Sub(at) < 2*time.Hour {
			continue
		}
		for _, s := range []spell{
			{status: 200, contentType: "text/html", body: page},
			{status: 200, contentType: "application/xml", body: page},
			{status: 200, contentType: "application/xml", body: ""},
			{status: 200, contentType: "application/xml", body: `<?xml version="1.0"?><rss version="2.0"><channel><title>Half a`},
			{status: 404, contentType: "text/html", body: page},
			{status: 500, contentType: "text/plain", body: "internal error"},
		} {
			at = at.Add(2 * time.Minute)
			s.stretch = stretch{at, at.Add(replayAwake)}
			all = append(all, s)
		}
	}
	return all
}

// deafListener is a door that nobody knocks on.
type deafListener struct {
	once   sync.Once
	closed chan struct{}
}

func (l *deafListener) Accept() (net.Conn, error) {
	<-l.closed
	return nil, net.ErrClosed
}

func (l *deafListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *deafListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

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

// checkTitles demands that each title of an item is in a revision of its entry.
func checkTitles(t *testing.T, store *db.DB, e copydesk.Entry, s *servedItem) {
	t.Helper()
	revisions, err := store.Revisions(t.Context(), e.ID)
	if err != nil {
		t.Error(err)
	}
	var titles []string
	for _, rev := range revisions {
		titles = append(titles, words(rev.Title))
	}
	for _, title := range s.titles {
		if !slices.Contains(titles, words(title)) {
			t.Errorf("%s: %s: no revision has the title %q, there are %q", e.Source, e.GUID, title, titles)
		}
	}
}

// words is a title without the white space that normalizing evens out.
func words(title string) string { return strings.Join(strings.Fields(title), " ") }

func checkManners(t *testing.T, web *replayWeb) {
	t.Helper()
	var total manners
	for name, p := range web.publishers {
		m := p.manners
		t.Logf("%s: %+v", name, m)
		if len(p.seen) != len(p.captures) {
			t.Errorf("%s: %d of %d captures were asked for", name, len(p.seen), len(p.captures))
		}
		if !p.damages() && m.Full != len(p.captures) {
			t.Errorf("%s: %d documents sent for %d captures", name, m.Full, len(p.captures))
		}
		if m.ErrorPages == 0 {
			t.Errorf("%s: no error page was asked for", name)
		}
		total.AfterDamage += m.AfterDamage
		faults := manners{
			Unconditional: m.Unconditional, Bogus: m.Bogus, OutOfSequence: m.OutOfSequence,
			Cookies: m.Cookies, Referers: m.Referers, Queries: m.Queries,
		}
		if faults != (manners{}) {
			t.Errorf("%s complains: %+v", name, faults)
		}
	}
	if total.AfterDamage == 0 {
		t.Error("no request followed a damaged body: the captures or the publisher are not what they were")
	}
}
