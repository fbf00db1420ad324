package fetcher

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
)

const oldHome, newHome = "http://a.example/rss", "http://b.example/feed"

// led is an answer of where a permanent redirect led.
func led(to string, status int) Answer {
	return Answer{URL: oldHome, Status: 304, Conditional: true, Hops: []Hop{{From: oldHome, To: to, Status: status}}}
}

// lives plays answers, each a number of hours after the one before.
func lives(src copydesk.Source, now time.Time, every time.Duration, answers ...Answer) copydesk.Source {
	for i, a := range answers {
		at := now.Add(time.Duration(i) * every)
		src = After(src, a, Judge(src, a, at), true, Found{}, Policy{}, at)
	}
	return src
}

func TestAMoveIsBelievedSlowly(t *testing.T) {
	var here copydesk.Source
	here.ID, here.URL = "a", oldHome
	there, home := led(newHome, 301), Answer{URL: oldHome, Status: 304, Conditional: true}
	direct := Answer{URL: newHome, Status: 304, Conditional: true}
	lost := Answer{URL: newHome, Status: 404}
	for _, tt := range []struct {
		name    string
		every   time.Duration
		answers []Answer
		next    string // where it is asked an hour later
		moved   bool
	}{
		{"once", time.Hour, []Answer{there}, oldHome, false},
		{"twice", time.Hour, []Answer{there, there}, newHome, false},
		{"twice, and asked itself", time.Hour, []Answer{there, there, direct, direct}, newHome, false},
		{"and lost there", time.Hour, []Answer{there, there, lost}, oldHome, false},
		{"and taken away there", time.Hour, []Answer{there, there, {URL: newHome, Status: 410}}, oldHome, false},
		{"and taken away there, by way of here", time.Hour, []Answer{there, there, {URL: oldHome, Status: 410, Hops: there.Hops}}, oldHome, false},
		{"for a while only", time.Hour, []Answer{there, there, direct, home}, oldHome, false},
		{"for the moment only", time.Hour, []Answer{led(newHome, 302), led(newHome, 307)}, oldHome, false},
		{"each time elsewhere", 24 * time.Hour, []Answer{there, led("http://c.example/1", 301), led("http://c.example/2", 301), led("http://c.example/3", 301), led("http://c.example/4", 301), led("http://c.example/5", 301), led("http://c.example/6", 301), led("http://c.example/7", 301), led("http://c.example/8", 301)}, oldHome, false},
		{"often in a day", time.Hour, []Answer{there, there, there, there, there, there}, newHome, false},
		{"for six days", 36 * time.Hour, []Answer{there, there, there, there, there}, newHome, false},
		{"for a week", 42 * time.Hour, []Answer{there, there, there, there, there}, newHome, true},
		{"and then not", 42 * time.Hour, []Answer{there, there, there, there, there, home}, oldHome, false},
		{"and then the old one is down", 42 * time.Hour, []Answer{there, there, there, there, there, {URL: oldHome, Status: 503}}, newHome, true},
	} {
		src := lives(here, noon, tt.every, tt.answers...)
		now := noon.Add(time.Duration(len(tt.answers)-1)*tt.every + time.Hour)
		if got := addressOf(src, now); got != tt.next {
			t.Errorf("%s: asked at %s, want %s", tt.name, got, tt.next)
		}
		if to, moved := Moved(src); moved != tt.moved || moved && to != newHome {
			t.Errorf("%s: moved to %q, %t", tt.name, to, moved)
		}
		if later := now.Add(25 * time.Hour); addressOf(src, later) != oldHome {
			t.Errorf("%s: a day later the old address is not asked", tt.name)
		}
	}
}

func TestWhoShowsAPasswordIsLedFromTheOldAddressEachTime(t *testing.T) {
	var src copydesk.Source
	src.ID, src.URL = "a", "http://ann:secret@a.example/rss"
	src.Move = copydesk.Move{To: newHome, First: noon, Last: noon, Times: 9, Asked: noon}
	if got := addressOf(src, noon); got != src.URL {
		t.Errorf("asked at %s", got)
	}
}

func TestValidatorsGoOnlyToTheAddressThatGaveThem(t *testing.T) {
	var asked []string
	moved := 0
	p := memory(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.Host+" "+r.Header.Get("If-None-Match"))
		switch r.URL.Host {
		case "a.example":
			if moved > 0 {
				return answer(302, "", "Location", newHome), nil
			}
			return answer(200, feed, "ETag", `"a"`), nil
		}
		return answer(200, feed+fmt.Sprint(moved), "ETag", `"b"`), nil
	})
	c := client(t, Options{Transport: p})
	var src copydesk.Source
	src.ID, src.URL = "a", oldHome
	for i, status := range []int{0, 0, 1, 2, 0, 3} {
		moved = status
		now := noon.Add(time.Duration(i) * time.Hour)
		a := c.Fetch(t.Context(), requestFor(src, Access{}, now))
		src = After(src, a, Judge(src, a, now), true, Found{}, Policy{}, now)
	}
	want := []string{`a.example `, `a.example "a"`, `a.example "a"`, `b.example `, `a.example "a"`, `b.example "b"`, `a.example "a"`, `a.example "a"`, `b.example "b"`}
	if fmt.Sprint(asked) != fmt.Sprint(want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

// What a document says of when to ask is not repeated by a 304, and another
// document may have been read since.
func TestTheWishesOfADocumentOutlastAnotherOneReadInBetween(t *testing.T) {
	var src copydesk.Source
	src.ID, src.URL = "a", oldHome
	src.Feed.TTL = 180
	src = lives(src, noon, time.Hour, Answer{URL: oldHome, Status: 200, ETag: `"a"`, Document: copydesk.Document{Body: []byte("a")}})
	src.Feed.TTL = 0 // of the other document
	other := Answer{URL: oldHome, Status: 200, Document: copydesk.Document{Body: []byte("b")}, Hops: []Hop{{oldHome, newHome, 301}}}
	src = lives(src, noon.Add(3*time.Hour), time.Hour, other)
	if wait := src.NextPoll.Sub(noon.Add(3 * time.Hour)); wait < 3*time.Hour || src.Rule != "ttl" {
		t.Errorf("after another document: %s by %q", wait, src.Rule)
	}
	src = lives(src, noon.Add(7*time.Hour), time.Hour, Answer{URL: oldHome, Status: 304, Conditional: true})
	if wait := src.NextPoll.Sub(noon.Add(7 * time.Hour)); wait < 3*time.Hour || src.Feed.TTL != 180 {
		t.Errorf("after a 304 of its own: %s by %q", wait, src.Rule)
	}
}

func TestAMovedSourceIsAskedUnderTheRulesOfItsNewHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 10 * time.Second}, "a.example/1", "b.example/2")
		src := w.get("a.example/1")
		src.Move = copydesk.Move{To: "http://b.example/1", First: w.start, Last: w.start, Times: 3, Asked: w.start}
		w.put(src)
		w.run(time.Hour + 30*time.Second)
		w.expect("b.example/1 at 1h0m0s", "b.example/2 at 1h0m10s")
	})
}
