package demo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
)

const (
	base = "http://127.0.0.1:8490"
	beat = 2 * time.Second
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// samples are made once: reading the files takes a while under -race, and
// nothing changes them.
var samples = sync.OnceValue(func() []*Publisher { return Publishers(base, start, beat) })

func at(n int) time.Time { return start.Add(time.Duration(n) * beat) }

func find(t *testing.T, slug string) *Publisher {
	t.Helper()
	for _, p := range samples() {
		if p.Slug == slug {
			return p
		}
	}
	t.Fatalf("no publisher %s", slug)
	return nil
}

func parse(t *testing.T, p *Publisher, now time.Time) *gofeed.Feed {
	t.Helper()
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(p.Feed(now)))
	if err != nil {
		t.Fatalf("%s at %v: %v", p.Slug, now, err)
	}
	return feed
}

// entry is the one of a parsed feed whose guid the article of that slug has.
func entry(t *testing.T, slug, article string, now time.Time) *gofeed.Item {
	t.Helper()
	p := find(t, slug)
	for _, a := range p.articles {
		if a.Slug != article {
			continue
		}
		for _, e := range parse(t, p, now).Items {
			if e.GUID == a.guid() {
				return e
			}
		}
	}
	t.Fatalf("%s does not list %s at %v", slug, article, now)
	return nil
}

var tag = regexp.MustCompile(`<[^>]*>`)

