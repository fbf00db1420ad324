package hub

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"copydesk"
	"copydesk/publish"
)

// Limits of wishes and of who made them.
const (
	leaseDefault = 10 * 24 * time.Hour // for who does not say
	leaseLeast   = 5 * time.Minute
	leaseMost    = 30 * 24 * time.Hour

	maxSubscribers = 10_000 // in all
	maxPerHost     = 1_000  // whose callbacks are at one host
	maxSecret      = 199    // bytes: "less than 200", section 5.1
	maxCallback    = 2048   // bytes
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
func ReadWish(form url.Values, site publish.Site) (w Wish, err error) {
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

func checkCallback(callback string, site publish.Site) error {
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
func (w Wish) Question(site publish.Site, challenge string) string {
	q := url.Values{"hub.topic": {site.BaseURL + w.Edition}, "hub.challenge": {challenge}}
	if w.Subscribe {
		q.Set("hub.mode", "subscribe")
		q.Set("hub.lease_seconds", strconv.Itoa(int(w.Lease/time.Second)))
	} else {
		q.Set("hub.mode", "unsubscribe")
	}
	return withQuery(w.Callback, q)
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
