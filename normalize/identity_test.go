package normalize

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

// The scenarios below are steps 0 to 2 of the identity ladder. Each polls one
// source several times and states, per poll, what became of the items: one word
// for each that changed, in the order of the changes, such as "added A".

// shelf is a store for one source, as far as Decide needs one.
type shelf struct {
	src     copydesk.Source
	holders map[copydesk.Key]copydesk.Holder
	entries map[copydesk.EntryID]copydesk.Entry
	names   map[copydesk.EntryID]string // entries in the order of their discovery: A, B, C
	now     time.Time
}

func newShelf() *shelf {
	s := &shelf{
		holders: map[copydesk.Key]copydesk.Holder{}, entries: map[copydesk.EntryID]copydesk.Entry{}, names: map[copydesk.EntryID]string{},
		now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	s.src.ID, s.src.URL = "https://news.example/feed", "https://news.example/feed"
	return s
}

func (s *shelf) memory(feed copydesk.Feed) copydesk.Memory {
	m := copydesk.Memory{Holders: map[copydesk.Key]copydesk.Holder{}, Entries: map[copydesk.EntryID]copydesk.Entry{}}
	for _, k := range Keys(s.src, feed) {
		h, ok := s.holders[k]
		if !ok {
			continue
		}
		m.Holders[k] = h
		if e, ok := s.entries[h.Entry]; ok && !h.Expired {
			m.Entries[h.Entry] = e
		}
	}
	return m
}

// poll decides, settles and describes.
func (s *shelf) poll(feed copydesk.Feed) (Decision, string) {
	d := Decide(s.src, feed, s.memory(feed), s.now)
	var words []string
	for _, c := range d.Changes {
		if s.names[c.Entry.ID] == "" {
			s.names[c.Entry.ID] = string(rune('A' + len(s.names)))
		}
		s.entries[c.Entry.ID] = c.Entry
		for _, k := range c.Keys {
			s.holders[k] = copydesk.Holder{Entry: c.Entry.ID}
		}
		words = append(words, string(c.Kind)+" "+s.names[c.Entry.ID])
	}
	for _, k := range d.Shared {
		h := s.holders[k]
		h.Shared = true
		s.holders[k] = h
	}
	s.src.LastRead, s.src.Feed = s.now, feed.FeedInfo
	s.now = s.now.Add(time.Hour)
	return d, strings.Join(words, ", ")
}

// expire is what retention does to an entry.
func (s *shelf) expire(name string) {
	for id, n := range s.names {
		if n != name {
			continue
		}
		delete(s.entries, id)
		for k, h := range s.holders {
			if h.Entry == id {
				h.Expired = true
				s.holders[k] = h
			}
		}
	}
}

// doc is a feed as Parse gives it, its items newest first.
func doc(items ...copydesk.Entry) copydesk.Feed {
	feed := copydesk.Feed{Entries: items}
	feed.Link = "https://news.example/"
	clearSharedAddresses(&feed, "https://news.example/feed")
	return feed
}

func guidItem(guid, url, title string) copydesk.Entry {
	if url != "" && !strings.Contains(url, ":") {
		url = "https://news.example" + url
	}
	return copydesk.Entry{GUID: guid, Text: copydesk.Text{Title: title, Link: url, Summary: "about " + title}}
}

// sent is e as those bytes of its publisher said it.
func sent(e copydesk.Entry, bytes string) copydesk.Entry {
	e.Raw = copydesk.DigestOf([]byte(bytes))
	return e
}

type polled struct {
	feed copydesk.Feed
	want string
}

func TestIdentityLadder(t *testing.T) {
	item := guidItem
	for _, tc := range []struct {
		name  string
		polls []polled
	}{
		{"the same guid is the same entry, whatever became of title and address", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(item("1", "/b", "Vote counted")), "revised A"},
		}},
		{"a document that is read again changes nothing", []polled{
			{doc(item("1", "/a", "Vote"), item("2", "/b", "Flood"), item("", "/c", "Storm"), item("", "", "Wind")), "added A, added B, added C, added D"},
			{doc(item("1", "/a", "Vote"), item("2", "/b", "Flood"), item("", "/c", "Storm"), item("", "", "Wind")), ""},
		}},
		{"guids are compared byte for byte", []polled{
			{doc(item("Ab", "/a", "Vote"), item("ab", "/b", "Flood")), "added A, added B"},
		}},
		{"an address is no guid", []polled{
			{doc(item("https://news.example/x", "/a", "Vote"), item("2", "/x", "Flood")), "added A, added B"},
		}},
		{"equal titles are no evidence", []polled{
			{doc(item("1", "/a", "Morning briefing")), "added A"},
			{doc(item("2", "/b", "Morning briefing")), "added B"},
		}},
		{"an item that is listed twice is one entry", []polled{
			{doc(item("1", "/a", "Vote"), item("1", "/a", "Vote")), "added A"},
			{doc(item("1", "/a", "Vote")), ""},
		}},
		{"a guid that occurs twice is completed by the address", []polled{
			{doc(item("1", "/a", "Vote"), item("1", "/b", "Flood")), "added A, added B"},
			{doc(item("1", "/a", "Vote counted"), item("1", "/b", "Flood")), "revised B"},
		}},
		{"a guid that occurs twice at one address is completed by title and text", []polled{
			{doc(item("1", "/a", "Vote"), item("1", "/a", "Flood")), "added A, added B"},
			{doc(item("1", "/a", "Flood"), item("1", "/a", "Vote")), ""},
		}},
		{"a guid that occurs twice without addresses is completed by title and text", []polled{
			{doc(item("1", "", "Vote"), item("1", "", "Flood")), "added A, added B"},
			{doc(item("1", "", "Flood")), ""},
		}},
		{"a guid that was shared once is completed for ever", []polled{
			{doc(item("1", "/a", "Vote"), item("1", "/b", "Flood")), "added A, added B"},
			{doc(item("1", "/a", "Vote")), ""},
			{doc(item("1", "/c", "Storm")), "added C"},
			{doc(item("1", "/b", "Flood")), ""},
		}},
		{"a known entry keeps its place when its guid becomes shared", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(item("1", "/b", "Flood"), item("1", "/a", "Vote counted")), "revised A, added B"},
			{doc(item("1", "/a", "Vote counted"), item("1", "/b", "Flood")), ""},
		}},
		{"a known entry without address keeps its place by its text", []polled{
			{doc(item("1", "", "Vote")), "added A"},
			{doc(item("1", "", "Vote"), item("1", "", "Flood")), "added B, aliased A"},
			{doc(item("1", "", "Vote"), item("1", "", "Flood")), ""},
		}},
		{"an item of a shared guid whose address another one takes as well is still known", []polled{
			{doc(item("1", "/a", "Vote"), item("1", "/b", "Flood")), "added A, added B"},
			{doc(item("1", "/a", "Vote"), item("1", "/a", "Storm"), item("1", "/b", "Flood")), "added C"},
		}},
		{"another guid at the same address is the same entry if the old one is gone", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(item("2", "/a", "Vote")), "aliased A"},
			{doc(item("2", "/a", "Vote")), ""},
			{doc(item("1", "/a", "Vote")), ""},
		}},
		{"another guid at the same address under a new title is a revision", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(item("2", "/a", "Vote counted")), "revised A"},
			{doc(item("2", "/a", "Vote counted")), ""},
		}},
		{"two items that stand in one document at once are never one entry", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(item("2", "/a", "Vote"), item("1", "/a", "Vote")), "added B, revised A"}, // its address is none any more
			{doc(item("2", "/a", "Vote"), item("1", "/a", "Vote")), ""},
		}},
		{"two new guids at one known address are two new entries", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(item("2", "/a", "Vote"), item("3", "/a", "Flood")), "added B, added C"},
		}},
		{"two guids of one entry that come to stand side by side are two entries", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(item("2", "/a", "Vote")), "aliased A"},
			{doc(item("1", "/a", "Vote"), item("2", "/b", "Flood")), "added B"},
			{doc(item("1", "/a", "Vote"), item("2", "/b", "Flood")), ""},
		}},
		{"an address that two entries had at once names neither for ever", []polled{
			{doc(item("1", "/live", "Vote"), item("2", "/live", "Flood")), "added A, added B"},
			{doc(item("3", "/live", "Storm")), "added C"},
		}},
		{"an address that its entry left stands for the next one", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(item("1", "/b", "Vote")), "revised A"},
			{doc(item("2", "/a", "Flood")), "added B"},
			{doc(item("3", "/a", "Flood")), "aliased B"},
		}},
		{"an entry whose own guid is in the document is not taken over by its address", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(item("1", "/b", "Vote"), item("2", "/a", "Flood")), "added B, revised A"},
		}},
		{"the feed's home page is no key", []polled{
			{doc(item("1", "/", "Vote")), "added A"},
			{doc(item("2", "/", "Flood")), "added B"},
		}},
		{"the document's own address is no key", []polled{
			{doc(item("1", "/feed", "Vote")), "added A"},
			{doc(item("2", "/feed", "Flood")), "added B"},
		}},
		{"a guid that differs only in scheme is the same entry", []polled{
			{doc(item("http://other.example/x", "/a", "Vote")), "added A"},
			{doc(item("https://other.example/x", "/b", "Vote")), "revised A"},
		}},
		{"a guid that differs only in tracking is the same entry", []polled{
			{doc(item("https://other.example/x?utm_source=rss", "", "Vote")), "added A"},
			{doc(item("https://other.example/x", "", "Vote")), "aliased A"},
		}},
		{"a guid that differs only in white space is the same entry, both ways", []polled{
			{doc(item("\n1\n", "", "Vote"), item("2", "", "Flood")), "added A, added B"},
			{doc(item("1", "", "Vote"), item(" 2 ", "", "Flood")), "aliased A"}, // A is the older item, the last one
		}},
		{"guids that differ in white space within one document are two entries", []polled{
			{doc(item("1", "", "Vote"), item(" 1 ", "", "Flood")), "added A, added B"},
			{doc(item("1", "", "Vote counted"), item(" 1 ", "", "Flood")), "revised B"},
		}},
		{"a guid that differs in its host is another entry where a host is not the source's", []polled{
			{doc(item("https://other.example/x/1", "/a", "Vote")), "added A"},
			{doc(item("https://news.example/x/1", "/b", "Vote")), "added B"},
		}},
		{"a guid that differs in scheme beside the old one is another entry", []polled{
			{doc(item("http://other.example/x", "/a", "Vote")), "added A"},
			{doc(item("https://other.example/x", "/b", "Vote"), item("http://other.example/x", "/a", "Vote")), "added B"},
			{doc(item("https://other.example/x", "/b", "Vote"), item("http://other.example/x", "/a", "Vote")), ""},
		}},
		{"without a guid the address names an entry", []polled{
			{doc(item("", "/a", "Vote")), "added A"},
			{doc(item("", "/a", "Vote counted")), "revised A"},
		}},
		{"without guid and address title and text do", []polled{
			{doc(item("", "", "Vote")), "added A"},
			{doc(item("", "", "Vote")), ""},
			{doc(item("", "", "Vote counted")), "added B"},
		}},
		{"without a guid, items at one address are told apart by title and text", []polled{
			{doc(item("", "/a", "Vote"), item("", "/a", "Flood")), "added A, added B"},
			{doc(item("", "/a", "Vote"), item("", "/a", "Flood")), ""},
		}},
		{"without a guid, an entry whose address another one takes as well is still known", []polled{
			{doc(item("", "/a", "Vote")), "added A"},
			{doc(item("", "/a", "Vote"), item("", "/a", "Flood")), "added B"},
		}},
		{"without a guid, the same words at another address are another entry", []polled{
			{doc(item("", "/monday", "Morning briefing")), "added A"},
			{doc(item("", "/tuesday", "Morning briefing")), "added B"},
		}},
		{"a guid that appears later is an alias of the address", []polled{
			{doc(item("", "/a", "Vote")), "added A"},
			{doc(item("1", "/a", "Vote")), "aliased A"},
			{doc(item("1", "/b", "Vote")), "revised A"},
			{doc(item("1", "/b", "Vote"), item("", "/a", "Flood")), "added B"},
		}},
		{"a publisher that gives every item one guid keeps its entries by their addresses", []polled{
			{doc(item("1", "/a", "Vote"), item("2", "/b", "Flood")), "added A, added B"},
			{doc(item("0", "/a", "Vote"), item("0", "/b", "Flood")), "aliased A, aliased B"},
			{doc(item("0", "/a", "Vote"), item("0", "/b", "Flood")), ""},
		}},
		{"the same bytes are no revision, whatever is read in them now", []polled{
			{doc(sent(item("1", "/a", "Vote"), "<item>1</item>")), "added A"},
			{doc(sent(item("1", "/a", "Vote, read otherwise"), "<item>1</item>")), ""},
			{doc(sent(item("2", "/a", "Vote, read otherwise"), "<item>1</item>")), "aliased A"},
			{doc(sent(item("1", "/a", "Vote, counted"), "<item>2</item>")), "revised A"},
			{doc(sent(item("1", "/a", "Vote, counted and read otherwise"), "<item>2</item>")), ""},
		}},
		{"other bytes with the same text are no revision", []polled{
			{doc(sent(item("1", "/a", "Vote"), "<item>1, 5 comments</item>")), "added A"},
			{doc(sent(item("1", "/a", "Vote"), "<item>1, 6 comments</item>")), ""},
		}},
		{"an entry whose bytes nobody kept is judged by its text", []polled{
			{doc(item("1", "/a", "Vote")), "added A"},
			{doc(sent(item("1", "/a", "Vote"), "<item>1</item>")), ""},
			{doc(sent(item("1", "/a", "Vote, counted"), "<item>1</item>")), "revised A"},
			{doc(item("1", "/a", "Vote, counted again")), "revised A"},
		}},
		{"an item with nothing in it is no entry", []polled{
			{doc(item("", "", "Vote"), copydesk.Entry{}), "added A"},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newShelf()
			for i, p := range tc.polls {
				_, got := s.poll(p.feed)
				got = strings.Join(sorted(got), ", ")
				if want := strings.Join(sorted(p.want), ", "); got != want {
					t.Fatalf("poll %d: got %q, want %q", i+1, got, want)
				}
				if len(s.names) != len(s.entries) {
					t.Fatalf("poll %d: %d ids for %d entries", i+1, len(s.names), len(s.entries))
				}
			}
		})
	}
}