func paragraphs(content string) (texts []string) {
	for p := range strings.SplitSeq(content, "</p>") {
		if text := strings.TrimSpace(tag.ReplaceAllString(p, "")); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

func TestFivePublishersWriteRSSAndAtomInTwoLanguages(t *testing.T) {
	type line struct {
		Slug, Language, Role, Format, Topic string
	}
	var got []line
	for _, p := range samples() {
		feed := parse(t, p, start)
		if feed.Title != p.Name {
			t.Errorf("%s: its feed is called %q, want %q", p.Slug, feed.Title, p.Name)
		}
		got = append(got, line{p.Slug, feed.Language, p.Role, feed.FeedType + " " + feed.FeedVersion, strings.Join(p.Topics, " ")})
	}
	want := []line{
		{"globefold", "en", "aggregator", "rss 2.0", "asia"},
		{"harbour-wire", "en", "publisher", "rss 2.0", "asia"},
		{"morgenblatt", "de", "publisher", "rss 2.0", "world"},
		{"swiftline", "en", "publisher", "atom 1.0", "asia"},
		{"vendhara-lantern", "en", "publisher", "atom 1.0", "asia"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryFeedIsWellFormedAndReadWholeAtEveryBeat(t *testing.T) {
	for _, p := range samples() {
		for n := range Beats + 2 {
			dec := xml.NewDecoder(bytes.NewReader(p.Feed(at(n))))
			for {
				if _, err := dec.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s at beat %d: %v", p.Slug, n, err)
				}
			}
			items := parse(t, p, at(n)).Items
			if want := len(p.listed(at(n))); len(items) != want {
				t.Errorf("%s at beat %d: read %d entries, want %d", p.Slug, n, len(items), want)
			}
			for _, e := range items {
				if e.GUID == "" || e.Title == "" || e.Link == "" || e.Description == "" || e.Content == "" {
					t.Errorf("%s at beat %d: an entry lacks something: %+v", p.Slug, n, e)
				}
			}
		}
	}
}

func TestThePublishersStartWithAnArchive(t *testing.T) {
	for _, p := range samples() {
		if n := len(p.listed(start)); n < 6 || n > 8 {
			t.Errorf("%s starts with %d entries, want 6 to 8", p.Slug, n)
		}
		for _, it := range p.listed(start) {
			if age := start.Sub(it.Published); age <= 0 || age > 12*time.Hour {
				t.Errorf("%s: %s is %v old at the start", p.Slug, it.Slug, age)
			}
		}
	}
}

func TestSomethingHappensEveryOtherBeatUntilTheScriptEnds(t *testing.T) {
	pubs := samples()
	quiet := 0
	for n := 1; n <= Beats; n++ {
		quiet++
		for _, p := range pubs {
			if !bytes.Equal(p.Feed(at(n)), p.Feed(at(n-1))) {
				quiet = 0
			}
		}
		if quiet > 1 {
			t.Errorf("nothing happened at beats %d and %d", n-1, n)
		}
	}
	for _, p := range pubs {
		if !bytes.Equal(p.Feed(at(Beats)), p.Feed(at(Beats).Add(24*time.Hour))) {
			t.Errorf("%s still changes after the last beat", p.Slug)
		}
	}
	if quiet > 0 {
		t.Error("the script is over before its last beat")
	}
}

func TestTheSameTimesGiveTheSameBytes(t *testing.T) {
	twins := Publishers(base+"/", start.In(time.FixedZone("elsewhere", 3600)), beat)
	for n := range Beats + 1 {
		for i, p := range samples() {
			twin := twins[i]
			if diff := cmp.Diff(string(p.Feed(at(n))), string(twin.Feed(at(n)))); diff != "" {
				t.Fatalf("%s at beat %d (-one +other):\n%s", p.Slug, n, diff)
			}
		}
	}
}

func TestAnEntryKeepsItsGUIDAndItsLinkForEver(t *testing.T) {
	for _, p := range samples() {
		links := make(map[string]string) // by guid
		for n := range Beats + 1 {
			listed := make(map[string]bool)
			for _, e := range parse(t, p, at(n)).Items {
				if listed[e.GUID] {
					t.Errorf("%s at beat %d lists %s twice", p.Slug, n, e.GUID)
				}
				listed[e.GUID] = true
				if was, known := links[e.GUID]; known && was != e.Link {
					t.Errorf("%s at beat %d: %s moved from %s to %s", p.Slug, n, e.GUID, was, e.Link)
				}
				links[e.GUID] = e.Link
			}
			for guid := range links {
				if !listed[guid] {
					t.Errorf("%s at beat %d dropped %s", p.Slug, n, guid)
				}
			}
		}
	}
}

func TestARetitledEntryKeepsItsGUID(t *testing.T) {
	for _, c := range []struct {
		slug, article string
		beat          int
		before, after string
		saysWhen      bool // Atom says when it was edited; this RSS does not
	}{
		{"harbour-wire", "mongolia-copper-ports", 15, "Mongolia looks to Southeast Asian ports for its copper", "Mongolia signs up three Southeast Asian ports for its copper", false},
		{"vendhara-lantern", "floating-school-hundred", 25, "Bangladesh launches its hundredth floating school", "Bangladesh launches its hundredth floating school, and a floating playground", true},
		{"morgenblatt", "finnland-leuchtturm-sauna", 27, "Finnland versteigert einen Leuchtturm", "Finnland versteigert einen Leuchtturm - das Dorf bekommt ihn für einen Euro", false},
	} {
		before, after := entry(t, c.slug, c.article, at(c.beat-1)), entry(t, c.slug, c.article, at(c.beat))
		if before.Title != c.before || after.Title != c.after {
			t.Errorf("%s: %q became %q", c.article, before.Title, after.Title)
		}
		if before.Content != after.Content || before.Published != after.Published {
			t.Errorf("%s: more than the headline changed", c.article)
		}
		if c.saysWhen && !after.UpdatedParsed.Equal(at(c.beat)) {
			t.Errorf("%s: updated is %v, want the time of the new headline %v", c.article, after.UpdatedParsed, at(c.beat))
		}
	}
}

func TestTheAggregatorRepeatsAnArticleWithoutItsLinksAndCreditsIt(t *testing.T) {
	original := entry(t, "harbour-wire", "mongolia-copper-ports", at(11))
	repost := entry(t, "globefold", "mongolia-looks-to-ports", at(11))
	if repost.Title != original.Title || repost.GUID == original.GUID || repost.Link == original.Link {
		t.Errorf("want the same headline under another guid and address, got %q, %s, %s", repost.Title, repost.GUID, repost.Link)
	}
	if diff := cmp.Diff([]string{"News", "World", "Asia"}, repost.Categories); diff != "" {
		t.Errorf("categories (-want +got):\n%s", diff)
	}
	body, credit, found := strings.Cut(repost.Content, "<p>The post ")
	if diff := cmp.Diff(paragraphs(original.Content), paragraphs(body)); !found || diff != "" {
		t.Errorf("text (-original +repost):\n%s", diff)
	}
	if !strings.Contains(original.Content, "<a ") || strings.Contains(body, "<a ") {
		t.Error("want links in the original and none in the repost")
	}
	want := `<a href="` + base + `/harbour-wire/articles/mongolia-copper-ports">Mongolia looks to Southeast Asian ports for its copper</a>` +
		` appeared first on <a href="` + base + `/harbour-wire/">Amaril Harbour Wire</a>.</p>`
	if credit != want {
		t.Errorf("credit:\n got %s\nwant %s", credit, want)
	}
}

func TestACopyKeepsTheHeadlineThatItFound(t *testing.T) {
	for _, c := range [][2]string{
		{"globefold", "mongolia-looks-to-ports"}, {"vendhara-lantern", "partner-mongolia-copper"}, {"swiftline", "mongolia-copper-quick"},
	} {
		if got := entry(t, c[0], c[1], at(Beats)).Title; got != "Mongolia looks to Southeast Asian ports for its copper" {
			t.Errorf("%s: %q", c[0], got)
		}
	}
}

func TestAPartnerCarriesAnArticleUnderTheOriginalsAddress(t *testing.T) {
	original := entry(t, "harbour-wire", "mongolia-copper-ports", at(9))
	partner := entry(t, "vendhara-lantern", "partner-mongolia-copper", at(9))
	address, query, _ := strings.Cut(partner.Link, "?")
	if address != original.Link || !strings.HasPrefix(query, "utm_source=") {
		t.Errorf("the partner links to %s, want %s with tracking parameters", partner.Link, original.Link)
	}
	if partner.GUID == original.GUID || partner.Title != original.Title || partner.Content != original.Content {
		t.Error("want another guid for the same headline and text")
	}
}

func TestARewrittenCopyClaimsToBeOlderThanItsOriginal(t *testing.T) {
	for _, c := range []struct {
		slug, article, rewritten string
		beat                     int
		claims                   time.Duration
	}{
		{"harbour-wire", "mongolia-copper-ports", "mongolia-copper-quick", 13, 4 * time.Hour},
		{"vendhara-lantern", "bhutan-lake-siren", "bhutan-lake-quick", 37, 2 * time.Hour},
	} {
		original, rewritten := entry(t, c.slug, c.article, at(c.beat)), entry(t, "swiftline", c.rewritten, at(c.beat))
		if html.UnescapeString(rewritten.Title) != original.Title { // gofeed leaves titles of type html as they are
			t.Errorf("headlines differ: %q, %q", original.Title, rewritten.Title)
		}
		if lead := original.PublishedParsed.Sub(*rewritten.PublishedParsed); lead < c.claims {
			t.Errorf("%s claims to be %v older than its original, want more than %v", c.rewritten, lead, c.claims)
		}
		texts := paragraphs(rewritten.Content)
		if last := texts[len(texts)-1]; last != "This article was created based on information from various sources and rewritten for clarity." {
			t.Errorf("%s ends with %q", c.rewritten, last)
		}
		for _, text := range paragraphs(original.Content) {
			if slices.Contains(texts, text) {
				t.Errorf("%s took over a paragraph: %q", c.rewritten, text)
			}
		}
	}
}

func TestTwoBriefingsShareNothingButTheirTitle(t *testing.T) {
	one := entry(t, "harbour-wire", "morning-briefing-monday", start)
	two := entry(t, "vendhara-lantern", "morning-briefing-12", start)
	if one.Title != two.Title {
		t.Errorf("titles differ: %q, %q", one.Title, two.Title)
	}
	for _, text := range paragraphs(one.Content) {
		if slices.Contains(paragraphs(two.Content), text) {
			t.Errorf("both say %q", text)
		}
	}
}

func TestOnePublisherGivesNoDates(t *testing.T) {
	feed := parse(t, find(t, "morgenblatt"), at(Beats))
	if feed.Published != "" || feed.Updated != "" {
		t.Errorf("its feed is dated %q, %q", feed.Published, feed.Updated)
	}
	for _, e := range feed.Items {
		if e.Published != "" || e.Updated != "" {
			t.Errorf("%s is dated %q, %q", e.GUID, e.Published, e.Updated)
		}
	}
}

func TestOnePublishersAddressesAreRelativeToXMLBase(t *testing.T) {
	p := find(t, "vendhara-lantern")
	doc := string(p.Feed(start))
	for _, want := range []string{`xml:base="` + base + `/vendhara-lantern/"`, `href="articles/library-boat-assam"`, `href=&#34;articles/nepal-bridge-listens&#34;`} {
		if !strings.Contains(doc, want) {
			t.Errorf("the document lacks %s", want)
		}
	}
	if got, want := entry(t, p.Slug, "library-boat-assam", start).Link, p.home+"articles/library-boat-assam"; got != want {
		t.Errorf("the link leads to %s, want %s", got, want)
	}
}

func TestOnePublisherHasPicturesAndSeveralAuthors(t *testing.T) {
	e := entry(t, "harbour-wire", "hydrogen-tug-haeyang", start)
	if len(e.Enclosures) != 1 || e.Enclosures[0].Type != "image/png" || e.Enclosures[0].Length == "0" {
		t.Errorf("enclosures: %+v", e.Enclosures)
	}
	if thumbs := e.Extensions["media"]["thumbnail"]; len(thumbs) != 1 || thumbs[0].Attrs["url"] != e.Enclosures[0].URL {
		t.Errorf("thumbnails: %+v", thumbs)
	}
	if diff := cmp.Diff([]string{"Han So-ri", "Mei Kwan"}, e.DublinCoreExt.Creator); diff != "" {
		t.Errorf("authors (-want +got):\n%s", diff)
	}
}

func TestTitlesAreTextOrHTML(t *testing.T) {
	if doc := string(find(t, "harbour-wire").Feed(start)); !strings.Contains(doc, `<title>Ports &amp; rail: why &#34;dry docks&#34; inland`) {
		t.Error("want the title as text, escaped once")
	}
	if doc := string(find(t, "swiftline").Feed(start)); !strings.Contains(doc, `<title type="html">Kazakhstan plants 70,000 wild apple trees &amp;amp; fences`) {
		t.Error("want the title as HTML, escaped twice")
	}
}
