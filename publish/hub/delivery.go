package hub

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"time"

	"copydesk"
	"copydesk/publish"
)

// When a delivery is tried again.
const (
	deliverAgain = 10 * time.Second // after a failure, doubled with each in a row
	deliverLate  = time.Hour        // but no longer than this
	deliverEnd   = 24 * time.Hour   // failures for so long end a subscription
)

// Due says when p is to be delivered to s; ok is false if s has it.
func Due(s copydesk.Subscriber, p *publish.Pressed) (at time.Time, ok bool) {
	return s.Next, p.Hash() != s.Has
}

// Delivery is the header with which p goes to s (section 7): the document is
// that of p's ETag, and what it is called stands beside it.
func Delivery(s copydesk.Subscriber, p *publish.Pressed, site publish.Site) http.Header {
	h := http.Header{
		"Content-Type": {p.ContentType()},
		"Etag":         {p.ETag()},
		"Link":         {site.HubLink(site.BaseURL + s.Edition)},
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
func Delivered(s copydesk.Subscriber, p *publish.Pressed, status int, now time.Time) (next copydesk.Subscriber, keep bool) {
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

// Farewell tells a callback that the hub has nothing more for it (section 5.2).
func Farewell(s copydesk.Subscriber, site publish.Site, reason string) string {
	return withQuery(s.Callback, url.Values{"hub.mode": {"denied"}, "hub.topic": {site.BaseURL + s.Edition}, "hub.reason": {reason}})
}
