// Package config reads the file that an operator writes, and says what is
// wrong with it.
//
// It promises to find everything that is wrong at once, each with its line, its
// column and what to do, so that a file is repaired in one go: a misspelt key
// does not hide a wrong type, and neither hides a topic that no one defines. Only
// where the TOML itself is broken does it stop at that place, since nothing after
// it can be trusted. A [Config] that comes back without an error is complete:
// defaults are filled in, paths are absolute, and topics and sources fit
// together.
//
// It does not look at the world beyond the file: no address is asked, no folder
// is made, no rule or search is understood (the caller passes a [Meaning] that does). The
// environment comes in as a function.
//
// Begin with [Parse]. document.go turns text into values that know their
// places, wire.go into the keys that a file may have; check.go, topics.go,
// private.go, sources.go and overrides.go turn those into what they mean. Keys that are not in wire.go do
// not exist.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"

	"copydesk"
)

// Config is a configuration, complete and consistent.
type Config struct {
	Path      string // absolute path of the file; empty if there is none
	Server    Server
	Store     Store
	Poll      Poll
	Group     Group
	Search    Search
	Topics    []copydesk.Topic    // in file order
	Sources   []copydesk.Settings // in file order
	Access    Accesses            `json:",omitempty"` // of the sources that need more than a request
	Keys      Keys                `json:",omitempty"` // of the private topics
	Overrides []copydesk.Override // in file order; none contradicts another
}

// Server is where the daemon listens. Listen and Admin are "host:port" or
// "unix:/path", see [Network].
type Server struct {
	Listen  string // the public face
	Admin   string // status and metrics; empty for none
	BaseURL string // what subscribers see, without a slash at its end; made from Listen if the file has none, port 0 included
	Named   bool   // the file has a base_url: hubs and their subscribers can rely on it
	Hub     string // whose hub editions name: empty for our own, the address of another, or [HubOff]
	Control string // absolute path of the control socket, short enough for one
}

// HubOff is the hub of editions that have none.
const HubOff = "off"

// Store is where entries are kept.
type Store struct {
	Path      string        // absolute
	Retention time.Duration // how long; 0 is for ever
}

// Poll is how publishers are asked.
type Poll struct {
	Contact      string        // a web or mail address for publishers; may be empty
	MinInterval  time.Duration // at least one second
	MaxInterval  time.Duration // not below MinInterval
	MeanInterval time.Duration // of all sources together; 1h, or twice MinInterval if that is shorter
	Soonest      time.Duration // how soon a publisher can invite us
	MaxWish      time.Duration // how long ttl, max-age and their like can keep us away; 24 h or MaxInterval if not said, whichever is longer
	MaxStop      time.Duration // the same of Retry-After
	HostGap      time.Duration // between two requests to one host; may be 0
	WebSub       bool          // hubs of sources are asked to push, if Server.Named
	Allow        []string      // private targets as "PREFIX:PORT"; PREFIX is an address or a prefix without host bits, IPv6 in brackets, PORT a number or "*"
}

// Search is the index of stories.
type Search struct {
	Path string // absolute path of its folder; empty for none
}

// Group is how far apart in time two entries may be that become one story.
type Group struct {
	Rewrites time.Duration // told in other words; at least an hour, at most Copies
	Copies   time.Duration // told in the same words, or credited; at most 90 days
}

// What a key means that is not in the file. config.example.toml gives the
// reasons.
const (
	defaultListen      = "127.0.0.1:8480"
	defaultAdmin       = "127.0.0.1:8481"
	defaultStore       = "copydesk.db"
	defaultRetention   = "400d"
	defaultMinInterval = "1h"
	defaultMaxInterval = "24h"
	defaultSoonest     = "15m"
	defaultMaxStop     = "7d"
	defaultHostGap     = "2s"
	defaultRewrites    = "72h"
	defaultCopies      = "14d"
	defaultLimit       = 100
)

