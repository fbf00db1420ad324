package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// wire is the file as it is written: its keys are those that a user may write,
// and each knows where it stood. What is missing or of the wrong type is empty.
type wire struct {
	Server  wireServer
	Store   wireStore
	Poll    wirePoll
	Group   wireGroup
	Search  wireSearch
	Topics  []*wireTopic
	Sources []*wireSource
	Stories []*wireStory
}

type wireServer struct{ Listen, Admin, BaseURL, Hub, Control text }

type wireStore struct{ Path, Retention text }

type wirePoll struct {
	Contact, MinInterval, MaxInterval, MeanInterval, HostGap text
	Soonest, MaxWish, MaxStop, WebSub                        text
	Allow                                                    list
}

type wireSearch struct{ Path text }

type wireGroup struct{ Rewrites, Copies text }

type wireTopic struct {
	at                int
	ID, Title, Parent text
	Was               list
	Only, Match       text
	MatchAny          list
	MatchAll          list
	MatchNone         list
	Search            text
	MinSources        number
	PerSource         number
	Merge             text
	Limit             number
	Content           text

	Private                             boolean
	Token, TokenFile, TokenEnv          text
	Username, PasswordFile, PasswordEnv text
}

type wireSource struct {
	at                       int
	ID, Name, Publisher, URL text
	Was, AKA, Topics         list
	Role, Content, WebSub    text
	Private                  boolean

	URLFile, URLEnv, Username, PasswordFile, PasswordEnv text
	Headers                                              pairs
	HeaderFile, CookieFile, Proxy, ProxyFile             text
}

type wireStory struct {
	at          int
	Join, Split list
	Lead        text
}

func (w *wireServer) keys() []key {
	return []key{
		{"listen", &w.Listen, `"127.0.0.1:8480"`},
		{"admin", &w.Admin, `"127.0.0.1:8481"`},
		{"base_url", &w.BaseURL, `"https://feeds.example.org"`},
		{"hub", &w.Hub, `"https://hub.example.org/"`},
		{"control", &w.Control, `"/run/copydesk/control.sock"`},
	}
}

func (w *wireStore) keys() []key {
	return []key{
		{"path", &w.Path, `"copydesk.db"`},
		{"retention", &w.Retention, `"400d"`},
	}
}

func (w *wirePoll) keys() []key {
	return []key{
		{"contact", &w.Contact, `"feeds@example.org"`},
		{"min_interval", &w.MinInterval, `"1h"`},
		{"max_interval", &w.MaxInterval, `"24h"`},
		{"mean_interval", &w.MeanInterval, `"1h"`},
		{"soonest", &w.Soonest, `"15m"`},
		{"max_wish", &w.MaxWish, `"24h"`},
		{"max_stop", &w.MaxStop, `"7d"`},
		{"host_gap", &w.HostGap, `"2s"`},
		{"websub", &w.WebSub, `"on"`},
		{"allow", &w.Allow, `["10.0.0.5:8080"]`},
	}
}

func (w *wireSearch) keys() []key {
	return []key{
		{"path", &w.Path, `"copydesk.db.search"`},
	}
}

func (w *wireGroup) keys() []key {
	return []key{
		{"rewrites", &w.Rewrites, `"72h"`},
		{"copies", &w.Copies, `"14d"`},
	}
}

