package main

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what comes out into the scripts that compare it")

// TestMain makes the test binary answer to the name copydesk as well, so that
// scripts run real processes with real signals.
func TestMain(m *testing.M) {
	// The race detector holds each process that ends for a second, unless told
	// otherwise. Scripts run some two hundred.
	os.Setenv("GORACE", cmp.Or(os.Getenv("GORACE"), "atexit_sleep_ms=0"))
	testscript.Main(m, map[string]func(){"copydesk": main})
}

// How a store script does what needs the store.
const (
	alone    = "alone"    // no daemon runs: the command opens the file itself
	attended = "attended" // a daemon holds the file: the command asks it
)

// TestScripts runs each script of testdata/script that does not begin with
// "store-": it says itself whether a daemon runs.
func TestScripts(t *testing.T) {
	files := glob(t, "testdata/script/*.txtar")
	var once []string
	for _, file := range files {
		if !strings.HasPrefix(filepath.Base(file), "store-") {
			once = append(once, file)
		}
	}
	run(t, once, "")
}

// TestStoreScripts runs the others twice, word for word the same: what a command
// prints must not depend on whether a daemon runs.
func TestStoreScripts(t *testing.T) {
	for _, mode := range []string{alone, attended} {
		t.Run(mode, func(t *testing.T) { run(t, glob(t, "testdata/script/store-*.txtar"), mode) })
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("scripts %s: %d found, %v", pattern, len(files), err)
	}
	return files
}

func run(t *testing.T, files []string, mode string) {
	testscript.Run(t, testscript.Params{
		Files:              files,
		Setup:              func(env *testscript.Env) error { return setUp(env, mode) },
		Cmds:               verbs(),
		RequireUniqueNames: true,
		UpdateScripts:      *update,
		Condition: func(name string) (bool, error) {
			if file, ok := strings.CutPrefix(name, "exists:"); ok {
				_, err := os.Stat(file)
				return err == nil, nil
			}
			return name == "root" && os.Geteuid() == 0 || name == "nosearch" && nosearch, nil
		},
	})
}

// stage is what surrounds one script.
type stage struct {
	mode   string // of a store script
	news   *newsagent
	daemon *daemon // nil if none runs
	folder string
}

type stageKey struct{}

func on(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

// setUp opens the publishers' server and puts its address where a configuration
// of the script says $ADDR.
func setUp(env *testscript.Env, mode string) error {
	s := &stage{mode: mode, news: openNewsagent(), folder: env.WorkDir}
	env.Defer(s.news.close)
	env.Defer(func() { s.daemon.kill() })
	env.Values[stageKey{}] = s
	manager, err := openManager(filepath.Join(env.WorkDir, "notify.sock"), filepath.Join(env.WorkDir, "notices"))
	if err != nil {
		return err
	}
	env.Defer(manager.close)
	env.Setenv("NOTIFY_SOCKET", filepath.Join(env.WorkDir, "notify.sock"))
	for _, name := range []string{"STATE_DIRECTORY", "RUNTIME_DIRECTORY", "COPYDESK_CONFIG"} {
		env.Setenv(name, "")
	}
	env.Setenv("ADDR", s.news.addr)
	env.Setenv("PORT", s.news.addr[strings.LastIndexByte(s.news.addr, ':')+1:])
	env.Setenv("VERSION", version())
	return filepath.WalkDir(env.WorkDir, func(path string, file os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".toml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "$ADDR", s.news.addr)), 0o600)
	})
}
