package publish

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strconv"
	"time"

	"copydesk"
)

// Private topics are at addresses of their own: /private/TOKEN/topics/ID.atom,
// which any reader can be given, or /private/topics/ID.atom for readers that
// send a user and password (RFC 7617). To everybody else nothing says that they
// are there: a wrong token is answered like an address that leads nowhere, and
// whoever has no password is asked for one wherever he looks. Who tries one key
// after the other is turned away for a while (doorman.go).

// Key opens private topics. The zero value opens none.
type Key struct {
	token string
	named bool              // by user and password
	sum   [sha256.Size]byte // of the token, or of user and password
}

const privatePath = "/private"

// NewKey is a key with a token, else one with a user and a password. Of empty
// texts it opens nothing.
func NewKey(token, username, password string) Key {
	k := Key{token: token, sum: sha256.Sum256([]byte(token))}
	if token == "" && username != "" && password != "" {
		k.named, k.sum = true, nameOf(username, password)
	}
	return k
}

func nameOf(username, password string) [sha256.Size]byte {
	return sha256.Sum256([]byte(username + ":" + password)) // a username has no colon
}

// Path is what the addresses of what the key opens begin with, below base_url.
// It may hold a secret.
func (k Key) Path() string {
	if k.token == "" {
		return privatePath
	}
	return privatePath + "/" + k.token
}

// hasToken compares in a time that tells nothing of the token.
func (k Key) hasToken(token string) bool {
	given := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(given[:], k.sum[:]) == 1 && k.token != ""
}

func (k Key) hasName(username, password string) bool {
	given := nameOf(username, password)
	return subtle.ConstantTimeCompare(given[:], k.sum[:]) == 1 && k.named
}

// guest is who asks: everybody, or somebody who has given a key.
type guest struct {
	under string         // what the addresses begin with at which it asks
	opens func(Key) bool // whether what it gave is that key; nil: it gave none
}

// everybody sees public topics.
var everybody guest

// sees reports whether the guest may know that the place is there.
func (v guest) sees(p place) bool {
	if v.opens == nil {
		return !p.private
	}
	return p.private && v.opens(p.key)
}

// guestOf reads what a request to the private addresses gives as a key, and
// whether it gives one.
func guestOf(r *http.Request) (v guest, tries bool) {
	if token := r.PathValue("token"); token != "" {
		return guest{privatePath + "/" + token, func(k Key) bool { return k.hasToken(token) }}, true
	}
	username, password, given := r.BasicAuth()
	return guest{privatePath, func(k Key) bool { return k.hasName(username, password) }}, given
}

// servePrivate serves a private address by fn, if what the request gives as a
// key opens anything.
func (h *Handler) servePrivate(fn func(http.ResponseWriter, *http.Request, guest)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Referrer-Policy"] = noReferrer
		w.Header()["X-Robots-Tag"] = noRobots
		v, tries := guestOf(r)
		var opened bool
		var wait time.Duration
		if tries {
			opened, wait = h.doorman.try(originOf(r), time.Now(), func() bool { return len(h.shelf.openedBy(v)) > 0 })
		}
		switch {
		case opened:
			fn(w, r, v)
		case wait > 0:
			w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
			w.Header()["Cache-Control"] = notStored
			refuse(w, http.StatusTooManyRequests, "Too many wrong keys came from this address. Ask again in a minute.")
		case v.under == privatePath:
			w.Header().Set("WWW-Authenticate", `Basic realm="private", charset="UTF-8"`)
			w.Header()["Cache-Control"] = notStored
			refuse(w, http.StatusUnauthorized, "A user and password are needed here.")
		default:
			w.Header()["Cache-Control"] = notStored
			refuse(w, http.StatusNotFound, "There is nothing at this address.")
		}
	}
}

// handlePrivate adds the private addresses to the mux. None ends with a slash:
// the mux would redirect to it who leaves that out, and repeat what it was asked.
func (h *Handler) handlePrivate() {
	for _, under := range []string{privatePath, privatePath + "/{token}"} {
		h.mux.HandleFunc("GET "+under+"/topics/{name}", h.servePrivate(h.serveTopic))
		h.mux.HandleFunc("GET "+under+"/topics/{name}/archive/{file}", h.servePrivate(h.serveArchive))
		h.mux.HandleFunc("GET "+under+"/stories/{id}", h.servePrivate(h.serveStory))
	}
}

// to is fn for the guest.
func (v guest) to(fn func(http.ResponseWriter, *http.Request, guest)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { fn(w, r, v) }
}

// age says of a document who may keep it and for how long.
func (v guest) age(value []string) []string {
	if v.opens == nil {
		return value
	}
	return []string{"private, " + value[0]}
}

// Lock makes topics private, each for those who have its key, and all others
// public.
func (s *Shelf) Lock(keys map[copydesk.TopicID]Key) {
	s.change(func(next *stock) { next.keys = keys })
}

// openedBy are the private topics that a guest sees.
func (s *Shelf) openedBy(v guest) (ids []copydesk.TopicID) {
	for id, k := range s.stock.Load().keys {
		if v.opens != nil && v.opens(k) {
			ids = append(ids, id)
		}
	}
	return ids
}
