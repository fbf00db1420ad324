package fetcher

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"copydesk"
)

// Mistakes that other pollers made, each once seen in the wild.

func TestA304ClearsTheFailuresAndItsMaxAgeCounts(t *testing.T) {
	src := copydesk.Source{ID: "a"}
	src.ETag, src.Failures = `"1"`, 7
	a := with(304, "", header("Cache-Control", "max-age=43200"))
	a.Conditional = true
	src = After(src, a, Judge(src, a, noon), false, Found{}, Policy{}, noon)
	if src.Failures != 0 || src.NextPoll.Before(noon.Add(12*time.Hour)) || src.ETag != `"1"` {
		t.Errorf("got %+v, %+v", src.Schedule, src.Validators)
	}
}

func TestExpiresInThePastCostsNoValidators(t *testing.T) {
	a := with(200, feed, header("Expires", "0", "Cache-Control", "no-cache, must-revalidate"))
	a.ETag, a.LastModified = `"1"`, "Sun, 01 Mar 2026 11:00:00 GMT"
	src := After(copydesk.Source{ID: "a"}, a, Judge(copydesk.Source{}, a, noon), true, Found{}, Policy{}, noon)
	if src.ETag != a.ETag || src.LastModified != a.LastModified || src.Rule != "min_interval" {
		t.Errorf("got %+v, %+v", src.Schedule, src.Validators)
	}
}

// Apache changes the ETag and leaves the date when only the length changes; the
// bytes can be the same and both validators new.
func TestBothValidatorsAreThoseOfTheLast200(t *testing.T) {
	var src copydesk.Source
	for i, body := range []string{feed, feed, feed + "\n"} {
		a := with(200, body, nil)
		a.ETag, a.LastModified = fmt.Sprintf(`"%d"`, i), "always the same"
		src = After(src, a, Judge(src, a, noon), true, Found{}, Policy{}, noon)
		if src.ETag != a.ETag || src.LastModified != a.LastModified {
			t.Errorf("answer %d: got %+v", i, src.Validators)
		}
	}
}

// moody is a publisher that misbehaves in turn and notes who asks before the
// time that it named last.
type moody struct {
	t      *testing.T
	n      int
	before time.Time
	last   time.Time
}

func (m *moody) answer(*http.Request) (*http.Response, error) {
	now := time.Now()
	if now.Before(m.before) || m.n > 0 && now.Sub(m.last) < 15*time.Minute {
		m.t.Errorf("asked at %s, %s after the last time, though not before %s", now, now.Sub(m.last), m.before)
	}
	m.last, m.before, m.n = now, time.Time{}, m.n+1
	wait := time.Duration(m.n%7) * time.Hour
	name := func(h ...string) []string { m.before = now.Add(wait); return h }
	seconds := fmt.Sprint(int(wait.Seconds()))
	switch m.n % 8 {
	case 0:
		return answer(200, fmt.Sprint(feed, m.n), name("ETag", `"2"`, "Cache-Control", "max-age="+seconds)...), nil
	case 1:
		return answer(304, "", name("Cache-Control", "max-age="+seconds)...), nil
	case 2:
		return answer(429, "", name("Retry-After", seconds)...), nil
	case 3:
		return answer(503, "", name("Retry-After", now.Add(wait).UTC().Format(http.TimeFormat))...), nil
	case 4:
		return answer(304, "", name("Expires", now.Add(wait).UTC().Format(http.TimeFormat))...), nil
	case 5:
		return answer(500, "", "Cache-Control", "max-age=60"), nil
	case 6:
		return answer(200, fmt.Sprint(feed, m.n), "ETag", `"3"`, "Cache-Control", "max-age=1"), nil
	}
	return nil, fmt.Errorf("connection %d reset", m.n)
}

func TestNoPublisherIsAskedBeforeTheTimeItNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{HostGap: 2 * time.Second})
		var moods []*moody
		for i := range 5 {
			host := fmt.Sprintf("h%d.example", i)
			w.list(host + "/")
			m := &moody{t: t, n: i}
			m.last = w.start
			w.answers[host] = m.answer
			moods = append(moods, m)
		}
		for range 20 * 24 / 5 {
			w.run(5*time.Hour + 7*time.Minute) // restarts must not poll early either
		}
		for i, m := range moods {
			if m.n < 50 {
				t.Errorf("publisher %d was asked %d times in 20 days", i, m.n-i)
			}
		}
	})
}
