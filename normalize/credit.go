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
)

// creditForm is a sentence by which texts say where they come from. The words
// are those of WordPress and its translations, of Medium, of The Conversation,
// and of republishers who write their own.
type creditForm struct {
	opening string // as the sentence begins, byte for byte
	rest    *regexp.Regexp
	sure    func(creditMatch) bool
}

// creditMatch is a sentence of that form, with what must be known to judge it.
type creditMatch struct {
	credit    copydesk.Credit
	alone     bool // nothing else stands on its line
	own       bool // it names the entry's own title
	caption   bool // it stands under a picture or table, of which it may speak
	linked    bool // its title or name is a link
	elsewhere bool // … that leads to another site
}

// named is a sentence that cannot be meant otherwise, if it names a publisher.
func named(m creditMatch) bool { return m.linked || isName(m.credit.Publisher) }

// feedFooter is the line that WordPress puts under every entry.
func feedFooter(m creditMatch) bool { return m.alone || m.own || m.linked }

// titled could be said of anything, but for the title.
func titled(m creditMatch) bool { return m.own || m.linked }

// clipped has no subject: within a paragraph it could go on about a book.
func clipped(m creditMatch) bool { return m.linked || m.alone && isName(m.credit.Publisher) }

// sourceLine may be of a figure, or of a fact, but for a link or an agency.
func sourceLine(m creditMatch) bool { return m.alone && !m.caption && (m.elsewhere || m.agency()) }

// inBrackets stands behind the last sentence.
func inBrackets(m creditMatch) bool { return m.elsewhere || m.agency() }

func (m creditMatch) agency() bool { return agencyNames()[m.credit.Publisher] != "" }

func toOriginal(m creditMatch) bool {
	return m.elsewhere || m.alone && isName(m.credit.Publisher)
}

func always(creditMatch) bool { return true }

// form makes a form of its words: T stands for the title of the original, N for
// the name of its publisher.
func form(opening, rest string, sure func(creditMatch) bool) creditForm {
	rest = strings.NewReplacer("<T>", `(?P<title>.{1,300}\S)`, "<N>", `(?P<name>\S.{0,200}?)`).Replace(rest)
	return creditForm{opening, regexp.MustCompile(`^(?i:` + rest + `)[.。\s]*$`), sure}
}

