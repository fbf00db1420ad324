package hub

import (
	"context"
	"net/http"
	"time"
)

// Courier makes requests to callbacks and hubs. It refuses addresses that
// nobody may make us ask, and follows no redirect but those that keep a
// letter's method, where the letter says so.
type Courier interface {
	// Send returns the answer's status and the beginning of its body; an error
	// means that there is no answer, [*NotAsked] that nobody was asked for one.
	Send(ctx context.Context, l Letter) (status int, body []byte, err error)

	// Host is the unit in which callbacks are counted: who answers for them.
	Host(address string) string
}

// NotAsked is why a letter did not go out: whoever has the same host wants to be
// left alone until a time.
type NotAsked struct{ Until time.Time }

func (e *NotAsked) Error() string {
	return "its host wants to be left alone until " + e.Until.Local().Format(time.DateTime)
}

// Letter is a request that goes out.
type Letter struct {
	Method, URL string
	Header      http.Header
	Body        []byte
	Follow      bool // 307 and 308
}
