package fetcher

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"copydesk"
)

// Limits on what a document can name: hubs, and the length of an address.
const (
	maxHubs = 5
	maxLink = 2048
)

// Advertised returns f with the hubs and the self address that its document
// names: those of the Link headers, each relation for itself, before those that
// stand in the document and are in f already (WebSub, section 4). Addresses
// that cannot be asked are left out. A document that has hubs and does not say
// what it is called is called by the address that answered.
func Advertised(f copydesk.FeedInfo, doc copydesk.Document) copydesk.FeedInfo {
	base, err := url.Parse(doc.URL)
	if err != nil {
		base = new(url.URL)
	}
	hubs, selves := linked(doc.Header, base, "hub"), linked(doc.Header, base, "self")
	if len(hubs) == 0 {
		hubs = f.Hubs
	}
	if len(selves) == 0 {
		selves = []string{f.Self}
	}
	f.Hubs, f.Self = nil, linkTarget(base, selves[0])
	for _, h := range hubs {
		if h = linkTarget(base, h); h != "" && !slices.Contains(f.Hubs, h) && len(f.Hubs) < maxHubs {
			f.Hubs = append(f.Hubs, h)
		}
	}
	f.ReadAt = ""
	if len(f.Hubs) > 0 {
		f.ReadAt = linkTarget(base, doc.URL)
		if base.RawQuery == "" { // which could hold a secret that no hub need know
			f.Self = cmp.Or(f.Self, f.ReadAt)
		}
	}
	return f
}

// linked are the targets of the Link headers of a relation, in their order.
func linked(h http.Header, base *url.URL, rel string) (targets []string) {
	for _, line := range h["Link"] {
		for _, l := range parseLinks(line) {
			if target := linkTarget(base, l.target); target != "" && l.is(rel) {
				targets = append(targets, target)
			}
		}
	}
	return targets
}

// linkTarget is an address that can be asked, or "".
func linkTarget(base *url.URL, ref string) string {
	if ref == "" || len(ref) > maxLink {
		return ""
	}
	u, err := base.Parse(ref)
	if err != nil || askable(u) != nil || u.User != nil {
		return ""
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}

// link is one member of a Link header (RFC 8288, section 3).
type link struct {
	target string
	rel    string // relations, separated by spaces; of several parameters the first
	anchor bool   // it is about another document
}

func (l link) is(rel string) bool {
	return !l.anchor && slices.ContainsFunc(strings.Fields(l.rel), func(r string) bool { return strings.EqualFold(r, rel) })
}

// parseLinks reads a Link header as RFC 8288, appendix B.2 has it: what is no
// link ends the reading, what is odd in a parameter does not.
func parseLinks(line string) (links []link) {
	const most = 100
	for len(links) < most {
		line = strings.TrimLeft(line, " \t,")
		rest, ok := strings.CutPrefix(line, "<")
		if !ok {
			return links
		}
		var l link
		if l.target, line, ok = strings.Cut(rest, ">"); !ok {
			return links
		}
		l.target = strings.TrimSpace(l.target)
		line = l.parameters(line)
		links = append(links, l)
	}
	return links
}

// parameters reads what follows a target, up to the comma before the next, and
// returns the rest.
func (l *link) parameters(s string) (rest string) {
	seen := false
	for {
		s = strings.TrimLeft(s, " \t")
		if !strings.HasPrefix(s, ";") {
			if i := strings.IndexByte(s, ','); i >= 0 {
				return s[i+1:]
			}
			return ""
		}
		s = strings.TrimLeft(s[1:], " \t")
		end := strings.IndexAny(s, "=;,")
		if end < 0 {
			end = len(s)
		}
		name, value := strings.ToLower(strings.TrimSpace(s[:end])), ""
		if s = s[end:]; strings.HasPrefix(s, "=") {
			value, s = parameterValue(strings.TrimLeft(s[1:], " \t"))
		}
		switch {
		case name == "rel" && !seen:
			l.rel, seen = value, true
		case name == "anchor":
			l.anchor = true
		}
	}
}

// parameterValue reads a token or a quoted string.
func parameterValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ";,")
		if end < 0 {
			end = len(s)
		}
		return strings.TrimSpace(s[:end]), s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}
