package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"copydesk"
)

const maxLimit = 1000

func (c *checker) topics(written []*wireTopic) []copydesk.Topic {
	var topics []copydesk.Topic
	for _, w := range written {
		topics = append(topics, c.topic(w))
	}
	c.topicNames(written)
	c.parents(written)
	return topics
}

func (c *checker) topic(w *wireTopic) copydesk.Topic {
	if !w.ID.set {
		c.wrong(w.at, `add a line like id = "asia"`, "a topic needs an id")
	}
	c.must(w.ID, checkTopicID(w.ID.value))
	for _, id := range w.Was.items {
		c.must(id, checkTopicID(id.value))
	}
	c.checkText("rule", c.meaning.Rule, w.Only)
	c.checkText("rule", c.meaning.Rule, w.Match)
	c.checkText("search", c.meaning.Search, w.Search)
	c.checkWords(w)
	return copydesk.Topic{
		ID:     copydesk.TopicID(w.ID.value),
		Title:  cmp.Or(w.Title.value, w.ID.value),
		Parent: copydesk.TopicID(w.Parent.value),
		Was:    topicIDs(w.Was),
		Only:   w.Only.value,
		Match:  w.Match.value,

		MatchAny:  w.MatchAny.values(),
		MatchAll:  w.MatchAll.values(),
		MatchNone: w.MatchNone.values(),

		Search: w.Search.value,

		MinSources: c.atLeast("min_sources", w.MinSources, 1, "1 takes what one publisher carries, 2 waits for another"),
		PerSource:  c.atLeast("per_source", w.PerSource, 0, "0 is no limit"),

		Merge:   oneOf(c, "merge", w.Merge, copydesk.MergeStory, copydesk.MergeStory, copydesk.MergeCopies, copydesk.MergeNone),
		Limit:   c.limit(w.Limit),
		Content: c.content(w.Content, copydesk.ShowFull),
		Private: w.Private.value,
	}
}

func topicIDs(l list) []copydesk.TopicID {
	var ids []copydesk.TopicID
	for _, item := range l.items {
		ids = append(ids, copydesk.TopicID(item.value))
	}
	return ids
}

// checkTopicID refuses what could not be told from a topic's feed: the address
// /topics/asia.atom is the Atom feed of "asia".
func checkTopicID(id string) flaw {
	for _, format := range []string{".atom", ".rss", ".json"} {
		if strings.HasSuffix(id, format) {
			return flaw{"ends like a format", "leave " + format + " out; every topic is served in it"}
		}
	}
	return checkID(id)
}

// checkWords sees that the lists of words say something.
func (c *checker) checkWords(w *wireTopic) {
	for _, l := range []list{w.MatchAny, w.MatchAll, w.MatchNone} {
		for _, word := range l.items {
			if strings.TrimSpace(word.value) == "" {
				c.wrong(word.at, "take it out, or write a word or a phrase", "%s is no word", word.shown())
			}
		}
	}
	if len(w.MatchNone.items) > 0 && !w.MatchAny.meant() && !w.MatchAll.meant() {
		c.wrong(w.MatchNone.at, `add match_any or match_all; for the topic's own sources write a rule, such as only = 'not ("football" in words)'`,
			"match_none alone would take nearly every story of every source")
	}
}

// meant reports whether the list has words, or should have had some.
func (l list) meant() bool { return l.bad || len(l.items) > 0 }

// atLeast reads a number, or least if there is none.
func (c *checker) atLeast(name string, n number, least int64, hint string) int {
	if !n.usable() {
		return int(least)
	}
	if n.value < least {
		c.wrong(n.at, hint, "%s %d is below %d", name, n.value, least)
	}
	return int(n.value)
}

func (c *checker) limit(n number) int {
	if !n.usable() {
		return defaultLimit
	}
	if n.value < 1 || n.value > maxLimit {
		c.wrong(n.at, fmt.Sprintf("choose 1 to %d items", maxLimit), "limit %d is out of range", n.value)
	}
	return int(n.value)
}

// checkText has a text checked by those who understand it, and points into it.
func (c *checker) checkText(kind string, check Check, t text) {
	if check == nil || !t.usable() || t.value == "" {
		return
	}
	err := check(t.value)
	if err == nil {
		return
	}
	at := t.at
	var pointed interface{ Column() int }
	if errors.As(err, &pointed) && pointed.Column() >= 1 {
		column := min(pointed.Column(), utf8.RuneCountInString(t.value)+1)
		at += offsetInString(t.raw, column-1)
	}
	hint := ""
	var helpful interface{ Hint() string }
	if errors.As(err, &helpful) {
		hint = helpful.Hint()
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	c.wrong(at, hint, "wrong %s: %s", kind, message)
}

func (c *checker) topicNames(written []*wireTopic) {
	names := c.names("topic")
	for i, w := range written {
		if w.ID.usable() && w.ID.value != "" {
			names.now("id", w.ID.value, i, w.ID)
		}
	}
	for i, w := range written {
		for _, id := range w.Was.items {
			names.before(id.value, i, id)
		}
	}
}

// parents sees that topics nest: each parent exists, and none is its own.
func (c *checker) parents(written []*wireTopic) {
	parent := map[string]string{}
	for _, w := range written {
		if w.ID.usable() {
			parent[w.ID.value] = w.Parent.value
		}
	}
	told := map[string]bool{}
	for _, w := range written {
		if !w.Parent.usable() || w.Parent.value == "" {
			continue
		}
		c.knownTopic(w.Parent)
		c.publicParent(w)
		circle := circleOf(w.ID.value, parent)
		if len(circle) > 0 && !told[w.ID.value] {
			c.wrong(w.Parent.at, "take one of these parents out", "the topics nest in a circle: %s", strings.Join(circle, " > "))
		}
		for _, id := range circle {
			told[id] = true
		}
	}
}

// circleOf returns the way from id up to itself, or nil if there is none.
func circleOf(id string, parent map[string]string) []string {
	way := []string{id}
	for up := parent[id]; up != "" && len(way) <= len(parent); up = parent[up] {
		way = append(way, up)
		if up == id {
			return way
		}
	}
	return nil
}

// listTopics takes down which topics there are.
func (c *checker) listTopics(written []*wireTopic) {
	for _, w := range written {
		if w.ID.usable() {
			c.known = append(c.known, w.ID.value)
			if !w.Private.value && !w.Private.bad {
				c.open = append(c.open, w.ID.value)
			}
		} else {
			c.unsure = true
		}
	}
}

// knownTopic sees that t names a topic of the file.
func (c *checker) knownTopic(t text) {
	if c.unsure || slices.Contains(c.known, t.value) {
		return
	}
	hint := "add a [[topic]] with this id"
	if near := nearest(t.value, c.known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if len(c.known) > 0 && len(c.known) <= 8 {
		hint = "the topics are " + strings.Join(c.known, ", ")
	}
	c.wrong(t.at, hint, "no topic has the id %s", t.shown())
}
