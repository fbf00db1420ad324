package desk

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"

	"copydesk/config"
)

// doors are the listeners that the outside world knows.
type doors struct {
	public, admin net.Listener
}

func (w World) open(c config.Config) (d doors, err error) {
	listen := w.Listen
	if listen == nil {
		listen = net.Listen
	}
	if d.public, err = openDoor(listen, "listen", c.Server.Listen); err != nil {
		return d, err
	}
	if c.Server.Admin == "" {
		return d, nil
	}
	if d.admin, err = openDoor(listen, "admin", c.Server.Admin); err != nil {
		d.close()
	}
	return d, err
}

// openDoor listens at the address that a key of [server] names.
func openDoor(listen func(network, address string) (net.Listener, error), key, address string) (net.Listener, error) {
	network, place := config.Network(address)
	if network == "unix" {
		removeStale(place)
	}
	l, err := listen(network, place)
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w ([server] %s)", address, listenHint(err), key)
	}
	return l, nil
}

// listenHint leaves out what net says of the address, which stands before it,
// and adds what to do.
func listenHint(err error) error {
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: another program, or another copydesk, listens there; stop it, or choose another address", err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%w: this machine does not have it; choose one that it has", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: choose a port above 1023, or a place where this user may write", err)
	}
	return err
}

// removeStale removes a socket that nobody answers on: it is left over from a
// process that was killed, and would keep the next one from listening there.
func removeStale(path string) {
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
	}
	if info, statErr := os.Lstat(path); statErr == nil && info.Mode().Type() == fs.ModeSocket && errors.Is(err, syscall.ECONNREFUSED) {
		os.Remove(path)
	}
}

func (d doors) close() {
	closeListener(d.public)
	closeListener(d.admin)
}

func closeListener(l net.Listener) error {
	if l == nil {
		return nil
	}
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
