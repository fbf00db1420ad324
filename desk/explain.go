package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/normalize"
	"copydesk/story/alike"
	"copydesk/story/credit"
	"copydesk/topic"
)

// explanation is what `copydesk explain` says of an entry: each of its facts
// with the reason. Of a source there is only its row.
type explanation struct {
	Source      sourceRow        `json:"source"`
	Entry       copydesk.EntryID `json:"entry,omitzero"`
	GUID        string           `json:"guid,omitempty"`
	Title       string           `json:"title,omitempty"`
	Link        string           `json:"link,omitempty"`
	Canonical   string           `json:"canonical,omitempty"`
	Published   *time.Time       `json:"published,omitempty"`
	FirstSeen   time.Time        `json:"first_seen,omitzero"`
	LackedAt    *time.Time       `json:"lacked_at,omitempty"`
	Revisions   []revisionRow    `json:"revisions,omitempty"`
	Story       string           `json:"story,omitempty"`
	Lead        string           `json:"lead,omitempty"`
	LeadWhy     string           `json:"lead_why,omitempty"`
	Members     []memberRow      `json:"members,omitempty"`
	Topics      []topicReason    `json:"topics,omitempty"`
	NotIn       []topicReason    `json:"not_in,omitempty"` // topics that take the story and give it no place yet
	WhyNotGroup string           `json:"not_grouped,omitempty"`
	Boilerplate *boilerplateRow  `json:"boilerplate,omitempty"`
}

type revisionRow struct {
	Number int       `json:"number"`
	SeenAt time.Time `json:"seen_at"`
	Reason string    `json:"reason"`
	Title  string    `json:"title"`
}

type memberRow struct {
	Entry    copydesk.EntryID    `json:"entry"`
	Source   string              `json:"source"`
	Title    string              `json:"title"`
	Link     string              `json:"link,omitempty"`
	Evidence []copydesk.Evidence `json:"evidence,omitempty"`
	Related  []relatedRow        `json:"related,omitempty"`
	Credits  []string            `json:"credits_unknown,omitempty"` // publishers it credits that no source is
}

// relatedRow is an entry that is near a member, and not near enough: why says
// what it lacked.
type relatedRow struct {
	Source string `json:"source"`
	Title  string `json:"title"`
	copydesk.Evidence
}

type topicReason struct {
	Topic    copydesk.TopicID `json:"topic"`
	Position uint64           `json:"position,omitempty"`
	As       string           `json:"as,omitempty"` // the id by which its readers know the story, if it is another one
	Why      string           `json:"why"`
}

func (d *Desk) doExplain(ctx context.Context, cmd Command, s Streams) error {
	entries, err := d.find(ctx, cmd.URL)
	if err != nil {
		return err
	}
	all := []explanation{}
	for _, e := range entries {
		x, err := d.explain(ctx, e)
		if err != nil {
			return err
		}
		all = append(all, x)
	}
	if len(all) == 0 {
		src, err := d.sourceAt(ctx, cmd.URL)
		if err != nil {
			return err
		}
		b, err := d.boilerplate(ctx, copydesk.Entry{Source: src.ID})
		if err != nil {
			return err
		}
		row, err := d.row(ctx, src)
		if err != nil {
			return err
		}
		all = append(all, explanation{Source: row, Boilerplate: b})
	}
	if cmd.JSON {
		return printJSON(s.Out, all)
	}
	for i, x := range all {
		if i > 0 {
			fmt.Fprintln(s.Out)
		}
		x.print(s.Out)
	}
	return nil
}

// find returns the entries that text names: by their address, their own or any
// that means the same, by their guid, or by their story's id.
func (d *Desk) find(ctx context.Context, text string) (found []copydesk.Entry, err error) {
	if id, err := copydesk.ParseStoryID(text); err == nil {
		told, err := d.store.Story(ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			return nil, nil
		}
		for _, v := range told.Voices {
			found = append(found, v.Entry)
		}
		return found, err
	}
	if found, err = d.store.AtAddress(ctx, normalize.Canonical(text)); err != nil || len(found) > 0 {
		return found, err
	}
	for e, err := range d.store.Entries(ctx) {
		if err != nil {
			return nil, err
		}
		if e.Link == text || e.GUID == text {
			found = append(found, e)
		}
	}
	return found, nil
}