var creditForms = []creditForm{
	form("The post ", `<T> appeared first on <N>`, feedFooter),
	form("The article ", `<T> appeared first on <N>`, feedFooter),
	form("The ", `(?:post|article|story) <T> (?:first appeared|(?:was )?(?:originally|first) (?:published|appeared|posted)) (?:on|in|by|at) <N>`, titled),
	form("This ", `(?:post|article|story|piece|essay|column|report|interview|op-ed|content|text|blog post|news)(?: was| is| has been)? (?:(?:originally|first) (?:published|posted|appeared|ran|written)|(?:published|posted|appeared) (?:originally|first)) (?:on|in|by|at|for) <N>`, named),
	form("This article is republished from ", `<N>`, named),
	form("This story is republished from ", `<N>`, named),
	form("Republished from ", `<N>`, clipped),
	form("Republished with permission from ", `<N>`, clipped),
	form("Originally ", `(?:published|posted|appeared) (?:on|at|by) <N>`, clipped),
	form("First ", `(?:published|posted|appeared) (?:on|at|by) <N>`, clipped),
	form("Read the original", `(?: article| story| post)?(?: (?:on|at|from) <N>)?`, toOriginal),
	form("Read the full ", `(?:article|story|post|report) (?:on|at|from) <N>`, toOriginal),
	form("Via ", `<N>`, sourceLine),
	form("(via ", `<N>\)`, inBrackets),
	form("来源", ` ?[:：] ?<N>`, sourceLine),
	form("Source", ` ?: ?<N>`, sourceLine),
	form("Quelle", ` ?: ?<N>`, sourceLine),
	form("Fuente", ` ?: ?<N>`, sourceLine),
	form("Fonte", ` ?: ?<N>`, sourceLine),
	form("Bron", ` ?: ?<N>`, sourceLine),
	form("Źródło", ` ?: ?<N>`, sourceLine),
	form("Источник", ` ?: ?<N>`, sourceLine),
	form("Der Beitrag ", `<T> erschien zuerst auf <N>`, feedFooter),
	form("Der Artikel ", `<T> erschien zuerst auf <N>`, feedFooter),
	form("Dieser ", `(?:Beitrag|Artikel|Text) (?:erschien|wurde|ist) zuerst (?:auf|bei|in|im) <N>(?: veröffentlicht| erschienen)?`, named),
	form("L’article ", `<T> est apparu en premier sur <N>`, feedFooter),
	form("L'article ", `<T> est apparu en premier sur <N>`, feedFooter),
	form("La entrada ", `<T> (?:se publicó primero en|aparece primero en|apareció primero en) <N>`, feedFooter),
	form("L'articolo ", `<T> (?:proviene da|sembra essere il primo su) <N>`, feedFooter),
	form("L’articolo ", `<T> (?:proviene da|sembra essere il primo su) <N>`, feedFooter),
	form("O post ", `<T> (?:apareceu|aparece) primeiro em <N>`, feedFooter),
	form("O conteúdo ", `<T> (?:apareceu|aparece) primeiro em <N>`, feedFooter),
	form("Het bericht ", `<T> verscheen eerst op <N>`, feedFooter),
	form("Artykuł ", `<T> pochodzi z serwisu <N>`, feedFooter),
	form("Inlägget ", `<T> dök först upp på <N>`, feedFooter),
	form("Innlegget ", `<T> dukket først opp på <N>`, feedFooter),
	form("Запись ", `<T> впервые появилась <N>`, feedFooter),
	form("Сообщение ", `<T> появились сначала на <N>`, feedFooter),
	form("This ", `(?:article|story|post|content|report) (?:was|has been|is) (?:created|written|generated|compiled|produced|prepared) (?:based on|from|using) information from (?:various|several|multiple|different) sources(?: and .{1,80})?`, always),
}

// creditAt finds a credit at the end of what was read, the last one if there are
// several. It returns where it begins, and whether it can be meant in no other
// way; from is -1 if there is none.
func creditAt(r reading, about entryWords) (from int, c copydesk.Credit, sure bool) {
	from = -1
	if !r.prose {
		return from, c, false
	}
	line := strings.LastIndexByte(r.text, '\n') + 1
	reach := max(line, len(r.text)-maxCredit)
	if !hinted(r.text[reach:]) {
		return from, c, false
	}
	for _, f := range creditForms {
		at, m := f.match(r.text, reach)
		if at > from {
			found := matchOf(r, f, m, at, at == line, about)
			from, c, sure = at, found.credit, f.sure(found)
		}
	}
	return from, c, sure
}

// match finds where in the last line the sentence begins that ends it, and the
// groups of what follows the opening.
func (f creditForm) match(text string, line int) (at int, groups []int) {
	for at = len(text); ; {
		i := strings.LastIndex(text[line:at], f.opening)
		if i < 0 {
			return -1, nil
		}
		at = line + i
		if !beginsSentence(text[line:at]) {
			continue
		}
		if groups = f.rest.FindStringSubmatchIndex(text[at+len(f.opening):]); groups != nil {
			return at, groups
		}
	}
}

