package fetcher

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func with(status int, body string, h http.Header) Answer {
	return Answer{Status: status, Header: h, Document: copydesk.Document{Body: []byte(body)}}
}

func TestAnAnswerIsJudgedByItsStatusAndBody(t *testing.T) {
	known := copydesk.Source{Validators: copydesk.Validators{ETag: `"1"`, BodyHash: copydesk.DigestOf([]byte(feed))}}
	conditional := Answer{Status: 304, Conditional: true}
	for _, tt := range []struct {
		name    string
		src     copydesk.Source
		answer  Answer
		verdict copydesk.Verdict
		reason  string
	}{
		{"new", copydesk.Source{}, with(200, feed, nil), copydesk.Changed, "200 OK"},
		{"same bytes", known, with(200, feed, nil), copydesk.Unchanged, "200 OK with the same bytes as before"},
		{"other bytes", known, with(200, feed+" ", nil), copydesk.Changed, "200 OK"},
		{"empty", copydesk.Source{}, with(200, "", nil), copydesk.Failed, "empty body"},
		{"blank", known, with(200, " \r\n\t", nil), copydesk.Failed, "empty body"},
		{"not modified", known, conditional, copydesk.Unchanged, "304 Not Modified"},
		{"not modified, unasked", known, Answer{Status: 304}, copydesk.Failed, "304 to an unconditional request"},
		{"gone", known, Answer{Status: 410}, copydesk.Gone, "410 Gone"},
		{"gone from where it redirects", known, Answer{Status: 410, Hops: []Hop{{oldHome, newHome, 302}}}, copydesk.Failed, "410 Gone, where it redirects"},
		{"gone from where it has moved", known, Answer{URL: newHome, Status: 410}, copydesk.Failed, "410 Gone, where it redirects"},
		{"throttled", known, Answer{Status: 429}, copydesk.Throttled, "429 Too Many Requests"},
		{"unavailable", known, Answer{Status: 503}, copydesk.Failed, "503 Service Unavailable"},
		{"unavailable for a while", known, with(503, "", header("Retry-After", "60")), copydesk.Throttled, "503 Service Unavailable"},
		{"unavailable, no sense", known, with(503, "", header("Retry-After", "soon")), copydesk.Failed, "503 Service Unavailable"},
		{"not found", known, Answer{Status: 404}, copydesk.Failed, "404 Not Found"},
		{"unauthorized", known, Answer{Status: 401}, copydesk.Failed, "401 Unauthorized: the feed wants a user and password (username and password_file)"},
		{"robot wall", known, with(403, "", header("cf-mitigated", "challenge")), copydesk.Failed, "403 Forbidden: a wall against robots (Cloudflare challenge)"},
		{"partial", known, Answer{Status: 206}, copydesk.Failed, "206 Partial Content"},
		{"no content", known, Answer{Status: 204}, copydesk.Failed, "204 No Content"},
		{"choices", known, Answer{Status: 300}, copydesk.Failed, "300 Multiple Choices"},
		{"unheard of", known, Answer{Status: 799}, copydesk.Failed, "799"},
		{"cut off", known, Answer{Status: 200, Err: refuse("the transfer ended after 1 of 2 bytes")}, copydesk.Failed, "the transfer ended after 1 of 2 bytes"},
	} {
		o := Judge(tt.src, tt.answer, noon)
		if o.Verdict != tt.verdict || o.Reason != tt.reason || o.Status != tt.answer.Status {
			t.Errorf("%s: got %+v, want %s, %q", tt.name, o, tt.verdict, tt.reason)
		}
	}
}

func TestAMoveIsToldIfEveryHopWasPermanent(t *testing.T) {
	a, b, c := "https://a.example/", "https://b.example/", "http://c.example/"
	for _, tt := range []struct {
		hops   []Hop
		status int
		moved  string
		reason string
	}{
		{nil, 200, "", "200 OK"},
		{[]Hop{{a, b, 301}}, 200, b, "200 OK"},
		{[]Hop{{a, b, 308}, {b, c, 301}}, 200, c, "200 OK; redirected from https to http://c.example/"},
		{[]Hop{{a, b, 301}, {b, c, 302}}, 200, "", "200 OK; redirected from https to http://c.example/"},
		{[]Hop{{a, b, 307}, {b, a, 301}}, 200, "", "200 OK"},
		{[]Hop{{a, b, 301}}, 404, "", "404 Not Found"},
	} {
		answer := with(tt.status, feed, nil)
		answer.Hops = tt.hops
		o := Judge(copydesk.Source{}, answer, noon)
		if o.MovedTo != tt.moved || o.Reason != tt.reason {
			t.Errorf("%v, %d: got %q, %q", tt.hops, tt.status, o.MovedTo, o.Reason)
		}
	}
}

