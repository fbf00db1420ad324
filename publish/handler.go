package publish

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"copydesk"
)

// Handler serves what is on a shelf, and what is put together from it. See
// [NewHandler].
type Handler struct {
	mux      *http.ServeMux
	shelf    *Shelf
	bindery  *bindery
	doorman  *doorman
	prefix   string // of paths that redirects lead to
	nextPoll func(copydesk.TopicID) time.Time
	alive    func() error
	ready    func() error
	policy   []string
}

// NewHandler returns the public face: the index, topics in each format with
// their whole logs, stories, lists for readers' import, and the two addresses
// by which supervisors ask. NextPoll says when the next source of a topic is
// due, zero if none is; alive what is stuck, and ready what keeps us from
// serving, nil if nothing. They are called at every request and must be quick; library only where what is
// asked for is neither on the shelf nor was made before.
func NewHandler(shelf *Shelf, library Library, site Site, nextPoll func(copydesk.TopicID) time.Time, alive, ready func() error) http.Handler {
	h := &Handler{
		mux: http.NewServeMux(), shelf: shelf, bindery: newBindery(library, site), doorman: newDoorman(),
		prefix: site.path(), nextPoll: nextPoll, alive: alive, ready: ready, policy: []string{pagePolicy()},
	}
	h.mux.HandleFunc("GET /{$}", h.serveFront)
	h.mux.HandleFunc("GET /topics/{name}", everybody.to(h.serveTopic))
	h.mux.HandleFunc("GET /topics/{name}/archive/{file}", everybody.to(h.serveArchive))
	h.mux.HandleFunc("GET /stories/{id}", everybody.to(h.serveStory))
	h.handlePrivate()
	h.mux.HandleFunc("GET /opml", h.serveList(TopicList))
	h.mux.HandleFunc("GET /sources.opml", h.serveList(SourceList))
	h.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.alive()) })
	h.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.ready()) })
	return h
}

// maxTarget is how long the path and query of a request may be: twice what the
// longest of ours can be.
const maxTarget = 1024

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Content-Type-Options"] = nosniff
	switch {
	case len(r.URL.Path)+len(r.URL.RawQuery) > maxTarget:
		refuse(w, http.StatusRequestURITooLong, "This address is too long to be one of ours.")
	case detours(r.URL.Path): // which net/http would answer with a redirect
		refuse(w, http.StatusNotFound, "There is nothing at this address.")
	case r.Method == http.MethodOptions && r.Header["Access-Control-Request-Method"] != nil:
		allowReading(w.Header())
		w.WriteHeader(http.StatusNoContent)
	case r.ContentLength != 0 && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		w.Header()["Connection"] = hangUp // rather than read what nobody wants
		refuse(w, http.StatusRequestEntityTooLarge, "A request for a document has no body.")
	default:
		if name, ok := plainName(r); ok { // what nearly everybody asks for needs no mux
			h.serveNamed(w, r, name, everybody)
			return
		}
		h.mux.ServeHTTP(w, r)
	}
}