// matchOf takes a match apart.
func matchOf(r reading, f creditForm, m []int, at int, alone bool, about entryWords) creditMatch {
	rest := at + len(f.opening)
	found := creditMatch{alone: alone, caption: r.caption}
	c := &found.credit
	linkTo := func(group string) (text, href string) {
		i := f.rest.SubexpIndex(group)
		if i < 0 || m[2*i] < 0 {
			return "", ""
		}
		from, to := rest+m[2*i], rest+m[2*i+1]
		return r.text[from:to], r.linkIn(from, to)
	}
	title, toTitle := linkTo("title")
	name, toName := linkTo("name")
	if f.rest.SubexpIndex("title") < 0 && toTitle == "" {
		if i := f.rest.SubexpIndex("name"); i >= 0 && m[2*i] >= 0 {
			toTitle = r.linkIn(at, rest+m[2*i])
		} else {
			toTitle = r.linkIn(at, len(r.text))
		}
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
	for _, to := range []string{c.URL, c.PublisherURL} {
		found.elsewhere = found.elsewhere || to != "" && siteOf(to) != about.site
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
var trailer = regexp.MustCompile(`(?i)(?: (?:on|am|le|el) (?:\p{L}+\.? )?\d.*| under (?:a|an|the) .*| and (?:is|was|has been) .*| with (?:the )?permission.*|, .*| \(.*)$`)

func publisherName(s string) string {
	return strings.Trim(trailer.ReplaceAllString(s, ""), ` "'“”„«»‘’.:`)
}

// isName reports whether s can be the name of a publisher: a few words, the
// first of them with a capital where the script has such.
func isName(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(first) && !unicode.IsLower(first) && len(strings.Fields(s)) <= 6 ||
		s != "" && !strings.Contains(s, " ") && strings.Contains(strings.Trim(s, "."), ".") // a domain
}

// beginsSentence reports whether what stands before ends a sentence.
func beginsSentence(before string) bool {
	before = strings.TrimRight(before, " ")
	if before == "" {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return strings.ContainsRune(sentenceEnds+sentenceClosers, last)
}

const (
	sentenceEnds    = ".!?…。！？"
	sentenceClosers = `"')]»”’`
)

// Credits are the credits at the end of a text's content or summary, and the
// agencies that its dateline, byline or authors name. They are evidence even where
// they are too vague, or stand too deep, to be removed.
func Credits(t copydesk.Text) (found []copydesk.Credit) {
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
			found = addCredits(found, l.readBlock(i), about)
		}
	}
	return agencyCredits(found, t)
}

func addCredits(found []copydesk.Credit, r reading, about entryWords) []copydesk.Credit {
	for range maxCredits {
		from, c, sure := creditAt(r, about)
		if from < 0 {
			break
		}
		if sure || c.Title != "" && isName(c.Publisher) {
			found = addCredit(found, c)
		}
		r.text = strings.TrimRight(r.text[:from], " \n")
	}
	return found
}

// addCredit adds what c says to a credit that lacks it, or c.
func addCredit(found []copydesk.Credit, c copydesk.Credit) []copydesk.Credit {
	if c == (copydesk.Credit{}) { // a note that names nobody
		return found
	}
	agree := func(a, b string) bool { return a == "" || b == "" || a == b }
	for i, old := range found {
		if agree(old.Publisher, c.Publisher) && agree(old.URL, c.URL) && agree(old.Title, c.Title) && agree(old.PublisherURL, c.PublisherURL) {
			found[i] = copydesk.Credit{
				Title: cmp.Or(old.Title, c.Title), URL: cmp.Or(old.URL, c.URL),
				Publisher: cmp.Or(old.Publisher, c.Publisher), PublisherURL: cmp.Or(old.PublisherURL, c.PublisherURL),
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
	"first", "First ", "riginal", "epublished", "ource", "Quelle", "Fuente", "Fonte", "Bron", "Źródło", "Источник", "zuerst", "premier", "primer", "primeiro", "primo",
	"Via ", "(via", "来源", "the full ", "proviene da", "eerst op", "pochodzi z", "först upp", "først opp", "впервые", "сначала", "information from",
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
			if strings.HasPrefix(text[i:], creditHints[bits.TrailingZeros32(could)]) {
				return true
			}
		}
	}
	return false
}

// hintStarts are, for each of the first four bytes, the hints that have a byte
// there, as bits. Texts are searched for hints more often than for anything else.
var hintStarts = sync.OnceValue(func() *[4][256]uint32 {
	var starts [4][256]uint32
	for i, hint := range creditHints {
		for at := range starts {
			starts[at][hint[at]] |= 1 << i
		}
	}
	return &starts
})
