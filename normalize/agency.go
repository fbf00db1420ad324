package normalize

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"copydesk"
)

// agencies are those whose texts others carry, by the name under which they are
// credited, with the ways in which datelines and bylines write them. Writings
// are matched byte for byte: AP is an agency, ap is not.
var agencies = map[string][]string{
	"Reuters":                     {"Reuters", "REUTERS", "Thomson Reuters", "رويترز", "रॉयटर्स", "路透社", "路透", "ロイター"},
	"AFP":                         {"AFP", "Agence France-Presse", "Agence France Presse", "أ ف ب", "ا ف ب", "فرانس برس", "एएफपी", "法新社"},
	"Associated Press":            {"Associated Press", "The Associated Press", "AP", "أسوشيتد برس", "एपी", "美联社", "美聯社"},
	"dpa":                         {"dpa", "DPA", "dpa-AFX", "dpa-infocom", "د ب أ"},
	"EFE":                         {"EFE", "Efe", "Agencia EFE"},
	"Europa Press":                {"Europa Press", "EUROPA PRESS"},
	"ANSA":                        {"ANSA", "Ansa"},
	"APA":                         {"APA"},
	"Keystone-SDA":                {"Keystone-SDA", "SDA", "sda", "ats"},
	"SID":                         {"SID"},
	"epd":                         {"epd"},
	"KNA":                         {"KNA"},
	"Belga":                       {"Belga", "BELGA"},
	"ANP":                         {"ANP"},
	"Lusa":                        {"Lusa", "LUSA"},
	"PA Media":                    {"PA Media", "Press Association"},
	"UPI":                         {"UPI"},
	"Bloomberg":                   {"Bloomberg"},
	"Xinhua":                      {"Xinhua", "新华社", "新华网", "新華社", "شينخوا"},
	"China News Service":          {"中新社", "中新网"},
	"Central News Agency":         {"中央社"},
	"Kyodo News":                  {"Kyodo", "Kyodo News", "共同", "共同通信"},
	"Jiji Press":                  {"Jiji", "Jiji Press", "時事", "時事通信"},
	"Yonhap":                      {"Yonhap", "연합뉴스"},
	"PTI":                         {"PTI", "पीटीआई", "भाषा"},
	"ANI":                         {"ANI", "एएनआई"},
	"IANS":                        {"IANS", "आईएएनएस"},
	"UNI":                         {"वार्ता"},
	"Antara":                      {"ANTARA", "Antara"},
	"Bernama":                     {"Bernama"},
	"TASS":                        {"TASS", "ТАСС"},
	"Interfax":                    {"Interfax", "Интерфакс"},
	"Anadolu":                     {"Anadolu", "AA", "الأناضول"},
	"Emirates News Agency":        {"وام"},
	"Saudi Press Agency":          {"واس"},
	"Middle East News Agency":     {"أ ش أ"},
	"Australian Associated Press": {"AAP"},
	"Canadian Press":              {"Canadian Press", "The Canadian Press"},
}

// agencyNames leads from each writing to the name.
var agencyNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for name, writings := range agencies {
		for _, w := range writings {
			names[w] = name
		}
	}
	return names
})

const (
	datelineReach = 240 // bytes at the beginning of a text in which a dateline or byline ends
	signReach     = 120 // and at the end, where it is signed
)

// agencyCredits adds the agencies that the texts and authors of an entry name as
// where they come from: "KYIV, Jan 5 (Reuters) -", "By Jane Roe, Associated
// Press", "（共同）", "© dpa".
func agencyCredits(found []copydesk.Credit, t copydesk.Text) []copydesk.Credit {
	add := func(name string) {
		if name != "" {
			found = addCredit(found, copydesk.Credit{Publisher: name, In: copydesk.InByline})
		}
	}
	for _, html := range []string{t.Content, t.Summary} {
		begin, end := html, html
		if len(html) > 4*datelineReach { // what tags take is more than enough
			begin, end = wholeRunes(html[:4*datelineReach]), html[len(html)-4*datelineReach:]
		}
		if mayHaveDateline(begin) {
			begin = plainText(begin)
			add(dateline(wholeRunes(begin[:min(len(begin), datelineReach)])))
		}
		if strings.ContainsAny(end, ")）©") {
			end = plainText(end)
			add(signature(strings.ToValidUTF8(end[max(0, len(end)-signReach):], "")))
		}
	}
	for _, a := range t.Authors {
		name := strings.TrimSuffix(a.Name, ")")
		if at := strings.LastIndexAny(name, ",/(|-–"); at >= 0 {
			_, size := utf8.DecodeRuneInString(name[at:])
			name = name[at+size:]
		}
		add(agencyNames()[strings.TrimSpace(name)])
	}
	return found
}

// mayHaveDateline reports whether there can be a dateline, or a byline, in what a
// text begins with, without reading it.
func mayHaveDateline(html string) bool {
	if strings.ContainsAny(html, "(（[【电電讯訊") {
		return true
	}
	for _, mark := range []string{", ", ": ", "— ", "– ", " - ", "-- "} {
		if strings.Contains(html, mark) {
			return true
		}
	}
	for i := 1; i < len(html); i++ { // no tag's
		if html[i] == '/' && 'A' <= html[i-1] && html[i-1] <= 'Z' {
			return true
		}
	}
	return false
}

