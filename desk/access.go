package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"copydesk"
	"copydesk/config"
	"copydesk/fetcher"
)

// accessTo is what c says of how to get at a source. It stays in memory: the
// store holds no credentials. They belong to the address beside which c names
// them, and no other gets them, such as one of a configuration yet to come.
func accessTo(c config.Config, src copydesk.Source) (a fetcher.Access) {
	id := copydesk.NewSourceID(src.Settings)
	said, ok := c.Access[id]
	if !ok || !slices.ContainsFunc(c.Sources, func(s copydesk.Settings) bool { return s.URL == src.URL && copydesk.NewSourceID(s) == id }) {
		return a
	}
	a.Proxy = string(said.Proxy)
	if said.Username != "" || len(said.Headers) > 0 {
		a.Header = http.Header{}
	}
	if said.Username != "" {
		a.Header["Authorization"] = []string{fetcher.Basic(said.Username, string(said.Password))}
	}
	for _, h := range said.Headers {
		a.Header[h.Name] = []string{string(h.Value)}
	}
	return a
}

// discreet is what a feed says of itself, without what would give away the
// address of its source where that is a secret: many feeds name it as their id.
func discreet(f copydesk.FeedInfo, src copydesk.Settings) copydesk.FeedInfo {
	if !src.Secret {
		return f
	}
	keys := telling(src.URL)
	for _, field := range []*string{&f.ID, &f.Link, &f.Image, &f.Title, &f.Subtitle, &f.Generator, &f.Self, &f.ReadAt} {
		for _, key := range keys {
			if strings.Contains(*field, key) {
				*field = ""
			}
		}
	}
	return f
}

// telling are the parts of a secret address by which it could be guessed.
func telling(address string) (parts []string) {
	u, err := url.Parse(address)
	if err != nil {
		return []string{address}
	}
	const short = 6 // "feed", "rss" and "1" tell nothing
	add := func(s string) {
		if len(s) >= short {
			parts = append(parts, s)
		}
	}
	add(address)
	add(u.RawQuery)
	for _, values := range u.Query() {
		for _, v := range values {
			add(v)
		}
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if strings.ContainsAny(segment, "0123456789") {
			add(segment)
		}
	}
	if u.User != nil {
		add(u.User.String())
	}
	return parts
}
