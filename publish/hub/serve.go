package hub

import (
	"errors"
	"net/http"
	"strings"
)

// Path is where our hub is, below base_url.
const Path = "/hub"

// maxForm is far more than a wish has.
const maxForm = 16 << 10

// ServeHTTP takes wishes (section 5.1). What can be a wish is answered with 202
// before anybody was asked back.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(http.StatusAccepted)
	}
}

// refuse says no to whoever asks, scripts of other sites among them.
func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	http.Error(w, reason, status)
}
