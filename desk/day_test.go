package desk_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
	"copydesk/desk"

	gocmp "github.com/google/go-cmp/cmp"
)

// A day is a script that drives the whole daemon: its store is real, its web
// server is real, publishers and subscribers are in memory, and time passes as
// fast as nothing happens. The scripts are testdata/days/*.txtar.
//
// A script begins with a few sentences that say what it shows. Its first
// section is copydesk.toml. Each section after that is a step, whose name is a
// time and a verb. The first step states the date; "day 2" turns the page:
//
//	-- 2024-05-06 00:45 serve http://a.example/rss --
//	-- 02:00 read /topics/asia --
//	-- day 2 06:00 stop --
//
// What is due at the time of a step happens before it. A body that is a list
// may have empty lines, and notes that begin with "#". The verbs are, for
// publishers:
//
//	serve URL       from now on the body is what the address serves, with an
//	                ETag and a Last-Modified of its own
//	serve-raw URL   the same, with nothing but the headers that the body begins
//	                with; an empty line ends them
//	fail URL HOW    it answers otherwise: 503 or any other status, with the body
//	                as headers, the document's not among them (304 whatever was
//	                asked); html, a page for people; empty; truncate, the first
//	                half of the document under its full validators; slow 20s, the
//	                document after a while; hang; down, connections are refused
//	mend URL        it serves its document again; so does serve
//	polls URL       the requests that it got since the last such step, as
//	                "HH:MM conditional 304": the time, whether validators came
//	                with it, and the answer ("refused", "no answer")
//
// For hubs, which ask back a second after they took a request:
//
//	hub URL [HOW]   a hub is there; or it is mute, and takes requests and never
//	                asks back; strays, and asks back for another topic; denies; is
//	                down; redirects by 307 URL or 308 URL; answers 429 SECONDS; or gives a lease 1h and
//	                not ten days
//	heard URL       what came back when it asked back, as "subscribe TOPIC 200"
//	told URL        the addresses that it was told to be new
//	subscribed URL  whom it pushes to, as "topic | lease left"
//	push URL TOPIC  it pushes the body, or what the topic serves, and is answered
//	                202; push URL TOPIC 403 is refused; with forged or unsigned
//	                behind it, it is signed so
//
// For subscribers that are pushed to:
//
//	reader URL TOPIC  somebody whose callback is URL finds out what TOPIC.atom is
//	                called and which hub it has, the same in its headers and in
//	                itself, and subscribes there; with a status behind it the
//	                callback answers so from then on, and nobody subscribes anew
//	got URL         the items of the document that it was pushed since the last
//	                such step, in one delivery, as read has them: byte for byte
//	                what is served under that ETag, signed; or nothing
//
// For the daemon:
//
//	start, stop     begin, and end cleanly; restart is both
//	crash POINT     it dies when it next is there, as by a cut wire, and is
//	                started again on what is on disk, five seconds later:
//	                fetched, the document is read and nothing stored; settled,
//	                entries are stored and in no story; grouping, in the midst of
//	                the transaction that makes stories
//	reload          the body is copydesk.toml from now on, and the daemon is told
//	sources         what it thinks of them, as "ID | verdict | N in a row |
//	                reason | moved to URL"; last columns may be left out
//	schedule        when it polls them next, as "ID | in 23h | what decided"
//	regroup TIME    it is stopped, and the entries first seen since TIME
//	                (2024-05-06T00:00Z) are grouped again: asked first what would
//	                change, then done, which is the same, then once more, when
//	                nothing changes any more; it is started again. The body is what
//	                changed, as "Title", "comes SOURCE", "goes SOURCE", "absorbs one"
//	health          the episodes that its feed of health tells of, the newest
//	                first, as "Title | published DATE | updated DATE"; their ids
//	                must be those that they had before
//	moved           other addresses that it proposes, as "ID | URL | sure", or maybe
//	explain URL     lines of what it says of the entry there, without their indent;
//	                a name that was given to an id is good as well
//
// For subscribers, who read /topics/ID.atom (TOPIC may also be an archive,
// /topics/ID/archive/N, or end with a query):
//
//	read TOPIC      the items, newest first, as "Title | Publisher | also Other"
//	read TOPIC 410  what is answered in place of a feed; 301 NEW names the topic
//	                to which it leads
//	top TOPIC       the same of as many items as the body has lines
//	dates TOPIC     the items as "Title | published DATE | updated DATE"
//	text TOPIC      the items as "Title | summary: HTML | content: HTML"
//	ids TOPIC       a name for the id of each item, newest first: one name is one
//	                id, in the whole script and in all topics
//	links TOPIC     the other documents of its log, as "prev-archive /topics/asia/archive/1"
//	delta TOPIC     what is new since the topic was last read, as read shows it: of
//	                who asks for that alone (A-IM), with the ETag; 304 or 200 is
//	                what is answered in its place
//	search QUERY    the items that a search finds, as read shows those of a topic;
//	                there is an index only where copydesk.toml has [search]
//	unchanged TOPIC the bytes, the ETag and the Last-Modified are those of when
//	                the topic was last read, and each of the two brings a 304
//
// Whatever a script says, these hold: every store that a daemon leaves is
// sound; every feed is strict Atom whose dates are not to come, and its items
// are what some publisher wrote; publishers see no cookie, no Referer, no
// address that neither a configuration nor a redirect names, no validator that they did not give, and
// never two requests to a host at once or within host_gap.
var verbs = map[string]func(*day, step) error{
	"serve":     (*day).serve,
	"serve-raw": (*day).serveRaw,
	"fail":      (*day).fail,
	"mend":      (*day).mend,
	"polls":     (*day).polls,
	"start":     func(d *day, _ step) error { return d.start() },
	"stop":      func(d *day, _ step) error { return d.stop() },
	"restart":   func(d *day, _ step) error { return errors.Join(d.stop(), d.start()) },
	"crash":     (*day).crashAt,
	"reload":    (*day).reload,
	"sources":   (*day).sources,
	"health":    (*day).health,
	"moved":     (*day).moved,
	"explain":   (*day).explain,
	"regroup":   (*day).regroup,
	"read":      (*day).read,
	"top":       (*day).top,
	"dates":     func(d *day, s step) error { return d.items(s, atomEntry.dates) },
	"text":      func(d *day, s step) error { return d.items(s, atomEntry.text) },
	"ids":       (*day).ids,
	"search":    (*day).search,
	"unchanged": (*day).unchanged,
	"links":     (*day).links,
	"delta":     (*day).delta,
}

