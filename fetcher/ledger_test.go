package fetcher

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

// poll is one answer in the life of a source.
type poll struct {
	answer    Answer
	verdict   copydesk.Verdict // if parsing changes it
	part      bool             // only a part could be read
	found     Found
	unsettled bool
}

// pages plays polls an hour apart and returns the line of each.
func pages(src copydesk.Source, polls ...poll) (lines []copydesk.Ledger, _ copydesk.Source) {
	now := noon
	for _, p := range polls {
		p.answer.Asked = now
		if p.answer.Conditional = src.ETag != ""; p.answer.Conditional {
			p.answer.Carried = 1
		}
		if p.answer.Requests == 0 {
			p.answer.Requests = 1
		}
		now = now.Add(time.Second)
		o := Judge(src, p.answer, now)
		if p.verdict != "" {
			o.Verdict = p.verdict
		}
		next := After(src, p.answer, o, !p.part, p.found, Policy{}, now)
		lines = append(lines, Line(src, next, p.answer, p.found, p.unsettled))
		src, now = next, now.Add(time.Hour)
	}
	return lines, src
}

func document(text, etag string, size int64) Answer {
	a := with(200, text, nil)
	a.ETag, a.Size, a.Received = etag, size, size+100
	return a
}

func TestTheLedgerNamesEachRequestWithoutTheLastValidators(t *testing.T) {
	var (
		whole     = poll{answer: document("one", `"1"`, 500)}
		bare      = poll{answer: document("one", "", 500)}
		partial   = poll{answer: document("two", `"2"`, 300), part: true}
		cutOff    = poll{answer: Answer{Status: 200, Err: errors.New("cut off")}}
		page      = poll{answer: document("<html>", `"page"`, 300), verdict: copydesk.Failed}
		down      = poll{answer: Answer{Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}}
		busy      = poll{answer: with(503, "", nil)}
		fresh     = poll{answer: Answer{Status: 304}}
		strange   = poll{answer: Answer{Status: 304, ETag: `"9"`}}
		unsettled = poll{answer: Answer{Status: 304}, unsettled: true}
	)
	for _, tt := range []struct {
		name  string
		polls []poll
		want  []copydesk.Apart
	}{
		{"in order", []poll{whole, fresh, fresh}, []copydesk.Apart{copydesk.ApartFirst, "", ""}},
		{"no validators", []poll{bare, bare}, []copydesk.Apart{copydesk.ApartFirst, copydesk.ApartNone}},
		{"never read", []poll{busy, down, whole}, []copydesk.Apart{copydesk.ApartFirst, copydesk.ApartUnread, copydesk.ApartUnread}},
		{"a part", []poll{whole, partial, whole, fresh}, []copydesk.Apart{copydesk.ApartFirst, "", copydesk.ApartDamaged, ""}},
		{"a part of the first", []poll{partial, whole}, []copydesk.Apart{copydesk.ApartFirst, copydesk.ApartDamaged}},
		{"cut off", []poll{whole, cutOff, fresh, fresh}, []copydesk.Apart{copydesk.ApartFirst, "", copydesk.ApartDamaged, ""}},
		{"no feed", []poll{whole, page, fresh, fresh}, []copydesk.Apart{copydesk.ApartFirst, "", copydesk.ApartRefused, ""}},
		{"trouble between", []poll{whole, page, busy, down, fresh}, []copydesk.Apart{copydesk.ApartFirst, "", copydesk.ApartRefused, copydesk.ApartRefused, copydesk.ApartRefused}},
		{"nobody there", []poll{whole, down, busy, fresh}, []copydesk.Apart{copydesk.ApartFirst, "", "", ""}},
		{"a 304 of another document", []poll{whole, strange, fresh, fresh}, []copydesk.Apart{copydesk.ApartFirst, "", copydesk.ApartRefused, ""}},
		{"not settled", []poll{whole, unsettled, fresh}, []copydesk.Apart{copydesk.ApartFirst, copydesk.ApartUnsettled, ""}},
	} {
		lines, _ := pages(copydesk.Source{ID: "a"}, tt.polls...)
		var got []copydesk.Apart
		for _, l := range lines {
			var why copydesk.Apart
			for w := range l.Apart {
				why = w
			}
			got = append(got, why)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestASourceThatMovedIsAskedWithoutValidatorsAndTheLedgerSaysSo(t *testing.T) {
	_, src := pages(copydesk.Source{ID: "a"}, poll{answer: document("one", `"1"`, 500)})
	src.Validators = copydesk.Validators{} // as the store does when the address changes
	lines, _ := pages(src, poll{answer: document("one", `"1"`, 500)})
	if lines[0].Apart[copydesk.ApartMoved] != 1 || !lines[0].Closest.At.IsZero() {
		t.Errorf("%+v", lines[0])
	}
}

func TestARedirectCountsAsARequestOfItsOwn(t *testing.T) {
	a := document("one", `"1"`, 500)
	a.Requests = 3
	lines, _ := pages(copydesk.Source{ID: "a"}, poll{answer: a}, poll{answer: Answer{Status: 304, Requests: 2}})
	if first, second := lines[0], lines[1]; first.Requests != 3 || first.Apart[copydesk.ApartFirst] != 3 || second.Requests != 2 || second.Conditional != 1 {
		t.Errorf("%+v\n%+v", first, second)
	}
}

func TestA304SavesWhatTheLastWholeBodyCost(t *testing.T) {
	lines, _ := pages(copydesk.Source{ID: "a"},
		poll{answer: document("one", `"1"`, 500)},
		poll{answer: document("tw", `"2"`, 300), part: true},
		poll{answer: Answer{Status: 304, Received: 90}},
		poll{answer: document("one", `"1"`, 500)}) // the same bytes once more save nothing
	var saved, received []int64
	for _, l := range lines {
		saved, received = append(saved, l.Saved), append(received, l.Received)
	}
	if diff := cmp.Diff([]int64{0, 0, 500, 0}, saved); diff != "" {
		t.Errorf("saved %s", diff)
	}
	if diff := cmp.Diff([]int64{600, 400, 90, 600}, received); diff != "" {
		t.Errorf("received %s", diff)
	}
}

func TestDelayIsOfNewsOnly(t *testing.T) {
	later := noon.Add(time.Hour + 2*time.Second)
	first := Found{Listed: 2, New: []time.Time{noon.Add(-time.Hour), noon.Add(-2 * time.Hour)}}
	second := Found{Listed: 6, Known: 2, New: []time.Time{
		later.Add(-10 * time.Minute), later.Add(-30 * time.Minute), {}, later.Add(time.Hour), later.AddDate(-1, 0, 0),
	}, Undated: 2}
	lines, src := pages(copydesk.Source{ID: "a"},
		poll{answer: document("one", `"1"`, 500), found: first}, poll{answer: document("two", `"2"`, 500), found: second})
	if l := lines[0]; l.Delayed != 0 || l.Found != 2 {
		t.Errorf("of the first document: %+v", l)
	}
	l := lines[1]
	if l.Delayed != 2 || l.MeanDelay() != 20*time.Minute || l.MaxDelay != copydesk.Span(30*time.Minute) || l.Found != 5 || l.Undated != 2 {
		t.Errorf("%+v", l)
	}
	if !src.Trail.LastNew.Equal(later) {
		t.Errorf("last new at %s", src.Trail.LastNew)
	}
}

func TestThePauseIsHeldAgainstWhatThePublisherAllowed(t *testing.T) {
	patient := document("one", `"1"`, 500)
	patient.Header = header("Cache-Control", "max-age=7200")
	eager := document("one", `"1"`, 500)
	eager.Header = header("Cache-Control", "max-age=1200")
	skipping := copydesk.Source{ID: "a", Feed: copydesk.FeedInfo{Asks: copydesk.Asks{SkipHours: 1<<12 | 1<<13 | 1<<14}}}
	for _, tt := range []struct {
		name  string
		src   copydesk.Source
		first Answer
		want  copydesk.Gap
		early int
	}{
		{"floor", copydesk.Source{ID: "a"}, document("one", `"1"`, 500), copydesk.Gap{Allowed: copydesk.Span(time.Hour), Rule: "min_interval"}, 0},
		{"a wish", copydesk.Source{ID: "a"}, patient, copydesk.Gap{Allowed: copydesk.Span(2 * time.Hour), Rule: "max-age"}, 1},
		{"an invitation", copydesk.Source{ID: "a"}, eager, copydesk.Gap{Allowed: copydesk.Span(20 * time.Minute), Rule: "max-age"}, 0},
		{"hours to skip", skipping, document("one", `"1"`, 500), copydesk.Gap{Allowed: copydesk.Span(3*time.Hour - time.Second), Rule: "skipHours"}, 1},
		{"a stop", copydesk.Source{ID: "a"}, with(429, "", header("Retry-After", "10800")), copydesk.Gap{Allowed: copydesk.Span(3 * time.Hour), Rule: "Retry-After"}, 1},
	} {
		lines, _ := pages(tt.src, poll{answer: tt.first}, poll{answer: Answer{Status: 304}})
		if !lines[0].Closest.At.IsZero() {
			t.Errorf("%s: the first request has a pause before it: %+v", tt.name, lines[0].Closest)
		}
		tt.want.At, tt.want.Pause = noon.Add(time.Hour+time.Second), copydesk.Span(time.Hour)
		if diff := cmp.Diff(tt.want, lines[1].Closest); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if lines[1].Early != tt.early {
			t.Errorf("%s: %d early", tt.name, lines[1].Early)
		}
	}
}

func TestAPushedDocumentIsNoRequest(t *testing.T) {
	src := copydesk.Source{ID: "a", Schedule: copydesk.Schedule{LastPoll: noon, LastRead: noon}}
	a := document("one", "", 500)
	a.Requests = 0
	next := After(src, a, copydesk.Outcome{Verdict: copydesk.Changed}, true, Found{Listed: 1, New: []time.Time{noon}}, Policy{}, noon.Add(time.Minute))
	l := Line(src, next, a, Found{Listed: 1, New: []time.Time{noon}}, false)
	if l.Requests != 0 || len(l.Apart) != 0 || l.Early != 0 || l.Found != 1 || l.MeanDelay() != time.Minute {
		t.Errorf("%+v", l)
	}
}

func TestAnAnswerCountsItsRequestsAndBytes(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(bytes.Repeat([]byte("<rss/> "), 1000))
	z.Close()
	c := client(t, Options{Transport: memory(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/old" {
			return answer(301, "gone there", "Location", "/new"), nil
		}
		return answer(200, zipped.String(), "Content-Encoding", "gzip"), nil
	})})
	a := c.Fetch(t.Context(), Request{URL: "http://a.example/old", ETag: `"1"`})
	if a.Err != nil || a.Requests != 2 || a.Size != int64(zipped.Len()) {
		t.Errorf("%d requests, a body of %d bytes, want 2 and %d (%v)", a.Requests, a.Size, zipped.Len(), a.Err)
	}
	headers := int64(len("Location: /new\r\n") + len("Content-Encoding: gzip\r\n"))
	if want := headers + int64(len("gone there")) + a.Size; a.Received != want {
		t.Errorf("%d bytes received, want %d", a.Received, want)
	}
	if l := Asked(a); l.Requests != 2 || l.Conditional != 1 || l.Received != a.Received {
		t.Errorf("%+v", l)
	}
}
