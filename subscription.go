package copydesk

import "time"

// Subscription is our standing wish at a hub that it pushes what a source
// publishes (WebSub, W3C Recommendation of 2018). It is known by its callback,
// and it holds a secret: it is for the store and the fetcher, never for a log.
type Subscription struct {
	Callback string   // the last part of the address that the hub pushes to, which nobody can guess
	Address  string   // the whole of that address, as the hub was told
	Secret   string   // by which the hub signs what it pushes
	Source   SourceID // whose documents are pushed
	Hub      string   // as the source names it
	Topic    string   // the source's own address of itself, rel=self
	State    SubscriptionState

	AskedAt     time.Time `json:",omitzero"`  // when we last asked the hub, while it has not answered by a challenge
	ConfirmedAt time.Time `json:",omitzero"`  // when it last did
	Since       time.Time `json:",omitzero"`  // active without a break since
	Until       time.Time `json:",omitzero"`  // end of the lease; nothing is pushed after it
	Next        time.Time `json:",omitzero"`  // when to ask the hub again
	Failures    int       `json:",omitempty"` // requests in a row that came to nothing
	Why         string    `json:",omitempty"` // what came of the last one, for people

	LastPush time.Time `json:",omitzero"`  // that was signed as agreed
	Proven   int       `json:",omitempty"` // pushes that brought news, since polls last found some that had not been pushed
	Doubted  int       `json:",omitempty"` // what Proven was before that
	Missed   time.Time `json:",omitzero"`  // when polls last found such
	Misses   int       `json:",omitempty"` // how often they did, fading with each lease
}

// SubscriptionState says how far a subscription has come.
type SubscriptionState string

// The states.
const (
	SubscriptionAsked  SubscriptionState = "asked"  // not confirmed yet, or no more
	SubscriptionActive SubscriptionState = "active" // the hub pushes until the lease ends
	SubscriptionDenied SubscriptionState = "denied" // the hub will not
	SubscriptionEnding SubscriptionState = "ending" // we do not want it any more, and the hub is being told
)
