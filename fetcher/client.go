package fetcher

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"copydesk"

	"golang.org/x/net/http/httpguts"
)

// Options is what a client needs to know. The zero value asks public hosts
// only, without a pause between requests.
type Options struct {
	UserAgent string        // "Copydesk/VERSION (+CONTACT)"
	Allow     []string      // private targets as PREFIX:PORT: "127.0.1.0/24:8900", "[fd00::/8]:80", "10.0.0.5:*"
	HostGap   time.Duration // between the end of one request and the start of the next to one [Host]
	Limits    Limits

	// Callbacks says that calls go to subscribers. There are many at one domain,
	// each with an owner of its own: 429 stops the name that answered it alone,
	// and for an hour at most.
	Callbacks bool

	// Transport takes the place of our own, whose dialler refuses private
	// addresses. Everything else still holds. Like any transport it must end
	// a request, and the reading of its body, with the request's context.
	Transport http.RoundTripper
}

// Limits bound what one publisher can cost us. A zero field is its default.
type Limits struct {
	Header    int64         // bytes of an answer's header; 256 KiB
	Body      int64         // bytes of a body, compressed as well as decoded; 20 MiB
	Hops      int           // redirects followed; 5, and none if negative
	ToHeaders time.Duration // from dialling to the answer's header, for each hop; 30 s
	Total     time.Duration // of all hops together, without the time that we waited for a host's turn; 120 s
}

func (l Limits) orDefaults() Limits {
	return Limits{
		Header:    cmp.Or(l.Header, 256<<10),
		Body:      cmp.Or(l.Body, 20<<20),
		Hops:      cmp.Or(l.Hops, 5),
		ToHeaders: cmp.Or(l.ToHeaders, 30*time.Second),
		Total:     cmp.Or(l.Total, 120*time.Second),
	}
}

// Request is a question to a publisher: an address, and the validators of the
// document that we have from it. A user and password in the address are sent
// to that host only.
type Request struct {
	URL, ETag, LastModified string

	// Elsewhere is where redirects of URL led before. Its validators go to that
	// address and to no other: a validator means nothing but to who gave it.
	Elsewhere copydesk.Elsewhere

	Access Access
	Secret bool // the address must not stand in a reason

	Page   bool // a page for people is wanted, not a feed
	Insist bool // ask also a host that wants to be left alone

	taken  func(address string) error // says why an address is not asked that has come to its turn; may be nil
	parked func() bool                // is called when a redirect has to wait for the turn of its host, and says whether it may; may be nil
}

// validators are those that go to an address.
func (r Request) validators(u *url.URL, home bool) (etag, modified string) {
	switch {
	case home:
		return r.ETag, r.LastModified
	case u.String() == r.Elsewhere.URL:
		return r.Elsewhere.ETag, r.Elsewhere.LastModified
	}
	return "", ""
}

// Hop is a redirect that was followed.
type Hop struct {
	From, To string
	Status   int
}

// Answer is what came of a request.
type Answer struct {
	URL         string            // that was asked, as in the request
	Status      int               // of the final answer; zero if there was none
	Document    copydesk.Document // of a 200 that arrived whole; else zero
	Header      http.Header       // of the final answer
	Hops        []Hop
	Asked       time.Time     // when the first request began, after its wait for the host's turn
	Took        time.Duration // since then
	Conditional bool          // validators were sent to who answered last
	Requests    int           // that were made, those of the hops among them
	Carried     int           // how many of them carried validators
	Received    int64         // bytes of headers and bodies, as transferred, of all of them
	Size        int64         // bytes of the document's body, as transferred
	Remote      netip.Addr    // who answered last; zero if that is not known

	// ETag and LastModified are as received, byte for byte; empty if absent.
	ETag, LastModified string

	// Err says why there is no final answer, or not all of its body: a
	// [*Refusal], a network error, or an error that wraps that of the context.
	Err error
}

// Refusal is an answer that we did not take, or a request that we did not make,
// by a rule of ours. Its text is for the operator and names no credentials.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

func refuse(format string, args ...any) *Refusal {
	return &Refusal{fmt.Sprintf(format, args...)}
}

