package normalize

import (
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Our own reading of tags is fast because it knows what wrote them. Of all that
// Sanitize writes, it must say what the tokenizer says that browsers agree on.
func FuzzCleanHTMLIsReadAsBrowsersReadIt(f *testing.F) {
	f.Add(`<p>Rain &amp; wind, <a href="https://a.example/?a=1&amp;b=2" title='"x"'>more</a><br>.<img src=https://a.example/1.png alt="a > b"></p>`)
	f.Add(`<ul><li>1<li>2 < 3</ul>&nbsp;<hr/><video controls src="https://a.example/v.mp4"></video>`)
	f.Add(`<details><summary>é</summary>x<!-- y --></details><td>z`)
	f.Fuzz(func(t *testing.T, s string) {
		s = Sanitize(s, nil)
		z := xhtml.NewTokenizer(strings.NewReader(s))
		all, at := tokensOf(s), 0
		for kind := z.Next(); kind != xhtml.ErrorToken; kind = z.Next() {
			if len(all) == 0 {
				t.Fatalf("%q ends early, before %q", s, z.Raw())
			}
			got := all[0]
			all = all[1:]
			if raw := string(z.Raw()); s[got.start:got.end] != raw || got.start != at {
				t.Fatalf("%q: %q is read where %q stands", s, s[got.start:got.end], raw)
			}
			at = got.end
			if kind == xhtml.TextToken {
				if got.kind != kind {
					t.Fatalf("%q: a text is read as %v", s, got.kind)
				}
				continue
			}
			name, more := z.TagName()
			if kind == xhtml.StartTagToken && voidElement(got.name) {
				kind = xhtml.SelfClosingTagToken
			}
			if got.kind != kind || got.name != atom.String(name) {
				t.Fatalf("%q: %v %q is read as %v %q", s, kind, name, got.kind, got.name)
			}
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				if read := attribute(s[got.start:got.end], string(key)); read != string(value) {
					t.Fatalf("%q: %s=%q is read as %q", s, key, value, read)
				}
			}
		}
		if len(all) > 0 {
			t.Fatalf("%q goes on with %q", s, s[all[0].start:])
		}
	})
}
