package config

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document is a text with its places. Places are kept as byte offsets and turned
// into lines and columns only when something is wrong.
type document struct {
	name  string
	text  []byte
	lines []int // offset of each line's start
}

func newDocument(name string, text []byte) *document {
	d := &document{name: name, text: text, lines: []int{0}}
	for i, c := range text {
		if c == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	return d
}

// position returns the line and the column, in characters, of a byte offset.
func (d *document) position(offset int) (line, column int) {
	offset = min(max(offset, 0), len(d.text))
	line, found := slices.BinarySearch(d.lines, offset)
	if found {
		line++
	}
	return line, utf8.RuneCount(d.text[d.lines[line-1]:offset]) + 1
}

func (d *document) errorAt(offset int, message, hint string) Error {
	line, column := d.position(offset)
	return Error{File: d.name, Line: line, Column: column, Message: oneLine(message), Hint: oneLine(hint)}
}

// oneLine keeps what a file or a rule says from breaking the list of errors.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// node is a TOML value with its places. go-toml decodes into structs without
// saying where a value stood, so we keep the tree ourselves; go-toml says
// beforehand that the document is sound.
type node struct {
	kind   unstable.Kind // InlineTable for every kind of table
	key    int           // where its key stands, the last part of it
	at     int           // where the value stands, or its key where the parser does not say
	raw    string        // as written; empty for arrays and tables
	text   string        // a string's value, else as raw
	items  []*node       // of an array
	names  []string      // of a table, in file order
	fields map[string]*node
}

func newTable(at int) *node {
	return &node{kind: unstable.InlineTable, key: at, at: at, fields: map[string]*node{}}
}

// set adds a field. A name that is there already keeps its place in the order;
// in a sound document that happens only to tables that are opened again.
func (n *node) set(name string, field *node) {
	if _, again := n.fields[name]; !again {
		n.names = append(n.names, name)
	}
	n.fields[name] = field
}

// parse returns the tree of a document, or what is wrong with its syntax: the
// first thing only, since what follows a broken line means nothing.
func (d *document) parse() (*node, *Error) {
	if err := toml.Unmarshal(d.text, new(map[string]any)); err != nil {
		return nil, d.syntaxError(err)
	}
	var parser unstable.Parser
	parser.Reset(d.text)
	root := newTable(0)
	here := root
	for parser.NextExpression() {
		switch e := parser.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			here = openTable(root, e)
		case unstable.KeyValue:
			putValue(&parser, here, e)
		}
	}
	if err := parser.Error(); err != nil {
		return nil, d.syntaxError(err)
	}
	return root, nil
}

// openTable returns the table that a [header] or [[header]] opens.
func openTable(root *node, header *unstable.Node) *node {
	names, at := keyParts(header.Key())
	last := len(names) - 1
	parent := descend(root, names[:last], at)
	if header.Kind == unstable.Table {
		return descend(parent, names[last:], at)
	}
	list := parent.fields[names[last]]
	if list == nil || list.kind != unstable.Array {
		list = &node{kind: unstable.Array, key: at, at: at}
		parent.set(names[last], list)
	}
	item := newTable(at)
	list.items = append(list.items, item)
	return item
}

// putValue adds what "key = value" says to table.
func putValue(parser *unstable.Parser, table *node, expression *unstable.Node) {
	names, at := keyParts(expression.Key())
	last := len(names) - 1
	descend(table, names[:last], at).set(names[last], newValue(parser, expression.Value(), at))
}

// descend walks down to the table called names, and makes what is missing. The
// last table of an array stands for the array (TOML 1.0, "Array of Tables").
func descend(table *node, names []string, at int) *node {
	for _, name := range names {
		next := table.fields[name]
		if next != nil && next.kind == unstable.Array && len(next.items) > 0 {
			next = next.items[len(next.items)-1]
		}
		if next == nil || next.kind != unstable.InlineTable {
			next = newTable(at)
			table.set(name, next)
		}
		table = next
	}
	return table
}

