package hub_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
	"copydesk/publish"
	"copydesk/publish/hub"
)

var hubSite = publish.Site{BaseURL: "https://feeds.example.org", Hub: "https://feeds.example.org/hub"}

// post is a room around a hub, in a bubble: a shelf with one edition, a roll in
// memory, and readers that are asked and delivered to.
type post struct {
	t     *testing.T
	shelf *publish.Shelf
	hub   *hub.Hub
	stop  func()

	mu      sync.Mutex
	roll    map[string]copydesk.Subscriber
	readers map[string]*reader // by callback, without the question
}

func press(t *testing.T, body []byte, contentType string, modified time.Time) *publish.Pressed {
	t.Helper()
	p, err := publish.Press(body, contentType, modified)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// reader is who has a callback.
type reader struct {
	refuses bool         // it does not repeat challenges
	status  int          // that it answers deliveries with; 0 is 200, -1 is silence
	stopped bool         // its host wants to be left alone
	asked   []url.Values // what it was asked
	got     []letter     // what it was brought
}

type letter struct {
	header http.Header
	body   string
	at     time.Time
}

const readerURL = "https://reader.example/cb"

// room runs test beside a hub that runs.
func room(t *testing.T, test func(t *testing.T, p *post)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &post{t: t, shelf: publish.NewShelf(), roll: map[string]copydesk.Subscriber{}, readers: map[string]*reader{readerURL: {}}}
		p.print("one")
		p.start()
		defer func() { p.stop() }()
		test(t, p)
	})
}

func (p *post) start() {
	ctx, cancel := context.WithCancel(context.Background())
	p.hub = hub.New(hubSite, p.shelf, p, p, slog.New(slog.DiscardHandler))
	ended := make(chan error)
	go func() { ended <- p.hub.Run(ctx) }()
	p.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
	}
	synctest.Wait()
}

// print puts an edition on the shelf, and waits until everybody has it who can.
func (p *post) print(text string) *publish.Pressed {
	return p.printAs(text, publish.Atom, publish.Atom.ContentType())
}

func (p *post) printAs(text string, f publish.Format, kind string) *publish.Pressed {
	pressed := press(p.t, []byte(text), kind, time.Now())
	p.shelf.Put("asia", f, pressed)
	if p.hub != nil {
		p.hub.Changed()
		synctest.Wait()
	}
	return pressed
}

// ask posts a form to the hub, and waits until the callback was asked back.
func (p *post) ask(form url.Values) *httptest.ResponseRecorder {
	w := p.send(http.MethodPost, "application/x-www-form-urlencoded", form.Encode())
	time.Sleep(2 * time.Second)
	synctest.Wait()
	return w
}

func (p *post) send(method, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/hub", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	p.hub.ServeHTTP(w, r)
	return w
}

// subscription is the form of a typical request.
func subscription(more ...string) url.Values {
	form := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {"https://feeds.example.org/topics/asia.atom"}, "hub.callback": {readerURL}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

func (p *post) subscribe(more ...string) {
	p.t.Helper()
	if w := p.ask(subscription(more...)); w.Code != http.StatusAccepted {
		p.t.Fatalf("%d %s", w.Code, w.Body)
	}
}

// got is what the reader was brought since the last time.
func (p *post) got() []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.readers[readerURL]
	got := r.got
	r.got = nil
	return got
}

// answer makes a reader answer deliveries so from now on.
func (p *post) answer(callback string, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readers[callback].status = status
}

func (p *post) Subscribers(context.Context) ([]copydesk.Subscriber, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Values(p.roll)), nil
}

func (p *post) PutSubscriber(_ context.Context, s copydesk.Subscriber) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.roll[s.Edition+" "+s.Callback] = s
	return nil
}

func (p *post) DropSubscriber(_ context.Context, edition, callback string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.roll, edition+" "+callback)
	return nil
}

func (p *post) Host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}

