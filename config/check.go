package config

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"copydesk"
)

// checker turns what was written into what it means, and takes down what is
// wrong with it.
type checker struct {
	document *document
	env      func(string) string
	meaning  Meaning
	secret   reader   // nil: secrets are not looked at
	folder   string   // in which the file lies
	known    []string // ids of its topics
	open     []string // ids of those that are public for sure
	unsure   bool     // an id of a topic could not be read: any could be it
	errs     Errors
}

// maxErrors is more than anybody reads.
const maxErrors = 1000

func (c *checker) wrong(at int, hint, format string, args ...any) {
	if len(c.errs) == maxErrors {
		return
	}
	c.errs = append(c.errs, c.document.errorAt(at, fmt.Sprintf(format, args...), hint))
}

func (c *checker) config(w *wire) Config {
	store := c.store(&w.Store)
	c.listTopics(w.Topics)
	sources, access := c.sources(w.Sources)
	return Config{
		Server:    c.server(&w.Server, store.Path),
		Store:     store,
		Poll:      c.poll(&w.Poll),
		Group:     c.group(&w.Group),
		Search:    c.search(w.Search.Path, store.Path),
		Topics:    c.topics(w.Topics),
		Keys:      c.keys(w.Topics),
		Sources:   sources,
		Access:    access,
		Overrides: c.overrides(w.Stories),
	}
}

func (c *checker) server(w *wireServer, store string) Server {
	s := Server{Listen: w.Listen.or(defaultListen), Admin: w.Admin.or(defaultAdmin)}
	c.must(w.Listen, checkListen(s.Listen))
	if s.Admin != "" {
		c.must(w.Admin, checkListen(s.Admin))
		c.apart(w, s)
	}
	s.BaseURL = c.baseURL(w, s.Listen)
	s.Named = w.BaseURL.usable() && w.BaseURL.value != ""
	s.Hub = c.hub(w)
	s.Control = c.control(w.Control, store)
	return s
}

// flaw is what is wrong with a value, as the end of a sentence that begins with
// key and value, and what to do about it. The zero flaw is none.
type flaw struct{ message, hint string }

// must takes down a flaw of a value that is in the file.
func (c *checker) must(t text, f flaw) {
	if t.usable() && f.message != "" {
		c.wrong(t.at, f.hint, "%s %s", t.shown(), f.message)
	}
}

// apart sees that the two listeners do not want the same address, except that
// the system may give each its own port.
func (c *checker) apart(w *wireServer, s Server) {
	if s.Listen != s.Admin || strings.HasSuffix(s.Admin, ":0") {
		return
	}
	at := w.Admin.place
	if !at.usable() {
		at = w.Listen.place
	}
	c.wrong(at.at, `give admin another port, or switch it off: admin = ""`, "listen and admin are both %q", s.Listen)
}

// baseURL returns what addresses in editions begin with.
func (c *checker) baseURL(w *wireServer, listen string) string {
	const example = `base_url = "https://feeds.example.org"`
	if w.BaseURL.usable() && w.BaseURL.value != "" {
		c.must(w.BaseURL, checkBaseURL(w.BaseURL.value))
		return strings.TrimRight(w.BaseURL.value, "/")
	}
	if !w.BaseURL.bad && checkListen(listen) == (flaw{}) && !reachable(listen) {
		c.wrong(w.Listen.at, "add what subscribers see: "+example, "%s is no address that subscribers could use, so base_url is required", w.Listen.shown())
	}
	return "http://" + listen
}

// hub returns whose hub editions name.
func (c *checker) hub(w *wireServer) string {
	hub := w.Hub.or("")
	if hub == "" || hub == HubOff {
		return hub
	}
	if !strings.Contains(hub, ":") {
		c.wrong(w.Hub.at, `leave it out for the built-in hub, write "off" for none, or the address of another: "https://hub.example.org/"`, "unknown hub %s", w.Hub.shown())
		return ""
	}
	c.must(w.Hub, checkWebURL(hub))
	if !w.BaseURL.set {
		c.wrong(w.Hub.at, `add what subscribers see: base_url = "https://feeds.example.org"`, "a hub needs base_url: it fetches what it pushes from there")
	}
	return hub
}

func (c *checker) control(w text, store string) string {
	if !w.usable() {
		return controlPath(store, c.env)
	}
	path := absolute(w.value, c.folder)
	switch {
	case w.value == "":
		c.wrong(w.at, "leave the key out for the default", "control is empty")
	case len(path) > maxSocket:
		c.wrong(w.at, fmt.Sprintf("choose a path of at most %d bytes", maxSocket), "%s is too long for a socket", path)
	}
	return path
}

func (c *checker) store(w *wireStore) Store {
	if w.Path.usable() && w.Path.value == "" {
		c.wrong(w.Path.at, "leave the key out for "+defaultStore, "path is empty")
	}
	return Store{
		Path:      storePath(w.Path.or(defaultStore), c.folder, c.env),
		Retention: c.duration(w.Retention, defaultRetention),
	}
}

