package fetcher

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"copydesk"
)

// refusalsMeant is after how many refusals a 403 is no mishap: servers that ban
// pollers seldom say 429.
const refusalsMeant = 2

// Judge says what an answer to a request for src comes to. Changed means that
// there is a body to parse: whether it is a feed is the caller's to find out,
// who makes the verdict Failed if it is not. now is when the answer came.
func Judge(src copydesk.Source, a Answer, now time.Time) copydesk.Outcome {
	o := copydesk.Outcome{Status: a.Status}
	o.Verdict, o.Reason = verdict(src, a, now)
	if stop, ok := errors.AsType[*Stopped](a.Err); ok {
		o.NotBefore, o.Wish = stop.Until, wishRetryAfter
		return o
	}
	if turn, ok := errors.AsType[*InTurn](a.Err); ok {
		o.NotBefore, o.Wish = turn.Until, wishTurn
		return o
	}
	w := wishOf(a, now)
	if w.wait > 0 {
		o.NotBefore, o.Wish = now.Add(w.wait), w.rule
	}
	if o.Wish == wishRetryAfter && a.Err == nil && a.Status == http.StatusServiceUnavailable {
		o.Verdict = copydesk.Throttled
	}
	if o.Read() {
		o.MovedTo = movedTo(a.Hops)
		if direct(src, a) {
			o.MovedTo = src.Move.To
		}
		switch hop, ok := downgrade(a.Hops); {
		case src.Secret && ok:
			o.Reason += "; redirected from https to http"
		case ok:
			o.Reason += "; redirected from https to " + hop.To
		}
		if src.Secret {
			o.MovedTo = ""
		}
	}
	return o
}

func verdict(src copydesk.Source, a Answer, now time.Time) (copydesk.Verdict, string) {
	if stop, ok := errors.AsType[*Stopped](a.Err); ok {
		if len(a.Hops) > 0 {
			return copydesk.Throttled, "it redirects to a host that is not asked: " + stop.Error()
		}
		return copydesk.Throttled, "not asked: " + stop.Error()
	}
	if turn, ok := errors.AsType[*InTurn](a.Err); ok {
		return copydesk.Throttled, "it redirects to an address that is asked in turn: " + turn.Error()
	}
	if a.Err != nil {
		return copydesk.Failed, reason(a.Err, now)
	}
	switch a.Status {
	case http.StatusOK:
		switch {
		case len(bytes.TrimSpace(a.Document.Body)) == 0:
			return copydesk.Failed, "empty body"
		case sameBytes(src, a):
			return copydesk.Unchanged, "200 OK with the same bytes as before"
		}
		return copydesk.Changed, "200 OK"
	case http.StatusNotModified:
		if !a.Conditional {
			return copydesk.Failed, "304 to an unconditional request"
		}
		return copydesk.Unchanged, "304 Not Modified"
	case http.StatusGone:
		if answered(src, a) != "" { // who takes away what is its own says nothing of who leads there
			return copydesk.Failed, "410 Gone, where it redirects"
		}
		return copydesk.Gone, "410 Gone"
	case http.StatusTooManyRequests:
		return copydesk.Throttled, "429 Too Many Requests"
	case http.StatusUnauthorized:
		return copydesk.Failed, "401 Unauthorized: the feed wants a user and password (username and password_file)"
	}
	if a.Status == http.StatusForbidden && src.Refusals >= refusalsMeant {
		return copydesk.Throttled, fmt.Sprintf("403 Forbidden, %d times in a row: taken as a wish to be left alone", src.Refusals+1)
	}
	if strings.EqualFold(a.Header.Get("Cf-Mitigated"), "challenge") {
		return copydesk.Failed, statusLine(a.Status) + ": a wall against robots (Cloudflare challenge)"
	}
	return copydesk.Failed, statusLine(a.Status)
}

// sameBytes reports whether a document is one that was read whole: the last of
// the source's own address, or of where that has led.
func sameBytes(src copydesk.Source, a Answer) bool {
	sum := copydesk.DigestOf(a.Document.Body)
	return sum == src.BodyHash || sum == src.Elsewhere.BodyHash
}

// movedTo returns where hops led if each of them was permanent (RFC 9110,
// sections 15.4.2 and 15.4.9).
func movedTo(hops []Hop) (to string) {
	for _, h := range hops {
		if h.Status != http.StatusMovedPermanently && h.Status != http.StatusPermanentRedirect {
			return ""
		}
		to = h.To
	}
	return to
}

func downgrade(hops []Hop) (Hop, bool) {
	for _, h := range hops {
		if strings.HasPrefix(h.From, "https:") && strings.HasPrefix(h.To, "http:") {
			return h, true
		}
	}
	return Hop{}, false
}

// reason tells people what went wrong on the way to an answer.
func reason(err error, now time.Time) string {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Reason
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return dnsReason(e)
	}
	if s := tlsReason(err, now); s != "" {
		return s
	}
	where := "the publisher"
	op, ok := errors.AsType[*net.OpError](err)
	if ok && op.Addr != nil {
		where = op.Addr.String()
	}
	switch {
	case ok && op.Timeout(): // before the context's, which net's timeouts claim to be
		return "timed out connecting to " + where
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "interrupted"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused by " + where
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset by " + where
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to " + where
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed before the answer was complete"
	}
	return fmt.Sprintf("%.300s", strings.ToValidUTF8(err.Error(), "?"))
}

func dnsReason(e *net.DNSError) string {
	switch {
	case e.IsNotFound:
		return "name not found: " + e.Name
	case e.IsTimeout:
		return "timed out looking up the name " + e.Name
	}
	return fmt.Sprintf("name lookup failed: %s: %s", e.Name, e.Err)
}

func tlsReason(err error, now time.Time) string {
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Cert != nil && e.Reason == x509.Expired {
		if now.Before(e.Cert.NotBefore) {
			return "certificate not valid before " + day(e.Cert.NotBefore)
		}
		return "certificate expired on " + day(e.Cert.NotAfter)
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return "certificate is not for " + e.Host
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "certificate signed by an authority that is not known here"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the server does not speak TLS at this port"
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "certificate refused: " + cmp.Or(e.Err, err).Error()
	}
	return ""
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
