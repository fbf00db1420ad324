package publishtest

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// isHTML takes a fragment that is complete, in the elements and attributes that
// the validator calls safe (NotHtml, SecurityRisk, SecurityRiskAttr,
// DangerousStyleAttr), with addresses that are absolute (ContainsRelRef).
func isHTML(t T, what, fragment string) {
	t.Helper()
	var open []string
	z := html.NewTokenizer(strings.NewReader(fragment))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Fatalf("NotHtml: %s: %s is not closed in %s", what, open, fragment)
			}
			return
		case html.CommentToken, html.DoctypeToken:
			t.Fatalf("NotHtml: %s: %s", what, z.Raw())
		case html.TextToken:
			if name := loose.Find(z.Raw()); name != nil {
				t.Fatalf("NotHtml: %s: %s in %s", what, name, fragment)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			isSafe(t, what, tag)
			if !void(tag.DataAtom) {
				open = append(open, tag.Data)
			}
		case html.EndTagToken:
			tag := z.Token()
			if len(open) == 0 || open[len(open)-1] != tag.Data {
				t.Fatalf("NotHtml: %s: </%s> within %s in %s", what, tag.Data, open, fragment)
			}
			open = open[:len(open)-1]
		}
	}
}

// loose is an ampersand that begins no reference.
var loose = regexp.MustCompile(`&(?:[^#a-zA-Z]|#[^0-9xX]|[a-zA-Z0-9]+(?:[^a-zA-Z0-9;]|$)|$)`)

func void(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Br, atom.Col, atom.Hr, atom.Img, atom.Input, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

func isSafe(t T, what string, tag html.Token) {
	t.Helper()
	if !slices.Contains(elements, tag.Data) {
		t.Fatalf("SecurityRisk: %s: <%s>", what, tag.Data)
	}
	seen := map[string]bool{}
	for _, a := range tag.Attr {
		once(t, seen, what+": attribute of "+tag.Data, a.Key)
		switch a.Key {
		case "href", "src", "poster", "cite":
			if !scheme.MatchString(a.Val) {
				t.Fatalf("ContainsRelRef: %s: %s=%q", what, a.Key, a.Val)
			}
		case "style":
			t.Fatalf("DangerousStyleAttr: %s: %q", what, a.Val)
		default:
			if !slices.Contains(attributes, a.Key) {
				t.Fatalf("SecurityRiskAttr: %s: %s of %s", what, a.Key, tag.Data)
			}
		}
	}
}

var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// What the validator reports nothing of, as far as it can come out of us.
var (
	elements = strings.Fields(`a abbr acronym address article aside audio b bdi big blockquote br caption center cite code col colgroup dd del
		details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p picture pre q rp rt ruby
		s samp section small source span strike strong sub summary sup table tbody td tfoot th thead time tr track tt u ul var video wbr`)
	attributes = strings.Fields(`alt colspan controls datetime dir height lang reversed rowspan scope span start title type value width`)
)

// isPlain takes text in which nobody can suspect markup (ContainsHTML,
// ContainsUndeclaredHTML, CharacterData): where something looks like it, &#x26;
// and &#x3C; say that a sign means itself. That a headline has an end tag in it is
// reported all the same, and nothing to be done about.
func isPlain(t T, n Node) {
	t.Helper()
	if suspect.MatchString(n.Text) && !strings.Contains(n.Raw, "&#x") {
		t.Fatalf("ContainsHTML: %s: %q is served as %q", n.XMLName.Local, n.Text, n.Raw)
	}
}

var suspect = regexp.MustCompile(`&#?\w*\d|&(?:amp|lt|gt|quot|apos|nbsp|copy|reg|hellip|ndash|mdash|[lr][sd]quo)\b|<[/a-zA-Z]`)
