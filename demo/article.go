package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"time"
)

// The ways to carry another publisher's article.
const (
	copyPartner = "partner" // the whole text, and the original's own address with tracking parameters
	copyRepost  = "repost"  // the whole text without its links, an address of one's own, a credit at the end
	copyRewrite = "rewrite" // other words under the same headline, without a credit
)

// article is one article of a publisher's file and, below, what is worked out
// when all files are read.
type article struct {
	Slug       string
	Title      string // none for a copy: it has the headline that it found
	Summary    string
	Authors    []string
	Categories []string
	Body       string // none for partner and repost; see markup

	Before span // out this long before the start: the archive
	Beat   int  // or out at this beat
	Claims span // says it was published this much before it was out

	Retitle   string // another headline,
	RetitleAt int    `toml:"retitle_at"` // from this beat on

	CopyOf string `toml:"copy_of"` // publisher/slug
	Copy   string // one of the ways above

	by       *Publisher
	original *article
	number   int // its place in the file, from 1
	out      time.Time
	retitled time.Time // zero if never
	picture  []byte    // a PNG, if the publisher has pictures
}

func (a *article) isOut(now time.Time) bool { return !now.Before(a.out) }

func (a *article) isRetitled(now time.Time) bool {
	return !a.retitled.IsZero() && !now.Before(a.retitled)
}

// item is an article as its publisher's feed and pages show it at one moment.
type item struct {
	*article
	GUID        string
	Link        string // absolute; see Publisher.shown for how a feed writes it
	Page        string // absolute; its page at this publisher, which is Link unless that leads elsewhere
	Title       string // plain text
	Summary     string // plain text
	Content     string // HTML
	Authors     []string
	Published   time.Time
	Updated     time.Time
	IsPermalink bool // GUID is an address
}

func (a *article) as(now time.Time) item {
	it := item{
		article: a, Page: a.page(), Link: a.page(), GUID: a.guid(), IsPermalink: a.by.style.GUIDs == guidAddress,
		Title: a.headline(now), Summary: a.Summary, Content: a.content(a.by.style.Relative), Authors: a.Authors,
		Published: a.out.Add(-time.Duration(a.Claims)),
	}
	it.Updated = it.Published
	if a.isRetitled(now) {
		it.Updated = a.retitled
	}
	switch a.Copy {
	case copyPartner:
		it.Link = a.original.page() + "?utm_source=" + a.by.Slug + "&utm_medium=rss&utm_campaign=partners"
		it.Summary, it.Authors = a.original.Summary, a.original.Authors
	case copyRepost:
		it.Summary = a.original.Summary
	}
	return it
}

func (a *article) page() string { return a.by.home + "articles/" + a.Slug }

// guid never depends on the time or on what can be edited.
func (a *article) guid() string {
	switch a.by.style.GUIDs {
	case guidAddress:
		return a.page()
	case guidNumber:
		return fmt.Sprintf("%s?p=%d", a.by.home, 1000+a.number)
	case guidTag: // RFC 4151
		return "tag:" + a.by.Slug + ".example,2026:" + a.Slug
	default:
		hash := sha256.Sum256([]byte(a.by.Slug + "/" + a.Slug))
		return hex.EncodeToString(hash[:8])
	}
}

// headline of a copy is the one that its maker found, also after the original
// has got another.
func (a *article) headline(now time.Time) string {
	switch {
	case a.original != nil:
		return a.original.headline(a.out)
	case a.isRetitled(now):
		return a.Retitle
	}
	return a.Title
}

// content is HTML; relative says how the links in a text of one's own are
// written. Links in a partner's text are always whole.
func (a *article) content(relative bool) string {
	switch a.Copy {
	case copyPartner:
		return markup(a.original.Body, a.original.by.link(false))
	case copyRepost:
		from := a.original.by
		return markup(a.original.Body, nil) + fmt.Sprintf(`<p>The post <a href="%s">%s</a> appeared first on <a href="%s">%s</a>.</p>`,
			html.EscapeString(a.original.page()), html.EscapeString(a.headline(a.out)), html.EscapeString(from.home), html.EscapeString(from.Name))
	}
	text := markup(a.Body, a.by.link(relative))
	if a.by.style.Closing != "" {
		text += "<p>" + html.EscapeString(a.by.style.Closing) + "</p>"
	}
	return text
}
