package publish_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	gocmp "github.com/google/go-cmp/cmp"

	"pgregory.net/rapid"

	"copydesk"
	"copydesk/publish"
	"copydesk/publish/publishtest"
)

// stacks are the archives of a topic, ten positions each, as a library.
type stacks struct {
	galleys []*publish.Galley // of all positions, the first one first
	dropped int               // archives that are kept no longer
	asked   atomic.Int32
	running atomic.Int32
	most    atomic.Int32 // that ran at once
	trouble error
	slow    time.Duration
}

const shelfLength = 10

func (s *stacks) closed() int { return len(s.galleys) / shelfLength }

func (s *stacks) Archive(ctx context.Context, _ copydesk.TopicID, number int) (a publish.Archive, err error) {
	s.asked.Add(1)
	s.most.Store(max(s.most.Load(), s.running.Add(1)))
	defer s.running.Add(-1)
	if s.slow > 0 {
		select {
		case <-time.After(s.slow):
		case <-ctx.Done():
			return a, ctx.Err()
		}
	}
	switch {
	case s.trouble != nil:
		return a, s.trouble
	case number <= s.dropped:
		return a, fmt.Errorf("archive %d: %w", number, publish.ErrDropped)
	case number > s.closed():
		return a, fmt.Errorf("archive %d: %w", number, publish.ErrNoArchive)
	}
	a = publish.Archive{Number: number, From: uint64(number-1) * shelfLength}
	if number-1 > s.dropped {
		a.Prev = number - 1
	}
	if number < s.closed() {
		a.Next = number + 1
	}
	a.Galleys = slices.Clone(s.galleys[(number-1)*shelfLength : number*shelfLength])
	slices.Reverse(a.Galleys)
	return a, nil
}

func (s *stacks) Below(ctx context.Context, topic copydesk.TopicID, position uint64, publishers int) (a publish.Archive, err error) {
	if position < 2 {
		return a, nil
	}
	for number := min(int(position-2)/shelfLength+1, s.closed()); number > s.dropped; number-- {
		if publish.MostCarried(s.galleys[(number-1)*shelfLength:number*shelfLength]) >= publishers {
			return s.Archive(ctx, topic, number)
		}
	}
	return a, nil
}

func (s *stacks) Stamp(context.Context, copydesk.TopicID, string, copydesk.Digest) (time.Time, error) {
	return noon, nil
}

func (s *stacks) Story(context.Context, copydesk.StoryID, []copydesk.TopicID) (copydesk.Told, error) {
	return copydesk.Told{}, publish.ErrNoStory
}

// kioskWithLog is a kiosk whose topic has so many positions, the first one of
// one publisher, the second one of two, and so on up to five.
func kioskWithLog(t *testing.T, positions, limit int) (*kiosk, *stacks) {
	t.Helper()
	s := &stacks{}
	for n := 1; n <= positions; n++ {
		s.galleys = append(s.galleys, galley(t, n, fmt.Sprint("Story ", n)))
	}
	k := &kiosk{t: t, shelf: publish.NewShelf()}
	k.handler = publish.NewHandler(k.shelf, s, site, func(copydesk.TopicID) time.Time { return k.next }, well, well)
	k.publish(s.edition(limit))
	return k, s
}

