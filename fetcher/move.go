package fetcher

import (
	"net/http"
	"net/url"
	"time"

	"copydesk"
)

// What it takes to believe a permanent redirect. One request can be hijacked, by
// a network that wants a log-in or a server that is set up wrongly for an hour,
// so nothing follows from a single one but that it is followed.
const (
	movedTwice = 2              // so often led to a new address, that one is asked itself
	askOld     = 24 * time.Hour // so often the old one is asked whether that still holds

	movedTimes = 4 // so often, and for so long, that the operator is asked to write it down
	movedFor   = 7 * 24 * time.Hour
)

// Moved reports whether a source has moved for good, as its publisher has said
// again and again for a week: the address should be changed where it is
// configured.
func Moved(src copydesk.Source) (to string, ok bool) {
	m := src.Move
	return m.To, m.Times >= movedTimes && m.Last.Sub(m.First) >= movedFor
}

// A source that has failed for a week is looked for on its publisher's page,
// once a week.
const (
	lostFor   = 7 * 24 * time.Hour
	seekEvery = 7 * 24 * time.Hour
)

// Lost reports whether it is time to look for a substitute of src, and the page
// on which to look: the one that the feed named, else the root of its host. Who
// refuses us is not lost, and neither is who takes a feed away for good: that is
// an answer.
func Lost(src copydesk.Source, now time.Time) (page string, ok bool) {
	refused := src.Outcome.Status == http.StatusUnauthorized || src.Outcome.Status == http.StatusForbidden
	if src.Outcome.Verdict != copydesk.Failed || refused || src.Secret || !src.Listed || src.Failing.IsZero() {
		return "", false
	}
	if _, sought := Sought(src, now); sought || now.Sub(src.Failing) < lostFor {
		return "", false
	}
	page = home(src)
	return page, page != ""
}

// Sought reports whether a substitute of src was looked for within the last week,
// and the page on which: what it offers then is known for all feeds that were there.
func Sought(src copydesk.Source, now time.Time) (page string, ok bool) {
	return home(src), now.Sub(src.Substitute.Sought) < seekEvery
}

// home is the page on which a publisher would name another feed, empty if none is
// known.
func home(src copydesk.Source) string {
	u, err := url.Parse(src.URL)
	if err != nil {
		return ""
	}
	if link, err := url.Parse(src.Feed.Link); err == nil && link.Host != "" && askable(link) == nil {
		return bare(link).String()
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).String()
}

// addressOf is where to ask a source at the moment: its own address, or the one
// to which that has been redirecting for good. Who must show a password is led
// from the old one each time, which alone is known to be meant for it.
func addressOf(src copydesk.Source, now time.Time) string {
	m := src.Move
	if m.Times < movedTwice || restricted(src, Access{}) {
		return src.URL
	}
	if since := now.Sub(m.Asked); since < 0 || since >= askOld {
		return src.URL
	}
	return m.To
}

// direct reports whether an answer is to a request for the new address.
func direct(src copydesk.Source, a Answer) bool { return a.URL != "" && a.URL != src.URL }

// moving is what an answer at now says of where a source is. A failed answer of
// the new address says that the old one is to be asked again, and so does one
// that takes away for good where that led; any other of the old address says
// nothing.
func moving(src copydesk.Source, a Answer, o copydesk.Outcome, whole bool, now time.Time) copydesk.Move {
	m := src.Move
	if src.Secret { // and where it leads may be one as well
		return copydesk.Move{}
	}
	if direct(src, a) {
		if !o.Read() {
			m.Asked = time.Time{}
		}
		return m
	}
	m.Asked = now
	if a.Status == http.StatusGone {
		m.Asked = time.Time{}
	}
	if !whole {
		return m
	}
	to := movedTo(a.Hops)
	switch {
	case to == "":
		return copydesk.Move{}
	case to != m.To:
		return copydesk.Move{To: to, First: now, Last: now, Times: 1, Asked: now}
	}
	m.Last, m.Times = now, m.Times+1
	return m
}

// placed is src with the validators of a document read whole, kept for the
// address that gave them.
func placed(src copydesk.Source, a Answer) copydesk.Source {
	at := answered(src, a)
	slot := &src.Validators
	src.Elsewhere.Left = at == "" && src.Elsewhere.URL != ""
	if at != "" {
		if src.Elsewhere.URL != at {
			src.Elsewhere = copydesk.Elsewhere{URL: at}
		}
		slot = &src.Elsewhere.Validators
	}
	if a.Status == http.StatusNotModified {
		*slot = freshen(*slot, a)
	} else {
		*slot = copydesk.Validators{ETag: a.ETag, LastModified: a.LastModified, BodyHash: copydesk.DigestOf(a.Document.Body)}
	}
	slot.Asks = src.Feed.Asks
	return src
}

// withOwnAsks is src with the wishes of all documents that the next request may
// ask for: if that goes to the source's own address, what that one last said
// counts also where somebody else was read in between.
func withOwnAsks(src copydesk.Source, a Answer, o copydesk.Outcome, now time.Time) copydesk.Source {
	if o.Read() && answered(src, a) == "" || addressOf(src, now) != src.URL {
		return src
	}
	f, own := &src.Feed.Asks, src.Validators.Asks
	f.TTL, f.Every = max(f.TTL, own.TTL), max(f.Every, own.Every)
	f.SkipHours |= own.SkipHours
	f.SkipDays |= own.SkipDays
	return src
}

// knownOf is what we had of the address that answered; zero if nothing.
func knownOf(src copydesk.Source, a Answer) copydesk.Validators {
	switch answered(src, a) {
	case "":
		return src.Validators
	case src.Elsewhere.URL:
		return src.Elsewhere.Validators
	}
	return copydesk.Validators{}
}

// asks is what the unchanged document behind an answer says of when to ask,
// which need not be the document that was read last.
func asks(src copydesk.Source, a Answer) (asks copydesk.Asks, known bool) {
	of := knownOf(src, a)
	if a.Status == http.StatusOK {
		switch copydesk.DigestOf(a.Document.Body) {
		case src.BodyHash:
			of = src.Validators
		case src.Elsewhere.BodyHash:
			of = src.Elsewhere.Validators
		}
	}
	return of.Asks, of.BodyHash != copydesk.Digest{}
}

// answered is the address that gave an answer, empty for the source's own.
func answered(src copydesk.Source, a Answer) string {
	switch {
	case len(a.Hops) > 0:
		return a.Hops[len(a.Hops)-1].To
	case direct(src, a):
		return a.URL
	}
	return ""
}
