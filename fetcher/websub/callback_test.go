package websub

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"copydesk"
)

// box is a mailbox with one subscription.
type box struct {
	sub   copydesk.Subscription
	asked []Challenge
	docs  []copydesk.Document
	full  bool
}

func (b *box) Subscription(callback string) (copydesk.Subscription, bool) {
	return b.sub, callback == b.sub.Callback
}

func (b *box) Challenge(_ context.Context, callback string, c Challenge) (bool, error) {
	b.asked = append(b.asked, c)
	_, ok, _ := c.Answer(b.sub, offered, noon)
	return ok && callback == b.sub.Callback, nil
}

func (b *box) Post(_ copydesk.Subscription, doc copydesk.Document) bool {
	if !b.full {
		b.docs = append(b.docs, doc)
	}
	return !b.full
}

func TestACallbackRepeatsTheChallengeAndNothingElse(t *testing.T) {
	b := &box{sub: asking()}
	ask := func(callback string, q url.Values) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		NewCallback(b).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/websub/"+callback+"?"+q.Encode(), nil))
		return w
	}
	q := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {offered.Topic}, "hub.challenge": {"<b>x</b>"}, "hub.lease_seconds": {"60"}}
	if w := ask("k", q); w.Code != 200 || w.Body.String() != "<b>x</b>" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
	if w := ask("other", q); w.Code != 404 || strings.Contains(w.Body.String(), "<b>") {
		t.Errorf("another callback: %d %q", w.Code, w.Body)
	}
	q.Set("hub.topic", "https://b.example/")
	if w := ask("k", q); w.Code != 404 {
		t.Errorf("another topic: %d", w.Code)
	}
	q.Set("hub.challenge", strings.Repeat("x", 5000))
	if w := ask("k", q); w.Code != 400 {
		t.Errorf("a challenge without end: %d", w.Code)
	}
}

func TestACallbackTakesOnlyWhatIsSignedAsAgreed(t *testing.T) {
	const body = "<rss/>"
	good := signature("sha512", "s", []byte(body))
	for name, tt := range map[string]struct {
		callback string
		header   map[string]string
		body     string
		state    copydesk.SubscriptionState
		full     bool
		status   int
	}{
		"as agreed":              {"k", map[string]string{"X-Hub-Signature": good}, body, copydesk.SubscriptionActive, false, 202},
		"unsigned":               {"k", nil, body, copydesk.SubscriptionActive, false, 403},
		"with a wrong signature": {"k", map[string]string{"X-Hub-Signature": signature("sha512", "t", []byte(body))}, body, copydesk.SubscriptionActive, false, 403},
		"by a method unknown":    {"k", map[string]string{"X-Hub-Signature": "md5=00"}, body, copydesk.SubscriptionActive, false, 403},
		"for no subscription":    {"l", map[string]string{"X-Hub-Signature": good}, body, copydesk.SubscriptionActive, false, 410},
		"for one that ends":      {"k", map[string]string{"X-Hub-Signature": good}, body, copydesk.SubscriptionEnding, false, 410},
		"in a coding":            {"k", map[string]string{"X-Hub-Signature": good, "Content-Encoding": "gzip"}, body, copydesk.SubscriptionActive, false, 415},
		"without end":            {"k", map[string]string{"X-Hub-Signature": good}, strings.Repeat("x", maxPush+1), copydesk.SubscriptionActive, false, 413},
		"when there is no room":  {"k", map[string]string{"X-Hub-Signature": good}, body, copydesk.SubscriptionActive, true, 503},
	} {
		b := &box{sub: trusted(), full: tt.full}
		b.sub.State = tt.state
		r := httptest.NewRequest(http.MethodPost, "/websub/"+tt.callback, strings.NewReader(tt.body))
		r.Header.Set("Content-Type", "application/rss+xml; charset=koi8-r")
		for k, v := range tt.header {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		NewCallback(b).ServeHTTP(w, r)
		if w.Code != tt.status || (len(b.docs) == 1) != (tt.status == 202) {
			t.Errorf("%s: %d, %d taken", name, w.Code, len(b.docs))
		}
		if len(b.docs) == 1 && (string(b.docs[0].Body) != body || b.docs[0].Header.Get("Content-Type") != "application/rss+xml; charset=koi8-r") {
			t.Errorf("%s: %+v", name, b.docs[0])
		}
	}
}

// many is a mailbox with a subscription for every callback.
type many struct{ box }

func (*many) Subscription(callback string) (copydesk.Subscription, bool) {
	sub := trusted()
	sub.Callback = callback
	return sub, true
}

func TestDocumentsThatNobodyHasSignedYetFillNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const body = "<rss/>"
		b := &many{}
		h := NewCallback(b)
		push := func(callback string, size int64, doc io.Reader) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodPost, Path+callback, doc)
			r.ContentLength = size
			r.Header.Set("X-Hub-Signature", signature("sha1", "s", []byte(body)))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		refused := func(what string, w *httptest.ResponseRecorder) {
			t.Helper()
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
				t.Errorf("%s: %d %v", what, w.Code, w.Header())
			}
		}
		first, begin := io.Pipe()
		go push("0", int64(len(body)), first)
		synctest.Wait()
		refused("a second one for a callback", push("0", int64(len(body)), strings.NewReader(body)))

		var rest []*io.PipeWriter
		for i := range maxUnsigned/maxPush - 1 {
			r, w := io.Pipe()
			rest = append(rest, w)
			go push(fmt.Sprint(i+1), -1, r)
		}
		synctest.Wait()
		refused("one without a length, where most of the room is taken", push("a", -1, strings.NewReader(body)))
		if w := push("b", int64(len(body)), strings.NewReader(body)); w.Code != http.StatusAccepted {
			t.Errorf("a short one for which there is room: %d", w.Code)
		}

		begin.Close()
		for _, w := range rest {
			w.Close()
		}
		synctest.Wait()
		for _, callback := range []string{"0", "a"} {
			if w := push(callback, -1, strings.NewReader(body)); w.Code != http.StatusAccepted {
				t.Errorf("%s, once there is room again: %d", callback, w.Code)
			}
		}
	})
}
