package normalize

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	xhtml "golang.org/x/net/html"
)

// layout is a text cut into the blocks that people see one below the other. Of
// boxes within boxes, which mean nothing to a reader, the innermost count.
type layout struct {
	html   string
	tokens []htmlToken
	blocks []block
	boxes  []block // around blocks
	uncut  bool    // it is read only: no reading says where in the HTML it stands
}

// htmlToken is a tag or a piece of text.
type htmlToken struct {
	kind       xhtml.TokenType
	name       string
	start, end int // in the HTML
	match      int // of a start tag, where its end tag is; itself if there is none
}

// block is a range of tokens.
type block struct {
	from, to int
	name     string // of its element; "" for a run of text between others
	blank    bool   // nothing to be seen
}

func layOut(html string) *layout {
	l := &layout{}
	l.layOut(html)
	return l
}

// layOut makes l the layout of html, in the room that it has.
func (l *layout) layOut(html string) {
	*l = layout{html: html, tokens: appendTokens(l.tokens[:0], html), blocks: l.blocks[:0], boxes: l.boxes[:0], uncut: l.uncut}
	l.split(0, len(l.tokens))
}

func tokensOf(html string) []htmlToken { return appendTokens(nil, html) }

// appendTokens cuts up HTML as [Sanitize] writes it.
func appendTokens(all []htmlToken, html string) []htmlToken {
	all = slices.Grow(all, 2*strings.Count(html, "<")+1)
	var open []int
	sc := newScanner(html)
	for at := 0; ; at = sc.pos {
		read, ok := sc.next()
		if !ok {
			return all
		}
		t := htmlToken{kind: xhtml.TextToken, name: read.name, start: at, end: sc.pos, match: len(all)}
		switch {
		case read.kind == startToken && (read.empty || voidElement(t.name)):
			t.kind = xhtml.SelfClosingTagToken
		case read.kind == startToken:
			t.kind = xhtml.StartTagToken
			open = append(open, len(all))
		case read.kind == endToken:
			t.kind = xhtml.EndTagToken
			for i := len(open) - 1; i >= 0; i-- {
				if all[open[i]].name == t.name {
					all[open[i]].match = len(all)
					open = open[:i]
					break
				}
			}
		}
		all = append(all, t)
	}
}

// split finds the blocks of a range of tokens. Between them are runs of text,
// which end with an empty line.
func (l *layout) split(from, to int) {
	run := -1
	flush := func(end int) {
		if run >= 0 {
			l.add(run, end, "")
			run = -1
		}
	}
	for i := from; i < to; i++ {
		t := l.tokens[i]
		switch {
		case t.kind == xhtml.StartTagToken && blocks[t.name], t.name == "hr":
			flush(i)
			if l.divided(i) {
				l.boxes = append(l.boxes, block{from: i, to: t.match + 1})
				l.split(i+1, t.match)
			} else {
				l.add(i, t.match+1, t.name)
			}
			i = t.match
		case l.emptyLine(i, to):
			flush(i)
		case t.kind == xhtml.StartTagToken:
			if run < 0 {
				run = i
			}
			i = t.match
		case run < 0 && !l.space(t) && t.name != "br":
			run = i
		}
	}
	flush(to)
}

func (l *layout) add(from, to int, name string) {
	l.blocks = append(l.blocks, block{from, to, name, name != "hr" && !l.visible(from, to)})
}

// divided reports whether the element that starts at i is a box with blocks in
// it, or a paragraph that is several.
func (l *layout) divided(i int) bool {
	t := l.tokens[i]
	switch t.name {
	case "div", "section", "article", "main", "center", "aside", "header", "footer", "p":
	default:
		return false
	}
	for j := i + 1; j < t.match; j++ {
		inner := l.tokens[j]
		if inner.kind == xhtml.StartTagToken && blocks[inner.name] || inner.name == "hr" || l.emptyLine(j, t.match) {
			return true
		}
		if inner.kind == xhtml.StartTagToken {
			j = inner.match
		}
	}
	return false
}

// emptyLine reports whether the token at i ends a line and the next begins with
// another such.
func (l *layout) emptyLine(i, to int) bool {
	if l.tokens[i].name != "br" {
		return false
	}
	for j := i + 1; j < to; j++ {
		if l.tokens[j].name == "br" {
			return true
		}
		if !l.space(l.tokens[j]) {
			return false
		}
	}
	return false
}

func (l *layout) space(t htmlToken) bool {
	if t.kind != xhtml.TextToken {
		return false
	}
	text := strings.TrimSpace(l.html[t.start:t.end])
	return text == "" || text[0] == '&' && strings.TrimSpace(xhtml.UnescapeString(text)) == ""
}

