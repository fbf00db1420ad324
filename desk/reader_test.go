package desk_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync"
)

// readers are those who want to be pushed to, in memory.
type readers struct {
	mu  sync.Mutex
	all map[string]*pushReader // by callback
}

type pushReader struct {
	topic  string // as it was given, without its ending
	status int    // that deliveries are answered with; 0 is 200
	got    []reading
}

const readerSecret = "between you and me"

// take answers what is sent to a callback.
func (rs *readers) take(r *http.Request) (resp *http.Response, isReader bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	callback := *r.URL
	callback.RawQuery = ""
	reader := rs.all[callback.String()]
	if reader == nil {
		return nil, false
	}
	if r.Method == http.MethodGet {
		return respond(r, http.StatusOK, nil, []byte(r.URL.Query().Get("hub.challenge"))), true
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return respond(r, http.StatusBadRequest, nil, nil), true
	}
	if reader.status != 0 {
		return respond(r, reader.status, nil, nil), true
	}
	reader.got = append(reader.got, reading{status: http.StatusOK, header: r.Header, body: body})
	return respond(r, http.StatusOK, nil, nil), true
}

var (
	headerLinks = regexp.MustCompile(`^<([^>]+)>; rel="hub", <([^>]+)>; rel="self"$`)
	feedHub     = regexp.MustCompile(`<link rel="hub" href="([^"]+)">`)
	feedSelf    = regexp.MustCompile(`<link rel="self" type="application/atom\+xml" href="([^"]+)">`)
)

// reader subscribes as a reader's program does: it finds out where, and asks.
func (d *day) reader(s step) error {
	if s.arg(2) != "" {
		status, err := strconv.Atoi(s.arg(2))
		d.readers.mu.Lock()
		defer d.readers.mu.Unlock()
		d.readers.all[s.arg(0)].status = status
		return err
	}
	r, err := d.get(s.arg(1), nil)
	if err != nil {
		return err
	}
	header := headerLinks.FindStringSubmatch(r.header.Get("Link"))
	hubs, selves := feedHub.FindAllSubmatch(r.body, -1), feedSelf.FindAllSubmatch(before(r.body, "<entry>"), -1)
	if header == nil || len(hubs) != 1 || len(selves) != 1 || string(hubs[0][1]) != header[1] || string(selves[0][1]) != header[2] {
		return fmt.Errorf("Link %q, hubs %q, selves %q", r.header.Get("Link"), hubs, selves)
	}
	d.readers.mu.Lock()
	d.readers.all[s.arg(0)] = &pushReader{topic: s.arg(1)}
	d.readers.mu.Unlock()
	form := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {header[2]}, "hub.callback": {s.arg(0)}, "hub.secret": {readerSecret}}
	answer, err := d.running.public.post(callbackPath(header[1]), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
	if err == nil && answer.status != http.StatusAccepted {
		err = fmt.Errorf("answered %d: %s", answer.status, answer.body)
	}
	return err
}

// before is text up to the first mark.
func before(text []byte, mark string) []byte {
	head, _, _ := bytes.Cut(text, []byte(mark))
	return head
}

func (d *day) got(s step) error {
	d.readers.mu.Lock()
	reader := d.readers.all[s.arg(0)]
	if reader == nil {
		d.readers.mu.Unlock()
		return errors.New("there is no such reader")
	}
	got := reader.got
	reader.got = nil
	d.readers.mu.Unlock()
	if len(s.lines()) == 0 && len(got) == 0 {
		return nil
	}
	if len(got) != 1 {
		return fmt.Errorf("%d deliveries", len(got))
	}
	served, err := d.get(reader.topic, nil)
	if err != nil {
		return err
	}
	for _, name := range []string{"Etag", "Content-Type", "Link"} {
		if a, b := got[0].header.Get(name), served.header.Get(name); a != b || a == "" {
			return fmt.Errorf("%s %q, served %q", name, a, b)
		}
	}
	if !bytes.Equal(got[0].body, served.body) {
		return fmt.Errorf("pushed:\n%s\nserved:\n%s", got[0].body, served.body)
	}
	if signature := got[0].header.Get("X-Hub-Signature"); signature != sign(readerSecret, got[0].body) {
		return fmt.Errorf("signature %q", signature)
	}
	f, err := parseAtom(got[0].body)
	rows := []string{}
	for _, e := range f.Entries {
		rows = append(rows, e.row())
	}
	return errors.Join(err, differ(s.lines(), rows))
}