// newValue copies a value out of the parser, which reuses its nodes. key is
// where it belongs if the parser does not say where it stands.
func newValue(parser *unstable.Parser, value *unstable.Node, key int) *node {
	n := &node{kind: value.Kind, key: key, at: key}
	switch value.Kind {
	case unstable.Array:
		for it := value.Children(); it.Next(); {
			n.items = append(n.items, newValue(parser, it.Node(), key))
		}
	case unstable.InlineTable:
		n.at = int(value.Raw.Offset)
		n.fields = map[string]*node{}
		for it := value.Children(); it.Next(); {
			putValue(parser, n, it.Node())
		}
	default:
		n.at = int(value.Raw.Offset)
		n.raw = string(parser.Raw(value.Raw))
		n.text = string(value.Data)
	}
	return n
}

func keyParts(key unstable.Iterator) (names []string, at int) {
	for key.Next() {
		names = append(names, string(key.Node().Data))
		at = int(key.Node().Raw.Offset)
	}
	return names, at
}

// syntaxError turns what go-toml says of a broken document into an Error. Its
// columns count bytes.
func (d *document) syntaxError(err error) *Error {
	message := strings.TrimPrefix(err.Error(), "toml: ")
	offset := 0
	var key []string
	if broken, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := broken.Position()
		offset, key = d.lines[min(max(line, 1), len(d.lines))-1]+column-1, broken.Key()
	}
	e := d.errorAt(offset, message, syntaxHint(message, key))
	return &e
}

// syntaxHint says what to do about go-toml's message.
func syntaxHint(message string, key []string) string {
	says := func(part string) bool { return strings.Contains(message, part) }
	switch name := cmp.Or(strings.Join(key, "."), "table"); {
	case says("table topic already exists"), says("table source already exists"), says("table story already exists"):
		return "write [[" + name + "]], with double brackets, before each " + name
	case says("already exists"), says("already defined"):
		return "a key may stand once; take one of them out"
	case says("at start of value"), says("must be quoted"):
		return `text stands in quotes: key = "value"`
	case says("escape"):
		return `write \\ for a backslash, or put the text in single quotes`
	case says("unterminated"), says("not terminated"), says("cannot have new lines"):
		return "the closing quote is missing"
	case says("array is incomplete"), says("after array value"):
		return "an array is written [\"a\", \"b\"]"
	case says("close table name"), says("close array table name"):
		return "a table begins with [name], one of several with [[name]]"
	case says("after key"), says("start of key"):
		return `a line is key = "value", [table] or # comment`
	case says("expected newline"):
		return "nothing but a comment may follow a value on its line"
	}
	return "see https://toml.io/en/v1.0.0 for how TOML is written"
}

// offsetInString returns how many bytes into the written form of a TOML string
// the character of its value with the number index (from 0) stands, so that an
// error inside a string can be pointed at. index may be one past the end.
func offsetInString(raw string, index int) int {
	quote := raw[:1]
	at := 1
	if triple := strings.Repeat(quote, 3); len(raw) >= 6 && strings.HasPrefix(raw, triple) {
		at = 3
		// A newline right after the opening quotes is not part of the value.
		at += len(raw[at:]) - len(strings.TrimPrefix(strings.TrimPrefix(raw[at:], "\r"), "\n"))
	}
	escapes := quote == `"`
	for at < len(raw) {
		width, characters := 1, 1
		if escapes && raw[at] == '\\' {
			width, characters = escapeWidth(raw[at:])
		} else {
			_, width = utf8.DecodeRuneInString(raw[at:])
		}
		if index < characters {
			break
		}
		index -= characters
		at += width
	}
	return min(at, len(raw))
}

// escapeWidth returns how many bytes an escape takes and how many characters it
// stands for: none for a backslash at the end of a line, which swallows the
// white space that follows.
func escapeWidth(raw string) (width, characters int) {
	if len(raw) < 2 {
		return len(raw), 1
	}
	switch raw[1] {
	case 'x':
		return 4, 1
	case 'u':
		return 6, 1
	case 'U':
		return 10, 1
	case ' ', '\t', '\r', '\n':
		return len(raw) - len(strings.TrimLeft(raw[1:], " \t\r\n")), 0
	}
	return 2, 1
}
