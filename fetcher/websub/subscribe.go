// Package websub subscribes to hubs, which then push what publishers write
// (WebSub, W3C Recommendation, 2018; the sections named here are its).
//
// It promises that a hub is answered only for what we asked of it, that nothing
// is taken that is not signed with the secret of its subscription, and that anybody
// else who finds a callback learns nothing and fills no memory. It keeps nothing:
// each decision takes a [copydesk.Subscription] and returns what becomes of it, and
// its caller stores that.
//
// Begin with [Offered], what there is to subscribe to; then [Asking], [Replied] and
// [Challenge.Answer], the way to a lease and to the next; [NewCallback] is where hubs
// reach us, and [Trusted] says whether polls may leave the news to them.
package websub

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"copydesk"
	"copydesk/fetcher"
)

// Times of the subscriber's side.
const (
	leaseAsked   = 10 * 24 * time.Hour // what we ask for; the hub decides
	leaseLongest = 30 * 24 * time.Hour // what we believe at most
	leaseShort   = 15 * time.Minute    // no renewal sooner than this after the last
	verifyWithin = time.Hour           // how long a hub may take to ask back
	verifyAgain  = time.Minute         // how long it may repeat that, should our answer have been lost
	hubRetry     = 5 * time.Minute     // after a failure, doubled with each in a row
	hubLongest   = 24 * time.Hour      // but no longer than this
	deniedAgain  = 7 * 24 * time.Hour  // after a refusal by every hub of the source
	unsubscribes = 3                   // how often a hub is told that we want no more
)

// Offer is what a source lets us subscribe to.
type Offer struct {
	Hubs  []string // in the source's order; empty: there is nothing to subscribe to
	Topic string
	At    string // the address below which the hub reaches us
}

// Offered says what to subscribe to for src; why tells people, where it is
// nothing, what is in the way. callbacks is the address below which hubs reach
// us; empty if they cannot.
//
// The topic is what the document says of itself (rel=self), which may differ
// from the address that we ask. But only within one registrable domain: what a
// feed says must not fill its source with another publisher's news. A source
// whose address holds a password is not subscribed to: the hub would have to
// know it. No hub out in the world is told an address that only our own network
// can reach, and a house out there does not ask a hub in it because a feed from
// out there says so.
func Offered(src copydesk.Source, callbacks string) (o Offer, why string) {
	switch {
	case !src.Listed || src.WebSub == copydesk.WebSubOff || len(src.Feed.Hubs) == 0:
		return o, ""
	case callbacks == "":
		return o, "it has a hub, but [server] base_url is not set, so no hub could reach us"
	case src.Outcome.Verdict == copydesk.Gone:
		return o, ""
	}
	own, err := url.Parse(src.URL)
	if err != nil || own.User != nil {
		return o, "it has a hub, which need not know the password in its address"
	}
	topic := src.Feed.Self
	if topic == "" {
		return o, "it has a hub, but does not say by which address it can be subscribed to (rel=self)"
	}
	if host := fetcher.Host(topic); host != fetcher.Host(src.URL) && host != fetcher.Host(src.Feed.ReadAt) {
		return o, "it has a hub, but calls itself " + fetcher.Redact(topic) + ", which is another site's"
	}
	inside, near := fetcher.Inside(callbacks), fetcher.Inside(src.URL)
	for _, hub := range src.Feed.Hubs {
		if fetcher.Inside(hub) && (near || inside) || !fetcher.Inside(hub) && !inside {
			o.Hubs = append(o.Hubs, hub)
		}
	}
	if len(o.Hubs) == 0 {
		return Offer{}, "it has a hub, which cannot reach [server] base_url: that is an address of your own network, or the hub's is"
	}
	o.Topic, o.At = topic, callbacks
	return o, ""
}

