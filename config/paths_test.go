package config

import (
	"strings"
	"testing"
)

func TestAStoreLiesInSystemdsFolderElseBesideTheFile(t *testing.T) {
	for _, test := range []struct{ name, path, state, want string }{
		{"beside the file", "news.db", "", "/etc/copydesk/news.db"},
		{"in the state directory", "news.db", "/var/lib/copydesk", "/var/lib/copydesk/news.db"},
		{"in the first of several", "news.db", "/var/lib/a:/var/lib/b", "/var/lib/a/news.db"},
		{"absolute", "/srv/news.db", "/var/lib/copydesk", "/srv/news.db"},
		{"upwards", "../news.db", "", "/etc/news.db"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := variables{"STATE_DIRECTORY": test.state}
			if got := storePath(test.path, "/etc/copydesk", env.get); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestTheControlSocketHasAPathThatFits(t *testing.T) {
	long := "/" + strings.Repeat("deep/", 20) + "news.db"
	fits := "/" + strings.Repeat("x", maxSocket-len("/.sock"))
	const hashed = "/copydesk-aff56fbbd9109fec.sock"
	for _, test := range []struct {
		name, store string
		env         variables
		want        string
	}{
		{"beside the store", "/srv/news.db", nil, "/srv/news.db.sock"},
		{"with systemd", "/srv/news.db", variables{"RUNTIME_DIRECTORY": "/run/copydesk"}, "/run/copydesk/control.sock"},
		{"with systemd and several folders", "/srv/news.db", variables{"RUNTIME_DIRECTORY": "/run/a:/run/b"}, "/run/a/control.sock"},
		{"systemd's folder is too deep", "/srv/news.db", variables{"RUNTIME_DIRECTORY": long}, "/srv/news.db.sock"},
		{"just short enough", fits, nil, fits + ".sock"},
		{"the store is too deep", long, variables{"XDG_RUNTIME_DIR": "/run/user/1000"}, "/run/user/1000" + hashed},
		{"and nobody is logged in", long, variables{"TMPDIR": "/var/tmp"}, "/var/tmp" + hashed},
		{"and nothing is set", long, nil, "/tmp" + hashed},
		{"and all is too deep", long, variables{"XDG_RUNTIME_DIR": long, "TMPDIR": "relative"}, "/tmp" + hashed},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := controlPath(test.store, test.env.get)
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if len(got) > maxSocket {
				t.Errorf("%s has %d bytes", got, len(got))
			}
		})
	}
}

func TestTwoDeepStoresHaveTwoSockets(t *testing.T) {
	deep := "/" + strings.Repeat("deep/", 20)
	a, b := controlPath(deep+"a.db", noEnv), controlPath(deep+"b.db", noEnv)
	if a == b {
		t.Errorf("both have %s", a)
	}
}

type variables map[string]string

func (v variables) get(name string) string { return v[name] }
