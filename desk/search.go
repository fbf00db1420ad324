package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/publish"
	"copydesk/search"
	"copydesk/topic"
)

// Index finds stories by what their members say. Package searchtest is its
// contract.
type Index interface {
	// Mark returns the mark of the last batch that had one.
	Mark(context.Context) (search.Mark, error)
	// Update takes a batch in: all of it is kept when it returns, or nothing.
	Update(context.Context, search.Batch) error
	// Search returns up to limit stories, each by a member that is visible; the
	// sources of the query have been looked up.
	Search(ctx context.Context, q search.Query, limit int, visible search.Visible) ([]copydesk.StoryID, error)
	Close() error
}

var errFarBehind = errors.New("the search index has fallen behind its store")

const (
	indexAtOnce = 100             // stories in one batch: the larger a batch, the more words its stories share, and each is written once in a batch
	indexText   = 192 << 10       // bytes of text from which on a batch is full: it takes some thirty times as much memory while it is indexed
	indexEvery  = 5 * time.Second // before a batch that is not full, so that what comes together is taken together, and what is altered again meanwhile once
	indexAgain  = time.Minute     // after a failure
)

// stacks is the index while there is one.
type stacks struct {
	mu    sync.RWMutex // held to set index; searches share it, so that none outlives the index
	index Index        // nil if there is none
	why   error        // there is none
}

func (s *stacks) set(index Index, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.index, s.why = index, why
}

// readSearch reads the search of a topic.
func readSearch(text string) (search.Query, error) {
	q, err := search.Parse(text, time.Time{}) // it has no duration
	if err != nil {
		return q, err
	}
	return q, q.Lasting()
}

// searches reads the searches of topics, for package topic. They are asked of
// the voices themselves, so they need no index and decide while grouping.
func searches(topics []copydesk.Topic) (topic.Searches, error) {
	asked := map[string]search.Query{}
	for _, t := range topics {
		if t.Search == "" {
			continue
		}
		q, err := readSearch(t.Search)
		if err != nil {
			return nil, fmt.Errorf("topic %s: search: %w", t.ID, err)
		}
		asked[t.Search] = q
	}
	return func(v copydesk.Voice) func(string) bool {
		text := search.Read(v)
		return func(asks string) bool { return asked[asks].Meets(text, nil) }
	}, nil
}

// searchLoop keeps an index of the stories in the folder at path, if one is
// wanted. Whatever is wrong with the index stops nothing else: it is tried again
// after a while, and made anew from the store where that helps.
func (d *Desk) searchLoop(ctx context.Context, path string) error {
	if path == "" {
		return nil
	}
	d.stacks.set(nil, publish.ErrNotYet)
	for {
		err := d.keepIndex(ctx, path)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, search.ErrLeftOut):
			d.stacks.set(nil, publish.ErrNoSearch)
			d.log.Info("no search", "err", err)
			return nil
		}
		d.log.Error("no search for the moment", "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(indexAgain):
		}
	}
}

// keepIndex opens the index and brings it up to date whenever stories were
// altered, until ctx is done or something fails.
func (d *Desk) keepIndex(ctx context.Context, path string) (err error) {
	index, err := d.openIndex(ctx, path)
	if err != nil {
		return err
	}
	defer func() {
		d.stacks.set(nil, publish.ErrNotYet)
		err = errors.Join(err, index.Close())
	}()
	for {
		more, err := d.indexAltered(ctx, index)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		d.stacks.set(index, nil)
		select {
		case <-ctx.Done():
			return nil
		case <-d.changed.index:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(indexEvery):
		}
	}
}

// openIndex opens the index that belongs to the store. One that is damaged, was
// never finished, is of another store or too old is made anew.
func (d *Desk) openIndex(ctx context.Context, path string) (Index, error) {
	open := d.world.OpenIndex
	if open == nil {
		open = openIndex
	}
	index, err := open(path)
	if err == nil {
		var good bool
		if good, err = d.follows(ctx, index); good {
			return index, nil
		}
		err = errors.Join(err, index.Close())
	}
	if ctx.Err() != nil || err != nil && !errors.Is(err, search.ErrDamaged) {
		return nil, err
	}
	if err != nil {
		d.log.Warn("search index is made anew", "err", err)
	}
	if err := search.Clear(path); err != nil {
		return nil, err
	}
	if index, err = open(path); err != nil {
		return nil, err
	}
	if err := d.indexAll(ctx, index); err != nil {
		return nil, errors.Join(err, index.Close())
	}
	return index, nil
}