// day is a script that is being played.
type day struct {
	*world
	last  map[string]reading // by topic
	names map[string]string  // by id, of items

	episodes map[string]string // id by what an episode says that it is about
}

// TestDays plays every script.
func TestDays(t *testing.T) {
	files, err := filepath.Glob("testdata/days/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range play(t, text) {
				t.Error(err)
			}
		})
	}
}

// play plays a script in a bubble, and returns all that was not as it says.
func play(t *testing.T, text []byte) (wrong []error) {
	t.Helper()
	s, err := parseScript(text)
	if err != nil {
		return []error{err}
	}
	for _, st := range s.steps {
		if verbs[st.verb] == nil {
			return []error{fmt.Errorf("-- %s --: no verb %q", st.name, st.verb)}
		}
	}
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &day{world: newWorld(folder, s.config, t.Output()), last: map[string]reading{}, names: map[string]string{}, episodes: map[string]string{}}
		wrong = d.play(s)
	})
	return wrong
}

func (d *day) play(s script) (wrong []error) {
	for _, st := range s.steps {
		err := d.until(st.at)
		if err == nil {
			err = verbs[st.verb](d, st)
			synctest.Wait()
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("-- %s --\n%w", st.name, err))
		}
	}
	wrong = append(wrong, d.until(time.Now())) // a last crash
	if d.running != nil {
		wrong = append(wrong, d.stop())
	}
	if d.crash.point != "" {
		wrong = append(wrong, fmt.Errorf("crash %s: the point was never reached", d.crash.point))
	}
	for _, sin := range d.publishers.manners(d.known, d.config.Poll.HostGap) {
		wrong = append(wrong, errors.New("publisher: "+sin))
	}
	return slices.DeleteFunc(wrong, func(err error) bool { return err == nil })
}

