package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// directive is one line of the unit with the comment directly above it.
type directive struct {
	section, key, value, comment string
}

func readUnit(t *testing.T) []directive {
	t.Helper()
	text, err := os.ReadFile("copydesk.service")
	if err != nil {
		t.Fatal(err)
	}
	return parseUnit(t, string(text))
}

func parseUnit(t *testing.T, text string) (unit []directive) {
	t.Helper()
	var section, comment string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch key, value, isPair := strings.Cut(line, "="); {
		case strings.HasPrefix(line, "#"):
			comment += strings.TrimPrefix(line, "#")
			continue
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		case isPair:
			unit = append(unit, directive{section, key, value, strings.TrimSpace(comment)})
		case line != "":
			t.Fatalf("neither a comment, a section nor a directive: %q", line)
		}
		comment = ""
	}
	return unit
}

// values are what the unit's service section sets key to, line by line.
func values(unit []directive, key string) (all []string) {
	for _, d := range unit {
		if d.section == "Service" && d.key == key {
			all = append(all, d.value)
		}
	}
	return all
}

func duration(t *testing.T, unit []directive, key string) time.Duration {
	t.Helper()
	set := values(unit, key)
	if len(set) != 1 {
		t.Fatalf("%s is set %d times, want once", key, len(set))
	}
	d, err := time.ParseDuration(set[0])
	if err != nil {
		t.Fatalf("%s: %v (write it with a unit that Go and systemd share)", key, err)
	}
	return d
}

func TestTheUnitSetsWhatTheCodeReliesOn(t *testing.T) {
	unit := readUnit(t)
	for key, want := range map[string][]string{
		"Type":                   {"notify"}, // Notifier.Ready
		"ExecStart":              {"/usr/local/bin/copydesk " + Command + " " + ConfigFlag + " " + ConfigPath},
		"ExecReload":             {"/bin/kill -HUP $MAINPID"}, // run reloads on SIGHUP
		"StateDirectory":         {"copydesk"},                // sets StateVariable, for the store's path
		"RuntimeDirectory":       {"copydesk"},                // sets RuntimeVariable, for the control socket
		"ConfigurationDirectory": {filepath.Base(filepath.Dir(ConfigPath))},
		"DynamicUser":            {"yes"},
		"Restart":                {"on-failure"},
		"UMask":                  {"0077"},
	} {
		if diff := cmp.Diff(want, values(unit, key)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

func TestTheUnitGivesTheDaemonTheTimeThatItTakes(t *testing.T) {
	unit := readUnit(t)
	if got := duration(t, unit, "TimeoutStopSec"); got <= DrainTime {
		t.Errorf("TimeoutStopSec=%v leaves no time after a drain of %v", got, DrainTime)
	}
	if got := duration(t, unit, "TimeoutStartSec"); got <= LockTime {
		t.Errorf("TimeoutStartSec=%v leaves no time to open the store after %v for its lock", got, LockTime)
	}
	if got := duration(t, unit, "WatchdogSec"); got < 10*time.Second {
		t.Errorf("WatchdogSec=%v: a slow disk could take that long for one commit", got)
	}
}

func TestEveryLineOfTheUnitHasItsReasonAboveIt(t *testing.T) {
	unit := readUnit(t)
	if len(unit) < 40 {
		t.Fatalf("read only %d directives", len(unit))
	}
	reasons := make(map[string]string)
	for _, d := range unit {
		if len(strings.Fields(d.comment)) < 5 {
			t.Errorf("%s=%s: no reason above it, only %q", d.key, d.value, d.comment)
		}
		if twin, double := reasons[d.comment]; double {
			t.Errorf("%s has the reason of %s", d.key, twin)
		}
		reasons[d.comment] = d.key
	}
}

func TestABareLineIsNoticed(t *testing.T) {
	unit := parseUnit(t, "[Service]\n# Since notices are sent, so wait.\nType=notify\nUMask=0077\n")
	want := []directive{
		{"Service", "Type", "notify", "Since notices are sent, so wait."},
		{"Service", "UMask", "0077", ""},
	}
	if diff := cmp.Diff(want, unit, cmp.AllowUnexported(directive{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The program is put where the test binary is, since systemd-analyze complains
// about a program that is not installed.
func installable(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("copydesk.service")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "copydesk.service")
	installed := strings.Replace(string(text), "ExecStart=/usr/local/bin/copydesk ", "ExecStart="+program+" ", 1)
	if err := os.WriteFile(unit, []byte(installed), 0o644); err != nil {
		t.Fatal(err)
	}
	return unit
}

func analyze(t *testing.T, args ...string) (string, error) {
	t.Helper()
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not on PATH; the unit was not verified")
	}
	help, _ := exec.Command(tool, "--help").CombinedOutput()
	for _, arg := range args {
		flag, _, _ := strings.Cut(arg, "=")
		if strings.HasPrefix(flag, "--") && !strings.Contains(string(help), flag) {
			t.Skipf("this systemd-analyze does not know %s; the unit was not verified", flag)
		}
	}
	out, err := exec.Command(tool, args...).CombinedOutput()
	return string(out), err
}

func TestSystemdFindsNothingWrongWithTheUnit(t *testing.T) {
	// Unknown keys are warnings to systemd and leave the exit status at 0.
	out, err := analyze(t, "verify", "--man=no", "--recursive-errors=no", installable(t))
	if err != nil || strings.Contains(out, "copydesk.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

func TestTheUnitIsHardened(t *testing.T) {
	// The threshold is in tenths of a scale from 0, tight, to 10, open. systemd
	// 252 says 1.4, most of it for the network, which the daemon is for; later
	// versions look at more.
	if out, err := analyze(t, "security", "--offline=true", "--threshold=20", "--no-pager", installable(t)); err != nil {
		open := slices.DeleteFunc(strings.Split(out, "\n"), func(line string) bool { return strings.HasPrefix(line, "✓") })
		t.Errorf("systemd-analyze security: %v\n%s", err, strings.Join(open, "\n"))
	}
}
