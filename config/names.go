package config

import (
	"fmt"
	"strings"
)

// names sees that an id or an address stands for one topic, or one source.
type names struct {
	c     *checker
	what  string // "topic" or "source"
	owner map[string]owned
}

type owned struct {
	by  int // number of the topic or source
	at  int // where that was said
	how string
}

func (c *checker) names(what string) *names {
	return &names{c: c, what: what, owner: map[string]owned{}}
}

// earlier is how a name is held that stands in was.
const earlier = "earlier name"

// now takes name, which the topic or source with the number by has now.
func (n *names) now(how, name string, by int, t text) {
	if held, taken := n.owner[name]; taken {
		line, _ := n.c.document.position(held.at)
		n.c.wrong(t.at, fmt.Sprintf("line %d has it first", line), "two %ss have the %s %s", n.what, how, t.shown())
		return
	}
	n.owner[name] = owned{by, t.at, how}
}

// before takes name, which the topic or source with the number by had before.
// Only its own address may stand there: a source that was known by its address
// and is given an id stays the same one by that.
func (n *names) before(name string, by int, t text) {
	held, taken := n.owner[name]
	line, _ := n.c.document.position(held.at)
	switch {
	case !taken:
		n.owner[name] = owned{by, t.at, earlier}
	case held.by != by:
		n.c.wrong(t.at, fmt.Sprintf("line %d; only one of them can have been it", line), "%s in was is another %s's %s", t.shown(), n.what, held.how)
	case held.how == earlier:
		n.c.wrong(t.at, "take one of them out", "%s stands twice in was", t.shown())
	case held.how == "id":
		n.c.wrong(t.at, "was lists earlier ones only", "%s in was is the id that the %s has now", t.shown(), n.what)
	}
}

// checkID says what is wrong with an id. It becomes part of addresses, in which
// a topic's id is followed by the format.
func checkID(id string) flaw {
	const hint = "use a to z, 0 to 9, dot, underscore and hyphen"
	lower := strings.ToLower(id)
	switch {
	case id == "":
		return flaw{"is an empty id", hint}
	case id != lower && idCharacters(lower):
		return flaw{"is no id", fmt.Sprintf("in small letters: %q", lower)}
	case !idCharacters(id):
		return flaw{"is no id", hint}
	case strings.IndexByte("._-", id[0]) >= 0:
		return flaw{"is no id", "begin with a letter or digit"}
	}
	return flaw{}
}

func idCharacters(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
	}) < 0
}
