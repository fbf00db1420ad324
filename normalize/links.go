package normalize

import (
	stdjson "encoding/json"
	"net/url"
	"slices"
	"strings"
)

// hubLinks are the hubs and the self address that a document names for itself
// (WebSub, section 4), by elements called link: atom:link in Atom and RSS, link
// in the head of a page. What stands within an entry, or in the body of a page,
// is about something else.
func hubLinks(text string, page *url.URL) (hubs []string, self string) {
	if !strings.Contains(text, "hub") { // nearly no document has one
		return nil, ""
	}
	sc := newScanner(text)
	within := ""
	for t, ok := sc.next(); ok; t, ok = sc.next() {
		_, local := splitName(t.name)
		local = strings.ToLower(local)
		switch {
		case t.kind == endToken && local == within:
			within = ""
		case t.kind != startToken || within != "" || t.empty && local != "link":
		case local == "entry" || local == "item" || local == "body":
			within = local
		case local == "link":
			hubs, self = noteLink(hubs, self, t, page)
		}
	}
	return hubs, self
}

func noteLink(hubs []string, self string, t token, page *url.URL) ([]string, string) {
	rel, href := "", ""
	for name, value := range attributes(t.attrs) {
		switch strings.ToLower(name) {
		case "rel":
			rel = strings.ToLower(value)
		case "href":
			href = webAddress(page, strings.TrimSpace(value))
		}
	}
	if href == "" {
		return hubs, self
	}
	rels := strings.Fields(rel)
	if slices.Contains(rels, "hub") && len(hubs) < maxHubs {
		hubs = append(hubs, href)
	}
	if slices.Contains(rels, "self") && self == "" {
		self = href
	}
	return hubs, self
}

// maxHubs is how many hubs of one document are noted.
const maxHubs = 5

// jsonHubs are the same of a JSON Feed: its hubs of type WebSub, and feed_url.
func jsonHubs(text string, page *url.URL) (hubs []string, self string) {
	var doc struct {
		FeedURL string `json:"feed_url"`
		Hubs    []struct {
			Type string `json:"type"`
			URL  string `json:"url"`
		} `json:"hubs"`
	}
	if !strings.Contains(text, `"hubs"`) || stdjson.Unmarshal([]byte(text), &doc) != nil {
		return nil, ""
	}
	for _, h := range doc.Hubs {
		if address := webAddress(page, h.URL); address != "" && strings.EqualFold(h.Type, "WebSub") && len(hubs) < maxHubs {
			hubs = append(hubs, address)
		}
	}
	return hubs, webAddress(page, doc.FeedURL)
}
