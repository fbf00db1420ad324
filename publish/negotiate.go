package publish

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"copydesk"
)

// codings are what we serve, the smallest first, identity last: the variants of
// each document.
var codings = [...]string{"zstd", "gzip", identity}

// choose returns the variant that the client wants most, the smaller one of
// equals (RFC 9110, section 12.5.3). A client that says nothing gets identity,
// and so does one that forbids all we have: bytes help it more than a 406.
func (p *Pressed) choose(acceptEncoding []string) *variant {
	switch {
	case len(acceptEncoding) == 0:
		return &p.variants[len(codings)-1]
	case len(acceptEncoding) == 1 && strings.IndexByte(acceptEncoding[0], ';') < 0: // as nearly always
		return &p.variants[firstNamed(acceptEncoding[0])]
	}
	return &p.variants[preferred(acceptEncoding)]
}

// firstNamed is preferred for a list without weights; it allocates nothing.
func firstNamed(list string) int {
	best := len(codings) - 1
	for more := true; more; {
		var name string
		name, list, more = strings.Cut(list, ",")
		switch name = strings.TrimSpace(name); {
		case strings.EqualFold(name, codings[0]), name == "*":
			return 0
		case strings.EqualFold(name, codings[1]), strings.EqualFold(name, "x-gzip"):
			best = 1
		}
	}
	return best
}

// preferred is the index of the coding that a client wants most.
func preferred(acceptEncoding []string) int {
	wish := parseWeights(acceptEncoding)
	best, bestWeight := len(codings)-1, 0.0
	for i, coding := range codings {
		if q := wish.of(coding); q > bestWeight {
			best, bestWeight = i, q
		}
	}
	return best
}

// weights are what a client says of content codings or media types.
type weights map[string]float64

// of is the weight of coding: as said, else as said of all others. What the
// client does not mention it does not want, identity excepted.
func (w weights) of(coding string) float64 {
	if q, ok := w[coding]; ok {
		return q
	}
	if q, ok := w["*"]; ok {
		return q
	}
	if coding == identity {
		return 0.0001
	}
	return 0
}

// parseWeights reads a list such as "gzip;q=0.5, br". A weight that is none
// counts as zero. At most 32 members are read.
func parseWeights(lines []string) weights {
	w := weights{}
	for _, s := range lines {
		for member := range strings.SplitSeq(s, ",") {
			if len(w) == 32 {
				return w
			}
			name, parameters, _ := strings.Cut(member, ";")
			name = strings.ToLower(strings.TrimSpace(name))
			if name == "x-gzip" { // RFC 9110, section 8.4.1.3
				name = "gzip"
			}
			if name != "" {
				w[name] = weight(parameters)
			}
		}
	}
	return w
}

func weight(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(parameter, "=")
		if strings.EqualFold(strings.TrimSpace(key), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !(q >= 0 && q <= 1) {
				return 0
			}
			return q
		}
	}
	return 1
}

// current reports whether the client's copy is as good as p, and under which
// tag it has it. If-None-Match decides alone where it is given; the date is
// asked only without it (RFC 9110, section 13.2.2).
func (p *Pressed) current(h http.Header, chosen *variant) (tag []string, ok bool) {
	if tags := h["If-None-Match"]; len(tags) > 0 {
		if tags[0] == chosen.tag[0] && len(tags) == 1 { // as nearly always
			return chosen.tag, true
		}
		return p.match(strings.Join(tags, ","), chosen)
	}
	since := h.Get("If-Modified-Since")
	if since == "" || p.lastModified == nil {
		return nil, false
	}
	t, err := http.ParseTime(since)
	return chosen.tag, err == nil && !p.modified.After(t)
}

// match compares as RFC 9110, section 8.8.3.2 calls weak, and takes any coding
// of the same document for it: proxies put suffixes of their own on a tag. It
// returns the tag that the client named, if we know that one, since a cache
// finds by it what it may keep (RFC 9111, section 4.3.4).
func (p *Pressed) match(list string, chosen *variant) (tag []string, ok bool) {
	if strings.TrimSpace(list) == "*" {
		return chosen.tag, true
	}
	for list != "" {
		var opaque string
		opaque, list = nextTag(list)
		switch v := p.named(opaque); {
		case v == chosen:
			return chosen.tag, true
		case v != nil && !ok:
			tag, ok = v.tag, true
		case v == nil && !ok && p.suffixed(opaque):
			tag, ok = chosen.tag, true
		}
	}
	return tag, ok
}

// nextTag cuts the first entity tag from a list and returns it without W/ and
// quotes. What stands outside quotes is taken as it is: some clients lose them.
func nextTag(list string) (opaque, rest string) {
	list = strings.TrimLeft(list, " \t,")
	list = strings.TrimPrefix(list, "W/")
	if quoted, ok := strings.CutPrefix(list, `"`); ok {
		opaque, rest, _ = strings.Cut(quoted, `"`)
		return opaque, rest
	}
	opaque, rest, _ = strings.Cut(list, ",")
	return strings.TrimSpace(opaque), rest
}

func (p *Pressed) named(opaque string) *variant {
	for i := range p.variants {
		v := &p.variants[i]
		if tag := v.tag[0]; tag[1:len(tag)-1] == opaque {
			return v
		}
	}
	return nil
}

// tagged reports whether opaque is a tag of the document with that hash, in
// whatever coding.
func tagged(opaque string, hash copydesk.Digest) bool {
	rest, ok := strings.CutPrefix(opaque, hex.EncodeToString(hash[:]))
	return ok && (rest == "" || strings.IndexByte("-;:+_", rest[0]) >= 0)
}

// tagsOf are the entity tags of a list, without W/ and quotes.
func tagsOf(lines []string) (tags []string) {
	for list := strings.Join(lines, ","); list != "" && len(tags) < 32; {
		var opaque string
		if opaque, list = nextTag(list); opaque != "" {
			tags = append(tags, opaque)
		}
	}
	return tags
}

// wantsDelta reports whether a client takes only what is new of a feed (RFC
// 3229, with the instance manipulation that feed readers know).
func wantsDelta(aim []string) bool { return len(aim) > 0 && parseWeights(aim)["feed"] > 0 }

// suffixed reports whether opaque is our hash with a suffix that we do not
// know: "-br", ";gzip", "--gzip".
func (p *Pressed) suffixed(opaque string) bool { return tagged(opaque, p.hash) }

// wantsFeed reports whether a client asks for a feed and not for a page: it
// names a feed's type and no page's. Readers that add */* still want the feed.
func wantsFeed(accept []string) bool {
	feed := false
	for name, q := range parseWeights(accept) {
		switch name {
		case "text/html", "application/xhtml+xml":
			if q > 0 {
				return false
			}
		case "application/atom+xml", "application/rss+xml", "application/rdf+xml", "application/feed+json", "application/xml", "text/xml":
			feed = feed || q > 0
		}
	}
	return feed
}

// How long an edition may be kept unasked, at the least and at the most.
const (
	minAge = time.Minute
	maxAge = 15 * time.Minute
)

// age is how long an edition may be kept: until a source of its topic is due.
// Without a next poll it is as long as we ever say.
func age(next, now time.Time) time.Duration {
	if next.IsZero() {
		return maxAge
	}
	return min(max(next.Sub(now), minAge), maxAge)
}
