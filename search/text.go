package search

import (
	"slices"
	"strings"
	"time"

	"copydesk"

	"golang.org/x/net/html"
)

// Text is what a search sees of one member of a story. It never changes.
type Text struct {
	units     []unit // of title, summary and content, breaks between them
	source    copydesk.SourceID
	id        string   // of the source as the operator calls it, folded
	names     [][]unit // of the source and its publisher
	languages []string // from the widest down: "zh", "zh-hant", "zh-hant-tw"
	hour      int64    // of its news time, counted from 1970
	seen      time.Time
}

// maxUnits is how much of one entry is searched: more than any article has.
const maxUnits = 20_000

// Read returns what a search sees of v.
func Read(v copydesk.Voice) Text {
	t := Text{
		source:    v.Source.ID,
		languages: languages(v.Entry.Language),
		hour:      hour(v.Entry.NewsTime()),
		seen:      v.Entry.FirstSeen,
	}
	t.id, t.names = named(v.Source)
	parts := []string{v.Entry.Title, plain(v.Entry.Summary), plain(v.Entry.Content)}
	if parts[1] == parts[2] {
		parts = parts[:2]
	}
	t.units = make([]unit, 0, (len(parts[0])+len(parts[1])+len(parts[len(parts)-1]))/6)
	for _, part := range parts {
		if n := len(t.units); n > 0 && part != "" {
			t.units = append(t.units, unit{})
		}
		t.units = appendUnits(t.units, fold(part), maxUnits)
	}
	t.units = slices.Clip(t.units)
	return t
}

// named is how `source:` can name a source: by its id, or by words of what it,
// its publisher or those who credit it call it.
func named(src copydesk.Source) (id string, names [][]unit) {
	for _, name := range append([]string{src.Publisher, src.Name, src.Feed.Title}, src.AKA...) {
		if units := appendUnits(nil, fold(name), maxUnits); len(units) > 0 {
			names = append(names, units)
		}
	}
	return fold(src.Settings.ID), names
}

// languages are the tags that take in text of that language (RFC 4647, section
// 3.3.1): the tag itself and what is left when its last parts are cut off.
func languages(tag string) (all []string) {
	tag = strings.ToLower(strings.TrimSpace(tag))
	for i := range len(tag) {
		if tag[i] == '-' {
			all = append(all, tag[:i])
		}
	}
	if tag == "" {
		tag = undetermined
	}
	return append(all, tag)
}

// undetermined is the language of what does not say its own (RFC 5646, section
// 4.1).
const undetermined = "und"

// hour is how many hours of 1970 and after t lies in: times are compared by
// whole hours, so that what a query finds changes no more often than that by
// the clock alone.
func hour(t time.Time) int64 {
	seconds := t.Unix()
	if seconds < 0 {
		return 0
	}
	return seconds / 3600
}

// inline are the elements that can stand within a word.
var inline = []string{"a", "abbr", "b", "bdi", "bdo", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u", "wbr"}

// plain is the text of sanitised HTML, apart where its blocks are.
func plain(markup string) string {
	if !strings.ContainsAny(markup, "<&") {
		return markup
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String())
		case html.TextToken:
			b.Write(z.Text())
		default:
			if name, _ := z.TagName(); !slices.Contains(inline, string(name)) {
				b.WriteByte(' ')
			}
		}
	}
}
