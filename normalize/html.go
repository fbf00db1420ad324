package normalize

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits on one text.
const (
	maxHTML   = 1 << 20
	maxNested = 100
)

// Sanitize returns s as HTML that can be shown in any page: well-formed, only
// elements for text, pictures, sound and film, addresses absolute by base and
// only of the web or of mail, and nothing that acts or reports on the reader.
// Sanitizing twice changes nothing.
//
// It works in two steps. A writer of our own tidies the tokens: what browsers
// nest by themselves is nested, what lazy pages hide in data attributes is put
// where it belongs, players become links. Bluemonday then enforces the policy,
// so that a mistake in the first step cannot let anything through. Only what is
// proven to come out of it as it goes in is spared the way: see proven.go.
func Sanitize(s string, base *url.URL) string {
	s = legal(strings.TrimSpace(s))
	if len(s) > maxHTML {
		s = clip(s, maxHTML)
	}
	if s == "" {
		return ""
	}
	if strings.IndexByte(s, '<') < 0 {
		return strings.TrimSpace(visible(xhtml.EscapeString(xhtml.UnescapeString(s))))
	}
	s = tidy(escapeDeclarations(s), base)
	if !proven(s) {
		s = policy().Sanitize(s)
	}
	return strings.TrimSpace(s)
}

// escapeDeclarations makes text of what begins like a declaration and is none.
// HTML would take all up to the next ">" for a comment.
func escapeDeclarations(s string) string {
	if !strings.Contains(s, "<!") {
		return s
	}
	var b strings.Builder
	end := strings.LastIndexByte(s, '>')
	for {
		i := strings.Index(s, "<!")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s, end = s[i+2:], end-i-2
		if !strings.HasPrefix(s, "--") && (end < 0 || !isNameStart(s[0]) && s[0] != '[') {
			b.WriteString("&lt;!")
			continue
		}
		b.WriteString("<!")
	}
}

// policy is what may come out, made once since making it compiles expressions.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	for name := range kept {
		p.AllowElements(name)
		p.AllowNoAttrs().OnElements(name)
		for _, attr := range strings.Fields(kept[name]) {
			if holdsAddress(attr) {
				p.AllowAttrs(attr).Matching(goodAddress).OnElements(name)
				continue
			}
			p.AllowAttrs(attr).OnElements(name)
		}
	}
	p.AllowAttrs(strings.Fields(global)...).Globally()
	return p
})

// goodAddress is an address as it may come out. Bluemonday's own check would
// write them anew, and differently from how the publisher wrote them.
var goodAddress = regexp.MustCompile(`^(?:[Hh][Tt][Tt][Pp][Ss]?://|mailto:)[^\x00-\x20\x7f<>"\\]+$`)

func holdsAddress(attr string) bool {
	switch attr {
	case "href", "src", "cite", "poster":
		return true
	}
	return false
}

// global are the attributes that any element can have.
const global = "dir lang title"

// kept are the elements that survive, with their attributes.
var kept = map[string]string{
	"a": "href", "abbr": "", "acronym": "", "address": "", "article": "", "aside": "", "audio": "src controls", "b": "", "bdi": "", "bdo": "",
	"big": "", "blockquote": "cite", "br": "", "caption": "", "center": "", "cite": "", "code": "", "col": "span", "colgroup": "span", "dd": "",
	"del": "cite datetime", "details": "", "dfn": "", "div": "", "dl": "", "dt": "", "em": "", "figcaption": "", "figure": "", "footer": "",
	"h1": "", "h2": "", "h3": "", "h4": "", "h5": "", "h6": "", "header": "", "hr": "", "i": "", "img": "src alt width height",
	"ins": "cite datetime", "kbd": "", "li": "value", "main": "", "mark": "", "ol": "start reversed type", "p": "", "pre": "", "q": "cite",
	"rp": "", "rt": "", "ruby": "", "s": "", "samp": "", "section": "", "small": "", "source": "src type", "span": "", "strike": "",
	"strong": "", "sub": "", "summary": "", "sup": "", "table": "", "tbody": "", "td": "colspan rowspan", "tfoot": "", "th": "colspan rowspan scope",
	"thead": "", "time": "datetime", "tr": "", "track": "", "tt": "", "u": "", "ul": "", "var": "", "video": "src poster controls width height", "wbr": "",
}

