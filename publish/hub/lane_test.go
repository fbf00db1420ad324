package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
	"copydesk/publish"
)

// nobody is a roll without subscribers, and a courier whom nobody answers. Each
// callback is a host of its own.
type nobody struct{}

func (nobody) Subscribers(context.Context) ([]copydesk.Subscriber, error) { return nil, nil }
func (nobody) PutSubscriber(context.Context, copydesk.Subscriber) error   { return nil }
func (nobody) DropSubscriber(context.Context, string, string) error       { return nil }
func (nobody) Host(address string) string                                 { return address }
func (nobody) Send(context.Context, Letter) (status int, body []byte, err error) {
	return 0, nil, errors.New("no such host")
}

func TestAWishThatIsNotTakenLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := publish.NewShelf()
		pressed, err := publish.Press([]byte("one"), publish.Atom.ContentType(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		shelf.Put("asia", publish.Atom, pressed)
		hub := New(publish.Site{BaseURL: "https://feeds.example.org"}, shelf, nobody{}, nobody{}, slog.New(slog.DiscardHandler))
		wish := func(host int, subscribe bool) error {
			return hub.take(Wish{Subscribe: subscribe, Edition: "/topics/asia.atom", Callback: fmt.Sprintf("https://h%d.example/", host), Lease: time.Hour})
		}
		for host := range 1000 {
			if err := wish(host, false); err != nil {
				t.Fatal(err)
			}
		}
		if len(hub.lanes) != 0 {
			t.Errorf("%d lanes for who has nothing to end", len(hub.lanes))
		}
		for round := range 2 { // what was asked back makes room again
			for host := range 1000 {
				if err := wish(host, true); (err == nil) != (host < maxPending) {
					t.Fatalf("round %d, host %d: %v", round, host, err)
				}
			}
			if len(hub.lanes) != maxPending || hub.waiting != maxPending {
				t.Errorf("round %d: %d lanes and %d wishes", round, len(hub.lanes), hub.waiting)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if err := hub.Run(ctx); err != nil {
				t.Error(err)
			}
			cancel()
			if len(hub.lanes) != 0 || hub.waiting != 0 {
				t.Errorf("round %d, at its end: %d lanes and %d wishes", round, len(hub.lanes), hub.waiting)
			}
		}
	})
}