// Fits reports whether sub is a subscription to what is offered.
func (o Offer) Fits(sub copydesk.Subscription) bool {
	return sub.State != copydesk.SubscriptionEnding && sub.Topic == o.Topic && sub.Address == o.At+sub.Callback && slices.Contains(o.Hubs, sub.Hub)
}

// Begin is a new subscription to what is offered, due at once. The callback and
// the secret are the caller's: they must be random.
func Begin(src copydesk.SourceID, o Offer, callback, secret string, now time.Time) copydesk.Subscription {
	return copydesk.Subscription{
		Callback: callback, Address: o.At + callback, Secret: secret, Source: src, Hub: o.Hubs[0], Topic: o.Topic,
		State: copydesk.SubscriptionAsked, Next: now,
	}
}

// End is a subscription that we do not want any more. The hub is told so a few
// times; whether it listens or not, what it pushes is not taken.
func End(sub copydesk.Subscription, now time.Time) copydesk.Subscription {
	if sub.State != copydesk.SubscriptionEnding {
		sub.State, sub.Next, sub.AskedAt, sub.Failures = copydesk.SubscriptionEnding, now, time.Time{}, 0
	}
	return sub
}

// Over reports whether nothing is left to do for a subscription that ends: its
// hub never began, or was told often enough.
func Over(sub copydesk.Subscription) bool {
	return sub.State == copydesk.SubscriptionEnding && (sub.ConfirmedAt.IsZero() || sub.Failures >= unsubscribes)
}

// Asking is a subscription whose hub is about to be asked. It is stored before
// the request goes out: a hub may ask back before it answers. That it did not
// ask back the last time is a failure.
func Asking(sub copydesk.Subscription, o Offer, now time.Time) copydesk.Subscription {
	if !sub.AskedAt.IsZero() {
		sub = failed(sub, o, "the hub took the request and never asked back", now)
	}
	if !active(sub, now) && sub.State != copydesk.SubscriptionEnding {
		sub.State, sub.Since = copydesk.SubscriptionAsked, time.Time{}
	}
	sub.AskedAt, sub.Next = now, now.Add(verifyWithin)
	return sub
}

// Request is what to post to the hub of sub (section 5.1).
func Request(sub copydesk.Subscription) fetcher.Call {
	form := url.Values{"hub.callback": {sub.Address}, "hub.topic": {sub.Topic}, "hub.mode": {mode(sub)}}
	if mode(sub) == modeSubscribe {
		form.Set("hub.secret", sub.Secret)
		form.Set("hub.lease_seconds", strconv.Itoa(int(leaseAsked/time.Second)))
	}
	return fetcher.Call{
		Method: http.MethodPost, URL: sub.Hub, Hops: 5,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   []byte(form.Encode()),
	}
}

const (
	modeSubscribe   = "subscribe"
	modeUnsubscribe = "unsubscribe"
	modeDenied      = "denied"
)

// mode is what we want of the hub.
func mode(sub copydesk.Subscription) string {
	if sub.State == copydesk.SubscriptionEnding {
		return modeUnsubscribe
	}
	return modeSubscribe
}

// Replied is a subscription after its hub has answered the request. A hub that
// took it has said nothing yet: it will ask back. Its Retry-After holds, whatever
// it answered, for its whole host.
func Replied(sub copydesk.Subscription, o Offer, r fetcher.Reply, now time.Time) copydesk.Subscription {
	if sub.AskedAt.IsZero() { // it has asked back already, whatever it answers now
		return sub
	}
	next := sub
	if r.OK() {
		next.Why = r.Reason(now) + ": the hub has yet to ask back"
	} else {
		next = failed(sub, o, r.Reason(now), now)
	}
	if until := r.NotBefore(now); until.After(next.Next) && fetcher.Host(next.Hub) == fetcher.Host(sub.Hub) {
		next.Next = until
	}
	return next
}