// sourceAt returns the source that text names by its id or address, or as tables
// show that: without its password.
func (d *Desk) sourceAt(ctx context.Context, text string) (copydesk.Source, error) {
	src, err := d.store.SourceNamed(ctx, text)
	if errors.Is(err, db.ErrNotFound) {
		all, err := d.store.Sources(ctx)
		if err != nil {
			return src, err
		}
		if i := slices.IndexFunc(all, func(s copydesk.Source) bool { return s.Handle() == text }); i >= 0 {
			return all[i], nil
		}
		return src, fmt.Errorf("explain %s: no entry and no source has this address, guid or id; it may have expired, or no source listed it", text)
	}
	return src, err
}

func (d *Desk) explain(ctx context.Context, e copydesk.Entry) (x explanation, err error) {
	src, err := d.store.Source(ctx, e.Source)
	if err != nil {
		return x, err
	}
	row, err := d.row(ctx, src)
	if err != nil {
		return x, err
	}
	x = explanation{
		Source: row, Entry: e.ID, GUID: e.GUID, Title: e.Title, Link: e.Link, Canonical: e.Canonical,
		Published: maybe(e.Published), FirstSeen: e.FirstSeen, LackedAt: maybe(e.LackedAt),
	}
	revisions, err := d.store.Revisions(ctx, e.ID)
	if err != nil {
		return x, err
	}
	for _, r := range revisions {
		x.Revisions = append(x.Revisions, revisionRow{Number: r.Number, SeenAt: r.SeenAt, Reason: r.Reason, Title: r.Title})
	}
	if x.Boilerplate, err = d.boilerplate(ctx, e); err != nil {
		return x, err
	}
	told, err := d.store.StoryOf(ctx, e.ID)
	if errors.Is(err, db.ErrNotFound) {
		x.WhyNotGroup = "it waits in the inbox"
		return x, nil
	}
	if err != nil {
		return x, err
	}
	err = d.explainStory(ctx, &x, told)
	return x, err
}

func (d *Desk) explainStory(ctx context.Context, x *explanation, told copydesk.Told) error {
	x.Story, x.LeadWhy = told.Story.ID.String(), told.Story.LeadWhy
	sources, err := d.store.Sources(ctx)
	if err != nil {
		return err
	}
	for i, v := range told.Voices {
		if v.Entry.ID == told.Story.Lead {
			x.Lead = v.Source.Handle()
		}
		related, err := d.related(ctx, told.Story.Members[i].Related)
		if err != nil {
			return err
		}
		x.Members = append(x.Members, memberRow{
			Entry: v.Entry.ID, Source: v.Source.Handle(), Title: v.Entry.Title, Link: v.Entry.Link,
			Evidence: told.Story.Members[i].Evidence, Related: related,
			Credits: credit.Strangers(v, sources),
		})
	}
	placements, err := d.store.Placements(ctx, told.Story.ID)
	if err != nil {
		return err
	}
	voices, err := d.strippedNow(ctx).voices(told.Voices)
	if err != nil {
		return err
	}
	matches, err := d.now.Load().plan.Match(voices)
	if err != nil {
		return err
	}
	for _, p := range placements {
		reason := topicReason{Topic: p.Topic, Position: p.Position, Why: "it came in before its text or the topic's sources changed"}
		if p.As != told.Story.ID {
			reason.As = p.As.String()
		}
		for _, m := range matches {
			if m.Topic == p.Topic {
				reason.Why = m.Why
			}
		}
		x.Topics = append(x.Topics, reason)
	}
	x.NotIn, err = d.notIn(ctx, told.Story.ID, placements, matches)
	return err
}