// hidden elements go with all that is in them.
var hiddenElements = map[string]bool{
	"script": true, "style": true, "title": true, "head": true, "noembed": true, "noframes": true, "template": true, "svg": true, "math": true,
	"select": true, "textarea": true, "button": true, "object": true, "applet": true, "canvas": true, "map": true, "form": false, "xml": true,
	"plaintext": true, "xmp": true, "iframe": true, "frameset": true, "datalist": true, "dialog": true, "portal": true,
}

// parts are elements that mean nothing outside others.
var parts = map[string][]string{
	"li": {"ul", "ol"}, "tr": {"table", "tbody", "thead", "tfoot"}, "td": {"tr"}, "th": {"tr"}, "tbody": {"table"}, "thead": {"table"},
	"tfoot": {"table"}, "caption": {"table"}, "colgroup": {"table"}, "col": {"table", "colgroup"}, "dt": {"dl"}, "dd": {"dl"},
	"figcaption": {"figure"}, "summary": {"details"}, "source": {"audio", "video"}, "rt": {"ruby"}, "rp": {"ruby"},
}

// blocks end a paragraph.
var blocks = map[string]bool{
	"address": true, "article": true, "aside": true, "blockquote": true, "center": true, "details": true, "div": true, "dl": true, "figure": true,
	"footer": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "header": true, "hr": true, "main": true, "ol": true,
	"p": true, "pre": true, "section": true, "table": true, "ul": true, "li": true, "dt": true, "dd": true,
}

// tidier writes HTML anew, properly nested.
type tidier struct {
	base  *url.URL
	out   strings.Builder
	open  []string
	attrs tagAttrs // of the tag at hand, kept for its memory
	hide  string   // the element that is being left out
	deep  int      // of its own kind within it
}

func tidy(s string, base *url.URL) string {
	t := &tidier{base: base}
	t.out.Grow(len(s))
	z := xhtml.NewTokenizer(strings.NewReader(s))
	for {
		kind := z.Next()
		if kind == xhtml.ErrorToken {
			t.closeTo(0)
			return t.out.String()
		}
		switch kind {
		case xhtml.TextToken:
			if t.hide == "" {
				t.text(string(z.Text()))
			}
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			t.start(z, kind == xhtml.SelfClosingTagToken)
		case xhtml.EndTagToken:
			name, _ := z.TagName()
			t.end(atom.String(name))
		}
	}
}

// text writes characters. Between the parts of a table there is no place for
// any but white space.
func (t *tidier) text(s string) {
	switch t.top() {
	case "table", "tbody", "thead", "tfoot", "tr", "colgroup", "audio", "video":
		if strings.TrimSpace(s) != "" {
			t.closeTo(t.container())
		}
	}
	t.out.WriteString(visible(xhtml.EscapeString(s)))
}

// container is how many elements are open outside the table or player at hand.
func (t *tidier) container() int {
	for i := len(t.open) - 1; i >= 0; i-- {
		switch t.open[i] {
		case "table", "audio", "video":
			return i
		}
	}
	return len(t.open)
}

func (t *tidier) top() string {
	if len(t.open) == 0 {
		return ""
	}
	return t.open[len(t.open)-1]
}

func (t *tidier) start(z *xhtml.Tokenizer, selfClosing bool) {
	tag, more := z.TagName()
	name := atom.String(tag)
	attrs := t.attrs[:0]
	for n := 0; more && n < maxAttributes; n++ {
		var key, value []byte
		if key, value, more = z.TagAttr(); !attrs.has(key) {
			attrs = append(attrs, [2]string{atom.String(key), string(value)})
		}
	}
	t.attrs = attrs
	if t.hide != "" {
		if name == t.hide && !selfClosing {
			t.deep++
		}
		return
	}
	switch name {
	case "iframe", "embed":
		t.player(attrs)
	case "image":
		name = "img"
	case "amp-img":
		name, selfClosing = "img", true
	}
	if hiddenElements[name] {
		if !selfClosing {
			t.hide, t.deep = name, 1
		}
		return
	}
	t.element(name, attrs)
}

