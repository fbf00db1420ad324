package search

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"copydesk"
)

// Query is a question that was understood. The zero Query finds nothing. It
// never changes, so any number may ask it at once.
//
//	floods "Mekong delta"    both the word and the phrase
//	-football                not this word; a phrase or a field as well
//	source:dw-asia           by its id, or a name that has these words
//	topic:asia               carried by that topic
//	lang:en                  in English of any country
//	since:7d                 12h, 7d, 2w, or a day such as 2026-01-31 (UTC)
//
// Of one field that is named several times any value will do; of all else,
// everything must be met.
type Query struct {
	terms []term
}

// term is one part of a query.
type term struct {
	field field
	not   bool
	text  string // canonical
	units []unit // of words, and of a source's name
	hour  int64  // of since

	ids map[copydesk.SourceID]bool // of a source, once it was looked up
}

// field is what a term is about.
type field string

const (
	words  field = ""
	source field = "source"
	topic  field = "topic"
	lang   field = "lang"
	since  field = "since"
)

// fields in canonical order.
var fields = []field{words, source, topic, lang, since}

// What a query may have at most. People stay far below; it bounds what one
// request can cost.
const (
	maxQuery = 400 // bytes
	maxTerms = 24
	maxAsked = 64 // units of all terms
)

// Error says what is wrong with a query, in words that repeat nothing of it.
type Error struct {
	message, hint string
	column        int
}

// Error returns what is wrong.
func (e *Error) Error() string { return e.message }

// Hint returns what to do; it may be empty.
func (e *Error) Hint() string { return e.hint }

// Column is the place in the query, in characters from 1; 0 if all of it is
// meant.
func (e *Error) Column() int { return e.column }

// Parse reads a query. now is what durations of `since` count back from. The
// error, if any, is an *Error.
func Parse(text string, now time.Time) (Query, error) {
	switch {
	case len(text) > maxQuery:
		return Query{}, &Error{message: fmt.Sprintf("the search is longer than %d bytes", maxQuery), hint: "leave some words out"}
	case !utf8.ValidString(text):
		return Query{}, &Error{message: "the search is not UTF-8 text"}
	}
	p := parser{rest: []rune(quotes.Replace(text)), now: now}
	var q Query
	for p.skip(); len(p.rest) > 0; p.skip() {
		if err := p.term(&q); err != nil {
			return Query{}, err
		}
	}
	if err := q.check(); err != nil {
		return Query{}, err
	}
	slices.SortStableFunc(q.terms, func(a, b term) int { return slices.Index(fields, a.field) - slices.Index(fields, b.field) })
	return q, nil
}

// check sees that the query asks for something, and not for too much.
func (q Query) check() error {
	asked := 0
	for _, t := range q.terms {
		asked += len(t.units)
	}
	switch {
	case !slices.ContainsFunc(q.terms, func(t term) bool { return !t.not }):
		return &Error{message: "the search asks for nothing", hint: `write a word, a "phrase", or one of source:, topic:, lang: and since:`}
	case len(q.terms) > maxTerms:
		return &Error{message: fmt.Sprintf("the search has more than %d terms", maxTerms), hint: "leave some out"}
	case asked > maxAsked:
		return &Error{message: fmt.Sprintf("the search has more than %d words", maxAsked), hint: "leave some out"}
	}
	return nil
}

// add takes a term in, unless it is there already.
func (q *Query) add(t term) {
	if !slices.ContainsFunc(q.terms, func(u term) bool { return t.field == u.field && t.not == u.not && t.text == u.text }) {
		q.terms = append(q.terms, t)
	}
}

