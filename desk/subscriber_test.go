package desk_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// pipes is a listener whose connections never leave the process, so that a
// bubble knows when both ends wait.
type pipes struct {
	address string
	arrived chan net.Conn
	closed  chan struct{}
	close   func()
}

func newPipes(address string) *pipes {
	l := &pipes{address: address, arrived: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.arrived:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.close()
	return nil
}

func (l *pipes) Addr() net.Addr { return l }

// Network and String make it an address as well: its own.
func (l *pipes) Network() string { return "pipe" }
func (l *pipes) String() string  { return l.address }

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.arrived <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, fmt.Errorf("dial %s: nobody listens", l.address)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reading is what a subscriber got.
type reading struct {
	status   int
	header   http.Header
	body     []byte
	location string
}

// get asks for a path once, over a connection of its own, and follows nothing.
func (l *pipes) get(path string, header http.Header) (reading, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.address+path, nil)
	if err != nil {
		return reading{}, err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	return l.do(r)
}

func (l *pipes) do(r *http.Request) (reading, error) {
	transport := &http.Transport{DialContext: l.dial, DisableKeepAlives: true, DisableCompression: true}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return reading{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reading{resp.StatusCode, resp.Header, body, resp.Header.Get("Location")}, err
}

// atomFeed is what a subscriber's program reads of a feed.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomEntry struct {
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Updated   string     `xml:"updated"`
	Published string     `xml:"published"`
	Links     []atomLink `xml:"link"`
	Summary   string     `xml:"summary"`
	Content   string     `xml:"content"`
	Source    struct {
		Title string `xml:"title"`
	} `xml:"source"`
}

type atomLink struct {
	Rel   string `xml:"rel,attr"`
	Href  string `xml:"href,attr"`
	Title string `xml:"title,attr"`
}

// parseAtom reads a feed as the strictest of readers would: well-formed to its
// last byte, with ids that name one item each, and dates that RFC 3339 allows
// and that are not to come.
func parseAtom(text []byte) (f atomFeed, err error) {
	d := xml.NewDecoder(strings.NewReader(string(text)))
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("not well-formed Atom: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return f, fmt.Errorf("something follows the feed: %v", err)
	}
	ids := []string{f.ID}
	dates := []string{f.Updated}
	for _, e := range f.Entries {
		ids = append(ids, e.ID)
		dates = append(dates, e.Updated, e.Published)
		if strings.TrimSpace(e.Title) == "" {
			return f, fmt.Errorf("item %s has no title", e.ID)
		}
	}
	slices.Sort(ids)
	if n := len(slices.Compact(slices.Clone(ids))); n < len(ids) || ids[0] == "" {
		return f, fmt.Errorf("ids are missing or stand twice: %q", ids)
	}
	for _, date := range dates {
		t, err := time.Parse(time.RFC3339, date)
		if err != nil || !strictDate.MatchString(date) {
			return f, fmt.Errorf("date %q is not as RFC 3339 has it", date)
		}
		if t.After(time.Now()) {
			return f, fmt.Errorf("date %s is to come", date)
		}
	}
	return f, nil
}

// strictDate is what package time does not see to: two digits each.
var strictDate = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

// link is the address of the item's page, if it has one.
func (e atomEntry) link() string {
	for _, l := range e.Links {
		if l.Rel == "alternate" {
			return l.Href
		}
	}
	return ""
}

// row is the item as scripts write it: "Title | Publisher | also Other, Other".
func (e atomEntry) row() string {
	row := e.Title + " | " + e.Source.Title
	var others []string
	for _, l := range e.Links {
		if l.Rel == "related" || l.Rel == "via" {
			name, _, _ := strings.Cut(l.Title, ":")
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		row += " | also " + strings.Join(others, ", ")
	}
	return row
}

// dates is the item's two dates, to the minute.
func (e atomEntry) dates() string {
	minute := func(date string) string {
		t, _ := time.Parse(time.RFC3339, date) // was read before
		return t.UTC().Format("2006-01-02 15:04")
	}
	return e.Title + " | published " + minute(e.Published) + " | updated " + minute(e.Updated)
}

// text is what the item shows of its article.
func (e atomEntry) text() string {
	row := e.Title
	note := func(name, text string) {
		if text = strings.Join(strings.Fields(text), " "); text != "" {
			row += " | " + name + ": " + text
		}
	}
	note("summary", e.Summary)
	note("content", e.Content)
	return row
}

func TestASubscriberTakesNoFeedThatAStrictReaderWouldRefuse(t *testing.T) {
	entry := func(id, title, updated string) string {
		return "<entry><id>" + id + "</id><title>" + title + "</title><updated>" + updated + "</updated><published>2024-05-06T00:00:00Z</published></entry>"
	}
	feed := func(entries ...string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><updated>2024-05-06T00:00:00Z</updated>` + strings.Join(entries, "") + "</feed>"
	}
	const date = "2024-05-06T00:00:00Z"
	if _, err := parseAtom([]byte(feed(entry("urn:1", "Rain", date), entry("urn:2", "Rain", date)))); err != nil {
		t.Fatal(err)
	}
	for reason, text := range map[string]string{
		"not well-formed":   feed(entry("urn:1", "Rain & wind", date)),
		"something follows": feed() + "<feed/>",
		"stand twice":       feed(entry("urn:1", "Rain", date), entry("urn:1", "Wind", date)),
		"no title":          feed(entry("urn:1", " ", date)),
		`date "2024-05-06"`: feed(entry("urn:1", "Rain", "2024-05-06")),
		"T1:00:00Z":         feed(entry("urn:1", "Rain", "2024-05-06T1:00:00Z")),
		"is to come":        feed(entry("urn:1", "Rain", "2999-05-06T00:00:00Z")),
		"expected element":  "<rss/>",
	} {
		if _, err := parseAtom([]byte(text)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: got %v, want %q in it", text, err, reason)
		}
	}
}
