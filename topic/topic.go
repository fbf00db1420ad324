// Package topic decides which stories belong to a topic, and what of them an
// edition shows.
//
// A topic takes the stories of its own sources that meet its rule `only`, the
// stories of any other source that meet its rule `match` or its lists of words,
// those of any source that meet its search, and all that its children take. One member that is taken brings its whole
// story in. Rules see one entry at a time and are pure: a story that came in
// stays, whatever its publishers write later. A topic can make a story wait until
// enough publishers carry it, and hold back what one publisher has too much of
// (see [Enters]).
//
// How much of a story becomes one item is decided when an edition is made (see
// [Items]), so that an operator's change of mind issues nothing again.
//
// Entries of private sources are for the private topics that list these, and for
// no other: each topic is asked about, counts and shows what it may see of a
// story (see [Plan.Sees] and [Visible]).
//
// Begin with [Compose] and [Plan.Match].
package topic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"copydesk"
)

// Plan is the topics of a configuration, ready to be matched.
type Plan struct {
	sections []section // in the order of the configuration
	byID     map[copydesk.TopicID]int
	upward   []int // sections, children before their parents
	searches Searches
	secret   []copydesk.SourceID // the private sources, sorted
}

// Searches reads a voice once, and then tells of any topic's search whether the
// voice meets it. Package search knows how; this one need not.
type Searches func(copydesk.Voice) (meets func(search string) bool)

type section struct {
	topic       copydesk.Topic
	sources     map[copydesk.SourceID]bool // its own, not its children's
	only, match *Rule                      // nil if there is none
	words       *words                     // nil if there is none
	circle      map[copydesk.SourceID]bool // of a private topic: whose private entries it sees
	children    []int                      // in the order of the configuration
}

// Compose makes a plan of topics and sources, also of those that are no longer
// listed: what they brought stays where it is until retention. Topics have
// been checked: parents exist and no topic is its own ancestor. Searches may be
// nil if no topic has a search.
func Compose(topics []copydesk.Topic, sources []copydesk.Source, searches Searches) (Plan, error) {
	p := Plan{byID: map[copydesk.TopicID]int{}, searches: searches}
	for i, t := range topics {
		s := section{topic: t, sources: map[copydesk.SourceID]bool{}, words: readWords(t)}
		var err error
		if s.only, err = compile(t.Only); err != nil {
			return p, fmt.Errorf("topic %s: only: %w", t.ID, err)
		}
		if s.match, err = compile(t.Match); err != nil {
			return p, fmt.Errorf("topic %s: match: %w", t.ID, err)
		}
		if t.Search != "" && searches == nil {
			return p, fmt.Errorf("topic %s: search: nobody here knows how", t.ID)
		}
		p.sections = append(p.sections, s)
		p.byID[t.ID] = i
	}
	for _, src := range sources {
		if src.Private {
			p.secret = append(p.secret, src.ID)
		}
		for _, id := range src.Topics {
			if i, ok := p.byID[id]; ok {
				p.sections[i].sources[src.ID] = true
			}
		}
	}
	for i, s := range p.sections {
		if up, ok := p.byID[s.topic.Parent]; ok {
			p.sections[up].children = append(p.sections[up].children, i)
		}
		p.upward = append(p.upward, i)
	}
	slices.Sort(p.secret)
	for i, s := range p.sections {
		if s.topic.Private {
			p.sections[i].circle = map[copydesk.SourceID]bool{}
			for _, id := range p.Sources(s.topic.ID) {
				p.sections[i].circle[id] = true
			}
		}
	}
	slices.SortStableFunc(p.upward, func(a, b int) int { return p.depth(b) - p.depth(a) })
	return p, nil
}

// depth is how many topics a section lies below.
func (p Plan) depth(i int) (n int) {
	for up, ok := p.byID[p.sections[i].topic.Parent]; ok; up, ok = p.byID[p.sections[up].topic.Parent] {
		n++
	}
	return n
}

func compile(text string) (*Rule, error) {
	if text == "" {
		return nil, nil
	}
	return Compile(text)
}

// Topics returns the topics of the plan, in the order of the configuration.
func (p Plan) Topics() (all []copydesk.Topic) {
	for _, s := range p.sections {
		all = append(all, s.topic)
	}
	return all
}

// Match is a topic that takes a story, with the reason.
type Match struct {
	Topic copydesk.TopicID
	Why   string

	// Via are the children that bring the story in, if the topic does not take
	// it by itself: it carries the story once one of them does.
	Via []copydesk.TopicID

	// Waits says what the story lacks to come in; empty if nothing.
	Waits string
}