func (c *checker) poll(w *wirePoll) Poll {
	p := Poll{
		Contact:     w.Contact.or(""),
		MinInterval: c.duration(w.MinInterval, defaultMinInterval),
		MaxInterval: c.duration(w.MaxInterval, defaultMaxInterval),
		Soonest:     c.duration(w.Soonest, defaultSoonest),
		MaxStop:     c.duration(w.MaxStop, defaultMaxStop),
		HostGap:     c.duration(w.HostGap, defaultHostGap),
	}
	p.MeanInterval, p.MaxWish = min(time.Hour, 2*p.MinInterval), max(24*time.Hour, p.MaxInterval)
	if w.MeanInterval.usable() {
		p.MeanInterval = c.duration(w.MeanInterval, "")
	}
	if w.MaxWish.usable() {
		p.MaxWish = c.duration(w.MaxWish, "")
	}
	if p.Contact != "" {
		c.must(w.Contact, checkContact(p.Contact))
	}
	if min := w.MinInterval; min.usable() && p.MinInterval < time.Second && p.MinInterval >= 0 {
		c.wrong(min.at, `not below "1s"`, "min_interval %s is below one second", min.shown())
	}
	if p.MinInterval > p.MaxInterval && p.MaxInterval >= 0 {
		c.crossed(bound{"min_interval", w.MinInterval, defaultMinInterval}, bound{"max_interval", w.MaxInterval, defaultMaxInterval})
	}
	for _, pair := range w.Allow.items {
		c.must(pair, checkAllow(pair.value))
	}
	p.WebSub = c.webSub(w.WebSub, copydesk.WebSubOn) == copydesk.WebSubOn
	p.Allow = w.Allow.values()
	return p
}

// bound is a time that another one bounds.
type bound struct {
	name string
	t    text
	def  string
}

// crossed says that the low bound is above the high one, at one that is in the
// file.
func (c *checker) crossed(low, high bound) {
	at, hint := low.t.at, high.name+" is "+high.def+" unless you set it"
	switch {
	case !low.t.set:
		at, hint = high.t.at, low.name+" is "+low.def+" unless you set it"
	case high.t.set:
		hint = "are they swapped?"
	}
	c.wrong(at, hint, "%s %s is above %s %s", low.name, low.t.or(low.def), high.name, high.t.or(high.def))
}

// The reach of grouping: below the one sources that are polled once an hour
// could not meet, and beyond the other a window of entries would no longer fit a
// small machine's memory.
const (
	shortestReach = time.Hour
	longestReach  = 90 * day
)

func (c *checker) search(path text, store string) Search {
	switch {
	case !path.usable():
		return Search{Path: store + ".search"}
	case path.value == "":
		return Search{}
	}
	s := Search{Path: storePath(path.value, c.folder, c.env)}
	if s.Path == store {
		c.wrong(path.at, "leave the key out for a folder beside the store", "%s is the store", path.shown())
	}
	return s
}

func (c *checker) group(w *wireGroup) Group {
	g := Group{Rewrites: c.duration(w.Rewrites, defaultRewrites), Copies: c.duration(w.Copies, defaultCopies)}
	for _, k := range []struct {
		name   string
		t      text
		length time.Duration
	}{{"rewrites", w.Rewrites, g.Rewrites}, {"copies", w.Copies, g.Copies}} {
		switch {
		case k.length == noDuration:
			return g
		case k.length < shortestReach:
			c.wrong(k.t.at, `not below "1h"`, "%s %s is below one hour", k.name, k.t.shown())
			return g
		case k.length > longestReach:
			c.wrong(k.t.at, `not above "90d": all entries of that time are held in memory`, "%s %s is above 90 days", k.name, k.t.shown())
			return g
		}
	}
	if g.Rewrites > g.Copies {
		c.crossed(bound{"rewrites", w.Rewrites, defaultRewrites}, bound{"copies", w.Copies, defaultCopies})
	}
	return g
}

// noDuration is the length of a time that could not be read, so that nothing
// else is said of it.
const noDuration time.Duration = -1

func (c *checker) duration(t text, def string) time.Duration {
	length, err := ParseDuration(t.or(def))
	switch {
	case t.bad:
		return noDuration
	case err != nil:
		c.wrong(t.at, `write it like "2s", "30m", "12h" or "400d"`, "%s %s", t.shown(), err)
		return noDuration
	}
	return length
}

func checkContact(s string) flaw {
	const hint = `write "https://example.org/about" or "feeds@example.org"`
	if strings.Contains(s, "://") {
		return checkWebURL(s)
	}
	if address, err := mail.ParseAddress(s); err != nil || address.Address != s {
		return flaw{"is neither a web nor a mail address", hint}
	}
	return flaw{}
}

// oneOf returns the choice that t names, or def if it names none.
func oneOf[T ~string](c *checker, name string, t text, def T, choices ...T) T {
	if !t.usable() {
		return def
	}
	if slices.Contains(choices, T(t.value)) {
		return T(t.value)
	}
	var words []string
	for _, choice := range choices {
		words = append(words, string(choice))
	}
	hint := name + " is " + strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
	if near := nearest(t.value, words); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	c.wrong(t.at, hint, "unknown %s %s", name, t.shown())
	return def
}

// webSub reads whether hubs are asked to push.
func (c *checker) webSub(t text, def copydesk.WebSub) copydesk.WebSub {
	return oneOf(c, "websub", t, def, copydesk.WebSubOn, copydesk.WebSubOff)
}

// content reads how much editions show of an entry.
func (c *checker) content(t text, def copydesk.Shown) copydesk.Shown {
	return oneOf(c, "content", t, def, copydesk.ShowFull, copydesk.ShowSummary)
}
