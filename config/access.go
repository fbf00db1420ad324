package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"copydesk"

	"golang.org/x/net/http/httpguts"
)

// Access is what a publisher wants to see before it answers, and the way to it.
// Its texts are secrets: none of them is ever shown.
type Access struct {
	Username string
	Password Secret
	Headers  []Header // in file order, the cookie among them
	Proxy    Secret   // address; empty for none
}

// Header is a header field for each request to a source.
type Header struct {
	Name  string
	Value Secret
}

// Secret is a text that does not show itself when it is printed, logged or
// encoded.
type Secret string

const hidden = "[secret]"

func (s Secret) String() string { return hidden }

// GoString is String for %#v.
func (s Secret) GoString() string { return hidden }

// MarshalText is String for encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Accesses are the accesses of sources that have one, by what they are called
// when they are first seen ([copydesk.NewSourceID] of their settings).
type Accesses map[copydesk.SourceID]Access

func (a Access) none() bool {
	return a.Username == "" && a.Password == "" && len(a.Headers) == 0 && a.Proxy == ""
}

// reader reads a file that holds a secret.
type reader func(path string) ([]byte, error)

// maxSecret is more than any password or cookie has.
const maxSecret = 64 << 10

func readSecret(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err == nil && len(text) > maxSecret {
		err = fmt.Errorf("larger than %d KiB", maxSecret>>10)
	}
	return text, err
}

// address returns a source's address, and whether that is a secret.
func (c *checker) address(w *wireSource) (address string, secret bool) {
	if !w.URLFile.set && !w.URLEnv.set {
		return w.URL.value, false
	}
	c.oneOfKeys([]string{"url", "url_file", "url_env"}, w.URL, w.URLFile, w.URLEnv)
	at := w.URLFile
	if !at.set {
		at = w.URLEnv
	}
	if !w.ID.set {
		c.wrong(at.at, `add a line like id = "example"`, "a source whose address is a secret needs an id, by which it is shown")
	}
	address = cmp.Or(c.fromFile("url_file", w.URLFile), c.fromEnv("url_env", w.URLEnv))
	if address == "" {
		return "", true
	}
	if f := checkWebURL(address); f.message != "" { // which may quote it
		c.wrong(at.at, `it must hold one address, such as https://host/path`, "what %s names is no web address", at.shown())
	}
	return address, true
}

