package desk

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWorkThatDoesNotMoveIsStuckAndIdlenessIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pulses
		wait := func(d time.Duration, what string) {
			t.Helper()
			time.Sleep(d)
			err := p.stuck(time.Now())
			if what == "" && err != nil || what != "" && (err == nil || err.Error() != what) {
				t.Errorf("stuck: %v, want %q", err, what)
			}
		}
		wait(time.Hour, "")
		first := p.settle.begin()
		wait(4*time.Minute, "")
		second := p.settle.begin() // another one begins: it moves
		wait(4*time.Minute, "")
		p.settle.beat()
		wait(4*time.Minute, "")
		wait(2*time.Minute, "the settling of polls has not moved for 6m")
		first()
		wait(4*time.Minute, "")
		wait(2*time.Minute, "the settling of polls has not moved for 6m")
		second()
		wait(time.Hour, "")
	})
}

func TestADeskWithAStuckLoopIsNotAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := openDesk(t, http.RoundTripper(nil))
		if err := d.ready(); err == nil || !strings.Contains(err.Error(), "first editions") {
			t.Errorf("ready before there is something to serve: %v", err)
		}
		if err := d.press(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.ready(); err != nil {
			t.Errorf("not ready: %v", err)
		}
		for name, p := range map[string]*pulse{
			"settling": &d.pulses.settle, "grouping": &d.pulses.group, "editions": &d.pulses.press, "retention": &d.pulses.expire,
		} {
			end := p.begin()
			time.Sleep(stuckAfter + time.Second)
			for _, check := range []func() error{d.alive, d.ready} {
				if err := check(); err == nil || !strings.Contains(err.Error(), name) {
					t.Errorf("%s stuck: %v", name, err)
				}
			}
			end()
			if err := d.alive(); err != nil {
				t.Errorf("%s done: %v", name, err)
			}
		}
	})
}
