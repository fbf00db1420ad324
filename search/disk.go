//go:build !nosearch

package search

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"copydesk"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bleve "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/searcher"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// Disk is an inverted index in a folder of its own. It is safe for concurrent
// use. It stands on the lower half of bleve, where what is indexed and what is
// asked are terms already: so the units of this package are what both sides
// compare, and no analyzer of bleve's is needed.
type Disk struct {
	path     string
	updating sync.Mutex   // held to update: one batch or merge at a time
	mu       sync.RWMutex // held to close; searches and updates share it
	index    index.Index  // nil once closed
	work     *index.AnalysisQueue
	merging  sync.WaitGroup // ends when the index is closed, at the latest
}

// markKey is another one whenever what is written changes: an index whose mark is
// not found is made anew.
var markKey = []byte("mark 2")

// Open opens the index in the folder at path, or makes one. An error that wraps
// [ErrDamaged] means that only [Clear] helps. It reads all files of the index
// once, since what is damaged in them would crash whoever comes upon it later.
// The index has goroutines of its own until it is closed.
func Open(path string) (*Disk, error) {
	d, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("open search index %s: %w", path, err)
	}
	return d, nil
}

func open(path string) (*Disk, error) {
	names, err := files(path)
	if err != nil {
		return nil, err
	}
	if len(names) > 0 {
		if err := examine(path); err != nil {
			return nil, err
		}
	}
	work := index.NewAnalysisQueue(1)
	opened, err := openScorch(path, false, work)
	if err != nil {
		work.Close()
		return nil, err
	}
	return &Disk{path: path, index: opened, work: work}, nil
}

func openScorch(path string, readOnly bool, work *index.AnalysisQueue) (opened index.Index, err error) {
	opened, err = scorch.NewScorch(scorch.Name, map[string]any{
		"path": path, "read_only": readOnly, "bolt_timeout": "2s",
		"scorchMergePlanOptions": unasked,
	}, work)
	if err != nil {
		return nil, err
	}
	if err := attempt(opened.Open); err != nil {
		_ = attempt(opened.Close) // it may have closed itself
		return nil, err
	}
	return opened, nil
}

// examine sees that the segments which the index at path is made of are as they
// were written. Others may lie there half written, after a crash.
func examine(path string) error {
	opened, err := openScorch(path, true, nil)
	if err != nil {
		return err
	}
	var paths []string
	err = attempt(func() error {
		r, err := opened.Reader()
		if err != nil {
			return err
		}
		if snapshot, ok := r.(*scorch.IndexSnapshot); ok {
			for _, s := range snapshot.Segments() {
				if kept, ok := s.Segment().(segment.PersistedSegment); ok {
					paths = append(paths, kept.Path())
				}
			}
		}
		return r.Close()
	})
	if err := errors.Join(err, attempt(opened.Close)); err != nil {
		return err
	}
	for _, path := range paths {
		if err := examineSegment(path); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

// attempt makes an error of a panic, or of a fault in a file that is mapped and
// was cut short: bleve trusts its files, we do not.
func attempt(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, panicked)
		}
	}()
	return fn()
}

// Close ends what the index has under way.
func (d *Disk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.index == nil {
		return nil
	}
	err := d.index.Close()
	d.merging.Wait()
	d.index = nil
	d.work.Close()
	if err != nil {
		return fmt.Errorf("close search index %s: %w", d.path, err)
	}
	return nil
}

var errClosed = errors.New("the search index is closed")

