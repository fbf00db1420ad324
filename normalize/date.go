package normalize

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// parseDate reads a date as publishers write them and returns it in UTC. It
// returns the zero time for what is no date, or none that can be: a wrong date
// is worse than none, since news are ordered by it.
//
// A date without a zone is read as UTC, the least wrong reading where nothing
// is said. Years before 1970 and after 2100 are not those of news.
func parseDate(s string) time.Time {
	s = oneLine(s)
	if s == "" || len(s) > 100 {
		return time.Time{}
	}
	t, ok := parseUsual(s)
	if !ok {
		t, ok = parseISO(s)
	}
	if !ok {
		t, ok = parseWords(s)
	}
	if !ok {
		t, ok = parseUnix(s)
	}
	if !ok || t.Year() < 1970 || t.Year() > 2100 {
		return time.Time{}
	}
	return t.UTC()
}

// parseUsual reads the two ways in which most dates are written, so that the
// expressions below need not be tried on them.
func parseUsual(s string) (time.Time, bool) {
	layout := ""
	switch {
	case len(s) == len("2006-01-02T15:04:05Z") && s[19] == 'Z', len(s) == len(time.RFC3339) && s[19] != 'Z':
		layout = time.RFC3339
	case len(s) == len("Mon, 02 Jan 2006 15:04:05 -0700") && (s[26] == '+' || s[26] == '-'):
		layout = time.RFC1123Z
	case len(s) == len("Mon, 02 Jan 2006 15:04:05 GMT") && s[26:] == "GMT":
		layout = time.RFC1123
	default:
		return time.Time{}, false
	}
	t, err := time.Parse(layout, s)
	return t, err == nil
}

// iso is ISO 8601 as W3C-DTF and RFC 3339 profile it, with the liberties that
// feeds take: a space for the T, no separators, one digit for two, a missing
// zone or seconds, a zone by name.
var iso = regexp.MustCompile(`^(\d{4})(?:[-/.]?(\d{1,2})(?:[-/.]?(\d{1,2}))?)?` +
	`(?:\s*,?\s*(?:T|at|\s)\s*(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,:]\d+)?)?)?\s*(.*)$`)

// ordinal is a year and a day within it.
var ordinal = regexp.MustCompile(`^(\d{4})-?(\d{3})$`)

func parseISO(s string) (time.Time, bool) {
	if m := ordinal.FindStringSubmatch(s); m != nil {
		t, err := time.Parse("2006-002", m[1]+"-"+m[2])
		return t, err == nil
	}
	m := iso.FindStringSubmatch(s)
	if m == nil || m[4] == "" && m[7] != "" || onlyDigits(s) && len(s) != 4 && len(s) != 6 && len(s) != 8 && len(s) != 14 {
		return time.Time{}, false
	}
	if onlyDigits(s) && len(s) == 14 {
		t, err := time.Parse("20060102150405", s)
		return t, err == nil
	}
	c := clock{year: number(m[1]), month: max(1, number(m[2])), day: max(1, number(m[3])), hour: number(m[4]), minute: number(m[5]), second: number(m[6])}
	if m[2] != "" && number(m[2]) == 0 || m[3] != "" && number(m[3]) == 0 {
		return time.Time{}, false
	}
	return c.in(m[7])
}

func onlyDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// parseUnix reads seconds or milliseconds since 1970.
func parseUnix(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		return time.Time{}, false
	case len(s) == 10 || len(s) == 9:
		return time.Unix(n, 0), true
	case len(s) == 13:
		return time.UnixMilli(n), true
	}
	return time.Time{}, false
}

// clock is a date and time before it was checked.
type clock struct{ year, month, day, hour, minute, second int }

