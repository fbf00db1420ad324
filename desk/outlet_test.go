package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"copydesk/fetcher"
)

// town is many publishers, and the hosts that they share.
type town struct {
	outlets []*outlet
	at      map[string]*shopfront // by address

	mu    sync.Mutex
	hosts map[string]*hostLog
	sins  []string
	seen  map[string]int // how often what was answered
	asked int
}

// outlet is one publisher's feed: its habits, its troubles, and what it has
// asked for.
type outlet struct {
	name, home string
	news       []time.Time // when it publishes
	plan       []episode   // what goes wrong when

	validators string        // which it gives, see stamp
	maxAge     time.Duration // Cache-Control, on 200 and 304; zero: none
	expires    time.Duration // Expires, so long after Date
	skew       time.Duration // by which its clock is wrong
	ttl, every int           // minutes
	skipHours  []int
	skipDays   []time.Weekday

	read      bool      // a document of its was read: its ttl and its like are known
	last      time.Time // the last request for it, at whatever address
	notBefore time.Time // what it asked for
	why       string
	gone      bool
	unwell    bool            // its last answer was neither a document nor 304
	spent     map[string]bool // episodes that happen once
	flip      bool
}

// episode is a time of trouble. A zero to is for ever.
type episode struct {
	from, to time.Time
	kind     string
}

// shopfront is an address, with what it gave.
type shopfront struct {
	outlet *outlet
	role   string // "home", "new home", "mirror", "hijacker"
	asked  bool
	etag   string // of the last document that was heard whole there
	date   string
	rolled int // answers that had a tag of their own
}

// hostLog is what a host saw.
type hostLog struct {
	flying int
	ended  time.Time
	stop   time.Time // it answered 429
}

const townGap = 2 * time.Second

// kinds are all episodes; each is met at least once in a month.
var kinds = []string{
	"429 seconds", "429 date", "429", "503 seconds", "503 date", "503", "404 seconds", "404", "403", "410", "500",
	"hang", "slow", "cut", "torn", "html", "empty", "bogus 304", "other 304", "flap", "down",
	"301", "302", "308 chain", "hijack", "301 html", "loop",
}

// newTown makes n outlets with the dice.
func newTown(dice *rand.Rand, n, days int) *town {
	t := townOf()
	for i := range n {
		host := fmt.Sprintf("www.p%d.example", i)
		if i%5 < 2 { // two of five share a host with three others, under names of their own
			host = fmt.Sprintf("f%d.shared%d.example", i, i/10)
		}
		o := &outlet{
			name: fmt.Sprintf("p%d", i), home: fmt.Sprintf("http://%s/feed", host),
			validators: pick(dice, "both", "both", "etag", "weak", "date", "none", "rolling", "stuck date", "odd"),
			skew:       time.Duration(pick(dice, 0, 0, 0, -37, 240)) * time.Minute,
		}
		switch dice.IntN(8) {
		case 0:
			o.maxAge = time.Duration(pick(dice, 20, 45, 90, 300, 1000)) * time.Minute
		case 1:
			o.expires = time.Duration(pick(dice, 30, 120, 400)) * time.Minute
		case 2:
			o.ttl = pick(dice, 10, 30, 60, 180, 720)
		case 3:
			o.every = pick(dice, 30, 60, 360)
		case 4:
			o.skipHours = pick(dice, []int{0, 1, 2, 3, 4, 5}, []int{22, 23}, []int{9, 11, 13})
		case 5:
			o.skipDays = pick(dice, []time.Weekday{time.Saturday, time.Sunday}, []time.Weekday{time.Wednesday})
		}
		rate := pick(dice, 0.03, 0.1, 0.2, 0.2, 0.3, 0.5, 1, 4)
		for at := monthStart.Add(-72 * time.Hour); at.Before(monthStart.AddDate(0, 0, days)); {
			at = at.Add(time.Duration(dice.ExpFloat64() / rate * float64(24*time.Hour))).Truncate(time.Second)
			o.news = append(o.news, at)
		}
		o.troubles(dice, i, days)
		t.add(o)
	}
	return t
}

func pick[T any](dice *rand.Rand, from ...T) T { return from[dice.IntN(len(from))] }