func (p *post) Send(ctx context.Context, l hub.Letter) (int, []byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u, err := url.Parse(l.URL)
	if err != nil {
		return 0, nil, err
	}
	q := u.Query()
	u.RawQuery = ""
	if own := q.Get("id"); own != "" {
		u.RawQuery = "id=" + own
	}
	r := p.readers[u.String()]
	if r == nil {
		return 0, nil, errors.New("no such host")
	}
	if l.Method == http.MethodGet {
		r.asked = append(r.asked, q)
		if r.refuses {
			return http.StatusNotFound, nil, nil
		}
		return http.StatusOK, []byte(q.Get("hub.challenge")), nil
	}
	if r.stopped {
		return 0, nil, &hub.NotAsked{Until: time.Now().Add(time.Hour)}
	}
	if r.status < 0 {
		p.mu.Unlock()
		<-ctx.Done()
		p.mu.Lock()
		return 0, nil, ctx.Err()
	}
	if r.status != 0 {
		return r.status, nil, nil
	}
	r.got = append(r.got, letter{l.Header, string(l.Body), time.Now()})
	return http.StatusOK, nil, nil
}

// whole sees that a delivery is the edition: byte for byte, under its type and
// its tag, with its names.
func whole(t *testing.T, l letter, p *publish.Pressed, secret string) {
	t.Helper()
	if l.body != string(p.Body()) || l.header.Get("Etag") != p.ETag() || l.header.Get("Content-Type") != p.ContentType() {
		t.Errorf("delivered %q, %v", l.body, l.header)
	}
	if link := l.header.Get("Link"); link != `<https://feeds.example.org/hub>; rel="hub", <https://feeds.example.org/topics/asia.atom>; rel="self"` {
		t.Errorf("Link %s", link)
	}
	want := ""
	if secret != "" {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(l.body))
		want = "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	if got := l.header.Get("X-Hub-Signature"); got != want {
		t.Errorf("signature %q, want %q", got, want)
	}
}

// The seven tests of websub.rocks for hubs have a twin each. Every delivery is
// compared whole, as it does.

func TestATypicalSubscriptionIsAskedBackAndDelivered(t *testing.T) { // 100
	room(t, func(t *testing.T, p *post) {
		p.subscribe("hub.lease_seconds", "7200")
		asked := p.readers[readerURL].asked
		if len(asked) != 1 {
			t.Fatalf("asked %v", asked)
		}
		for name, want := range map[string]string{"hub.mode": "subscribe", "hub.topic": "https://feeds.example.org/topics/asia.atom", "hub.lease_seconds": "7200"} {
			if asked[0].Get(name) != want {
				t.Errorf("%s is %q, want %q", name, asked[0].Get(name), want)
			}
		}
		if got := p.got(); len(got) != 0 {
			t.Errorf("it is brought what it could fetch: %v", got)
		}
		edition := p.print("two")
		got := p.got()
		if len(got) != 1 {
			t.Fatalf("%d deliveries", len(got))
		}
		whole(t, got[0], edition, "")
	})
}

func TestADeliveryIsSignedWithTheSecret(t *testing.T) { // 101
	room(t, func(t *testing.T, p *post) {
		p.subscribe("hub.secret", "a secret")
		edition := p.print("two")
		got := p.got()
		if len(got) != 1 {
			t.Fatalf("%d deliveries", len(got))
		}
		whole(t, got[0], edition, "a secret")
	})
}

func TestParametersThatAHubDoesNotKnowAreIgnored(t *testing.T) { // 102
	room(t, func(t *testing.T, p *post) {
		p.subscribe("hub.foo", "bar", "baz", "")
		edition := p.print("two")
		got := p.got()
		if len(got) != 1 {
			t.Fatalf("%d deliveries", len(got))
		}
		whole(t, got[0], edition, "")
	})
}

func TestASubscriptionIsRenewedInPlaceOfItself(t *testing.T) { // 103
	room(t, func(t *testing.T, p *post) {
		p.subscribe("hub.lease_seconds", "3600", "hub.secret", "old")
		time.Sleep(50 * time.Minute)
		p.subscribe("hub.lease_seconds", "3600", "hub.secret", "new")
		time.Sleep(50 * time.Minute)
		edition := p.print("two")
		got := p.got()
		if len(got) != 1 || p.hub.Len() != 1 || len(p.roll) != 1 {
			t.Fatalf("%d deliveries, %d subscribers", len(got), p.hub.Len())
		}
		whole(t, got[0], edition, "new")
	})
}

func TestNothingIsDeliveredAfterTheEnd(t *testing.T) { // 104
	room(t, func(t *testing.T, p *post) {
		p.subscribe()
		form := subscription()
		form.Set("hub.mode", "unsubscribe")
		if w := p.ask(form); w.Code != http.StatusAccepted || p.hub.Len() != 0 || len(p.roll) != 0 {
			t.Errorf("%d, %d subscribers", w.Code, p.hub.Len())
		}
		p.print("two")
		if got := p.got(); len(got) != 0 {
			t.Errorf("delivered %v", got)
		}
	})
}

