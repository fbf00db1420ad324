// Package topic decides which stories belong to a topic, and what of them an
// edition shows.
//
// A topic takes the stories of its own sources that meet its rule `only`, the
// stories of any other source that meet its rule `match`, and all that its
// children take. One member that is taken brings its whole story in. Rules see
// one entry at a time and are pure: a story that came in stays, whatever its
// publishers write later.
//
// How much of a story becomes one item is decided when an edition is made (see
// [Items]), so that an operator's change of mind issues nothing again.
//
// Begin with [Compose] and [Plan.Match].
package topic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"copydesk"
)

// Plan is the topics of a configuration, ready to be matched.
type Plan struct {
	sections []section // in the order of the configuration
	byID     map[copydesk.TopicID]int
}

type section struct {
	topic       copydesk.Topic
	sources     map[copydesk.SourceID]bool // its own, not its children's
	only, match *Rule                      // nil if there is none
}

// Compose makes a plan of topics and sources, also of those that are no longer
// listed: what they brought stays where it is until retention. Topics have
// been checked: parents exist and no topic is its own ancestor.
func Compose(topics []copydesk.Topic, sources []copydesk.Source) (Plan, error) {
	p := Plan{byID: map[copydesk.TopicID]int{}}
	for i, t := range topics {
		s := section{topic: t, sources: map[copydesk.SourceID]bool{}}
		var err error
		if s.only, err = compile(t.Only); err != nil {
			return p, fmt.Errorf("topic %s: only: %w", t.ID, err)
		}
		if s.match, err = compile(t.Match); err != nil {
			return p, fmt.Errorf("topic %s: match: %w", t.ID, err)
		}
		p.sections = append(p.sections, s)
		p.byID[t.ID] = i
	}
	for _, src := range sources {
		for _, id := range src.Topics {
			if i, ok := p.byID[id]; ok {
				p.sections[i].sources[src.ID] = true
			}
		}
	}
	return p, nil
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
}

// Match returns the topics that take the story which voices tell, in the order
// of the configuration. An error names a rule that could not be decided; the
// matches that could be are returned with it.
func (p Plan) Match(voices []copydesk.Voice) ([]Match, error) {
	why := make([]string, len(p.sections))
	var failed error
	for i, s := range p.sections {
		reason, err := s.takes(voices)
		failed = cmp.Or(failed, err)
		if reason == "" {
			continue
		}
		why[i] = cmp.Or(why[i], reason)
		for child := s.topic; child.Parent != ""; child = p.sections[p.byID[child.Parent]].topic {
			parent := p.byID[child.Parent]
			why[parent] = cmp.Or(why[parent], "carries "+string(child.ID))
		}
	}
	var found []Match
	for i, reason := range why {
		if reason != "" {
			found = append(found, Match{Topic: p.sections[i].topic.ID, Why: reason})
		}
	}
	return found, failed
}

// takes says why the topic itself takes the story, or nothing.
func (s section) takes(voices []copydesk.Voice) (why string, failed error) {
	for _, v := range voices {
		rule, reason := s.match, "meets match"
		if s.sources[v.Source.ID] {
			rule, reason = s.only, "its source "+v.Source.Handle()
			if rule == nil {
				return reason, nil
			}
			reason += " meets only"
		}
		if rule == nil {
			continue
		}
		met, err := rule.Meets(v)
		failed = cmp.Or(failed, err)
		if met {
			return reason, failed
		}
	}
	return "", failed
}

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
		parts = append(parts, []any{ids, s.topic.Only, s.topic.Match})
	}
	text, err := json.Marshal(parts)
	if err != nil { // strings only: cannot be
		panic(err)
	}
	return copydesk.DigestOf(text)
}