// follows reports whether index can be brought up to date by what was altered
// since.
func (d *Desk) follows(ctx context.Context, index Index) (bool, error) {
	mark, err := index.Mark(ctx)
	if err != nil {
		return false, err
	}
	installation, err := d.store.Installation(ctx)
	if err != nil || mark.Installation != installation {
		return false, err
	}
	_, _, known, err := d.store.Altered(ctx, mark.Sequence, 0)
	return known, err
}

// indexAll puts all stories into an empty index, and then the mark: where
// anything went wrong before, the next process begins again.
func (d *Desk) indexAll(ctx context.Context, index Index) error {
	began := time.Now()
	last, err := d.store.LastAltered(ctx) // what is altered meanwhile comes afterwards
	if err != nil {
		return err
	}
	count := 0
	for after := (copydesk.StoryID{}); ; {
		ids, err := d.store.StoriesAfter(ctx, after, indexAtOnce)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		batch, taken, err := d.batch(ctx, ids)
		if err != nil {
			return err
		}
		batch.Gone = nil
		if err := index.Update(ctx, batch); err != nil {
			return err
		}
		count, after = count+len(batch.Put), ids[taken-1]
	}
	installation, err := d.store.Installation(ctx)
	if err != nil {
		return err
	}
	d.log.Info("search index is built", "stories", count, "took", time.Since(began))
	return index.Update(ctx, search.Batch{Mark: search.Mark{Installation: installation, Sequence: last}})
}

// indexAltered takes some of the stories that were altered into the index, and
// reports whether there may be more.
func (d *Desk) indexAltered(ctx context.Context, index Index) (more bool, err error) {
	mark, err := index.Mark(ctx)
	if err != nil {
		return false, err
	}
	ids, last, known, err := d.store.Altered(ctx, mark.Sequence, indexAtOnce)
	switch {
	case err != nil:
		return false, err
	case !known:
		return false, errFarBehind
	case last == mark.Sequence:
		return false, nil
	}
	batch, taken, err := d.batch(ctx, ids)
	if err == nil && taken < len(ids) { // so many rows name none but those
		_, last, _, err = d.store.Altered(ctx, mark.Sequence, taken)
	}
	if err != nil {
		return false, err
	}
	batch.Mark = search.Mark{Installation: mark.Installation, Sequence: last}
	more = taken < len(ids) || last-mark.Sequence >= indexAtOnce
	return more, index.Update(ctx, batch)
}

// batch is how stories are now, for an index: the first of them, taken in number,
// that make a full batch. Those that no public topic carries are not for readers,
// and so not in it, and the others are their public members: what is searched is
// public.
func (d *Desk) batch(ctx context.Context, ids []copydesk.StoryID) (b search.Batch, taken int, err error) {
	strip, plan := d.strippedNow(ctx), d.now.Load().plan
	for size := 0; taken < len(ids) && size < indexText; taken++ {
		s, err := d.indexed(ctx, plan, strip, ids[taken])
		if err != nil {
			return b, 0, err
		}
		if len(s.Voices) == 0 {
			b.Gone = append(b.Gone, s.ID)
			continue
		}
		b.Put = append(b.Put, s)
		for _, v := range s.Voices {
			size += len(v.Entry.Title) + len(v.Entry.Summary) + len(v.Entry.Content)
		}
	}
	return b, taken, nil
}

// indexed is what an index has of a story: nothing if it has no voice.
func (d *Desk) indexed(ctx context.Context, plan topic.Plan, strip stripper, id copydesk.StoryID) (s search.Story, err error) {
	s.ID = id
	told, err := d.store.Story(ctx, id)
	switch {
	case errors.Is(err, db.ErrNotFound), errors.Is(err, db.ErrGone):
		return s, nil
	case err != nil, told.Story.ID != id: // absorbed
		return s, err
	}
	if s.Topics, err = d.carriers(ctx, plan, id); err != nil || len(s.Topics) == 0 {
		return s, err
	}
	s.Voices, err = strip.voices(d.public(told).Voices)
	return s, err
}

