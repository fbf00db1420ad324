// Package publishtest holds served documents to their specifications: RFC 4287
// and RFC 5005, RSS 2.0 with the profile of the RSS Advisory Board, JSON Feed 1.1
// and OPML 2.0, and to what the feed validator of the W3C reports beyond those.
// Where a rule is that validator's, a failure begins with the name of its
// message, by which its documentation explains it.
//
// What it reports and is no rule here: DuplicateUpdated, since two stories may
// have changed in one second; that an only archive is ArchiveIncomplete, since
// there is no other one to link; that a file is at a host of the own network
// (InvalidURLAttribute); what publishers write in their own words
// (mojibake as BadCharacters, markup in the title of a link); and dates that are wrong at their source, for
// which there is [Plausible].
package publishtest

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// T is a test, of package testing or rapid.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Node is an XML element as it was read.
type Node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []Node     `xml:",any"`
	Text     string     `xml:",chardata"`
	Raw      string     `xml:",innerxml"`
}

// All returns the children of that name, of whatever namespace.
func (n Node) All(local string) (found []Node) {
	for _, c := range n.Children {
		if c.XMLName.Local == local {
			found = append(found, c)
		}
	}
	return found
}

// in returns the children of that name and namespace.
func (n Node) in(space, local string) []Node {
	return slices.DeleteFunc(n.All(local), func(c Node) bool { return c.XMLName.Space != space })
}

// Attr returns the value of an attribute, or "".
func (n Node) Attr(local string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// The namespaces of what we serve, by the prefixes that everybody knows them by
// (NonstdPrefix, ReservedPrefix).
var namespaces = map[string]string{
	"content": "http://purl.org/rss/1.0/modules/content/", "dc": "http://purl.org/dc/elements/1.1/", "media": "http://search.yahoo.com/mrss/",
	"fh": "http://purl.org/syndication/history/1.0", "atom": atomSpace,
}

const atomSpace = "http://www.w3.org/2005/Atom"

// XML reads a document that is well-formed and UTF-8 (SAXError, UnicodeError,
// BadXmlVersion, InvalidDoctype), without what nobody can read (BadCharacters).
func XML(t T, b []byte) Node {
	t.Helper()
	if !utf8.Valid(b) {
		t.Fatalf("UnicodeError: not UTF-8: %q", b)
	}
	if !bytes.HasPrefix(b, []byte(`<?xml version="1.0" encoding="UTF-8"?>`)) || bytes.Contains(b, []byte("<!DOCTYPE")) {
		t.Fatalf("it begins with %.80s", b)
	}
	if i := bytes.IndexFunc(b, func(r rune) bool { return r >= 0x7f && r <= 0x9f || r == utf8.RuneError }); i >= 0 {
		t.Fatalf("BadCharacters: %q", b[max(0, i-20):i+4])
	}
	var n Node
	d := xml.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&n); err != nil {
		t.Fatalf("SAXError: %v\n%s", err, b)
	}
	for {
		after, err := d.Token()
		if err == io.EOF {
			break
		}
		if space, ok := after.(xml.CharData); err != nil || !ok || len(bytes.TrimSpace(space)) > 0 {
			t.Fatalf("SAXError: %v follows the document, %v", after, err)
		}
	}
	for _, a := range n.Attrs {
		if a.Name.Space == "xmlns" && namespaces[a.Name.Local] != a.Value {
			t.Fatalf("NonstdPrefix: %s for %s", a.Name.Local, a.Value)
		}
	}
	return n
}

// known fails for a child or an attribute that does not belong there
// (UndefinedElement, UnexpectedAttribute, UnexpectedText).
func known(t T, n Node, attributes string, children ...string) {
	t.Helper()
	for _, c := range n.Children {
		name := c.XMLName.Local
		for prefix, space := range namespaces {
			if space == c.XMLName.Space && space != n.XMLName.Space {
				name = prefix + ":" + name
			}
		}
		if !slices.Contains(children, name) {
			t.Fatalf("UndefinedElement: %s in %s", name, n.XMLName.Local)
		}
	}
	for _, a := range n.Attrs {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" && !slices.Contains(strings.Fields(attributes), a.Name.Local) {
			t.Fatalf("UnexpectedAttribute: %s of %s", a.Name.Local, n.XMLName.Local)
		}
	}
	if len(children) > 0 && strings.TrimSpace(n.Text) != "" {
		t.Fatalf("UnexpectedText: %q in %s", n.Text, n.XMLName.Local)
	}
}

// exactly fails unless n has between low and high children of that name.
func exactly(t T, n Node, local string, low, high int) {
	t.Helper()
	if got := len(n.All(local)); got < low || got > high {
		t.Fatalf("%s has %d of %s, want %d to %d", n.XMLName.Local, got, local, low, high)
	}
}

// one returns the text of the only child of that name (MissingElement,
// DuplicateElement, NotBlank).
func one(t T, n Node, local string) string {
	t.Helper()
	exactly(t, n, local, 1, 1)
	return text(t, n.All(local)[0])
}

func text(t T, n Node) string {
	t.Helper()
	if strings.TrimSpace(n.Text) == "" {
		t.Fatalf("NotBlank: %s is empty", n.XMLName.Local)
	}
	return n.Text
}