// plainName is the last part of the address of a topic's edition or page, if r
// asks for one and nothing in its path is encoded.
func plainName(r *http.Request) (name string, ok bool) {
	name, ok = strings.CutPrefix(r.URL.Path, "/topics/")
	ok = ok && (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.RawPath == "" && name != "" && strings.IndexByte(name, '/') < 0
	return name, ok
}

// detours reports whether a path leads through empty steps, "." or "..".
func detours(path string) bool {
	return strings.Contains(path, "//") || strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../") || !strings.HasPrefix(path, "/")
}

// allowReading answers a browser that asks whether a page elsewhere may read
// feeds, conditionally and in parts. Everybody may: they are public, and no
// request has credentials. What is private says itself that no page may.
func allowReading(header http.Header) {
	header["Access-Control-Allow-Origin"] = anyone
	header.Set("Access-Control-Allow-Methods", "GET, HEAD")
	header.Set("Access-Control-Allow-Headers", "A-IM, If-Modified-Since, If-None-Match")
	header.Set("Access-Control-Max-Age", "86400")
}

// Header values that are the same in every answer. Nobody writes to them.
var (
	nosniff        = []string{"nosniff"}
	hangUp         = []string{"close"}
	anyone         = []string{"*"}
	exposed        = []string{"ETag, IM, Link, Retry-After"}
	noReferrer     = []string{"no-referrer"}
	acceptEncoding = []string{"Accept-Encoding"}
	feedVary       = []string{"Accept-Encoding, A-IM"}
	pageVary       = []string{"Accept, Accept-Encoding, A-IM"}
	manipulated    = []string{"feed"}
	hourAge        = []string{maxAgeValue(time.Hour)}
	noRobots       = []string{"noindex"}
	notStored      = []string{"no-store"}
	longAge        = []string{maxAgeValue(24 * time.Hour)} // an archive changes seldom, and what is updated stands in the edition too
)

func (h *Handler) serveFront(w http.ResponseWriter, r *http.Request) {
	p := h.shelf.stock.Load().front
	if p == nil {
		refuse(w, http.StatusServiceUnavailable, "The index is not ready yet. Ask again in a moment.")
		return
	}
	h.pageHeader(w.Header())
	w.Header()["Vary"] = acceptEncoding
	w.Header()["Cache-Control"] = maxAgeHeader(minAge)
	serve(w, r, p)
}

func (h *Handler) serveTopic(w http.ResponseWriter, r *http.Request, v guest) {
	h.serveNamed(w, r, r.PathValue("name"), v)
}

// serveNamed serves the topic and format that the last part of an address
// names.
func (h *Handler) serveNamed(w http.ResponseWriter, r *http.Request, name string, v guest) {
	topic, f := h.split(name)
	place, ok := h.find(w, topic, f, v)
	if !ok {
		return
	}
	part, wrong := parsePart(r.URL.RawQuery)
	switch {
	case wrong != "":
		refuse(w, http.StatusBadRequest, wrong)
	case f == Page && place.editions[Atom] != nil && (place.editions[Page] == nil || wantsFeed(r.Header["Accept"])):
		w.Header()["Vary"] = pageVary
		redirect(w, h.prefix+v.under+topicPath(topic, Atom, part), http.StatusSeeOther)
	case place.editions[f] == nil:
		refuse(w, http.StatusNotFound, "This topic is not published in this format.")
	case part != Part{} && place.issue != nil:
		h.servePart(w, r, place, part, f, v)
	default:
		h.serveEdition(w, r, topic, place, f, v)
	}
}

// find returns the place of topic, or says why there is none.
func (h *Handler) find(w http.ResponseWriter, topic copydesk.TopicID, f Format, v guest) (place, bool) {
	place, ok := h.shelf.place(topic)
	switch {
	case !ok, !v.sees(place):
		refuse(w, http.StatusNotFound, "There is no such topic. All topics are listed on the index page.")
	case place.gone:
		refuse(w, http.StatusGone, "This topic is gone for good. Please unsubscribe.")
	case place.moved != "":
		h.lead(w, place, f, Part{}, v)
	default:
		return place, true
	}
	return place, false
}

// lead leads to the topic that a place has moved to.
func (h *Handler) lead(w http.ResponseWriter, place place, f Format, part Part, v guest) {
	w.Header()["Cache-Control"] = v.age(hourAge) // so that an operator can take it back
	if v.opens == nil {
		w.Header()["Access-Control-Allow-Origin"] = anyone
	}
	redirect(w, h.prefix+v.under+topicPath(place.moved, f, part), http.StatusMovedPermanently)
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

func (h *Handler) serveEdition(w http.ResponseWriter, r *http.Request, topic copydesk.TopicID, place place, f Format, v guest) {
	h.documentHeader(w.Header(), r, topic, f, v)
	p := place.editions[f]
	if f == Page || place.issue == nil || !wantsDelta(r.Header["A-Im"]) {
		serve(w, r, p)
		return
	}
	if _, current := p.current(r.Header, p.choose(r.Header["Accept-Encoding"])); !current {
		if fresh, since, known := place.since(tagsOf(r.Header["If-None-Match"])); known && len(fresh) < len(place.issue.Galleys) {
			h.serveDelta(w, r, place, fresh, since, f)
			return
		}
	}
	serve(w, r, p)
}

// serveDelta answers with what has come into an edition since the one that the
// client has (RFC 3229). The tag is that of the whole edition, which the client
// has from now on. Caches that do not know status 226 must not keep it.
func (h *Handler) serveDelta(w http.ResponseWriter, r *http.Request, place place, fresh []*Galley, since uint64, f Format) {
	delta, err := h.bindery.delta(r.Context(), place, fresh, since, f)
	if err != nil { // the whole edition costs nothing
		serve(w, r, place.editions[f])
		return
	}
	header := w.Header()
	header["Im"] = manipulated
	header.Set("Cache-Control", "no-store, im, "+header.Get("Cache-Control"))
	whole := place.editions[f]
	v := delta.choose(r.Header["Accept-Encoding"])
	header["Last-Modified"] = whole.lastModified
	header["Etag"] = whole.choose(r.Header["Accept-Encoding"]).tag
	v.write(w, http.StatusIMUsed, delta.contentType)
}

// servePart answers with a page of a topic's log.
func (h *Handler) servePart(w http.ResponseWriter, r *http.Request, place place, part Part, f Format, v guest) {
	p, err := h.bindery.page(r.Context(), place, part, f)
	if err != nil {
		h.regret(w, err)
		return
	}
	h.documentHeader(w.Header(), r, place.issue.Topic, f, v)
	serve(w, r, p)
}

func (h *Handler) serveArchive(w http.ResponseWriter, r *http.Request, v guest) {
	name, ending, _ := strings.Cut(r.PathValue("file"), ".")
	number, ok := parseNumber(name)
	f, err := ParseFormat(ending)
	topic := copydesk.TopicID(r.PathValue("name"))
	place, found := h.shelf.place(topic)
	found = found && v.sees(place)
	switch {
	case found && place.moved != "" && ok && err == nil:
		h.lead(w, place, f, Part{Archive: int(number)}, v)
		return
	case !found || place.gone:
		h.find(w, topic, f, v)
		return
	case place.issue == nil || !ok || err != nil || number == 0 || number > 1<<31:
		refuse(w, http.StatusNotFound, "There is no such archive. The topic's feed links the newest one.")
		return
	}
	p, err := h.bindery.archive(r.Context(), place.issue, int(number), f)
	if err != nil {
		h.regret(w, err)
		return
	}
	h.documentHeader(w.Header(), r, topic, f, v)
	w.Header()["Cache-Control"] = v.age(longAge)
	serve(w, r, p)
}

// regret says why a document could not be put together.
func (h *Handler) regret(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrNoArchive):
		refuse(w, http.StatusNotFound, "There is no such archive. The topic's feed links the newest one.")
	case errors.Is(err, ErrNoStory):
		refuse(w, http.StatusNotFound, "There is no such story.")
	case errors.Is(err, ErrDropped):
		refuse(w, http.StatusGone, "This was here, and is kept no longer.")
	default: // it took too long, or the store is in trouble: either may pass
		w.Header()["Retry-After"] = []string{"5"}
		refuse(w, http.StatusServiceUnavailable, "This cannot be put together just now. Ask again in a moment.")
	}
}

