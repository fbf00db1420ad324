package fetcher

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"copydesk"

	"pgregory.net/rapid"
)

type ids = []copydesk.SourceID

func start(t *testing.T, a *Agenda, at time.Duration, want ids, wake time.Duration) {
	t.Helper()
	got, next := a.Next(noon.Add(at))
	if !slices.Equal(got, want) {
		t.Errorf("at %s: starts %v, want %v", at, got, want)
	}
	if wake == 0 && !next.IsZero() || wake != 0 && !next.Equal(noon.Add(wake)) {
		t.Errorf("at %s: wakes at %s, want %s", at, next.Sub(noon), wake)
	}
}

func TestASourceStartsWhenDue(t *testing.T) {
	a := NewAgenda(0, 10)
	a.Put("b", "b.example", noon.Add(time.Minute))
	a.Put("a", "a.example", noon.Add(time.Hour))
	start(t, a, 0, nil, time.Minute)
	start(t, a, time.Minute-1, nil, time.Minute)
	start(t, a, time.Minute, ids{"b"}, time.Hour)
	start(t, a, 2*time.Minute, nil, time.Hour)
	a.Put("a", "a.example", noon.Add(2*time.Minute))
	start(t, a, 2*time.Minute, ids{"a"}, 0)
	a.Put("b", "b.example", noon.Add(3*time.Hour))
	a.Done("b", noon.Add(3*time.Minute))
	start(t, a, 3*time.Minute, nil, 3*time.Hour)
}

func TestAHostIsAskedByOneSourceAtATimeAndRestsInBetween(t *testing.T) {
	a := NewAgenda(2*time.Second, 10)
	for i := range 3 {
		a.Put(copydesk.SourceID(fmt.Sprint("a", i)), "a.example", noon.Add(time.Duration(i)))
	}
	a.Put("b", "b.example", noon)
	start(t, a, time.Second, ids{"a0", "b"}, 0)
	a.Answered("a0", noon.Add(5*time.Second))
	start(t, a, 5*time.Second, nil, 7*time.Second)
	start(t, a, 7*time.Second, ids{"a1"}, 0)
	a.Drop("a0")
	a.Done("a0", noon.Add(8*time.Second)) // settled: the host was free long since
	start(t, a, 8*time.Second, nil, 0)
	a.Drop("a1")
	a.Done("a1", noon.Add(9*time.Second)) // never answered: done says it too
	start(t, a, 9*time.Second, nil, 11*time.Second)
	start(t, a, 11*time.Second, ids{"a2"}, 0)
	a.Drop("a2")
	a.Done("a2", noon.Add(12*time.Second))
	a.Drop("b")
	a.Done("b", noon.Add(12*time.Second))
	start(t, a, 14*time.Second, nil, 0)
	if len(a.hosts)+len(a.rests)+len(a.ready)+a.Len() != 0 {
		t.Errorf("remembers %v", a)
	}
}

func TestNoMoreThanTheLimitAreInFlight(t *testing.T) {
	a := NewAgenda(0, 2)
	for _, id := range []copydesk.SourceID{"a", "b", "c"} {
		a.Put(id, string(id), noon)
	}
	start(t, a, 0, ids{"a", "b"}, 0)
	a.Answered("a", noon)
	start(t, a, 0, nil, 0) // still being settled
	a.Drop("a")
	start(t, a, 0, nil, 0)
	a.Done("a", noon)
	start(t, a, 0, ids{"c"}, 0)
	if n := a.Len(); n != 2 {
		t.Errorf("%d sources, want 2", n)
	}
}

func TestASourceInFlightCanBeMovedAndDropped(t *testing.T) {
	a := NewAgenda(time.Second, 10)
	a.Put("a", "old.example", noon)
	a.Put("b", "old.example", noon.Add(1))
	start(t, a, time.Second, ids{"a"}, 0)
	a.Put("a", "new.example", noon)
	start(t, a, time.Second, nil, 0) // not twice at once, whatever its host
	a.Done("a", noon.Add(time.Second))
	start(t, a, time.Second, ids{"a"}, 2*time.Second) // the old host rests for b
	a.Drop("a")
	a.Put("a", "new.example", noon.Add(time.Minute)) // listed again
	a.Done("a", noon.Add(time.Second))
	a.Keep(func(id copydesk.SourceID) bool { return id == "a" })
	start(t, a, time.Second, nil, time.Minute)
	a.Move("a", noon.Add(2*time.Second))
	a.Move("b", noon) // no longer there
	start(t, a, 2*time.Second, ids{"a"}, 0)
}