func (l *layout) visible(from, to int) bool {
	return slices.ContainsFunc(l.tokens[from:to], func(t htmlToken) bool {
		switch t.name {
		case "img", "video", "audio":
			return t.kind != xhtml.EndTagToken
		}
		return t.kind == xhtml.TextToken && !l.space(t)
	})
}

// hasWords reports whether there is any text to read.
func (l *layout) hasWords() bool {
	return slices.ContainsFunc(l.tokens, func(t htmlToken) bool {
		return t.kind == xhtml.TextToken && strings.IndexFunc(xhtml.UnescapeString(l.html[t.start:t.end]), isWord) >= 0
	})
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// seen are the indexes of the blocks in which something is to be seen.
func (l *layout) seen() []int {
	all := make([]int, 0, len(l.blocks))
	for i, b := range l.blocks {
		if !b.blank {
			all = append(all, i)
		}
	}
	return all
}

// without is the HTML without some blocks: with them go blank blocks and line
// ends beside them, and boxes that get empty.
func (l *layout) without(gone map[int]bool) string {
	drop := make([]bool, len(l.tokens))
	out := func(i int) bool {
		return gone[i] || i >= 0 && i < len(l.blocks) && l.blocks[i].blank && (gone[i-1] || gone[i+1])
	}
	end := 0 // of the block before
	for i, b := range l.blocks {
		if out(i) {
			dropAll(drop[b.from:b.to])
		}
		if out(i) || out(i-1) {
			l.dropGap(drop, end, b.from)
		}
		end = b.to
	}
	if out(len(l.blocks) - 1) {
		l.dropGap(drop, end, len(l.tokens))
	}
	for _, box := range l.boxes {
		if l.emptied(box, out) {
			dropAll(drop[box.from:box.to])
		}
	}
	var b strings.Builder
	for i, t := range l.tokens {
		if !drop[i] {
			b.WriteString(l.html[t.start:t.end])
		}
	}
	return strings.TrimSpace(b.String())
}

func dropAll(drop []bool) {
	for i := range drop {
		drop[i] = true
	}
}

// dropGap drops what only keeps blocks apart.
func (l *layout) dropGap(drop []bool, from, to int) {
	for i := from; i < to; i++ {
		if t := l.tokens[i]; t.name == "br" || t.kind == xhtml.TextToken {
			drop[i] = true
		}
	}
}

// emptied reports whether all blocks in a box are out.
func (l *layout) emptied(box block, out func(int) bool) bool {
	for i, b := range l.blocks {
		if b.from >= box.from && b.to <= box.to && !out(i) {
			return false
		}
	}
	return true
}

// reading is the text of a block: white space folded, each line apart.
type reading struct {
	text  string
	runs  []run // of text that stands in the HTML as it is, in order
	links []link
	image string // the first one

	prose   bool // it is no list, table, picture or quotation
	caption bool // it follows a picture or table
}

// run is where a stretch of a text begins, and where that stands in the HTML.
type run struct{ at, html int }

// inHTML is where the character at an offset of the text stands in the HTML.
func (r reading) inHTML(at int) int {
	i, found := slices.BinarySearchFunc(r.runs, at, func(r run, at int) int { return cmp.Compare(r.at, at) })
	if !found {
		i--
	}
	return r.runs[i].html + at - r.runs[i].at
}

// link is a piece of a text that leads somewhere.
type link struct {
	from, to int
	href     string
}

// read reads a range of tokens.
func (l *layout) read(from, to int) reading {
	size := 0
	for _, t := range l.tokens[from:to] {
		if t.kind == xhtml.TextToken {
			size += t.end - t.start + 1
		}
	}
	r := reader{gap: '\n', uncut: l.uncut}
	r.written.Grow(size)
	for _, t := range l.tokens[from:to] {
		switch {
		case t.kind == xhtml.TextToken:
			r.write(l.html[t.start:t.end], t.start)
		case t.name == "br" || blocks[t.name] || t.name == "tr" || t.name == "td" || t.name == "th":
			r.gap = '\n'
		case t.name == "a" && t.kind == xhtml.StartTagToken:
			r.open(attribute(l.html[t.start:t.end], "href"))
		case t.name == "a":
			r.close()
		case t.name == "img" && r.image == "":
			r.image = attribute(l.html[t.start:t.end], "src")
		}
	}
	r.close()
	r.reading.text = r.written.String()
	return r.reading
}

func (l *layout) readBlock(i int) reading {
	r := l.read(l.blocks[i].from, l.blocks[i].to)
	r.prose = prose(l.blocks[i])
	for i--; i >= 0 && l.blocks[i].blank; i-- {
	}
	r.caption = i >= 0 && (l.blocks[i].name == "table" || l.blocks[i].name == "figure" || !l.written(l.blocks[i]))
	return r
}

// written reports whether there is text in a block.
func (l *layout) written(b block) bool {
	return slices.ContainsFunc(l.tokens[b.from:b.to], func(t htmlToken) bool { return t.kind == xhtml.TextToken && !l.space(t) })
}

func prose(b block) bool {
	switch b.name {
	case "ul", "ol", "dl", "table", "figure", "pre", "blockquote", "details", "address":
		return false
	}
	return true
}

// attribute is the value of an attribute of a tag as [sanitize] writes it.
func attribute(tag, name string) string {
	attrs := strings.TrimSuffix(tag[1:], ">")
	for key, value := range attributes(attrs[len(scanName(attrs)):]) {
		if key == name {
			return value
		}
	}
	return ""
}

// reader makes a reading.
type reader struct {
	reading
	written strings.Builder
	gap     byte // white space that stands between what was read and what comes
	href    string
	from    int // of the link at hand; -1 while nothing of it was read
	inside  bool
	uncut   bool // as of [layout]
}

func (r *reader) open(href string) { r.close(); r.href, r.from, r.inside = href, -1, true }

func (r *reader) close() {
	if r.inside && r.from >= 0 && r.href != "" {
		r.links = append(r.links, link{r.from, r.written.Len(), r.href})
	}
	r.inside = false
}

// write reads escaped text that stands at an offset.
func (r *reader) write(escaped string, offset int) {
	for i := 0; i < len(escaped); {
		if r.gap == 0 && (!r.inside || r.from >= 0) {
			if n := asItIs(escaped[i:]); n > 0 {
				r.put(escaped[i:i+n], offset+i)
				i += n
				continue
			}
		}
		char, size := character(escaped[i:])
		if strings.TrimSpace(char) == "" {
			r.gap = cmp.Or(r.gap, ' ')
			i += size
			continue
		}
		if r.gap != 0 && r.written.Len() > 0 {
			r.put(string(r.gap), offset+i-1)
		}
		r.gap = 0
		if r.inside && r.from < 0 {
			r.from = r.written.Len()
		}
		r.put(char, offset+i)
		i += size
	}
}

// asItIs is how much of escaped text is neither escaped nor white space, nor out
// of ASCII: most of each word.
func asItIs(s string) int {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= utf8.RuneSelf || c == '&' {
			return i
		}
	}
	return len(s)
}

