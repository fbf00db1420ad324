package copydesk

import "net/http"

// Document is one fetched representation of a source.
type Document struct {
	URL    string      // the address that answered, after redirects; relative addresses resolve against it
	Header http.Header // of the final answer; may be nil
	Body   []byte      // with its Content-Encoding undone; owned by the document, not to be changed
}