// Whatever happens, in any order: no host is asked twice at once or during its
// rest, no source starts early or while in flight, the limit holds, and what is
// due at a free host is started.
func TestAnAgendaKeepsItsRulesWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const gap, limit = 3 * time.Second, 3
		a := NewAgenda(gap, limit)
		now := noon
		type state struct {
			host   string
			next   time.Time
			asking string // the host it keeps busy
			flying bool
			listed bool
		}
		all := map[copydesk.SourceID]*state{}
		rests := map[string]time.Time{}
		free := func(host string) bool {
			for _, s := range all {
				if s.asking == host {
					return false
				}
			}
			return !rests[host].After(now)
		}
		flying := func() (n int) {
			for _, s := range all {
				if s.flying {
					n++
				}
			}
			return n
		}
		answered := func(s *state) {
			if s.asking != "" {
				rests[s.asking], s.asking = now.Add(gap), ""
			}
		}
		id := rapid.SampledFrom(ids{"a", "b", "c", "d", "e", "f"})
		host := rapid.SampledFrom([]string{"x", "y", "z"})
		pick := func(t *rapid.T) (copydesk.SourceID, *state) {
			id := id.Draw(t, "id")
			if all[id] == nil {
				all[id] = &state{}
			}
			return id, all[id]
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				id, s := pick(t)
				s.host, s.listed = host.Draw(t, "host"), true
				s.next = now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "seconds")) * time.Second)
				a.Put(id, s.host, s.next)
			},
			"drop": func(t *rapid.T) {
				id, s := pick(t)
				s.listed = false
				a.Drop(id)
			},
			"answered": func(t *rapid.T) {
				id, s := pick(t)
				answered(s)
				a.Answered(id, now)
			},
			"done": func(t *rapid.T) {
				id, s := pick(t)
				answered(s)
				s.flying = false
				a.Done(id, now)
			},
			"time": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "ms")) * time.Millisecond)
			},
			"next": func(t *rapid.T) {
				started, wake := a.Next(now)
				for _, id := range started {
					s := all[id]
					if !s.listed || s.flying || s.next.After(now) {
						t.Fatalf("%s must not start: %+v at %s", id, *s, now)
					}
					if !free(s.host) {
						t.Fatalf("%s starts at %s, which is busy or rests until %s", id, s.host, rests[s.host])
					}
					s.flying, s.asking = true, s.host
				}
				if n := flying(); n > limit {
					t.Fatalf("%d in flight", n)
				}
				for id, s := range all {
					if flying() < limit && s.listed && !s.flying && !s.next.After(now) && free(s.host) {
						t.Fatalf("%s is due and its host free, but it does not start", id)
					}
				}
				if !wake.IsZero() && !wake.After(now) {
					t.Fatalf("wakes at %s, which has passed", wake)
				}
			},
		})
	})
}

func TestWhoWaitsAtAnotherHostIsNotCounted(t *testing.T) {
	a := NewAgenda(0, 1)
	for _, id := range []copydesk.SourceID{"1", "2", "3"} {
		a.Put(id, "host "+string(id), noon)
	}
	if start, _ := a.Next(noon); len(start) != 1 || start[0] != "1" {
		t.Fatalf("started %v", start)
	}
	for i, id := range []copydesk.SourceID{"1", "1", "2"} {
		if parked, crowded := a.Park(id, noon); parked != (i == 0) || crowded {
			t.Errorf("parked %s: %t, %t", id, parked, crowded)
		}
	}
	a.Put("1", "host 1", noon.Add(time.Hour))
	if start, _ := a.Next(noon); len(start) != 1 || start[0] != "2" {
		t.Errorf("beside who waits started %v", start)
	}
	a.Done("1", noon)
	if start, _ := a.Next(noon); len(start) != 0 {
		t.Errorf("beside who flies started %v", start)
	}
	a.Put("2", "host 2", noon.Add(time.Hour))
	a.Done("2", noon)
	if start, _ := a.Next(noon); len(start) != 1 || start[0] != "3" {
		t.Errorf("at last started %v", start)
	}
}

func TestThereAreBoundsToACrowd(t *testing.T) {
	a := NewAgenda(0, 2)
	for i := range 2*parkedPerFlight + 3 {
		a.Put(copydesk.SourceID(fmt.Sprint(i)), fmt.Sprint("host ", i), noon)
	}
	for started := 0; ; {
		ids, _ := a.Next(noon)
		for _, id := range ids {
			started++
			parked, crowded := a.Park(id, noon)
			if in := started <= 2*parkedPerFlight; parked != in || crowded == in {
				t.Errorf("the %dth parked: %t, too many: %t", started, parked, crowded)
			}
			if crowded {
				a.Put(id, "host", noon.Add(time.Hour))
				a.Done(id, noon)
			}
		}
		if len(ids) == 0 {
			if started != 2*parkedPerFlight+3 {
				t.Errorf("%d were started", started)
			}
			return
		}
	}
}
