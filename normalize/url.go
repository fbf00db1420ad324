package normalize

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxAddress bounds an address; browsers and servers give up far below it.
const maxAddress = 8 << 10

func parseBase(s string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || !u.IsAbs() || u.Opaque != "" {
		return nil
	}
	return u
}

// rebase is the base inside an element with xml:base ref. One that is no
// address, or none of the web, changes nothing.
func rebase(base *url.URL, ref string) *url.URL {
	abs := parseBase(resolve(base, ref))
	if abs == nil || abs.Scheme != "http" && abs.Scheme != "https" {
		return base
	}
	return abs
}

// resolve makes an address absolute (RFC 3986, section 5.2). What is absolute
// stays as it is written, apart from white space; "" stays "", since an empty
// element is no reference to its own document.
func resolve(base *url.URL, ref string) string {
	ref = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, strings.TrimSpace(ref))
	if ref == "" || len(ref) > maxAddress {
		return ""
	}
	ref = strings.ReplaceAll(ref, " ", "%20")
	if strings.HasPrefix(strings.ToLower(ref), "http://") || strings.HasPrefix(strings.ToLower(ref), "https://") {
		return ref
	}
	u, err := url.Parse(ref)
	if err != nil {
		u, err = url.Parse(strayPercent(ref))
	}
	if err != nil {
		return ""
	}
	if u.IsAbs() || base == nil {
		return ref
	}
	return readable(base.ResolveReference(u).String(), ref)
}

// readable undoes the escapes that resolving put on the letters of ref: an
// address in a publisher's own script stays in it (RFC 3987).
func readable(address, ref string) string {
	if strings.IndexFunc(ref, func(r rune) bool { return r >= 0x80 }) < 0 {
		return address
	}
	var b strings.Builder
	for i := 0; i < len(address); {
		if r, size := escapedRune(address[i:]); unicode.IsLetter(r) || unicode.IsMark(r) {
			b.WriteRune(r)
			i += size
			continue
		}
		b.WriteByte(address[i])
		i++
	}
	return b.String()
}

// escapedRune is the character beyond ASCII whose escapes s begins with, and
// their length; 0 if there is none.
func escapedRune(s string) (rune, int) {
	var bytes [utf8.UTFMax]byte
	for n := range bytes {
		if len(s) < 3*n+3 || s[3*n] != '%' || !isHex(s[3*n+1]) || !isHex(s[3*n+2]) {
			break
		}
		bytes[n] = unhex(s[3*n+1])<<4 | unhex(s[3*n+2])
		if r, size := utf8.DecodeRune(bytes[:n+1]); size == n+1 && r >= 0x80 && r != utf8.RuneError {
			return r, 3 * size
		}
	}
	return 0, 0
}

// strayPercent escapes percent signs that begin no escape.
func strayPercent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			b.WriteString("%25")
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// webAddress is ref resolved against base if that is an address of the web
// that a reader can follow, else "".
func webAddress(base *url.URL, ref string) string {
	if plainAddress(ref) {
		return ref
	}
	s := resolve(base, ref)
	u, err := url.Parse(s)
	if err != nil {
		s = strayPercent(s)
		u, err = url.Parse(s)
	}
	if err != nil || len(s) > maxAddress || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return s
}

// plainAddress reports an address of the web in which nothing can be wrong, as
// most are: a host of letters, and no character that needs a second look.
func plainAddress(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "http://"); !ok {
			return false
		}
	}
	if len(s) > maxAddress || rest == "" || rest[0] == '/' || rest[0] == '?' || rest[0] == '#' {
		return false
	}
	inHost := true
	for i := range len(rest) {
		switch c := rest[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		case c == '/', c == '?':
			inHost = false
		case inHost || strings.IndexByte("~=&+,;!$*()@:", c) < 0:
			return false
		}
	}
	return true
}

