package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Finder answers searches. Its methods are called by requests, Find by a few at
// a time, and give up when ctx is done.
type Finder interface {
	// Understand returns the canonical form of a question, by which equal
	// questions are known. An error says what is wrong with it, in words that
	// repeat nothing of it.
	Understand(question string) (string, error)
	// Find returns what a question finds, under the title and id of its feed; who
	// asks owns it. It is an error that wraps ErrNoSearch or ErrNotYet if nobody
	// can tell.
	Find(ctx context.Context, question string) (*Issue, error)
}

// What a [Finder] says where it finds nothing out.
var (
	ErrNoSearch = errors.New("there is no search here")
	ErrNotYet   = errors.New("the search is not ready yet")
)

// What searches may cost together. A document is put together anew after a
// moment, since nobody says when one more story meets its question: long enough
// that a crowd which asks one thing costs one search.
const (
	searchAtOnce = 2
	searchWait   = 2 * time.Second // for others to be done
	searchTime   = 5 * time.Second // for the wait and the work
	searchKept   = 32              // documents
	searchFresh  = 2 * time.Second
	maxSearch    = 2 << 10 // bytes of a query, percent signs and all
)

var searchAge = []string{maxAgeValue(5 * time.Minute)}

// searchHandler serves searches. See [NewSearch].
type searchHandler struct {
	finder Finder
	site   Site
	prefix string
	policy []string

	composer *composer
}

// NewSearch returns the answers to /search, a page, and to its feeds /search.atom,
// .rss and .json, whose parameter q is the question. A document has one address:
// who asks in other words is sent there.
func NewSearch(finder Finder, site Site) http.Handler {
	return &searchHandler{
		finder: finder, site: site, prefix: site.path(),
		policy: []string{strings.Replace(pagePolicy(), "form-action 'none'", "form-action 'self'", 1)},
		composer: newComposer(limits{
			atOnce: searchAtOnce, wait: searchWait, whole: searchTime, fresh: searchFresh,
			room: searchKept, size: func(*Pressed) int { return 1 },
		}),
	}
}

// IsSearch reports whether path is one that NewSearch answers.
func IsSearch(path string) bool { return path == "/search" || strings.HasPrefix(path, "/search.") }

// ServeHTTP answers a request.
func (h *searchHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Content-Type-Options"] = nosniff
	for _, f := range Formats() {
		switch {
		case r.URL.Path != searchPath(f, ""):
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			refuse(w, http.StatusMethodNotAllowed, "A search is asked with GET.")
			return
		case r.ContentLength != 0:
			w.Header().Set("Connection", "close") // rather than read what nobody wants
			refuse(w, http.StatusRequestEntityTooLarge, "A search has no body.")
			return
		default:
			h.serve(w, r, f)
			return
		}
	}
	refuse(w, http.StatusNotFound, "There is nothing here. A search is asked at /search.")
}

// searchPath is the address of a search in format f, without base_url.
func searchPath(f Format, question string) string {
	path := "/search"
	if f != Page {
		path += "." + string(f)
	}
	if question == "" {
		return path
	}
	return path + "?q=" + url.QueryEscape(question)
}

func (h *searchHandler) serve(w http.ResponseWriter, r *http.Request, f Format) {
	h.header(w.Header(), f)
	if len(r.URL.RawQuery) > maxSearch {
		refuse(w, http.StatusRequestURITooLong, "This search is too long.")
		return
	}
	asked := r.URL.Query()["q"]
	if len(asked) == 0 && f == Page {
		h.servePage(w, http.StatusOK, searchForm{})
		return
	}
	question, err := h.finder.Understand(strings.Join(asked, " "))
	switch {
	case err != nil && f == Page:
		h.servePage(w, http.StatusBadRequest, searchForm{Question: strings.Join(asked, " "), Wrong: sentence(err)})
	case err != nil:
		refuse(w, http.StatusBadRequest, sentence(err))
	case f == Page && wantsFeed(r.Header["Accept"]):
		redirect(w, h.prefix+searchPath(Atom, question), http.StatusSeeOther)
	case len(asked) != 1 || asked[0] != question:
		redirect(w, h.prefix+searchPath(f, question), http.StatusMovedPermanently)
	default:
		p, err := h.get(r.Context(), question, f)
		if err != nil {
			h.regret(w, err)
			return
		}
		serve(w, r, p)
	}
}

func (h *searchHandler) header(header http.Header, f Format) {
	header["Cache-Control"] = searchAge
	if f == Page {
		header["Vary"] = pageVary
		header["Content-Security-Policy"] = h.policy
		header.Set("Referrer-Policy", "no-referrer")
		return
	}
	header["Vary"] = feedVary
	header["Access-Control-Allow-Origin"] = anyone
}

// sentence is an error as it is said to people.
func sentence(err error) string {
	text := []rune(err.Error())
	if len(text) == 0 {
		return ""
	}
	return strings.ToUpper(string(text[:1])) + string(text[1:]) + "."
}

// regret says why nobody can tell what a search finds.
func (h *searchHandler) regret(w http.ResponseWriter, err error) {
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case errors.Is(err, ErrNoSearch):
		refuse(w, http.StatusNotFound, "There is no search here.")
	case errors.Is(err, ErrNotYet):
		w.Header().Set("Retry-After", "30")
		refuse(w, http.StatusServiceUnavailable, "The search index is being built. Ask again in a moment.")
	default: // it took too long, too many ask, or the store is in trouble: each may pass
		w.Header().Set("Retry-After", "10")
		refuse(w, http.StatusServiceUnavailable, "This cannot be searched for just now. Ask again in a moment.")
	}
}

// get returns the document of a question, and puts it together if it must. It has
// no Last-Modified: nobody knows when a story ceased to meet the question.
func (h *searchHandler) get(ctx context.Context, question string, f Format) (*Pressed, error) {
	return h.composer.get(ctx, string(f)+" "+question, func(ctx context.Context) (draft, error) {
		issue, err := h.finder.Find(ctx, question)
		if err != nil {
			return draft{}, err
		}
		issue.Part = Part{Search: question}
		return issue.draft(f, h.site)
	})
}

// searchForm is what the page says beside the items.
type searchForm struct {
	Title    string
	Question string
	Wrong    string // what is wrong with the question
	Found    bool   // items follow
	Empty    bool   // none
}

func searchHead(s searchForm) (head, tail []byte, err error) {
	if s.Title == "" {
		s.Title = "Search"
	}
	var top, bottom bytes.Buffer
	if err := searchPage.ExecuteTemplate(&top, "head", s); err != nil {
		return nil, nil, fmt.Errorf("print the search page: %w", err)
	}
	if err := searchPage.ExecuteTemplate(&bottom, "foot", s); err != nil {
		return nil, nil, fmt.Errorf("print the search page: %w", err)
	}
	return top.Bytes(), bottom.Bytes(), nil
}

// servePage answers with the form alone.
func (h *searchHandler) servePage(w http.ResponseWriter, status int, s searchForm) {
	s.Question = clean(s.Question)
	head, tail, err := searchHead(s)
	if err != nil {
		h.regret(w, err)
		return
	}
	w.Header().Set("Content-Type", Page.ContentType())
	w.WriteHeader(status)
	w.Write(append(head, tail...)) // net/http drops it for HEAD
}