// in is the clock in zone, if there is such a time. The 24th hour and the leap
// second are the beginning of what follows.
func (c clock) in(zone string) (time.Time, bool) {
	offset, ok := parseZone(zone)
	if !ok || c.month < 1 || c.month > 12 || c.day < 1 || c.hour > 24 || c.minute > 59 || c.second > 60 ||
		c.hour == 24 && (c.minute > 0 || c.second > 0) {
		return time.Time{}, false
	}
	day := time.Date(c.year, time.Month(c.month), c.day, 0, 0, 0, 0, time.UTC)
	if day.Day() != c.day {
		return time.Time{}, false
	}
	since := time.Duration(c.hour)*time.Hour + time.Duration(c.minute)*time.Minute + time.Duration(c.second)*time.Second
	return day.Add(since - time.Duration(offset)*time.Second), true
}

// zones by name, in hours. A name that stands for several zones has the reading
// that is usual in feeds: those of North America, Europe and India.
var zones = map[string]float64{
	"": 0, "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "zulu": 0, "west": 1, "bst": 1, "cet": 1, "mez": 1, "met": 1, "cest": 2, "mesz": 2, "mest": 2,
	"sast": 2, "cat": 2, "eet": 2, "ist": 5.5, "eest": 3, "msk": 3, "eat": 3, "ast": -4, "adt": -3, "at": -4, "nst": -3.5, "ndt": -2.5, "brt": -3, "brst": -2, "art": -3,
	"est": -5, "edt": -4, "et": -5, "cst": -6, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6, "mt": -7, "pst": -8, "pdt": -7, "pt": -8,
	"akst": -9, "akdt": -8, "hst": -10, "gst": 4, "irst": 3.5, "pkt": 5, "npt": 5.75, "bdt": 6, "mmt": 6.5, "ict": 7, "wib": 7, "wita": 8, "wit": 9,
	"hkt": 8, "sgt": 8, "pht": 8, "myt": 8, "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
	"a": -1, "n": 1, "m": -12, "y": 12, // military zones, as RFC 822, section 5.1, has them
}

var offsetZone = regexp.MustCompile(`^(?:(?:gmt|utc|ut|z|[a-z]{3,4})\s*)?([+\-−])\s*-?(\d{1,2})(?::?(\d{2}))?(?::\d{2})?(?:\s*\(?[a-z ]*\)|\s+[a-z]{2,5}|z)?$`)

// region is a zone by the name of its city. What it was on that day would take
// a table; UTC is at most half a day off.
var region = regexp.MustCompile(`^[a-z]+/[a-z_/]+$`)

// parseZone is the offset of a zone in seconds east of Greenwich.
func parseZone(s string) (int, bool) {
	s = strings.ToLower(strings.Trim(s, " .,"))
	if strings.HasPrefix(s, "(") {
		s = strings.Trim(s, "()")
	}
	if hours, ok := zones[s]; ok {
		return int(hours * 3600), true
	}
	if onlyDigits(s) && (s == "00" || s == "0000") {
		return 0, true
	}
	m := offsetZone.FindStringSubmatch(s)
	if m == nil {
		return 0, region.MatchString(s)
	}
	hours, minutes := number(m[2]), number(m[3])
	if hours > 15 || minutes > 59 {
		return 0, false
	}
	seconds := hours*3600 + minutes*60
	if m[1] != "+" {
		seconds = -seconds
	}
	return seconds, true
}