func galley(t testing.TB, position int, title string) *publish.Galley {
	t.Helper()
	item := full().Items[0]
	id := copydesk.NewEntryID("harbour", fmt.Sprint(position))
	item.ID, item.Story = copydesk.NewStoryID(id).String(), copydesk.NewStoryID(id)
	item.Position, item.Publishers, item.Lead.Entry.Title = uint64(position), (position-1)%5+1, title
	g, err := publish.Set(item)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (s *stacks) edition(limit int) *publish.Issue {
	galleys := slices.Clone(s.galleys)
	slices.Reverse(galleys)
	i := full().issue(galleys[:min(limit, len(galleys))])
	i.Limit, i.Closed, i.Links.PrevArchive = limit, uint64(s.closed()*shelfLength), s.closed()
	if len(galleys) > limit {
		i.Links.Next = uint64(len(galleys) - limit + 1)
	}
	i.History = fmt.Sprint(s.closed(), s.dropped)
	return i
}

func (k *kiosk) publish(issue *publish.Issue) {
	k.t.Helper()
	k.editions = map[publish.Format]*publish.Pressed{}
	for _, f := range publish.Formats() {
		body, err := issue.Print(f, site)
		if err != nil {
			k.t.Fatal(err)
		}
		k.editions[f] = press(k.t, body, f.ContentType(), noon)
	}
	if err := k.shelf.Publish(issue, k.editions); err != nil {
		k.t.Fatal(err)
	}
}

// read is the titles of a feed and its links, without self and alternate.
func (k *kiosk) read(target string) (titles []string, links map[string]string) {
	k.t.Helper()
	r := k.ask("GET", target)
	k.want(r, 200)
	feed := publishtest.Atom(k.t, body(k.t, r), site.BaseURL+target)
	for _, e := range feed.All("entry") {
		titles = append(titles, strings.TrimPrefix(e.All("title")[0].Text, "Story "))
	}
	links = map[string]string{}
	for _, l := range feed.All("link") {
		if rel := l.Attr("rel"); rel != "alternate" {
			links[rel] = strings.TrimPrefix(l.Attr("href"), site.BaseURL)
		}
	}
	if links["self"] != target {
		k.t.Errorf("%s says that it is %s", target, links["self"])
	}
	delete(links, "self")
	return titles, links
}

func (k *kiosk) same(what string, got, want any) {
	k.t.Helper()
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		k.t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

func TestAnArchiveIsMarkedAndLinked(t *testing.T) {
	k, s := kioskWithLog(t, 35, 10)
	s.dropped = 1
	titles, links := k.read("/topics/coast/archive/2.atom")
	k.same("titles", titles, strings.Fields("20 19 18 17 16 15 14 13 12 11"))
	k.same("links", links, map[string]string{"current": "/topics/coast.atom", "next-archive": "/topics/coast/archive/3.atom"})
	_, links = k.read("/topics/coast/archive/3.atom")
	k.same("links", links, map[string]string{"current": "/topics/coast.atom", "prev-archive": "/topics/coast/archive/2.atom"})
	_, links = k.read("/topics/coast.atom")
	k.same("links", links, map[string]string{"current": "/topics/coast.atom", "prev-archive": "/topics/coast/archive/3.atom", "next": "/topics/coast.atom?before=26"})
	for _, f := range []string{"atom", "rss"} {
		for target, marked := range map[string]bool{"/topics/coast/archive/2." + f: true, "/topics/coast." + f: false, "/topics/coast." + f + "?before=9": false} {
			has := bytes.Contains(body(t, k.ask("GET", target)), []byte("<fh:archive></fh:archive>"))
			if has != marked {
				t.Errorf("%s: marked as an archive: %t", target, has)
			}
		}
	}
	r := k.ask("GET", "/topics/coast/archive/2.json")
	publishtest.JSON(t, body(t, r), "")
	k.same("age", r.Header.Get("Cache-Control"), "max-age=86400")
	k.want(k.ask("GET", "/topics/coast/archive/2.atom", "If-None-Match: "+k.ask("GET", "/topics/coast/archive/2.atom").Header.Get("Etag")), 304)
	k.want(k.ask("GET", "/topics/coast/archive/2.atom", "If-Modified-Since: Sat, 14 Mar 2026 12:00:00 GMT"), 304)
}

func TestArchivesThatAreNotThere(t *testing.T) {
	k, s := kioskWithLog(t, 35, 10)
	s.dropped = 1
	k.want(k.ask("GET", "/topics/coast/archive/1.atom"), 410)
	for _, target := range []string{"4.atom", "0.atom", "-1.atom", "02.atom", "2", "2.html", "2.xml", "x.atom", "99999999999999999999.atom", "4294967298.atom", "2.atom.atom"} {
		if r := k.ask("GET", "/topics/coast/archive/"+target); r.StatusCode != 404 {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
	k.want(k.ask("GET", "/topics/none/archive/2.atom"), 404)
	k.shelf.Moved("shore", "coast")
	r := k.ask("GET", "/topics/shore/archive/2.atom")
	k.want(r, 301)
	k.same("location", r.Header.Get("Location"), "/topics/coast/archive/2.atom")
	k.shelf.Gone("old")
	k.want(k.ask("GET", "/topics/old/archive/2.atom"), 410)
	s.trouble = errors.New("the disk is on fire")
	r = k.ask("GET", "/topics/coast/archive/3.atom")
	k.want(r, 503)
	if r.Header.Get("Retry-After") == "" || bytes.Contains(body(t, r), []byte("fire")) {
		t.Errorf("%v", r.Header)
	}
}

func TestAnArchiveIsMadeOnceUntilItChanges(t *testing.T) {
	k, s := kioskWithLog(t, 35, 10)
	for range 3 {
		k.want(k.ask("GET", "/topics/coast/archive/2.atom"), 200)
	}
	k.publish(s.edition(5)) // an edition that leaves the archives alone
	k.want(k.ask("GET", "/topics/coast/archive/2.atom"), 200)
	k.same("made", s.asked.Load(), int32(1))
	changed := s.edition(10)
	changed.History = "another"
	k.publish(changed)
	k.want(k.ask("GET", "/topics/coast/archive/2.atom"), 200)
	k.same("made", s.asked.Load(), int32(2))
}

// Whoever follows the links of the edition sees every story once, whatever the
// length of a page, also through archives.
func TestTheWholeLogIsReached(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		positions, limit := rapid.IntRange(0, 60).Draw(rt, "positions"), rapid.IntRange(shelfLength, 25).Draw(rt, "limit")
		sources := rapid.IntRange(0, 6).Draw(rt, "sources")
		k, _ := kioskWithLog(t, positions, limit)
		target := "/topics/coast.atom"
		if sources > 1 {
			target += fmt.Sprint("?sources=", sources)
		}
		var got []string
		for pages := 0; target != "" && pages < 70; pages++ {
			titles, links := k.read(target)
			got = append(got, titles...)
			if target = links["next"]; len(titles) > limit || target != "" && len(titles) < limit {
				rt.Fatalf("a page of %d, the limit is %d, then %q", len(titles), limit, target)
			}
		}
		var want []string
		for n := positions; n > 0; n-- {
			if (n-1)%5+1 >= sources {
				want = append(want, fmt.Sprint(n))
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			rt.Fatalf("(-want +got)\n%s", diff)
		}
	})
}

func TestAFilteredFeedIsAFeedOfItsOwn(t *testing.T) {
	k, _ := kioskWithLog(t, 35, 10)
	titles, links := k.read("/topics/coast.atom?sources=4")
	k.same("titles", titles, strings.Fields("35 34 30 29 25 24 20 19 15 14"))
	k.same("links", links, map[string]string{"current": "/topics/coast.atom", "next": "/topics/coast.atom?before=14&sources=4"})
	whole, part := publishtest.Atom(t, body(t, k.ask("GET", "/topics/coast.atom")), site.BaseURL+"/topics/coast.atom"), publishtest.Atom(t, body(t, k.ask("GET", "/topics/coast.atom?sources=4")), site.BaseURL+"/topics/coast.atom?sources=4")
	if whole.All("id")[0].Text == part.All("id")[0].Text || whole.All("title")[0].Text == part.All("title")[0].Text {
		t.Errorf("both are %s", part.Raw)
	}
	for _, f := range []string{"rss", "json", "atom"} {
		r := k.ask("GET", "/topics/coast."+f+"?sources=4")
		k.want(r, 200)
		tag := r.Header.Get("Etag")
		if tag == "" || r.Header.Get("Last-Modified") != "" {
			t.Errorf("%s: tag %q, Last-Modified %q", f, tag, r.Header.Get("Last-Modified"))
		}
		k.want(k.ask("GET", "/topics/coast."+f+"?sources=4", "If-None-Match: "+tag), 304)
		k.want(k.ask("GET", "/topics/coast."+f+"?sources=4", "If-Modified-Since: Sat, 14 Mar 2026 12:00:00 GMT"), 200)
	}
	publishtest.RSS(t, body(t, k.ask("GET", "/topics/coast.rss?sources=4")), site.BaseURL+"/topics/coast.rss?sources=4")
	publishtest.JSON(t, body(t, k.ask("GET", "/topics/coast.json?sources=4")), site.BaseURL+"/topics/coast.json?sources=4")
	page := string(body(t, k.ask("GET", "/topics/coast?sources=4")))
	if !strings.Contains(page, `href="./coast?before=14&amp;sources=4"`) || strings.Contains(page, "Story 33") {
		t.Error(page)
	}
}

func TestArchivesThatTooFewCarryAreNotRead(t *testing.T) {
	k, s := kioskWithLog(t, 205, 10)
	for _, n := range []int{14, 15, 19, 20} { // so that three at most carry a story of the second archive
		s.galleys[n-1] = galley(t, 3, "Three carry it")
	}
	for target, archives := range map[string]int32{"sources=99&before=200": 0, "sources=4&before=21": 1, "sources=3&before=21": 2} {
		before := s.asked.Load()
		k.want(k.ask("GET", "/topics/coast.atom?"+target), 200)
		k.same("read for "+target, s.asked.Load()-before, archives)
	}
}

func TestTheQueryIsReadStrictlyWhereItIsOurs(t *testing.T) {
	k, _ := kioskWithLog(t, 35, 10)
	edition := k.editions[publish.Atom].ETag()
	for query, want := range map[string]int{
		"": 200, "utm_source=x": 200, "sources=1": 200, "&": 200, "sources=1&utm=%zz": 200, "before=99999": 0, "sources=2": 0, "sources=2&before=9": 0,
		"sources=0": 400, "sources=": 400, "sources": 400, "sources=x": 400, "sources=-1": 400, "sources=02": 400, "sources=2.0": 400, "sources=100": 400,
		"sources=2&sources=2": 400, "before=0": 400, "before=-1": 400, "before=%31": 0, "before=+1": 400, "before=18446744073709551615": 0,
		"before=18446744073709551616": 400, "before=%zz": 400, "before=1&before=2": 400,
	} {
		r := k.ask("GET", "/topics/coast.atom?"+query)
		got := r.StatusCode
		if got == 200 && r.Header.Get("Etag") != edition {
			got = 0 // another document
		}
		if got != want {
			t.Errorf("%q: %d, want %d", query, got, want)
		}
	}
}

func TestKnownParametersStandInOneOrder(t *testing.T) {
	k, _ := kioskWithLog(t, 35, 10)
	feed := publishtest.Atom(t, body(t, k.ask("GET", "/topics/coast.atom?utm=1&sources=2&before=30")), "")
	for _, l := range feed.All("link") {
		if l.Attr("rel") == "self" {
			k.same("self", l.Attr("href"), site.BaseURL+"/topics/coast.atom?before=30&sources=2")
		}
	}
}

func TestAReaderThatAsksForItGetsOnlyWhatIsNew(t *testing.T) {
	k, s := kioskWithLog(t, 8, 10)
	tags := map[string]string{}
	for _, f := range []string{"atom", "rss", "json"} {
		tags[f] = k.ask("GET", "/topics/coast."+f, "Accept-Encoding: gzip").Header.Get("Etag")
	}
	k.want(k.ask("GET", atomAddress, "A-IM: feed", "If-None-Match: "+tags["atom"]), 304)

	s.galleys = append(s.galleys, galley(t, 9, "Story 9"))
	s.galleys[2] = galley(t, 3, "Story 3, corrected")
	k.publish(s.edition(10))
	for f, tag := range tags {
		r := k.ask("GET", "/topics/coast."+f, "A-IM: gzip, feed;q=0.5", "If-None-Match: "+tag, "Accept-Encoding: gzip")
		k.want(r, 226)
		text := decoded(t, r)
		if !bytes.Contains(text, []byte("Story 9")) || !bytes.Contains(text, []byte("Story 3, corrected")) || bytes.Contains(text, []byte("Story 8")) {
			t.Errorf("%s: %s", f, text)
		}
		whole := k.ask("GET", "/topics/coast."+f, "Accept-Encoding: gzip")
		for name, want := range map[string]string{
			"Im": "feed", "Etag": whole.Header.Get("Etag"), "Vary": "Accept-Encoding, A-IM", "Cache-Control": "no-store, im, max-age=900",
			"Content-Type": whole.Header.Get("Content-Type"), "Last-Modified": whole.Header.Get("Last-Modified"), "Content-Encoding": "gzip",
		} {
			k.same(f+" "+name, r.Header.Get(name), want)
		}
	}
	for _, headers := range [][]string{
		{"If-None-Match: " + tags["atom"]}, {"A-IM: feed"}, {"A-IM: diffe", "If-None-Match: " + tags["atom"]}, {"A-IM: feed;q=0", "If-None-Match: " + tags["atom"]},
		{"A-IM: feed", `If-None-Match: "unknown"`}, {"A-IM: feed", "If-Modified-Since: Sat, 14 Mar 2026 11:00:00 GMT"},
	} {
		k.want(k.ask("GET", atomAddress, headers...), 200)
	}
	k.want(k.ask("GET", "/topics/coast", "A-IM: feed", "If-None-Match: "+tags["atom"]), 200) // a page has no versions
}

func TestFiftyVersionsAreRemembered(t *testing.T) {
	k, s := kioskWithLog(t, 1, 100)
	var tags []string
	for n := 2; n <= 53; n++ {
		tags = append(tags, k.editions[publish.Atom].ETag())
		s.galleys = append(s.galleys, galley(t, n, fmt.Sprint("Story ", n)))
		i := s.edition(100)
		i.Closed, i.Links = 0, publish.Links{}
		k.publish(i)
	}
	for n, want := range map[int]int{0: 200, 2: 200, 3: 226, 51: 226} {
		r := k.ask("GET", atomAddress, "A-IM: feed", "If-None-Match: "+tags[n])
		k.want(r, want)
		if entries := len(publishtest.Atom(t, body(t, r), "").All("entry")); want == 226 && entries != 52-n {
			t.Errorf("%d entries since version %d", entries, n)
		}
	}
}

func TestWhoWaitsTooLongForADocumentIsAskedToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, s := kioskWithLog(t, 35, 10)
		s.slow = time.Hour
		began := time.Now()
		done := make(chan *http.Response)
		for n := range 6 {
			go func() { done <- k.ask("GET", fmt.Sprintf("/topics/coast.atom?before=%d", n+5)) }()
		}
		for range 6 {
			r := <-done
			k.want(r, 503)
			if r.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("they waited %s", took)
		}
		k.want(k.ask("GET", atomAddress), 200) // editions cost nothing
		if most := s.most.Load(); most != 2 {
			t.Errorf("%d documents were made at once", most)
		}
	})
}

func TestPackedGalleysAreWhatTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := hostileEdition().Draw(t, "edition")
		var galleys []*publish.Galley
		for i, item := range e.Items {
			item.Position, item.Publishers, item.Absorbed = uint64(i)<<40, i, i%2 == 1
			g, err := publish.Set(item)
			if err != nil {
				t.Fatalf("%v", err)
			}
			galleys = append(galleys, g)
		}
		packed := publish.Pack(galleys)
		again, err := publish.Unpack(packed)
		if err != nil || !bytes.Equal(packed, publish.Pack(again)) {
			t.Fatalf("%v: not the same", err)
		}
		for _, f := range publish.Formats() {
			one, err1 := e.issue(galleys).Print(f, site)
			two, err2 := e.issue(again).Print(f, site)
			if err := cmp.Or(err1, err2); err != nil || !bytes.Equal(one, two) {
				t.Fatalf("%v: %s is printed otherwise", err, f)
			}
		}
		if len(packed) > 0 {
			if _, err := publish.Unpack(packed[:rapid.IntRange(1, len(packed)-1).Draw(t, "cut")]); err == nil && len(galleys) < 2 {
				t.Fatalf("cut off, and nobody noticed")
			}
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add(publish.Pack([]*publish.Galley{galley(f, 1, "Story")}))
	f.Fuzz(func(t *testing.T, packed []byte) {
		if galleys, err := publish.Unpack(packed); err == nil {
			if _, err := publish.Unpack(publish.Pack(galleys)); err != nil {
				t.Errorf("packed again: %v", err)
			}
		}
	})
}

func FuzzQueries(f *testing.F) {
	for _, q := range []string{"before=9&sources=2", "sources=%32", "&&=&before", "a=b;sources=2"} {
		f.Add(q)
	}
	s := &stacks{}
	for n := 1; n <= 30; n++ {
		s.galleys = append(s.galleys, galley(f, n, "Story"))
	}
	shelf := publish.NewShelf()
	issue := s.edition(10)
	body, err := issue.Print(publish.Atom, site)
	if err != nil {
		f.Fatal(err)
	}
	p, err := publish.Press(body, publish.Atom.ContentType(), noon)
	if err != nil {
		f.Fatal(err)
	}
	if err := shelf.Publish(issue, map[publish.Format]*publish.Pressed{publish.Atom: p}); err != nil {
		f.Fatal(err)
	}
	h := publish.NewHandler(shelf, s, site, func(copydesk.TopicID) time.Time { return noon }, well, well)
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", atomAddress, nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch w.Code {
		case 200:
			publishtest.Atom(t, w.Body.Bytes(), "")
		case 400, 414:
		default:
			t.Errorf("%q: %d", query, w.Code)
		}
	})
}
