package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

// How long a client may take. Editions are small: who needs longer holds a
// connection that others want.
const (
	requestTimeout = 20 * time.Second // header and body: one deadline is set for both
	writeTimeout   = time.Minute
	idleTimeout    = 2 * time.Minute
	drainTimeout   = 10 * time.Second
	headerLimit    = 16 << 10
)

// Serve serves h on l, for up to 2,000 connections, until ctx is done, then closes l, answers the requests
// in flight and returns after the last of them; after ten seconds it cuts off
// what is left. It returns nil after a clean end, else what went wrong. It
// owns l.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler:        h,
		ReadTimeout:    requestTimeout,
		WriteTimeout:   writeTimeout,
		IdleTimeout:    idleTimeout,
		MaxHeaderBytes: headerLimit,
		ConnState:      newCrowd(maxConnections).state,
		ErrorLog:       slog.NewLogLogger(serverLog{log.Handler()}, slog.LevelWarn),
	}
	drained := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() { drained <- drain(ctx, srv) })
	err := srv.Serve(l) // returns when draining begins, not when it has ended
	if stop() {
		return errors.Join(fmt.Errorf("serve %s: %w", l.Addr(), err), drain(ctx, srv))
	}
	if err := <-drained; err != nil {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

func drain(ctx context.Context, srv *http.Server) error {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), drainTimeout, errSlow)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		return errors.Join(context.Cause(ctx), srv.Close())
	}
	return nil
}

var errSlow = fmt.Errorf("requests were cut off that took over %s to answer", drainTimeout)

// serverLog puts what net/http says under a constant message.
type serverLog struct{ slog.Handler }

// Handle writes the record.
func (l serverLog) Handle(ctx context.Context, r slog.Record) error {
	said := slog.NewRecord(r.Time, r.Level, "http server", r.PC)
	said.AddAttrs(slog.String("err", strings.TrimSpace(r.Message)))
	return l.Handler.Handle(ctx, said)
}