// using calls fn while the index is open. What fn panics with is an error.
func (d *Disk) using(doing string, fn func() error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	err := errClosed
	if d.index != nil {
		err = attempt(fn)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// read calls fn with the index as it is at one moment.
func (d *Disk) read(fn func(index.IndexReader) error) error {
	r, err := d.index.Reader()
	if err != nil {
		return err
	}
	return errors.Join(attempt(func() error { return fn(r) }), r.Close())
}

// reading is both.
func (d *Disk) reading(doing string, fn func(index.IndexReader) error) error {
	return d.using(doing, func() error { return d.read(fn) })
}

// Mark returns the mark of the last batch that had one.
func (d *Disk) Mark(context.Context) (m Mark, err error) {
	err = d.reading("read the mark of the search index", func(r index.IndexReader) error {
		value, err := r.GetInternal(markKey)
		if err != nil || value == nil {
			return err
		}
		return json.Unmarshal(value, &m)
	})
	return m, err
}

// Update takes a batch in: all of it is on disk when it returns, or nothing.
// Before that it merges what is due, which can take some seconds.
func (d *Disk) Update(ctx context.Context, b Batch) error {
	d.updating.Lock()
	defer d.updating.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.using("update search index", func() error {
		if err := d.merge(ctx); err != nil {
			return fmt.Errorf("merge: %w", err)
		}
		batch := index.NewBatch()
		if err := d.read(func(r index.IndexReader) error { return remove(ctx, r, b, batch) }); err != nil {
			return err
		}
		for _, s := range b.Put {
			for _, v := range s.Voices {
				batch.Update(newDocument(s, v))
			}
		}
		if b.Mark != (Mark{}) {
			value, err := json.Marshal(b.Mark)
			if err != nil {
				return err
			}
			batch.SetInternal(markKey, value)
		}
		return d.index.Batch(batch)
	})
}

// remove puts the removal of the members that the stories of b now have into
// batch. What else it gets of the same members comes later and counts.
func remove(ctx context.Context, r index.IndexReader, b Batch, batch *index.Batch) error {
	ids := b.Gone[:len(b.Gone):len(b.Gone)]
	for _, s := range b.Put {
		ids = append(ids, s.ID)
	}
	for _, id := range ids {
		members, err := r.TermFieldReader(ctx, []byte(short(id)), inStory, false, false, false)
		if err != nil {
			return err
		}
		for {
			member, err := members.Next(nil)
			if err != nil {
				return errors.Join(err, members.Close())
			}
			if member == nil {
				break
			}
			name, err := r.ExternalID(member.ID)
			if err != nil {
				return errors.Join(err, members.Close())
			}
			batch.Delete(name)
		}
		if err := members.Close(); err != nil {
			return err
		}
	}
	return nil
}

// Search returns up to limit stories with a visible member that meets q; nil
// makes all visible. Sources must have been looked up, see [Query.Among]. What
// it costs grows with how many members meet q; ctx bounds it.
func (d *Disk) Search(ctx context.Context, q Query, limit int, visible Visible) (ids []copydesk.StoryID, err error) {
	if q.IsZero() {
		return nil, nil
	}
	err = d.reading("search", func(r index.IndexReader) error {
		hits, err := find(ctx, r, q)
		if err != nil {
			return err
		}
		pages, err := pagesOf(r)
		if err != nil {
			return err
		}
		phrases := q.phrases()
		ids, err = order(hits, limit, func(h hit) (bool, error) {
			if visible != nil {
				entry, err := pages.entry(h.at)
				if err != nil || !visible(h.story, entry) {
					return false, err
				}
			}
			if len(phrases) == 0 {
				return true, nil
			}
			text, err := pages.text(h.at)
			return err == nil && says(text, phrases), errors.Join(err, ctx.Err())
		})
		return err
	})
	return ids, err
}

// unscored is how bleve finds without weighing.
var unscored = bleve.SearcherOptions{Score: "none"}

// find returns the members that meet q, but for what [Query.phrases] asks of
// their texts.
func find(ctx context.Context, r index.IndexReader, q Query) (hits []hit, err error) {
	s, err := asking{ctx, r}.query(q)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	values, err := r.DocValueReader([]string{inStory, inSeen})
	if err != nil {
		return nil, err
	}
	found := &bleve.SearchContext{DocumentMatchPool: bleve.NewDocumentMatchPool(s.DocumentMatchPoolSize()+1, 0), IndexReader: r}
	for {
		if len(hits)%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		match, err := s.Next(found)
		if err != nil || match == nil {
			return hits, err
		}
		h, err := newHit(values, match.IndexInternalID)
		if err != nil {
			return nil, err
		}
		hits = append(hits, h)
		found.DocumentMatchPool.Put(match)
	}
}

func newHit(values index.DocValueReader, at index.IndexInternalID) (h hit, err error) {
	var failed error
	err = values.VisitDocValues(at, func(field string, value []byte) {
		switch field {
		case inStory:
			id, err := readShort(string(value))
			h.story, failed = id, errors.Join(failed, err)
		case inSeen:
			nanos, err := strconv.ParseInt(string(value), 36, 64)
			h.seen, failed = time.Unix(0, nanos), errors.Join(failed, err)
		}
	})
	h.at = int(binary.BigEndian.Uint64(at))
	return h, errors.Join(err, failed)
}

// pages are the texts of the members, segment by segment.
type pages []*scorch.SegmentSnapshot

func pagesOf(r index.IndexReader) (pages, error) {
	snapshot, ok := r.(*scorch.IndexSnapshot)
	if !ok {
		return nil, fmt.Errorf("an index of type %T", r)
	}
	return snapshot.Segments(), nil
}

// visit calls see with the id of the member at that place, and its text if see
// asks for more.
func (p pages) visit(at int, see func(value []byte) (more bool)) error {
	for _, s := range p {
		if n := int(s.FullSize()); at >= n {
			at -= n
			continue
		}
		return s.VisitDocument(uint64(at), func(_ string, _ byte, value []byte, _ []uint64) bool { return see(value) })
	}
	return fmt.Errorf("%w: a member is missing", ErrDamaged)
}

func (p pages) entry(at int) (id copydesk.EntryID, err error) {
	var name string
	if err := p.visit(at, func(value []byte) bool { name = string(value); return false }); err != nil {
		return id, err
	}
	read, err := readShort(name)
	return read, err
}

func (p pages) text(at int) (text string, err error) {
	err = p.visit(at, func(value []byte) bool { text = string(value); return true })
	return text, err
}

// asking turns a query into what bleve goes through an index with.
type asking struct {
	ctx context.Context
	r   index.IndexReader
}

// query makes a searcher of q. What it has opened when it fails is memory
// alone.
func (a asking) query(q Query) (bleve.Searcher, error) {
	var must, not []bleve.Searcher
	any := map[field][]bleve.Searcher{}
	for _, t := range q.terms {
		found, err := a.of(t)
		switch {
		case err != nil:
			return nil, err
		case t.not:
			not = append(not, found...)
		case t.field == words:
			must = append(must, found...)
		default:
			any[t.field] = append(any[t.field], found...)
		}
	}
	for _, f := range fields {
		if len(any[f]) > 0 {
			s, err := searcher.NewDisjunctionSearcher(a.ctx, a.r, any[f], 1, unscored)
			if err != nil {
				return nil, err
			}
			must = append(must, s)
		}
	}
	all, err := searcher.NewConjunctionSearcher(a.ctx, a.r, must, unscored)
	if err != nil || len(not) == 0 {
		return all, err
	}
	none, err := searcher.NewDisjunctionSearcher(a.ctx, a.r, not, 1, unscored)
	if err != nil {
		return nil, err
	}
	return searcher.NewBooleanSearcher(a.ctx, a.r, all, nil, none, unscored)
}

// of makes searchers of a term: of words one for each, of what is said of a member
// one. It makes none of a phrase that must not be there, for its text decides.
func (a asking) of(t term) ([]bleve.Searcher, error) {
	if t.field != words {
		s, err := a.said(t)
		return []bleve.Searcher{s}, err
	}
	terms := phrase(t.units)
	if t.not && len(terms) > 1 {
		return nil, nil
	}
	var all []bleve.Searcher
	for _, term := range terms {
		s, err := a.exactly(inText, term)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// said makes a searcher of what is said of a member.
func (a asking) said(t term) (bleve.Searcher, error) {
	switch t.field {
	case source:
		var facts []string
		for id := range t.ids {
			facts = append(facts, sourceFact(id))
		}
		return a.anyFact(facts)
	case topic:
		return a.exactly(inFacts, topicFact(copydesk.TopicID(t.text)))
	case lang:
		return a.exactly(inFacts, languageFact(t.text))
	default:
		return a.since(t.hour)
	}
}

// since makes a searcher of the hours of a day from that one on, and of all days
// after it.
func (a asking) since(hour int64) (bleve.Searcher, error) {
	day := hour / 24
	var facts []string
	for ; hour/24 == day; hour++ {
		facts = append(facts, hourFact(hour))
	}
	days, err := a.r.FieldDictRange(inFacts, []byte(dayFact(day+1)), []byte(dayFact(math.MaxUint32)))
	if err != nil {
		return nil, err
	}
	fact, err := days.Next()
	for ; fact != nil && err == nil; fact, err = days.Next() {
		facts = append(facts, fact.Term)
	}
	if err := errors.Join(err, days.Close()); err != nil {
		return nil, err
	}
	return a.anyFact(facts)
}

func (a asking) anyFact(facts []string) (bleve.Searcher, error) {
	if len(facts) == 0 {
		return searcher.NewMatchNoneSearcher(a.r)
	}
	return searcher.NewMultiTermSearcher(a.ctx, a.r, facts, inFacts, 1, unscored, false)
}

func (a asking) exactly(field, value string) (bleve.Searcher, error) {
	return searcher.NewTermSearcher(a.ctx, a.r, value, field, 1, unscored)
}
