package normalize

import (
	"bytes"
	"slices"
	"strings"

	"copydesk"

	xhtml "golang.org/x/net/html"
)

// Offer is a feed that a page names.
type Offer struct {
	URL   string // absolute
	Title string // as the page calls it; may be empty
}

// maxOffers is more than any page has that is meant for people.
const maxOffers = 20

// Offers returns the feeds that an HTML page names in its head
// (<link rel="alternate">; HTML, section 4.6.7.1), in the order of the page,
// those of comments left out.
func Offers(doc copydesk.Document) (all []Offer) {
	base := parseBase(doc.URL)
	z := xhtml.NewTokenizer(bytes.NewReader(doc.Body[:min(len(doc.Body), 1<<20)]))
	for len(all) < maxOffers {
		switch z.Next() {
		case xhtml.ErrorToken:
			return all
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
		default:
			continue
		}
		t := z.Token()
		switch t.Data {
		case "body":
			return all
		case "base":
			if href := attr(t, "href"); href != "" && base != nil {
				base = rebase(base, href)
			}
		case "link":
			o := Offer{webAddress(base, attr(t, "href")), plainText(attr(t, "title"))}
			if offersFeed(t) && o.URL != "" && !ofComments(o) && !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	return all
}

func attr(t xhtml.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

func offersFeed(t xhtml.Token) bool {
	kind, _, _ := strings.Cut(strings.ToLower(attr(t, "type")), ";")
	return slices.Contains(strings.Fields(strings.ToLower(attr(t, "rel"))), "alternate") &&
		slices.Contains([]string{"application/rss+xml", "application/atom+xml", "application/feed+json"}, strings.TrimSpace(kind))
}

// ofComments reports whether an offer is of what readers write: many pages name
// such a feed beside their own.
func ofComments(o Offer) bool {
	return strings.Contains(strings.ToLower(o.Title), "comment") || strings.Contains(o.URL, "/comments/")
}