// maxSize is far more than any list of sources that a person keeps.
const maxSize = 4 << 20

// Check says what is wrong with a text. Of its error the first line is shown.
// The error may have a method Column() int, the place of the mistake in
// characters from 1, line breaks counted as well, or 0 if unknown; and a method
// Hint() string that says what to do.
type Check func(text string) error

// Meaning is what the caller knows of texts in the file, since this package does
// not. Where a check is nil, such texts are taken as they are.
type Meaning struct {
	Rule   Check // of `only` and `match` of a topic
	Search Check // of `search` of a topic

	// Article returns the form of an address in which articles are compared:
	// addresses with the same form mean the same one. It is empty for what can be
	// no article's. Nil compares addresses as those of sources.
	Article func(address string) string
}

// Load reads the configuration in the file at path, and the files and variables
// that it names for secrets. What is wrong with any of them comes back as
// [Errors].
func Load(path string, env func(string) string, m Meaning) (Config, error) {
	return load(path, env, m, readSecret)
}

// Glance is Load without the secrets, which only who asks publishers needs: an
// address that is one is empty.
func Glance(path string, env func(string) string, m Meaning) (Config, error) {
	return load(path, env, m, nil)
}

func load(path string, env func(string) string, m Meaning, secret reader) (Config, error) {
	text, err := readFile(path)
	if err != nil {
		return Config{}, Errors{{File: path, Message: unreadable(err), Hint: unreadableHint(err), cause: err}}
	}
	return parse(path, text, env, m, secret)
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// One byte more than is allowed, so that Parse sees that there are too many.
	return io.ReadAll(io.LimitReader(file, maxSize+1))
}

// unreadable returns the reason without the path, which stands before it.
func unreadable(err error) string {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	return "cannot be read: " + err.Error()
}

func unreadableHint(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "config.example.toml is a file to begin with"
	case errors.Is(err, fs.ErrPermission):
		return "the user that runs copydesk must be able to read it"
	}
	return "name a TOML file"
}

// Parse reads the configuration in text, without the secrets, as [Glance] does.
// name is the path of the file that it comes from, absolute or relative to the
// working directory; a relative store lies beside it. env looks up the
// environment, such as [os.Getenv]. What is wrong with the text comes back as
// [Errors].
func Parse(name string, text []byte, env func(string) string, m Meaning) (Config, error) {
	return parse(name, text, env, m, nil)
}

func parse(name string, text []byte, env func(string) string, m Meaning, secret reader) (Config, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors put a byte order mark in front
	d := newDocument(name, text)
	if err := d.checkText(); err != nil {
		return Config{}, Errors{*err}
	}
	root, broken := d.parse()
	if broken != nil {
		return Config{}, Errors{*broken}
	}
	path := ""
	if name != "" {
		absolute, err := filepath.Abs(name)
		if err != nil {
			return Config{}, fmt.Errorf("find the folder of %s: %w", name, err)
		}
		path = absolute
	}
	if m.Article == nil {
		m.Article = sameURL
	}
	c := checker{document: d, env: env, meaning: m, secret: secret, folder: filepath.Dir(path)}
	config := c.config(readWire(root, c.wrong))
	config.Path = path
	if len(c.errs) > 0 {
		c.errs.sort()
		return Config{}, c.errs
	}
	return config, nil
}

// checkText says whether the document can be text at all.
func (d *document) checkText() *Error {
	if len(d.text) > maxSize {
		return &Error{File: d.name, Message: fmt.Sprintf("larger than %d MiB", maxSize>>20), Hint: "is this a configuration?"}
	}
	for rest := d.text; len(rest) > 0; {
		r, width := utf8.DecodeRune(rest)
		if r == utf8.RuneError && width == 1 {
			err := d.errorAt(len(d.text)-len(rest), "not UTF-8 text", "save the file in UTF-8")
			return &err
		}
		rest = rest[width:]
	}
	return nil
}