// Client asks publishers. It may be used by many goroutines.
type Client struct {
	limits    Limits
	transport http.RoundTripper
	gate      *gate
	guard     *guard
	proxies   proxies
	decoders  decoders
	room      *room
	callbacks bool
	agent     []string
}

// NewClient returns a client. The error names a bad allow pair.
func NewClient(o Options) (*Client, error) {
	guard, err := newGuard(o.Allow)
	if err != nil {
		return nil, err
	}
	limits := o.Limits.orDefaults()
	c := &Client{
		limits:    limits,
		transport: o.Transport,
		gate:      newGate(o.HostGap),
		guard:     guard,
		proxies:   proxies{fixed: o.Transport != nil, limits: limits, all: map[string]*http.Transport{}},
		room:      newRoom(roomForBodies),
		callbacks: o.Callbacks,
		agent:     []string{cmp.Or(o.UserAgent, "Copydesk")},
	}
	if c.transport == nil {
		c.transport = newTransport(guard, limits)
	}
	return c, nil
}

// newTransport returns a transport for requests that come an hour apart:
// connections are kept only long enough for the next source of the same host.
func newTransport(g *guard, l Limits) *http.Transport {
	// Shorter than the wait for headers, so that the reason tells the two apart.
	dialer := &net.Dialer{Timeout: l.ToHeaders * 2 / 3}
	if g != nil {
		dialer.Control = g.control
	}
	return &http.Transport{
		DialContext:            dialer.DialContext, // and no proxy: the guard must see the target's own address
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // we count compressed bytes, and know more codings
		MaxResponseHeaderBytes: l.Header,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        20 * time.Second,
		ReadBufferSize:         2 << 10,                                                 // headers pass through it, bodies do not
		WriteBufferSize:        1 << 10,                                                 // as large as what we ask
		HTTP2:                  &http.HTTP2Config{MaxReceiveBufferPerStream: 256 << 10}, // of a body that waits for [room]
	}
}

// Close closes the connections that are kept for a next request.
func (c *Client) Close() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
	c.proxies.close()
}

// Fetch asks once, following redirects, and reads the answer to its end. It
// waits for the turn of each host on the way. When ctx ends first, the answer's
// Err wraps ctx.Err().
func (c *Client) Fetch(ctx context.Context, r Request) Answer {
	a, done := c.fetch(ctx, r)
	done()
	return a
}

// fetch is Fetch for whoever needs the answer for a while, and calls done when
// nothing of it is needed any more: until then its body takes [room].
func (c *Client) fetch(ctx context.Context, r Request) (a Answer, done func()) {
	t := trip{client: c, ask: r, left: c.limits.Total, stay: stay{room: c.room}}
	t.answer.URL, t.answer.Asked = r.URL, time.Now()
	next, err := t.begin()
	for err == nil && next != nil {
		next, err = t.hop(ctx, next)
	}
	t.answer.Err = err
	t.answer.Took = time.Since(t.answer.Asked)
	return t.answer, t.stay.end
}

// trip is one Fetch on its way through the hops.
type trip struct {
	client *Client
	ask    Request
	home   *url.URL      // where it began, the only host that may see auth
	auth   http.Header   // what only home may see
	left   time.Duration // of Limits.Total
	stay   stay
	answer Answer
}

func (t *trip) begin() (*url.URL, error) {
	u, err := url.Parse(t.ask.URL)
	if err != nil {
		return nil, refuse("not an address that can be asked: %s", t.shown(t.ask.URL))
	}
	if err := t.askable(u); err != nil {
		return nil, err
	}
	t.auth = t.ask.Access.Header
	if u.User != nil {
		password, _ := u.User.Password()
		t.auth = t.auth.Clone()
		if t.auth == nil {
			t.auth = http.Header{}
		}
		t.auth["Authorization"] = []string{Basic(u.User.Username(), password)}
	}
	t.home = bare(u)
	return t.home, nil
}

// bare returns the address without what never goes into a request line.
func bare(u *url.URL) *url.URL {
	clean := *u
	clean.User, clean.Fragment, clean.RawFragment = nil, "", ""
	return &clean
}

// shown is an address for a reason, or what can be said of one that is a secret:
// a redirect of it may carry the same key.
func (t *trip) shown(address string) string {
	if !t.ask.Secret {
		return Redact(address)
	}
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return "an address at " + u.Hostname()
	}
	return "an address that is a secret"
}

