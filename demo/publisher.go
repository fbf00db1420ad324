// Package demo is five sample publishers that publish while one watches, so
// that Copydesk can be tried without a configuration and without a network.
//
// Each publisher is one file in articles/: how its feed is written, and its
// articles. All of it is invented: publishers, people, ministries, companies,
// towns and news. At the start a publisher has an archive of some hours; then a
// script of [Beats] beats brings what a desk meets in a day: new entries,
// headlines that change under one guid, a partner's copy under the original's
// address, an aggregator's copy under its own, a rewritten copy that claims to
// be hours older than its original, two briefings of one title that have
// nothing in common, one event in the words of two reporters. After the last
// beat nothing new comes.
//
// The feeds differ as feeds do: three are RSS 2.0 and two Atom; one has
// pictures and several authors, one gives no dates and writes German, one has
// relative addresses under xml:base, one has titles of type html.
//
// What is promised: a document is a pure function of its publisher and of the
// time, so the same times give the same bytes; guids never change. What is
// not: that the news makes sense.
//
// Begin with [Publishers], which makes them, and [Handler], which serves them.
package demo

import (
	"cmp"
	"slices"
	"time"
)

// Beats is how long the script is: the last thing happens at this beat.
const Beats = 40

// Publisher is a sample publisher: its feed, its articles, their pages.
type Publisher struct {
	Name     string   // as articles credit it
	Slug     string   // its part of addresses
	Language string   // of its feed (BCP 47)
	Role     string   // "publisher" or "aggregator", as a source list says it
	Topics   []string // the topics that its feed belongs to: "asia", "world"

	home     string // address of its front page; ends in "/"
	clock    clock
	style    style
	articles []*article // in the order of its file
}

// clock turns the script's beats into times.
type clock struct {
	start time.Time
	beat  time.Duration
}

func (c clock) at(beat int) time.Time { return c.start.Add(time.Duration(beat) * c.beat) }

// FeedURL is the address of the publisher's feed.
func (p *Publisher) FeedURL() string { return p.home + "feed.xml" }

// Feed returns the publisher's document as it is at now: RSS 2.0 or Atom, in
// UTF-8, newest entry first. It changes only when an entry comes or changes.
func (p *Publisher) Feed(now time.Time) []byte {
	if p.style.Format == formatAtom {
		return p.atom(p.listed(now), p.changed(now))
	}
	return p.rss(p.listed(now), p.changed(now))
}

// listed are the articles that are out, newest first by when they came out and
// not by when they claim to be from.
func (p *Publisher) listed(now time.Time) []item {
	out := slices.DeleteFunc(slices.Clone(p.articles), func(a *article) bool { return !a.isOut(now) })
	slices.SortStableFunc(out, func(a, b *article) int { return cmp.Or(b.out.Compare(a.out), cmp.Compare(a.Slug, b.Slug)) })
	items := make([]item, len(out))
	for i, a := range out {
		items[i] = a.as(now)
	}
	return items
}

// changed is when the document last became other than it was before; zero if
// nothing is out yet.
func (p *Publisher) changed(now time.Time) (last time.Time) {
	for _, a := range p.articles {
		if a.isOut(now) && a.out.After(last) {
			last = a.out
		}
		if a.isRetitled(now) && a.retitled.After(last) {
			last = a.retitled
		}
	}
	return last
}

// article is the one that is out under slug, or nil.
func (p *Publisher) article(slug string, now time.Time) *article {
	i := slices.IndexFunc(p.articles, func(a *article) bool { return a.Slug == slug && a.isOut(now) })
	if i < 0 {
		return nil
	}
	return p.articles[i]
}
