package alike

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// claimNumber claims the number at i and returns the last token that is part of
// it.
func claimNumber(title string, tokens []token, i int, language string, add func(claimKind, uint32, uint32)) int {
	t := tokens[i]
	if i+1 < len(tokens) && isScore(title[t.to:tokens[i+1].from], t.text, tokens[i+1].text) {
		claimScore(title, tokens, side{i - 1, i}, side{i + 2, i + 1}, add)
		return i + 1
	}
	if second := box(title, tokens, i); second.number > 0 {
		claimScore(title, tokens, side{i - 1, i}, second, add)
	}
	number, unit, last, ok := amount(tokens, i, language)
	if ok && unit == "" && last == i && isMagnitude(title, tokens, i, number) {
		add(claimMagnitude, hashOf("magnitude"), math.Float32bits(float32(number)))
		return i
	}
	if !ok || t.from > 0 && strings.ContainsRune("-/:’'", lastRune(title[:t.from])) { // Covid-19, 9/11, 10:30, the ’70s
		return i
	}
	before, after := beside(title, tokens, i, -1), beside(title, tokens, last, 1)
	if ordinalPoint[language] && i+1 < len(tokens) && title[t.to:tokens[i+1].from] == ". " && (editions()[tokens[i+1].stem] || months()[tokens[i+1].stem]) {
		after, unit = i+1, "." // 3. Etappe
	}
	next := func(at int, set map[uint32]bool) bool {
		return (at == i-1 || at == i+1) && at >= 0 && set[tokens[at].stem]
	}
	digits := hashOf(strings.TrimRightFunc(t.text, func(r rune) bool { return !unicode.IsDigit(r) }))
	switch {
	case unit == "." && next(after, editions()), ordinals[unit] && next(after, editions()):
		add(claimExact, placeOfEdition(tokens, after), digits)
		return last
	case next(before, editions()):
		add(claimExact, placeOfEdition(tokens, before), digits)
		return last
	case next(before, months()):
		add(claimExact, tokens[before].stem, digits)
		return last
	case next(after, months()):
		add(claimExact, tokens[after].stem, digits)
		return last
	}
	kind, value, of := claimCount, math.Float32bits(float32(number)), uint32(0)
	switch {
	case ordinals[unit]:
		kind, value, of, before = claimExact, digits, hashOf("nth"), -1
	case unit == "" && last == i && len(t.text) == 4 && number >= 1900 && number < 2100:
		kind, value, of = claimExact, digits, hashOf("year")
	case strings.Contains(numberText(t.text, language), "."):
		kind = claimDecimal
	}
	// A number is of what follows it; if nothing follows, of what goes before. A
	// year is of both.
	if after >= 0 {
		add(kind, tokens[after].stem^of, value)
	}
	if before >= 0 && (after < 0 || kind == claimExact) {
		add(kind, tokens[before].stem^of, value)
	}
	return last
}

// amount is the number at i with the unit that is written to it (3k, 5th), times
// what multiplies it, and the last token that is part of it. It is none with a unit
// that we do not know (737s, 5G).
func amount(tokens []token, i int, language string) (number float64, unit string, last int, ok bool) {
	number, unit = leading(tokens[i].text, language)
	unit = strings.ToLower(unit)
	switch {
	case ordinals[unit]:
	case unit != "":
		number *= multiples[unit]
		return number, unit, i, multiples[unit] > 0
	case i+1 < len(tokens):
		if times := multiples[strings.ToLower(tokens[i+1].text)]; times > 0 {
			return number * times, unit, i + 1, true
		}
	}
	return number, unit, i, true
}

// claimCode claims Q1, G7, M6.1: a letter or few, and what follows is counted.
func claimCode(tokens []token, i int, add func(claimKind, uint32, uint32)) {
	t := tokens[i]
	at := strings.IndexAny(t.text, "0123456789")
	if at < 1 || at > 2 {
		return
	}
	letters := strings.ToLower(t.text[:at])
	if number, rest := leading(t.text[at:], "en"); rest == "" && strings.Contains(t.text, ".") {
		kind, place := claimDecimal, hashOf("code "+letters)
		if letters == "m" && number < 10 {
			kind, place = claimMagnitude, hashOf("magnitude")
		}
		add(kind, place, math.Float32bits(float32(number)))
		return
	}
	place := hashOf("code " + letters)
	if letters == "q" {
		place = placeOfQuarter(tokens, i)
	}
	add(claimExact, place, hashOf(strings.ToLower(t.text[at:])))
}

