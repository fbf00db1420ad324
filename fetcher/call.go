package fetcher

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"copydesk"

	"golang.org/x/net/http/httpguts"
)

// Call is a request that asks for no document: WebSub's, to a hub or to a
// subscriber. It has the guard, the turn at its host and the limits of every
// other request.
type Call struct {
	Method string
	URL    string
	Header http.Header // beside User-Agent; may be nil
	Body   []byte
	Hops   int // redirects that are followed, and only such as keep method and body: 307 and 308
}

// Reply is what came of a call.
type Reply struct {
	Status   int
	Header   http.Header
	Body     []byte // its beginning, 8 KiB at most
	Requests int    // that were made, those of redirects among them
	Err      error  // why there is no reply, as in [Answer]

	// Stop is what the reply asks for on behalf of its whole host. It is in force;
	// the caller keeps it for the next process.
	Stop copydesk.HostStop
}

// OK reports whether the call was taken.
func (r Reply) OK() bool { return r.Err == nil && r.Status >= 200 && r.Status <= 299 }

// Reason says for people what came of the call.
func (r Reply) Reason(now time.Time) string {
	if r.Err != nil {
		return reason(r.Err, now)
	}
	return statusLine(r.Status)
}

// NotBefore is until when whoever was called wants to be left alone; zero if
// that is not said.
func (r Reply) NotBefore(now time.Time) time.Time {
	if stop, ok := errors.AsType[*Stopped](r.Err); ok {
		return stop.Until
	}
	if wait := askedFor(r.Header, now); wait > 0 {
		return now.Add(wait)
	}
	return time.Time{}
}

// callBody is how much of a reply is read: a challenge, or a sentence that
// says what is wrong.
const callBody = 8 << 10

// Call makes a request. When ctx ends first, the reply's Err wraps ctx.Err().
func (c *Client) Call(ctx context.Context, call Call) (r Reply) {
	u, err := url.Parse(call.URL)
	if err == nil {
		err = askable(u)
	} else {
		err = refuse("not an address that can be asked: %s", Redact(call.URL))
	}
	left := c.limits.Total
	requests := 0
	for hops := 0; err == nil && u != nil; hops++ {
		began := time.Now()
		r, u, err = c.callOnce(ctx, call, bare(u), left, hops)
		requests += r.Requests
		left -= time.Since(began)
	}
	r.Requests, r.Err = requests, err
	return r
}

// callOnce makes one request and returns where it is to be made again, nil if
// nowhere.
func (c *Client) callOnce(ctx context.Context, call Call, u *url.URL, left time.Duration, hops int) (r Reply, next *url.URL, err error) {
	leave, err := c.enter(ctx, u, false, nil)
	if err != nil {
		return r, nil, err
	}
	defer leave()
	w := watchOver(ctx, c.limits, left)
	defer w.stop()
	var a Answer // as much of one as a stop asks for
	req, err := c.callRequest(a.traced(w.ctx), call, u)
	if err != nil {
		return r, nil, err
	}
	r.Requests = 1
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return r, nil, w.trouble(err)
	}
	defer resp.Body.Close()
	w.headersCame()
	r.Status, r.Header = resp.StatusCode, resp.Header
	a.Status, a.Header = r.Status, r.Header
	r.Stop = c.heededCall(&a, u)
	c.gate.stop(r.Stop)
	if call.Hops > 0 && (r.Status == http.StatusTemporaryRedirect || r.Status == http.StatusPermanentRedirect) {
		drop(resp)
		next, err = callNext(call, u, resp.Header.Get("Location"), hops)
		return r, next, err
	}
	if r.Body, err = io.ReadAll(io.LimitReader(resp.Body, callBody)); err != nil && ctx.Err() == nil {
		err = nil // the status is what counts
	}
	return r, nil, w.trouble(err)
}

func (c *Client) callRequest(ctx context.Context, call Call, u *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, call.Method, u.String(), bytes.NewReader(call.Body))
	if err != nil {
		return nil, refuse("not an address that can be asked: %s", Redact(u.String()))
	}
	maps.Copy(req.Header, call.Header)
	req.Header["User-Agent"] = c.agent
	for name, values := range req.Header {
		if !httpguts.ValidHeaderFieldName(name) || !allGood(values, httpguts.ValidHeaderFieldValue) {
			return nil, refuse("a header that cannot be sent: %q", name)
		}
	}
	if len(call.Body) == 0 {
		req.Body, req.GetBody = nil, nil
	}
	return req, nil
}

// allGood reports whether good holds for each of the values.
func allGood(values []string, good func(string) bool) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !good(v) })
}

// callNext is where a redirect leads.
func callNext(call Call, u *url.URL, location string, hops int) (*url.URL, error) {
	if hops >= call.Hops {
		return nil, refuse("redirected more than %d times", call.Hops)
	}
	next, err := u.Parse(location)
	if err != nil || location == "" {
		return nil, refuse("redirected to what is not an address: %s", Redact(location))
	}
	if err := askable(next); err != nil {
		return nil, errors.Join(refuse("redirected"), err)
	}
	return next, nil
}
