package publish_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"copydesk/publish"
)

// pipes is a listener whose connections stay in memory, so that it can live in
// a bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }

// dial returns the client's end, or nil if nobody accepts any more.
func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here
	case <-p.closed:
		return nil
	}
}

// slow answers after that time.
func slow(d time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(d)
		io.WriteString(w, "answered")
	}
}

func get(c net.Conn) (string, error) {
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return "", err
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return string(b), err
}

func TestServeAnswersRequestsInFlightBeforeItReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newPipes()
		var answer string
		var err error
		var answered time.Time
		go func() {
			answer, err = get(l.dial())
			answered = time.Now()
		}()
		go func() {
			time.Sleep(time.Second)
			cancel()
		}()
		began := time.Now()
		if err := publish.Serve(ctx, l, slow(5*time.Second), slog.New(slog.DiscardHandler)); err != nil {
			t.Errorf("serve: %v", err)
		}
		synctest.Wait()
		if answer != "answered" || err != nil {
			t.Errorf("answer %q, %v", answer, err)
		}
		if took := answered.Sub(began); took != 5*time.Second || time.Since(began) < took {
			t.Errorf("answered after %s, returned after %s", took, time.Since(began))
		}
		if l.dial() != nil {
			t.Errorf("a new connection is accepted after the end")
		}
	})
}

func TestServeCutsOffWhatTakesLongerThanTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newPipes()
		var clientErr error
		go func() { _, clientErr = get(l.dial()) }()
		go func() {
			time.Sleep(time.Second)
			cancel()
		}()
		began := time.Now()
		err := publish.Serve(ctx, l, slow(time.Hour), slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), "cut off") {
			t.Errorf("serve: %v", err)
		}
		if took := time.Since(began); took != 11*time.Second {
			t.Errorf("returned after %s", took)
		}
		synctest.Wait()
		if clientErr == nil {
			t.Errorf("the client got an answer")
		}
		time.Sleep(time.Hour) // the handler ends
	})
}

func TestServeReturnsAtOnceIfNobodyAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		if err := publish.Serve(ctx, newPipes(), slow(0), slog.New(slog.DiscardHandler)); err != nil || time.Since(began) > time.Second {
			t.Errorf("serve: %v after %s", err, time.Since(began))
		}
	})
}

func TestServeSaysWhyItsListenerFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		l.Close()
		err := publish.Serve(t.Context(), l, slow(0), slog.New(slog.DiscardHandler))
		if !errors.Is(err, net.ErrClosed) || !strings.Contains(err.Error(), "pipes") {
			t.Errorf("serve: %v", err)
		}
	})
}

func TestAClientThatSendsNoHeadersIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newPipes()
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := publish.Serve(ctx, l, slow(0), slog.New(slog.DiscardHandler)); err != nil {
				t.Errorf("serve: %v", err)
			}
		})
		began := time.Now()
		c := l.dial()
		io.WriteString(c, "GET / HT")
		io.Copy(io.Discard, c) // until it is closed
		if took := time.Since(began); took != 20*time.Second {
			t.Errorf("dropped after %s", took)
		}
		cancel()
		wg.Wait()
	})
}

// Twice, since what a first bubble leaves behind would stop the second.
func TestPressingWorksInBubbles(t *testing.T) {
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			p := press(t, render(t, hundred(), publish.Atom), publish.Atom.ContentType(), time.Now())
			if len(p.Body()) == 0 {
				t.Error("empty")
			}
		})
	}
}

func TestReadersNeverSeeAHalfChangedShelf(t *testing.T) {
	shelf := publish.NewShelf()
	p := press(t, []byte("one"), "text/plain", noon)
	shelf.Put("stays", publish.Atom, p)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if got, ok := shelf.Get("stays", publish.Atom); !ok || got != p {
					t.Error("an edition is missing while others change")
					return
				}
			}
		})
	}
	for range 1000 {
		shelf.Put("stays", publish.RSS, p)
		shelf.Put("comes", publish.RSS, p)
		shelf.Moved("comes", "stays")
		shelf.Drop("comes")
	}
	close(stop)
	wg.Wait()
}