// player writes a link to what a frame would have shown.
func (t *tidier) player(attrs tagAttrs) {
	src := attributeAddress(webAddress(t.base, cmp.Or(attrs.get("src"), attrs.get("data-src"))))
	if src == "" || attrs.tiny() || t.within("a") >= 0 {
		return
	}
	label := plainText(attrs.get("title"))
	if label == "" {
		label = src
	}
	src = xhtml.EscapeString(src)
	t.out.WriteString(`<a href="` + src + `">` + xhtml.EscapeString(label) + `</a>`)
}

func (t *tidier) element(name string, attrs tagAttrs) {
	allowed, ok := kept[name]
	if !ok {
		return
	}
	var written string
	switch name {
	case "img":
		if written = t.image(attrs); written == "" {
			return
		}
	case "a":
		if i := t.within("a"); i >= 0 {
			t.closeTo(i)
		}
		fallthrough
	default:
		written = t.attributes(allowed, attrs)
	}
	if !t.place(name) {
		return
	}
	t.out.WriteString("<" + name + written + ">")
	if !voidElement(name) {
		t.open = append(t.open, name)
	}
}

// place closes what cannot stay open around name, and reports whether name can
// stand here at all.
func (t *tidier) place(name string) bool {
	if len(t.open) >= maxNested && !voidElement(name) {
		return false
	}
	if blocks[name] {
		if i := t.withinBlock("p"); i >= 0 {
			t.closeTo(i)
		}
	}
	parents, part := parts[name]
	if !part {
		switch t.top() {
		case "table", "tbody", "thead", "tfoot", "tr", "colgroup", "audio", "video":
			t.closeTo(t.container())
		}
		return true
	}
	for i := len(t.open) - 1; i >= 0; i-- {
		open := t.open[i]
		for _, p := range parents {
			if open == p {
				t.closeTo(i + 1)
				return true
			}
		}
		if open == "table" || open == "td" && name != "td" && name != "th" && name != "tr" || (open == "ul" || open == "ol") && name != "li" {
			break
		}
	}
	if t.top() == "table" && (name == "td" || name == "th") {
		t.out.WriteString("<tr>")
		t.open = append(t.open, "tr")
		return true
	}
	return false
}

// within is where name is open, or -1.
func (t *tidier) within(name string) int {
	for i := len(t.open) - 1; i >= 0; i-- {
		if t.open[i] == name {
			return i
		}
	}
	return -1
}

// withinBlock is where name is open without a cell, item or quotation between,
// or -1.
func (t *tidier) withinBlock(name string) int {
	for i := len(t.open) - 1; i >= 0; i-- {
		switch t.open[i] {
		case name:
			return i
		case "td", "th", "caption", "li", "blockquote", "div", "dd", "section", "article", "figure":
			return -1
		}
	}
	return -1
}

func (t *tidier) end(name string) {
	if t.hide != "" {
		if name == t.hide {
			if t.deep--; t.deep == 0 {
				t.hide = ""
			}
		}
		return
	}
	if name == "br" {
		t.out.WriteString("<br>")
		return
	}
	i := t.within(name)
	if i < 0 || i < t.container() && len(t.open) > t.container() && name != "table" {
		return
	}
	t.closeTo(i)
}

func (t *tidier) closeTo(n int) {
	for len(t.open) > n {
		t.out.WriteString("</" + t.top() + ">")
		t.open = t.open[:len(t.open)-1]
	}
}

// tagAttrs are a tag's attributes, each name once.
type tagAttrs [][2]string

func (a tagAttrs) has(name []byte) bool {
	return slices.ContainsFunc(a, func(kv [2]string) bool { return kv[0] == string(name) })
}

// get is the value of an attribute, "" if it is not there.
func (a tagAttrs) get(name string) string {
	for _, kv := range a {
		if kv[0] == name {
			return kv[1]
		}
	}
	return ""
}

// tiny reports a picture or frame that is too small to be seen: it counts
// readers.
func (a tagAttrs) tiny() bool {
	small := func(v string) bool {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(v), "px"))
		return err == nil && n <= 2
	}
	return small(a.get("width")) || small(a.get("height"))
}

