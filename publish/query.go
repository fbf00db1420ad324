package publish

import (
	"net/url"
	"strconv"
	"strings"
)

// maxSources is how many publishers one may ask for. No story has more, and
// each number is a document of its own.
const maxSources = 99

// What is wrong with a parameter, for whoever wrote the address.
const (
	wrongBefore  = "?before= is a position in the topic's log, as the address of the next page has it."
	wrongSources = "?sources= is a number of publishers, from 1 to 99."
)

// parsePart reads the query of a topic's address. Parameters that we do not know
// are ignored, since readers and links add their own; one that we know must be
// right, and stand there once; else wrong says what is.
func parsePart(query string) (p Part, wrong string) {
	if query == "" {
		return p, ""
	}
	seen := map[string]bool{}
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "before":
			wrong = wrongBefore
		case "sources":
			wrong = wrongSources
		default:
			continue
		}
		value, err := url.QueryUnescape(value)
		n, ok := parseNumber(value)
		if err != nil || !ok || n == 0 || seen[name] || name == "sources" && n > maxSources {
			return Part{}, wrong
		}
		seen[name] = true
		if name == "before" {
			p.Before = n
		} else if n > 1 { // one publisher every story has
			p.Sources = int(n)
		}
	}
	return p, ""
}

// parseNumber reads decimal digits as we print them.
func parseNumber(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil && strconv.FormatUint(n, 10) == s
}
