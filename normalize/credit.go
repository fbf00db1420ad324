package normalize

import (
	"cmp"
	"math/bits"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"copydesk"
)

// Limits on credits.
const (
	maxCredits  = 5
	maxCredit   = 1000 // bytes of a sentence
	creditReach = 1500 // bytes at the end of a text in which they are looked for
	creditDepth = 6    // blocks from the end

	sentencesBehind = 3 // in the block of one that credits
)

// creditAt finds a credit at the end of what was read, the last one if there are
// several, and where it begins; from is -1 if there is none.
func creditAt(r reading, about entryWords) (from int, found creditMatch) {
	if !r.prose {
		return -1, found
	}
	line := strings.LastIndexByte(r.text, '\n') + 1
	reach := max(line, len(r.text)-maxCredit)
	if !hinted(r.text[reach:]) {
		return -1, found
	}
	byOpening := formsByOpening()
	for at := len(r.text) - 1; at >= reach; at-- {
		forms := byOpening[r.text[at]]
		for i := range forms {
			f := &forms[i]
			if start, groups := f.match(r.text[reach:], at-reach); groups != nil {
				found = f.read(r, reach+start, at+len(f.opening), groups, about)
				found.alone, found.last = reach+start == line, true
				return reach + start, found
			}
		}
	}
	return -1, found
}

// formsByOpening are the forms by the first byte of how they begin.
var formsByOpening = sync.OnceValue(func() *[256][]creditForm {
	var all [256][]creditForm
	for _, f := range creditForms {
		all[f.opening[0]] = append(all[f.opening[0]], f)
	}
	return &all
})

// match finds where the sentence begins that ends a line and has the opening at an
// offset, and the groups of what follows that; nil if it is none of this form.
func (f *creditForm) match(line string, at int) (start int, groups []int) {
	if !strings.HasPrefix(line[at:], f.opening) {
		return 0, nil
	}
	start, begins := sentenceStart(line[:at])
	if !begins {
		return 0, nil
	}
	rest := line[at+len(f.opening):]
	groups = f.rest().FindStringSubmatchIndex(rest)
	if from, to := f.group("name", groups); groups == nil || sentences.MatchString(rest[from:to]) {
		return 0, nil
	}
	return start, groups
}

// sentences is where one ends and another begins, but for what is shortened.
var sentences = regexp.MustCompile(`\p{L}{4}[.?] |[。！？।؟]`)

// group is where a group of a match begins and ends, which is one place if it has no
// such group.
func (f *creditForm) group(name string, groups []int) (from, to int) {
	i := f.rest().SubexpIndex(name)
	if i < 0 || groups == nil || groups[2*i] < 0 {
		return 0, 0
	}
	return groups[2*i], groups[2*i+1]
}

// read takes apart a sentence that begins at an offset, and whose opening ends at
// another.
func (f *creditForm) read(r reading, at, rest int, m []int, about entryWords) creditMatch {
	found := creditMatch{creditForm: *f, caption: r.caption}
	if f.rewriting {
		return found
	}
	c := &found.credit
	linkTo := func(group string) (text, href string, from int) {
		from, to := f.group(group, m)
		if to == 0 {
			return "", "", len(r.text)
		}
		from, to = rest+from, rest+to
		return r.text[from:to], r.linkIn(from, to), from
	}
	title, toTitle, _ := linkTo("title")
	name, toName, begins := linkTo("name")
	if title == "" {
		toTitle = r.linkIn(at, begins)
		if toTitle == "" && !homePage(toName) {
			toTitle, toName = toName, ""
		}
	}
	if toTitle == "" && toName == "" && webPage(name) {
		toTitle, name = strings.TrimRight(name, ". "), siteOf(name)
	}
	c.Title, c.Publisher = clip(strings.Trim(title, ` "'“”„«»‘’`), 300), clip(publisherName(name), 200)
	c.URL, c.PublisherURL = webAddress(nil, toTitle), webAddress(nil, toName)
	found.own = about.title != "" && strings.Contains(folded(title), about.title)
	found.linked = c.URL != "" || c.PublisherURL != ""
	found.goesOn = goesOn(name)
	for _, to := range []string{c.URL, c.PublisherURL} {
		found.elsewhere = found.elsewhere || to != "" && siteOf(to) != about.site
	}
	if f.line && found.agency() && !found.linked {
		c.In = copydesk.InByline
	}
	return found
}

