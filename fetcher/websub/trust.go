package websub

import (
	"time"

	"copydesk"
	"copydesk/fetcher"
)

// mostDoubt is how many pushes in a row must have brought news, at the most,
// before pushes are trusted again.
const mostDoubt = 8

// Pushed is a subscription after a push that was signed as agreed. news says
// that it brought entries which we did not have.
func Pushed(sub copydesk.Subscription, news bool, now time.Time) copydesk.Subscription {
	if sub.Doubted > 0 && now.Sub(sub.Missed) <= fetcher.PushRace { // it was on its way when the poll came first
		sub.Proven, sub.Misses = max(sub.Proven, sub.Doubted), max(sub.Misses-1, 0)
	}
	sub.Doubted, sub.LastPush = 0, now
	if news {
		sub.Proven = min(sub.Proven+1, mostDoubt)
	}
	return sub
}

// Polled is a subscription after a poll that found entries which had not been
// pushed. It counts only against pushes that could have come: the subscription
// must have been active since the reading before, from which it may have begun,
// and the daemon running, which is since up.
func Polled(sub copydesk.Subscription, before, up, now time.Time) copydesk.Subscription {
	if !active(sub, now) || before.Add(fetcher.PushRace).Before(sub.Since) || before.Before(up) {
		return sub
	}
	sub.Doubted, sub.Proven, sub.Missed = sub.Proven, 0, now
	sub.Misses++
	return sub
}

// Trusted reports whether polls may leave the news to pushes: the lease lasts,
// and pushes have brought news since a poll last found some that they should
// have brought; with each time that one did, twice as many.
func Trusted(sub copydesk.Subscription, now time.Time) bool {
	need := min(1<<min(sub.Misses, 8), mostDoubt)
	return active(sub, now) && sub.Proven >= need
}