// troubles gives an outlet up to three of the kinds, one after the other, each
// kind to somebody in the first days.
func (o *outlet) troubles(dice *rand.Rand, i, days int) {
	at := monthStart.Add(time.Duration(12+dice.IntN(36)) * time.Hour)
	for n := range 3 {
		kind := kinds[i%len(kinds)]
		if n > 0 {
			kind = pick(dice, kinds...)
		}
		e := episode{from: at, to: at.Add(time.Duration(3+dice.IntN(40)) * time.Hour), kind: kind}
		if kind == "410" || kind == "301" || kind == "308 chain" {
			e.to = time.Time{}
		}
		o.plan = append(o.plan, e)
		at = e.to.Add(time.Duration(24+dice.IntN(24*days/3)) * time.Hour)
		if e.to.IsZero() {
			return
		}
	}
}

func townOf(outlets ...*outlet) *town {
	t := &town{at: map[string]*shopfront{}, hosts: map[string]*hostLog{}, seen: map[string]int{}}
	for _, o := range outlets {
		t.add(o)
	}
	return t
}

func (t *town) add(o *outlet) {
	o.spent = map[string]bool{}
	t.outlets = append(t.outlets, o)
	for address, role := range map[string]string{
		o.home: "home", o.newHome(): "new home", o.halfway(): "halfway", o.mirror(): "mirror", o.hijacker(): "hijacker", o.page(): "page",
	} {
		t.at[address] = &shopfront{outlet: o, role: role}
	}
}

func (o *outlet) newHome() string  { return "http://new." + o.name + "-moved.example/atom" }
func (o *outlet) halfway() string  { return "http://" + o.name + "-halfway.example/feed" }
func (o *outlet) mirror() string   { return "http://" + o.name + "-mirror.example/feed" }
func (o *outlet) hijacker() string { return "http://" + o.name + "-hijack.example/feed" }
func (o *outlet) page() string     { return "http://" + o.name + "-parked.example/" }

// unseen are the kinds that nobody was answered with.
func (t *town) unseen() (missing []string) {
	for _, kind := range kinds {
		if t.seen[kind] == 0 {
			missing = append(missing, kind)
		}
	}
	return missing
}

func (t *town) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d requests, %d at a time at most\n", t.asked, t.seen["most at once"])
	for _, what := range slices.Sorted(maps.Keys(t.seen)) {
		fmt.Fprintf(&b, "%-14s %d\n", what, t.seen[what])
	}
	return b.String()
}

func (t *town) sin(o *outlet, r *http.Request, format string, args ...any) {
	t.sins = append(t.sins, fmt.Sprintf("%s %s (%s): ", time.Now().Format("02 15:04:05"), r.URL, o.name)+fmt.Sprintf(format, args...))
}

// ask is a request and its answer.
func (t *town) ask(r *http.Request) (*http.Response, error) {
	front, host, out, err := t.take(r)
	if err != nil {
		return nil, err
	}
	ended := sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		host.flying--
		host.ended = time.Now()
	})
	return t.send(r, front, host, out, ended)
}

// take judges a request and decides on the answer.
func (t *town) take(r *http.Request) (front *shopfront, host *hostLog, out reply, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked++
	front = t.at[r.URL.String()]
	if front == nil {
		t.sins = append(t.sins, "asked for "+r.URL.String()+", which nobody named")
		return front, host, out, syscall.ECONNREFUSED
	}
	o := front.outlet
	t.judgeForm(o, r)
	host = t.judgeHost(o, r)
	t.judgeTime(o, r, front)
	front.judgeValidators(t, r)
	o.last, front.asked = time.Now(), true

	out = o.reply(front, r)
	t.seen[out.kind]++
	host.flying++
	t.seen["most at once"] = max(t.seen["most at once"], t.flying())
	return front, host, out, nil
}

// flying is how many requests are under way.
func (t *town) flying() (n int) {
	for _, h := range t.hosts {
		n += h.flying
	}
	return n
}

// judgeForm sees that a request has nothing in it that has no business there.
func (t *town) judgeForm(o *outlet, r *http.Request) {
	for name := range r.Header {
		switch name {
		case "User-Agent", "Accept", "Accept-Encoding", "If-None-Match", "If-Modified-Since":
		default:
			t.sin(o, r, "it has a header %s", name)
		}
	}
	if r.Method != http.MethodGet || r.Body != nil || r.URL.RawQuery != "" {
		t.sin(o, r, "%s, or a body, or a query", r.Method)
	}
}

