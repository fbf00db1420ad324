package normalize

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"copydesk"
)

// maxKids is how many elements of one element are read, entries apart.
const maxKids = 1000

// A cleaner writes a document anew: the elements that the grammar knows, nested
// properly, under our prefixes, with addresses made absolute by the base in
// force where they stand (RFC 3986; xml:base by the W3C's XML Base), texts as
// HTML whatever their type was, and nothing after the last complete entry.
//
// What gofeed has no field for, and what is long, does not travel in the new
// document but beside it: see [aside]. So the parser reads little more than the
// structure, and no text can be mistaken for it.
type cleaner struct {
	*parse
	sc      *scanner
	at      int // where the token at hand begins
	out     strings.Builder
	format  format
	version string
	ready   bool // the root was seen

	open    []element // from the root to the innermost
	scope   []binding // namespace declarations in force
	skip    int       // elements of open from here on are passed over; 0 if none
	entries int
	mark    int   // length of out before the entry that is being written
	closed  place // what the last end tag of a known element closed
	full    bool

	capture *capture
}

// element is an open element of the publisher's document.
type element struct {
	name   string // as the document spells it
	key    string // by our prefixes; "" if it is passed over
	rule   rule
	place  place // where its children stand
	base   *url.URL
	lang   string
	scope  int    // declarations in force outside it
	root   string // its name in the clean document, if it is open there as well
	flat   bool
	note   *note
	from   int  // where its start tag begins
	inText bool // part of a text that is being captured
	kids   int  // known elements in it, so far
}

type binding struct{ prefix, uri string }

// capture is the reading of an element that holds text or HTML.
type capture struct {
	at     int // index in open
	attrs  string
	parts  []token
	nested bool // it has elements of its own: markup that was not escaped
	cut    bool // it is longer than any text is worth
	size   int
}

// add keeps a part. What is longer than any text is worth is dropped: texts
// are clipped to maxHTML in the end, and each part costs memory.
func (p *capture) add(t token) {
	const overhead = 16
	if p.size += len(t.raw) + len(t.text) + overhead; p.size <= 4*maxHTML {
		p.parts = append(p.parts, t)
		return
	}
	p.cut = true
}

func newCleaner(text string, p *parse) *cleaner {
	c := &cleaner{parse: p, sc: newScanner(text), mark: -1}
	c.out.Grow(len(text)/4 + 1<<10)
	return c
}

// run cleans the document.
func (c *cleaner) run() ([]byte, error) {
	for {
		t, ok := c.sc.next()
		if !ok {
			break
		}
		c.at = c.sc.pos - len(t.raw)
		var err error
		switch t.kind {
		case startToken:
			err = c.start(t)
		case endToken:
			c.end(t)
		default:
			c.text(t)
		}
		if err != nil {
			return nil, err
		}
		if c.full {
			break
		}
	}
	return c.finish()
}

// finish ends the document: what is still open is closed, after what can be
// incomplete was taken back.
func (c *cleaner) finish() ([]byte, error) {
	if !c.ready {
		return nil, notAFeed("%s", c.otherRoot())
	}
	out := ""
	if c.mark >= 0 && !c.full {
		c.lost("truncated: the last, incomplete entry left out")
		if c.entries == 0 {
			return nil, notAFeed("not well-formed: it breaks off within its first entry")
		}
		out = c.out.String()[:c.mark]
		for len(c.open) > 0 && c.open[len(c.open)-1].rule.to != inItem && c.open[len(c.open)-1].rule.to != inEntry {
			c.open = c.open[:len(c.open)-1]
		}
		c.open = c.open[:max(0, len(c.open)-1)]
		rest := c.closing()
		return []byte(out + rest), nil
	}
	switch {
	case c.full, len(c.open) == 0:
	case len(c.open) == 1 && c.closed == inChannel && c.format == formatRSS && c.sc.cut < 0:
		c.warn("the root element has no end tag")
	default:
		c.lost("truncated: the document breaks off before its end")
	}
	if c.capture != nil {
		c.open = c.open[:c.capture.at]
		c.capture = nil
	}
	return []byte(c.out.String() + c.closing()), nil
}

// closing is the end tags of what is open in the clean document.
func (c *cleaner) closing() string {
	var b strings.Builder
	for i := len(c.open) - 1; i >= 0; i-- {
		e := c.open[i]
		if e.root == "" {
			continue
		}
		b.WriteString(c.noted(e.note) + "</" + e.root + ">")
	}
	return b.String()
}

func (c *cleaner) otherRoot() string {
	sc := newScanner(c.sc.s)
	for {
		t, ok := sc.next()
		if !ok {
			return "no XML, JSON or HTML in it"
		}
		if t.kind == startToken {
			return fmt.Sprintf("an XML document of another kind (root element %q)", clip(t.name, 40))
		}
	}
}

