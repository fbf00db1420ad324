package normalize

import (
	"regexp"
	"strings"
	"sync"

	"copydesk"
)

// creditForm is a sentence by which texts say where they come from. The words
// are those of WordPress and its translations, of Medium, of The Conversation,
// and of republishers who write their own.
type creditForm struct {
	opening   string                // as the sentence begins, byte for byte
	rest      func() *regexp.Regexp // compiled when first asked for: most are tens of kilobytes, and few ever are
	sure      func(creditMatch) bool
	line      bool // it may stand in place of a byline
	rewriting bool // it names nobody, but says that the text was made from those of others
}

// creditMatch is a sentence of that form, with what must be known to judge it.
type creditMatch struct {
	creditForm
	credit    copydesk.Credit
	alone     bool // nothing else stands on its line
	last      bool // nothing but credits stands below or behind it in its block
	own       bool // it names the entry's own title
	caption   bool // it stands under a picture or table, of which it may speak
	linked    bool // its title or name is a link
	elsewhere bool // … that leads to another site
	goesOn    bool // behind the name it tells something else
}

// certain reports whether the sentence can be meant in no other way.
func (m creditMatch) certain() bool { return m.sure(m) }

// likely reports whether the sentence, if not certain, is evidence all the same.
func (m creditMatch) likely() bool {
	return m.credit.Title != "" && !beginsLower(m.credit.Title) && isName(m.credit.Publisher)
}

// named is a sentence that cannot be meant otherwise, if it names a publisher.
func named(m creditMatch) bool { return m.linked || isName(m.credit.Publisher) }

// feedFooter is the line that WordPress puts under every entry.
func feedFooter(m creditMatch) bool { return m.alone || m.own || m.linked }

// titled could be said of anything, but for the title.
func titled(m creditMatch) bool { return m.own || m.linked }

// clipped has no subject: within a paragraph it could go on about a book.
func clipped(m creditMatch) bool {
	return !m.goesOn && (m.linked || m.alone && isName(m.credit.Publisher))
}

// sourceLine may be of a figure, or of a fact, but for a link or an agency.
func sourceLine(m creditMatch) bool {
	return m.last && m.alone && !m.caption && (m.elsewhere || m.agency())
}

// inBrackets stands behind the last sentence.
func inBrackets(m creditMatch) bool { return m.last && (m.elsewhere || m.agency()) }

func (m creditMatch) agency() bool { return agencyNames()[m.credit.Publisher] != "" }

func toOriginal(m creditMatch) bool {
	return m.last && (m.elsewhere || m.alone && isName(m.credit.Publisher))
}

// form makes a form of its words: T stands for the title of the original, N for
// the name of its publisher.
func form(opening, rest string, sure func(creditMatch) bool) creditForm {
	rest = strings.NewReplacer("<T>", `(?P<title>.{1,300}\S)`, "<N>", `(?P<name>\S.{0,200}?)`, "<by>", `(?:,? (?:by|von|por|par|de|di|van) .{1,60}?)?,?`).Replace(rest)
	return creditForm{opening: opening, sure: sure, rest: sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?i:` + rest + `)[.。।\s)\]*_"”»]*$`)
	})}
}

// source makes a form of a line that names a source as bylines do.
func source(opening, rest string, sure func(creditMatch) bool) creditForm {
	f := form(opening, rest, sure)
	f.line = true
	return f
}

// rewriting makes a form that names nobody.
func rewriting(opening, rest string) creditForm {
	f := form(opening, rest, func(creditMatch) bool { return true })
	f.rewriting = true
	return f
}

const (
	thisText  = `(?:article|story|piece|essay|column|report|interview|op-ed|content|text|blog post|post|news)`
	cameFirst = `<by>(?: which| that)?(?: was| is| has been| had been)? (?:(?:originally|first) (?:published|posted|appeared|ran|written)|(?:published|posted|appeared) (?:originally|first)) (?:on|in|by|at|for) <N>`
	cameFrom  = `<by>(?: was| is| has been)? (?:republished|reprinted|reposted|syndicated)(?: with permission)? from <N>`
	zuerst    = `<by> (?:erschien|wurde|ist) zuerst (?:erschienen )?(?:auf|bei|in|im) <N>(?: veröffentlicht| erschienen)?`
	publicado = `<by> (?:(?:apareció|se publicó) primero en|(?:(?:fue |ha sido )?publicad[oa]|se publicó) originalmente (?:en|por)) <N>`
	paru      = `<by>(?: est| a été)? (?:apparu en premier|publié (?:initialement|en premier)|initialement publié) (?:sur|dans|par) <N>`
	primeiro  = `<by> (?:(?:foi )?publicad[oa]|apareceu) (?:primeiro|originalmente) (?:em|por) <N>`
	nushira   = `(?:نُشرت?|نشرت?) (?:أولاً|أولا|لأول مرة) (?:في|على) <N>`
	various   = `(?:various|several|multiple|different) sources`
)

