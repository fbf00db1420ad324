package normalize

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

func TestTheScannerTakesMarkupApart(t *testing.T) {
	for _, tc := range []struct{ why, in, want string }{
		{"tags and text", `<a x="1">b</a>`, `start a, text "b", end a`},
		{"empty tags", `<a/><b x=1 />`, `empty a, empty b`},
		{"prefixes", `<x:a></x:a>`, `start x:a, end x:a`},
		{"a tag's end within quotes", `<a x="1>2" y='3>4'>b`, `start a, text "b"`},
		{"a quote that never closes", `<a x="1>b<c>`, `start a, text "b", start c`},
		{"a quote that opens nothing", `<a x">b`, `start a, text "b"`},
		{"a tag within a tag", `<a <b>c`, `start a, text "c"`},
		{"what is no tag", `1 < 2 <3 <`, `text "1 ", text "< 2 ", text "<3 ", text "<"`},
		{"CDATA", `<![CDATA[<b>&amp;]]>c`, `cdata "<b>&amp;", text "c"`},
		{"comments, instructions and declarations are passed over", `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "]>"><!-- ]> -->]><!-- <c> --><d>`, `start d`},
		{"a declaration without an end", `<!DOCTYPE a [ <b>c`, `text "c"`},
		{"a comment without an end", `<a><!-- b`, `start a, cut`},
		{"CDATA without an end", `<a><![CDATA[b`, `start a, cut`},
		{"a tag without an end", `<a>b<c d="`, `start a, text "b", cut`},
	} {
		sc := newScanner(tc.in)
		var got []string
		for tok, ok := sc.next(); ok; tok, ok = sc.next() {
			switch {
			case tok.kind == textToken:
				got = append(got, fmt.Sprintf("text %q", tok.text))
			case tok.kind == cdataToken:
				got = append(got, fmt.Sprintf("cdata %q", tok.text))
			case tok.kind == endToken:
				got = append(got, "end "+tok.name)
			case tok.empty:
				got = append(got, "empty "+tok.name)
			default:
				got = append(got, "start "+tok.name)
			}
		}
		if sc.cut >= 0 {
			got = append(got, "cut")
		}
		if s := strings.Join(got, ", "); s != tc.want {
			t.Errorf("%s: %s\n got %s\nwant %s", tc.why, tc.in, s, tc.want)
		}
	}
}

func TestAttributesAreReadWithWhateverQuotes(t *testing.T) {
	got := map[string]string{}
	for name, value := range attributes(` a="1 &amp; 2" b='"' c=3 d  =  "4" e f="5`) {
		got[name] = value
	}
	want := map[string]string{"a": "1 & 2", "b": `"`, "c": "3", "d": "4", "e": "", "f": "5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReferencesAreDecodedOnceAndOnlyWhole(t *testing.T) {
	for in, want := range map[string]string{
		"&amp;lt;": "&lt;", "&eacute;&#233;&#xE9;": "ééé", "a&b": "a&b", "?a=1&copy=2": "?a=1&copy=2", "&nothing;": "&nothing;", "&;": "&;", "&#1;x": "x", "&#150;": "–", "&": "&",
	} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

// Each of these is as large as a document may be, and made to cost more than
// its size.
func TestHostileDocumentsAreReadInLinearTime(t *testing.T) {
	const size = 8 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	in := func(s string) string { return "<rss><channel><item><title>x</title>" + s + "</item></channel></rss>" }
	for name, body := range map[string]string{
		"open tags in one tag":       in(fill("<a ")),
		"quotes that never close":    in(fill(`<a x="'>`)),
		"declarations without end":   "<rss>" + fill(`<!a ["x>`) + "<channel/>",
		"comments in declarations":   "<!DOCTYPE a [" + fill("<!--") + "<rss><channel/></rss>",
		"ampersands":                 in("<description>" + fill("&") + "</description>"),
		"declarations in HTML":       in("<description><![CDATA[" + fill("<!a") + "]]></description>"),
		"open paragraphs":            in("<description>" + fill("<p>") + "</description>"),
		"line breaks in an unknown":  in("<x>" + fill("<br>") + "</x>"),
		"categories":                 in(fill("<category>a</category>")),
		"attributes":                 in("<enclosure " + fill(`a="1" `) + "/>"),
		"namespaces":                 "<rss " + fill(`xmlns:a="b" `) + "><channel><item><a:b/></item></channel></rss>",
		"pictures of one group":      in("<media:group>" + fill(`<media:content url="http://x.example/a"/>`) + "</media:group>"),
		"a long title":               in("<title>" + fill("ä<b>") + "</title>"),
		"end tags":                   in(fill("</x>")),
		"a long name":                in("<" + fill("a") + ">"),
		"spaces in front of quotes":  in("<a " + fill(" ") + `"` + ">"),
		"entries within entries":     "<rss><channel>" + fill("<item>"),
		"entities that multiply":     `<!DOCTYPE rss [<!ENTITY a "` + strings.Repeat("a", 1000) + `">]>` + in(fill("<description>&a;</description>")),
		"brackets":                   fill("["),
		"JSON":                       `{"version":"https://jsonfeed.org/version/1","items":[` + fill("{},") + "{}]}",
		"tags that begin in a quote": in(fill(`<a b="<a b='`)),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			feed, err := Parse(copydesk.Document{URL: fixtureURL, Body: []byte(body)})
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("took %v (%d entries, %v)", took, len(feed.Entries), err)
			}
		})
	}
}