// trackingHosts serve pictures whose only use is to count who reads.
var trackingHosts = []string{
	"feeds.feedburner.com/~r/", "feedburner.com/~ff/", "pixel.wp.com/", "stats.wordpress.com/", "feedsportal.com/", "pixel.quantserve.com/",
	"doubleclick.net/", "google-analytics.com/", "facebook.com/tr", "scorecardresearch.com/", "pheedo.com/", "feeds.wordpress.com/1.0/", "da.feedsportal.com/",
	"mf.gif?", "1x1.gif", "spacer.gif", "blank.gif",
}

// image is the attributes of a picture, "" if it is not worth showing. Pages
// that load pictures late keep the address elsewhere.
func (t *tidier) image(attrs tagAttrs) string {
	if attrs.tiny() {
		return ""
	}
	src := ""
	for _, key := range []string{"data-src", "data-lazy-src", "data-original", "data-hi-res-src", "src"} {
		if src = webAddress(t.base, attrs.get(key)); src != "" {
			break
		}
	}
	if src == "" {
		src = webAddress(t.base, fromSrcset(cmp.Or(attrs.get("data-srcset"), attrs.get("srcset"))))
	}
	if src = attributeAddress(src); src == "" {
		return ""
	}
	for _, host := range trackingHosts {
		if strings.Contains(src, host) {
			return ""
		}
	}
	return ` src="` + xhtml.EscapeString(src) + `"` + t.attributes("alt width height", attrs)
}

// fromSrcset is the first address of a srcset.
func fromSrcset(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return strings.TrimSuffix(first, ",")
}

// attributes writes what allowed names, in that order, and the global ones.
func (t *tidier) attributes(allowed string, attrs tagAttrs) string {
	if len(attrs) == 0 {
		return ""
	}
	var b strings.Builder
	for _, list := range [2]string{allowed, "dir lang title"} {
		for key := range strings.FieldsSeq(list) {
			i := slices.IndexFunc(attrs, func(kv [2]string) bool { return kv[0] == key })
			if i < 0 {
				continue
			}
			value := attrs[i][1]
			if value = t.attribute(key, visible(value)); value != "" || key == "alt" || key == "controls" || key == "reversed" {
				b.WriteString(" " + key + `="` + xhtml.EscapeString(value) + `"`)
			}
		}
	}
	return b.String()
}

func (t *tidier) attribute(key, value string) string {
	switch key {
	case "href", "cite":
		if mail := strings.TrimSpace(value); len(mail) > len("mailto:") && strings.EqualFold(mail[:len("mailto:")], "mailto:") {
			return attributeAddress("mailto:" + mail[len("mailto:"):])
		}
		return attributeAddress(webAddress(t.base, value))
	case "src", "poster":
		return attributeAddress(webAddress(t.base, value))
	case "width", "height", "colspan", "rowspan", "span", "start", "value":
		value = strings.TrimSuffix(strings.TrimSpace(value), "px")
		if n, err := strconv.Atoi(value); err != nil || n < 0 || n > 10_000 {
			return ""
		}
		return value
	case "controls", "reversed":
		return ""
	case "dir":
		switch value = strings.ToLower(value); value {
		case "ltr", "rtl", "auto":
			return value
		}
		return ""
	}
	return clip(value, maxTitle)
}

// attributeAddress escapes what no address may hold, and the policy therefore
// refuses, but publishers write all the same.
func attributeAddress(s string) string {
	if s = visible(s); !strings.ContainsAny(s, " \t\n\r\x7f<>\"\\") {
		return s
	}
	s = addressEscaper.Replace(s)
	if !strings.HasPrefix(s, "mailto:") {
		s = webAddress(nil, s) // a host cannot hold them escaped either
	}
	return s
}

var addressEscaper = strings.NewReplacer(" ", "%20", "\t", "", "\n", "", "\r", "", "\x7f", "", "<", "%3C", ">", "%3E", `"`, "%22", `\`, "%5C")

// visible drops control characters and the marks that override the direction
// of text. Those that isolate a direction are part of how some languages are
// written and stay.
func visible(s string) string {
	if strings.IndexFunc(s, unseen) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, s)
}

func unseen(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0x202d || r == 0x202e || r == 0xfeff || r&0xfffe == 0xfffe
}