// Canonical returns the form in which addresses are compared. It is "" if the
// address can stand for no entry by itself: it is not of the web, or has no
// path and no query beyond "/" or the file that a server takes for it.
//
// Equal are: http and https; hosts with and without "www.", and the mobile and
// AMP hosts "m.", "mobile." and "amp." in front of a registrable domain; AMP
// forms of a path (/amp at its end, .amp.html, ?amp=1); addresses with and
// without a default port, user, fragment, trailing slash or tracking
// parameters, in whatever order their parameters stand. A redirect of Google
// that carries its target is its target. Paths keep their case: servers may
// tell them apart.
func Canonical(rawURL string) string {
	u := parseWeb(rawURL)
	if u == nil {
		return ""
	}
	host, path, query := canonicalHost(u), canonicalPath(u), canonicalQuery(u.RawQuery)
	if host == "" || query == "" && (path == "" || frontPages[strings.ToLower(path)]) {
		return ""
	}
	if isRedirect(host, path) {
		for _, name := range []string{"url", "q"} {
			if target := Canonical(parameter(query, name)); target != "" { // shorter than rawURL: this ends
				return target
			}
		}
	}
	if query != "" {
		query = "?" + query
	}
	address := "https://" + host + path + query
	if len(address) > maxAddress {
		return "" // it grew by its escapes
	}
	return address
}

// frontPages are the files that servers send for "/".
var frontPages = map[string]bool{
	"/index.html": true, "/index.htm": true, "/index.shtml": true, "/index.xhtml": true, "/index.php": true, "/index.asp": true, "/index.aspx": true,
	"/index.jsp": true, "/index.cgi": true, "/default.html": true, "/default.htm": true, "/default.asp": true, "/default.aspx": true,
}

func partsPairs(r rune) bool { return r == '&' || r == ';' }

// parameter is the first value that has that name in query, which is taken
// apart as [canonicalQuery] does it.
func parameter(query, name string) string {
	for pair := range strings.FieldsFuncSeq(query, partsPairs) {
		if n, value, _ := strings.Cut(pair, "="); n == name {
			value, _ = url.QueryUnescape(strayPercent(value))
			return value
		}
	}
	return ""
}

func parseWeb(rawURL string) *url.URL {
	s := resolve(nil, rawURL)
	u, err := url.Parse(s)
	if err != nil {
		u, err = url.Parse(strayPercent(s))
	}
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return u
}

// isRedirect reports the canonical host and path of a redirect of Google's
// search or news, whose address says where it leads.
func isRedirect(host, path string) bool {
	return (path == "/url" || path == "/news/url") && (strings.HasPrefix(host, "google.") || strings.HasPrefix(host, "news.google."))
}