func (w *wireTopic) keys() []key {
	return []key{
		{"id", &w.ID, `"asia"`},
		{"title", &w.Title, `"Asia"`},
		{"parent", &w.Parent, `"world"`},
		{"was", &w.Was, `["far-east"]`},
		{"only", &w.Only, `'"ASEAN" in names'`},
		{"match", &w.Match, `'"ASEAN" in names'`},
		{"match_any", &w.MatchAny, `["ASEAN", "Kuala Lumpur"]`},
		{"match_all", &w.MatchAll, `["Myanmar", "election"]`},
		{"match_none", &w.MatchNone, `["football"]`},
		{"search", &w.Search, `'"Mekong delta" flood -football'`},
		{"min_sources", &w.MinSources, `2`},
		{"per_source", &w.PerSource, `10`},
		{"merge", &w.Merge, `"story"`},
		{"limit", &w.Limit, `100`},
		{"content", &w.Content, `"full"`},
		{"private", &w.Private, `true`},
		{"token", &w.Token, `"ZRqPvM3dXoE8sTnK5bLwYc"`},
		{"token_file", &w.TokenFile, `"example-token"`},
		{"token_env", &w.TokenEnv, `"EXAMPLE_TOKEN"`},
		{"username", &w.Username, `"ann"`},
		{"password_file", &w.PasswordFile, `"example-password"`},
		{"password_env", &w.PasswordEnv, `"EXAMPLE_PASSWORD"`},
	}
}

func (w *wireSource) keys() []key {
	return []key{
		{"id", &w.ID, `"dw-asia"`},
		{"name", &w.Name, `"Deutsche Welle: Asia"`},
		{"publisher", &w.Publisher, `"Deutsche Welle"`},
		{"url", &w.URL, `"https://example.org/feed.xml"`},
		{"was", &w.Was, `["https://example.org/old.xml"]`},
		{"aka", &w.AKA, `["DW", "dw.com"]`},
		{"topics", &w.Topics, `["asia"]`},
		{"role", &w.Role, `"agency"`},
		{"content", &w.Content, `"full"`},
		{"websub", &w.WebSub, `"off"`},
		{"private", &w.Private, `true`},
		{"url_file", &w.URLFile, `"example-address"`},
		{"url_env", &w.URLEnv, `"EXAMPLE_ADDRESS"`},
		{"username", &w.Username, `"ann"`},
		{"password_file", &w.PasswordFile, `"example-password"`},
		{"password_env", &w.PasswordEnv, `"EXAMPLE_PASSWORD"`},
		{"headers", &w.Headers, `{ "X-Edition" = "international" }`},
		{"header_file", &w.HeaderFile, `"example-headers"`},
		{"cookie_file", &w.CookieFile, `"example-cookie"`},
		{"proxy", &w.Proxy, `"socks5://127.0.0.1:9050"`},
		{"proxy_file", &w.ProxyFile, `"example-proxy"`},
	}
}

func (w *wireStory) keys() []key {
	return []key{
		{"join", &w.Join, `["https://a.example/1", "https://b.example/2"]`},
		{"split", &w.Split, `["https://a.example/1", "https://b.example/2"]`},
		{"lead", &w.Lead, `"https://a.example/1"`},
	}
}

// tables returns the tables that a file may have, in the order of the manual.
func (w *wire) tables() []table {
	return []table{
		{name: "server", open: func(int) []key { return w.Server.keys() }},
		{name: "store", open: func(int) []key { return w.Store.keys() }},
		{name: "poll", open: func(int) []key { return w.Poll.keys() }},
		{name: "search", open: func(int) []key { return w.Search.keys() }},
		{name: "group", open: func(int) []key { return w.Group.keys() }},
		{name: "topic", many: true, open: func(at int) []key {
			w.Topics = append(w.Topics, &wireTopic{at: at})
			return w.Topics[len(w.Topics)-1].keys()
		}},
		{name: "source", many: true, open: func(at int) []key {
			w.Sources = append(w.Sources, &wireSource{at: at})
			return w.Sources[len(w.Sources)-1].keys()
		}},
		{name: "story", many: true, open: func(at int) []key {
			w.Stories = append(w.Stories, &wireStory{at: at})
			return w.Stories[len(w.Stories)-1].keys()
		}},
	}
}

// table is one table of a file; open begins one, or the next of many, and
// returns its keys.
type table struct {
	name string
	many bool
	open func(at int) []key
}

func (t table) header() string {
	if t.many {
		return "[[" + t.name + "]]"
	}
	return "[" + t.name + "]"
}

// key is a key of a table, what takes its value, and how it may look.
type key struct {
	name    string
	into    leaf
	example string
}

