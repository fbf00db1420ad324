package copydesk

import "time"

// Subscriber is somebody to whom our hub pushes an edition (WebSub, section
// 5). It is known by the edition and its callback together. It holds a secret:
// it is for the store and the hub, never for a log.
type Subscriber struct {
	Edition  string // the edition's address, without base_url: "/topics/asia.atom"
	Callback string // to which it is pushed
	Secret   string `json:",omitempty"` // by which we sign; empty if it gave none
	Since    time.Time
	Until    time.Time // end of its lease

	Has      Digest    // of the bytes that it was given last, or could fetch when it subscribed
	Failures int       `json:",omitempty"` // deliveries in a row that failed
	Failing  time.Time `json:",omitzero"`  // since when they do
	Next     time.Time `json:",omitzero"`  // not before this time again
}