// quotes are what telephones and word processors make of a plain one.
var quotes = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`)

// parser goes through a query.
type parser struct {
	rest []rune
	at   int // column of the first of them, from 0
	now  time.Time
}

func (p *parser) advance(n int) {
	p.rest = p.rest[n:]
	p.at += n
}

func (p *parser) skip() {
	for len(p.rest) > 0 && (unicode.IsSpace(p.rest[0]) || unicode.IsControl(p.rest[0])) {
		p.advance(1)
	}
}

func (p *parser) wrong(at int, hint, format string, args ...any) error {
	return &Error{message: fmt.Sprintf(format, args...), hint: hint, column: at + 1}
}

// term reads one term into q. What has no letter or figure in it, such as a
// dash between words, is none.
func (p *parser) term(q *Query) error {
	var t term
	begin := p.at
	if p.rest[0] == '-' {
		t.not = true
		p.advance(1)
	}
	name := p.field()
	at := p.at
	value, err := p.value()
	if err != nil {
		return err
	}
	t.field = field(name)
	switch {
	case name == "":
		t.units = appendUnits(nil, fold(value), maxUnits)
		t.text = spell(t.units)
	case !slices.Contains(fields, t.field):
		return p.wrong(begin, "put quotes around words with a colon", "there is no such field; the fields are source:, topic:, lang: and since:")
	case strings.TrimSpace(value) == "":
		return p.wrong(at, "write it without a space behind the colon", "nothing follows %s:", name)
	default:
		if err := p.fill(&t, value, at); err != nil {
			return err
		}
	}
	if t.text != "" {
		q.add(t)
	}
	return nil
}

// field reads the name of a field and its colon, if one stands here: letters
// of a to z, a colon, and something behind it.
func (p *parser) field() string {
	n := slices.IndexFunc(p.rest, func(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' })
	if n <= 0 || p.rest[n] != ':' {
		return ""
	}
	name := strings.ToLower(string(p.rest[:n]))
	if bare := n+1 == len(p.rest) || unicode.IsSpace(p.rest[n+1]); bare && !slices.Contains(fields, field(name)) {
		return "" // "Exclusive: rain"
	}
	p.advance(n + 1)
	return name
}

// value reads what stands in quotes, else up to the next space or quote.
func (p *parser) value() (string, error) {
	if len(p.rest) > 0 && p.rest[0] == '"' {
		n := slices.Index(p.rest[1:], '"')
		if n < 0 {
			return "", p.wrong(p.at, "end the phrase with another quote", "a quote is not closed")
		}
		value := string(p.rest[1 : n+1])
		p.advance(n + 2)
		return value, nil
	}
	n := slices.IndexFunc(p.rest, func(r rune) bool { return r == '"' || unicode.IsSpace(r) || unicode.IsControl(r) })
	if n < 0 {
		n = len(p.rest)
	}
	value := string(p.rest[:n])
	p.advance(n)
	return value, nil
}

// fill reads the value of a field.
func (p *parser) fill(t *term, value string, at int) error {
	switch t.field {
	case source:
		t.text = strings.Join(strings.FieldsFunc(fold(value), func(r rune) bool { return unicode.IsSpace(r) || r == '"' || unicode.IsControl(r) }), " ")
		t.units = appendUnits(nil, t.text, maxUnits)
		if t.text == "" {
			return p.wrong(at, "write the id of a source, or words of its name", "this is no source")
		}
	case topic:
		t.text = strings.TrimSpace(value)
		if strings.ContainsFunc(t.text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
			return p.wrong(at, "write the topic's id, as in its address", "this is no topic's id")
		}
	case lang:
		t.text = strings.ToLower(value)
		if !isTag(t.text) {
			return p.wrong(at, "write a language tag such as en, pt-br or zh-hant; und is text of unknown language", "this is no language")
		}
	case since:
		text, from, ok := readSince(value, p.now)
		switch {
		case !ok:
			return p.wrong(at, "write 12h, 7d, 2w or a day such as 2026-01-31", "this is no time to search since")
		case t.not:
			return p.wrong(at, "leave the minus out", "since: cannot be turned round")
		}
		t.text, t.hour = text, hour(from)
	}
	return nil
}

func isTag(s string) bool {
	for part := range strings.SplitSeq(s, "-") {
		if part == "" || len(part) > 8 || strings.ContainsFunc(part, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
			return false
		}
	}
	return true
}

// maxAge is how far back a duration may reach.
const maxAge = 100 * 366 * 24 * time.Hour

// readSince reads a duration or a day, and returns its canonical form as well:
// a duration in hours below a day, else in days.
func readSince(value string, now time.Time) (canonical string, from time.Time, ok bool) {
	if day, err := time.Parse(time.DateOnly, value); err == nil {
		return value, day, day.Year() >= 1970
	}
	if value == "" {
		return "", from, false
	}
	count, err := strconv.ParseUint(value[:len(value)-1], 10, 20)
	length := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[value[len(value)-1]]
	ago := time.Duration(count) * length
	if err != nil || ago < time.Hour || ago > maxAge {
		return "", from, false
	}
	canonical = strconv.FormatInt(int64(ago/time.Hour), 10) + "h"
	if ago%(24*time.Hour) == 0 {
		canonical = strconv.FormatInt(int64(ago/(24*time.Hour)), 10) + "d"
	}
	return canonical, now.Add(-ago), true
}

// String returns the query in its canonical form, by which equal questions are
// known: words folded, each term once, fields behind the words. Parse reads it
// as the same query.
func (q Query) String() string {
	parts := make([]string, len(q.terms))
	for i, t := range q.terms {
		parts[i] = t.String()
	}
	return strings.Join(parts, " ")
}

func (t term) String() string {
	var b strings.Builder
	if t.not {
		b.WriteByte('-')
	}
	if t.field != words {
		b.WriteString(string(t.field) + ":")
	}
	if strings.Contains(t.text, " ") {
		return b.String() + `"` + t.text + `"`
	}
	return b.String() + t.text
}

// IsZero reports whether q is no question.
func (q Query) IsZero() bool { return len(q.terms) == 0 }

// Lasting says why q cannot stand in a configuration, where it decides once and
// for ever which stories a topic gets: by what a story says alone, not by the
// topics that it is in, nor by when it is asked. It is nil or an *Error.
func (q Query) Lasting() error {
	for _, t := range q.terms {
		switch {
		case t.field == topic:
			return &Error{message: "topic: cannot be asked here, since this decides what is in a topic", hint: "topics nest by parent"}
		case t.field == since && !strings.Contains(t.text, "-"):
			return &Error{message: "since: needs a day here, since what came in stays", hint: "write a day such as since:2026-01-31, or leave it out"}
		}
	}
	return nil
}

// Among returns q with its sources looked up among all that there are, which
// an index needs: names change, ids do not.
func (q Query) Among(sources []copydesk.Source) Query {
	q.terms = slices.Clone(q.terms)
	for i := range q.terms {
		t := &q.terms[i]
		if t.field != source {
			continue
		}
		t.ids = map[copydesk.SourceID]bool{}
		for _, src := range sources {
			if t.names(named(src)) {
				t.ids[src.ID] = true
			}
		}
	}
	return q
}

// names reports whether a source's id, or some words of one of its names, is
// what the term asks for.
func (t term) names(id string, names [][]unit) bool {
	if id != "" && id == t.text {
		return true
	}
	return len(t.units) > 0 && slices.ContainsFunc(names, func(name []unit) bool { return contains(name, t.units) })
}

// Meets reports whether t meets the query; topics are those that carry its
// story.
func (q Query) Meets(t Text, topics []copydesk.TopicID) bool {
	any := map[field]bool{} // of the fields that are asked for: one of their values is met
	for _, term := range q.terms {
		met := term.met(t, topics)
		switch {
		case term.not && met, !term.not && !met && term.field == words:
			return false
		case !term.not:
			any[term.field] = any[term.field] || met
		}
	}
	for _, met := range any {
		if !met {
			return false
		}
	}
	return !q.IsZero()
}

func (t term) met(text Text, topics []copydesk.TopicID) bool {
	switch t.field {
	case source:
		if t.ids != nil {
			return t.ids[text.source]
		}
		return t.names(text.id, text.names)
	case topic:
		return slices.Contains(topics, copydesk.TopicID(t.text))
	case lang:
		return slices.Contains(text.languages, t.text)
	case since:
		return text.hour >= t.hour
	}
	return contains(text.units, t.units)
}