// access reads what stands in the file of how to get at a source.
func (c *checker) access(w *wireSource, src copydesk.Settings) (a Access) {
	c.oneOfKeys([]string{"password_file", "password_env"}, w.PasswordFile, w.PasswordEnv)
	c.oneOfKeys([]string{"proxy", "proxy_file"}, w.Proxy, w.ProxyFile)
	a.Username = w.Username.value
	a.Password = Secret(cmp.Or(c.fromFile("password_file", w.PasswordFile), c.fromEnv("password_env", w.PasswordEnv)))
	c.passwords(w, src)
	for i, name := range w.Headers.names {
		a.Headers = c.addHeader(a.Headers, name.at, "headers", name.value, w.Headers.values[i].value)
	}
	for line := range strings.Lines(c.fromFile("header_file", w.HeaderFile)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, _ := strings.Cut(line, ":") // without a colon the value is empty
		a.Headers = c.addHeader(a.Headers, w.HeaderFile.at, "header_file", strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if cookie := c.fromFile("cookie_file", w.CookieFile); cookie != "" {
		if !httpguts.ValidHeaderFieldValue(cookie) {
			c.wrong(w.CookieFile.at, "it must hold one line, such as session=abc; theme=light", "cookie_file holds what is no cookie")
		}
		a.Headers = append(a.Headers, Header{"Cookie", Secret(cookie)})
	}
	a.Proxy = c.proxy(w)
	return a
}

// passwords sees that a name and a password come together, and once.
func (c *checker) passwords(w *wireSource, src copydesk.Settings) {
	password := w.PasswordFile
	if !password.set {
		password = w.PasswordEnv
	}
	switch u, err := url.Parse(src.URL); {
	case w.Username.set && !password.set:
		c.wrong(w.Username.at, `add password_file = "…" or password_env = "…"`, "username needs a password")
	case password.set && !w.Username.set:
		c.wrong(password.at, `add username = "…"`, "a password needs a username")
	case w.Username.set && err == nil && u.User != nil:
		c.wrong(w.Username.at, "take it out of the address", "the address holds a user as well")
	}
}

// notOurs are headers that say how the request is made, which is ours to say.
var notOurs = []string{
	"Accept-Encoding", "Connection", "Content-Length", "Cookie", "Host", "If-Modified-Since", "If-None-Match", "Keep-Alive",
	"Proxy-Authorization", "Proxy-Connection", "Range", "Referer", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent",
}

func (c *checker) addHeader(all []Header, at int, key, name, value string) []Header {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	switch {
	case !httpguts.ValidHeaderFieldName(name), value == "", !httpguts.ValidHeaderFieldValue(value):
		c.wrong(at, `a header is a name and a value, such as X-Edition: international`, "%s has what is no header", key)
	case canonical == "Cookie":
		c.wrong(at, "use cookie_file", "%s has a cookie", key)
	case slices.Contains(notOurs, canonical):
		c.wrong(at, "take it out", "%s has %s, which Copydesk sends itself or never", key, canonical)
	case slices.ContainsFunc(all, func(h Header) bool { return h.Name == canonical }):
		c.wrong(at, "take one of them out", "the header %s stands twice", canonical)
	default:
		return append(all, Header{canonical, Secret(value)})
	}
	return all
}

func (c *checker) proxy(w *wireSource) Secret {
	at, address := w.Proxy, w.Proxy.value
	if w.ProxyFile.set {
		at, address = w.ProxyFile, c.fromFile("proxy_file", w.ProxyFile)
	}
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		c.wrong(at.at, `write "http://host:port", "https://host:port" or "socks5://host:port"`, "the proxy is no address of one")
		return ""
	}
	if _, has := u.User.Password(); has && w.Proxy.set {
		c.wrong(at.at, "move the address to a file, and name that in proxy_file", "the proxy's address holds a password")
	}
	return Secret(address)
}

// oneOfKeys complains of all keys that are set but the first.
func (c *checker) oneOfKeys(names []string, values ...text) {
	first := ""
	for i, t := range values {
		switch {
		case t.set && first != "":
			c.wrong(t.at, "take one of them out", "%s stands beside %s", names[i], first)
		case t.set:
			first = names[i]
		}
	}
}

// fromFile reads the secret in a file. A relative path is seen from where
// systemd puts credentials, if it does and has such a one, else from the
// configuration.
func (c *checker) fromFile(key string, t text) string {
	switch {
	case !t.usable():
		return ""
	case t.value == "":
		c.wrong(t.at, "name a file", "%s is empty", key)
		return ""
	case c.secret == nil:
		return ""
	}
	text, err := c.secret(absolute(t.value, c.folder))
	if dir := c.env("CREDENTIALS_DIRECTORY"); dir != "" && !filepath.IsAbs(t.value) {
		if credential, credentialErr := c.secret(filepath.Join(dir, t.value)); credentialErr == nil || !errors.Is(credentialErr, os.ErrNotExist) {
			text, err = credential, credentialErr
		}
	}
	text = bytes.TrimSpace(text)
	switch {
	case err != nil:
		c.wrong(t.at, "the user that runs copydesk must be able to read it", "%s %s %s", key, t.shown(), unreadable(err))
	case len(text) == 0:
		c.wrong(t.at, "put the secret into it", "%s %s is an empty file", key, t.shown())
	case bytes.IndexByte(text, 0) >= 0:
		c.wrong(t.at, "it must be text", "%s %s is no text", key, t.shown())
	}
	return string(text)
}

// fromEnv reads the secret in a variable.
func (c *checker) fromEnv(key string, t text) string {
	if !t.usable() || c.secret == nil {
		return ""
	}
	value := strings.TrimSpace(c.env(t.value))
	if value == "" {
		c.wrong(t.at, "set it where copydesk is started", "%s: the environment has no %s", key, t.shown())
	}
	return value
}
