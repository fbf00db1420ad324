package fetcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
)

// Three hundred publishers answer at once, each with a document, and the desk
// settles one of them in a tenth of a second.
func TestDocumentsThatCannotBeSettledSoonWaitAtTheirPublishers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		var mu sync.Mutex
		var here, most int
		document := strings.Repeat("x", bodyAtFirst)
		var all ids
		for i := range 300 {
			host := fmt.Sprintf("p%d.example", i)
			all = append(all, w.list(host+"/"))
			w.answers[host] = func(*http.Request) (*http.Response, error) {
				resp := answer(200, document)
				body := resp.Body
				resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
					n, err := body.Read(p)
					mu.Lock()
					here += n
					most = max(most, here)
					mu.Unlock()
					return n, err
				}))
				return resp, nil
			}
		}
		desk := make(chan struct{}, 1)
		w.settling = func(copydesk.Source) error {
			desk <- struct{}{}
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			here -= bodyAtFirst
			mu.Unlock()
			<-desk
			return nil
		}
		if err := w.poller.Sweep(t.Context(), all, nil); err != nil || w.settles != 300 {
			t.Errorf("%v, %d are settled", err, w.settles)
		}
		if most > roomForBodies {
			t.Errorf("%d bytes were in memory at once", most)
		}
	})
}

func TestWhoDawdlesTakesNoRoomFromOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.client.room = newRoom(4 * bodyAtFirst)
		var all ids
		for i := range 100 {
			host := fmt.Sprintf("slow%d.example", i)
			w.answers[host] = hanging(1)
			all = append(all, w.list(host+"/"))
		}
		w.answers["quick.example"] = after(200*time.Millisecond, 200, feed)
		all = append(all, w.list("quick.example/"))
		if err := w.poller.Sweep(t.Context(), all, func(src copydesk.Source, err error) {
			if took := time.Since(w.start); src.ID == "quick.example/" && (took > 30*time.Second || !src.Outcome.OK()) {
				t.Errorf("settled after %s, %+v", took, src.Outcome)
			}
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestWaitingForRoomIsNotThePublishersDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}, "a.example/", "b.example/")
		w.client.room = newRoom(1)
		w.slow = 10 * time.Minute // which is longer than any request may take
		w.answers["a.example"] = after(time.Second, 200, feed)
		w.answers["b.example"] = after(2*time.Second, 200, feed)
		if err := w.poller.Sweep(t.Context(), ids{"a.example/", "b.example/"}, func(src copydesk.Source, err error) {
			if err != nil || !src.Outcome.OK() {
				t.Errorf("%s: %v, %+v", src.URL, err, src.Outcome)
			}
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoGivesUpLeavesHisPlaceToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(10)
		if err := r.enter(t.Context(), 100); err != nil { // larger than all there is, and alone
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- r.enter(ctx, 1) }()
		synctest.Wait()
		go func() { second <- r.enter(t.Context(), 5) }()
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		s := stay{room: r, held: 100}
		s.end()
		if err := <-second; err != nil || r.free != 5 {
			t.Errorf("%v, %d bytes are free", err, r.free)
		}
	})
}

func TestABodyIsTakenInBeforeAnotherRequestBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(1)
		if err := r.enter(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		var order []string
		var mu sync.Mutex
		for _, who := range []struct {
			name  string
			bytes int64
		}{{"request", 0}, {"body", 1}, {"request", 0}, {"body", 1}} {
			go func() {
				if err := r.enter(t.Context(), who.bytes); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, who.name)
				mu.Unlock()
			}()
			synctest.Wait()
		}
		for range 3 {
			(&stay{room: r, held: 1}).end()
			synctest.Wait()
		}
		if got := strings.Join(order, " "); got != "body body request request" {
			t.Error(got)
		}
	})
}
