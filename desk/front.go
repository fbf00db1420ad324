package desk

import (
	"context"
	"slices"
	"sync"
	"time"

	"copydesk"
	"copydesk/publish"
)

// setShelf says on the shelf what became of topics that the configuration does
// not list (any more), or lists under another id.
func (d *Desk) setShelf(ctx context.Context) error {
	topics, err := d.topics(ctx)
	if err != nil {
		return err
	}
	// A press under way may still hold a topic for listed: it would put back what
	// is taken off here.
	d.pressing.Lock()
	defer d.pressing.Unlock()
	var listed []copydesk.TopicID
	for id, t := range topics {
		switch {
		case t.Listed:
			listed = append(listed, id)
		case t.Private:
			d.shelf.Drop(id) // that it was there is nobody's business
		default:
			d.shelf.Gone(id)
		}
	}
	d.shelf.Lock(d.now.Load().keysOf())
	for _, t := range d.now.Load().plan.Topics() {
		for _, was := range t.Was {
			d.shelf.Moved(was, t.ID)
		}
	}
	d.listed = time.Time{}
	d.changed.add(listed...) // a title or a limit may have changed, which moves no story
	d.changed.ring()         // and the index even where no topic is left
	d.changed.index.ring()
	return nil
}

// setFront prints the index page.
func (d *Desk) setFront(ctx context.Context) error {
	front := publish.Front{Search: canSearch && d.now.Load().config.Search.Path != ""}
	plan := d.now.Load().plan
	for _, t := range plan.Topics() {
		if t.Private {
			continue
		}
		if plan.Has(t.Parent) && plan.Topic(t.Parent).Private {
			t.Parent = ""
		}
		front.Topics = append(front.Topics, publish.FrontTopic{
			ID: t.ID, Title: t.Title, Parent: t.Parent,
			Items: d.shown[t.ID].items, Updated: d.shown[t.ID].updated,
		})
	}
	d.counters.show(plan.Topics(), d.shown)
	if err := d.shelf.SetFront(front); err != nil {
		return err
	}
	return d.setLists(ctx, front)
}

// listsFor is how long the lists that readers import are good enough.
const listsFor = 10 * time.Minute

// setLists prints what readers import. Sources come and go with the
// configuration, but their names can come with a poll.
func (d *Desk) setLists(ctx context.Context, front publish.Front) error {
	if time.Now().Before(d.listed.Add(listsFor)) {
		return nil
	}
	sources, err := d.Sources(ctx)
	if err != nil {
		return err
	}
	for _, l := range []struct {
		list  publish.List
		print func() ([]byte, error)
	}{
		{publish.TopicList, func() ([]byte, error) { return publish.PrintTopics(front, d.site) }},
		{publish.SourceList, func() ([]byte, error) { return publish.PrintSources(d.openSources(sources)) }},
	} {
		body, err := l.print()
		if err != nil {
			return err
		}
		hash := copydesk.DigestOf(body)
		if d.lists[l.list] == hash {
			continue
		}
		modified, err := d.store.Stamp(ctx, "", string(l.list), hash, time.Now())
		if err != nil {
			return err
		}
		pressed, err := publish.Press(body, l.list.ContentType(), modified)
		if err != nil {
			return err
		}
		d.shelf.PutList(l.list, pressed)
		d.lists[l.list] = hash
	}
	d.listed = time.Now()
	return nil
}

// shown is what the index says of an edition.
type shown struct {
	items   int
	updated time.Time
}

// dues knows when sources are polled next, for the max-age of what we serve:
// until then nothing new can come.
type dues struct {
	mu    sync.Mutex
	next  map[copydesk.SourceID]time.Time
	cache map[copydesk.TopicID]due
}

// due is an answer of dues, and until when it may be given again.
type due struct {
	at, until time.Time
}

// dueFor is how long an answer about a topic is good enough: max-age has whole
// seconds and a floor of a minute.
const dueFor = time.Second

func (d *dues) reset(sources []copydesk.Source) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next, d.cache = map[copydesk.SourceID]time.Time{}, map[copydesk.TopicID]due{}
	for _, src := range sources {
		if src.Listed {
			d.next[src.ID] = src.NextPoll
		}
	}
}

func (d *dues) set(src copydesk.Source) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next[src.ID] = src.NextPoll
}

// nextPoll is when the next source of topic is due, zero if none is.
func (d *Desk) nextPoll(topic copydesk.TopicID) time.Time {
	now := time.Now()
	d.dues.mu.Lock()
	defer d.dues.mu.Unlock()
	if c := d.dues.cache[topic]; now.Before(c.until) {
		return c.at
	}
	var times []time.Time
	for _, id := range d.now.Load().plan.Sources(topic) {
		if at := d.dues.next[id]; !at.IsZero() {
			times = append(times, at)
		}
	}
	var first time.Time
	if len(times) > 0 {
		first = slices.MinFunc(times, time.Time.Compare)
	}
	d.dues.cache[topic] = due{first, now.Add(dueFor)}
	return first
}
