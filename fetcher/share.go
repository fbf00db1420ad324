package fetcher

import (
	"maps"
	"slices"
	"sync"
	"time"

	"copydesk"
)

// shares knows of each address who asked it last, and until when it is to be left
// alone: a feed that redirects to another source's, for good or for now, is one feed
// with that, and its publisher's wishes are about the feed. So the two take turns.
type shares struct {
	mu   sync.Mutex
	last map[string]*share // by address
	most int               // of them, before those are forgotten that hold up nobody any more
}

// share is an address: who asked it last, until when it is to be left alone, which
// is so long, and who comes when, of those who were held up.
type share struct {
	by    copydesk.SourceID
	until time.Time
	wait  time.Duration
	slots map[copydesk.SourceID]time.Time
}

// note takes down that src, as it is after that, was the last to ask its addresses.
// One that was asked in the future says nothing: the clock was set back.
func (s *shares) note(src copydesk.Source, now time.Time) {
	if src.LastPoll.After(now) {
		return
	}
	wait := time.Duration(src.Trail.Wait)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[string]*share{}
	}
	for _, at := range leadsTo(src) {
		sh := s.last[at]
		if sh == nil {
			s.forget(now)
			sh = &share{slots: map[copydesk.SourceID]time.Time{}}
			s.last[at] = sh
		}
		delete(sh.slots, src.ID)
		if until := src.LastPoll.Add(wait); until.After(sh.until) {
			sh.by, sh.until, sh.wait = src.ID, until, wait
		}
	}
}

// forget makes room: some redirects lead elsewhere each time.
func (s *shares) forget(now time.Time) {
	if len(s.last) < s.most {
		return
	}
	maps.DeleteFunc(s.last, func(_ string, sh *share) bool { return now.Sub(sh.until) > heldAtMost*sh.wait })
	s.most = 2*len(s.last) + 64
}

// heldAtMost is how many times as long as an address is left alone a source is held
// up for it. Whoever has waited longer goes in: entries must not be lost for it.
const heldAtMost = 4

// taken returns an [*InTurn] if it is not the turn of src at one of these addresses.
func (s *shares) taken(src copydesk.Source, now time.Time, addresses ...string) error {
	var until time.Time
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range addresses {
		sh := s.last[at]
		if sh == nil || sh.by == src.ID || !sh.until.After(now) || sh.longHeld(src, now) {
			continue
		}
		if t := sh.slot(src.ID, now); t.After(until) {
			until = t
		}
	}
	if until.IsZero() {
		return nil
	}
	return &InTurn{Until: until}
}

// longHeld reports whether src has been held up for so long that it goes in.
func (sh *share) longHeld(src copydesk.Source, now time.Time) bool {
	again := src.Outcome.Wish == wishTurn // on its way, where it cannot wait
	return again || !src.NextPoll.IsZero() && now.Sub(src.NextPoll) > heldAtMost*sh.wait
}

// slot is when a source that is held up comes: the first such time that no other one
// has. Times shift a little, with each request, and nobody loses his place for that.
func (sh *share) slot(id copydesk.SourceID, now time.Time) time.Time {
	mine, ok := sh.slots[id]
	if ok && !mine.Before(sh.until) {
		return mine
	}
	mine = sh.until
	var others []time.Time
	for other, t := range sh.slots {
		switch {
		case t.Before(now.Add(-sh.wait)): // it did not come
			delete(sh.slots, other)
		case other != id:
			others = append(others, t)
		}
	}
	slices.SortFunc(others, time.Time.Compare)
	for _, t := range others {
		if t.Sub(mine).Abs() < sh.wait/2 {
			mine = t.Add(sh.wait)
		}
	}
	sh.slots[id] = mine
	return mine
}

// leadsTo is where a request for src ends, as far as that is known: its own
// address, or where that redirects.
func leadsTo(src copydesk.Source) []string {
	all := []string{src.URL}
	if src.Move.To != "" {
		all = append(all, src.Move.To)
	}
	if at := src.Elsewhere; at.URL != "" && !at.Left {
		all = append(all, at.URL)
	}
	return all
}

// InTurn is why an address was not asked: it was, for another source, and its
// publisher's time is not over.
type InTurn struct{ Until time.Time }

func (t *InTurn) Error() string {
	return "another source was there, and nobody asks again before " + t.Until.Local().Format(time.DateTime)
}