// Match returns the topics that take the story which voices tell, children
// before their parents and else in the order of the configuration. An error names a rule that could not be decided; the
// matches that could be are returned with it. Members that a topic may not see
// are not there for it.
func (p Plan) Match(voices []copydesk.Voice) ([]Match, error) {
	texts := make([]reading, len(voices))
	for i, v := range voices {
		texts[i].words = sync.OnceValue(func() string { return folded(v.Entry) })
		texts[i].meets = sync.OnceValue(func() func(string) bool { return p.searches(v) })
	}
	brings := make([]bool, len(p.sections)) // takes the story, and does not make it wait
	var found []Match
	var failed error
	for _, i := range p.upward {
		s := p.sections[i]
		m := Match{Topic: s.topic.ID}
		var err error
		seen, read := s.visible(voices, texts)
		m.Why, err = s.takes(seen, read)
		failed = cmp.Or(failed, err)
		if m.Why == "" {
			m.Via = p.bringing(s.children, brings)
			if len(m.Via) == 0 || len(seen) == 0 {
				continue
			}
			m.Why = "carries " + string(m.Via[0])
		}
		if publishers := countPublishers(seen); publishers < s.topic.MinSources {
			m.Waits = fmt.Sprintf("%d of the %d publishers that it needs carry it", publishers, s.topic.MinSources)
		}
		brings[i] = m.Waits == ""
		found = append(found, m)
	}
	return found, failed
}

// reading is a voice as topics read it, each way once, if any topic asks for it.
type reading struct {
	words func() string            // for lists of words
	meets func() func(string) bool // for searches
}

func (p Plan) bringing(children []int, brings []bool) (ids []copydesk.TopicID) {
	for _, i := range children {
		if brings[i] {
			ids = append(ids, p.sections[i].topic.ID)
		}
	}
	return ids
}

// takes says why the topic itself takes the story, or nothing.
func (s section) takes(voices []copydesk.Voice, texts []reading) (why string, failed error) {
	for i, v := range voices {
		rule, reason := s.match, "meets match"
		own := s.sources[v.Source.ID]
		if own {
			rule, reason = s.only, "its source "+v.Source.Handle()
			if rule == nil {
				return reason, nil
			}
			reason += " meets only"
		}
		if rule != nil {
			met, err := rule.Meets(v)
			failed = cmp.Or(failed, err)
			if met {
				return reason, failed
			}
		}
		if s.topic.Search != "" && texts[i].meets()(s.topic.Search) {
			return "meets search", failed
		}
		if own || s.words == nil {
			continue
		}
		if found := s.words.met(texts[i].words()); found != nil {
			return "has the words " + strings.Join(found, ", "), failed
		}
	}
	return "", failed
}

// Has reports whether the plan has a topic with that id.
func (p Plan) Has(id copydesk.TopicID) bool {
	_, ok := p.byID[id]
	return ok
}

// Topic returns the topic with that id, which must be of the plan.
func (p Plan) Topic(id copydesk.TopicID) copydesk.Topic { return p.sections[p.byID[id]].topic }

// Sources returns the ids of the sources whose stories topic carries, its
// children's among them, sorted. A topic with a rule `match` anywhere below may
// carry stories of others too.
func (p Plan) Sources(topic copydesk.TopicID) []copydesk.SourceID {
	all := map[copydesk.SourceID]bool{}
	for _, s := range p.sections {
		if p.within(s.topic.ID, topic) {
			for id := range s.sources {
				all[id] = true
			}
		}
	}
	ids := make([]copydesk.SourceID, 0, len(all))
	for id := range all {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// within reports whether topic is ancestor or lies below it.
func (p Plan) within(topic, ancestor copydesk.TopicID) bool {
	for {
		if topic == ancestor {
			return true
		}
		i, ok := p.byID[topic]
		if !ok || p.sections[i].topic.Parent == "" {
			return false
		}
		topic = p.sections[i].topic.Parent
	}
}

// Fingerprint is the digest of what decides which stories topic carries. While
// it stays the same, the positions in the store are right.
func (p Plan) Fingerprint(topic copydesk.TopicID) copydesk.Digest {
	var parts []any
	for _, s := range p.sections {
		if !p.within(s.topic.ID, topic) {
			continue
		}
		ids := []string{}
		for id := range s.sources {
			ids = append(ids, string(id))
		}
		slices.Sort(ids)
		part := []any{ids, s.topic.Only, s.topic.Match}
		if len(p.secret) > 0 || s.topic.Private {
			part = append(part, "sees", p.Sight(s.topic.ID))
		}
		if s.words != nil || s.topic.MinSources > 1 || s.topic.PerSource > 0 { // else as before there were any
			part = append(part, s.topic.MatchAny, s.topic.MatchAll, s.topic.MatchNone, max(1, s.topic.MinSources), s.topic.PerSource)
		}
		if s.topic.Search != "" {
			part = append(part, "search", s.topic.Search)
		}
		parts = append(parts, part)
	}
	text, err := json.Marshal(parts)
	if err != nil { // strings and numbers only: cannot be
		panic(err)
	}
	return copydesk.DigestOf(text)
}
