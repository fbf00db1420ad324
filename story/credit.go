package story

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"copydesk"
)

// creditPhrases come before the name of who had an article first. They are
// matched in lower case.
var creditPhrases = []string{
	"appeared first on ", "first appeared on ", "first appeared in ", "first appeared at ",
	"originally published by ", "originally published on ", "originally published in ", "originally published at ", "originally appeared on ", "originally appeared in ",
	"first published on ", "first published by ", "first published in ", "republished from ", "syndicated from ", "reposted from ",
	"erschien zuerst auf ", "erschien zuerst bei ", "zuerst erschienen auf ", "zuerst erschienen bei ",
	"apareció primero en ", "se publicó primero en ", "publicado originalmente en ", "publicado originalmente por ",
	"est apparu en premier sur ", "publié initialement sur ", "publicado primeiro em ", "apareceu primeiro em ", "proviene da ", "verscheen eerst op ",
	"最初发表于", "原文发表于", "初出:", "نُشر أولاً في ", "نشر لأول مرة في ", "सबसे पहले प्रकाशित हुआ ",
}

// creditSubjects stand before a credit phrase, or in it, where it speaks of the
// text that it stands in. Other things have appeared first elsewhere as well.
var creditSubjects = []string{
	"this article", "this story", "this post", "this piece", "this essay", "this column", "this report", "this interview", "this op-ed", "this content", "this text", "this blog post", "this news",
	"dieser beitrag", "dieser artikel", "dieser text", "dieses interview", "este artículo", "esta noticia", "esta nota", "esta entrada", "este texto", "este contenido",
	"cet article", "ce texte", "ce billet", "este artigo", "esta matéria", "este texto", "este conteúdo", "este post", "questo articolo", "questo testo", "dit artikel", "dit bericht",
	"本文", "此文", "原文", "初出", "この記事", "هذا المقال", "هذه المقالة", "هذا التقرير", "यह लेख", "यह खबर", "यह आलेख",
}

// creditOpenings begin, written like this, the sentences that WordPress puts under an entry. Between
// them and the phrase stands the title, which may hold full stops.
var creditOpenings = map[string][]string{
	"appeared first on ": {"The article "}, "erschien zuerst auf ": {"Der Beitrag ", "Der Artikel "},
	"se publicó primero en ": {"La entrada "}, "apareció primero en ": {"La entrada "}, "est apparu en premier sur ": {"L’article ", "L'article "},
	"proviene da ": {"L’articolo ", "L'articolo "}, "apareceu primeiro em ": {"O post ", "O conteúdo "}, "verscheen eerst op ": {"Het bericht "},
}

// rewritten are sentences by which a text says that it is not the first.
var rewritten = []string{
	"based on information from various sources", "rewritten for clarity", "compiled from various sources", "auf grundlage verschiedener quellen",
	"con información de diversas fuentes", "this article was generated from", "this story has been rewritten",
}

