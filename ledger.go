package copydesk

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// Ledger is a page of a source's ledger: what we asked of it in one day, and
// what came of that. It counts in sums, so that pages of several days, or of
// several sources, add up to one.
type Ledger struct {
	Day         Day             `json:"day"`
	Polls       map[Verdict]int `json:"polls,omitempty"` // by what they came to
	Requests    int             `json:"requests"`        // of these polls, of probes, pages and hubs, each redirect being one more
	Conditional int             `json:"conditional"`     // requests that carried validators

	// Apart counts the requests that did not carry the validators of the
	// publisher's last answer, or that may not have, each under its reason.
	Apart map[Apart]int `json:"apart,omitempty"`

	Received int64 `json:"bytes_received"`   // headers and bodies, as transferred
	Saved    int64 `json:"bytes_saved"`      // bodies that a 304 spared: each as large as the last one that came whole
	Listed   int   `json:"listed"`           // entries in the documents that were read
	Undated  int   `json:"undated"`          // of these, with a date that cannot be, or cannot be read
	Found    int   `json:"found"`            // new to us, of these or of what was pushed
	Pushed   int   `json:"pushed,omitempty"` // documents that a hub pushed
	Delayed  int   `json:"delayed"`          // of these, those that Delay counts: dated within a week, and not in the source's first document
	Delay    Span  `json:"delay"`            // from published to found, the sum; see MeanDelay
	MaxDelay Span  `json:"max_delay"`
	Losses   int   `json:"losses,omitempty"` // readings at which nothing of the document before was left

	// Early counts the requests that came before the publisher's wish or our
	// own floor allowed one, which only an operator's order can bring about.
	Early   int `json:"early,omitempty"`
	Closest Gap `json:"closest,omitzero"` // of all pauses the one with the least to spare
}

// Gap is a pause between two requests to a source, beside what was allowed.
type Gap struct {
	At      time.Time `json:"at,omitzero"`    // of the second request
	Pause   Span      `json:"pause"`          // since the answer before it
	Allowed Span      `json:"allowed"`        // the shortest that was allowed then
	Rule    string    `json:"rule,omitempty"` // what allowed no shorter one: "min_interval", "max-age", …
}

// spare is how much longer the pause was than it had to be.
func (g Gap) spare() Span { return g.Pause - g.Allowed }

// Apart is why a request carried no validators, or older ones than the last
// answer had.
type Apart string

// The reasons.
const (
	ApartFirst     Apart = "first"         // the source was never asked before
	ApartUnread    Apart = "never read"    // none of its answers was a document
	ApartNone      Apart = "no validators" // it gives none, or none that can be sent back
	ApartMoved     Apart = "source moved"  // validators belong to one address
	ApartDamaged   Apart = "after damage"  // of the last document only a part arrived or could be read
	ApartRefused   Apart = "after refusal" // what came last was taken for no document of this feed
	ApartNoFeed    Apart = "not the feed"  // a page or a hub of the publisher was asked, or another feed, which knows no validators of ours
	ApartUnsettled Apart = "not settled"   // the last answer was not stored, or may not have been: the daemon ended when the source was due
)

// And returns both pages as one, of the earlier day.
func (l Ledger) And(m Ledger) Ledger {
	l.Polls, l.Apart = added(l.Polls, m.Polls), added(l.Apart, m.Apart)
	l.Requests += m.Requests
	l.Conditional += m.Conditional
	l.Received += m.Received
	l.Saved += m.Saved
	l.Listed += m.Listed
	l.Undated += m.Undated
	l.Found += m.Found
	l.Pushed += m.Pushed
	l.Delayed += m.Delayed
	l.Delay += m.Delay
	l.MaxDelay = max(l.MaxDelay, m.MaxDelay)
	l.Losses += m.Losses
	l.Early += m.Early
	if l.Closest.At.IsZero() || !m.Closest.At.IsZero() && m.Closest.spare() < l.Closest.spare() {
		l.Closest = m.Closest
	}
	if l.Day == 0 || m.Day != 0 && m.Day < l.Day {
		l.Day = m.Day
	}
	return l
}

func added[K comparable](a, b map[K]int) map[K]int {
	if len(b) == 0 {
		return a
	}
	sum := make(map[K]int, len(a)+len(b))
	maps.Copy(sum, a)
	for k, n := range b {
		sum[k] += n
	}
	return sum
}

// IsZero reports whether nothing is on the page.
func (l Ledger) IsZero() bool {
	return l.Requests == 0 && len(l.Polls) == 0 && l.Found == 0 && l.Pushed == 0
}

// Errors is how many polls brought no document.
func (l Ledger) Errors() int { return l.Polls[Failed] + l.Polls[Throttled] + l.Polls[Gone] }

// MeanDelay is how long entries had been published when they were found, on
// average; zero if that is not known of any.
func (l Ledger) MeanDelay() time.Duration {
	if l.Delayed == 0 {
		return 0
	}
	return time.Duration(l.Delay) / time.Duration(l.Delayed)
}

// Share is the part of the requests that were conditional, from 0 to 1.
func (l Ledger) Share() float64 {
	if l.Requests == 0 {
		return 0
	}
	return float64(l.Conditional) / float64(l.Requests)
}

// Day is a day in UTC, counted from the first of 1970.
type Day int

// DayOf returns the day of t.
func DayOf(t time.Time) Day { return Day(t.Unix() / (24 * 60 * 60)) }

// Start is the day's midnight.
func (d Day) Start() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// MarshalText writes the day as 2006-01-02.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.Start().Format(time.DateOnly)), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Day) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("day: %w", err)
	}
	*d = DayOf(t)
	return nil
}

// Span is a duration that JSON shows as whole seconds.
type Span time.Duration

// Whole is s without the part of a second that JSON does not show.
func (s Span) Whole() Span { return s - s%Span(time.Second) }

// MarshalJSON writes whole seconds.
func (s Span) MarshalJSON() ([]byte, error) {
	return json.Marshal(int64(s.Whole() / Span(time.Second)))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Span) UnmarshalJSON(text []byte) error {
	var n int64
	if err := json.Unmarshal(text, &n); err != nil {
		return fmt.Errorf("span: %w", err)
	}
	*s = Span(time.Duration(n) * time.Second)
	return nil
}

// Trail is what the ledger and the [Episode]s must know of a source from one
// request to the next.
type Trail struct {
	Size    int64     `json:",omitempty"` // bytes, as transferred, of the last body that came whole
	Doubt   Apart     `json:",omitempty"` // why what we would send is not what the last answer gave
	Wait    Span      `json:",omitempty"` // how long after LastPoll the next request may come at the soonest
	Rule    string    `json:",omitempty"` // what allows no sooner one
	LastNew time.Time `json:",omitzero"`  // when an entry was found last
	Silence Span      `json:",omitempty"` // the longest between two finds, fading
	Streaks []Streak  `json:",omitempty"` // signs of ill health, the oldest first
}