func TestThePublishersWishIsReadFromItsHeaders(t *testing.T) {
	date := func(d time.Duration) string { return noon.Add(d).Format(http.TimeFormat) }
	for _, tt := range []struct {
		name   string
		status int
		header http.Header
		wait   time.Duration
		rule   string
	}{
		{"nothing", 200, nil, 0, ""},
		{"max-age", 200, header("Cache-Control", "public, max-age=7200"), 2 * time.Hour, "max-age"},
		{"max-age on a 304", 304, header("Cache-Control", "max-age=7200"), 2 * time.Hour, "max-age"},
		{"max-age on a 404", 404, header("Cache-Control", "max-age=7200"), 0, ""},
		{"max-age in capitals and quotes", 200, header("Cache-Control", `private="a, max-age=1" , Max-Age="7200"`), 2 * time.Hour, "max-age"},
		{"max-age on a second line", 200, header("Cache-Control", "public", "Cache-Control", "max-age=7200"), 2 * time.Hour, "max-age"},
		{"max-age beats Expires", 200, header("Cache-Control", "max-age=60", "Expires", date(time.Hour)), time.Minute, "max-age"},
		{"max-age of nothing", 200, header("Cache-Control", "max-age=0", "Expires", date(time.Hour)), 0, ""},
		{"a max-age of a cache is left whole", 200, header("Cache-Control", "max-age=7200", "Age", "7000"), 2 * time.Hour, "max-age"},
		{"s-maxage is for others", 200, header("Cache-Control", "s-maxage=7200"), 0, ""},
		{"no-cache", 200, header("Cache-Control", "no-cache, max-age=7200"), 0, ""},
		{"no-cache of a header", 200, header("Cache-Control", `no-cache="set-cookie", max-age=7200`), 2 * time.Hour, "max-age"},
		{"no-store", 200, header("Cache-Control", "no-store, max-age=7200", "Expires", date(time.Hour)), 0, ""},
		{"a year", 200, header("Cache-Control", "max-age=31536000"), 7 * 24 * time.Hour, "max-age"},
		{"Expires", 200, header("Expires", date(2*time.Hour)), 2 * time.Hour, "Expires"},
		{"Expires by a clock that is wrong", 200, header("Date", date(-48*time.Hour), "Expires", date(-46*time.Hour)), 2 * time.Hour, "Expires"},
		{"Expires in the past", 200, header("Expires", date(-time.Hour)), 0, ""},
		{"Expires: 0", 200, header("Expires", "0"), 0, ""},
		{"Retry-After on a 429", 429, header("Retry-After", "120"), 2 * time.Minute, "Retry-After"},
		{"Retry-After on a 503", 503, header("Retry-After", "120"), 2 * time.Minute, "Retry-After"},
		{"Retry-After on a 200", 200, header("Retry-After", "120"), 2 * time.Minute, "Retry-After"},
		{"Retry-After as a date", 429, header("Retry-After", date(time.Hour)), time.Hour, "Retry-After"},
		{"Retry-After by a clock that is wrong", 429, header("Date", date(24*time.Hour), "Retry-After", date(25*time.Hour)), time.Hour, "Retry-After"},
		{"Retry-After in the past", 429, header("Retry-After", date(-time.Hour)), 0, ""},
		{"Retry-After with a fraction", 429, header("Retry-After", "12.5"), 12 * time.Second, "Retry-After"},
		{"Retry-After below zero", 429, header("Retry-After", "-1"), 0, ""},
		{"Retry-After for ever", 429, header("Retry-After", "99999999999999999999"), 7 * 24 * time.Hour, "Retry-After"},
		{"the later of two wishes", 200, header("Retry-After", "120", "Cache-Control", "max-age=60"), 2 * time.Minute, "Retry-After"},
	} {
		o := Judge(copydesk.Source{}, with(tt.status, feed, tt.header), noon)
		want := copydesk.Outcome{Wish: tt.rule}
		if tt.wait > 0 {
			want.NotBefore = noon.Add(tt.wait)
		}
		if diff := cmp.Diff(want, copydesk.Outcome{NotBefore: o.NotBefore, Wish: o.Wish}); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

// A body that did not arrive whole says nothing of when the feed changes, but
// Retry-After stands in a header that did arrive.
func TestACutOffAnswerHasNoFreshness(t *testing.T) {
	a := Answer{Status: 200, Header: header("Cache-Control", "max-age=7200"), Err: io.ErrUnexpectedEOF}
	if o := Judge(copydesk.Source{}, a, noon); !o.NotBefore.IsZero() {
		t.Errorf("got %s by %s", o.NotBefore, o.Wish)
	}
	a.Header = header("Retry-After", "60")
	if o := Judge(copydesk.Source{}, a, noon); o.Wish != "Retry-After" || o.Verdict != copydesk.Failed {
		t.Errorf("got %+v", o)
	}
}

func TestTroubleOnTheWayIsToldInPlainWords(t *testing.T) {
	address := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Addr: address, Err: err} }
	cert := &x509.Certificate{NotBefore: noon.AddDate(0, -1, 0), NotAfter: noon.AddDate(0, 0, -2)}
	early := &x509.Certificate{NotBefore: noon.AddDate(0, 0, 3), NotAfter: noon.AddDate(1, 0, 0)}
	refused := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	for _, tt := range []struct {
		err  error
		want string
	}{
		{dial(&Refusal{"address 127.0.0.1 is private"}), "address 127.0.0.1 is private"},
		{dial(&net.DNSError{Name: "a.example", IsNotFound: true}), "name not found: a.example"},
		{dial(&net.DNSError{Name: "a.example", IsTimeout: true}), "timed out looking up the name a.example"},
		{dial(&net.DNSError{Name: "a.example", Err: "server misbehaving"}), "name lookup failed: a.example: server misbehaving"},
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "connection refused by 192.0.2.1:443"},
		{dial(os.NewSyscallError("connect", syscall.ENETUNREACH)), "no route to 192.0.2.1:443"},
		{dial(os.ErrDeadlineExceeded), "timed out connecting to 192.0.2.1:443"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, "connection reset by the publisher"},
		{refused(x509.CertificateInvalidError{Cert: cert, Reason: x509.Expired}), "certificate expired on 2026-02-27"},
		{refused(x509.CertificateInvalidError{Cert: early, Reason: x509.Expired}), "certificate not valid before 2026-03-04"},
		{refused(x509.HostnameError{Certificate: cert, Host: "a.example"}), "certificate is not for a.example"},
		{refused(x509.UnknownAuthorityError{}), "certificate signed by an authority that is not known here"},
		{refused(errors.New("odd")), "certificate refused: odd"},
		{tls.RecordHeaderError{}, "the server does not speak TLS at this port"},
		{io.ErrUnexpectedEOF, "connection closed before the answer was complete"},
		{fmt.Errorf("interrupted: %w", context.Canceled), "interrupted"},
		{errors.New("odd \xff" + strings.Repeat("x", 500)), "odd ?" + strings.Repeat("x", 295)},
	} {
		o := Judge(copydesk.Source{}, Answer{Err: tt.err}, noon)
		if o.Verdict != copydesk.Failed || o.Reason != tt.want {
			t.Errorf("%v\n got %s: %s\nwant %s", tt.err, o.Verdict, o.Reason, tt.want)
		}
	}
}

