package dbtest

import (
	"time"

	"copydesk"
	"copydesk/db"
)

func episode(source string, cause copydesk.Cause, since time.Time) copydesk.Episode {
	id := copydesk.SourceID(source)
	return copydesk.Episode{
		ID: copydesk.NewEpisodeID(id, cause, since), Source: id, Cause: cause, Since: since, Updated: since,
		Reason: "3 polls in a row", Fix: "Look.",
	}
}

func episodesLast(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"), setting("b", "http://b.example/rss"))
	gone, page := episode("a", copydesk.CauseGone, s.at), episode("a", copydesk.CausePage, s.at.Add(time.Hour))
	other := episode("b", copydesk.CauseGone, s.at.Add(2*time.Hour))
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Episodes: []copydesk.Episode{gone, page}}))
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("b"), Episodes: []copydesk.Episode{other}}))
	gone.Until = s.at.Add(3 * time.Hour)
	gone.Updated = gone.Until
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Episodes: []copydesk.Episode{gone}}))
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a")}))
	s.reopen()
	s.sameEpisodes("a", gone, page)
	s.sameEpisodes("b", other)
	all, err := s.AllEpisodes(s.ctx)
	s.must(err)
	s.same("all, the newest first", all, []copydesk.Episode{gone, other, page})
}

func (s *scene) sameEpisodes(source string, want ...copydesk.Episode) {
	s.Helper()
	got, err := s.Episodes(s.ctx, copydesk.SourceID(source))
	s.must(err)
	s.same("episodes of "+source, got, want)
}

func episodesExpire(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"), setting("b", "http://b.example/rss"))
	lasts, over, unlisted := episode("a", copydesk.CauseGone, s.at), episode("a", copydesk.CausePage, s.at), episode("b", copydesk.CauseGone, s.at)
	over.Until, over.Updated = s.at.Add(24*time.Hour), s.at.Add(24*time.Hour)
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("a"), Episodes: []copydesk.Episode{lasts, over}}))
	s.must(s.Settle(s.ctx, db.Settlement{Source: s.named("b"), Episodes: []copydesk.Episode{unlisted}}))
	s.adopt(setting("a", "http://a.example/rss"))
	s.must(s.Forget(s.ctx, s.at.AddDate(0, 0, db.LedgerDays), s.at))
	s.sameEpisodes("a", over, lasts)
	s.sameEpisodes("b")
	s.must(s.Forget(s.ctx, s.at.AddDate(0, 0, db.LedgerDays+1), s.at))
	s.sameEpisodes("a", lasts)
}
