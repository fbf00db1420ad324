package fetcher

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
	"time"

	"copydesk"
)

// hashes are the ways to sign that WebSub knows (section 7).
var hashes = map[string]func() hash.Hash{
	"sha1":   sha1.New,
	"sha256": sha256.New,
	"sha384": sha512.New384,
	"sha512": sha512.New,
}

// Signed reports whether header, an X-Hub-Signature, signs body with secret. It
// takes as long for a wrong signature as for a right one.
func Signed(header, secret string, body []byte) bool {
	method, sum, ok := parseSignature(header)
	if !ok || secret == "" {
		return false
	}
	mac := hmac.New(hashes[method], []byte(secret))
	mac.Write(body)
	return hmac.Equal(sum, mac.Sum(nil))
}

// parseSignature reads "sha256=" and a hash in hexadecimal.
func parseSignature(header string) (method string, sum []byte, ok bool) {
	method, digits, ok := strings.Cut(strings.TrimSpace(header), "=")
	if method = strings.ToLower(method); !ok || hashes[method] == nil {
		return "", nil, false
	}
	sum, err := hex.DecodeString(digits)
	return method, sum, err == nil && len(sum) == hashes[method]().Size()
}

// pushRace is for how long after a poll a push can still bring what that poll
// found: publishers write first and tell their hub then.
const pushRace = 10 * time.Minute

// mostDoubt is how many pushes in a row must have brought news, at the most,
// before pushes are trusted again.
const mostDoubt = 8

// Pushed is a subscription after a push that was signed as agreed. news says
// that it brought entries which we did not have.
func Pushed(sub copydesk.Subscription, news bool, now time.Time) copydesk.Subscription {
	if sub.Doubted > 0 && now.Sub(sub.Missed) <= pushRace { // it was on its way when the poll came first
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
	if !active(sub, now) || before.Add(pushRace).Before(sub.Since) || before.Before(up) {
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

// Learned is src after a push at now that found entries in a document. The
// schedule and the validators are those of polls, and of the document that a
// poll read: a push changes neither. But what it shows of the source's rhythm
// counts.
func Learned(src copydesk.Source, found Found, p Policy, now time.Time) copydesk.Source {
	if len(found.New) > 0 {
		src.Trail.LastNew = now
		src.Rhythm = learn(src.Rhythm, p.orDefaults(), now.Add(-pushRace), time.Time{}, now, found.New)
	}
	return src
}

// PushLine is what a push adds to the ledger of src.
func PushLine(found Found, now time.Time) copydesk.Ledger {
	l := copydesk.Ledger{Day: copydesk.DayOf(now), Pushed: 1, Found: len(found.New)}
	countDelays(&l, found.New, now)
	return l
}

// Reschedule returns src with its next poll as the last one would have set it
// under policy p, since something else has changed: whether pushes are trusted.
// Where the publisher, or trouble, decides, it stays as it is.
func Reschedule(src copydesk.Source, p Policy, now time.Time) copydesk.Source {
	if !src.Outcome.Read() || src.NextPoll.IsZero() || src.LastPoll.IsZero() {
		return src
	}
	next, rule := NextPoll(src, src.Outcome, p, src.LastPoll)
	switch {
	case p.Pushed && (next.Before(src.NextPoll) || src.Rule == pushInDoubt): // only a poll ends the doubt
		return src
	case !p.Pushed && next.Before(now):
		next, rule = now, "websub: pushes stopped"
	case !p.Pushed && src.NextPoll.Before(next):
		next = src.NextPoll
	}
	src.NextPoll, src.Rule = next, rule
	return src
}

// Leans reports whether the next poll of src is as late as it is because pushes
// were trusted.
func Leans(src copydesk.Source) bool { return strings.HasPrefix(src.Rule, pushesCome) }

// AskSoon returns src with a poll as soon as it may be asked again, because a
// push said that there is news and could not be read for it.
func AskSoon(src copydesk.Source, p Policy, now time.Time) copydesk.Source {
	soon := src.LastPoll.Add(max(p.orDefaults().MinInterval, time.Duration(src.Trail.Wait)))
	if soon.Before(now) {
		soon = now
	}
	if src.Outcome.Read() && soon.Before(src.NextPoll) {
		src.NextPoll, src.Rule = soon, pushInDoubt
	}
	return src
}