// start takes a start tag.
func (c *cleaner) start(t token) error {
	if !c.ready {
		c.root(t)
		return nil
	}
	if len(c.open) == 0 {
		return nil // after the root's end
	}
	if t.empty && strings.TrimSpace(t.attrs) == "" && looksLikeEntry(t.name) && c.mark >= 0 {
		c.warn("an empty entry within another one left out")
		return nil
	}
	c.implied(t.name)
	if len(c.open) == 0 {
		return nil
	}
	if len(c.open) > maxDepth {
		return notAFeed("elements nested deeper than %d", maxDepth)
	}
	parent := &c.open[len(c.open)-1]
	if c.capture != nil {
		c.inner(t, parent)
		return nil
	}
	if c.skip > 0 {
		if !t.empty && !strayTag(t.name) {
			c.open = append(c.open, element{name: t.name, scope: len(c.scope)})
		}
		return nil
	}
	e := c.element(t, parent)
	r, known := c.lookup(parent.place, e.key)
	if parent.kids++; !known || parent.kids > maxKids && r.to != inItem && r.to != inEntry {
		r = rule{action: pass}
	}
	e.rule = r
	c.begin(e, t)
	if t.empty {
		c.at = c.sc.pos
		c.endTop()
	}
	return nil
}

// looksLikeEntry reports whether a start tag begins an entry. Those never nest,
// so an entry that is open has lost its end tag.
func looksLikeEntry(name string) bool {
	_, local := splitName(name)
	return strings.EqualFold(local, "item") || strings.EqualFold(local, "entry")
}

// implied closes what an entry cannot stand in: the entry before it, if that
// has no end tag, or any other element that was left open.
func (c *cleaner) implied(name string) {
	if !looksLikeEntry(name) {
		return
	}
	if k := c.key(name); k != "item" && k != "entry" {
		return
	}
	holder := len(c.open) - 1
	for ; holder > 0; holder-- {
		if p := c.open[holder].rule.to; !c.open[holder].inText && c.open[holder].rule.action == enter && (p == inChannel || p == inFeed) {
			break
		}
	}
	if holder < len(c.open)-1 && !c.open[len(c.open)-1].flat {
		c.warn("an element without its end tag closed before an entry")
		c.closeTo(holder + 1)
	}
}

// inner takes a start tag within a captured text.
func (c *cleaner) inner(t token, parent *element) {
	c.capture.nested = true
	c.capture.add(t)
	if t.empty || voidElement(t.name) {
		return
	}
	// Paragraphs and list items without end tags are siblings, not nested.
	if parent.inText && strings.EqualFold(parent.name, t.name) && impliedEnd(t.name) {
		return
	}
	c.open = append(c.open, element{name: t.name, scope: len(c.scope), inText: true})
}

// element makes an element of a start tag, with what its attributes declare.
func (c *cleaner) element(t token, parent *element) element {
	e := element{name: t.name, base: parent.base, lang: parent.lang, place: parent.place, scope: len(c.scope), from: c.at}
	if strings.Contains(t.attrs, "xml") || strings.Contains(t.attrs, "lang") {
		c.declare(&e, t.attrs)
	}
	e.key = c.key(t.name)
	return e
}

func (c *cleaner) declare(e *element, attrs string) {
	const most = 256 // declarations in force
	for name, value := range attributes(attrs) {
		switch {
		case name == "xmlns" && len(c.scope) < most:
			c.scope = append(c.scope, binding{"", value})
		case strings.HasPrefix(name, "xmlns:") && len(c.scope) < most:
			c.scope = append(c.scope, binding{name[len("xmlns:"):], value})
		case name == "xml:base":
			e.base = rebase(e.base, value)
		case name == "xml:lang" || name == "lang":
			e.lang = value
		}
	}
}

func splitName(name string) (prefix, local string) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		return "", name
	}
	return prefix, local
}

// key is the element's name by our prefixes, in lower case: "title",
// "dc:creator". It is "" for an element of a vocabulary that we do not know.
func (c *cleaner) key(qname string) string {
	prefix, local := splitName(qname)
	local = strings.ToLower(local)
	uri := c.uri(prefix)
	ours, known := namespacePrefix(uri)
	switch {
	case !known && prefix == "":
		return local
	case !known && prefixes[strings.ToLower(prefix)]:
		ours = strings.ToLower(prefix)
	case !known:
		return ""
	}
	if c.native(ours) || prefix == "" && len(c.open) > 0 && uri == c.rootURI() && c.format != formatAtom {
		return local
	}
	return ours + ":" + local
}