var (
	clockTime = regexp.MustCompile(`(?i)(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2})(?:[.,]\d+)?)?\s*(a\.?m\.?|p\.?m\.?)?`)
	// hourMinute is the time without a colon: "03 Apr 02 1500 GMT".
	hourMinute = regexp.MustCompile(`(?i)^(.*\pL.*\s\d{2,4})\s+([01]\d|2[0-3])([0-5]\d)\s*(gmt|utc|ut|z|[ecmp][sd]t|[+\-]\d{4})$`)
	hourOnly   = regexp.MustCompile(`(?i)\b(\d{1,2})\s*(a\.?m\.?|p\.?m\.?)`)
	slashed    = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d{2})\b`)
	word       = regexp.MustCompile(`[\p{L}]+|\d+`)
)

// parseWords reads dates with the month as a word in any order, and the
// numeric ones of daily life.
func parseWords(s string) (time.Time, bool) {
	var c clock
	date, zone := s, ""
	if at := findClock(s); at != nil {
		if !c.setTime(group(s, at, 1), group(s, at, 2), group(s, at, 3), group(s, at, 4)) {
			return time.Time{}, false
		}
		date, zone = s[:at[0]], s[at[1]:]
	} else if m := hourMinute.FindStringSubmatch(s); m != nil {
		c.hour, c.minute = number(m[2]), number(m[3])
		date, zone = m[1], m[4]
	} else if at := hourOnly.FindStringSubmatchIndex(s); at != nil {
		if !c.setTime(group(s, at, 1), "0", "0", group(s, at, 2)) {
			return time.Time{}, false
		}
		date, zone = s[:at[0]], s[at[1]:]
	}
	date, zone = yearAfterTime(date, zone)
	if date, zone = zoneAfterDate(date, zone); !c.setDate(date) {
		return time.Time{}, false
	}
	return c.in(zone)
}

// findClock finds the time of day in s. "01.03" is none if a year follows.
func findClock(s string) []int {
	for _, at := range clockTime.FindAllStringSubmatchIndex(s, 5) {
		if !slashed.MatchString(s[at[0]:]) {
			return at
		}
	}
	return nil
}

func group(s string, at []int, n int) string {
	if at[2*n] < 0 {
		return ""
	}
	return s[at[2*n]:at[2*n+1]]
}

var (
	trailingYear = regexp.MustCompile(`(?:^|\s)(\d{4})\s*$`)
	dateAfter    = regexp.MustCompile(`^\s*,?\s*(\d{1,2}[./\- ]\s*(?:\d{1,2}|\p{L}+)[./\- ]\s*\d{4})`)
	zoneInDate   = regexp.MustCompile(`(?i)\s+(?:00\s+|\()?((?:gmt|utc)?\s*[+\-]\d{2}:?\d{2}|gmt|utc|[ecmp][sd]t)\)?\s*$`)
)

// yearAfterTime moves a date that stands behind the time to where it belongs:
// "Mon Jan 2 15:04:05 MST 2006", "15:04 02.01.2006".
func yearAfterTime(date, zone string) (string, string) {
	if m := dateAfter.FindStringSubmatchIndex(zone); m != nil && !strings.ContainsFunc(date, isDigit) {
		return zone[m[2]:m[3]], zone[m[1]:]
	}
	if m := trailingYear.FindStringSubmatchIndex(zone); m != nil && strings.ContainsFunc(date, isDigit) && !trailingYear.MatchString(date) {
		return date + " " + zone[m[2]:m[3]], zone[:m[0]]
	}
	return date, zone
}

// zoneAfterDate takes the zone off a date that has no time.
func zoneAfterDate(date, zone string) (string, string) {
	if zone != "" {
		return date, zone
	}
	if m := zoneInDate.FindStringSubmatchIndex(date); m != nil {
		return date[:m[0]], date[m[2]:m[3]]
	}
	return date, zone
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func (c *clock) setTime(hour, minute, second, half string) bool {
	c.hour, c.minute, c.second = number(hour), number(minute), number(second)
	switch half = strings.ToLower(half); {
	case half == "":
		return true
	case c.hour > 12:
		return c.hour < 24 // "15:04 PM" says it twice
	case half[0] == 'p' && c.hour < 12:
		c.hour += 12
	case half[0] == 'a' && c.hour == 12:
		c.hour = 0
	}
	return true
}

// setDate reads a date: numeric, or with its month as a word. Of two numbers
// that could both be the month the first is the day, as most of the world has
// it; a number over 12 decides.
func (c *clock) setDate(s string) bool {
	s = strings.TrimSpace(s)
	if t, ok := parseISO(strings.Trim(s, " ,")); ok && len(s) >= 8 {
		c.year, c.month, c.day = t.Year(), int(t.Month()), t.Day()
		return true
	}
	words := word.FindAllString(s, -1)
	if m := slashed.FindStringSubmatch(s); m != nil {
		return c.setNumeric(number(m[1]), number(m[3]), m[4], m[2] == "/")
	}
	var numbers []string
	for i, w := range words {
		switch month := monthNamed(w); {
		case onlyDigits(w):
			numbers = append(numbers, w)
		case month > 0 && (c.month == 0 || dayNamed(words[0])):
			c.month = month // "mar., 01 déc." begins with a Tuesday
		case dayNamed(w), i > 0 && isFiller(w):
		default:
			return false
		}
	}
	if c.month == 0 && len(numbers) == 3 { // "Mon, 2006-01-02"
		return len(numbers[0]) == 4 && c.setNumeric(number(numbers[2]), number(numbers[1]), numbers[0], false) ||
			len(numbers[2]) == 4 && c.setNumeric(number(numbers[0]), number(numbers[1]), numbers[2], false)
	}
	if c.month > 0 && len(numbers) == 1 && len(numbers[0]) == 4 {
		return c.setNumeric(1, c.month, numbers[0], false)
	}
	if c.month == 0 || len(numbers) != 2 {
		return false
	}
	if len(numbers[0]) == 4 {
		numbers[0], numbers[1] = numbers[1], numbers[0]
	}
	return c.setNumeric(number(numbers[0]), c.month, numbers[1], false)
}

// setNumeric sets day, month and year; swap allows that the month came first.
func (c *clock) setNumeric(day, month int, year string, swap bool) bool {
	if month > 12 && day <= 12 && swap {
		day, month = month, day
	}
	c.day, c.month, c.year = day, month, number(year)
	switch len(year) {
	case 2:
		c.year += 1900
		if c.year < 1970 {
			c.year += 100
		}
	case 4:
	default:
		return false
	}
	return true
}

func isFiller(w string) bool {
	switch strings.ToLower(w) {
	case "st", "nd", "rd", "th", "at", "de", "of", "um", "den", "le", "à", "kl", "uhr", "t", "o", "г":
		return true
	}
	return false
}

// monthNamed is the number of the month that w names in one of the languages of
// our publishers, in full or shortened; 0 if none.
func monthNamed(w string) int {
	w = strings.ToLower(w)
	for i, names := range months {
		for name := range strings.FieldsSeq(names) {
			if stem, short := strings.CutSuffix(name, "*"); w == stem || short && strings.HasPrefix(w, stem) {
				return i + 1
			}
		}
	}
	return 0
}

// months by name: English, German, French, Spanish, Italian, Portuguese, Dutch,
// the Scandinavian languages, Polish, Czech, Russian, Turkish, Indonesian. "*"
// stands for any ending.
var months = [12]string{
	"jan* jän* gen* ene* sty* led* янв* ocak oca",
	"feb* fév* fev* lut* úno* фев* şubat şub",
	"mar mars march mär* maart mrt marz* marc* març* brez* мар* mart mrz maret",
	"apr* avr* abr* dub* kwi* апр* nis*",
	"may mai maj mag* mei mayo maio máj kvě* май мая mayıs",
	"jun* juin giu* cze* červen июн* haz*",
	"jul* juil* lug* lip* červenec июл* tem*",
	"aug* aoû* aou* ago* sie* srp* авг* ağu* agu*",
	"sep* set* wrz* zář* сен* eyl*",
	"oct* okt* ott* out* paź* říj* окт* eki*",
	"nov* lis* ноя* kas*",
	"dec* dez* déc* dic* gru* pro* дек* ara* des*",
}

// dayNamed reports whether w can be the name of a weekday. The name is not
// checked against the date: publishers get it wrong more often than the date.
func dayNamed(w string) bool {
	switch w = strings.ToLower(w); w {
	case "t", "th", "st", "nd", "rd":
		return false
	}
	return len([]rune(w)) >= 2 && monthNamed(w) == 0 && !isZoneName(w) || w == "mar" || w == "mars"
}

func isZoneName(w string) bool {
	_, ok := zones[strings.ToLower(w)]
	return ok
}
