package desk

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"copydesk"
	"copydesk/publish"
)

// doTopic prints the edition of a topic as the daemon serves it.
func (d *Desk) doTopic(ctx context.Context, cmd Command, s Streams) error {
	format, err := publish.ParseFormat(cmd.Format)
	if err != nil {
		return err
	}
	topics, err := d.topics(ctx)
	if err != nil {
		return err
	}
	t, ok := topics[cmd.Topic]
	if !ok || !t.Listed {
		return fmt.Errorf("topic %s: not in the store; `copydesk status` lists the topics there are", cmd.Topic)
	}
	d.pressing.Lock()
	issue, err := d.issue(ctx, t)
	d.pressing.Unlock()
	if err != nil {
		return err
	}
	body, err := issue.Print(format, d.site)
	if err != nil {
		return err
	}
	_, err = s.Out.Write(body)
	return err
}

// storyRow is a story as `copydesk stories` shows it.
type storyRow struct {
	Story    string           `json:"story"`
	Title    string           `json:"title"`
	Lead     string           `json:"lead"`
	Link     string           `json:"link,omitempty"`
	Members  int              `json:"members"`
	Updated  time.Time        `json:"updated"`
	Topic    copydesk.TopicID `json:"topic"`
	Position uint64           `json:"position"`
}

// doStories lists the newest stories of a topic, or of each.
func (d *Desk) doStories(ctx context.Context, cmd Command, s Streams) error {
	topics, err := d.store.Topics(ctx)
	if err != nil {
		return err
	}
	rows := []storyRow{}
	known := false
	for _, t := range topics {
		if !t.Listed || cmd.Topic != "" && cmd.Topic != t.ID {
			continue
		}
		known = true
		stories, err := d.store.Newest(ctx, t.ID, cmd.Limit)
		if err != nil {
			return err
		}
		for _, told := range stories {
			rows = append(rows, storyRowOf(told, t.ID))
		}
	}
	if cmd.Topic != "" && !known {
		return fmt.Errorf("topic %s: not in the store; `copydesk status` lists the topics there are", cmd.Topic)
	}
	if cmd.JSON {
		return printJSON(s.Out, rows)
	}
	var lines [][]string
	for _, r := range rows {
		lines = append(lines, []string{string(r.Topic), ago(r.Updated, time.Now()), strconv.Itoa(r.Members), r.Lead, clip(r.Title, 80)})
	}
	return table(s.Out, []string{"TOPIC", "UPDATED", "MEMBERS", "CREDITED TO", "TITLE"}, lines)
}

func storyRowOf(told copydesk.Told, topic copydesk.TopicID) storyRow {
	r := storyRow{
		Story: told.Story.ID.String(), Members: len(told.Voices), Updated: told.Story.Updated, Topic: topic, Position: told.Position,
	}
	for _, v := range told.Voices {
		if v.Entry.ID == told.Story.Lead {
			r.Title, r.Link, r.Lead = v.Entry.Title, v.Entry.Link, v.Source.Title()
		}
	}
	return r
}