func TestPlainTextIsDeliveredAsSuch(t *testing.T) { // 105
	room(t, func(t *testing.T, p *post) {
		p.printAs("one", publish.Atom, "text/plain; charset=utf-8")
		p.subscribe("hub.secret", "s")
		edition := p.printAs("zwei é", publish.Atom, "text/plain; charset=utf-8")
		got := p.got()
		if len(got) != 1 {
			t.Fatalf("%d deliveries", len(got))
		}
		whole(t, got[0], edition, "s")
	})
}

func TestJSONIsDeliveredAsSuch(t *testing.T) { // 106
	room(t, func(t *testing.T, p *post) {
		p.printAs("{}", publish.JSON, publish.JSON.ContentType())
		p.subscribe("hub.topic", "https://feeds.example.org/topics/asia.json")
		edition := p.printAs(`{"two": "é"}`, publish.JSON, publish.JSON.ContentType())
		got := p.got()
		if len(got) != 1 || got[0].body != string(edition.Body()) || got[0].header.Get("Content-Type") != "application/feed+json; charset=utf-8" ||
			!strings.Contains(got[0].header.Get("Link"), `<https://feeds.example.org/topics/asia.json>; rel="self"`) {
			t.Errorf("%v", got)
		}
	})
}

// And what the suite does not ask.

func TestADeliveryIsThereWithinTwoSecondsOfTheChange(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.subscribe()
		time.Sleep(time.Hour)
		changed := time.Now()
		p.print("two")
		if got := p.got(); len(got) != 1 || got[0].at.Sub(changed) >= 2*time.Second {
			t.Errorf("%v", got)
		}
	})
}

func TestACallbackThatDoesNotConfirmIsNotSubscribed(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.readers[readerURL].refuses = true
		p.subscribe()
		p.print("two")
		if got := p.got(); len(got) != 0 || p.hub.Len() != 0 {
			t.Errorf("%v, %d subscribers", got, p.hub.Len())
		}
	})
}

func TestNobodyCanEndASubscriptionForSomebodyElse(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.subscribe()
		p.readers[readerURL].refuses = true
		form := subscription()
		form.Set("hub.mode", "unsubscribe")
		p.ask(form)
		p.print("two")
		if got := p.got(); len(got) != 1 {
			t.Errorf("%v", got)
		}
	})
}

func TestTheQueryOfACallbackStays(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.readers[readerURL+"?id=7"] = &reader{}
		p.subscribe("hub.callback", readerURL+"?id=7")
		p.print("two")
		if got := p.readers[readerURL+"?id=7"].got; len(got) != 1 {
			t.Errorf("%v", got)
		}
	})
}

func TestARetrySendsTheNewest(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.subscribe()
		p.answer(readerURL, http.StatusInternalServerError)
		p.print("two")
		time.Sleep(5 * time.Second)
		newest := p.print("three")
		p.answer(readerURL, 0)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		got := p.got()
		if len(got) != 1 {
			t.Fatalf("%d deliveries", len(got))
		}
		whole(t, got[0], newest, "")
		next := p.print("four")
		whole(t, p.got()[0], next, "")
	})
}

func TestWhoWantsNoMoreIsForgottenAtOnceAndWhoIsNotReachedAfterADay(t *testing.T) {
	for status, stays := range map[int]time.Duration{http.StatusGone: 0, http.StatusNotFound: 23 * time.Hour, http.StatusFound: 23 * time.Hour} {
		room(t, func(t *testing.T, p *post) {
			p.subscribe()
			p.answer(readerURL, status)
			p.print("two")
			time.Sleep(stays)
			synctest.Wait()
			if there := p.hub.Len() == 1; there != (stays > 0) {
				t.Errorf("%d, after %s: there %t", status, stays, there)
			}
			time.Sleep(3 * time.Hour)
			synctest.Wait()
			if p.hub.Len() != 0 || len(p.roll) != 0 {
				t.Errorf("%d: still there", status)
			}
		})
	}
}

