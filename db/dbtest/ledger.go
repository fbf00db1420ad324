package dbtest

import (
	"errors"

	"copydesk"
	"copydesk/db"
)

func line(day copydesk.Day, requests int) copydesk.Ledger {
	return copydesk.Ledger{Day: day, Requests: requests, Polls: map[copydesk.Verdict]int{copydesk.Unchanged: requests}}
}

func (s *scene) pages(source string, from, to copydesk.Day) (requests []int) {
	s.Helper()
	pages, err := s.Ledger(s.ctx, copydesk.SourceID(source), from, to)
	s.must(err)
	for _, p := range pages {
		requests = append(requests, p.Requests)
	}
	return requests
}

func ledgerAddsUp(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"), setting("ab", "http://ab.example/rss"))
	today := copydesk.DayOf(s.at)
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Line: line(today, 1)}))
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Line: line(today, 2)}))
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Line: line(today+2, 4)}))
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("ab"), Line: line(today, 8)}))
	s.must(s.Enter(s.ctx, "ab", copydesk.Ledger{Day: today, Requests: 16}))
	s.must(s.Enter(s.ctx, "ab", copydesk.Ledger{Day: today + 1}))
	s.reopen()
	s.same("pages of a", s.pages("a", today, today+6), []int{3, 4})
	s.same("its first page", s.pages("a", today-6, today), []int{3})
	s.same("pages of ab", s.pages("ab", today, today+6), []int{24})
	all, err := s.LedgerOf(s.ctx, today)
	s.must(err)
	s.same("pages of the day", all, map[copydesk.SourceID]copydesk.Ledger{
		"a":  line(today, 3),
		"ab": line(today, 8).And(copydesk.Ledger{Day: today, Requests: 16}),
	})
}

func ledgerIsFenced(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	stale, today := s.named("a"), copydesk.DayOf(s.at)
	stale.Version++
	if err := s.Settle(s.ctx, db.Settlement{Source: stale, Line: line(today, 1)}); !errors.Is(err, db.ErrStale) {
		s.Errorf("got %v, want ErrStale", err)
	}
	s.same("pages", s.pages("a", today, today), []int(nil))
}

func ledgerExpires(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	today := copydesk.DayOf(s.at)
	for back := copydesk.Day(db.LedgerDays + 1); back > 0; back-- {
		s.must(s.Enter(s.ctx, "a", line(today-back+1, int(back))))
	}
	s.must(s.Forget(s.ctx, s.at, s.at))
	pages := s.pages("a", 0, today)
	s.same("pages", len(pages), db.LedgerDays)
	s.same("the oldest", pages[0], db.LedgerDays)
}