// linkIn is the address to which a piece of the text leads.
func (r reading) linkIn(from, to int) string {
	for _, l := range r.links {
		if l.from < to && l.to > from {
			return l.href
		}
	}
	return ""
}

// webPage reports whether what stands for a publisher's name is an address.
func webPage(name string) bool {
	return (strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://")) && !strings.Contains(name, " ")
}

// homePage reports whether an address is a site and not a page of it.
func homePage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
}

// trailer is what may follow the name of a publisher.
var trailer = regexp.MustCompile(`(?i)(?: (?:on|am|le|el) (?:\p{L}+\.? )?\d.*| in (?:\p{L}+ )?\d{4}\b.*| (?:last|earlier this|this) \p{L}+$| under (?:a|an|the) .*| as (?:part|a|an) .*| and (?:is|was|has been) .*| with (?:the )?permission.*|[,،] .*| \(.*)$`)

// goesOn reports whether something else is told behind a name: "Tide Wire, the poem
// is now a song". Days, terms and what kind of publisher it is are not.
func goesOn(name string) bool {
	_, after, _ := strings.Cut(name, ", ")
	switch word, _, _ := strings.Cut(after, " "); word {
	case "with", "under", "on", "in", "by", "and", "as", "a", "an":
		return false
	}
	return beginsLower(after)
}

func publisherName(s string) string {
	return strings.Trim(strings.TrimPrefix(trailer.ReplaceAllString(s, ""), "the "), ` "'“”„«»‘’.:*_`)
}

// isName reports whether s can be the name of a publisher: a few words, the
// first of them with a capital where the script has such, and no date.
func isName(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(first) && !unicode.IsLower(first) && len(strings.Fields(s)) <= 6 && !month.MatchString(s) ||
		s != "" && !strings.Contains(s, " ") && strings.Contains(strings.Trim(s, "."), ".") // a domain
}

// month is a date that stands where a name could.
var month = regexp.MustCompile(`^\p{L}+\.? (?:\d{1,2},? )?(?:19|20)\d\d\b`)

func beginsLower(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(first)
}

// sentenceStart is where in what stands before some words the sentence begins of
// which they are the first: behind the end of another, before brackets and the
// like, and before a label such as "Editor's note:". It is false if they begin none.
func sentenceStart(before string) (at int, begins bool) {
	bare := strings.TrimRight(before, " "+sentenceOpeners)
	last, _ := utf8.DecodeLastRuneInString(bare)
	if bare == "" || strings.ContainsRune(sentenceEnds+sentenceClosers, last) {
		return len(before) - len(strings.TrimLeft(before[len(bare):], " ")), true
	}
	if last != ':' {
		return 0, false
	}
	label := reading{text: bare}.lastSentence()
	return label, len(strings.Fields(bare[label:])) <= labelWords
}

const (
	sentenceEnds    = ".!?…。！？।؟"
	sentenceClosers = `"')]»”’`
	sentenceOpeners = "([*_–—"
	labelWords      = 3
)

// Credits are the credits at the end of a text's content or summary, and the
// agencies that its dateline, byline or authors name. They are evidence even where
// they are too vague, or stand too deep, to be removed. Rewritten reports whether the
// text says that it was made from those of others.
func Credits(t copydesk.Text) (found []copydesk.Credit, rewritten bool) {
	about := wordsOf(copydesk.Entry{Text: t})
	for _, html := range []string{t.Content, t.Summary} {
		if len(html) > creditReach {
			html = html[len(html)-creditReach:]
			html = html[max(0, strings.IndexByte(html, '<')):]
		}
		if !mayCredit(html) {
			continue
		}
		l := layOut(html)
		seen := l.seen()
		for _, i := range seen[max(0, len(seen)-creditDepth):] {
			for _, m := range creditsIn(l.readBlock(i), about) {
				found, rewritten = addCredit(found, m.credit), rewritten || m.rewriting
			}
		}
	}
	return agencyCredits(found, t), rewritten
}

