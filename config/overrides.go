package config

import (
	"cmp"
	"slices"

	"copydesk"
)

// overrides reads the [[story]] tables. Two addresses of one article are one.
func (c *checker) overrides(written []*wireStory) []copydesk.Override {
	var overrides []copydesk.Override
	for _, w := range written {
		if !w.Join.set && !w.Split.set && !w.Lead.set {
			c.wrong(w.at, "add join, split or lead", "a story says nothing")
		}
		c.articles("join", w.Join)
		c.articles("split", w.Split)
		if w.Lead.usable() {
			c.mustBeArticle(w.Lead)
		}
		overrides = append(overrides, copydesk.Override{Join: w.Join.values(), Split: w.Split.values(), Lead: w.Lead.value})
	}
	j := joins{up: map[string]string{}, same: c.same}
	for _, w := range written {
		j.join(w.Join.items)
	}
	for _, w := range written {
		c.notBoth(j, w.Split.items)
		c.leadsItsOwn(j, w)
	}
	c.oneLead(j, written)
	return overrides
}

// articles checks a list of articles that are one story, or are not.
func (c *checker) articles(name string, l list) {
	if l.set && !l.bad && len(l.items) < 2 {
		c.wrong(l.at, "name two or more, or take it out", "%s has fewer than two addresses", name)
	}
	seen := map[string]bool{}
	for _, item := range l.items {
		c.mustBeArticle(item)
		if seen[c.same(item)] {
			c.wrong(item.at, "take one of them out", "%s stands twice in %s", item.shown(), name)
		}
		seen[c.same(item)] = true
	}
}

func (c *checker) mustBeArticle(t text) {
	f := checkWebURL(t.value)
	if f == (flaw{}) && c.meaning.Article(t.value) == "" {
		f = flaw{"is no article's address", "name the article, not its site"}
	}
	c.must(t, f)
}

// same is what two addresses of one article have in common.
func (c *checker) same(t text) string { return cmp.Or(c.meaning.Article(t.value), t.value) }

// joins are the articles that are joined, each with another one of its story,
// up to one that stands for all of them.
type joins struct {
	up   map[string]string
	same func(text) string
}

func (j joins) join(items []text) {
	for i := range items {
		one, other := j.root(items[0]), j.root(items[i])
		if one != other {
			j.up[other] = one
		}
	}
}

func (j joins) root(t text) string {
	at := j.same(t)
	for up, joined := j.up[at]; joined; up, joined = j.up[at] {
		at = up
	}
	return at
}

// notBoth sees that no two that are split are joined as well, be it through
// others.
func (c *checker) notBoth(j joins, split []text) {
	for i, item := range split {
		joined := slices.IndexFunc(split[:i], func(o text) bool {
			return c.same(o) != c.same(item) && j.root(o) == j.root(item)
		})
		if joined >= 0 {
			c.wrong(item.at, "take one of them out of split, or out of join", "%s is split from %s, and joined with it", item.shown(), split[joined].shown())
		}
	}
}

// leadsItsOwn sees that who leads what a table joins is one of them.
func (c *checker) leadsItsOwn(j joins, w *wireStory) {
	if !w.Lead.usable() || w.Join.bad || len(w.Join.items) < 2 || c.meaning.Article(w.Lead.value) == "" {
		return
	}
	if j.root(w.Lead) != j.root(w.Join.items[0]) {
		c.wrong(w.Lead.at, "add it to join, or give it a [[story]] of its own", "%s leads what it is not joined with", w.Lead.shown())
	}
}

// oneLead sees that no two lead what is joined to one story.
func (c *checker) oneLead(j joins, written []*wireStory) {
	leads := map[string]text{}
	for _, w := range written {
		if !w.Lead.usable() {
			continue
		}
		root := j.root(w.Lead)
		first, taken := leads[root]
		if !taken {
			leads[root] = w.Lead
		} else if c.same(first) != c.same(w.Lead) {
			c.wrong(w.Lead.at, "one story has one lead; take one of them out", "%s leads a story that %s leads already", w.Lead.shown(), first.shown())
		}
	}
}
