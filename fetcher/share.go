package fetcher

import (
	"sync"
	"time"

	"copydesk"
)

// shares knows of each address who asked it last, and until when it is to be left
// alone: a feed that redirects for good to another source's is one feed with that,
// and its publisher's wishes are about the feed. So the two take turns.
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
// of its addresses.
func (s *shares) until(src copydesk.Source) (until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range leadsTo(src) {
		if last := s.last[at]; last.by != src.ID && last.until.After(until) {
			until = last.until
		}
	}
	return until
}

// leadsTo is where a request for src ends, as far as that is known: its own
// address, or where that redirects for good.
func leadsTo(src copydesk.Source) []string {
	if src.Move.To != "" {
		return []string{src.URL, src.Move.To}
	}
	return []string{src.URL}
}