// judgeHost sees that the host is asked one thing at a time, after the gap, and
// not while it wants to be left alone.
func (t *town) judgeHost(o *outlet, r *http.Request) *hostLog {
	name := fetcher.Host(r.URL.String())
	h := t.hosts[name]
	if h == nil {
		h = &hostLog{}
		t.hosts[name] = h
	}
	switch now := time.Now(); {
	case h.flying > 0:
		t.sin(o, r, "another request to %s is under way", name)
	case !h.ended.IsZero() && now.Sub(h.ended) < townGap:
		t.sin(o, r, "%s after the last request to %s", now.Sub(h.ended), name)
	case now.Before(h.stop):
		t.sin(o, r, "%s answered 429 and is not to be asked until %s", name, h.stop.Format("02 15:04:05"))
	}
	return h
}

// judgeTime sees that it is not asked before it wished. Only the first request
// of a journey counts, which is at its home, or at its new one.
func (t *town) judgeTime(o *outlet, r *http.Request, front *shopfront) {
	now := time.Now()
	if led := o.last.Add(5 * time.Minute); front.role != "home" && !o.last.IsZero() && now.Before(led) {
		return // by a redirect
	}
	switch {
	case front.role == "mirror", front.role == "hijacker", front.role == "halfway", front.role == "page":
		t.sin(o, r, "asked by itself, where only a redirect of the moment led")
	case o.gone:
		t.sin(o, r, "asked after its 410")
	case now.Before(o.notBefore):
		t.sin(o, r, "asked %s before the time of its %s", o.notBefore.Sub(now), o.why)
	}
	if least := o.least(); !o.last.IsZero() && now.Sub(o.last) < least {
		t.sin(o, r, "asked %s after the last request, want %s", now.Sub(o.last), least)
	}
	if o.read && slices.Contains(o.skipHours, now.Hour()) {
		t.sin(o, r, "asked in one of its skipHours")
	}
	if o.read && slices.Contains(o.skipDays, now.Weekday()) {
		t.sin(o, r, "asked on one of its skipDays")
	}
}

// least is how long to wait between two requests by what its documents say,
// else by the daemon's own floor, which an invitation lowers.
func (o *outlet) least() time.Duration {
	asks := time.Duration(0)
	if o.read {
		asks = time.Duration(max(o.ttl, o.every)) * time.Minute
	}
	if o.unwell || asks == 0 && o.maxAge == 0 && o.expires == 0 {
		return max(asks, time.Hour)
	}
	return max(asks, 15*time.Minute)
}

// judgeValidators sees that the validators are those of the last document that
// was heard whole at this very address, both of them, and nothing else.
func (f *shopfront) judgeValidators(t *town, r *http.Request) {
	etag, date := r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")
	if etag != f.etag || date != f.date {
		t.sin(f.outlet, r, "validators %q and %q, want %q and %q", etag, date, f.etag, f.date)
	}
}

// reply is what an outlet answers.
type reply struct {
	kind   string
	status int
	header http.Header
	body   []byte
	wait   time.Duration // before the header
	drip   time.Duration // before the last byte of the body
	fail   string        // "hang" or "down" in place of an answer; "cut" within the body
	whole  bool          // the body is a document, all of it
	ends   time.Time     // what it asks for by itself, such as Retry-After
	why    string
	stop   bool // of the whole host
}

// kindNow is the trouble of the moment, or "".
func (o *outlet) kindNow() string {
	for _, e := range o.plan {
		if now := time.Now(); !now.Before(e.from) && (e.to.IsZero() || now.Before(e.to)) {
			return e.kind
		}
	}
	return ""
}