var creditForms = []creditForm{
	form("The post ", `<T> appeared first on <N>`, feedFooter),
	form("The article ", `<T> appeared first on <N>`, feedFooter),
	form("The ", `(?:post|article|story) <T> (?:first appeared|(?:was )?(?:originally|first) (?:published|appeared|posted)) (?:on|in|by|at) <N>`, titled),
	form("This ", thisText+cameFirst, named),
	form("A version of this ", thisText+cameFirst, named),
	form("An earlier version of this ", thisText+cameFirst, named),
	form("Portions of this ", thisText+cameFirst, named),
	form("This ", thisText+cameFrom, named),
	form("Republished ", `(?:with permission )?from <N>`, clipped),
	form("Reprinted ", `(?:with permission )?from <N>`, clipped),
	form("Reposted ", `(?:with permission )?from <N>`, clipped),
	form("Syndicated ", `from <N>`, clipped),
	form("Originally ", `(?:published|posted|appeared) (?:on|in|at|by) <N>`, clipped),
	form("First ", `(?:published|posted|appeared) (?:on|in|at|by) <N>`, clipped),
	form("Read the original", `(?: article| story| post)?(?: (?:on|at|from) <N>)?`, toOriginal),
	form("Read the full ", `(?:article|story|post|report) (?:on|at|from) <N>`, toOriginal),
	source("Via ", `<N>`, sourceLine),
	source("(via ", `<N>`, inBrackets),
	source("来源", ` ?[:：] ?<N>`, sourceLine),
	source("Source", ` ?: ?<N>`, sourceLine),
	source("Quelle", ` ?: ?<N>`, sourceLine),
	source("Fuente", ` ?: ?<N>`, sourceLine),
	source("Fonte", ` ?: ?<N>`, sourceLine),
	source("Bron", ` ?: ?<N>`, sourceLine),
	source("Źródło", ` ?: ?<N>`, sourceLine),
	source("Источник", ` ?: ?<N>`, sourceLine),
	form("Der Beitrag ", `<T> erschien zuerst (?:auf|bei) <N>`, feedFooter),
	form("Der Artikel ", `<T> erschien zuerst (?:auf|bei) <N>`, feedFooter),
	form("Dieser ", `(?:Beitrag|Artikel|Text)`+zuerst, named),
	form("Dieses ", `Interview`+zuerst, named),
	form("Zuerst ", `(?:erschienen|veröffentlicht) (?:auf|bei|in|im) <N>`, clipped),
	form("L’article ", `<T> est apparu en premier sur <N>`, feedFooter),
	form("L'article ", `<T> est apparu en premier sur <N>`, feedFooter),
	form("Cet ", `article`+paru, named),
	form("Ce ", `(?:texte|billet)`+paru, named),
	form("Publié ", `(?:initialement|en premier) (?:sur|dans|par) <N>`, clipped),
	form("La entrada ", `<T> (?:se publicó primero en|aparece primero en|apareció primero en) <N>`, feedFooter),
	form("Este ", `(?:artículo|texto|contenido)`+publicado, named),
	form("Esta ", `(?:noticia|nota|entrada)`+publicado, named),
	form("Publicado ", `originalmente (?:en|por|em) <N>`, clipped),
	form("L'articolo ", `<T> (?:proviene da|sembra essere il primo su) <N>`, feedFooter),
	form("L’articolo ", `<T> (?:proviene da|sembra essere il primo su) <N>`, feedFooter),
	form("Questo ", `(?:articolo|testo)<by> proviene da <N>`, named),
	form("O post ", `<T> (?:apareceu|aparece) primeiro em <N>`, feedFooter),
	form("O conteúdo ", `<T> (?:apareceu|aparece) primeiro em <N>`, feedFooter),
	form("Este ", `(?:artigo|texto|conteúdo|post)`+primeiro, named),
	form("Esta ", `matéria`+primeiro, named),
	form("Publicado ", `primeiro em <N>`, clipped),
	form("Het bericht ", `<T> verscheen eerst op <N>`, feedFooter),
	form("Dit ", `(?:artikel|bericht)<by> verscheen eerst op <N>`, named),
	form("Artykuł ", `<T> pochodzi z serwisu <N>`, feedFooter),
	form("Inlägget ", `<T> dök först upp på <N>`, feedFooter),
	form("Innlegget ", `<T> dukket først opp på <N>`, feedFooter),
	form("Запись ", `<T> впервые появилась <N>`, feedFooter),
	form("Сообщение ", `<T> появились сначала на <N>`, feedFooter),
	form("本文", `(?:最初|首先|原)?发表于 ?<N>`, named),
	form("此文", `(?:最初|首先|原)?发表于 ?<N>`, named),
	form("原文", `(?:最初|首先)?发表于 ?<N>`, named),
	form("最初发表于", ` ?<N>`, clipped),
	form("初出", ` ?[:：] ?<N>`, clipped),
	form("この記事の初出", ` ?(?:[:：]|は) ?<N>`, named),
	form("هذا ", `(?:المقال|التقرير) `+nushira, named),
	form("هذه ", `المقالة `+nushira, named),
	form("यह ", `(?:लेख|खबर|आलेख) सबसे पहले प्रकाशित हु(?:आ|ई):? <N>`, named),
	form("यह ", `(?:लेख|खबर|आलेख) सबसे पहले <N> (?:पर|में) प्रकाशित हु(?:आ|ई)(?: था| थी)?`, named),
	rewriting("This ", thisText+`(?: was| has been| is) (?:(?:created|written|generated|compiled|produced|prepared) )?(?:based on|from|using) information from `+various+`(?: and .{1,80})?`),
	rewriting("This ", thisText+`(?: was| has been| is) compiled from `+various+`(?: and .{1,80})?`),
	rewriting("This ", thisText+`(?: was| has been| is) generated from .{1,120}`),
	rewriting("This ", thisText+`(?: was| has been| is) rewritten(?: for .{1,80})?`),
	rewriting("Compiled ", `from `+various),
	rewriting("Based ", `on information from `+various+`(?: and .{1,80})?`),
	rewriting("Dieser ", `(?:Beitrag|Artikel|Text) (?:wurde|ist|entstand) .{0,40}auf Grundlage verschiedener Quellen.{0,40}`),
	rewriting("Auf ", `Grundlage verschiedener Quellen.{0,40}`),
	rewriting("Con ", `información de diversas fuentes.{0,40}`),
}
