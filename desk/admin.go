package desk

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"
)

// adminHandler is what the operator's listener serves.
func (d *Desk) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", d.serveStatus)
	mux.HandleFunc("GET /health.atom", d.serveHealth)
	mux.HandleFunc("GET /metrics", d.admin("text/plain; version=0.0.4; charset=utf-8", func(w io.Writer, r *http.Request) error {
		return d.writeMetrics(r.Context(), w)
	}))
	return mux
}

// serveStatus prints the table for whoever wants a page, which a browser does,
// and JSON for programs.
func (d *Desk) serveStatus(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept")
	if wantsPage(r.Header) {
		d.admin("text/plain; charset=utf-8", func(w io.Writer, r *http.Request) error {
			st, err := d.status(r.Context())
			if err != nil {
				return err
			}
			return st.print(w, time.Now())
		})(w, r)
		return
	}
	d.admin("application/json; charset=utf-8", func(w io.Writer, r *http.Request) error {
		st, err := d.status(r.Context())
		if err != nil {
			return err
		}
		return printJSON(w, st)
	})(w, r)
}

func wantsPage(h http.Header) bool {
	accept := strings.Join(h.Values("Accept"), ",")
	return !strings.Contains(accept, "json") && strings.Contains(accept, "text/")
}

// admin serves what write prints, whole or not at all.
func (d *Desk) admin(contentType string, write func(w io.Writer, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var page bytes.Buffer
		if err := write(&page, r); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Write(page.Bytes()) // an error means that the client has left
	}
}