// reply decides what to answer at an address.
func (o *outlet) reply(f *shopfront, r *http.Request) reply {
	kind := o.kindNow()
	if f.role != "home" {
		switch f.role {
		case "halfway":
			return o.redirect("308 chain", 301, o.newHome())
		case "page":
			return reply{kind: "a page", status: 200, header: http.Header{"Etag": {`"parked"`}}, body: []byte("<!DOCTYPE html><html><head><title>For sale</title></head><body></body></html>")}
		}
		return o.document(f, r)
	}
	switch kind {
	case "429 seconds", "503 seconds", "404 seconds":
		return o.later(kind, fmt.Sprint(5*3600), 5*time.Hour)
	case "429 date", "503 date":
		return o.later(kind, time.Now().Add(o.skew+7*time.Hour).UTC().Format(http.TimeFormat), 7*time.Hour-time.Second)
	case "429":
		return o.later(kind, "", 0)
	case "503", "404", "403", "410", "500":
		return reply{kind: kind, status: statusOf(kind)}
	case "hang", "down":
		return reply{kind: kind, fail: kind}
	case "flap":
		if o.flip = !o.flip; o.flip {
			return reply{kind: kind, status: 502}
		}
	case "html":
		return reply{kind: kind, status: 200, header: http.Header{"Content-Type": {"text/html"}, "Etag": {`"page"`}}, body: []byte("<!DOCTYPE html><html><head><title>Back soon</title></head><body></body></html>")}
	case "empty":
		return reply{kind: kind, status: 200, header: http.Header{"Etag": {`"empty"`}}}
	case "bogus 304":
		if f.etag == "" && f.date == "" {
			return reply{kind: kind, status: 304}
		}
	case "other 304":
		if f.etag != "" {
			return reply{kind: kind, status: 304, header: http.Header{"Etag": {`"of-another-document"`}}}
		}
	case "301":
		return o.redirect(kind, 301, o.newHome())
	case "308 chain":
		return o.redirect(kind, 308, o.halfway())
	case "302":
		return o.redirect(kind, 302, o.mirror())
	case "301 html":
		return o.redirect(kind, 301, o.page())
	case "loop":
		return o.redirect(kind, 302, o.home)
	case "hijack":
		if !o.spent[kind] {
			o.spent[kind] = true
			return o.redirect(kind, 301, o.hijacker())
		}
	}
	d := o.document(f, r)
	if d.status == 200 {
		switch kind {
		case "slow":
			d.kind, d.wait, d.drip = kind, 20*time.Second, 40*time.Second
		case "cut":
			d.kind, d.fail, d.whole = kind, "cut", false
		case "torn":
			d.kind, d.body, d.whole = kind, d.body[:len(d.body)*2/3], false
		}
	}
	return d
}

func statusOf(kind string) (status int) {
	fmt.Sscan(kind, &status)
	return status
}

// later is a refusal that asks to come back later.
func (o *outlet) later(kind, value string, wait time.Duration) reply {
	r := reply{kind: kind, status: statusOf(kind), header: http.Header{}, why: "Retry-After", ends: time.Now().Add(wait)}
	r.stop = r.status == 429
	if value != "" {
		r.header.Set("Retry-After", value)
	}
	return r
}

func (o *outlet) redirect(kind string, status int, to string) reply {
	return reply{kind: kind, status: status, header: http.Header{"Location": {to}}}
}

// document answers with what is published, or with 304 where that is known.
func (o *outlet) document(f *shopfront, r *http.Request) reply {
	body, n := o.text(f)
	etag, date := o.stamp(f, n)
	h := http.Header{"Content-Type": {"application/rss+xml"}}
	if etag != "" {
		h["Etag"] = []string{etag}
	}
	if date != "" {
		h.Set("Last-Modified", date)
	}
	out := reply{kind: "200", status: 200, header: h, body: body, whole: true}
	if o.maxAge > 0 {
		h.Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(o.maxAge.Seconds())))
		out.ends, out.why = time.Now().Add(o.maxAge), "max-age"
	}
	if o.expires > 0 {
		h.Set("Expires", time.Now().Add(o.skew+o.expires).UTC().Format(http.TimeFormat))
		out.ends, out.why = time.Now().Add(o.expires-time.Second), "Expires"
	}
	known := etag != "" && r.Header.Get("If-None-Match") == etag ||
		r.Header.Get("If-None-Match") == "" && date != "" && r.Header.Get("If-Modified-Since") == date
	if known {
		out.kind, out.status, out.body, out.whole = "304", 304, nil, false
	}
	return out
}

// stamp is the validators of the document with n entries.
func (o *outlet) stamp(f *shopfront, n int) (etag, date string) {
	place := f.role[:1]
	if place == "h" && f.role == "home" {
		place = ""
	}
	etag = fmt.Sprintf(`"%s%d"`, place, n)
	date = monthStart.Add(time.Duration(n) * time.Minute).UTC().Format(http.TimeFormat)
	switch o.validators {
	case "etag":
		return etag, ""
	case "weak":
		return "W/" + etag, ""
	case "date":
		return "", date
	case "none":
		return "", ""
	case "rolling": // a tag of its own for each answer, whatever the body
		f.rolled++
		return fmt.Sprintf(`"%s%d-%d"`, place, n, f.rolled), ""
	case "stuck date":
		return etag, monthStart.UTC().Format(http.TimeFormat)
	case "odd":
		return place + "tag without quotes " + fmt.Sprint(n), date
	}
	return etag, date
}