func (c *cleaner) native(prefix string) bool {
	if c.format == formatAtom {
		return prefix == "atom"
	}
	return prefix == "rss" || prefix == "rdf"
}

func (c *cleaner) uri(prefix string) string {
	for i := len(c.scope) - 1; i >= 0; i-- {
		if c.scope[i].prefix == prefix {
			return c.scope[i].uri
		}
	}
	return ""
}

// rootURI is the namespace of the root element. Some publishers put a foreign
// one on <rss>; then it is what they write RSS in.
func (c *cleaner) rootURI() string {
	for _, b := range c.scope[:min(len(c.scope), c.open[0].scope+16)] {
		if b.prefix == "" {
			return b.uri
		}
	}
	return ""
}

func (c *cleaner) lookup(p place, key string) (rule, bool) {
	if key == "" {
		return rule{}, false
	}
	r, ok := grammar[p][key]
	return r, ok
}

// root takes start tags until one is the root of a feed.
func (c *cleaner) root(t token) {
	_, local := splitName(t.name)
	e := element{name: t.name, base: c.page}
	switch strings.ToLower(local) {
	case "rss", "channel":
		c.format, e.root = formatRSS, "rss"
	case "rdf":
		c.format, e.root = formatRDF, "rss"
	case "feed":
		c.format, e.root, e.place = formatAtom, "feed", inFeed
	default:
		return
	}
	c.ready = true
	c.declare(&e, t.attrs)
	if c.format == formatAtom {
		e.note = &note{lang: e.lang}
	}
	c.version = c.dialect(t)
	c.out.WriteString("<" + e.root)
	// Our prefixes are not declared: gofeed takes one that is not for what it
	// says, and would copy the declarations for each element.
	if c.format == formatAtom {
		c.out.WriteString(` xmlns="http://www.w3.org/2005/Atom"`)
	}
	c.out.WriteString(">")
	e.rule = rule{action: enter, to: e.place}
	c.open = append(c.open, e)
	if strings.EqualFold(local, "channel") {
		c.out.WriteString("<channel>")
		c.open[0].place = inChannel
		c.open = append(c.open[:0], element{name: "", root: "rss"}, element{name: t.name, root: "channel", place: inChannel, base: e.base, lang: e.lang, note: &note{lang: e.lang}, rule: rule{action: enter, to: inChannel}})
	}
}

// dialect names the format and version that the root declares.
func (c *cleaner) dialect(t token) string {
	version := ""
	for name, value := range attributes(t.attrs) {
		if name == "version" {
			version = clip(plainText(value), 20)
		}
	}
	switch c.format {
	case formatAtom:
		for _, b := range c.scope {
			if strings.HasPrefix(b.uri, "http://purl.org/atom/ns") {
				return "atom " + cmp.Or(version, "0.3")
			}
		}
		return "atom 1.0"
	case formatRDF:
		for _, b := range c.scope {
			if strings.Contains(b.uri, "netscape.com/rdf") {
				return "rss 0.90"
			}
		}
		return "rss 1.0"
	}
	return strings.TrimSpace("rss " + version)
}

// begin opens e, as its rule says.
func (c *cleaner) begin(e element, t token) {
	at := len(c.open)
	switch e.rule.action {
	case pass:
		e.key = ""
		if c.skip == 0 {
			c.skip = at
		}
	case flatten:
		e.flat = true
	case enter:
		c.enter(&e, t)
	case empty:
		c.out.WriteString("<" + tagOf(e))
		c.writeAttrs(e, t.attrs)
		c.out.WriteString("/>")
		if c.skip == 0 {
			c.skip = at
		}
	default:
		c.capture = &capture{at: at, attrs: t.attrs}
	}
	c.open = append(c.open, e)
}

func (c *cleaner) enter(e *element, t token) {
	switch e.rule.to {
	case inItem, inEntry:
		c.mark = c.out.Len()
		e.note = &note{lang: e.lang}
		if c.format == formatRDF {
			for name, value := range attributes(t.attrs) {
				if name == "rdf:about" && e.note.about == "" {
					e.note.about = value
				}
			}
		}
	case inChannel:
		e.note = &note{lang: e.lang}
	}
	e.place, e.root = e.rule.to, tagOf(*e)
	c.out.WriteString("<" + e.root)
	c.writeAttrs(*e, t.attrs)
	c.out.WriteString(">")
}

// tagOf is the name of e in the clean document.
func tagOf(e element) string {
	if e.rule.as != "" {
		return e.rule.as
	}
	return e.key
}

