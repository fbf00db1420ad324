package config

import (
	"strings"

	"copydesk"
)

func (c *checker) sources(written []*wireSource) ([]copydesk.Settings, Accesses) {
	var sources []copydesk.Settings
	var accesses Accesses
	for _, w := range written {
		src := c.source(w)
		sources = append(sources, src)
		if a := c.access(w, src); !a.none() {
			if accesses == nil {
				accesses = Accesses{}
			}
			accesses[copydesk.NewSourceID(src)] = a
		}
	}
	c.sourceNames(written)
	return sources, accesses
}

func (c *checker) source(w *wireSource) copydesk.Settings {
	c.sourceAddress(w)
	address, secret := c.address(w)
	for _, name := range w.AKA.items {
		if strings.TrimSpace(name.value) == "" {
			c.wrong(name.at, "take it out", "aka has an empty name")
		}
	}
	c.sourceTopics(w.Topics)
	c.publicTopics(w)
	return copydesk.Settings{
		ID:        w.ID.value,
		Name:      w.Name.value,
		Publisher: w.Publisher.value,
		URL:       address,
		Secret:    secret,
		Private:   w.Private.value,
		Was:       w.Was.values(),
		AKA:       w.AKA.values(),
		Topics:    topicIDs(w.Topics),
		Role:      oneOf(c, "role", w.Role, copydesk.RolePublisher, copydesk.RolePublisher, copydesk.RoleAgency, copydesk.RoleAggregator),
		Content:   c.content(w.Content, ""),
		WebSub:    c.webSub(w.WebSub, ""),
	}
}

// sourceAddress checks what a source is known by: id, url, and what it was.
func (c *checker) sourceAddress(w *wireSource) {
	if !w.URL.set && !w.URLFile.set && !w.URLEnv.set {
		c.wrong(w.at, `add a line like url = "https://example.org/feed.xml"`, "a source needs a url")
	}
	if w.URL.usable() {
		c.must(w.URL, checkWebURL(w.URL.value))
	}
	if w.ID.usable() {
		c.must(w.ID, checkID(w.ID.value))
	}
	for _, was := range w.Was.items {
		if isAddress(was.value) {
			c.must(was, checkWebURL(was.value))
		} else {
			c.must(was, checkID(was.value))
		}
	}
}

// isAddress tells the addresses in a source's was from the ids.
func isAddress(s string) bool { return strings.Contains(s, "/") }

func (c *checker) sourceTopics(l list) {
	seen := map[string]bool{}
	for _, t := range l.items {
		if seen[t.value] {
			c.wrong(t.at, "take one of them out", "topic %s stands twice", t.shown())
			continue
		}
		seen[t.value] = true
		c.knownTopic(t)
	}
}

func (c *checker) sourceNames(written []*wireSource) {
	names := c.names("source")
	for i, w := range written {
		if w.ID.usable() && w.ID.value != "" {
			names.now("id", w.ID.value, i, w.ID)
		}
		if w.URL.usable() {
			names.now("url", sameURL(w.URL.value), i, w.URL)
		}
	}
	for i, w := range written {
		for _, was := range w.Was.items {
			name := was.value
			if isAddress(name) {
				name = sameURL(name)
			}
			names.before(name, i, was)
		}
	}
}
