package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// bill is what is played: publishers, and what each of them serves at each step.
type bill struct {
	names []string // in the order in which they are asked
	roles map[string]string
	steps []map[string]string // documents by name
}

// theatre is the publishers of a bill on one host, at one step of it. It answers a
// source only once the one before it is settled, as the process that polls says
// on its standard error: requests to one host begin in a fixed order, but what
// one brought may still be being read while the next is asked, and the order in
// which entries are stored decides which of them begins a story.
type theatre struct {
	*httptest.Server
	bill bill

	mu      sync.Mutex
	step    int
	asked   []string        // since the process began
	settled map[string]bool // by the process that runs
	marks   []time.Time     // when it said so, the start first
	changed chan struct{}   // closed when settled changes
	partial string          // of a line
}

func openTheatre(b bill) *theatre {
	s := &theatre{bill: b, changed: make(chan struct{})}
	s.Server = httptest.NewServer(s)
	return s
}

// begin is called before a process starts.
func (s *theatre) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.settled, s.marks, s.partial = nil, map[string]bool{}, []time.Time{time.Now()}, ""
}

// turn goes to a step of the bill.
func (s *theatre) turn(step int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step = step
}

// Write takes what the process prints: a line such as "3/20 gazette: changed"
// for each source that is settled.
func (s *theatre) Write(printed []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.SplitAfter(s.partial+string(printed), "\n")
	s.partial = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		_, line, _ = strings.Cut(line, " ")
		name, _, _ := strings.Cut(line, ":")
		if slices.Contains(s.bill.names, name) && !s.settled[name] {
			s.settled[name] = true
			s.marks = append(s.marks, time.Now())
			close(s.changed)
			s.changed = make(chan struct{})
		}
	}
	return len(printed), nil
}

// progress returns how many sources are settled, and a channel that is closed
// when it is one more.
func (s *theatre) progress() (int, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.settled), s.changed
}

// seen returns in which order sources were asked, and when each was settled.
func (s *theatre) seen() (asked []string, marks []time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked), slices.Clone(s.marks)
}

func (s *theatre) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), ".xml")
	i := slices.Index(s.bill.names, name)
	if i < 0 {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, name)
	s.mu.Unlock()
	if i > 0 && !s.await(r, s.bill.names[i-1]) {
		return // whoever asked is dead
	}
	body, modified := s.document(name)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body))))
	w.Header().Set("Last-Modified", modified)
	w.Header().Set("Content-Type", "application/xml")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
}

// await waits until the source is settled; false if nobody waits any more.
func (s *theatre) await(r *http.Request, name string) bool {
	for {
		s.mu.Lock()
		settled, changed := s.settled[name], s.changed
		s.mu.Unlock()
		if settled {
			return true
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return false
		}
	}
}

// document is what the publisher serves, and since when: a step is a minute.
func (s *theatre) document(name string) (body, modified string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := s.step
	for since > 0 && s.bill.steps[since-1][name] == s.bill.steps[s.step][name] {
		since--
	}
	at := time.Date(2024, 3, 1, 12, since, 0, 0, time.UTC)
	return s.bill.steps[s.step][name], at.Format(http.TimeFormat)
}

// config is a configuration that asks the publishers on stage.
func (s *theatre) config() string {
	var text strings.Builder
	fmt.Fprintf(&text, "[store]\npath = \"copydesk.db\"\n\n[poll]\nhost_gap = \"0s\"\nmin_interval = \"1s\"\nallow = [%q]\n", s.Listener.Addr())
	fmt.Fprint(&text, "\n[[topic]]\nid = \"world\"\ntitle = \"World\"\n\n[[topic]]\nid = \"asia\"\ntitle = \"Asia\"\nparent = \"world\"\n")
	for i, name := range s.bill.names {
		topic := []string{"world", "asia"}[i%2]
		role := cmp.Or(s.bill.roles[name], "publisher")
		fmt.Fprintf(&text, "\n[[source]]\nid = %q\nurl = %q\nrole = %q\ntopics = [%q]\n", name, s.URL+"/"+name+".xml", role, topic)
	}
	return text.String()
}

