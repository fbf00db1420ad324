package publishtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"copydesk/publish/publishtest"
)

// listener is a test that keeps what it was told.
type listener struct{ said string }

func (l *listener) Helper() {}
func (l *listener) Fatalf(format string, args ...any) {
	l.said = fmt.Sprintf(format, args...)
	panic(l)
}

// said is what a check says of a document; empty if nothing is wrong.
func said(check func(publishtest.T)) (message string) {
	l := new(listener)
	defer func() {
		if r := recover(); r != nil && r != any(l) {
			panic(r)
		}
		message = l.said
	}()
	check(l)
	return ""
}

func check(file, self string, body []byte) func(publishtest.T) {
	return func(t publishtest.T) {
		switch filepath.Ext(file) {
		case ".atom":
			publishtest.Plausible(t, publishtest.Atom(t, body, self), time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
		case ".rss":
			publishtest.RSS(t, body, self)
		case ".json":
			publishtest.JSON(t, body, self)
		case ".opml":
			publishtest.OPML(t, body)
		}
	}
}

// Each document is a golden file in which one thing is put in another's place.
func TestEachRuleIsBrokenBySomething(t *testing.T) {
	for _, tt := range []struct{ file, old, new, message string }{
		{"full.golden.atom", "", "", ""},
		{"full.golden.atom", "</feed>", "", "SAXError"},
		{"full.golden.atom", "Brandt", "Br\xffndt", "UnicodeError"},
		{"full.golden.atom", "Brandt", "Br\u0092ndt", "BadCharacters"},
		{"full.golden.atom", "xmlns:media", "xmlns:m", "NonstdPrefix"},
		{"full.golden.atom", "topics/coast.atom", "topics/boats.atom", "SelfDoesntMatchLocation"},
		{"full.golden.atom", `rel="self" type="application/atom+xml"`, `rel="self" type="text/html"`, "SelfNotAtom"},
		{"full.golden.atom", `rel="replies"`, `rel="comments"`, "UnregisteredAtomLinkRel"},
		{"full.golden.atom", `rel="replies"`, `rel="next"`, "FeedHistoryRelInEntry"},
		{"full.golden.atom", `rel="related"`, `rel="alternate"`, "DuplicateAtomLink"},
		{"full.golden.atom", "https://harbour.example/ida", "/ida", "InvalidFullLink"},
		{"full.golden.atom", "ida@harbour.example", "ida at harbour", "InvalidAddrSpec"},
		{"full.golden.atom", "Tom O'Neil", "Tom &lt;tom@a.example>", "ContainsEmail"},
		{"full.golden.atom", `hreflang="de"`, `hreflang="xx"`, "InvalidLanguage"},
		{"full.golden.atom", `length="12345"`, `length="-1"`, "InvalidNonNegativeInteger"},
		{"full.golden.atom", `type="audio/mpeg"`, `type="audio"`, "InvalidMIMEType"},
		{"full.golden.atom", "2026-03-14T10:30:00Z", "2026-03-14 10:30", "InvalidRFC3339Date"},
		{"full.golden.atom", "2026-03-14T10:30:00Z", "1970-01-01T00:00:00Z", "ImplausibleDate"},
		{"full.golden.atom", "2026-03-14T10:30:00Z", "2026-03-14T12:30:00Z", "ImplausibleDate"},
		{"full.golden.atom", "89c22aa2-fdac-5782-bf59-a0608205fff2", "744e703b-2be5-51a4-a071-129b2b5ae33e", "DuplicateValue"},
		{"full.golden.atom", "tag:harbour.example,2026:news", "https://Harbour.example", "NonCanonicalURI"},
		{"full.golden.atom", "tag:harbour.example,2026:news", "tag:harbour.example:news", "InvalidTAG"},
		{"full.golden.atom", "tag:harbour.example,2026:news", "urn:uuid:1", "InvalidURN"},
		{"full.golden.atom", "&lt;p&gt;The ferry sails again.&lt;/p&gt;", "&lt;p&gt;The ferry", "NotHtml"},
		{"full.golden.atom", "&lt;p&gt;The ferry sails again.&lt;/p&gt;", "R&amp;D", "NotHtml"},
		{"full.golden.atom", `href="https://harbour.example/a?`, `href="/a?`, "ContainsRelRef"},
		{"full.golden.atom", "&lt;p&gt;The ferry sails again.&lt;/p&gt;", "&lt;iframe&gt;&lt;/iframe&gt;", "SecurityRisk: "},
		{"full.golden.atom", "&lt;p&gt;The ferry sails again.&lt;/p&gt;", "&lt;p onclick=\"x\"&gt;&lt;/p&gt;", "SecurityRiskAttr"},
		{"full.golden.atom", "&lt;p&gt;The ferry sails again.&lt;/p&gt;", "&lt;p style=\"x\"&gt;&lt;/p&gt;", "DangerousStyleAttr"},
		{"full.golden.atom", "<title>Coast &#x26; Harbours</title>", "<title>S&amp;P500</title>", "ContainsHTML"},
		{"full.golden.atom", "<name>Tom O'Neil</name>", "<name> </name>", "NotBlank"},
		{"full.golden.atom", "<rights>", `<rights type="text/html">`, "InvalidTextType"},
		{"full.golden.atom", "<rights>© 2026 Harbour Gazette</rights>", "<rating>1</rating>", "UndefinedElement"},
		{"full.golden.atom", `term="local"`, `term="local" domain="x"`, "UnexpectedAttribute"},
		{"full.golden.atom", "<entry>", "<entry>lost", "UnexpectedText"},
		{"summary.golden.atom", "<summary>Fog on the bar</summary>", "", "MissingTextualContent"},
		{"full.golden.rss", "", "", ""},
		{"full.golden.rss", `version="2.0"`, `version="0.92"`, "InvalidRSSVersion"},
		{"full.golden.rss", "<link>https://feeds.example.org/topics/coast</link>", "", "MissingLink"},
		{"full.golden.rss", "<description>&lt;p&gt;The ferry sails again.&lt;/p&gt;</description>", "", "NeedDescriptionBeforeContent"},
		{"full.golden.rss", "Sat, 14 Mar 2026 10:30:00", "Sun, 14 Mar 2026 10:30:00", "InvalidRFC2822Date"},
		{"full.golden.rss", `isPermaLink="false"`, `isPermaLink="true"`, "InvalidHttpGUID"},
		{"full.golden.rss", `length="12345" `, ``, "MissingAttribute"},
		{"full.golden.rss", "<title>Coast &#x26; Harbours</title>", "", "title"},
		{"full.golden.json", "", "", ""},
		{"full.golden.json", "jsonfeed.org/version/1.1", "jsonfeed.org/version/1", "a required member"},
		{"full.golden.json", `"content_html"`, `"content_xml"`, "JSON Feed knows no"},
		{"topics.golden.opml", "", "", ""},
		{"topics.golden.opml", `version="2.0"`, `version="3.0"`, "InvalidOPMLVersion"},
		{"topics.golden.opml", `xmlUrl="http`, `xmlUrl="x`, "InvalidFullLink"},
	} {
		body, err := os.ReadFile(filepath.Join("..", "testdata", tt.file))
		if err != nil {
			t.Fatal(err)
		}
		broken := strings.Replace(string(body), tt.old, tt.new, 1)
		if tt.old != "" && broken == string(body) {
			t.Errorf("%s has no %s", tt.file, tt.old)
		}
		self := "https://feeds.example.org/topics/coast" + filepath.Ext(tt.file)
		if got := said(check(tt.file, self, []byte(broken))); !strings.HasPrefix(got, tt.message) && !strings.Contains(got, " of "+tt.message) || tt.message == "" && got != "" {
			t.Errorf("%s with %q: %q, want %s", tt.file, tt.new, got, tt.message)
		}
	}
}