func (t *trip) askable(u *url.URL) error {
	err := askable(u)
	if err != nil && t.ask.Secret { // which that error would show
		err = refuse("not an address that can be asked: %s", t.shown(u.String()))
	}
	return err
}

func askable(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("only http and https can be asked, not %q", u.Scheme+":")
	case u.Hostname() == "":
		return refuse("the address names no host: %s", Redact(u.String()))
	}
	return nil
}

// hop makes one request and returns where it redirects to, nil if nowhere. It
// holds the host from before dialling until the answer was read or dropped.
func (t *trip) hop(ctx context.Context, u *url.URL) (*url.URL, error) {
	a := &t.answer
	a.Status, a.Header, a.ETag, a.LastModified = 0, nil, "", ""
	parked := t.ask.parked
	if len(a.Hops) == 0 {
		parked = nil
	}
	leave, err := t.client.enter(ctx, u, t.ask.Insist, parked)
	if err != nil {
		return nil, err
	}
	defer leave()
	if t.ask.taken != nil {
		if err := t.ask.taken(u.String()); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	if len(a.Hops) == 0 {
		a.Asked = began
	}
	defer func() { t.left -= time.Since(began) }()

	w := watchOver(ctx, t.client.limits, t.left)
	defer w.stop()
	a.Requests++
	transport, err := t.client.way(t.ask.Access.Proxy, u)
	if err != nil {
		return nil, err
	}
	resp, err := transport.RoundTrip(t.request(a.traced(w.ctx), u))
	if err != nil {
		return nil, w.trouble(err)
	}
	defer resp.Body.Close()
	w.headersCame()
	if resp.StatusCode == http.StatusOK {
		if err := w.pause(t.stay.begin); err != nil {
			return nil, w.trouble(err)
		}
	}
	if t.ask.Access.Proxy != "" {
		a.Remote = netip.Addr{} // the proxy's, which tells nothing
	}
	next, err := t.receive(u, resp)
	t.client.gate.stop(heeded(a, u))
	return next, w.trouble(err)
}

// enter waits for the turn of an address' host. The error is [*Stopped],
// [*Refusal] where too many wait, or wraps ctx's; otherwise leave must be called once, when the request is over.
func (c *Client) enter(ctx context.Context, u *url.URL, insist bool, parked func() bool) (leave func(), err error) {
	leave, err = c.gate.enter(ctx, hostOf(u), c.stopUnit(u), insist, parked)
	_, stopped := errors.AsType[*Stopped](err)
	_, refused := errors.AsType[*Refusal](err)
	if err != nil && !stopped && !refused {
		err = fmt.Errorf("interrupted while waiting for the host's turn: %w", err)
	}
	return leave, err
}

// traced notes who answers.
func (a *Answer) traced(ctx context.Context) context.Context {
	a.Remote = netip.Addr{}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		if tcp, ok := c.Conn.RemoteAddr().(*net.TCPAddr); ok {
			a.Remote = tcp.AddrPort().Addr().Unmap()
		}
	}})
}

const acceptEncoding = "gzip, br, zstd"

// accept names feed types explicitly: some publishers send a page to whoever
// does not.
const accept = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, " +
	"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.5, */*;q=0.1"

const acceptPage = "text/html, application/xhtml+xml, */*;q=0.1"