// claimEdition claims an edition whose number is a word: "third quarter", "day two".
// Number words of other things are not claimed: what is small enough to be one rises
// to three times as much within an hour ("one dead", "four dead").
func claimEdition(title string, tokens []token, i int, add func(claimKind, uint32, uint32)) {
	word := strings.ToLower(tokens[i].text)
	if n := ordinalWords()[word]; n != "" && i+1 < len(tokens) {
		noun := tokens[i+1]
		if between := title[tokens[i].to:noun.from]; (between == " " || between == "-") && editions()[noun.stem] && !rounds()[noun.stem] {
			add(claimExact, placeOfEdition(tokens, i+1), hashOf(n))
		}
		return
	}
	n := numerals[word]
	if word == "one" || word == "eins" || word == "uno" {
		n = "1"
	}
	if n != "" && i > 0 && editions()[tokens[i-1].stem] && len(tokens[i-1].text) > len("no") && title[tokens[i-1].to:tokens[i].from] == " " {
		add(claimExact, placeOfEdition(tokens, i-1), hashOf(n))
	}
}

// placeOfEdition is the place of what counts editions of the noun at i. Q3 is one of
// quarters.
func placeOfEdition(tokens []token, i int) uint32 {
	if quarters()[tokens[i].stem] {
		return placeOfQuarter(tokens, i)
	}
	return tokens[i].stem
}

// placeOfQuarter is another one for a quarter that is forecast: it is told together with
// the last one's results.
func placeOfQuarter(tokens []token, i int) uint32 {
	for _, t := range tokens[max(0, i-3):min(len(tokens), i+3)] {
		if forecasts()[t.stem] {
			return hashOf("forecast q")
		}
	}
	return hashOf("code q")
}

// side is a side of a match, the token that is or ends or begins its name, and the
// number that it scored.
type side struct{ name, number int }

// claimScore claims a score, and who has which half of it if a name stands on either
// side. Who has it is looked at only between the same two names, so that "lose
// 1-2 to" is not "beat 2-1".
func claimScore(title string, tokens []token, first, second side, add func(claimKind, uint32, uint32)) {
	a, b := tokens[first.number].text, tokens[second.number].text
	add(claimExact, hashOf("score "+strconv.Itoa(max(len(a), len(b)))), hashOf(min(a, b)+"-"+max(a, b)))
	if !named(title, tokens, first) || !named(title, tokens, second) {
		return
	}
	p, q := tokens[first.name].stem, tokens[second.name].stem
	if p > q {
		p, q, a, b = q, p, b, a
	}
	if place := pair(p, q); p != q {
		add(claimExact, place, pair(place, hashOf(a+"-"+b)))
	}
}

// named reports whether a word with a capital stands at a side's number.
func named(title string, tokens []token, s side) bool {
	if s.name < 0 || s.name >= len(tokens) || !unicode.IsUpper(firstRune(tokens[s.name].text)) {
		return false
	}
	return title[tokens[min(s.name, s.number)].to:tokens[max(s.name, s.number)].from] == " "
}

// box is the second side of "Owls 3, Herons 2", of which the first number is at i;
// that of no number if there is none.
func box(title string, tokens []token, i int) side {
	if !named(title, tokens, side{i - 1, i}) || !isHalf(tokens, i) {
		return side{}
	}
	for at := i + 1; at < len(tokens) && at <= i+4; at++ {
		between := title[tokens[at-1].to:tokens[at].from]
		switch {
		case at > i+1 && unicode.IsDigit(firstRune(tokens[at].text)):
			if between == " " && isHalf(tokens, at) {
				return side{at - 1, at}
			}
			return side{}
		case !unicode.IsUpper(firstRune(tokens[at].text)):
			return side{}
		case between != " " && (at > i+1 || between != ", " && between != " - " && between != " – "):
			return side{}
		}
	}
	return side{}
}

// isHalf reports whether the number at i can be half of a score: not a day of a
// month, an edition or a large one.
func isHalf(tokens []token, i int) bool {
	n, err := strconv.Atoi(tokens[i].text)
	return err == nil && n < 200 && !months()[tokens[i-1].stem] && !editions()[tokens[i-1].stem]
}

// isScore reports whether two numbers with something between are a score: 2-1,
// 102–98, 3:0.
func isScore(between, a, b string) bool {
	x, err := strconv.Atoi(a)
	y, other := strconv.Atoi(b)
	if err != nil || other != nil {
		return false
	}
	switch between {
	case "-", "–":
		return max(x, y) < 200
	case ":":
		return max(x, y) < 20
	}
	return false
}

