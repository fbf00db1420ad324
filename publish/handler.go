package publish

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"copydesk"
)

// Handler serves what is on a shelf. See [NewHandler].
type Handler struct {
	mux      *http.ServeMux
	shelf    *Shelf
	prefix   string // path of base_url, which a proxy may have cut off
	nextPoll func(copydesk.TopicID) time.Time
	alive    func() error
	ready    func() error
	policy   []string
}

// NewHandler returns the public face: the index, topics in each format, and
// the two addresses by which supervisors ask. NextPoll says when the next
// source of a topic is due, zero if none is; alive what is stuck, and ready what
// keeps us from serving, nil if nothing. They are called at every request and
// must be quick.
func NewHandler(shelf *Shelf, site Site, nextPoll func(copydesk.TopicID) time.Time, alive, ready func() error) http.Handler {
	h := &Handler{mux: http.NewServeMux(), shelf: shelf, nextPoll: nextPoll, alive: alive, ready: ready, policy: []string{pagePolicy()}}
	if u, err := url.Parse(site.BaseURL); err == nil {
		h.prefix = strings.TrimRight(u.EscapedPath(), "/")
	}
	h.mux.HandleFunc("GET /{$}", h.serveFront)
	h.mux.HandleFunc("GET /topics/{name}", h.serveTopic)
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.alive()) })
	h.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.ready()) })
	return h
}

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Content-Type-Options"] = nosniff
	h.mux.ServeHTTP(w, r)
}

// Header values that are the same in every answer. Nobody writes to them.
var (
	nosniff  = []string{"nosniff"}
	anyone   = []string{"*"}
	feedVary = []string{"Accept-Encoding, A-IM"}
	pageVary = []string{"Accept, Accept-Encoding, A-IM"}
)

func (h *Handler) serveFront(w http.ResponseWriter, r *http.Request) {
	p := h.shelf.stock.Load().front
	if p == nil {
		refuse(w, http.StatusServiceUnavailable, "The index is not ready yet. Ask again in a moment.")
		return
	}
	h.pageHeader(w.Header())
	w.Header()["Vary"] = feedVary
	w.Header()["Cache-Control"] = []string{maxAgeValue(minAge)}
	serve(w, r, p)
}

func (h *Handler) serveTopic(w http.ResponseWriter, r *http.Request) {
	topic, f := h.split(r.PathValue("name"))
	place, ok := h.shelf.place(topic)
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, "There is no such topic. All topics are listed on the index page.")
	case place.gone:
		refuse(w, http.StatusGone, "This topic is gone for good. Please unsubscribe.")
	case place.moved != "":
		w.Header().Set("Cache-Control", "max-age=3600") // so that an operator can take it back
		w.Header()["Access-Control-Allow-Origin"] = anyone
		h.redirect(w, topicPath(place.moved, f, Part{}), http.StatusMovedPermanently)
	case f == Page:
		h.servePage(w, r, topic, place)
	default:
		h.serveFeed(w, r, topic, place.editions[f])
	}
}

// split reads the last part of a topic's address. An ending that names a
// format belongs to it, unless only a topic of the whole name is there.
func (h *Handler) split(name string) (copydesk.TopicID, Format) {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		if f, err := ParseFormat(name[i+1:]); err == nil {
			topic := copydesk.TopicID(name[:i])
			_, short := h.shelf.place(topic)
			if _, long := h.shelf.place(copydesk.TopicID(name)); short || !long {
				return topic, f
			}
		}
	}
	return copydesk.TopicID(name), Page
}

func (h *Handler) serveFeed(w http.ResponseWriter, r *http.Request, topic copydesk.TopicID, p *Pressed) {
	if p == nil {
		refuse(w, http.StatusNotFound, "This topic is not published in this format.")
		return
	}
	header := w.Header()
	header["Vary"] = feedVary
	header["Access-Control-Allow-Origin"] = anyone
	header["Cache-Control"] = []string{maxAgeValue(age(h.nextPoll(topic), time.Now()))}
	serve(w, r, p)
}

func (h *Handler) servePage(w http.ResponseWriter, r *http.Request, topic copydesk.TopicID, place place) {
	header := w.Header()
	header["Vary"] = pageVary
	page := place.editions[Page]
	if _, feed := place.editions[Atom]; feed && (page == nil || wantsFeed(r.Header["Accept"])) {
		h.redirect(w, topicPath(topic, Atom, Part{}), http.StatusSeeOther)
		return
	}
	if page == nil {
		refuse(w, http.StatusNotFound, "This topic has no page.")
		return
	}
	h.pageHeader(header)
	header["Cache-Control"] = []string{maxAgeValue(age(h.nextPoll(topic), time.Now()))}
	serve(w, r, page)
}

func (h *Handler) pageHeader(header http.Header) {
	header["Content-Security-Policy"] = h.policy
	header.Set("Referrer-Policy", "no-referrer")
}

// answer tells a supervisor what is wrong.
func answer(w http.ResponseWriter, err error) {
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		say(w, http.StatusServiceUnavailable, clean(err.Error())+"\n")
		return
	}
	say(w, http.StatusOK, "ok\n")
}

// redirect names the new address by its path alone, so that it holds under
// whatever name and port the client reached us.
func (h *Handler) redirect(w http.ResponseWriter, path string, status int) {
	w.Header().Set("Location", h.prefix+path)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(status)
}

// serve answers with p in the coding that the client prefers, or with 304 if
// it has it.
func serve(w http.ResponseWriter, r *http.Request, p *Pressed) {
	v := p.choose(r.Header["Accept-Encoding"])
	header := w.Header()
	header["Last-Modified"] = p.lastModified
	if p.links != nil {
		header["Link"] = p.links
	}
	if tag, ok := p.current(r.Header, v); ok {
		header["Etag"] = tag
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header["Etag"] = v.tag
	header["Content-Type"] = p.contentType
	header["Content-Length"] = v.length
	if v.encoding != nil {
		header["Content-Encoding"] = v.encoding
	}
	w.Write(v.body) // net/http drops it for HEAD; an error means that the client has left
}

// refuse says what is wrong, in words of ours alone: nothing of the request is
// repeated.
func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header()["Access-Control-Allow-Origin"] = anyone
	say(w, status, reason+"\n")
}

func say(w http.ResponseWriter, status int, text string) {
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	io.WriteString(w, text)
}

func maxAgeValue(d time.Duration) string {
	return "max-age=" + strconv.Itoa(int(d/time.Second))
}
