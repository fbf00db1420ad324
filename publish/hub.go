package publish

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"copydesk"
)

// A hub pushes editions to those who ask for them, as WebSub says (W3C
// Recommendation, 2018). This file has its rules; hub_serve.go is where
// subscribers ask, hub_run.go the loop that asks them back and delivers, and
// hub_ping.go what is told to a hub that is not ours.

// HubPath is where our hub is, below base_url.
const HubPath = "/hub"

// Limits of a hub.
const (
	leaseDefault = 10 * 24 * time.Hour // for who does not say
	leaseLeast   = 5 * time.Minute
	leaseMost    = 30 * 24 * time.Hour

	maxSubscribers = 10_000 // in all
	maxPerHost     = 1_000  // whose callbacks are at one host
	maxSecret      = 199    // bytes: "less than 200", section 5.1
	maxCallback    = 2048   // bytes

	deliverAgain = 10 * time.Second // after a failure, doubled with each in a row
	deliverLate  = time.Hour        // but no longer than this
	deliverEnd   = 24 * time.Hour   // failures for so long end a subscription
)

// Wish is what somebody asks of the hub (section 5.1).
type Wish struct {
	Subscribe bool   // else it is to end
	Edition   string // path of an edition
	Callback  string
	Secret    string
	Lease     time.Duration // within bounds
}

// ReadWish reads a form. Parameters that it does not know are ignored. The
// error says in words of ours what is wrong; nothing of the form is in it.
func ReadWish(form url.Values, site Site) (w Wish, err error) {
	switch form.Get("hub.mode") {
	case "subscribe":
		w.Subscribe = true
	case "unsubscribe":
	default:
		return w, fmt.Errorf("hub.mode is subscribe or unsubscribe")
	}
	var ours bool
	if w.Edition, ours = strings.CutPrefix(form.Get("hub.topic"), site.BaseURL); !ours || !strings.HasPrefix(w.Edition, "/") {
		return w, errNotOurs
	}
	w.Callback, w.Secret, w.Lease = form.Get("hub.callback"), form.Get("hub.secret"), leaseOf(form.Get("hub.lease_seconds"))
	if len(w.Secret) > maxSecret {
		return w, fmt.Errorf("hub.secret is of less than 200 bytes")
	}
	return w, checkCallback(w.Callback, site)
}

var errNotOurs = fmt.Errorf("hub.topic is no feed of ours: take the address that the feed calls itself by (rel=self)")

func checkCallback(callback string, site Site) error {
	u, err := url.Parse(callback)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fmt.Errorf("hub.callback is an http or https address")
	case len(callback) > maxCallback:
		return fmt.Errorf("hub.callback is too long")
	case u.User != nil || strings.Contains(callback, "#"):
		return fmt.Errorf("hub.callback has no user, password or fragment")
	case callback == site.BaseURL || strings.HasPrefix(callback, site.BaseURL+"/"):
		return fmt.Errorf("hub.callback is an address of ours")
	}
	return nil
}

// leaseOf reads hub.lease_seconds; it is for the hub to decide.
func leaseOf(seconds string) time.Duration {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n <= 0 {
		return leaseDefault
	}
	return min(max(time.Duration(min(n, int64(leaseMost/time.Second)))*time.Second, leaseLeast), leaseMost)
}

// Question is what a callback is asked before anything becomes of a wish
// (section 5.3), to be answered with the challenge.
func (w Wish) Question(site Site, challenge string) string {
	q := url.Values{"hub.topic": {site.BaseURL + w.Edition}, "hub.challenge": {challenge}}
	if w.Subscribe {
		q.Set("hub.mode", "subscribe")
		q.Set("hub.lease_seconds", strconv.Itoa(int(w.Lease/time.Second)))
	} else {
		q.Set("hub.mode", "unsubscribe")
	}
	return withQuery(w.Callback, q)
}

// Farewell tells a callback that the hub has nothing more for it (section 5.2).
func Farewell(s copydesk.Subscriber, site Site, reason string) string {
	return withQuery(s.Callback, url.Values{"hub.mode": {"denied"}, "hub.topic": {site.BaseURL + s.Edition}, "hub.reason": {reason}})
}

// withQuery adds to the query that a callback may have.
func withQuery(callback string, q url.Values) string {
	joint := "?"
	if strings.Contains(callback, "?") {
		joint = "&"
	}
	return callback + joint + q.Encode()
}

// Grant is the subscriber that a wish makes of before, which is zero if it is
// new. Has is the edition that it could fetch when it asked.
func (w Wish) Grant(before copydesk.Subscriber, has copydesk.Digest, now time.Time) copydesk.Subscriber {
	if before.Callback == "" {
		before = copydesk.Subscriber{Edition: w.Edition, Callback: w.Callback, Since: now, Has: has}
	}
	before.Secret, before.Until = w.Secret, now.Add(w.Lease)
	before.Failures, before.Failing, before.Next = 0, time.Time{}, time.Time{}
	return before
}

// Due says when p is to be delivered to s; ok is false if s has it.
func Due(s copydesk.Subscriber, p *Pressed) (at time.Time, ok bool) {
	return s.Next, p.Hash() != s.Has
}

// Delivery is the header with which p goes to s (section 7): the document is
// that of p's ETag, and what it is called stands beside it.
func Delivery(s copydesk.Subscriber, p *Pressed, site Site) http.Header {
	h := http.Header{
		"Content-Type": {p.ContentType()},
		"Etag":         {p.ETag()},
		"Link":         {linkHeader(site.Hub, site.BaseURL+s.Edition)},
	}
	if s.Secret != "" {
		mac := hmac.New(sha256.New, []byte(s.Secret))
		mac.Write(p.Body())
		h.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	return h
}

// Delivered is s after p was sent to it: status is its answer, zero if there
// was none. A retry sends what is newest then. keep is false for one that wants
// no more (410), or that was not reached for a day.
func Delivered(s copydesk.Subscriber, p *Pressed, status int, now time.Time) (next copydesk.Subscriber, keep bool) {
	switch {
	case status >= 200 && status <= 299:
		s.Has, s.Failures, s.Failing, s.Next = p.Hash(), 0, time.Time{}, time.Time{}
		return s, true
	case status == http.StatusGone:
		return s, false
	}
	if s.Failures == 0 || now.Before(s.Failing) {
		s.Failing = now
	}
	s.Failures++
	wait := deliverAgain << min(s.Failures-1, 16)
	s.Next = now.Add(min(wait, deliverLate))
	return s, now.Sub(s.Failing) < deliverEnd
}

// linkHeader names a hub and what a document is called (RFC 8288).
func linkHeader(hub, self string) string {
	return "<" + hub + `>; rel="hub", <` + self + `>; rel="self"`
}