// writeAttrs writes the attributes that the rule keeps.
func (c *cleaner) writeAttrs(e element, attrs string) {
	if e.rule.attrs == "" {
		return
	}
	seen := ""
	for name, value := range attributes(attrs) {
		isAddress := strings.Contains(e.rule.attrs, " *"+name+" ")
		if !isAddress && !strings.Contains(e.rule.attrs, " "+name+" ") || strings.Contains(seen, " "+name+" ") {
			continue
		}
		seen += " " + name + " "
		if isAddress {
			value = resolve(e.base, value)
		}
		c.out.WriteString(" " + name + `="`)
		c.out.WriteString(attributeEscaper.Replace(value))
		c.out.WriteByte('"')
	}
}

var attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&#34;", "\n", "&#10;", "\r", "&#13;", "\t", "&#9;")

// noted is the element that leads from an entry, or the feed, to what is noted
// of it.
func (c *cleaner) noted(n *note) string {
	if n == nil || *n == (note{}) {
		return ""
	}
	c.notes = append(c.notes, n)
	return `<cd:note v="` + strconv.Itoa(len(c.notes)-1) + `"/>`
}

func (c *cleaner) text(t token) {
	if c.capture != nil {
		c.capture.add(t)
	}
}

// end takes an end tag. One that closes nothing is dropped; one that closes
// more than the innermost element closes what is between as well.
func (c *cleaner) end(t token) {
	for i := len(c.open) - 1; i >= 0; i-- {
		if !sameName(c.open[i].name, t.name) {
			continue
		}
		if c.capture != nil && i > c.capture.at {
			c.capture.add(t)
		}
		if i < len(c.open)-1 && !c.open[len(c.open)-1].inText {
			c.warn("end tags in the wrong order")
		}
		c.closeTo(i + 1)
		c.at = c.sc.pos // the end tag is part of what it ends
		c.endTop()
		return
	}
	if c.capture != nil {
		c.capture.add(t)
	}
}

func sameName(a, b string) bool {
	return a == b || len(a) == len(b) && strings.EqualFold(a, b)
}

// closeTo closes open[i] and what it holds.
func (c *cleaner) closeTo(i int) {
	for len(c.open) > i {
		c.endTop()
	}
}

// endTop closes the innermost element.
func (c *cleaner) endTop() {
	at := len(c.open) - 1
	e := c.open[at]
	if c.capture != nil && c.capture.at == at {
		c.endCapture(e)
	}
	c.open = c.open[:at]
	c.scope = c.scope[:min(e.scope, len(c.scope))]
	if c.skip >= at {
		c.skip = 0
	}
	if e.root == "" {
		return
	}
	isEntry := e.rule.to == inItem || e.rule.to == inEntry
	if isEntry {
		e.note.raw = copydesk.DigestOf([]byte(c.sc.s[e.from:c.at]))
	}
	c.out.WriteString(c.noted(e.note))
	c.out.WriteString("</" + e.root + ">")
	c.closed = e.rule.to
	if isEntry {
		c.mark = -1
		c.entries++
		if c.entries == maxEntries {
			c.full = true
			c.lost("more than " + strconv.Itoa(maxEntries) + " entries: the rest left out")
		}
	}
}

// endCapture writes the element whose content was captured.
func (c *cleaner) endCapture(e element) {
	part := c.capture
	c.capture = nil
	if part.cut {
		c.warn(cutText)
	}
	var value string
	switch e.rule.action {
	case markup:
		value = c.setAside(c.markupOf(part, e), e.base)
	case name:
		c.name(part)
		return
	case address:
		value = resolve(e.base, characters(part.parts))
	default:
		value = strings.TrimSpace(characters(part.parts))
	}
	if value == "" && e.rule.attrs == "" {
		return
	}
	tag := tagOf(e)
	c.out.WriteString("<" + tag)
	c.writeAttrs(e, part.attrs)
	c.out.WriteByte('>')
	c.out.WriteString(cdata(value))
	c.out.WriteString("</" + tag + ">")
}

// name notes what the publisher calls the entry, or the feed; the first name
// counts.
func (c *cleaner) name(part *capture) {
	for i := len(c.open) - 2; i >= 0; i-- {
		n := c.open[i].note
		if n == nil {
			continue
		}
		if n.named {
			return
		}
		n.named, n.id = true, characters(part.parts)
		for name, v := range attributes(part.attrs) {
			if strings.EqualFold(name, "isPermaLink") && n.permalink == "" {
				n.permalink = strings.ToLower(strings.TrimSpace(v))
			}
		}
		return
	}
}

// cdata writes s so that it is read as it is.
func cdata(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return strings.ReplaceAll(s, "]]>", "]]&gt;")
	}
	return "<![CDATA[" + strings.ReplaceAll(s, "]]>", "]]]]><![CDATA[>") + "]]>"
}
