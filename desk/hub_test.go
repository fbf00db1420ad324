package desk_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"copydesk/desk"
)

// hubs are all hubs there are, in memory. They keep what WebSub says: they ask
// back before they push, sign with the subscriber's secret, and end a
// subscription with its lease.
type hubs struct {
	mu  sync.Mutex
	all map[string]*hub // by address
}

// hub is one of them.
type hub struct {
	mood  string          // "" or what it does in place of that, see verb hub
	leads string          // where it redirects to
	heard []string        // what came back when it asked back
	told  map[string]bool // addresses that were told to be new
	lease time.Duration
	subs  map[string]hubSub // by callback
}

type hubSub struct {
	topic, secret string
	until         time.Time
}

// hubVerbs are the verbs for hubs and what depends on them.
var hubVerbs = map[string]func(*day, step) error{
	"hub":        (*day).hub,
	"heard":      (*day).heard,
	"subscribed": (*day).subscribed,
	"push":       (*day).push,
	"schedule":   (*day).schedule,
	"reader":     (*day).reader,
	"got":        (*day).got,
	"told":       (*day).told,
}

func init() { maps.Copy(verbs, hubVerbs) }

// hub opens a hub, or changes its mood.
func (d *day) hub(s step) error {
	d.hubs.mu.Lock()
	defer d.hubs.mu.Unlock()
	h := d.hubs.all[s.arg(0)]
	if h == nil {
		h = &hub{subs: map[string]hubSub{}, told: map[string]bool{}}
		d.hubs.all[s.arg(0)] = h
	}
	d.known[s.arg(0)] = true
	h.mood, h.lease = "", 10*24*time.Hour
	switch s.arg(1) {
	case "", "mute", "denies", "down", "strays":
		h.mood = s.arg(1)
	case "307", "308", "429":
		h.mood, h.leads = s.arg(1), s.arg(2)
	case "lease":
		lease, err := time.ParseDuration(s.arg(2))
		h.lease = lease
		return err
	default:
		return fmt.Errorf("unknown mood %q", s.arg(1))
	}
	return nil
}

// take answers a subscriber's request.
func (w *world) take(r *http.Request) (resp *http.Response, isHub bool) {
	w.hubs.mu.Lock()
	defer w.hubs.mu.Unlock()
	h := w.hubs.all[r.URL.String()]
	if h == nil {
		return nil, false
	}
	form, err := readForm(r)
	end := w.publishers.noteHub(r)
	defer func() { end(resp.StatusCode) }()
	switch {
	case h.leads != "" && (h.mood == "307" || h.mood == "308"):
		status, _ := strconv.Atoi(h.mood)
		return respond(r, status, http.Header{"Location": {h.leads}}, nil), true
	case h.mood == "429":
		return respond(r, http.StatusTooManyRequests, http.Header{"Retry-After": {h.leads}}, nil), true
	case form.Get("hub.mode") == "publish":
		for _, address := range form["hub.url"] {
			h.told[address] = true
		}
		return respond(r, http.StatusNoContent, nil, nil), true
	case h.mood == "down":
		return respond(r, http.StatusServiceUnavailable, nil, []byte("later")), true
	case err != nil || form.Get("hub.callback") == "" || form.Get("hub.topic") == "" || len(form.Get("hub.secret")) >= 200:
		return respond(r, http.StatusBadRequest, nil, []byte("no such request")), true
	}
	if h.mood != "mute" {
		go w.askBack(h, form)
	}
	return respond(r, http.StatusAccepted, nil, nil), true
}

func readForm(r *http.Request) (url.Values, error) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return nil, errors.New("no form")
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return url.ParseQuery(string(text))
}

// askBack is what a hub does a second after it took a request.
func (w *world) askBack(h *hub, form url.Values) {
	time.Sleep(time.Second)
	topic, mode, callback := form.Get("hub.topic"), form.Get("hub.mode"), form.Get("hub.callback")
	w.hubs.mu.Lock()
	switch h.mood {
	case "denies":
		mode = "denied"
	case "strays":
		topic += "/other"
	}
	q := url.Values{"hub.mode": {mode}, "hub.topic": {topic}}
	if mode != "denied" {
		q.Set("hub.challenge", "say this")
	}
	if mode == "subscribe" {
		q.Set("hub.lease_seconds", strconv.Itoa(int(h.lease/time.Second)))
	}
	lease := h.lease
	w.hubs.mu.Unlock()
	p := w.running
	if p == nil || p.dead.Load() {
		return
	}
	r, err := p.public.get(callbackPath(callback)+"?"+q.Encode(), nil)
	w.hubs.mu.Lock()
	defer w.hubs.mu.Unlock()
	h.heard = append(h.heard, fmt.Sprintf("%s %s %d", mode, topic, r.status))
	if err != nil || r.status != http.StatusOK || string(r.body) != q.Get("hub.challenge") {
		return
	}
	switch mode {
	case "subscribe":
		h.subs[callback] = hubSub{topic, form.Get("hub.secret"), time.Now().Add(lease)}
	case "unsubscribe":
		delete(h.subs, callback)
	}
}

