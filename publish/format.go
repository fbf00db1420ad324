package publish

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"copydesk"
)

// Format is a way to write an edition.
type Format string

// The formats. Page is for people; the others are feeds. Each is also the
// ending of its address, but for Page, whose address has none.
const (
	Atom Format = "atom" // RFC 4287
	RSS  Format = "rss"  // RSS 2.0 with content, dc, media and atom elements
	JSON Format = "json" // JSON Feed 1.1
	Page Format = "html"
)

// Formats returns every format that a topic is published in.
func Formats() []Format { return []Format{Atom, RSS, JSON, Page} }

// ParseFormat reads the name of a feed format: atom, rss or json.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); f {
	case Atom, RSS, JSON:
		return f, nil
	}
	return "", fmt.Errorf("format %q is unknown; use atom, rss or json", s)
}

// ContentType is the media type that the format is served as.
func (f Format) ContentType() string {
	switch f {
	case Atom:
		return "application/atom+xml; charset=utf-8"
	case RSS:
		return "application/rss+xml; charset=utf-8"
	case JSON:
		return "application/feed+json; charset=utf-8"
	case Page:
		return "text/html; charset=utf-8"
	}
	return "application/octet-stream"
}

// mediaType is ContentType without its parameter.
func (f Format) mediaType() string {
	kind, _, _ := strings.Cut(f.ContentType(), ";")
	return kind
}

// Site is where subscribers find us.
type Site struct {
	BaseURL string // absolute, without a slash at its end
	Version string // of the software, for the feeds' generator; may be empty
	Hub     string // address of the hub that editions name; empty for none
}

// path is that of BaseURL, which a proxy may have cut off.
func (s Site) path() string {
	u, err := url.Parse(s.BaseURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}

// address is the address of a part of topic in format f: base_url, path, and
// the known parameters in the order of their names.
func (s Site) address(topic copydesk.TopicID, f Format, p Part) string {
	return s.BaseURL + topicPath(topic, f, p)
}

// Address is what the edition of topic in format f is called: the one address
// at which it can be subscribed to at a hub.
func (s Site) Address(topic copydesk.TopicID, f Format) string { return s.address(topic, f, Part{}) }

// HubLink is the Link header (RFC 8288) of what can be subscribed to at the hub: it
// names the hub, and what the document is called.
func (s Site) HubLink(self string) string {
	return "<" + s.Hub + `>; rel="hub", <` + self + `>; rel="self"`
}

func topicPath(topic copydesk.TopicID, f Format, p Part) string {
	if p.Search != "" {
		return searchPath(f, p.Search)
	}
	path := "/topics/" + url.PathEscape(string(topic))
	if p.Archive > 0 {
		path += "/archive/" + strconv.Itoa(p.Archive)
	}
	if f != Page {
		path += "." + string(f)
	}
	return path + p.query()
}

// query is the part as a query, or "".
func (p Part) query() string {
	var pairs []string
	if p.Before > 0 {
		pairs = append(pairs, "before="+strconv.FormatUint(p.Before, 10))
	}
	if p.Sources > 1 {
		pairs = append(pairs, "sources="+strconv.Itoa(p.Sources))
	}
	if pairs == nil {
		return ""
	}
	return "?" + strings.Join(pairs, "&")
}
