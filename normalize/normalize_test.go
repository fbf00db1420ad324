package normalize

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the expectations of testdata anew")

// fixtureURL is where every fixture came from.
const fixtureURL = "https://news.example/feeds/fixture"

func parseFixture(t *testing.T, path string) (copydesk.Feed, error) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(copydesk.Document{URL: fixtureURL, Body: body})
}

func fixtures(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "fuzz" || d.Name() == "habits") { // no documents
			return filepath.SkipDir
		}
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".golden") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	return paths
}

// Each fixture in testdata states its claim in its first lines; the file beside
// it holds what "parse --json" prints of it, or why it is no feed.
func TestFixturesReadAsTheyClaim(t *testing.T) {
	for _, path := range fixtures(t) {
		t.Run(filepath.ToSlash(path), func(t *testing.T) {
			var got []byte
			feed, err := parseFixture(t, path)
			if err != nil {
				got = []byte(err.Error() + "\n")
			} else if got, err = JSON(feed); err != nil {
				t.Fatal(err)
			}
			golden := path + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryErrorIsANotAFeed(t *testing.T) {
	for body, want := range map[string]string{
		"":                                   "empty",
		" \n\t":                              "empty",
		"hello":                              "no XML, JSON or HTML in it",
		`{"a": 1}`:                           "JSON that does not say it is a feed",
		`[1, 2]`:                             "JSON that does not say it is a feed",
		`<opml><body/></opml>`:               `an XML document of another kind (root element "opml")`,
		`<html><title>Log in</title></html>`: `an HTML page (title "Log in")`,
		"<rss><channel><item><title>x":       "not well-formed: it breaks off within its first entry",
		"<rss><channel>" + strings.Repeat("<a>", 300):                       "elements nested deeper than 200",
		"<!doctype html><form><input type=\"password\">":                    "an HTML page, it seems a login page",
		"<html><head><title>Just a moment...</title></head></html>":         `an HTML page, it seems a bot check (title "Just a moment...")`,
		`{"version":"https://jsonfeed.org/version/1.1","items":[`:           "JSON that is not well-formed: unexpected end of JSON input",
		"{" + strings.Repeat(`"a":{`, 300) + strings.Repeat("}", 300) + "}": "values nested deeper than 200",
	} {
		_, err := Parse(copydesk.Document{Body: []byte(body)})
		not, ok := errors.AsType[*NotAFeed](err)
		if !ok || not.Reason != want {
			t.Errorf("%.40q: %v, want %q", body, err, want)
		}
	}
	_, err := Parse(copydesk.Document{Body: bytes.Repeat([]byte(" "), maxBody+1)})
	if _, ok := errors.AsType[*NotAFeed](err); !ok || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("too large: %v", err)
	}
}

func TestThreeMillionNestedElementsAreRefusedAtOnce(t *testing.T) {
	body := []byte("<rss><channel><item>" + strings.Repeat("<x>", 3_000_000))
	began := time.Now()
	if _, err := Parse(copydesk.Document{Body: body}); err == nil {
		t.Error("read")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestDocumentsWithTooManyEntriesKeepTheFirst(t *testing.T) {
	body := "<rss><channel>" + strings.Repeat("<item><guid>x</guid></item>", maxEntries+5) + "</channel></rss>"
	feed, err := Parse(copydesk.Document{Body: []byte(body)})
	if err != nil || len(feed.Entries) != maxEntries || !feed.Partial || len(feed.Warnings) == 0 {
		t.Errorf("%d entries, partial %v, warnings %q, %v", len(feed.Entries), feed.Partial, feed.Warnings, err)
	}
}

var entryEnd = regexp.MustCompile(`</(core:)?(item|entry)>`)

// Wherever a document breaks off, its complete entries are there, the others
// are not, and it says that something is missing.
func TestATruncatedDocumentKeepsItsCompleteEntries(t *testing.T) {
	for _, path := range []string{"testdata/rss/full.xml", "testdata/atom/full.xml", "testdata/rdf/full.xml"} {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := Parse(copydesk.Document{URL: fixtureURL, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		for n := range body {
			complete := len(entryEnd.FindAll(body[:n], -1))
			feed, err := Parse(copydesk.Document{URL: fixtureURL, Body: body[:n]})
			if err != nil {
				if complete > 0 {
					t.Fatalf("%s: cut at %d: %v", path, n, err)
				}
				continue
			}
			if len(feed.Entries) != complete {
				t.Fatalf("%s: cut at %d: %d entries, want %d", path, n, len(feed.Entries), complete)
			}
			if complete < len(whole.Entries) && !feed.Partial {
				t.Fatalf("%s: cut at %d: not partial", path, n)
			}
			for i, e := range feed.Entries {
				if e.GUID != whole.Entries[i].GUID || DigestOf(e.Text) != DigestOf(whole.Entries[i].Text) {
					t.Fatalf("%s: cut at %d: entry %d differs:\n%s", path, n, i, cmp.Diff(whole.Entries[i], e))
				}
			}
		}
	}
}

func TestCharsets(t *testing.T) {
	rss := func(declaration, title string) string {
		return declaration + "<rss><channel><title>" + title + "</title></channel></rss>"
	}
	utf16 := func(s string, big bool) string {
		var b strings.Builder
		for _, r := range s {
			if big {
				b.WriteString(string([]byte{byte(r >> 8), byte(r)}))
			} else {
				b.WriteString(string([]byte{byte(r), byte(r >> 8)}))
			}
		}
		return b.String()
	}
	for _, tc := range []struct{ why, contentType, body, want string }{
		{"UTF-8 by default", "", rss("", "Zürich"), "Zürich"},
		{"the declaration", "", rss(`<?xml version="1.0" encoding="iso-8859-1"?>`, "Z\xfcrich"), "Zürich"},
		{"the header goes before the declaration", "text/xml; charset=windows-1251", rss(`<?xml version="1.0" encoding="utf-8"?>`, "\xcc\xe8\xf0"), "Мир"},
		{"a byte order mark goes before the header", "text/xml; charset=iso-8859-1", "\xef\xbb\xbf" + rss("", "Zürich"), "Zürich"},
		{"UTF-16 with its mark", "", "\xff\xfe" + utf16(rss(`<?xml version="1.0" encoding="utf-16"?>`, "Zürich"), false), "Zürich"},
		{"UTF-16 without", "", utf16(rss("", "Zürich"), true), "Zürich"},
		{"UTF-16 declared over UTF-8", "", rss(`<?xml version="1.0" encoding="utf-16"?>`, "Zürich"), "Zürich"},
		{"ASCII declared over UTF-8", "text/xml; charset=us-ascii", rss("", "Zürich"), "Zürich"},
		{"nothing declared, not UTF-8", "", rss("", "Z\xfcrich \x96 x"), "Zürich – x"},
		{"one bad byte", "", rss(`<?xml version="1.0" encoding="utf-8"?>`, "Z\xfcrich und Zürich"), "Z\ufffdrich und Zürich"},
		{"an unknown encoding", "", rss(`<?xml version="1.0" encoding="x-nothing"?>`, "Zürich"), "Zürich"},
		{"Latin 1 declared over UTF-8", "text/xml; charset=iso-8859-1", rss("", "Zürich, Bülach, Küßnacht"), "Zürich, Bülach, Küßnacht"},
		{"Latin 1 that looks like a bit of UTF-8", "text/xml; charset=iso-8859-1", rss("", "\xc3\xbc"), "Ã¼"},
		{"UTF-7 is no encoding", "text/xml; charset=utf-7", rss("", "+ADw-script+AD4-"), "+ADw-script+AD4-"},
		{"Japanese", "", rss(`<?xml version='1.0' encoding='Shift_JIS'?>`, "\x93\xfa\x96\x7b"), "日本"},
		{"a broken header", `text/xml; charset="windows-1251`, rss("", "\xcc\xe8\xf0"), "Мир"},
		{"control characters go", "", rss("", "a\x00\x08b\x0cc"), "abc"},
		{"references to them too", "", rss("", "a&#8;b&#x0;c&#xFFFE;d"), "ab\ufffdcd"},
		{"references of Windows", "", rss("", "a &#150; b"), "a – b"},
	} {
		header := http.Header{}
		if tc.contentType != "" {
			header.Set("Content-Type", tc.contentType)
		}
		feed, err := Parse(copydesk.Document{Header: header, Body: []byte(tc.body)})
		if err != nil || feed.Title != tc.want {
			t.Errorf("%s: %q, want %q (%v)", tc.why, feed.Title, tc.want, err)
		}
	}
}

func TestRawGuidsAreKeptByteForByte(t *testing.T) {
	for _, tc := range []struct{ body, want string }{
		{"<rss><channel><item><guid>\n  https://x.example/1\n</guid></item></channel></rss>", "\n  https://x.example/1\n"},
		{"<rss><channel><item><guid>a&amp;b&#x20;</guid></item></channel></rss>", "a&b "},
		{"<rss><channel><item><guid><![CDATA[a&amp;b]]></guid></item></channel></rss>", "a&amp;b"},
		{`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://x.example/"><entry><id>HTTP://X.example/%7e</id></entry></feed>`, "HTTP://X.example/%7e"},
		{`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item rdf:about="http://x.example/?a=1&amp;b"/></rdf:RDF>`, "http://x.example/?a=1&b"},
		{`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":12}]}`, "12"},
	} {
		feed, err := Parse(copydesk.Document{Body: []byte(tc.body)})
		if err != nil || len(feed.Entries) != 1 || feed.Entries[0].GUID != tc.want {
			t.Errorf("%q: %+v, want %q (%v)", tc.body, feed.Entries, tc.want, err)
		}
	}
}

// The bytes of an item are its own, from its start tag to its end tag: what
// stands around it, and its encoding, are not part of them.
func TestRawTellsTheBytesOfAnItem(t *testing.T) {
	raw := func(contentType, body string) (all []copydesk.Digest) {
		feed, err := Parse(copydesk.Document{Header: http.Header{"Content-Type": {contentType}}, Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range feed.Entries {
			all = append(all, e.Raw)
		}
		return all
	}
	of := func(items ...string) (all []copydesk.Digest) {
		for _, s := range items {
			all = append(all, copydesk.DigestOf([]byte(s)))
		}
		return all
	}
	const one, two = "<item><guid>1</guid>Zürich<!-- 5 --></item>", "<item ><x/></item >"
	for _, tc := range []struct{ why, contentType, body string }{
		{"RSS", "", "<rss><channel><title>a</title>" + one + "\n" + two + "</channel></rss>"},
		{"other surroundings", "", "<rss><channel><title>b</title><ttl>5</ttl>\n\n" + one + two + "<link>x</link></channel></rss>"},
		{"another encoding", "text/xml; charset=iso-8859-1", "<rss><channel>" + strings.ReplaceAll(one, "ü", "\xfc") + two + "</channel></rss>"},
		{"RDF", "", `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/>` + one + two + "</rdf:RDF>"},
	} {
		if diff := cmp.Diff(of(one, two), raw(tc.contentType, tc.body)); diff != "" {
			t.Errorf("%s: %s", tc.why, diff)
		}
	}
	for _, tc := range []struct {
		why, body string
		want      []copydesk.Digest
	}{
		{"items without end tags", "<rss><channel><item><guid>1</guid><item><guid>2</guid></channel></rss>", of("<item><guid>1</guid>", "<item><guid>2</guid>")},
		{"an empty item", `<rss><channel><item/></channel></rss>`, of("<item/>")},
		{"Atom", `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id></entry></feed>`, of("<entry><id>1</id></entry>")},
		{"JSON", `{"version":"https://jsonfeed.org/version/1.1","items":[ {"id":"1" }, {"id":2}]}`, of(`{"id":"1" }`, `{"id":2}`)},
		{"an empty item within another one", "<rss><channel><item><guid>1</guid><item /><title>x</title></item></channel></rss>", of("<item><guid>1</guid><item /><title>x</title></item>")},
		{"the root's items stand after the channel's", `<rdf:RDF><item><guid>1</guid></item><channel><item><guid>2</guid></item></channel></rdf:RDF>`, of("<item><guid>2</guid></item>", "<item><guid>1</guid></item>")},
	} {
		if diff := cmp.Diff(tc.want, raw("", tc.body)); diff != "" {
			t.Errorf("%s: %s", tc.why, diff)
		}
	}
}

func TestTheDigestTellsWhatMakesARevision(t *testing.T) {
	base := copydesk.Text{Title: "t", Summary: "s", Content: "c", Link: "https://x.example/a"}
	for _, tc := range []struct {
		what     string
		change   func(*copydesk.Text)
		revision bool
	}{
		{"title", func(t *copydesk.Text) { t.Title = "T" }, true},
		{"summary", func(t *copydesk.Text) { t.Summary = "S" }, true},
		{"content", func(t *copydesk.Text) { t.Content = "C" }, true},
		{"what moves from summary to content", func(t *copydesk.Text) { t.Summary, t.Content = "", "sc" }, true},
		{"authors", func(t *copydesk.Text) { t.Authors = []copydesk.Person{{Name: "A"}} }, true},
		{"enclosures", func(t *copydesk.Text) { t.Enclosures = []copydesk.Enclosure{{URL: "u"}} }, true},
		{"link", func(t *copydesk.Text) { t.Link = "https://x.example/b" }, true},
		{"the same link, written otherwise", func(t *copydesk.Text) { t.Link = "http://www.x.example/a?utm_source=x" }, false},
		{"image", func(t *copydesk.Text) { t.Image = "i" }, true},
		{"categories", func(t *copydesk.Text) { t.Categories = []copydesk.Category{{Term: "x"}} }, true},
		{"rights", func(t *copydesk.Text) { t.Rights = "r" }, true},
		{"language", func(t *copydesk.Text) { t.Language = "de" }, true},
		{"published", func(t *copydesk.Text) { t.Published = time.Unix(1, 0) }, false},
		{"updated", func(t *copydesk.Text) { t.Updated = time.Unix(1, 0) }, false},
	} {
		changed := base
		tc.change(&changed)
		if got := DigestOf(changed) != DigestOf(base); got != tc.revision {
			t.Errorf("%s: revision %v", tc.what, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".golden") || strings.Contains(path, "fuzz") {
			return err
		}
		body, err := os.ReadFile(path)
		f.Add(body)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		feed, err := Parse(copydesk.Document{URL: fixtureURL, Body: body})
		if err != nil {
			if _, ok := errors.AsType[*NotAFeed](err); !ok {
				t.Errorf("%T", err)
			}
			return
		}
		checkFeed(t, feed)
		checkIdentity(t, feed)
	})
}

// checkFeed holds what is true of every feed that Parse returns.
func checkFeed(t *testing.T, feed copydesk.Feed) {
	t.Helper()
	for _, e := range feed.Entries {
		for _, s := range []string{e.Title, e.Origin.Title} {
			if !utf8.ValidString(s) || oneLine(s) != s {
				t.Errorf("not one clean line: %q", s)
			}
		}
		if e.Raw.IsZero() {
			t.Error("no digest of the item's bytes")
		}
		for _, s := range []string{e.Summary, e.Content, e.Rights, feed.Subtitle, feed.Rights} {
			checkHTML(t, s)
		}
		for _, s := range []string{e.Link, e.Image, e.Comments} {
			if s != "" && parseWeb(s) == nil {
				t.Errorf("no address of the web: %q", s)
			}
		}
		for _, at := range []time.Time{e.Published, e.Updated} {
			if !at.IsZero() && (at.Year() < 1969 || at.Year() > 2101 || at.Location() != time.UTC) {
				t.Errorf("impossible time %v", at)
			}
		}
		if e.Canonical != "" && e.Canonical != Canonical(e.Link) {
			t.Errorf("canonical %q of %q", e.Canonical, e.Link)
		}
	}
	if _, err := JSON(feed); err != nil {
		t.Error(err)
	}
}

// checkIdentity polls the feed twice: ids are unique, and the second poll
// brings nothing.
func checkIdentity(t *testing.T, feed copydesk.Feed) {
	t.Helper()
	s := newShelf()
	d, _ := s.poll(feed)
	if len(s.entries) != len(d.Changes) {
		t.Errorf("%d entries from %d changes", len(s.entries), len(d.Changes))
	}
	if d, what := s.poll(feed); what != "" || len(d.Shared) > 0 {
		t.Errorf("the second poll: %q, shared %v", what, d.Shared)
	}
}
