package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Relocation is a new address for a source.
type Relocation struct {
	Source string // as [copydesk.Settings.Handle] names it
	To     string // its address from now on
}

// Relocate writes new addresses of sources into the file at path: each gets its
// new url, and the old one goes into was. Everything else, comments among it,
// stays byte for byte. The file is replaced whole or not at all, and not if what
// comes out would be wrong, or if somebody else wrote to it meanwhile. What is
// wrong comes back as [Errors].
func Relocate(path string, moves []Relocation, env func(string) string, m Meaning) error {
	path, err := filepath.EvalSymlinks(path) // the file itself is replaced, not the link to it
	if err != nil {
		return Errors{{File: path, Message: unreadable(err), Hint: unreadableHint(err), cause: err}}
	}
	old, err := readFile(path)
	if err != nil {
		return Errors{{File: path, Message: unreadable(err), Hint: unreadableHint(err), cause: err}}
	}
	text, err := relocate(path, old, moves)
	if err != nil {
		return err
	}
	if _, err := Parse(path, text, env, m); err != nil {
		return fmt.Errorf("%s is not changed, since it would then be wrong: %w", path, err)
	}
	return replaceFile(path, old, text)
}

// relocate returns the text after the moves. What cannot be done in the file as it
// is, is told all at once, with its places in that.
func relocate(name string, text []byte, moves []Relocation) ([]byte, error) {
	var wrong Errors
	for _, m := range moves {
		if _, err := relocateOne(name, text, m); err != nil {
			wrong = append(wrong, err...)
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	for _, m := range moves { // one after the other, since each moves what follows
		changed, err := relocateOne(name, text, m)
		if err != nil {
			return nil, err
		}
		text = changed
	}
	return text, nil
}

func relocateOne(name string, text []byte, m Relocation) ([]byte, Errors) {
	mark := len(text) - len(bytes.TrimPrefix(text, []byte("\ufeff")))
	d := newDocument(name, text[mark:])
	root, broken := d.parse()
	if broken != nil {
		return nil, Errors{*broken}
	}
	changed, err := d.relocated(root, m)
	if err != nil {
		return nil, Errors{*err}
	}
	return append(slices.Clone(text[:mark]), changed...), nil
}

// relocated is the document with one source moved.
func (d *document) relocated(root *node, m Relocation) ([]byte, *Error) {
	n := sourceNamed(root, m.Source)
	if n == nil {
		return nil, &Error{File: d.name, Message: fmt.Sprintf("no source %q is listed", m.Source), Hint: "name it as `copydesk sources` does"}
	}
	at := n.fields["url"]
	if at == nil || at.kind != unstable.String {
		return nil, d.notEditable(n, m, "it has no url that is text")
	}
	if u, err := url.Parse(at.text); err == nil && u.User != nil {
		return nil, d.notEditable(at, m, "its address holds a user or a password, which belong to the old place")
	}
	for _, key := range ofThePlace {
		if n.fields[key] != nil && !mayKnow(at.text, m.To) {
			return nil, d.notEditable(n.fields[key], m, "its "+key+" belongs to the old place, and the new address is at another, which must not see it")
		}
	}
	if err := d.meets(root, n, at, m); err != nil {
		return nil, err
	}
	add, err := d.remembering(n, at, m)
	if err != nil {
		return nil, err
	}
	edits := []edit{{at.at, len(at.raw), quote(m.To)}}
	if add != (edit{}) {
		edits = append(edits, add)
	}
	return apply(d.text, edits), nil
}

// ofThePlace are the keys that hold what is shown to one publisher and to nobody
// else. Who moves such a source to another place says by hand what that place
// may see.
var ofThePlace = []string{"username", "password_file", "password_env", "cookie_file", "headers", "header_file"}

// mayKnow reports whether to may be shown what from was: it has the same origin
// (scheme, host and port; RFC 6454, section 4), or it is the https of what was
// http, each on its own port. Requests go by the same rule.
func mayKnow(from, to string) bool {
	a, errA := url.Parse(sameURL(from))
	b, errB := url.Parse(sameURL(to))
	if errA != nil || errB != nil || a.Host != b.Host {
		return false
	}
	return a.Scheme == b.Scheme || a.Scheme == "http" && b.Scheme == "https" && a.Port() == "" && b.Port() == ""
}

// meets says that the new address of n is another source's.
func (d *document) meets(root, n, at *node, m Relocation) *Error {
	for _, other := range root.fields["source"].items {
		if other == n {
			continue
		}
		has := func(key string) *node {
			if v := other.fields[key]; v != nil && v.kind == unstable.String {
				return v
			}
			return &node{}
		}
		if has("url").kind != unstable.String || sameURL(has("url").text) != sameURL(m.To) {
			continue
		}
		line, _ := d.position(has("url").key)
		e := d.errorAt(at.key, fmt.Sprintf("source %q cannot move to %s: source %q (line %d) is there already", m.Source, m.To, cmp.Or(has("id").text, has("url").text), line),
			"they are one feed now: add the topics of the one to the other and take it out, or leave both as they are, and they take turns")
		return &e
	}
	return nil
}

func (d *document) notEditable(n *node, m Relocation, why string) *Error {
	e := d.errorAt(n.key, fmt.Sprintf("source %q cannot be moved by this command: %s", m.Source, why), "change url by hand, and list the old one in was")
	return &e
}

// sourceNamed finds a source by its id, else by its address.
func sourceNamed(root *node, name string) *node {
	list := root.fields["source"]
	if list == nil {
		return nil
	}
	by := func(key string, same func(string) bool) int {
		return slices.IndexFunc(list.items, func(n *node) bool {
			value := n.fields[key]
			return value != nil && value.kind == unstable.String && same(value.text)
		})
	}
	i := by("id", func(id string) bool { return id == name })
	if i < 0 {
		i = by("url", func(address string) bool { return sameURL(address) == sameURL(name) })
	}
	if i < 0 {
		return nil
	}
	return list.items[i]
}

// edit replaces some bytes of a text.
type edit struct {
	at, length int
	with       string
}

// apply makes edits that do not overlap.
func apply(text []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
	var out []byte
	from := 0
	for _, e := range edits {
		out = append(append(out, text[from:e.at]...), e.with...)
		from = e.at + e.length
	}
	return append(out, text[from:]...)
}

// remembering is the edit that puts the old address of a source into its was;
// none if it is there.
func (d *document) remembering(n, address *node, m Relocation) (edit, *Error) {
	was := n.fields["was"]
	switch {
	case was == nil:
		return d.addWas(address, m)
	case was.kind != unstable.Array:
		return edit{}, d.notEditable(was, m, "its was is no array")
	case slices.ContainsFunc(was.items, func(item *node) bool { return sameURL(item.text) == sameURL(address.text) }):
		return edit{}, nil
	case len(was.items) > 0:
		return edit{was.items[0].at, 0, quote(address.text) + ", "}, nil
	}
	// An empty array: what follows the key is "=", white space and "[".
	rest := d.text[was.key:]
	open := bytes.IndexByte(rest, '[')
	if eq := bytes.IndexByte(rest, '='); eq < 0 || open < eq || len(bytes.TrimSpace(rest[eq+1:open])) > 0 {
		return edit{}, d.notEditable(was, m, "its was is written in a way that it does not know")
	}
	return edit{was.key + open + 1, 0, quote(address.text)}, nil
}

// addWas is the edit that writes a line for was below the one of url.
func (d *document) addWas(address *node, m Relocation) (edit, *Error) {
	line, _ := d.position(address.key)
	start := d.lines[line-1]
	indent := string(d.text[start:address.key])
	if strings.TrimSpace(indent) != "" {
		return edit{}, d.notEditable(address, m, "its keys do not stand on lines of their own")
	}
	end := address.at + len(address.raw)
	next := bytes.IndexByte(d.text[end:], '\n')
	written := indent + "was = [" + quote(address.text) + "]"
	if next < 0 {
		return edit{len(d.text), 0, "\n" + written}, nil
	}
	newline := "\n"
	if bytes.HasSuffix(d.text[:end+next], []byte("\r")) {
		newline = "\r\n"
	}
	return edit{end + next + 1, 0, written + newline}, nil
}

// quote writes a basic string (TOML 1.0, "String").
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// replaceFile puts text in the place of a file that still reads old, with the
// same mode and, where that can be had, the same owner.
func replaceFile(path string, old, text []byte) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("change %s: %w", path, err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return unwritable(path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	if _, err = temp.Write(text); err == nil {
		err = temp.Chmod(info.Mode().Perm())
	}
	keepOwner(temp, info)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return unwritable(path, err)
	}
	if now, err := readFile(path); err != nil || !bytes.Equal(now, old) {
		return errors.Join(fmt.Errorf("change %s: it was changed by somebody else meanwhile; try again", path), os.Remove(temp.Name()))
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return unwritable(path, err)
	}
	return nil
}

func unwritable(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w: run this command as a user that may write to %s", err, filepath.Dir(path))
	}
	return fmt.Errorf("change %s: %w", path, err)
}