// text is the document now, and how much was published by then.
func (o *outlet) text(f *shopfront) (body []byte, n int) {
	for n < len(o.news) && !o.news[n].After(time.Now()) {
		n++
	}
	name := o.name
	if f.role == "hijacker" {
		name += "-bait"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>%s</title><link>http://%s.example/</link><language>en</language>`, name, name)
	if f.role != "hijacker" {
		o.wishes(&b)
	}
	for i := n - 1; i >= max(n-10, 0); i-- {
		fmt.Fprintf(&b, "<item><title>%s reports item %d</title><guid isPermaLink=\"false\">%s-%d</guid><link>http://%s.example/%d</link><pubDate>%s</pubDate></item>",
			name, i, name, i, name, i, o.news[i].UTC().Format(time.RFC1123Z))
	}
	b.WriteString("</channel></rss>")
	return b.Bytes(), n
}

func (o *outlet) wishes(b *bytes.Buffer) {
	if o.ttl > 0 {
		fmt.Fprintf(b, "<ttl>%d</ttl>", o.ttl)
	}
	if o.every > 0 {
		fmt.Fprintf(b, "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>%d</sy:updateFrequency>", 24*60/o.every)
	}
	if len(o.skipHours) > 0 {
		b.WriteString("<skipHours>")
		for _, h := range o.skipHours {
			fmt.Fprintf(b, "<hour>%d</hour>", h)
		}
		b.WriteString("</skipHours>")
	}
	if len(o.skipDays) > 0 {
		b.WriteString("<skipDays>")
		for _, d := range o.skipDays {
			fmt.Fprintf(b, "<day>%s</day>", d)
		}
		b.WriteString("</skipDays>")
	}
}

// send delivers a reply. What was asked for counts once it was heard.
func (t *town) send(r *http.Request, f *shopfront, host *hostLog, out reply, ended func()) (*http.Response, error) {
	if err := out.begin(r.Context()); err != nil {
		ended()
		return nil, err
	}
	h := out.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set("Date", time.Now().Add(f.outlet.skew).UTC().Format(http.TimeFormat))
	resp := respond(r, out.status, h, out.body)
	resp.Header = h
	heard := sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		f.heard(host, out)
	})
	if out.body == nil { // a header is all there is
		heard()
	}
	resp.Body = &parcel{ctx: r.Context(), rest: out.body, out: out, heard: heard, ended: ended}
	if out.fail == "cut" {
		resp.ContentLength = int64(len(out.body)) + 1000
	}
	return resp, nil
}

// begin takes the time until the header.
func (out reply) begin(ctx context.Context) error {
	switch out.fail {
	case "hang":
		<-ctx.Done()
		return ctx.Err()
	case "down":
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if !rest(ctx, out.wait) {
		return ctx.Err()
	}
	return nil
}

// heard takes note that an answer has arrived.
func (f *shopfront) heard(host *hostLog, out reply) {
	o := f.outlet
	if out.ends.After(o.notBefore) {
		o.notBefore, o.why = out.ends, out.why
	}
	if out.stop && out.ends.After(host.stop) {
		host.stop = out.ends
	}
	o.gone = o.gone || out.status == 410
	o.unwell = !out.whole && out.status != 304
	if out.whole {
		f.etag, f.date = out.header.Get("Etag"), out.header.Get("Last-Modified")
		o.read = o.read || f.role != "hijacker"
	}
}

// parcel is a body that arrives as its reply says.
type parcel struct {
	ctx    context.Context
	rest   []byte
	out    reply
	waited bool
	heard  func()
	ended  func()
}

func (p *parcel) Read(b []byte) (n int, err error) {
	if p.out.drip > 0 && !p.waited {
		p.waited = true
		if !rest(p.ctx, p.out.drip) {
			return 0, p.ctx.Err()
		}
	}
	if len(p.rest) == 0 {
		if p.out.fail == "cut" {
			return 0, io.ErrUnexpectedEOF
		}
		p.heard()
		return 0, io.EOF
	}
	n = copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *parcel) Close() error {
	p.ended()
	return nil
}

// get is a request by hand.
func (t *town) get(test *testing.T, url string, header ...string) {
	r, err := http.NewRequestWithContext(test.Context(), http.MethodGet, url, nil)
	if err != nil {
		test.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := t.ask(r)
	if err != nil {
		return
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	time.Sleep(time.Millisecond)
}
