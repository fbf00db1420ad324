// Package systemd is how Copydesk runs as a service: the unit file
// copydesk.service, and the notices that the unit's Type=notify and WatchdogSec
// wait for.
//
// The two are one thing, so they live in one folder, and a test reads the unit
// and holds it against the constants here. An operator who changes the unit by
// a drop-in keeps the code working; a change here that the unit does not follow
// fails the test.
//
// A [Notifier] promises that a notice is sent before its method returns, and
// that without a service manager (no NOTIFY_SOCKET in the environment, such as
// in a terminal or a container) nothing happens at all. It does not decide
// whether the daemon is well: who calls [Notifier.Watch] says so. The protocol
// is sd_notify(3), spoken by go-systemd.
//
// Begin with [Notifier]; the unit explains itself line by line.
package systemd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// What the unit and the code must agree on.
const (
	Command    = "run"                         // the subcommand that the unit starts
	ConfigFlag = "--config"                    // how the unit names the configuration
	ConfigPath = "/etc/copydesk/copydesk.toml" // the configuration that it names

	// StateVariable and RuntimeVariable are the environment variables in which
	// the service manager names the directory for the store and the one for
	// the control socket (systemd.exec(5), StateDirectory=).
	StateVariable   = "STATE_DIRECTORY"
	RuntimeVariable = "RUNTIME_DIRECTORY"

	// DrainTime is how long a stopping daemon may take to settle polls and
	// answer requests in flight. TimeoutStopSec leaves it more than that, so
	// the daemon always ends by itself and never by SIGKILL.
	DrainTime = 20 * time.Second

	// LockTime is how long a starting daemon waits for another process to let
	// go of the store. TimeoutStartSec leaves it more than that.
	LockTime = 10 * time.Second
)

// A Notifier tells the service manager how the daemon fares. It looks for the
// manager in the environment at each call and holds nothing, so it may be used
// by several goroutines. An error means that there is a manager and the notice
// did not reach it.
type Notifier struct{}

// NewNotifier returns a notifier for the service manager that started this
// process, or for none.
func NewNotifier() *Notifier { return &Notifier{} }

// Ready says that start-up, or a reload, is done: sources are polled and
// subscribers served.
func (n *Notifier) Ready() error { return n.send("ready", daemon.SdNotifyReady) }

// Reloading says that the configuration is being read again; [Notifier.Ready]
// ends it. The time in it is what Type=notify-reload asks for; Type=notify
// ignores it, so an operator may switch.
func (n *Notifier) Reloading() error {
	return n.send("reloading", daemon.SdNotifyReloading+"\n"+daemon.SdNotifyMonotonicUsec())
}

// Stopping says that the daemon drains and will end by itself.
func (n *Notifier) Stopping() error { return n.send("stopping", daemon.SdNotifyStopping) }

// Status sets the one line that "systemctl status" shows. Line breaks become
// spaces: in the protocol they would begin another notice.
func (n *Notifier) Status(text string) error {
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	return n.send("status", "STATUS="+strings.ToValidUTF8(line, "?"))
}

// Watch keeps the service manager's watchdog quiet while alive returns nil. It
// asks at once and then at half of the watchdog's time, and blocks until ctx
// is done; without a watchdog it returns at once.
//
// While alive returns an error, or does not return, no ping is sent, and the
// manager restarts the daemon when the time is over; the error becomes the
// status, so that the operator finds the cause. A ping that could not be sent
// is tried again at the next turn; Watch returns the last one's error.
func (n *Notifier) Watch(ctx context.Context, alive func() error) error {
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("read the watchdog's time: %w", err)
	}
	if limit == 0 {
		return nil
	}
	turn := time.NewTicker(max(limit/2, time.Millisecond))
	defer turn.Stop()
	for sick := false; ctx.Err() == nil; {
		switch reason := alive(); {
		case reason != nil:
			sick, err = true, n.Status("not alive: "+reason.Error())
		case sick:
			sick, err = false, n.send("watchdog", daemon.SdNotifyWatchdog+"\nSTATUS=alive again")
		default:
			err = n.send("watchdog", daemon.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
		case <-turn.C:
		}
	}
	return err
}

// send never unsets NOTIFY_SOCKET: later notices need it, and the daemon
// starts no other process that could inherit it.
func (n *Notifier) send(what, notice string) error {
	if _, err := daemon.SdNotify(false, notice); err != nil {
		return fmt.Errorf("notify the service manager (%s): %w", what, err)
	}
	return nil
}