func (r *reader) put(s string, at int) {
	if n := len(r.runs); !r.uncut && (n == 0 || at-r.runs[n-1].html != r.written.Len()-r.runs[n-1].at) {
		r.runs = append(r.runs, run{r.written.Len(), at})
	}
	r.written.WriteString(s)
}

// character is the first character of escaped text, and how many bytes it takes
// there.
func character(s string) (string, int) {
	if s[0] == '&' {
		if end := strings.IndexByte(s[:min(len(s), 12)], ';'); end > 0 {
			return xhtml.UnescapeString(s[:end+1]), end + 1
		}
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size], size
}

// cutFrom is the HTML without what a block says from an offset on. Elements that
// began before stay and are closed.
func (l *layout) cutFrom(b block, offset int) string {
	first := b.from
	for first < b.to && l.tokens[first].end <= offset {
		first++
	}
	cut := offset
	if l.tokens[first].kind == xhtml.TextToken && strings.TrimSpace(l.html[l.tokens[first].start:offset]) == "" {
		for first > b.from && l.opens(l.tokens[first-1], b, first-1) {
			first--
		}
		cut = l.tokens[first].start
	}
	var out strings.Builder
	out.WriteString(strings.TrimRight(l.html[:cut], " \t\r\n"))
	open := 0
	for _, t := range l.tokens[first:b.to] {
		switch {
		case t.kind == xhtml.StartTagToken && t.start >= cut:
			open++
		case t.kind == xhtml.EndTagToken && open > 0:
			open--
		case t.kind == xhtml.EndTagToken:
			out.WriteString(l.html[t.start:t.end])
		}
	}
	if b.to < len(l.tokens) {
		out.WriteString(l.html[l.tokens[b.to].start:])
	}
	return out.String()
}

// opens reports whether a token before a cut belongs to what is cut: the start
// of an element that would be empty, a line end, white space.
func (l *layout) opens(t htmlToken, b block, i int) bool {
	if i == b.from && b.name != "" {
		return false
	}
	return t.kind == xhtml.StartTagToken || t.name == "br" || l.space(t)
}
