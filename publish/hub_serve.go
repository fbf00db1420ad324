package publish

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"copydesk"
)

// maxForm is far more than a wish has.
const maxForm = 16 << 10

// ServeHTTP takes wishes (section 5.1). What can be a wish is answered with 202
// before anybody was asked back.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Content-Type-Options"] = nosniff
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, "This is a WebSub hub. Subscribe with a POST.")
		return
	}
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		refuse(w, http.StatusUnsupportedMediaType, "Please send a form: application/x-www-form-urlencoded.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			refuse(w, http.StatusRequestEntityTooLarge, "The form is too long.")
			return
		}
		refuse(w, http.StatusBadRequest, "This is no form.")
		return
	}
	wish, err := ReadWish(r.PostForm, h.site)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	switch err := h.take(wish); {
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, err.Error())
	case err != nil:
		refuse(w, http.StatusBadRequest, err.Error())
	default:
		w.WriteHeader(http.StatusAccepted)
	}
}

// edition returns the edition at a path, if that is its canonical one and
// everybody may see it. One that has become private is gone for subscribers.
func (s *Shelf) edition(path string) (p *Pressed, where place, ok bool) {
	name, is := strings.CutPrefix(path, "/topics/")
	i := strings.LastIndexByte(name, '.')
	if !is || i < 0 {
		return nil, where, false
	}
	f, err := ParseFormat(name[i+1:])
	id, bad := url.PathUnescape(name[:i])
	topic := copydesk.TopicID(id)
	if err != nil || bad != nil || topicPath(topic, f, Part{}) != path {
		return nil, where, false
	}
	if where, ok = s.place(topic); where.private {
		return nil, place{gone: true}, false
	}
	return where.editions[f], where, ok
}