// failed is a subscription after a request that came to nothing: the next hub
// is asked at once if it is at another host, and after the last one the first
// again, later. While a lease lasts the hub that gave it is asked again.
func failed(sub copydesk.Subscription, o Offer, why string, now time.Time) copydesk.Subscription {
	sub.AskedAt, sub.Why = time.Time{}, why
	sub.Failures++
	sub.Next = now.Add(fetcher.Doubled(hubRetry, sub.Failures-1, hubLongest))
	if sub.State == copydesk.SubscriptionEnding || active(sub, now) {
		return sub
	}
	if hub, more := nextHub(sub, o); hub != "" {
		if more && fetcher.Host(hub) != fetcher.Host(sub.Hub) {
			sub.Next = now
		}
		sub.Hub = hub
	}
	return sub
}

// nextHub is the hub after the one of sub; more is false if that is the first
// again.
func nextHub(sub copydesk.Subscription, o Offer) (hub string, more bool) {
	if len(o.Hubs) == 0 {
		return "", false
	}
	i := slices.Index(o.Hubs, sub.Hub) + 1
	return o.Hubs[i%len(o.Hubs)], i < len(o.Hubs)
}

func active(sub copydesk.Subscription, now time.Time) bool {
	return sub.State == copydesk.SubscriptionActive && now.Before(sub.Until)
}

// Challenge is what a hub asks our callback (sections 5.2 and 5.3).
type Challenge struct {
	Mode, Topic, Challenge string
	Lease                  string // seconds
}

// Answer says whether a challenge is about something that we asked for, and
// what follows from it. What we did not ask for is not answered (404), and
// changes nothing. keep is false for a subscription that has ended.
func (c Challenge) Answer(sub copydesk.Subscription, o Offer, now time.Time) (next copydesk.Subscription, ok, keep bool) {
	if sub.Source == "" || c.Topic != sub.Topic {
		return sub, false, true
	}
	if c.Mode == modeDenied && sub.State != copydesk.SubscriptionEnding {
		return denied(sub, o, now), true, true
	}
	if c.Mode != mode(sub) || c.Challenge == "" || !isExpected(sub, now) {
		return sub, false, true
	}
	if c.Mode == modeUnsubscribe {
		return sub, true, false
	}
	return confirmed(sub, lease(c.Lease), now), true, true
}

// isExpected reports whether the hub of sub may ask back.
func isExpected(sub copydesk.Subscription, now time.Time) bool {
	return !sub.AskedAt.IsZero() && now.Sub(sub.AskedAt) <= verifyWithin ||
		!sub.ConfirmedAt.IsZero() && now.Sub(sub.ConfirmedAt) <= verifyAgain && sub.State == copydesk.SubscriptionActive
}

// confirmed is a subscription with a new lease. It is renewed at half of it.
func confirmed(sub copydesk.Subscription, lease time.Duration, now time.Time) copydesk.Subscription {
	if !active(sub, now) {
		sub.Since = now
	} else {
		sub.Misses /= 2
	}
	sub.State, sub.AskedAt, sub.ConfirmedAt, sub.Failures, sub.Why = copydesk.SubscriptionActive, time.Time{}, now, 0, ""
	sub.Until, sub.Next = now.Add(lease), now.Add(max(lease/2, leaseShort))
	return sub
}

func denied(sub copydesk.Subscription, o Offer, now time.Time) copydesk.Subscription {
	sub.State, sub.AskedAt, sub.Until, sub.Why = copydesk.SubscriptionDenied, time.Time{}, now, "denied by the hub"
	sub.Failures++
	hub, more := nextHub(sub, o)
	if hub != "" {
		sub.Hub = hub
	}
	sub.Next = now.Add(deniedAgain)
	if more {
		sub.Next = now
	}
	return sub
}

// lease reads hub.lease_seconds. A hub that says none is taken at our word.
func lease(seconds string) time.Duration {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n <= 0 {
		return leaseAsked
	}
	return time.Duration(min(n, int64(leaseLongest/time.Second))) * time.Second
}
