package normalize

import (
	"cmp"
	"encoding/binary"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"copydesk"

	"golang.org/x/net/publicsuffix"
)

// Boilerplate is what a publisher puts around every text. It is found by
// recurrence, not by name: a piece that stood at the same edge of enough recent
// entries is a habit. Only an unbroken run of habits from an edge inward is
// removed; what recurs in the middle is the article's own. See [Learn] and
// [Strip].
const (
	recentEntries = 24 // that are remembered of a source
	habitTimes    = 3  // in so many of them, and in a third, a habit recurs
	habitShare    = 3
	endShare      = 2 // of sentences in half of them, since less sets them apart
	maxHabits     = 14
	headBlocks    = 3 // that are looked at
	tailBlocks    = 6
	endSentences  = 2
	maxPiece      = 2000 // bytes; what is longer is no boilerplate
	maxSample     = 80   // bytes, of what is stored
	maxRemoved    = 200  // bytes, of what is told
)

// Learn takes entries that a source added, in the order in which they came,
// into what is known of it. It is pure and bounded: what is learned of a source
// takes a few kilobytes however long its texts.
func Learn(h copydesk.Habits, added []copydesk.Entry) copydesk.Habits {
	seen := map[habitKey]piece{}
	var newest []copydesk.Edges
	l := layout{uncut: true}
	for _, e := range slices.Backward(added) {
		found := edgesOf(e, &l)
		if !found.text {
			continue
		}
		for _, p := range found.pieces {
			if _, newer := seen[p.habitKey]; !newer {
				seen[p.habitKey] = p
			}
		}
		if newest = append(newest, found.edges()); len(newest) == recentEntries {
			break
		}
	}
	slices.Reverse(newest)
	recent := slices.Concat(h.Recent, newest)
	recent = slices.Clone(recent[max(0, len(recent)-recentEntries):])
	all := known(recent)
	for i, k := range all {
		if p, ok := seen[habitKey{k.Where, k.Mark}]; ok {
			all[i].Sample = p.sample()
		} else {
			all[i].Sample = sampleOf(h, k)
		}
	}
	return copydesk.Habits{Known: all, Recent: recent}
}

func sampleOf(h copydesk.Habits, known copydesk.Habit) string {
	for _, k := range h.Known {
		if k.Where == known.Where && k.Mark == known.Mark {
			return k.Sample
		}
	}
	return ""
}

// habitKey is a piece at an edge.
type habitKey struct {
	where copydesk.Edge
	mark  copydesk.Mark
}

// known are the pieces that recur often enough, without samples.
func known(recent []copydesk.Edges) []copydesk.Habit {
	times := map[habitKey]int{}
	count := func(where copydesk.Edge, marks []copydesk.Mark) {
		for _, m := range marks {
			times[habitKey{where, m}]++
		}
	}
	for _, e := range recent {
		count(copydesk.AtHead, e.Head)
		count(copydesk.AtTail, e.Tail)
		count(copydesk.AtEnd, e.End)
	}
	maps.DeleteFunc(times, func(k habitKey, n int) bool {
		share := habitShare
		if k.where == copydesk.AtEnd {
			share = endShare
		}
		return n < habitTimes || n*share < len(recent)
	})
	var all []copydesk.Habit
	for k, n := range times {
		all = append(all, copydesk.Habit{Where: k.where, Mark: k.mark, Times: n})
	}
	slices.SortFunc(all, func(a, b copydesk.Habit) int {
		return cmp.Or(b.Times-a.Times, cmp.Compare(a.Where, b.Where), cmp.Compare(a.Mark, b.Mark))
	})
	return all[:min(len(all), maxHabits)]
}

// edges are the pieces at the edges of an entry's texts.
type edges struct {
	text   bool // there is any
	pieces []piece
}

// piece is a block or sentence that may turn out to be a habit.
type piece struct {
	habitKey
	text    string
	instead string // of a text, where there is none
}

// sample is the piece for people. Most pieces are never shown.
func (p piece) sample() string { return clip(oneLine(cmp.Or(oneLine(p.text), p.instead)), maxSample) }