func callbackPath(callback string) string {
	u, err := url.Parse(callback)
	if err != nil {
		return "/"
	}
	return u.Path
}

// heard compares what came back when a hub asked back, since that was last
// looked at.
func (d *day) heard(s step) error {
	d.hubs.mu.Lock()
	defer d.hubs.mu.Unlock()
	h := d.hubs.all[s.arg(0)]
	if h == nil {
		return errors.New("there is no such hub")
	}
	got := append([]string{}, h.heard...)
	h.heard = nil
	return differ(s.lines(), got)
}

// told compares which addresses a hub was told to be new, since that was last
// looked at.
func (d *day) told(s step) error {
	d.hubs.mu.Lock()
	defer d.hubs.mu.Unlock()
	h := d.hubs.all[s.arg(0)]
	if h == nil {
		return errors.New("there is no such hub")
	}
	got := append([]string{}, slices.Sorted(maps.Keys(h.told))...)
	clear(h.told)
	return differ(s.lines(), got)
}

// subscribed compares whom a hub pushes to: "topic | days or hours that the
// lease lasts".
func (d *day) subscribed(s step) error {
	d.hubs.mu.Lock()
	defer d.hubs.mu.Unlock()
	h := d.hubs.all[s.arg(0)]
	if h == nil {
		return errors.New("there is no such hub")
	}
	got := []string{}
	for _, callback := range slices.Sorted(maps.Keys(h.subs)) {
		sub := h.subs[callback]
		if left := time.Until(sub.until); left > 0 {
			got = append(got, fmt.Sprintf("%s | %s", sub.topic, left.Round(time.Hour)))
		}
	}
	slices.Sort(got)
	return differ(s.lines(), got)
}

// push has a hub push a document: the body, else what the topic serves. The
// arguments are the hub, the topic, the status that must come back (202), and
// how it is signed in place of rightly.
func (d *day) push(s step) error {
	d.hubs.mu.Lock()
	h := d.hubs.all[s.arg(0)]
	if h == nil {
		d.hubs.mu.Unlock()
		return errors.New("there is no such hub")
	}
	subs := maps.Clone(h.subs)
	d.hubs.mu.Unlock()
	body := []byte(s.body)
	if s.body == "" {
		body = d.publishers.document(s.arg(1))
	}
	d.publishers.publish(body)
	sent := 0
	for callback, sub := range subs {
		if sub.topic != s.arg(1) || !sub.until.After(time.Now()) {
			continue
		}
		sent++
		if d.running == nil {
			return errors.New("the daemon does not run")
		}
		header := http.Header{"Content-Type": {"application/rss+xml"}, "Link": {`<` + s.arg(0) + `>; rel="hub", <` + sub.topic + `>; rel="self"`}}
		switch s.arg(3) {
		case "":
			header.Set("X-Hub-Signature", sign(sub.secret, body))
		case "forged":
			header.Set("X-Hub-Signature", sign("a guess", body))
		case "unsigned":
		default:
			return fmt.Errorf("unknown signature %q", s.arg(3))
		}
		r, err := d.running.public.post(callbackPath(callback), header, body)
		if err != nil {
			return err
		}
		if want := cmp.Or(s.arg(2), "202"); strconv.Itoa(r.status) != want {
			return fmt.Errorf("answered %d, want %s: %s", r.status, want, r.body)
		}
	}
	if sent == 0 {
		return errors.New("nobody is subscribed")
	}
	return nil
}

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return fmt.Sprintf("sha256=%x", mac.Sum(nil))
}

// document is what an address serves now, publish notes that a document was
// published elsewhere than there.
func (p *publishers) document(url string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.page(url).document
}

func (p *publishers) publish(document []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.served = append(p.served, string(document))
}

// noteHub logs a request to a hub, since hubs want manners as well.
func (p *publishers) noteHub(r *http.Request) (end func(status int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	log := &request{url: r.URL.String(), began: time.Now()}
	p.requests = append(p.requests, log)
	if !strings.HasPrefix(r.Header.Get("User-Agent"), "Copydesk/") || r.Header.Get("Cookie")+r.Header.Get("Referer") != "" {
		p.wrong = append(p.wrong, log.began.Format(time.TimeOnly)+" "+log.url+": its headers")
	}
	return func(status int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		log.ended, log.answer = time.Now(), strconv.Itoa(status)
	}
}

// post sends a document once, over a connection of its own.
func (l *pipes) post(path string, header http.Header, body []byte) (reading, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.address+path, bytes.NewReader(body))
	if err != nil {
		return reading{}, err
	}
	maps.Copy(r.Header, header)
	return l.do(r)
}

// schedule compares when sources are polled next, and why then.
func (d *day) schedule(s step) error {
	text, err := d.ask(desk.Command{Name: "sources", JSON: true})
	if err != nil {
		return err
	}
	var all []struct {
		Source string
		Next   time.Time `json:"next_poll"`
		Rule   string
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	got := []string{}
	for _, src := range all {
		got = append(got, fmt.Sprintf("%s | in %.0fh | %s", src.Source, time.Until(src.Next).Hours(), src.Rule))
	}
	return differ(s.lines(), got)
}