// capturesBill is the burst of captured feeds, a step for each time at which
// anything changed.
func capturesBill(t *testing.T) bill {
	t.Helper()
	data := os.Getenv("COPYDESK_CAPTURES")
	if data == "" {
		t.Skip("COPYDESK_CAPTURES names no folder of captured feeds: the replay is not run")
	}
	folder := filepath.Join(data, "feeds", "burst-2020-05-18")
	timeline, err := os.ReadFile(filepath.Join(folder, "timeline.tsv"))
	if err != nil {
		t.Fatalf("COPYDESK_CAPTURES: %v", err)
	}
	_, rows, _ := strings.Cut(strings.TrimSpace(string(timeline)), "\n") // without the heading
	at, serving := "", map[string]string{}
	b := bill{}
	for row := range strings.Lines(rows) {
		column := strings.Split(strings.TrimSpace(row), "\t")
		if len(column) < 3 {
			t.Fatalf("timeline.tsv: %q", row)
		}
		body, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(column[2])))
		if err != nil {
			t.Fatal(err)
		}
		name := column[1]
		if serving[name] == string(body) {
			continue
		}
		if !slices.Contains(b.names, name) {
			b.names = append(b.names, name)
		}
		if at != column[0] {
			at = column[0]
			b.steps = append(b.steps, map[string]string{})
		}
		serving[name] = string(body)
		b.steps[len(b.steps)-1][name] = serving[name]
	}
	return b.whole()
}

// whole fills in what goes on being served, before its publisher's first
// document too, and puts the names in order.
func (b bill) whole() bill {
	slices.Sort(b.names)
	for _, name := range b.names {
		serving := ""
		for _, step := range b.steps {
			serving = cmp.Or(serving, step[name])
		}
		for _, step := range b.steps {
			serving = cmp.Or(step[name], serving)
			step[name] = serving
		}
	}
	return b
}

// madeBill is five publishers of our own making. Over ten steps entries come and
// go, headlines change, documents break off, and an aggregator carries what
// another publishes at the same step or later.
//
// Who is credited with a copy follows here from whose address it is, and never
// from who was seen first: a process that is killed asks once more, and so knows
// more exactly since when a publisher can have had something.
func madeBill() bill {
	const steps = 10
	b := bill{
		names: []string{"aggregate", "bulletin", "courier", "dispatch", "gazette"},
		roles: map[string]string{"aggregate": "aggregator"},
	}
	for step := range steps {
		b.steps = append(b.steps, map[string]string{
			"aggregate": madeFeed("gazette", max(0, step-step%3), step, "copy-%s"),
			"bulletin":  madeFeed("bulletin", step, step, "bulletin-%s"),
			"courier":   madeFeed("courier", step-step%2, step, ""), // changes at every other step; without guids
			"dispatch":  brokenOff(madeFeed("dispatch", step, step, "https://dispatch.example/%s"), step%4 == 2),
			"gazette":   madeFeed("gazette", step, step, "gazette-%s"),
		})
	}
	return b
}

// madeFeed is a feed that has published two entries at each step and lists the
// last twelve. Every third headline is changed two steps later. site is whose
// articles they are, guid a pattern, empty for none.
func madeFeed(site string, published, step int, guid string) string {
	var text strings.Builder
	fmt.Fprintf(&text, `<?xml version="1.0"?><rss version="2.0"><channel><title>The %s</title><link>https://%s.example/</link>`, site, site)
	for n := 2*published + 1; n >= max(0, 2*published-10); n-- {
		headline := fmt.Sprintf("%s reports on matter %d", site, n)
		if n%3 == 0 && step >= n/2+2 {
			headline += ", corrected"
		}
		fmt.Fprintf(&text, "\n<item><title>%s</title><link>https://%s.example/%d</link><description>What is known of matter %d, by the %s.</description>",
			headline, site, n, n, site)
		if guid != "" {
			fmt.Fprintf(&text, `<guid isPermaLink="false">%s</guid>`, fmt.Sprintf(guid, fmt.Sprint(n)))
		}
		text.WriteString("</item>")
	}
	text.WriteString("\n</channel></rss>\n")
	return text.String()
}

// brokenOff is the first half of a document, if it breaks off.
func brokenOff(document string, breaks bool) string {
	if breaks {
		return document[:len(document)/2]
	}
	return document
}