// arg returns an argument of a step, or "".
func (s step) arg(i int) string {
	if i < len(s.args) {
		return s.args[i]
	}
	return ""
}

func (d *day) serve(s step) error {
	d.publishers.serve(s.arg(0), []byte(s.body), nil)
	return nil
}

func (d *day) serveRaw(s step) error {
	header, document, err := readHeader(s.body)
	if err != nil {
		return err
	}
	d.publishers.serve(s.arg(0), document, header)
	return nil
}

func (d *day) fail(s step) error {
	with := trouble{kind: s.arg(1)}
	_, notStatus := strconv.Atoi(with.kind)
	switch {
	case notStatus == nil && s.body != "":
		header, _, err := readHeader(s.body)
		with.plus = header
		d.publishers.fail(s.arg(0), with)
		return err
	case with.kind == "slow":
		wait, err := time.ParseDuration(s.arg(2))
		if err != nil {
			return err
		}
		with = trouble{wait: wait}
	case notStatus != nil && !slices.Contains([]string{"html", "empty", "truncate", "hang", "down"}, with.kind):
		return fmt.Errorf("unknown trouble %q", with.kind)
	}
	d.publishers.fail(s.arg(0), with)
	return nil
}

func (d *day) mend(s step) error {
	d.publishers.fail(s.arg(0), trouble{})
	return nil
}

func (d *day) polls(s step) error { return differ(s.lines(), d.publishers.polls(s.arg(0))) }

func (d *day) crashAt(s step) error {
	if !slices.Contains([]string{fetched, settled, grouping}, s.arg(0)) {
		return fmt.Errorf("unknown point %q", s.arg(0))
	}
	d.arm(s.arg(0))
	return nil
}

func (d *day) reload(s step) error {
	if d.running == nil {
		return errors.New("the daemon does not run")
	}
	d.text = s.body
	d.running.reload <- syscall.SIGHUP
	return nil
}

