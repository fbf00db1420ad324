package fetcher

import (
	"sync"
	"time"

	"copydesk"
)

// shares knows of each address who asked it last, and until when it is to be left
// alone: a feed that redirects to another source's, for good or for now, is one feed
// with that, and its publisher's wishes are about the feed. So the two take turns.
type shares struct {
	mu   sync.Mutex
	last map[string]share // by address
}

type share struct {
	by    copydesk.SourceID
	until time.Time
}

// note takes down that src, as it is after that, was the last to ask its addresses.
// One that was asked in the future says nothing: the clock was set back.
func (s *shares) note(src copydesk.Source, now time.Time) {
	if src.LastPoll.After(now) {
		return
	}
	until := src.LastPoll.Add(time.Duration(src.Trail.Wait))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[string]share{}
	}
	for _, at := range leadsTo(src) {
		if until.After(s.last[at].until) {
			s.last[at] = share{src.ID, until}
		}
	}
}

// until is when src may be asked, which another source may just have been at one
// of these addresses.
func (s *shares) until(src copydesk.SourceID, addresses ...string) (until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range addresses {
		if last := s.last[at]; last.by != src && last.until.After(until) {
			until = last.until
		}
	}
	return until
}

// taken returns an [*InTurn] if it is not the turn of src at these addresses.
func (s *shares) taken(src copydesk.SourceID, addresses ...string) error {
	if until := s.until(src, addresses...); until.After(time.Now()) {
		return &InTurn{Until: until}
	}
	return nil
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
