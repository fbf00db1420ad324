package copydesk

// Credit is what an entry says of where it comes from, such as "The post X
// appeared first on Y". Links are often stripped by those who copy, so any of
// the fields can be empty.
type Credit struct {
	Title        string      `json:"title,omitempty"` // of the original
	URL          string      `json:"url,omitempty"`   // of the original
	Publisher    string      `json:"publisher,omitempty"`
	PublisherURL string      `json:"publisher_url,omitempty"`
	In           CreditPlace `json:"in,omitempty"`
}

// CreditPlace is where in an entry a credit stands.
type CreditPlace string

// The places.
const (
	InText    CreditPlace = ""        // a sentence or line of the text says it
	InByline  CreditPlace = "byline"  // an agency's name in a dateline, byline or signature, or among the authors
	InElement CreditPlace = "element" // of the format: rel=via
)