func (t *trip) request(ctx context.Context, u *url.URL) *http.Request {
	h := http.Header{
		"User-Agent":      t.client.agent,
		"Accept":          {accept},
		"Accept-Encoding": {acceptEncoding},
	}
	if t.ask.Page {
		h["Accept"] = []string{acceptPage}
	}
	etag, modified := t.ask.validators(u, u == t.home)
	t.answer.Conditional = false
	// A validator that no header can carry would make every request fail.
	if v := etag; v != "" && httpguts.ValidHeaderFieldValue(v) {
		h["If-None-Match"] = []string{v}
		t.answer.Conditional = true
	}
	if v := modified; v != "" && httpguts.ValidHeaderFieldValue(v) {
		h["If-Modified-Since"] = []string{v}
		t.answer.Conditional = true
	}
	if t.answer.Conditional {
		t.answer.Carried++
	}
	if mayKnow(t.home, u) {
		for name, values := range t.auth {
			h[name] = values
		}
	}
	req := &http.Request{
		Method: http.MethodGet, URL: u, Host: u.Host, Header: h,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(ctx)
}

// mayKnow reports whether credentials for home may go to u: to the same host
// and port, or from its http to its https, never in the clear once they were
// not.
func mayKnow(home, u *url.URL) bool {
	if !strings.EqualFold(home.Hostname(), u.Hostname()) {
		return false
	}
	same := home.Scheme == u.Scheme && port(home) == port(u)
	upgrade := port(home) == "80" && home.Scheme == "http" && port(u) == "443" && u.Scheme == "https"
	return same || upgrade
}

func port(u *url.URL) string {
	fallback := "80"
	if u.Scheme == "https" {
		fallback = "443"
	}
	return cmp.Or(u.Port(), fallback)
}

// receive takes an answer: its header, and the body where it is a document.
func (t *trip) receive(u *url.URL, resp *http.Response) (*url.URL, error) {
	a := &t.answer
	a.Status, a.Header = resp.StatusCode, resp.Header
	a.ETag, a.LastModified = resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
	a.Received += headerSize(resp.Header)
	wire := &counted{ReadCloser: resp.Body}
	resp.Body = wire
	defer func() { a.Received += wire.n }()
	if headerSize(resp.Header) > t.client.limits.Header {
		return nil, refuse("headers over %s", size(t.client.limits.Header))
	}
	switch a.Status {
	case 301, 302, 303, 307, 308:
		drop(resp)
		return t.follow(u, resp)
	case 200:
		body, err := t.client.read(resp)
		if err != nil {
			return nil, err
		}
		t.stay.came(int64(len(body)))
		a.Document, a.Size = copydesk.Document{URL: u.String(), Header: resp.Header, Body: body}, wire.n
	default:
		drop(resp)
	}
	return nil, nil
}

// counted counts what is read of a body.
type counted struct {
	io.ReadCloser
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n += int64(n)
	return n, err
}

// follow returns the target of a redirect and notes the hop.
func (t *trip) follow(u *url.URL, resp *http.Response) (*url.URL, error) {
	hops := t.answer.Hops
	if len(hops) >= t.client.limits.Hops {
		return nil, refuse("redirected more than %d times", max(t.client.limits.Hops, 0))
	}
	location := resp.Header.Get("Location")
	if location == "" {
		return nil, refuse("%s without a Location", statusLine(resp.StatusCode))
	}
	next, err := u.Parse(location)
	if err != nil {
		return nil, refuse("redirected to what is not an address: %s", t.shown(location))
	}
	if err := t.askable(next); err != nil {
		return nil, refuse("redirected: %s", err)
	}
	next = bare(next)
	to := next.String()
	if to == u.String() || slices.ContainsFunc(hops, func(h Hop) bool { return h.From == to }) {
		return nil, refuse("redirected in a circle to %s (as pages do that want a cookie)", t.shown(to))
	}
	t.answer.Hops = append(hops, Hop{From: u.String(), To: to, Status: resp.StatusCode})
	return next, nil
}

// drop reads a small body that nobody wants, so that its connection can be
// used again.
func drop(resp *http.Response) {
	const little = 8 << 10
	if resp.ContentLength > 0 && resp.ContentLength <= little {
		io.CopyN(io.Discard, resp.Body, resp.ContentLength+1)
	}
}

func headerSize(h http.Header) (n int64) {
	for name, values := range h {
		for _, v := range values {
			n += int64(len(name) + len(v) + len(": \r\n"))
		}
	}
	return n
}

// Redact returns an address without its user and password, for logs and
// reasons. What is not an address but could hold a password is withheld.
func Redact(rawURL string) string {
	u, err := url.Parse(rawURL)
	switch {
	case err == nil && u.User != nil:
		u.User = url.User("xxxxx")
		return u.String()
	case err == nil && (u.Host != "" || !strings.Contains(rawURL, "@")):
		return rawURL
	case !strings.Contains(rawURL, "@"):
		return fmt.Sprintf("%.200q", rawURL)
	}
	return "an address with credentials that cannot be read"
}

func size(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// statusLine returns "404 Not Found".
func statusLine(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}