func TestAHostThatHangsHoldsUpNobodyElse(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.subscribe()
		p.readers["https://slow.example/cb"] = &reader{}
		p.subscribe("hub.callback", "https://slow.example/cb")
		p.answer("https://slow.example/cb", -1)
		edition := p.print("two")
		if got := p.got(); len(got) != 1 || got[0].body != string(edition.Body()) {
			t.Errorf("%v", got)
		}
	})
}

func TestSubscriptionsSurviveARestartAndMissNothing(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.subscribe("hub.secret", "s")
		p.stop()
		p.hub = nil
		time.Sleep(time.Hour)
		edition := p.print("printed while nobody was there")
		p.start()
		got := p.got()
		if len(got) != 1 {
			t.Fatalf("%d deliveries", len(got))
		}
		whole(t, got[0], edition, "s")
		p.stop()
		p.start()
		if got := p.got(); len(got) != 0 {
			t.Errorf("delivered twice: %v", got)
		}
	})
}

func TestALeaseThatIsOverIsForgotten(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.subscribe("hub.lease_seconds", "3600")
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		p.print("two")
		if got := p.got(); len(got) != 0 || p.hub.Len() != 0 || len(p.roll) != 0 {
			t.Errorf("%v, %d subscribers", got, p.hub.Len())
		}
	})
}

func TestSubscribersOfATopicThatIsGoneAreTold(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.subscribe()
		p.shelf.Gone("asia")
		p.hub.Changed()
		synctest.Wait()
		asked := p.readers[readerURL].asked
		if last := asked[len(asked)-1]; last.Get("hub.mode") != "denied" || last.Get("hub.topic") != "https://feeds.example.org/topics/asia.atom" || last.Get("hub.reason") == "" {
			t.Errorf("told %v", last)
		}
		if p.hub.Len() != 0 {
			t.Error("still there")
		}
	})
}

func TestAWishThatCannotBeGrantedIsRefusedAtOnce(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.shelf.Put("asia", publish.Page, press(t, []byte("<p>"), "text/html", time.Now()))
		for name, form := range map[string]url.Values{
			"no mode":                 subscription("hub.mode", ""),
			"another mode":            subscription("hub.mode", "publish"),
			"another site":            subscription("hub.topic", "https://other.example/topics/asia.atom"),
			"no topic of ours":        subscription("hub.topic", "https://feeds.example.org/topics/africa.atom"),
			"a page":                  subscription("hub.topic", "https://feeds.example.org/topics/asia"),
			"not by its very address": subscription("hub.topic", "https://feeds.example.org/topics/%61sia.atom"),
			"with a query":            subscription("hub.topic", "https://feeds.example.org/topics/asia.atom?limit=5"),
			"a site like ours":        subscription("hub.topic", "https://feeds.example.org.evil.example/topics/asia.atom"),
			"no callback":             subscription("hub.callback", ""),
			"a file":                  subscription("hub.callback", "file:///etc/passwd"),
			"a password":              subscription("hub.callback", "https://u:p@reader.example/"),
			"ourselves":               subscription("hub.callback", "https://feeds.example.org/hub"),
			"a callback without end":  subscription("hub.callback", "https://reader.example/"+strings.Repeat("x", 3000)),
			"a long secret":           subscription("hub.secret", strings.Repeat("x", 200)),
		} {
			w := p.ask(form)
			if w.Code != http.StatusBadRequest || len(p.readers[readerURL].asked) > 0 {
				t.Errorf("%s: %d, asked %v", name, w.Code, p.readers[readerURL].asked)
			}
			if strings.Contains(w.Body.String(), "example/") || strings.Contains(w.Body.String(), "xxx") {
				t.Errorf("%s: it repeats what was sent: %s", name, w.Body)
			}
		}
		if w := p.send(http.MethodGet, "", ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
			t.Errorf("GET: %d", w.Code)
		}
		if w := p.send(http.MethodPost, "application/json", "{}"); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("JSON: %d", w.Code)
		}
		if w := p.send(http.MethodPost, "application/x-www-form-urlencoded", strings.Repeat("x", 20<<10)); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("a form without end: %d", w.Code)
		}
		if w := p.send(http.MethodPost, "application/x-www-form-urlencoded", "%zz"); w.Code != http.StatusBadRequest {
			t.Errorf("no form: %d", w.Code)
		}
	})
}