// carriers are the public topics of plan that carry a story.
func (d *Desk) carriers(ctx context.Context, plan topic.Plan, id copydesk.StoryID) (ids []copydesk.TopicID, err error) {
	places, err := d.store.Placements(ctx, id)
	for _, p := range places {
		if plan.Has(p.Topic) && !plan.Topic(p.Topic).Private {
			ids = append(ids, p.Topic)
		}
	}
	return ids, err
}

// finder answers the public's searches. It is the [publish.Finder] of the daemon.
type finder struct{ *Desk }

// searchLimit is how many stories the feed of a search has.
const searchLimit = 100

// Understand returns a question in its canonical form.
func (finder) Understand(question string) (string, error) {
	q, err := search.Parse(question, time.Now())
	if wrong, ok := errors.AsType[*search.Error](err); ok && wrong.Hint() != "" {
		err = fmt.Errorf("%w: %s", err, wrong.Hint())
	}
	return q.String(), err
}

// Find returns the stories that a question finds. Their ids are their own in
// every search and topic, so readers know them again.
func (f finder) Find(ctx context.Context, question string) (*publish.Issue, error) {
	q, err := search.Parse(question, time.Now())
	if err != nil {
		return nil, err
	}
	installation, err := f.store.Installation(ctx)
	if err != nil {
		return nil, err
	}
	sources, err := f.store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := f.stacks.search(ctx, q.Among(f.openSources(sources)), searchLimit)
	if err != nil {
		return nil, err
	}
	issue := &publish.Issue{Title: "Search: " + question, FeedID: copydesk.SearchID(installation, question)}
	if issue.Galleys, err = f.galleys(ctx, ids); err != nil {
		return nil, err
	}
	if len(issue.Galleys) == 0 {
		issue.Updated, err = f.began(ctx)
	}
	return issue, err
}

// galleys are stories that were found, each whole. One that went since it was
// indexed, or became private, is left out. What some topic has set is not set
// again.
func (f finder) galleys(ctx context.Context, ids []copydesk.StoryID) (galleys []*publish.Galley, err error) {
	var sheets []sheet
	err = f.store.Carried(ctx, ids, new(db.Looks), func(c db.Carried, tell func() (copydesk.Told, error)) error {
		shown, carried := f.shown(c.Topics)
		if !carried {
			return ctx.Err()
		}
		s := sheet{story: c.Story, setStory: setStory{look: c.Look}, shown: shown, shared: true}
		if !f.takeFromRack(&s) {
			told, err := tell()
			if err != nil {
				return err
			}
			s.items = topic.Items(copydesk.Topic{Merge: copydesk.MergeStory, Content: shown}, f.public(told))
		}
		sheets = append(sheets, s)
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	return f.setAll(sheets, f.strippedNow(ctx))
}

// shown is how much of a story's text searches show: no more than some public
// topic that carries it does. Carried is that there is one.
func (f finder) shown(topics []copydesk.TopicID) (shown copydesk.Shown, carried bool) {
	plan := f.now.Load().plan
	shown = copydesk.ShowSummary
	for _, id := range topics {
		if !plan.Has(id) || plan.Topic(id).Private {
			continue
		}
		carried = true
		if plan.Topic(id).Content != copydesk.ShowSummary {
			shown = copydesk.ShowFull
		}
	}
	return shown, carried
}

// began is when the first public topic did: since then a search could have found
// something.
func (f finder) began(ctx context.Context) (first time.Time, err error) {
	topics, err := f.store.Topics(ctx)
	for _, t := range topics {
		if !t.Private && (first.IsZero() || t.Since.Before(first)) {
			first = t.Since
		}
	}
	return first, err
}

func (s *stacks) search(ctx context.Context, q search.Query, limit int) ([]copydesk.StoryID, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.index == nil {
		return nil, s.why
	}
	return s.index.Search(ctx, q, limit, nil)
}