// leaf takes the value of a key.
type leaf interface {
	take(n *node) (unfit []*node) // what of it has the wrong type
	wants() string                // the right type
	misspelt(at int)
}

// problem takes down what is wrong at an offset, and what to do about it.
type problem func(at int, hint, format string, args ...any)

// place says where a value stood and whether there was one.
type place struct {
	at  int
	set bool // the key is in the file
	bad bool // but its value has been complained of
}

// misspelt remembers that a key was meant, so that nobody complains that it is
// missing as well.
func (p *place) misspelt(at int) {
	if !p.set {
		*p = place{at: at, set: true, bad: true}
	}
}

// usable reports whether there is a value to go on with.
func (p place) usable() bool { return p.set && !p.bad }

type text struct {
	place
	value string
	raw   string // as written, with its quotes
}

// shown returns the text for a message: as written, unless that is long or holds
// a password, for messages are logged.
func (t text) shown() string {
	const most = 120
	s := t.raw
	if safe := withheld(t.value); safe != t.value {
		s = strconv.Quote(safe)
	}
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// or returns the value, or def where there is none.
func (t text) or(def string) string {
	if t.usable() {
		return t.value
	}
	return def
}

type number struct {
	place
	value int64
}

// boolean is true or false.
type boolean struct {
	place
	value bool
}

// list is an array of strings, without those of its elements that are none.
type list struct {
	place
	items []text
}

func (l list) values() []string {
	var values []string
	for _, item := range l.items {
		values = append(values, item.value)
	}
	return values
}

// pairs is a table of strings.
type pairs struct {
	place
	names  []text // the keys, where they stand
	values []text
}

func (p *pairs) wants() string { return "a table of strings" }

func (p *pairs) take(n *node) (unfit []*node) {
	p.place = place{at: n.at, set: true}
	if p.bad = n.kind != unstable.InlineTable; p.bad {
		return []*node{n}
	}
	for _, name := range n.names {
		var value text
		if wrong := value.take(n.fields[name]); wrong != nil {
			unfit, p.bad = append(unfit, wrong...), true
			continue
		}
		p.names = append(p.names, text{place{at: n.fields[name].key, set: true}, name, strconv.Quote(name)})
		p.values = append(p.values, value)
	}
	return unfit
}

func (t *text) wants() string    { return "a string" }
func (v *number) wants() string  { return "an integer" }
func (f *boolean) wants() string { return "true or false" }
func (l *list) wants() string    { return "an array of strings" }

func (t *text) take(n *node) (unfit []*node) {
	t.place = place{at: n.at, set: true}
	if t.bad = n.kind != unstable.String; t.bad {
		return []*node{n}
	}
	t.value, t.raw = n.text, n.raw
	return nil
}

func (v *number) take(n *node) (unfit []*node) {
	v.place = place{at: n.at, set: true}
	if v.bad = n.kind != unstable.Integer; v.bad {
		return []*node{n}
	}
	// The syntax check has read it already: it fits.
	v.value, _ = strconv.ParseInt(n.raw, 0, 64)
	return nil
}

func (f *boolean) take(n *node) (unfit []*node) {
	f.place = place{at: n.at, set: true}
	if f.bad = n.kind != unstable.Bool; f.bad {
		return []*node{n}
	}
	f.value = n.raw == "true"
	return nil
}

func (l *list) take(n *node) (unfit []*node) {
	l.place = place{at: n.at, set: true}
	if l.bad = n.kind != unstable.Array; l.bad {
		return []*node{n}
	}
	for _, element := range n.items {
		var item text
		if wrong := item.take(element); wrong != nil {
			unfit, l.bad = append(unfit, wrong...), true
			continue
		}
		l.items = append(l.items, item)
	}
	return unfit
}

func kindName(kind unstable.Kind) string {
	switch kind {
	case unstable.String:
		return "a string"
	case unstable.Bool:
		return "true or false"
	case unstable.Float:
		return "a decimal number"
	case unstable.Integer:
		return "an integer"
	case unstable.Array:
		return "an array"
	case unstable.InlineTable:
		return "a table"
	}
	return "a date or time"
}

// readWire fills a wire from the tree of a file. It complains of every key that
// no table has and of every value that has the wrong type.
func readWire(root *node, wrong problem) *wire {
	w := new(wire)
	tables := w.tables()
	for _, name := range root.names {
		n := root.fields[name]
		i := slices.IndexFunc(tables, func(t table) bool { return t.name == name })
		switch {
		case i >= 0:
			readTables(tables[i], n, wrong)
		case n.isTable():
			wrong(n.key, tableHint(name), "unknown table %q", name)
		default:
			wrong(n.key, keyHint(name, "", nil), "unknown key %q outside the tables", name)
		}
	}
	return w
}

// isTable reports whether n is a table or an array of tables.
func (n *node) isTable() bool {
	return n.kind == unstable.InlineTable || len(n.items) > 0 && n.items[0].kind == unstable.InlineTable
}

// readTables reads the table t, or all of many.
func readTables(t table, n *node, wrong problem) {
	items := []*node{n}
	if t.many && n.kind == unstable.Array {
		items = n.items
	}
	for _, item := range items {
		switch {
		case item.kind != unstable.InlineTable && t.many:
			wrong(item.at, "write "+t.header()+" before its keys", "%s must be tables, not %s", t.name, kindName(item.kind))
		case item.kind != unstable.InlineTable:
			wrong(item.at, "write "+t.header()+" once, before its keys", "%s must be one table, not %s", t.name, kindName(item.kind))
		case t.many && n.kind != unstable.Array:
			wrong(item.at, "write "+t.header()+", with double brackets", "[%s] is for one, and there can be several", t.name)
		}
		if item.kind == unstable.InlineTable {
			readKeys(t, item, wrong)
		}
	}
}

func readKeys(t table, n *node, wrong problem) {
	keys := t.open(n.at)
	names := keyNames(keys)
	for _, name := range n.names {
		field := n.fields[name]
		if i := slices.Index(names, name); i >= 0 {
			readKey(keys[i], field, wrong)
			continue
		}
		wrong(field.key, keyHint(name, t.header(), names), "unknown key %q in %s", name, t.header())
		if i := slices.Index(names, nearest(name, names)); i >= 0 {
			keys[i].into.misspelt(field.key)
		}
	}
}

func readKey(k key, field *node, wrong problem) {
	hint := "such as " + k.name + " = " + k.example
	for _, n := range k.into.take(field) {
		if n == field {
			wrong(n.at, hint, "%s must be %s, not %s", k.name, k.into.wants(), kindName(n.kind))
		} else {
			wrong(n.at, hint, "each element of %s must be a string, not %s", k.name, kindName(n.kind))
		}
	}
}

func keyNames(keys []key) []string {
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	return names
}

// tableHint says what table may be meant by name.
func tableHint(name string) string {
	var headers, names []string
	for _, t := range new(wire).tables() {
		names, headers = append(names, t.name), append(headers, t.header())
	}
	if near := nearest(name, names); near != "" {
		return "did you mean " + headers[slices.Index(names, near)] + "?"
	}
	return "the tables are " + strings.Join(headers, ", ")
}

// keyHint says what key may be meant by name in the table called header, which
// has keys: one that is spelled nearly so, else where such a key belongs.
func keyHint(name, header string, keys []string) string {
	if near := nearest(name, keys); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	var hints []string
	if header != "" {
		hints = append(hints, header+" has "+strings.Join(keys, ", "))
	}
	if owners := tablesWith(name); len(owners) > 0 {
		hints = append(hints, name+" belongs in "+strings.Join(owners, " or "))
	}
	if len(hints) == 0 {
		return tableHint(name)
	}
	return strings.Join(hints, "; ")
}

// tablesWith returns the headers of the tables that have a key called name.
func tablesWith(name string) []string {
	var headers []string
	for _, t := range new(wire).tables() {
		if slices.Contains(keyNames(t.open(0)), name) {
			headers = append(headers, t.header())
		}
	}
	return headers
}