// dateline is the agency that a text begins with.
func dateline(text string) string {
	if at := strings.IndexAny(text, "(（[【"); at >= 0 && at <= 90 && !strings.ContainsAny(text[:at], "!?;:。") {
		_, size := utf8.DecodeRuneInString(text[at:])
		if inner, _, closed := cutAny(text[at+size:], ")）]】"); closed {
			if name := bracketed(inner); name != "" {
				return name
			}
		}
	}
	for _, by := range []string{"By ", "Von ", "Por ", "Par "} {
		if who, rest, ok := strings.Cut(strings.TrimPrefix(text, by), ", "); ok && strings.HasPrefix(text, by) && len(who) <= 60 {
			return beginningOf(strings.TrimPrefix(rest, "The "))
		}
	}
	if name := dashed(text); name != "" {
		return name
	}
	said, _, wired := cutAny(strings.TrimPrefix(text, "据"), "电電讯訊")
	if wired && len(said) <= 60 && !strings.ContainsAny(said, "。，、") {
		return beginningOf(said)
	}
	return ""
}

// dashed is the agency of a dateline without brackets: "KYIV — Reuters — ",
// "LISBOA/Lusa. ", "Reuters: ". A name that could be another thing's or a person's
// does not do by itself, nor does what follows a word that is no place in capitals.
func dashed(text string) string {
	text = strings.TrimSpace(text)
	if who, _, ok := strings.Cut(text, ": "); ok && len(who) >= len("Reuters") && who != "Bloomberg" && agencyNames()[who] != "" {
		return agencyNames()[who]
	}
	for _, dash := range []string{" — ", " – ", " - ", " -- "} {
		place, rest, ok := strings.Cut(text, dash)
		who, _, closed := strings.Cut(rest, dash)
		if ok && closed && inCapitals(place) {
			return agencyNames()[who]
		}
	}
	place, rest, ok := strings.Cut(text, "/")
	if at := strings.IndexAny(rest, ".:-–—"); ok && at >= 0 && inCapitals(place) {
		return agencyNames()[strings.TrimSpace(rest[:at])]
	}
	return ""
}

// inCapitals reports whether text begins as a dateline does, with a place in
// capitals.
func inCapitals(text string) bool {
	place, _, _ := strings.Cut(text, ",")
	first, size := utf8.DecodeRuneInString(place)
	return len(text) <= 60 && size < len(place) && unicode.IsUpper(first) && strings.ToUpper(place) == place
}

// signature is the agency that a text ends with.
func signature(text string) string {
	for _, mark := range []string{"©", "(c)", "(C)"} {
		if at := strings.LastIndex(text, mark); at >= 0 {
			return beginningOf(strings.TrimLeft(text[at+len(mark):], " 0123456789"))
		}
	}
	text = strings.TrimRight(text, " .")
	for _, pair := range []string{"()", "（）"} {
		opening, size := utf8.DecodeRuneInString(pair)
		if rest, ok := strings.CutSuffix(text, pair[size:]); ok {
			if at := strings.LastIndex(rest, string(opening)); at >= 0 {
				return bracketed(rest[at+size:])
			}
		}
	}
	return ""
}

// bracketed is the agency that stands in brackets: alone, before a slash, a comma
// or a correspondent, or, in a script without spaces, at an end.
func bracketed(inner string) string {
	inner = strings.TrimSpace(inner)
	first, _, _ := cutAny(inner, "/,、")
	if name := agencyNames()[strings.TrimSpace(first)]; name != "" {
		return name
	}
	if r, _ := utf8.DecodeLastRuneInString(inner); !unicode.Is(unicode.Han, r) {
		return ""
	}
	longest, found := "", ""
	for writing, name := range agencyNames() {
		if r, _ := utf8.DecodeRuneInString(writing); !unicode.Is(unicode.Han, r) || !strings.HasPrefix(inner, writing) && !strings.HasSuffix(inner, writing) {
			continue
		}
		if len(writing) > len(longest) || len(writing) == len(longest) && writing > longest {
			longest, found = writing, name
		}
	}
	return found
}

// beginningOf is the agency whose name text begins with, as whole words.
func beginningOf(text string) (name string) {
	longest := 0
	for writing, n := range agencyNames() {
		if len(writing) <= longest || !strings.HasPrefix(text, writing) {
			continue
		}
		next, _ := utf8.DecodeRuneInString(text[len(writing):])
		if last, _ := utf8.DecodeLastRuneInString(writing); unicode.Is(unicode.Han, last) || !unicode.IsLetter(next) {
			name, longest = n, len(writing)
		}
	}
	return name
}

// cutAny cuts s at the first of the runes.
func cutAny(s, runes string) (before, after string, found bool) {
	at := strings.IndexAny(s, runes)
	if at < 0 {
		return s, "", false
	}
	_, size := utf8.DecodeRuneInString(s[at:])
	return s[:at], s[at+size:], true
}

// wholeRunes is s without a rune that was cut at its end.
func wholeRunes(s string) string {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if c := s[len(s)-n]; c < utf8.RuneSelf {
			break
		} else if utf8.RuneStart(c) {
			if !utf8.FullRuneInString(s[len(s)-n:]) {
				return s[:len(s)-n]
			}
			break
		}
	}
	return s
}