// canonicalHost is in ASCII, without the prefixes by which publishers serve the
// same page for other screens. They go only where a registrable domain is left:
// "m.com" is a domain of its own.
func canonicalHost(u *url.URL) string {
	host := strings.TrimRight(strings.ToLower(u.Hostname()), ".")
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	if host == "" || strings.ContainsAny(host, " /?#@%") {
		return ""
	}
	for again := true; again; {
		again = false
		for _, prefix := range []string{"www.", "m.", "mobile.", "amp."} {
			rest, has := strings.CutPrefix(host, prefix)
			if _, err := publicsuffix.EffectiveTLDPlusOne(rest); has && err == nil && strings.Contains(rest, ".") {
				host, again = rest, true
			}
		}
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // IPv6
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	return host
}

// canonicalPath drops dot segments, AMP forms and trailing slashes.
func canonicalPath(u *url.URL) string {
	escaped := normalEscapes(u.EscapedPath()) // before dots are resolved: "%2e" is one
	path := (&url.URL{Path: "/"}).ResolveReference(&url.URL{Path: u.Path, RawPath: escaped}).EscapedPath()
	path = normalEscapes(path)
	for {
		before := path
		path = strings.TrimRight(path, "/")
		path = strings.TrimSuffix(path, "/amp")
		if stem, ok := strings.CutSuffix(path, ".amp.html"); ok {
			path = stem + ".html"
		}
		if stem, ok := strings.CutSuffix(path, ".amp"); ok && !strings.HasSuffix(stem, "/.") && !strings.HasSuffix(stem, "/..") {
			path = stem // else it would be a dot segment
		}
		if path == before {
			return path
		}
	}
}

// normalEscapes writes percent-escapes in one way: none for the characters that
// need none (RFC 3986, section 6.2.2.2), capitals in the others.
func normalEscapes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
			if !unreserved(c) {
				writeEscape(&b, c)
				continue
			}
		} else if c == '%' || c <= ' ' || c >= 0x7f {
			writeEscape(&b, c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func writeEscape(b *strings.Builder, c byte) {
	const hex = "0123456789ABCDEF"
	b.WriteByte('%')
	b.WriteByte(hex[c>>4])
	b.WriteByte(hex[c&15])
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// canonicalQuery drops what tracks and sorts the rest.
func canonicalQuery(query string) string {
	if query == "" {
		return ""
	}
	var kept []string
	for pair := range strings.FieldsFuncSeq(query, partsPairs) {
		name, value, _ := strings.Cut(pair, "=")
		pair = normalEscapes(strings.TrimRight(pair, "="))
		if pair != "" && !isTracking(strings.ToLower(name)) && !isAMP(strings.ToLower(name), strings.ToLower(value)) {
			kept = append(kept, pair)
		}
	}
	slices.Sort(kept)
	return strings.Join(slices.Compact(kept), "&")
}

func isAMP(name, value string) bool {
	switch name {
	case "amp":
		return value == "" || value == "1" || value == "true"
	case "outputtype":
		return value == "amp"
	}
	return false
}

// isTracking reports whether a parameter only says where the reader came from.
// The list holds what publishers of news and the services around them use. A
// name that can also choose an article (id, p, ref, source, medium, from, page)
// is never on it: two addresses too many are better than two articles as one.
func isTracking(name string) bool {
	for _, prefix := range []string{"utm_", "at_", "mtm_", "piwik_", "pk_", "hsa_", "_hs", "__hs", "oly_", "vero_", "wt.", "xtor", "mc_", "itm_", "int_cmp", "guce_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return trackers[name]
}

var trackers = map[string]bool{
	"fbclid": true, "gclid": true, "gclsrc": true, "dclid": true, "wbraid": true, "gbraid": true, "msclkid": true, "yclid": true,
	"twclid": true, "ttclid": true, "igshid": true, "igsh": true, "li_fat_id": true, "mkt_tok": true, "_ga": true, "_gl": true,
	"ns_mchannel": true, "ns_campaign": true, "ns_source": true, "ns_linkname": true, "ns_fee": true, "ito": true, "smid": true,
	"smtyp": true, "cmp": true, "cmpid": true, "ocid": true, "ncid": true, "icid": true, "icmp": true,
	"s_cid": true, "soc_src": true, "soc_trk": true, "sr_share": true, "taid": true, "wprss": true, "ftag": true, "ftcamp": true,
	"guccounter": true, "maca": true, "feedtype": true, "feedname": true, "cmpid_rss": true, "tpcc": true,
	"traffic_source": true, "spm": true, "ref_src": true, "ref_url": true, "__twitter_impression": true,
	"__source": true, "intcid": true, "intcmp": true, "src_rss": true, "output_rss": true, "wt_mc": true, "wt_zmc": true, "ss_source": true, "ss_campaign_id": true,
	"trk": true, "trkcampaign": true, "sc_campaign": true, "sc_channel": true, "s_kwcid": true, "epik": true, "zanpid": true,
	"utm": true, "dm_i": true, "ml_subscriber": true, "ml_subscriber_hash": true, "rb_clickid": true, "irclickid": true,
}