// isMagnitude reports whether the number at i is a quake's magnitude: that word stands
// beside it, or a quake if it has a decimal.
func isMagnitude(title string, tokens []token, i int, number float64) bool {
	if number < 1 || number >= 10 {
		return false
	}
	for _, step := range []int{-1, 1} {
		at := beside(title, tokens, i, step)
		if step < 0 && i > 0 && tokens[i-1].text == "M" && title[tokens[i-1].to:tokens[i].from] == " " {
			return true
		}
		if at < 0 {
			continue
		}
		of := number != math.Trunc(number) && (at == i+1 || at == i-2) // 5.8 quake, quake of 5.8
		if magnitudes()[tokens[at].stem] || of && quakes()[tokens[at].stem] {
			return true
		}
	}
	return false
}

// leading is the number with which text begins, and what follows it.
func leading(text, language string) (number float64, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' && r != ',' })
	if end < 0 {
		end = len(text)
	}
	number, err := strconv.ParseFloat(numberText(text[:end], language), 64)
	if err != nil { // a number in digits of another script, or one with two points
		return float64(hashOf(text[:end])), text[end:]
	}
	return number, text[end:]
}

// numberText is a number without what groups its thousands, and with a point before its decimals.
// Three digits after a comma are thousands; after a point too, in languages that write decimals
// with a comma. One or two after a comma are decimals in any language.
func numberText(text, language string) string {
	mark := strings.LastIndexAny(text, ".,")
	if mark < 0 {
		return text
	}
	whole, after := text[:mark], len(text)-mark-1
	for after > 0 && !digitAt(text, mark+after) { // a unit
		after--
	}
	grouped := after == 3 && (text[mark] == ',' || commaDecimals[language])
	switch {
	case grouped:
		return strings.NewReplacer(".", "", ",", "").Replace(text)
	case text[mark] == ',' && (after > 3 || strings.Contains(whole, ",")):
		return strings.ReplaceAll(text, ",", "")
	case text[mark] == '.' && strings.Contains(whole, "."): // a date, a version
		return text
	}
	return strings.NewReplacer(".", "", ",", "").Replace(whole) + "." + text[mark+1:]
}

var commaDecimals = setOf("de es fr it pt nl da sv no nb nn fi is pl cs sk sl hr sr bg ro hu ru uk be el tr id vi ca eu gl et lv lt")

// ordinalPoint are languages that write 3. for third.
var ordinalPoint = setOf("de da no nb nn fi is pl cs sk sl hr sr hu tr et lv")

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

var multiples = map[string]float64{
	"k": 1e3, "thousand": 1e3, "tausend": 1e3, "mil": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "mio": 1e6, "millionen": 1e6, "millones": 1e6,
	"b": 1e9, "bn": 1e9, "billion": 1e9, "billions": 1e9, "mrd": 1e9, "milliarden": 1e9, "tn": 1e12, "trillion": 1e12,
}

var ordinals = map[string]bool{"st": true, "nd": true, "rd": true, "th": true, "º": true, "ª": true, "er": true, "e": true}

// months and editions are nouns of which there is one for each number. May is a
// verb too. Who leaves a round is in the next.
var (
	months = stemSet(`january february march april june july august september october november december
		jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember
		enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre`)
	editions = stemSet(`day week part stage game round match episode chapter season volume phase group quarter no number
		tag woche teil etappe spiel runde staffel folge quartal día semana parte etapa partido jornada capítulo trimestre
		jour semaine partie étape épisode saison giorno puntata tappa`)
	rounds     = stemSet(`round runde`)
	quarters   = stemSet(`quarter quartal trimestre`)
	forecasts  = stemSet(`forecast outlook guidance sees see expects expect prognose ausblick previsión prévision`)
	magnitudes = stemSet(`magnitude magnitud magnitudo stärke`)
	quakes     = stemSet(`quake earthquake aftershock erdbeben beben nachbeben sismo terremoto temblor séisme`)
)

// ordinalWords are words for what is counted in editions.
var ordinalWords = sync.OnceValue(func() map[string]string {
	words := map[string]string{}
	for n, same := range []string{
		`first erste ersten erster erstes primer primero primera premier première primo prima primeiro primeira`,
		`second zweite zweiten zweiter zweites segundo segunda deuxième secondo seconda`,
		`third dritte dritten dritter drittes tercer tercero tercera troisième terzo terza terceiro terceira`,
		`fourth vierte vierten vierter viertes cuarto cuarta quatrième quarto quarta`,
		`fifth fünfte fünften fünfter fünftes quinto quinta cinquième`,
		`sixth sechste sechsten sechster sechstes sexto sexta sixième`,
		`seventh siebte siebten siebter siebtes séptimo séptima septième`,
		`eighth achte achten achter achtes octavo octava huitième`,
		`ninth neunte neunten neunter neuntes noveno novena neuvième`,
		`tenth zehnte zehnten zehnter zehntes décimo décima dixième`,
	} {
		for w := range strings.FieldsSeq(same) {
			words[w] = strconv.Itoa(n + 1)
		}
	}
	return words
})