// sources compares what is thought of sources with rows that may leave out
// their last columns.
func (d *day) sources(s step) error {
	text, err := d.ask(desk.Command{Name: "sources", JSON: true})
	if err != nil {
		return err
	}
	var all []struct {
		Source   string
		Listed   bool
		Verdict  copydesk.Verdict
		Reason   string
		Failures int
		MovedTo  string `json:"moved_to"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	want := s.lines()
	got := []string{}
	for i, src := range all {
		row := src.Source + " | " + cmp.Or(string(src.Verdict), "new")
		if !src.Listed {
			row = src.Source + " | not listed"
		}
		if src.Failures > 0 {
			row += fmt.Sprintf(" | %d in a row", src.Failures)
		}
		row += " | " + src.Reason
		if src.MovedTo != "" {
			row += " | moved to " + src.MovedTo
		}
		if i < len(want) && strings.HasPrefix(row, want[i]+" |") {
			row = want[i]
		}
		got = append(got, row)
	}
	return differ(want, got)
}

// regroup groups entries again, as an operator does who looks first.
func (d *day) regroup(s step) error {
	since, err := time.Parse("2006-01-02T15:04Z07:00", s.arg(0))
	if err != nil {
		return err
	}
	if err := d.stop(); err != nil {
		return err
	}
	var said [][]string
	for _, apply := range []bool{false, true, false, true} {
		text, err := d.command(d.config, desk.Command{Name: "regroup", Since: since, Apply: apply, JSON: true})
		if err != nil {
			return err
		}
		lines, err := regrouped(text)
		if err != nil {
			return err
		}
		said = append(said, lines)
	}
	if err := errors.Join(check(d.store), differ(s.lines(), said[0]), differ(said[0], said[1])); err != nil {
		return err
	}
	if len(said[2])+len(said[3]) > 0 {
		return fmt.Errorf("done again, it changes more: %q, %q", said[2], said[3])
	}
	return d.start()
}

// regrouped is what a report says, for a script.
func regrouped(text []byte) (lines []string, err error) {
	type move struct{ Source string }
	var report struct {
		Changes []struct {
			Title      string
			Came, Went []move
			Absorbed   []string
		}
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, err
	}
	lines = []string{}
	for _, c := range report.Changes {
		lines = append(lines, c.Title)
		for _, m := range c.Came {
			lines = append(lines, "comes "+m.Source)
		}
		for _, m := range c.Went {
			lines = append(lines, "goes "+m.Source)
		}
		for range c.Absorbed {
			lines = append(lines, "absorbs one")
		}
	}
	return lines, nil
}

// health reads the feed of health as an operator's reader does.
func (d *day) health(s step) error {
	if d.running == nil {
		return errors.New("the daemon does not run")
	}
	r, err := d.running.admin.get("/health.atom", nil)
	if err != nil {
		return err
	}
	if r.status != http.StatusOK {
		return fmt.Errorf("status %d: %s", r.status, r.body)
	}
	f, err := parseAtom(r.body)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, r.body)
	}
	got := []string{}
	for _, e := range f.Entries {
		got = append(got, e.dates())
		what, _, _ := strings.Cut(e.Content, "</p>") // its source and when it began
		if before, ok := d.episodes[what]; ok && before != e.ID {
			return fmt.Errorf("%s: its id was %s and is %s", what, before, e.ID)
		}
		d.episodes[what] = e.ID
	}
	again, err := d.running.admin.get("/health.atom", http.Header{"If-None-Match": {r.header.Get("Etag")}})
	if err != nil || again.status != http.StatusNotModified {
		return fmt.Errorf("asked again: status %d, %w", again.status, err)
	}
	return differ(s.lines(), got)
}

// moved compares the addresses that are proposed for sources.
func (d *day) moved(s step) error {
	text, err := d.ask(desk.Command{Name: "sources", Moved: true, JSON: true})
	if err != nil {
		return err
	}
	var all []desk.Proposal
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	got := []string{}
	for _, p := range all {
		how := "maybe"
		if p.Sure {
			how = "sure"
		}
		got = append(got, p.Source+" | "+p.To+" | "+how)
	}
	return differ(s.lines(), got)
}

// explain sees that each line of the body is one of an explanation, indents aside.
func (d *day) explain(s step) error {
	url := s.arg(0)
	for id, name := range d.names {
		if name == url {
			url = id
		}
	}
	text, err := d.ask(desk.Command{Name: "explain", URL: url})
	if err != nil {
		return err
	}
	said := strings.Split(string(text), "\n")
	for i, line := range said {
		said[i] = strings.TrimSpace(line)
	}
	for _, line := range s.lines() {
		if !slices.Contains(said, line) {
			return fmt.Errorf("it does not say %q:\n%s", line, text)
		}
	}
	return nil
}

func (d *day) read(s step) error {
	if len(s.args) < 2 {
		return d.items(s, atomEntry.row)
	}
	r, err := d.get(s.arg(0), nil)
	if err != nil {
		return err
	}
	got := []string{strconv.Itoa(r.status)}
	if r.location != "" {
		got = append(got, strings.TrimSuffix(r.location, ".atom"))
	}
	return differ(s.args[1:], got)
}

func (d *day) search(s step) error {
	if d.running == nil {
		return errors.New("the daemon does not run")
	}
	question := url.QueryEscape(strings.Join(s.args, " "))
	r, err := d.running.public.get("/search.atom?q="+question, nil)
	if err != nil {
		return err
	}
	f, err := d.parse("/search?q="+question, r)
	if err != nil {
		return err
	}
	got := []string{}
	for _, e := range f.Entries {
		got = append(got, e.row())
	}
	return differ(s.lines(), got)
}

func (d *day) top(s step) error {
	f, err := d.feed(s.arg(0))
	if err != nil {
		return err
	}
	want := s.lines()
	got := []string{}
	for _, e := range f.Entries[:min(len(want), len(f.Entries))] {
		got = append(got, e.row())
	}
	return differ(want, got)
}

// items compares a feed's items, each as shown makes a line of it.
func (d *day) items(s step, shown func(atomEntry) string) error {
	f, err := d.feed(s.arg(0))
	if err != nil {
		return err
	}
	got := []string{}
	for _, e := range f.Entries {
		got = append(got, shown(e))
	}
	return differ(s.lines(), got)
}

func (d *day) ids(s step) error {
	f, err := d.feed(s.arg(0))
	if err != nil {
		return err
	}
	want := s.lines()
	taken := map[string]bool{}
	for _, name := range d.names {
		taken[name] = true
	}
	got := []string{}
	for i, e := range f.Entries {
		if d.names[e.ID] == "" && i < len(want) && !taken[want[i]] {
			d.names[e.ID], taken[want[i]] = want[i], true
		}
		got = append(got, cmp.Or(d.names[e.ID], "another item: "+e.Title))
	}
	return differ(want, got)
}

func (d *day) unchanged(s step) error {
	before, ok := d.last[s.arg(0)]
	if !ok {
		return errors.New("it was not read before")
	}
	now, err := d.get(s.arg(0), nil)
	if err != nil {
		return err
	}
	validators := func(r reading) []string {
		return []string{r.header.Get("Etag"), r.header.Get("Last-Modified"), string(r.body)}
	}
	if err := differ(validators(before), validators(now)); err != nil {
		return err
	}
	for question, answer := range map[string]string{"If-None-Match": "Etag", "If-Modified-Since": "Last-Modified"} {
		r, err := d.get(s.arg(0), http.Header{question: {before.header.Get(answer)}})
		if err != nil || r.status != http.StatusNotModified || len(r.body) > 0 {
			return fmt.Errorf("%s: status %d with %d bytes, %w", question, r.status, len(r.body), err)
		}
	}
	return nil
}

// feed reads a topic as a subscriber does, and sees that each of its items is
// what a publisher wrote: an error is no news.
func (d *day) feed(topic string) (atomFeed, error) {
	r, err := d.get(topic, nil)
	if err != nil {
		return atomFeed{}, err
	}
	return d.parse(topic, r)
}

// parse reads what was answered under that name.
func (d *day) parse(name string, r reading) (f atomFeed, err error) {
	if r.status != http.StatusOK {
		return f, fmt.Errorf("status %d: %s", r.status, r.body)
	}
	d.last[name] = r
	if f, err = parseAtom(r.body); err != nil {
		return f, fmt.Errorf("%w\n%s", err, r.body)
	}
	for _, e := range f.Entries {
		if !d.publishers.carried(cmp.Or(e.link(), e.Title)) {
			return f, fmt.Errorf("no publisher wrote the item %q (%s)", e.Title, e.link())
		}
	}
	return f, nil
}

func (d *day) get(topic string, header http.Header) (reading, error) {
	if d.running == nil {
		return reading{}, errors.New("the daemon does not run")
	}
	path, query, asked := strings.Cut(topic, "?")
	if path += ".atom"; asked {
		path += "?" + query
	}
	return d.running.public.get(path, header)
}

// links compares where a feed leads to in its log.
func (d *day) links(s step) error {
	f, err := d.feed(s.arg(0))
	if err != nil {
		return err
	}
	got := []string{}
	for _, l := range f.Links {
		if l.Rel != "self" && l.Rel != "alternate" {
			_, path, _ := strings.Cut(l.Href, "/topics/")
			got = append(got, l.Rel+" /topics/"+strings.Replace(path, ".atom", "", 1))
		}
	}
	return differ(s.lines(), got)
}

func (d *day) delta(s step) error {
	before, ok := d.last[s.arg(0)]
	if !ok {
		return errors.New("it was not read before")
	}
	r, err := d.get(s.arg(0), http.Header{"A-Im": {"feed"}, "If-None-Match": {before.header.Get("Etag")}})
	if err != nil {
		return err
	}
	if want := cmp.Or(s.arg(1), "226"); want != strconv.Itoa(r.status) {
		return fmt.Errorf("status %d, want %s", r.status, want)
	}
	if r.status != http.StatusIMUsed {
		return nil
	}
	whole, err := d.get(s.arg(0), nil)
	if err != nil {
		return err
	}
	if err := differ([]string{"feed", whole.header.Get("Etag")}, []string{r.header.Get("Im"), r.header.Get("Etag")}); err != nil {
		return err
	}
	f, err := parseAtom(r.body)
	if err != nil {
		return err
	}
	got := []string{}
	for _, e := range f.Entries {
		got = append(got, e.row())
	}
	return differ(s.lines(), got)
}

func differ(want, got []string) error {
	if diff := gocmp.Diff(want, got); diff != "" {
		return fmt.Errorf("(-want +got)\n%s", diff)
	}
	return nil
}

func TestAScriptThatIsWrongIsToldSo(t *testing.T) {
	const head = `A day.
-- copydesk.toml --
[[topic]]
id = "asia"
[[source]]
id = "a"
url = "http://a.example/rss"
topics = ["asia"]
-- 2024-05-06 00:00 serve http://a.example/rss --
<rss version="2.0"><channel><title>A</title>
<item><title>Rain</title><link>http://a.example/1</link></item>
<item><title>Wind</title><link>http://a.example/2</link></item>
</channel></rss>
-- 00:00 start --
`
	if wrong := play(t, []byte(head+"-- 01:00 read /topics/asia --\nRain | A\nWind | A\n")); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	for steps, reason := range map[string]string{
		"-- 01:00 sing --":                                                         `no verb "sing"`,
		"-- 01:00 read /topics/asia --\nRain | A\n":                                `"Wind | A"`,
		"-- 01:00 read /topics/asia 410 --":                                        `"200"`,
		"-- 01:00 ids /topics/asia --\nx\nx\n":                                     "another item: Wind",
		"-- 01:00 ids /topics/asia --\nx\ny\n-- 01:00 ids /topics/asia --\ny\nx\n": "-- 01:00 ids",
		"-- 01:00 polls http://a.example/rss --":                                   `"00:00 unconditional 200"`,
		"-- 01:00 sources --\na | failed\n":                                        `"a | changed`,
		"-- 01:00 explain http://a.example/1 --\nit is so\n":                       `does not say "it is so"`,
		"-- 01:00 unchanged /topics/asia --":                                       "not read before",
		"-- 01:00 explain http://a.example/1 --\nno such line\n":                   `does not say "no such line"`,
		"-- 01:00 crash settled --":                                                "never reached",
		"-- 01:00 crash somewhere --":                                              "unknown point",
		"-- 01:00 fail http://a.example/rss badly --":                              "unknown trouble",
		"-- 01:00 start --":                                                        "runs already",
		"-- 01:00 stop --\n-- 01:00 read /topics/asia --":                          "does not run",
	} {
		wrong := play(t, []byte(head+steps))
		if len(wrong) != 1 || !strings.Contains(wrong[0].Error(), reason) {
			t.Errorf("%s\ngot %v, want %q", steps, wrong, reason)
		}
	}
}
