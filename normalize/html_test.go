package normalize

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestHTMLIsMadeSafeAndWhole(t *testing.T) {
	base := parseBase("https://news.example/a/b")
	for _, tc := range []struct{ why, in, want string }{
		{"plain text", "Fish & chips", "Fish &amp; chips"},
		{"what is allowed stays", `<p>a <b>b</b></p>`, `<p>a <b>b</b></p>`},
		{"scripts", `a<script>alert(1)</script>b`, `ab`},
		{"styles", `<style>p{}</style><p style="position:fixed">a</p>`, `<p>a</p>`},
		{"handlers", `<p onclick="x()">a</p>`, `<p>a</p>`},
		{"forms", `<form action="/x"><input name="a">text</form>`, `text`},
		{"vector graphics", `a<svg><script>alert(1)</script></svg>b`, `ab`},
		{"relative links", `<a href="../x?y=1&z=2">a</a>`, `<a href="https://news.example/x?y=1&amp;z=2">a</a>`},
		{"script addresses", `<a href="java&#10;script:alert(1)">a</a>`, `<a>a</a>`},
		{"data addresses", `<img src="data:image/svg+xml,x">`, ``},
		{"mail", `<a href="mailto:a@b.example">a</a>`, `<a href="mailto:a@b.example">a</a>`},
		{"pictures", `<img src="/i.png" width="640" alt="A">`, `<img src="https://news.example/i.png" alt="A" width="640">`},
		{"tracking pixels", `a<img src="https://t.example/x" width="1" height="1"/>`, `a`},
		{"pictures of counting services", `a<img src="https://pixel.wp.com/b.gif?x">`, `a`},
		{"pictures that load late", `<img src="data:image/gif;base64,R0" data-src="/i.png">`, `<img src="https://news.example/i.png">`},
		{"sets of pictures", `<img srcset="/1.png 1x, /2.png 2x">`, `<img src="https://news.example/1.png">`},
		{"players", `<iframe src="https://video.example/e/1" title="Film"></iframe>`, `<a href="https://video.example/e/1">Film</a>`},
		{"missing end tags", `<p>a<p>b<ul><li>c<li>d`, `<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>`},
		{"wrong order", `<b><i>a</b></i>`, `<b><i>a</i></b>`},
		{"stray end tags", `a</div></p>b`, `ab`},
		{"links in links", `<a href="/1">a<a href="/2">b</a></a>`, `<a href="https://news.example/1">a</a><a href="https://news.example/2">b</a>`},
		{"cells without a table", `<td>a</td>`, `a`},
		{"tables", `<table><tr><td>a<td>b</table>`, `<table><tr><td>a</td><td>b</td></tr></table>`},
		{"comments", `a<!-- b -->c<!--[if IE]>d<![endif]-->`, `ac`},
		{"what looks like a declaration", `a <! b`, `a &lt;! b`},
		{"a base of its own", `<base href="https://evil.example/"><a href="x">a</a>`, `<a href="https://news.example/a/x">a</a>`},
		{"control characters", "a\x00b\x1bc\u202ed", "abcd"},
		{"unknown elements leave their text", `<blink>a</blink><x-y>b</x-y>`, `ab`},
	} {
		got := Sanitize(tc.in, base)
		if got != tc.want {
			t.Errorf("%s: Sanitize(%q)\n got %q\nwant %q", tc.why, tc.in, got, tc.want)
		}
		checkHTML(t, got)
	}
}

func TestHTMLIsBounded(t *testing.T) {
	deep := strings.Repeat("<div>", 100_000) + "text"
	got := Sanitize(deep, nil)
	if n := strings.Count(got, "<div>"); n > maxNested || !strings.Contains(got, "text") {
		t.Errorf("%d levels", n)
	}
	if got := Sanitize(strings.Repeat("<p>text</p>", 1_000_000), nil); len(got) > 2*maxHTML {
		t.Errorf("%d bytes", len(got))
	}
}

var forbidden = regexp.MustCompile(`(?i)<(script|style|iframe|object|embed|form|input|svg|math|meta|link|base)\b|<[^>]*\son\w+\s*=|(href|src|cite|poster)="\s*(javascript|data|vbscript):`)

// checkHTML holds what is true of all sanitised HTML.
func checkHTML(t *testing.T, s string) {
	t.Helper()
	if m := forbidden.FindString(s); m != "" {
		t.Errorf("active content %q in %q", m, s)
	}
	if again := Sanitize(s, nil); again != s {
		t.Errorf("twice: %q becomes %q", s, again)
	}
	if strings.IndexFunc(s, unseen) >= 0 {
		t.Errorf("control characters in %q", s)
	}
	var open []string
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("not closed: %v in %q", open, s)
			}
			return
		case html.StartTagToken:
			if name, _ := z.TagName(); !voidElement(string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Errorf("</%s> closes %v in %q", name, open, s)
				return
			}
			open = open[:len(open)-1]
		}
	}
}

func FuzzSanitize(f *testing.F) {
	for _, s := range []string{
		`<p>a<p>b</div><table><tr>x<td><p>y</table>`, `<a href="x"><a href=y>`, `<img src=x onerror=alert(1)>`, `<svg><style><img src=x>`, `<!--><script>alert(1)</script>`,
		`<math><mtext><table><mglyph><style><img src onerror=alert(1)>`, `<a href="jav&#x09;ascript:x">`, `<video><source src=x><p>y`, `<plaintext><b>`, `<p title="a&#34;b<c>">`,
		`<textarea><script>x</textarea>`, `<ul><p><li><ol></ul>`, `<![CDATA[<b>]]>`, `<! x>`, `<ruby>a<rt>b`, `</br></p>`, `<select><option><img>`, `&amp;lt;script&amp;gt;`, `<img src="https://a.example/%zz">`, `<li><td><tr><dd>`,
	} {
		f.Add(s)
	}
	base := parseBase("https://news.example/a/b")
	f.Fuzz(func(t *testing.T, s string) {
		checkHTML(t, Sanitize(s, base))
		for _, s := range []string{s, tidy(escapeDeclarations(s), base)} {
			if proven(s) && policy().Sanitize(s) != s {
				t.Errorf("proven, but the policy makes %q of %q", policy().Sanitize(s), s)
			}
		}
	})
}