// edgesOf finds the pieces at the edges. What removes credits comes before what
// removes habits, so it is done here too.
func edgesOf(e copydesk.Entry, l *layout) (found edges) {
	about := wordsOf(e)
	for _, html := range []string{e.Content, e.Summary} {
		html = (&stripping{about: about}).strip(html)
		l.layOut(html)
		seen := l.seen()
		if len(seen) == 0 {
			continue
		}
		found.text = true
		last := l.readBlock(seen[len(seen)-1])
		for k, i := range seen {
			head, tail := k < headBlocks && k < len(seen)/2, k >= len(seen)-tailBlocks && k >= len(seen)/2
			if len(seen) == 1 || !head && !tail {
				continue
			}
			where := copydesk.AtTail
			if head {
				where = copydesk.AtHead
			}
			r := last
			if k < len(seen)-1 {
				r = l.readBlock(i)
			}
			found.block(where, r, l.blocks[i].name, about)
		}
		found.sentences(last, about)
	}
	return found
}

func (f *edges) add(where copydesk.Edge, signature, text, instead string) {
	if signature == "" {
		return
	}
	k := habitKey{where, markOf(signature)}
	if !slices.ContainsFunc(f.pieces, func(p piece) bool { return p.habitKey == k }) {
		if f.pieces == nil {
			f.pieces = make([]piece, 0, headBlocks+tailBlocks+endSentences)
		}
		f.pieces = append(f.pieces, piece{k, text, instead})
	}
}

func (f *edges) block(where copydesk.Edge, r reading, name string, about entryWords) {
	f.add(where, r.signature(name, about), r.text, cmp.Or(r.image, aLine))
	if r.ownLinks(about) {
		f.add(where, ownLinks, "a list of links to its own pages, such as: "+r.text, "")
	}
}

func (f *edges) sentences(r reading, about entryWords) {
	for range endSentences {
		from := r.lastSentence()
		if from <= 0 || !r.prose {
			return
		}
		f.add(copydesk.AtEnd, r.sentence(from, about), r.text[from:], "")
		r.text = strings.TrimRight(r.text[:from], " \n")
	}
}

// edges are the marks of the pieces.
func (f *edges) edges() (e copydesk.Edges) {
	for _, p := range f.pieces {
		switch p.where {
		case copydesk.AtHead:
			e.Head = append(e.Head, p.mark)
		case copydesk.AtTail:
			e.Tail = append(e.Tail, p.mark)
		case copydesk.AtEnd:
			e.End = append(e.End, p.mark)
		}
	}
	return e
}

func markOf(signature string) copydesk.Mark {
	var room [256]byte
	sum := copydesk.DigestOf(append(room[:0], signature...))
	return copydesk.Mark(binary.BigEndian.Uint32(sum[:4]))
}

// entryWords is what of an entry differs from one to the next also in lines
// that are otherwise the same.
type entryWords struct {
	title  string // folded; empty if too short to be told from other words
	site   string
	origin string // with which addresses begin that are surely of the site; "" if unknown
	date   time.Time
}

func wordsOf(e copydesk.Entry) entryWords {
	w := entryWords{title: folded(e.Title), site: siteOf(e.Link), date: e.Published}
	if len(w.title) < 8 {
		w.title = ""
	}
	if scheme, rest, ok := strings.Cut(e.Link, "://"); ok && w.site != "" {
		if host, _, ok := strings.Cut(rest, "/"); ok {
			w.origin = e.Link[:len(scheme)+len("://")+len(host)+1]
		}
	}
	return w
}

// own reports whether an address is of the entry's site.
func (w entryWords) own(address string) bool {
	return w.origin != "" && strings.HasPrefix(address, w.origin) || siteOf(address) == w.site
}