// creditsIn returns the names that text credits, and text without the
// sentences that do: those are furniture, not news.
//
// It looks at the last 600 bytes, where credits stand.
func creditsIn(text string) (names []string, rest string) {
	before := ""
	if cut := len(text) - 600; cut > 0 {
		for cut < len(text) && !utf8.RuneStart(text[cut]) {
			cut++
		}
		before, text = text[:cut], text[cut:]
	}
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // lower case of another length: positions do not agree
		lower = strings.Map(lowerInPlace, text)
	}
	if len(lower) != len(text) { // it is not UTF-8
		text = lower
	}
	given, told := phrasesIn(lower)
	for _, phrase := range given {
		for from := 0; ; {
			i := strings.Index(lower[from:], phrase)
			if i < 0 {
				break
			}
			at := from + i
			from = at + len(phrase)
			end := from + nameLength(text[from:])
			start := ownSentence(text, lower, phrase, at)
			if start < 0 && alone(text, at, end) && (before == "" || strings.Contains(text[:at], "\n")) {
				start = strings.LastIndexByte(text[:at], '\n') + 1
			}
			if start < 0 {
				continue
			}
			names = append(names, nameKey(cmp.Or(host(text[from:end]), text[from:end])))
			lower, text = lower[:start]+" "+lower[end:], text[:start]+" "+text[end:]
			from = start
		}
	}
	for _, phrase := range told {
		if at := strings.Index(lower, phrase); at >= 0 {
			start, end := lastSentence(lower[:at]), at+len(phrase)
			end += nameLength(text[end:])
			lower, text = lower[:start]+" "+lower[end:], text[:start]+" "+text[end:]
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" })
	slices.Sort(names)
	return slices.Compact(names), before + text
}

// lowerInPlace is the lower case of r, if that is as long.
func lowerInPlace(r rune) rune {
	if l := unicode.ToLower(r); utf8.RuneLen(l) == utf8.RuneLen(r) {
		return l
	}
	return r
}

// phrasesIn returns the credit phrases, and those of rewriting, that may be in
// lower: a word begins like one of them. Most texts have none.
func phrasesIn(lower string) (credits, confessions []string) {
	starts := phraseStarts()
	begins := true
	for i := 0; i+4 <= len(lower); i++ {
		c := lower[i]
		if begins || c >= utf8.RuneSelf {
			for _, phrase := range starts[lower[i:i+4]] {
				if strings.HasPrefix(lower[i:], phrase) {
					if slices.Contains(rewritten, phrase) {
						confessions = append(confessions, phrase)
					} else {
						credits = append(credits, phrase)
					}
				}
			}
		}
		begins = c == ' ' || c == '\n' || c == '(' || c == '>'
	}
	return credits, confessions
}

// phraseStarts are the phrases by their first four bytes.
var phraseStarts = sync.OnceValue(func() map[string][]string {
	starts := map[string][]string{}
	for _, phrase := range slices.Concat(creditPhrases, rewritten) {
		starts[phrase[:4]] = append(starts[phrase[:4]], phrase)
	}
	return starts
})

// ownSentence is where the sentence begins that has a credit phrase at at, if it
// speaks of the text that it stands in; else -1.
func ownSentence(text, lower, phrase string, at int) int {
	line := max(strings.LastIndexByte(text[:at], '\n')+1, at-300)
	for _, opening := range append([]string{"The post "}, creditOpenings[phrase]...) {
		if i := strings.LastIndex(text[line:at], opening); i >= 0 {
			return line + i
		}
	}
	start := lastSentence(lower[:at])
	sentence := lower[start : at+len(phrase)]
	if slices.ContainsFunc(creditSubjects, func(s string) bool { return strings.Contains(sentence, s) }) {
		return start
	}
	return -1
}

// alone reports whether text has nothing on its line but what stands from at to
// end, and that begins as a sentence does: "Originally published by …".
func alone(text string, at, end int) bool {
	line := strings.LastIndexByte(text[:at], '\n') + 1
	below, _, _ := strings.Cut(text[end:], "\n")
	first, _ := utf8.DecodeRuneInString(text[at:])
	return !unicode.IsLower(first) && strings.Trim(text[line:at], ` (["*_–—`) == "" && strings.Trim(below, ` )]"*_.,0123456789`) == ""
}

// lastSentence is where the sentence begins in which before ends. An initial
// ends none.
func lastSentence(before string) int {
	for at := len(before); ; {
		at = strings.LastIndexAny(before[:at], ".!?\n。")
		if at < 0 {
			return 0
		}
		_, size := utf8.DecodeRuneInString(before[at:])
		next, _ := utf8.DecodeRuneInString(before[at+size:])
		within := unicode.IsLetter(next) || unicode.IsDigit(next) || at < 2 || before[at-2] == ' ' || before[at-2] == '.'
		if before[at] != '.' || !within {
			return at + size
		}
	}
}

// nameLength is how far a name goes: to the end of its sentence, and no
// further than 60 bytes. A full stop within a domain does not end it, and
// nothing but a space an address that stands for a name.
func nameLength(text string) int {
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		address, _, _ := strings.Cut(text, " ")
		address, _, _ = strings.Cut(address, "\n")
		return len(strings.TrimRight(address, ".,;)"))
	}
	for i, r := range text {
		_, after := i, text[i+utf8.RuneLen(max(r, 0)):]
		if i > 60 || strings.ContainsRune("\n!?;,。،।|", r) || r == '.' && (after == "" || after[0] == ' ' || after[0] == '\n') {
			return i
		}
	}
	return len(text)
}