// notIn says of the topics that take a story without a place there what keeps
// it out.
func (d *Desk) notIn(ctx context.Context, id copydesk.StoryID, placements []db.Placement, matches []topic.Match) (rows []topicReason, err error) {
	held, err := d.store.HeldBack(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, h := range held {
		rows = append(rows, topicReason{Topic: h.Topic, Why: "held back: " + h.Why})
	}
	for _, m := range matches {
		placed := slices.ContainsFunc(placements, func(p db.Placement) bool { return p.Topic == m.Topic })
		if m.Waits != "" && !placed {
			rows = append(rows, topicReason{Topic: m.Topic, Why: "waits: " + m.Waits})
		}
	}
	return rows, nil
}

func (x explanation) print(w io.Writer) {
	if x.Entry == (copydesk.EntryID{}) {
		x.printSource(w)
		x.Boilerplate.print(w)
		return
	}
	fmt.Fprintf(w, "entry   %s\n", x.Title)
	fmt.Fprintf(w, "  id          %s\n", x.Entry)
	if x.GUID != "" {
		fmt.Fprintf(w, "  guid        %q\n", x.GUID)
	}
	if x.Link != "" {
		fmt.Fprintf(w, "  link        %s\n", x.Link)
	}
	if x.Canonical != "" {
		fmt.Fprintf(w, "  compared as %s\n", x.Canonical)
	} else {
		fmt.Fprintf(w, "  compared as nothing: it has no address that stands for it alone\n")
	}
	fmt.Fprintf(w, "  published   %s\n", stampOr(x.Published, "not said"))
	fmt.Fprintf(w, "  first seen  %s\n", stampOr(&x.FirstSeen, ""))
	fmt.Fprintf(w, "  appeared    after %s\n", stampOr(x.LackedAt, "an unknown time: it was in the source's first document"))
	x.printSource(w)
	fmt.Fprintf(w, "texts\n")
	for _, r := range x.Revisions {
		fmt.Fprintf(w, "  %d  %s  %s: %q\n", r.Number, stampOr(&r.SeenAt, ""), r.Reason, r.Title)
	}
	x.Boilerplate.print(w)
	if x.WhyNotGroup != "" {
		fmt.Fprintf(w, "story   none yet: %s\n", x.WhyNotGroup)
		return
	}
	x.printStory(w)
}

// related names the entries of evidence that did not suffice, those that have
// not expired.
func (d *Desk) related(ctx context.Context, evidence []copydesk.Evidence) (rows []relatedRow, err error) {
	for _, e := range evidence {
		other, err := d.store.Entry(ctx, e.With)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		src, err := d.store.Source(ctx, other.Source)
		if err != nil {
			return nil, err
		}
		rows = append(rows, relatedRow{Source: src.Handle(), Title: other.Title, Evidence: e})
	}
	return rows, nil
}

func (x explanation) printStory(w io.Writer) {
	fmt.Fprintf(w, "story   %s\n", x.Story)
	fmt.Fprintf(w, "  credited to %s: %s\n", x.Lead, x.LeadWhy)
	for _, m := range x.Members {
		fmt.Fprintf(w, "  member      %s  %s\n", m.Source, m.Link)
		for _, e := range m.Evidence {
			with := slices.IndexFunc(x.Members, func(o memberRow) bool { return o.Entry == e.With })
			if with >= 0 {
				fmt.Fprintf(w, "              step %d with %s: %s\n", e.Step, x.Members[with].Source, e.Why)
			}
		}
		for _, name := range m.Credits {
			fmt.Fprintf(w, "              credits %s, which no source here is\n", name)
		}
		for _, r := range m.Related {
			relation := "related to"
			if r.Score < alike.RelatedFrom && r.Step == copydesk.StepSameNews {
				relation = "nearest was"
			}
			fmt.Fprintf(w, "              %s %q of %s, not the same: %s\n", relation, r.Title, r.Source, r.Why)
		}
	}
	for _, t := range x.Topics {
		fmt.Fprintf(w, "topic   %s, position %d: %s\n", t.Topic, t.Position, t.Why)
		if t.As != "" {
			fmt.Fprintf(w, "        known there as %s\n", t.As)
		}
	}
	for _, t := range x.NotIn {
		fmt.Fprintf(w, "topic   not in %s, %s\n", t.Topic, t.Why)
	}
	if len(x.Topics)+len(x.NotIn) == 0 {
		fmt.Fprintf(w, "topic   none: no topic lists its sources, or its rules did not let it in\n")
	}
}

func (x explanation) printSource(w io.Writer) {
	r := x.Source
	fmt.Fprintf(w, "source  %s (%s)\n", r.Source, r.Name)
	fmt.Fprintf(w, "  address     %s\n", r.URL)
	fmt.Fprintf(w, "  last poll   %s", stampOr(r.LastPoll, "never"))
	if r.Verdict != "" {
		fmt.Fprintf(w, ": %s, %s", r.Verdict, r.Reason)
	}
	fmt.Fprintf(w, "\n  next poll   %s (%s)\n", stampOr(r.NextPoll, "never"), r.Rule)
	if r.WebSub != nil {
		fmt.Fprintf(w, "  websub      %s\n", r.WebSub.says())
	}
	for _, e := range r.Episodes {
		fmt.Fprintf(w, "  ails since  %s: %s: %s\n              %s\n", stampOr(&e.Since, ""), e.Cause, e.Reason, e.Fix)
	}
	printLedger(w, r.Ledger)
}

func stampOr(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
