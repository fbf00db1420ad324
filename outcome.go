package copydesk

import "time"

// Verdict is the kind of an outcome.
type Verdict string

// The verdicts. Trouble at a publisher is one of these and never a Go error.
const (
	Changed   Verdict = "changed"   // a document to read
	Unchanged Verdict = "unchanged" // what we have is current
	Gone      Verdict = "gone"      // the publisher took the feed away for good (410)
	Throttled Verdict = "throttled" // we are asked to wait (429, or 503 with Retry-After)
	Failed    Verdict = "failed"    // no document, or none that is a feed
)

// Outcome is what a poll came to, with its reason.
type Outcome struct {
	Verdict Verdict
	Reason  string `json:",omitempty"` // for people: what happened, and where it can be told, why
	Status  int    `json:",omitempty"` // of the final answer; zero if there was none
	Partial bool   `json:",omitempty"` // the document broke off, and what there is of it was read
	MovedTo string `json:",omitempty"` // where permanent redirects led, if all hops were permanent

	// NotBefore is the earliest time at which the publisher wants to be asked
	// again, and Wish the header or element that says so. Zero if it says
	// nothing.
	NotBefore time.Time `json:",omitzero"`
	Wish      string    `json:",omitempty"`
}

// Read reports whether the source's document, as it is now, is known to us:
// what it does not list, the publisher does not list.
func (o Outcome) Read() bool { return o.Verdict == Changed || o.Verdict == Unchanged }

// OK reports whether nothing is wrong with the source.
func (o Outcome) OK() bool { return o.Read() }

// Rests reports whether the publisher said when to come back (RFC 9110, section
// 10.2.3), and that is still to come at now.
func (o Outcome) Rests(now time.Time) bool { return o.Wish == "Retry-After" && o.NotBefore.After(now) }
