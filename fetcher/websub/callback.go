package websub

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"copydesk"
)

// Path is where hubs reach us, below base_url; a subscription's callback
// follows it.
const Path = "/websub/"

// Mailbox is what a callback needs of its surroundings.
type Mailbox interface {
	// Subscription returns the subscription with that callback; ok is false if
	// there is none.
	Subscription(callback string) (sub copydesk.Subscription, ok bool)

	// Challenge answers a hub that asks back; ok is false if we did not ask for
	// that. An error is ours.
	Challenge(ctx context.Context, callback string, c Challenge) (ok bool, err error)

	// Post takes a document that was signed as agreed, to be settled later; ok
	// is false if there is no room for it now.
	Post(sub copydesk.Subscription, doc copydesk.Document) (ok bool)
}

// Limits of a callback.
const (
	maxChallenge = 4 << 10  // bytes of a challenge
	maxPush      = 16 << 20 // bytes of a pushed document
	maxUnsigned  = 64 << 20 // bytes of all documents that are being read, before anybody knows who signed them
)

// NewCallback returns the handler for addresses below [Path]. It answers
// challenges for what we asked, takes signed documents (202) and leaves their
// reading to others, and refuses the rest. A document must be read to its end
// before its signature tells anything, and anybody who knows a callback can send
// one: so there is room for a few at a time, one for each callback (else 503).
func NewCallback(m Mailbox) http.Handler {
	h := callback{mailbox: m, reads: &reads{free: maxUnsigned, busy: map[string]bool{}}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"{callback}", h.challenge)
	mux.HandleFunc("POST "+Path+"{callback}", h.push)
	return mux
}

type callback struct {
	mailbox Mailbox
	reads   *reads
}

// reads are the documents that are being read.
type reads struct {
	mu   sync.Mutex
	free int64           // bytes
	busy map[string]bool // callbacks
}

// begin makes room for a document of so many bytes, less than zero if nobody
// says how many. If there is some, end must be called once.
func (r *reads) begin(callback string, size int64) (end func(), ok bool) {
	if size < 0 || size > maxPush { // of which no more is read
		size = maxPush
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[callback] || size > r.free {
		return nil, false
	}
	r.busy[callback] = true
	r.free -= size
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.busy, callback)
		r.free += size
	}, true
}

func (h callback) challenge(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	c := Challenge{Mode: q.Get("hub.mode"), Topic: q.Get("hub.topic"), Challenge: q.Get("hub.challenge"), Lease: q.Get("hub.lease_seconds")}
	if len(c.Challenge) > maxChallenge {
		http.Error(w, "The challenge is too long.", http.StatusBadRequest)
		return
	}
	ok, err := h.mailbox.Challenge(r.Context(), r.PathValue("callback"), c)
	switch {
	case err != nil:
		w.Header().Set("Retry-After", "60")
		http.Error(w, "Not now.", http.StatusServiceUnavailable)
	case !ok:
		http.Error(w, "We did not ask for this.", http.StatusNotFound)
	default:
		header := w.Header()
		header.Set("Content-Type", "text/plain; charset=utf-8")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		io.WriteString(w, c.Challenge) // an error means that the hub has left
	}
}

func (h callback) push(w http.ResponseWriter, r *http.Request) {
	sub, ok := h.mailbox.Subscription(r.PathValue("callback"))
	signature := r.Header.Get("X-Hub-Signature")
	switch _, _, readable := parseSignature(signature); {
	case !ok || sub.State == copydesk.SubscriptionEnding:
		http.Error(w, "There is no such subscription.", http.StatusGone) // upon which hubs forget it
		return
	case !readable:
		http.Error(w, "An X-Hub-Signature is needed: sha1, sha256, sha384 or sha512 of the body.", http.StatusForbidden)
		return
	case r.Header.Get("Content-Encoding") != "" && !strings.EqualFold(r.Header.Get("Content-Encoding"), "identity"):
		http.Error(w, "Please send the document as it is.", http.StatusUnsupportedMediaType)
		return
	}
	end, ok := h.reads.begin(sub.Callback, r.ContentLength)
	if !ok {
		tooMuch(w)
		return
	}
	defer end()
	h.take(w, r, sub, signature)
}

// take reads a document, and posts it if it is signed as agreed.
func (h callback) take(w http.ResponseWriter, r *http.Request, sub copydesk.Subscription, signature string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPush))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		http.Error(w, "The document is too long.", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "The document did not arrive whole.", http.StatusBadRequest)
		return
	}
	if !Signed(signature, sub.Secret, body) {
		http.Error(w, "The signature is wrong.", http.StatusForbidden)
		return
	}
	header := http.Header{}
	if kind := r.Header.Get("Content-Type"); kind != "" {
		header.Set("Content-Type", kind)
	}
	if !h.mailbox.Post(sub, copydesk.Document{URL: sub.Topic, Header: header, Body: body}) {
		tooMuch(w)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func tooMuch(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "60")
	http.Error(w, "Too much at once.", http.StatusServiceUnavailable)
}
