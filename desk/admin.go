package desk

import "net/http"

// adminHandler is what the operator's listener serves.
func (d *Desk) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		st, err := d.status(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if err := printJSON(w, st); err != nil {
			d.log.Debug("status not sent", "err", err)
		}
	})
	return mux
}
