package demo

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestMarkup(t *testing.T) {
	p := find(t, "harbour-wire")
	for _, c := range []struct{ name, text, want string }{
		{"paragraphs are separated by empty lines", "One\nline.\n\nAnother.\n", "<p>One line.</p>\n<p>Another.</p>\n"},
		{"text is escaped", `A < B & "C"`, "<p>A &lt; B &amp; &#34;C&#34;</p>\n"},
		{"a link leads to an article of one's own", "See [the yard](yard).", `<p>See <a href="` + base + `/harbour-wire/articles/yard">the yard</a>.</p>` + "\n"},
		{"or of another publisher", "See [it](globefold/x).", `<p>See <a href="` + base + `/globefold/articles/x">it</a>.</p>` + "\n"},
	} {
		if got := markup(c.text, p.link(false)); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
	if got, want := markup("See [the yard](yard).", nil), "<p>See the yard.</p>\n"; got != want {
		t.Errorf("without links only the words stay: got %q, want %q", got, want)
	}
}

func FuzzMarkupMakesNothingButParagraphsAndLinks(f *testing.F) {
	for _, text := range []string{"One.\n\n[Two](x/y)", `[<b>](" onclick="x)`, "<script>[a](javascript:x)</script>", "[[](", "&amp;"} {
		f.Add(text)
	}
	href := (&Publisher{Slug: "s", home: base + "/s/"}).link(false)
	f.Fuzz(func(t *testing.T, text string) {
		z := html.NewTokenizer(strings.NewReader(markup(text, href)))
		for z.Next() != html.ErrorToken {
			token := z.Token()
			if token.Type == html.TextToken {
				continue
			}
			if !slices.Contains([]string{"p", "a"}, token.Data) || token.Type == html.CommentToken {
				t.Fatalf("%q made %v", text, token)
			}
			for _, attr := range token.Attr {
				if attr.Key != "href" || !strings.HasPrefix(attr.Val, base+"/") {
					t.Fatalf("%q made %v", text, token)
				}
			}
		}
	})
}