// documentHeader says of a topic's document who may have it and for how long.
func (h *Handler) documentHeader(header http.Header, r *http.Request, topic copydesk.TopicID, f Format, v guest) {
	header["Cache-Control"] = v.age(maxAgeHeader(age(h.nextPoll(topic), time.Now())))
	if f == Page {
		header["Vary"] = pageVary
		h.pageHeader(header)
		return
	}
	header["Vary"] = feedVary
	if v.opens != nil {
		return
	}
	header["Access-Control-Allow-Origin"] = anyone
	if r.Header["Origin"] != nil { // a page elsewhere asks; readers need no such thing
		header["Access-Control-Expose-Headers"] = exposed
	}
}

func (h *Handler) pageHeader(header http.Header) {
	header["Content-Security-Policy"] = h.policy
	header["Referrer-Policy"] = noReferrer
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
func redirect(w http.ResponseWriter, path string, status int) {
	w.Header().Set("Location", path)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(status)
}

// serve answers with p in the coding that the client prefers, or with 304 if
// it has it.
func serve(w http.ResponseWriter, r *http.Request, p *Pressed) {
	v := p.choose(r.Header["Accept-Encoding"])
	header := w.Header()
	if p.lastModified != nil {
		header["Last-Modified"] = p.lastModified
	}
	if tag, ok := p.current(r.Header, v); ok {
		header["Etag"] = tag
		delete(header, "X-Content-Type-Options") // of content that is not sent, as are links (RFC 9110, section 15.4.5)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header["Etag"] = v.tag
	if p.links != nil {
		header["Link"] = p.links
	}
	v.write(w, http.StatusOK, p.contentType)
}

func (v *variant) write(w http.ResponseWriter, status int, contentType []string) {
	header := w.Header()
	header["Content-Type"] = contentType
	header["Content-Length"] = v.length
	if v.encoding != nil {
		header["Content-Encoding"] = v.encoding
	}
	w.WriteHeader(status)
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

// maxAgeHeaders are the values that a Cache-Control can have, made once.
var maxAgeHeaders = func() (all [maxAge/time.Second + 1][]string) {
	for s := range all {
		all[s] = []string{maxAgeValue(time.Duration(s) * time.Second)}
	}
	return all
}()

func maxAgeHeader(d time.Duration) []string { return maxAgeHeaders[d/time.Second] }

func maxAgeValue(d time.Duration) string {
	return "max-age=" + strconv.Itoa(int(d/time.Second))
}
