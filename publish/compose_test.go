package publish

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatComesOutAsItWasIsNotPressedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newComposer(limits{atOnce: 1, wait: time.Second, whole: time.Second, fresh: time.Minute, room: 1, size: func(*Pressed) int { return 1 }})
		text, made := "a", 0
		get := func() *Pressed {
			p, err := c.get(t.Context(), "key", func(context.Context) (draft, error) {
				made++
				return draft{body: []byte(text), kind: "text/plain"}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		first := get()
		time.Sleep(time.Hour)
		if second := get(); second != first || made != 2 {
			t.Errorf("pressed again: %v, made %d times", second != first, made)
		}
		text = "b"
		if third := get(); third != first || made != 2 {
			t.Errorf("made %d times while it was good", made)
		}
		time.Sleep(time.Hour)
		if fourth := get(); string(fourth.Body()) != "b" {
			t.Errorf("it still says %s", fourth.Body())
		}
	})
}

func TestWhatWasNotUsedForTheLongestTimeIsLetGo(t *testing.T) {
	r := newRecent[string, int](10)
	r.put("a", 1, 4)
	r.put("b", 2, 4)
	r.get("a")
	r.put("c", 3, 4) // b goes
	r.put("a", 5, 6) // in place of what it was
	r.put("huge", 6, 11)
	for key, want := range map[string]int{"a": 5, "b": 0, "c": 3, "huge": 0} {
		if got, ok := r.get(key); got != want || ok != (want > 0) {
			t.Errorf("%s: %d, %v", key, got, ok)
		}
	}
	if r.taken != 10 || r.order.Len() != 2 || len(r.slots) != 2 {
		t.Errorf("%d taken by %d, %d", r.taken, r.order.Len(), len(r.slots))
	}
}