// once fails if a value is there twice (DuplicateValue, DuplicateEntries).
func once(t T, seen map[string]bool, what, value string) {
	t.Helper()
	if value == "" || seen[value] {
		t.Fatalf("DuplicateValue: %s %q is empty or there twice", what, value)
	}
	seen[value] = true
}

// address is what validators take for an absolute address: a scheme and nothing
// but the characters of RFC 3986 (InvalidLink, InvalidFullLink, InvalidUriChar).
var address = regexp.MustCompile(`^https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(:\d*)?([/?#]([A-Za-z0-9;/?:@&=+$.\-_!~*'(),#]|%[0-9A-Fa-f]{2})*)?$`)

func isAddress(t T, what, s string) {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil || !address.MatchString(s) || u.User != nil || strings.Count(s, "#") > 1 {
		t.Fatalf("InvalidFullLink: %s: %q is no absolute address", what, s)
	}
}

// The other names of feeds (InvalidUUID, InvalidURN, InvalidTAG).
var (
	uuid = regexp.MustCompile(`^(?i:urn:uuid):[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	urn  = regexp.MustCompile(`^(?i:urn):[a-zA-Z0-9][a-zA-Z0-9-]{1,31}:([a-zA-Z0-9()+,.:=@;$_!*'-]|%[0-9A-Fa-f]{2})+$`)
	tag  = regexp.MustCompile(`^tag:([a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(-\d{2}(-\d{2})?)?:([a-zA-Z0-9;/?:@&=+$.\-_!~*'(),]|%[0-9A-Fa-f]{2})*$`)
)

// isID takes an absolute IRI in its canonical form (RFC 4287, section 4.2.6.1;
// NonCanonicalURI), without white space around it.
func isID(t T, what, s string) {
	t.Helper()
	scheme, _, _ := strings.Cut(s, ":")
	switch strings.ToLower(scheme) {
	case "urn":
		if !uuid.MatchString(s) && (!urn.MatchString(s) || strings.HasPrefix(strings.ToLower(s), "urn:uuid:")) {
			t.Fatalf("InvalidURN: %s: %q", what, s)
		}
	case "tag":
		if !tag.MatchString(s) {
			t.Fatalf("InvalidTAG: %s: %q", what, s)
		}
	default:
		isAddress(t, what, s)
		u, _ := url.Parse(s)
		defaults := map[string]string{"http": "80", "https": "443"}
		if u.Host != strings.ToLower(u.Host) || scheme != strings.ToLower(scheme) || u.Path == "" || u.Port() == defaults[u.Scheme] ||
			strings.HasSuffix(u.Host, ":") || strings.Contains(u.Path+"/", "/./") || strings.Contains(u.Path+"/", "/../") || unreserved.MatchString(s) {
			t.Fatalf("NonCanonicalURI: %s: %q", what, s)
		}
	}
}

// unreserved are escapes of what needs none, and those in small letters.
var unreserved = regexp.MustCompile(`%(2[dDeE]|3[0-9]|4[1-9A-Fa-f]|5[0-9aAfF]|6[1-9A-Fa-f]|7[0-9aAeE])|%[0-9A-F]?[a-f]`)

// isDate takes a date of RFC 3339 (InvalidRFC3339Date), in UTC as we print all.
func isDate(t T, what, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05Z", s)
	if err != nil {
		t.Fatalf("InvalidRFC3339Date: %s: %q: %v", what, s, err)
	}
	return at
}

// isLanguage takes a tag whose language is known (InvalidLanguage).
func isLanguage(t T, what, s string) {
	t.Helper()
	base, _, _ := strings.Cut(s, "-")
	if _, err := language.ParseBase(base); err != nil || strings.TrimSpace(s) != s {
		t.Fatalf("InvalidLanguage: %s: %q", what, s)
	}
}

// mediaType is the syntax of RFC 9110, section 8.3.1 (InvalidMIMEType).
var mediaType = regexp.MustCompile(`^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$`)

// isMail takes an address as it stands in an element of its own
// (InvalidAddrSpec).
func isMail(t T, s string) {
	t.Helper()
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		t.Fatalf("InvalidAddrSpec: %q", s)
	}
}

// isName takes the name of a person, which is no address (ContainsEmail).
func isName(t T, s string) {
	t.Helper()
	if strings.TrimSpace(s) == "" || inBrackets.MatchString(s) {
		t.Fatalf("ContainsEmail: %q", s)
	}
}

var inBrackets = regexp.MustCompile(`<[A-Za-z0-9_+.'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+>`)

// Plausible fails for dates of an Atom feed that nobody believes: before 1990, or
// more than ten minutes from now (ImplausibleDate).
func Plausible(t T, feed Node, now time.Time) {
	t.Helper()
	for _, n := range append(feed.All("entry"), feed) {
		for _, local := range []string{"updated", "published"} {
			for _, date := range n.All(local) {
				if at := isDate(t, local, date.Text); at.Year() < 1990 || at.After(now.Add(10*time.Minute)) {
					t.Fatalf("ImplausibleDate: %s of %s", date.Text, one(t, n, "id"))
				}
			}
		}
	}
}