// The errors of the table above are what net/http really returns.
func TestTroubleAtARealSocketIsToldInPlainWords(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := publisher(t, "127.0.0.1", http.NotFound)
	closed := publisher(t, "127.0.0.1", http.NotFound)
	closed.Close()
	rude := publisher(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	for url, want := range map[string]string{
		secure.URL: "certificate signed by an authority that is not known here",
		strings.Replace(plain.URL, "http:", "https:", 1): "the server does not speak TLS at this port",
		closed.URL: "connection refused by " + closed.Listener.Addr().String(),
		rude.URL:   "connection closed before the answer was complete",
	} {
		o := Judge(copydesk.Source{}, client(t, Options{}).Fetch(t.Context(), Request{URL: url}), time.Now())
		if o.Reason != want {
			t.Errorf("got %q, want %q", o.Reason, want)
		}
	}
}

// Whatever a publisher sends, its wish is neither in the past nor beyond the
// bound.
func FuzzWish(f *testing.F) {
	for _, s := range []string{"", "0", "-5", "120", "1e9", "Wed, 21 Oct 2015 07:28:00 GMT", "max-age=300, public", `a="b,c",max-age="99999999999"`, "max-age=-1", "no-cache"} {
		f.Add(s, s, "Sun, 01 Mar 2026 12:00:00 GMT", s, 200)
	}
	f.Fuzz(func(t *testing.T, retry, control, date, expires string, status int) {
		a := with(status, feed, http.Header{
			"Retry-After": {retry}, "Cache-Control": {control, retry}, "Date": {date}, "Expires": {expires},
		})
		o := Judge(copydesk.Source{}, a, noon)
		if (o.Wish == "") != o.NotBefore.IsZero() {
			t.Errorf("%q until %s", o.Wish, o.NotBefore)
		}
		if !o.NotBefore.IsZero() && (!o.NotBefore.After(noon) || o.NotBefore.After(noon.Add(longestWish))) {
			t.Errorf("%s: %s is not within a week of now", o.Wish, o.NotBefore)
		}
		next, rule := NextPoll(copydesk.Source{}, o, Policy{}, noon)
		if o.Verdict != copydesk.Gone && (next.Before(noon.Add(15*time.Minute)) || next.After(noon.Add(longestWish*11/10)) || rule == "") {
			t.Errorf("next poll %s by %q", next, rule)
		}
	})
}
