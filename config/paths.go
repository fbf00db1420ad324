package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
)

// maxSocket is the longest path of a unix socket that works everywhere:
// sun_path holds 108 bytes on Linux, 104 elsewhere, a zero at the end among
// them.
const maxSocket = 100

// storePath returns the absolute path of a store that the file, which lies in
// folder, calls name: in systemd's StateDirectory if there is one.
func storePath(name, folder string, env func(string) string) string {
	return absolute(name, cmp.Or(firstOf(env("STATE_DIRECTORY")), folder))
}

// controlPath returns where the daemon that holds store listens for commands if
// the file does not say: in systemd's RuntimeDirectory, else beside the store,
// else, where that is too long for a socket, in a folder for such things under
// a name that only this store gives.
func controlPath(store string, env func(string) string) string {
	if dir := firstOf(env("RUNTIME_DIRECTORY")); dir != "" {
		if path := absolute("control.sock", dir); len(path) <= maxSocket {
			return path
		}
	}
	if path := store + ".sock"; len(path) <= maxSocket {
		return path
	}
	sum := sha256.Sum256([]byte(store))
	name := "copydesk-" + hex.EncodeToString(sum[:8]) + ".sock"
	for _, dir := range []string{env("XDG_RUNTIME_DIR"), env("TMPDIR")} {
		if path := filepath.Join(dir, name); filepath.IsAbs(path) && len(path) <= maxSocket {
			return path
		}
	}
	return filepath.Join("/tmp", name)
}

// absolute returns path, seen from dir, in its absolute form.
func absolute(path, dir string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path // the working directory is gone: nothing better can be said
}

// firstOf returns the first of the folders in a variable of systemd, which
// separates them by colons (systemd.exec, "RuntimeDirectory=").
func firstOf(folders string) string {
	first, _, _ := strings.Cut(folders, ":")
	return first
}