func TestLeasesAreBounded(t *testing.T) {
	for seconds, want := range map[string]string{"": "864000", "x": "864000", "-5": "864000", "1": "300", "99999999999": "2592000"} {
		w, err := hub.ReadWish(subscription("hub.lease_seconds", seconds), hubSite)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(w.Question(hubSite, "x"))
		if err != nil || u.Query().Get("hub.lease_seconds") != want {
			t.Errorf("%q: %s, want %s", seconds, u, want)
		}
	}
}

func TestNobodyCanHaveUsFloodACallback(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		codes := map[int]int{}
		for i := range 100 {
			w := p.send(http.MethodPost, "application/x-www-form-urlencoded", subscription("hub.callback", fmt.Sprint(readerURL, "/", i)).Encode())
			codes[w.Code]++
		}
		if codes[http.StatusAccepted] > 11 || codes[http.StatusServiceUnavailable] < 89 {
			t.Errorf("answered %v", codes)
		}
		time.Sleep(time.Minute)
	})
}

func TestAHubThatIsNotOursIsToldOfEveryChangeUntilItListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &telling{status: http.StatusBadGateway}
		p := hub.NewPinger("https://hub.example/", c, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(ctx) }()
		p.Changed("https://feeds.example.org/topics/asia.atom")
		time.Sleep(time.Second)
		synctest.Wait()
		p.Changed("https://feeds.example.org/topics/asia.rss")
		c.answer(http.StatusNoContent)
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []string{
			"hub.mode=publish&hub.topic=https%3A%2F%2Ffeeds.example.org%2Ftopics%2Fasia.atom&hub.url=https%3A%2F%2Ffeeds.example.org%2Ftopics%2Fasia.atom",
			"hub.mode=publish&hub.topic=https%3A%2F%2Ffeeds.example.org%2Ftopics%2Fasia.atom&hub.topic=https%3A%2F%2Ffeeds.example.org%2Ftopics%2Fasia.rss&hub.url=https%3A%2F%2Ffeeds.example.org%2Ftopics%2Fasia.atom&hub.url=https%3A%2F%2Ffeeds.example.org%2Ftopics%2Fasia.rss",
		}
		if !slices.Equal(c.told, want) {
			t.Errorf("told %q", c.told)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// telling is a courier to a hub.
type telling struct {
	mu     sync.Mutex
	status int
	told   []string
}

func (c *telling) answer(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

func (c *telling) Host(address string) string { return address }

func (c *telling) Send(_ context.Context, l hub.Letter) (int, []byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, string(l.Body))
	return c.status, nil, nil
}

func FuzzWish(f *testing.F) {
	f.Add(subscription("hub.secret", "s", "hub.lease_seconds", "60").Encode())
	f.Add("hub.mode=unsubscribe&hub.topic=https://feeds.example.org/&hub.callback=http://a?b=%23")
	f.Fuzz(func(t *testing.T, text string) {
		form, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		w, err := hub.ReadWish(form, hubSite)
		if err != nil {
			return
		}
		asked, err := url.Parse(w.Question(hubSite, "challenge"))
		if err != nil || asked.Query().Get("hub.challenge") != "challenge" && !form.Has("hub.challenge") && !strings.Contains(w.Callback, "hub.challenge") {
			t.Errorf("%q asks back %v, %v", text, asked, err)
		}
		if own, err := url.Parse(w.Callback); err != nil || own.Host != asked.Host || own.Path != asked.Path || own.User != nil {
			t.Errorf("%q asks back elsewhere: %s", w.Callback, asked)
		}
		if w.Lease < 5*time.Minute || w.Lease > 30*24*time.Hour || len(w.Secret) > 199 || !strings.HasPrefix(w.Edition, "/") {
			t.Errorf("%+v", w)
		}
	})
}

// leaveAlone says whether the reader's host wants to be left alone.
func (p *post) leaveAlone(stopped bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readers[readerURL].stopped = stopped
}

// Another callback at its host answers 429, for days.
func TestWhoIsNotAskedForTheSakeOfItsHostKeepsItsSubscription(t *testing.T) {
	room(t, func(t *testing.T, p *post) {
		p.subscribe()
		p.leaveAlone(true)
		p.print("two")
		time.Sleep(3 * 24 * time.Hour)
		p.leaveAlone(false)
		time.Sleep(2 * time.Hour)
		if got := p.got(); len(got) != 1 || got[0].body != "two" || p.hub.Len() != 1 {
			t.Errorf("%v, %d subscribers", got, p.hub.Len())
		}
	})
}
