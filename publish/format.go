package publish

import (
	"bytes"
	"fmt"
	"net/url"

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

// Site is where subscribers find us.
type Site struct {
	BaseURL string // absolute, without a slash at its end
	Version string // of the software, for the feeds' generator; may be empty
}

// address is the address of topic in format f.
func (s Site) address(topic copydesk.TopicID, f Format) string {
	return s.BaseURL + topicPath(topic, f)
}

func topicPath(topic copydesk.TopicID, f Format) string {
	p := "/topics/" + url.PathEscape(string(topic))
	if f != Page {
		p += "." + string(f)
	}
	return p
}

// Render writes e in format f. It is pure: equal arguments give equal bytes.
// An error means that e lacks what only we can give it, such as an id.
func Render(e copydesk.Edition, f Format, s Site) ([]byte, error) {
	sheet, err := newSheet(e)
	if err != nil {
		return nil, fmt.Errorf("render topic %s as %s: %w", e.Topic.ID, f, err)
	}
	var b bytes.Buffer
	b.Grow(sheet.size())
	switch f {
	case Atom:
		err = writeAtom(&b, sheet, s)
	case RSS:
		err = writeRSS(&b, sheet, s)
	case JSON:
		err = writeJSON(&b, sheet, s)
	case Page:
		err = topicPage.Execute(&b, sheet)
	default:
		err = fmt.Errorf("no such format")
	}
	if err != nil {
		return nil, fmt.Errorf("render topic %s as %s: %w", e.Topic.ID, f, err)
	}
	return b.Bytes(), nil
}