// creditsIn are the credits of a block, the last one first. A few sentences may
// stand behind them.
func creditsIn(r reading, about entryWords) (found []creditMatch) {
	if !r.prose || !hinted(r.text) {
		return nil
	}
	behind, follows := 0, false // sentences passed over, and whether one is on the line
	for r.text != "" && len(found) < maxCredits {
		line := strings.LastIndexByte(r.text, '\n') + 1
		from, m := creditAt(r, about)
		if from < 0 {
			if behind++; behind > sentencesBehind {
				break
			}
			from, follows = r.lastSentence(), true
		} else {
			m.alone, m.last = m.alone && !follows, behind == 0
			if m.certain() || m.likely() {
				found = append(found, m)
			}
		}
		follows = follows && from > line
		r.text = strings.TrimRight(r.text[:from], " \n")
	}
	return found
}

// addCredit adds what c says to a credit that lacks it, or c. The name of an agency
// in a byline says nothing of what else is told.
func addCredit(found []copydesk.Credit, c copydesk.Credit) []copydesk.Credit {
	if c == (copydesk.Credit{}) { // a note that names nobody
		return found
	}
	agree := func(a, b string) bool { return a == "" || b == "" || a == b }
	for i, old := range found {
		if (old.In == copydesk.InByline) != (c.In == copydesk.InByline) && old.Publisher != c.Publisher {
			continue
		}
		if agree(old.Publisher, c.Publisher) && agree(old.URL, c.URL) && agree(old.Title, c.Title) && agree(old.PublisherURL, c.PublisherURL) {
			if old.In == copydesk.InByline {
				old.In = c.In
			}
			found[i] = copydesk.Credit{
				Title: cmp.Or(old.Title, c.Title), URL: cmp.Or(old.URL, c.URL),
				Publisher: cmp.Or(old.Publisher, c.Publisher), PublisherURL: cmp.Or(old.PublisherURL, c.PublisherURL), In: old.In,
			}
			return found
		}
	}
	if len(found) >= maxCredits {
		return found
	}
	return append(found, c)
}

// creditHints are pieces of the forms, one of which stands in each.
var creditHints = []string{
	"first", "First ", "riginal", "epublished", "eprinted", "eposted", "ndicated", "ource", "Quelle", "Fuente", "Fonte", "Bron", "Źródło", "Источник",
	"zuerst", "uerst ", "premier", "initialement", "primer", "primeiro", "primo", "Via ", "(via", "来源", "发表于", "初出", "the full ", "proviene da", "eerst op",
	"pochodzi z", "först upp", "først opp", "впервые", "сначала", "نُشر", "نشر أول", "نشرت أول", "نشر لأول", "نشرت لأول", "सबसे पहले",
	"information from", "various sources", "generated from", "rewritten", "verschiedener Quellen", "diversas fuentes",
}

// mayCredit reports whether there can be a credit at the end of a text, without
// reading it.
func mayCredit(html string) bool {
	return hinted(html[max(0, len(html)-creditReach):])
}

func hinted(text string) bool {
	starts := hintStarts()
	for i := range max(0, len(text)-3) {
		could := starts[0][text[i]] & starts[1][text[i+1]] & starts[2][text[i+2]] & starts[3][text[i+3]]
		for ; could != 0; could &= could - 1 {
			if strings.HasPrefix(text[i:], creditHints[bits.TrailingZeros64(could)]) {
				return true
			}
		}
	}
	return false
}

// hintStarts are, for each of the first four bytes, the hints that have a byte
// there, as bits. Texts are searched for hints more often than for anything else.
var hintStarts = sync.OnceValue(func() *[4][256]uint64 {
	var starts [4][256]uint64
	for i, hint := range creditHints {
		for at := range starts {
			starts[at][hint[at]] |= 1 << i
		}
	}
	return &starts
})