// folded is a text in lower case with single spaces.
func folded(s string) string {
	s = strings.ToLower(s)
	if plainLine(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for word := range strings.FieldsSeq(s) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// siteOf is the registered domain of an address, else its host.
func siteOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// writtenDate is a date within a text.
var writtenDate = regexp.MustCompile(`\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}(?:\.|st|nd|rd|th)? \p{L}{3,}\.?,? \d{4}|\p{L}{3,}\.? \d{1,2},? \d{4}`)

// replaceDates is writtenDate.ReplaceAllStringFunc for a text with single spaces.
// A date ends in a word with a year or the like and has at most two words before
// that: the expression, which is slow, is asked of those alone.
func replaceDates(s string, with func(said string) string) string {
	type part struct{ from, to int }
	var parts []part
	before, last := 0, 0 // where the two words before begin
	for at := 0; at < len(s); {
		end := at + wordLength(s[at:])
		if endsDate(s[at:end]) {
			if n := len(parts); n > 0 && before <= parts[n-1].to {
				parts[n-1].to = end
			} else {
				parts = append(parts, part{before, end})
			}
		}
		before, last, at = last, at, end+1
	}
	if len(parts) == 0 {
		return s
	}
	var b strings.Builder
	done := 0
	for _, p := range parts {
		b.WriteString(s[done:p.from])
		b.WriteString(writtenDate.ReplaceAllStringFunc(s[p.from:p.to], with))
		done = p.to
	}
	return b.String() + s[done:]
}

func wordLength(s string) int {
	if n := strings.IndexByte(s, ' '); n >= 0 {
		return n
	}
	return len(s)
}

// endsDate reports whether a date can end in a word: it has four digits in a row,
// or two with a stop or stroke between.
func endsDate(word string) bool {
	row := 0
	for i := range len(word) {
		switch c := word[i]; {
		case '0' <= c && c <= '9':
			if row++; row == 4 || row == 1 && i > 1 && (word[i-1] == '.' || word[i-1] == '/') && isDigit(rune(word[i-2])) {
				return true
			}
		default:
			row = 0
		}
	}
	return false
}

// signature is what makes two pieces of text the same one: white space and
// letter case aside, and the entry's own title and date. It is "" for what
// cannot be told from the article.
func (w entryWords) signature(text string) string {
	if len(text) > maxPiece {
		return ""
	}
	s := folded(text)
	if w.title != "" {
		s = strings.ReplaceAll(s, w.title, "<title>")
	}
	if !w.date.IsZero() {
		s = replaceDates(s, func(said string) string {
			if gap := parseDate(said).Sub(w.date); gap.Abs() < 48*time.Hour {
				return "<date>"
			}
			return said
		})
	}
	if s == "<title>" {
		return ""
	}
	return s
}

// count is a number of something, as share buttons show it.
var (
	count  = regexp.MustCompile(`^\d[\d.,]* ?\p{L}+$`)
	digits = regexp.MustCompile(`\d[\d.,]*`)
)

// signature is that of a block. Numbers are news, but for those in a link or
// button. A credit is the same one whatever title it names.
func (r reading) signature(name string, about entryWords) string {
	if r.text == "" {
		address, _, _ := strings.Cut(r.image, "?")
		return cmp.Or(address, name)
	}
	if from, m := creditAt(r, about); from == 0 && m.credit.Publisher != "" {
		return "<credit> " + folded(m.credit.Publisher)
	}
	s := about.signature(r.text)
	if s == "" {
		return ""
	}
	if count.MatchString(s) || r.mostlyLinks() {
		s = digits.ReplaceAllString(s, "0")
	}
	return s + r.elsewhere(0, about)
}

// sentence is the signature of what is said from an offset on.
func (r reading) sentence(from int, about entryWords) string {
	s := about.signature(r.text[from:])
	if strings.IndexFunc(s, isWord) < 0 { // "...", and what comes of nothing
		return ""
	}
	return s + r.elsewhere(from, about)
}

// elsewhere is where a text leads outside its own site. The same words with
// another target tell readers something; but share buttons name the entry in
// queries.
func (r reading) elsewhere(from int, about entryWords) string {
	var b strings.Builder
	for _, l := range r.links {
		if l.to > from && !about.own(l.href) {
			address, _, _ := strings.Cut(l.href, "?")
			b.WriteString(" <" + address + ">")
		}
	}
	return b.String()
}

// sample is the block for people.
func (r reading) sample() string { return cmp.Or(oneLine(r.text), r.image, aLine) }

const aLine = "a line across"

// ownLinks is the signature of every list of links to a source's own pages:
// related articles, the most read ones. Their texts differ.
const ownLinks = "<links>"

// ownLinks reports whether the text is such a list.
func (r reading) ownLinks(about entryWords) bool {
	if len(r.links) < 2 || !r.mostlyLinks() {
		return false
	}
	own := 0
	for _, l := range r.links {
		if about.own(l.href) {
			own++
		}
	}
	return own*2 > len(r.links)
}

func (r reading) mostlyLinks() bool {
	linked := 0
	for _, l := range r.links {
		linked += l.to - l.from
	}
	return linked > 0 && linked*5 >= len(r.text)*4
}

// lastSentence is where the last sentence begins, or 0 if there is but one.
func (r reading) lastSentence() int {
	line := strings.LastIndexByte(r.text, '\n') + 1
	for i := strings.LastIndexByte(r.text, ' '); i >= line; i = strings.LastIndexByte(r.text[:i], ' ') {
		before := strings.TrimRight(r.text[:i], sentenceClosers)
		last, _ := utf8.DecodeLastRuneInString(before)
		if strings.ContainsRune(sentenceEnds, last) {
			return i + 1
		}
	}
	return line
}

// Strip returns the entry without what is boilerplate around its texts: the
// habits of its source, and at the end of a text the credit lines that can be
// meant in no other way. Removed are the pieces that went, in plain text. Where
// nothing to read would be left of a text it stays as it is. Strip is
// idempotent, and what is kept is one piece of the text as it was.
func Strip(e copydesk.Entry, h copydesk.Habits) (stripped copydesk.Entry, removed []string) {
	s := &stripping{about: wordsOf(e), habits: h}
	e.Content = s.strip(e.Content)
	e.Summary = s.strip(e.Summary)
	return e, s.removed
}

// stripping is the work on one entry.
type stripping struct {
	about   entryWords
	habits  copydesk.Habits
	removed []string
}

// strip takes off one layer after the other until none is left.
func (s *stripping) strip(html string) string {
	const layers = 50
	if html == "" || len(s.habits.Known) == 0 && !mayCredit(html) {
		return html
	}
	rest, removed := html, []string(nil)
	for range layers {
		l := layOut(rest)
		if !l.hasWords() {
			return html
		}
		next, gone := s.layer(l)
		if len(gone) == 0 {
			s.removed = append(s.removed, removed...)
			return rest
		}
		rest, removed = next, append(removed, gone...)
	}
	return html // made to be like this
}

// layer takes off the outermost blocks, or else the last sentence.
func (s *stripping) layer(l *layout) (rest string, removed []string) {
	seen := l.seen()
	gone := map[int]bool{}
	first, last := 0, len(seen)-1
	for ; len(seen) > 1 && first < len(seen) && s.boilerplate(l, seen[first], copydesk.AtHead); first++ {
		gone[seen[first]] = true
	}
	for first > 0 && isHeading(l.blocks[seen[first-1]].name) { // it belongs to what is below
		first--
		delete(gone, seen[first])
	}
	for ; len(seen) > 1 && last >= first && s.boilerplate(l, seen[last], copydesk.AtTail); last-- {
		gone[seen[last]] = true
	}
	if len(gone) == 0 {
		return s.sentence(l, seen)
	}
	for _, i := range slices.Sorted(maps.Keys(gone)) {
		removed = append(removed, clip(l.readBlock(i).sample(), maxRemoved))
	}
	return l.without(gone), removed
}

func isHeading(name string) bool { return len(name) == 2 && name[0] == 'h' && name != "hr" }

// boilerplate reports whether a block at an edge goes.
func (s *stripping) boilerplate(l *layout, i int, where copydesk.Edge) bool {
	r := l.readBlock(i)
	if where == copydesk.AtTail {
		if from, m := creditAt(r, s.about); from == 0 && m.certain() {
			return true
		}
	}
	if sig := r.signature(l.blocks[i].name, s.about); sig != "" && s.habits.Has(where, markOf(sig)) {
		return true
	}
	// A list that is most of the text is the article.
	return s.habits.Has(where, markOf(ownLinks)) && r.ownLinks(s.about) && len(r.text)*2 < len(plainText(l.html))
}

// sentence takes off the end of the last block.
func (s *stripping) sentence(l *layout, seen []int) (rest string, removed []string) {
	if len(seen) == 0 {
		return "", nil
	}
	i := seen[len(seen)-1]
	r := l.readBlock(i)
	from, m := creditAt(r, s.about)
	if from <= 0 || !m.certain() {
		from = r.lastSentence()
		if from <= 0 || !r.prose || !s.habits.Has(copydesk.AtEnd, markOf(r.sentence(from, s.about))) {
			return "", nil
		}
	}
	return l.cutFrom(l.blocks[i], r.inHTML(from)), []string{clip(oneLine(r.text[from:]), maxRemoved)}
}