// nameKey is a name as names are compared: its letters and digits in lower
// case, without a leading "the" or "www".
func nameKey(name string) string {
	var b strings.Builder
	for _, r := range strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "the "), "www.") {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// namesOf returns the keys of the names by which others credit a source:
// publisher, title, the page's domain and what the operator added.
func namesOf(s copydesk.Source) (names []string) {
	for _, name := range append([]string{s.Publisher, s.Name, s.Feed.Title, host(s.Feed.Link)}, s.AKA...) {
		names = append(names, nameKey(name))
		for _, part := range []string{" – ", " - ", " | ", ": "} {
			if whole, _, found := strings.Cut(name, part); found {
				names = append(names, nameKey(whole))
			}
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return len(n) < 2 })
	slices.Sort(names)
	return slices.Compact(names)
}

// credited returns the keys of the names that a voice credits for its entry,
// beside itself: by its text, by the feed it says it took the entry from, and,
// for an aggregator, by the site that it links to.
func credited(v copydesk.Voice, inText []string) []string {
	names := slices.Clone(inText)
	for _, c := range v.Entry.Credits {
		names = append(names, nameKey(c.Publisher), nameKey(host(c.PublisherURL)), nameKey(host(c.URL)))
	}
	names = append(names, nameKey(v.Entry.Origin.Title), nameKey(host(v.Entry.Origin.URL)))
	if home := host(v.Source.Feed.Link); home != "" && v.Source.Role == copydesk.RoleAggregator && host(v.Entry.Link) != home {
		names = append(names, nameKey(host(v.Entry.Link)))
	}
	own := namesOf(v.Source)
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" || slices.Contains(own, n) })
	slices.Sort(names)
	return slices.Compact(names)
}

// Strangers returns the publishers that a voice credits, or took its entry from,
// and that none of the sources is; in the order in which it says so.
func Strangers(v copydesk.Voice, sources []copydesk.Source) (names []string) {
	known := map[string]bool{}
	for _, s := range append(sources[:len(sources):len(sources)], v.Source) {
		for _, n := range namesOf(s) {
			known[n] = true
		}
		known[nameKey(host(s.URL))] = true
	}
	delete(known, "")
	said := []copydesk.Credit{{Publisher: v.Entry.Origin.Title, PublisherURL: v.Entry.Origin.URL}}
	for _, c := range append(said, v.Entry.Credits...) {
		name := cmp.Or(c.Publisher, host(c.PublisherURL), host(c.URL))
		if name == "" || known[nameKey(c.Publisher)] || known[nameKey(host(c.PublisherURL))] || known[nameKey(host(c.URL))] || slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

// fullText is the longer of what an entry gives as summary and content.
func fullText(e copydesk.Entry) string {
	summary, content := plain(e.Summary), plain(e.Content)
	if len(content) >= len(summary) {
		return content
	}
	return summary
}

func meets(a, b []string) (name string, ok bool) {
	for _, n := range a {
		if slices.Contains(b, n) {
			return n, true
		}
	}
	return "", false
}

// language of a voice: its entry's, else its feed's.
func language(v copydesk.Voice) string { return cmp.Or(v.Entry.Language, v.Source.Feed.Language) }