func sorted(s string) []string {
	words := strings.Split(s, ", ")
	slices.Sort(words)
	return words
}

func TestAGuidThatDiffersOnlyInTheHostIsTheSameEntryWhereBothHostsAreTheSources(t *testing.T) {
	for _, tc := range []struct {
		name  string
		knows func(*copydesk.Source)
	}{
		{"by an address that it had", func(s *copydesk.Source) { s.Was = []string{"https://old.example/rss"} }},
		{"by a domain that credits it", func(s *copydesk.Source) { s.AKA = []string{"Old News", "old.example"} }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newShelf()
			tc.knows(&s.src)
			s.poll(doc(guidItem("https://old.example/x/1", "", "Vote")))
			if _, got := s.poll(doc(guidItem("https://news.example/x/1", "", "Vote"))); got != "aliased A" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAnExpiredEntryThatIsListedAgainIsNotNew(t *testing.T) {
	for name, again := range map[string]copydesk.Entry{
		"by its guid":              guidItem("1", "/other", "Vote counted"),
		"by its address":           guidItem("9", "/a", "Vote"),
		"by its address, unguided": guidItem("", "/a", "Vote"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf()
			s.poll(doc(guidItem("1", "/a", "Vote")))
			s.expire("A")
			d, got := s.poll(doc(again))
			if got != "" || d.Unchanged != 1 {
				t.Errorf("got %q, %d unchanged", got, d.Unchanged)
			}
		})
	}
}

func TestAnExpiredEntryOfAGuidThatBecameSharedIsNotNewEither(t *testing.T) {
	s := newShelf()
	s.poll(doc(guidItem("1", "/a", "Vote")))
	s.expire("A")
	if _, got := s.poll(doc(guidItem("1", "/a", "Vote"), guidItem("1", "/b", "Flood"))); got != "added B" {
		t.Errorf("got %q", got)
	}
}

func TestIDsComeFromTheSourceAndTheRawGuid(t *testing.T) {
	s := newShelf()
	d, _ := s.poll(doc(
		guidItem(" 1\n", "/a", "Vote"),
		guidItem("2", "/b", "Flood"), guidItem("2", "/c", "Storm"),
		guidItem("", "/d", "Wind"),
	))
	got := map[string]copydesk.EntryID{}
	for _, c := range d.Changes {
		got[c.Entry.Title] = c.Entry.ID
	}
	want := map[string]copydesk.EntryID{}
	for title, name := range map[string]string{
		"Vote": " 1\n", "Flood": "2\x00https://news.example/b", "Storm": "2\x00https://news.example/c", "Wind": "https://news.example/d",
	} {
		want[title] = copydesk.NewEntryID(s.src.ID, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsAddedSaysWhenItCanHaveAppeared(t *testing.T) {
	s := newShelf()
	first := s.now
	d, _ := s.poll(doc(guidItem("1", "/a", "Vote")))
	a := d.Changes[0].Entry
	if a.FirstSeen != first || !a.LackedAt.IsZero() || a.RevisedAt != first || a.Revision != 1 || a.Digest == (copydesk.Digest{}) || a.Source != s.src.ID {
		t.Errorf("the first document's entry: %+v", a)
	}
	d, _ = s.poll(doc(guidItem("2", "/b", "Flood"), guidItem("1", "/a", "Vote counted")))
	for _, c := range d.Changes {
		switch e := c.Entry; c.Kind {
		case copydesk.Added:
			if e.LackedAt != first || e.FirstSeen != first.Add(time.Hour) {
				t.Errorf("added: lacked at %v, first seen %v", e.LackedAt, e.FirstSeen)
			}
		case copydesk.Revised:
			if e.ID != a.ID || e.FirstSeen != first || e.Revision != 2 || e.RevisedAt != first.Add(time.Hour) || c.Reason != "title, text" || len(c.Keys) != 0 {
				t.Errorf("revised: %+v", c)
			}
		}
	}
}

func TestReasonsNameWhatDiffers(t *testing.T) {
	base := guidItem("1", "/a", "Vote")
	for want, change := range map[string]func(*copydesk.Entry){
		"title":      func(e *copydesk.Entry) { e.Title = "Vote counted" },
		"text":       func(e *copydesk.Entry) { e.Content = "<p>more</p>" },
		"link":       func(e *copydesk.Entry) { e.Link = "https://news.example/c" },
		"authors":    func(e *copydesk.Entry) { e.Authors = []copydesk.Person{{Name: "Ada"}} },
		"enclosures": func(e *copydesk.Entry) { e.Enclosures = []copydesk.Enclosure{{URL: "https://news.example/a.mp3"}} },
		"image":      func(e *copydesk.Entry) { e.Image = "https://news.example/a.png" },
		"categories": func(e *copydesk.Entry) { e.Categories = []copydesk.Category{{Term: "x"}} },
		"rights":     func(e *copydesk.Entry) { e.Rights = "mine" },
		"language":   func(e *copydesk.Entry) { e.Language = "de" },
	} {
		s := newShelf()
		s.poll(doc(base))
		changed := base
		change(&changed)
		d, _ := s.poll(doc(changed))
		if len(d.Changes) != 1 || d.Changes[0].Kind != copydesk.Revised || d.Changes[0].Reason != want {
			t.Errorf("want one revision of the %s, got %+v", want, d.Changes)
			continue
		}
		seen := slices.Contains([]string{"title", "text", "authors", "enclosures"}, want)
		if shown := d.Changes[0].Entry.ShownAt; shown.IsZero() == seen {
			t.Errorf("a revision of the %s: shown at %v", want, shown)
		}
	}
}

func TestDatesAloneMakeNoRevision(t *testing.T) {
	s := newShelf()
	e := guidItem("1", "/a", "Vote")
	s.poll(doc(e))
	e.Published, e.Updated = s.now, s.now
	e.Link += "?utm_source=rss#top"
	if _, got := s.poll(doc(e)); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestATextThatChangesWithEveryPollStopsMakingRevisions(t *testing.T) {
	s := newShelf()
	revised := 0
	for i := range 40 {
		e := guidItem("1", "/a", "Vote")
		e.Summary = "It is " + strconv.Itoa(i)
		if _, got := s.poll(doc(e)); got == "revised A" {
			revised++
		}
	}
	if revised != maxRevisions-1 {
		t.Errorf("%d revisions", revised)
	}
	retitled := guidItem("1", "/a", "Vote counted")
	if _, got := s.poll(doc(retitled)); got != "revised A" {
		t.Errorf("a new title after that: %q", got)
	}
	dated := retitled
	dated.Summary, dated.Updated = "now really", s.now
	if _, got := s.poll(doc(dated)); got != "revised A" {
		t.Errorf("a new date of the publisher after that: %q", got)
	}
}

func TestChangesStandOldestFirst(t *testing.T) {
	s := newShelf()
	at := func(guid string, hours int) copydesk.Entry {
		e := guidItem(guid, "/"+guid, guid)
		if hours != 0 {
			e.Published = s.now.Add(time.Duration(hours) * time.Hour)
		}
		return e
	}
	for _, tc := range []struct {
		name string
		feed copydesk.Feed
		want string
	}{
		{"without dates from the end of the document", doc(at("a", 0), at("b", 0), at("c", 0)), "c b a"},
		{"by date where there is one", doc(at("a", -3), at("b", -1), at("c", -2)), "a c b"},
		{"dates in the future count as now", doc(at("a", 50), at("b", 100), at("c", -2)), "c b a"},
		{"one without a date stays beside its elder neighbour", doc(at("a", -1), at("b", 0), at("c", -5)), "c b a"},
	} {
		var got []string
		for _, c := range Decide(s.src, tc.feed, copydesk.Memory{}, s.now).Changes {
			got = append(got, c.Entry.Title)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: got %v, want %s", tc.name, got, tc.want)
		}
	}
}

func TestSharedKeysAreReportedOnce(t *testing.T) {
	s := newShelf()
	feed := doc(guidItem("1", "/a", "Vote"), guidItem("1", "/b", "Flood"), guidItem("2", "/c", "Storm"), guidItem("3", "/c", "Wind"))
	d, _ := s.poll(feed)
	want := []copydesk.Key{key(kindGUID, "1"), key(kindURL, "https://news.example/c")}
	if diff := cmp.Diff(want, d.Shared); diff != "" {
		t.Error(diff)
	}
	if d, _ = s.poll(feed); len(d.Shared) != 0 || d.Unchanged != 4 {
		t.Errorf("again: %+v", d)
	}
}

func TestKeysHoldsEveryKeyThatDecideNames(t *testing.T) {
	s := newShelf()
	feed := doc(guidItem("1", "/a", "Vote"), guidItem("1", "/b", "Flood"), guidItem(" http://x.example/1 ", "/c", "Storm"), guidItem("", "/d", "Wind"), guidItem("", "", "Rain"))
	all := map[copydesk.Key]bool{}
	for _, k := range Keys(s.src, feed) {
		if all[k] {
			t.Errorf("key %x twice", k)
		}
		all[k] = true
	}
	d, _ := s.poll(feed)
	for _, c := range d.Changes {
		if len(c.Keys) == 0 {
			t.Errorf("%q has no key", c.Entry.Title)
		}
		for _, k := range c.Keys {
			if !all[k] {
				t.Errorf("%q: a key that the store was not asked for", c.Entry.Title)
			}
		}
	}
}

func TestTenThousandEntriesAreDecided(t *testing.T) {
	var items []copydesk.Entry
	for i := range maxEntries {
		items = append(items, guidItem(fmt.Sprint("https://x.example/", i), fmt.Sprint("/", i), fmt.Sprint("Title ", i)))
	}
	s := newShelf()
	feed := doc(items...)
	d, _ := s.poll(feed)
	if len(d.Changes) != maxEntries {
		t.Errorf("%d changes", len(d.Changes))
	}
	if d, _ = s.poll(feed); len(d.Changes) != 0 {
		t.Errorf("again: %d changes", len(d.Changes))
	}
}

func TestDecideLeavesItsArgumentsAlone(t *testing.T) {
	s := newShelf()
	feed := doc(guidItem("1", "/a", "Vote"), guidItem("2", "/b", "Flood"))
	s.poll(feed)
	feed.Entries[0].Title = "Vote counted"
	memory := s.memory(feed)
	entries, holders := maps.Clone(memory.Entries), maps.Clone(memory.Holders)
	before := slices.Clone(feed.Entries)
	first := Decide(s.src, feed, memory, s.now)
	if diff := cmp.Diff(before, feed.Entries); diff != "" {
		t.Error(diff)
	}
	if !cmp.Equal(entries, memory.Entries) || !cmp.Equal(holders, memory.Holders) {
		t.Error("the memory changed")
	}
	if diff := cmp.Diff(first, Decide(s.src, feed, memory, s.now)); diff != "" {
		t.Error("not deterministic: " + diff)
	}
}
