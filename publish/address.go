package publish

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// absolute returns raw as an address that can be printed anywhere: http or
// https with a host, without user name and password, in ASCII. Characters that
// RFC 3986 forbids are percent-encoded, hosts are in their ASCII form; what is
// encoded already stays as it is. Anything else comes to "".
func absolute(raw string) string {
	raw = strings.TrimSpace(clean(raw))
	scheme, rest, ok := strings.Cut(raw, ":")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "http" && scheme != "https" || !strings.HasPrefix(rest, "//") {
		return ""
	}
	rest = rest[2:]
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	if strings.HasPrefix(tail, "\\") { // which browsers read as a slash
		tail = "/" + tail[1:]
	}
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	host := asciiHost(authority)
	if host == "" {
		return ""
	}
	return scheme + "://" + host + percent(tail)
}

// asciiHost is host[:port] in ASCII, or "" if it is none.
func asciiHost(authority string) string {
	host, port, suffix := authority, "", ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		host, port = authority[:i], authority[i+1:]
		if port != "" {
			if _, err := strconv.ParseUint(port, 10, 16); err != nil {
				return ""
			}
			suffix = ":" + port
		}
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		ip, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		if err != nil || !ip.Is6() || ip.Zone() != "" || ip.Is4In6() {
			return ""
		}
		return "[" + ip.String() + "]" + suffix
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return ""
		}
		host = ascii
	}
	if strings.Trim(host, ".") == "" || strings.ContainsFunc(host, func(r rune) bool {
		return !isAlnum(r) && r != '.' && r != '-' && r != '_'
	}) {
		return ""
	}
	return host + suffix
}

const hexDigits = "0123456789ABCDEF"

// percent encodes what may not stand in the path, query or fragment of an
// address. A percent sign that begins no escape and a second # are encoded as well.
func percent(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '%' || r == '#' || !inAddress(r) }) {
		return s
	}
	var b strings.Builder
	fragment := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]), c == '#' && !fragment, c != '#' && inAddress(rune(c)):
			fragment = fragment || c == '#'
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

func inAddress(r rune) bool {
	return r < 0x80 && (isAlnum(r) || strings.IndexByte(";/?:@&=+$.-_!~*'(),", byte(r)) >= 0)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// secrets are the query parameters by which paid and personal feeds know
// their reader.
var secrets = []string{"access_token", "api_key", "apikey", "auth", "auth_token", "authkey", "authtoken",
	"key", "pass", "passwd", "password", "pwd", "secret", "sig", "signature", "token"}

// public is the address of a source as strangers may see it: without user name
// and password, and without the parameters that are usually secrets. It is a
// guard against accidents; a private source is never printed at all.
func public(raw string) string {
	address := absolute(raw)
	head, fragment, _ := strings.Cut(address, "#")
	base, query, ok := strings.Cut(head, "?")
	if !ok {
		return address
	}
	kept := slices.DeleteFunc(strings.Split(query, "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(secrets, strings.ToLower(name))
	})
	if len(kept) == strings.Count(query, "&")+1 {
		return address
	}
	if len(kept) > 0 {
		base += "?" + strings.Join(kept, "&")
	}
	if fragment != "" {
		base += "#" + fragment
	}
	return base
}

// domain is the host of an address, as people say it.
func domain(address string) string {
	_, rest, _ := strings.Cut(absolute(address), "://")
	if i := strings.IndexAny(rest, "/?#:"); i >= 0 && !strings.HasPrefix(rest, "[") {
		rest = rest[:i]
	}
	return strings.TrimPrefix(rest, "www.")
}

var (
	uuidURN = regexp.MustCompile(`^(?i)urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	anyURN  = regexp.MustCompile(`^(?i:urn):[a-zA-Z0-9][a-zA-Z0-9-]{1,31}:([a-zA-Z0-9()+,.:=@;$_!*'-]|%[0-9A-Fa-f]{2})+$`)                       // RFC 2141
	tagURI  = regexp.MustCompile(`^tag:([a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(-\d{2}(-\d{2})?)?:([a-zA-Z0-9;/?:@&=+$.\-_!~*'(),]|%[0-9A-Fa-f]{2})*$`) // RFC 4151
)

// canonical is an id of the web in the form of which validators say that no
// other means the same (RFC 3986, section 6.2): small letters in the host, no port
// that goes without saying, a path, and no escapes of what needs none. It is ""
// for a path that leads back. Other ids stay as they are.
func canonical(id string) string {
	scheme, rest, ok := strings.Cut(id, "://")
	if !ok || scheme != "http" && scheme != "https" {
		return id
	}
	at := strings.IndexAny(rest, "/?#")
	if at < 0 {
		at = len(rest)
	}
	host, tail := strings.ToLower(rest[:at]), rest[at:]
	host = strings.TrimSuffix(strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme]), ":")
	if !strings.HasPrefix(tail, "/") {
		tail = "/" + tail
	}
	if path := tail[:strings.IndexAny(tail+"?", "?#")] + "/"; strings.Contains(path, "/./") || strings.Contains(path, "/../") {
		return ""
	}
	return scheme + "://" + host + escapes.ReplaceAllStringFunc(tail, func(escape string) string {
		c, err := strconv.ParseUint(escape[1:], 16, 8)
		if err == nil && (isAlnum(rune(c)) || strings.IndexByte("-._~", byte(c)) >= 0) {
			return string(rune(c))
		}
		return strings.ToUpper(escape)
	})
}

var escapes = regexp.MustCompile(`%[0-9a-fA-F]{2}`)

// feedID is a publisher's feed id if it is one that can be repeated: an
// absolute IRI of a scheme whose syntax we can judge. Otherwise "".
func feedID(id string) string {
	id = strings.TrimSpace(id)
	switch scheme, _, _ := strings.Cut(strings.ToLower(id), ":"); scheme {
	case "http", "https":
		return public(id)
	case "tag":
		return tagURI.FindString(id)
	case "urn":
		if strings.HasPrefix(strings.ToLower(id), "urn:uuid:") {
			return uuidURN.FindString(id)
		}
		return anyURN.FindString(id)
	}
	return ""
}
