package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"copydesk"
)

// Key is what opens a private topic: a token that stands in its addresses, or a
// user and a password.
type Key struct {
	Token    Secret
	Username string
	Password Secret
}

// Keys are the keys of private topics. At a glance their secrets are empty.
type Keys map[copydesk.TopicID]Key

// A token can be tried by everybody, as often as our bandwidth allows. The
// shortest has 128 bits if it is random, in the letters of base64.
const (
	shortestToken = 22
	longestToken  = 200
)

const tokenHint = "`openssl rand -hex 16` makes one"

func (c *checker) keys(written []*wireTopic) (keys Keys) {
	for _, w := range written {
		k := c.key(w)
		if !w.Private.value || !w.ID.usable() {
			continue
		}
		if keys == nil {
			keys = Keys{}
		}
		keys[copydesk.TopicID(w.ID.value)] = k
	}
	return keys
}

// key reads what opens a topic.
func (c *checker) key(w *wireTopic) (k Key) {
	token, password := []text{w.Token, w.TokenFile, w.TokenEnv}, []text{w.PasswordFile, w.PasswordEnv}
	c.oneOfKeys([]string{"token", "token_file", "token_env"}, token...)
	c.oneOfKeys([]string{"password_file", "password_env"}, password...)
	c.oneOfKeys([]string{"a token", "username"}, firstSet(token), w.Username)
	any := firstSet([]text{firstSet(token), w.Username, firstSet(password)})
	switch {
	case w.Private.bad:
		return k
	case any.set && !w.Private.value:
		c.wrong(any.at, "add private = true", "a token or password is for private topics")
		return k
	case w.Private.value && !any.set:
		c.wrong(w.Private.at, `add token_file = "…" (`+tokenHint+`), or username and password_file`, "a private topic needs a token or a password")
	}
	c.pair(w.Username, firstSet(password))
	k.Token = Secret(cmp.Or(w.Token.value, c.fromFile("token_file", w.TokenFile), c.fromEnv("token_env", w.TokenEnv)))
	if at := firstSet(token); k.Token != "" || w.Token.usable() {
		c.checkToken(at.at, string(k.Token))
	}
	if strings.Contains(w.Username.value, ":") {
		c.wrong(w.Username.at, "take the colon out", "username %s has a colon, which ends it where it is sent", w.Username.shown())
	}
	k.Username = w.Username.value
	k.Password = Secret(cmp.Or(c.fromFile("password_file", w.PasswordFile), c.fromEnv("password_env", w.PasswordEnv)))
	return k
}

// firstSet is the first of them that is in the file.
func firstSet(all []text) text {
	for _, t := range all {
		if t.set {
			return t
		}
	}
	return text{}
}

// pair sees that a name and a password come together.
func (c *checker) pair(username, password text) {
	switch {
	case username.set && !password.set:
		c.wrong(username.at, `add password_file = "…" or password_env = "…"`, "username needs a password")
	case password.set && !username.set:
		c.wrong(password.at, `add username = "…"`, "a password needs a username")
	case username.usable() && username.value == "":
		c.wrong(username.at, `such as username = "ann"`, "username is empty")
	}
}

// checkToken says what is wrong with a token, and does not show it.
func (c *checker) checkToken(at int, token string) {
	foreign := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}
	switch {
	case len(token) < shortestToken:
		c.wrong(at, tokenHint, "the token is shorter than %d characters: it could be guessed", shortestToken)
	case len(token) > longestToken:
		c.wrong(at, tokenHint, "the token is longer than %d characters", longestToken)
	case strings.ContainsFunc(token, foreign):
		c.wrong(at, tokenHint, "the token has other characters than letters, digits, - and _")
	}
}

// publicParent sees that no private topic has a public one as its parent, which
// would carry its stories.
func (c *checker) publicParent(w *wireTopic) {
	if w.Private.value && slices.Contains(c.open, w.Parent.value) {
		c.wrong(w.Parent.at, fmt.Sprintf("take parent out, or add private = true to topic %q", w.Parent.value), "the parent %s of a private topic is public", w.Parent.shown())
	}
}

// publicTopics sees that a private source is in private topics only.
func (c *checker) publicTopics(w *wireSource) {
	for _, t := range w.Topics.items {
		if w.Private.value && slices.Contains(c.open, t.value) {
			c.wrong(t.at, fmt.Sprintf("take it out, or add private = true to topic %q", t.value), "the topic %s of a private source is public", t.shown())
		}
	}
}
