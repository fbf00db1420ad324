//go:build !nosearch

package search

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"copydesk"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
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
	path  string
	mu    sync.RWMutex // held to close; searches and updates share it
	index index.Index  // nil once closed
	work  *index.AnalysisQueue
}

// The fields of a member's document. Its id is the entry's.
const (
	inText     = "t"
	inSource   = "s"
	inTopic    = "p"
	inLanguage = "l"
	inHour     = "h"
	inStory    = "y" // for order, and to find the members of a story
	inSeen     = "n" // for order
)

var markKey = []byte("mark")

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
	opened, err = scorch.NewScorch(scorch.Name, map[string]any{"path": path, "read_only": readOnly, "bolt_timeout": "2s"}, work)
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
	d.index = nil
	d.work.Close()
	if err != nil {
		return fmt.Errorf("close search index %s: %w", d.path, err)
	}
	return nil
}

var errClosed = errors.New("the search index is closed")

// reading calls fn with the index as it is at one moment.
func (d *Disk) reading(doing string, fn func(index.IndexReader) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.index == nil {
		return fmt.Errorf("%s: %w", doing, errClosed)
	}
	r, err := d.index.Reader()
	if err == nil {
		err = errors.Join(attempt(func() error { return fn(r) }), r.Close())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
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
func (d *Disk) Update(ctx context.Context, b Batch) error {
	const doing = "update search index"
	if err := ctx.Err(); err != nil {
		return err
	}
	batch := index.NewBatch()
	if err := d.reading(doing, func(r index.IndexReader) error { return remove(ctx, r, b, batch) }); err != nil {
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
			return fmt.Errorf("%s: %w", doing, err)
		}
		batch.SetInternal(markKey, value)
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.index == nil {
		return fmt.Errorf("%s: %w", doing, errClosed)
	}
	if err := attempt(func() error { return d.index.Batch(batch) }); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
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

// short is an id in as few characters as an index can hold: not all bytes can
// be in it.
func short[ID ~[16]byte](id ID) string { return base64.RawURLEncoding.EncodeToString(id[:]) }

func readShort(s string) (id [16]byte, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil && len(b) != len(id) {
		err = errors.New("not an id")
	}
	if err != nil {
		return id, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return [16]byte(b), nil
}

func newDocument(s Story, v copydesk.Voice) *document.Document {
	t := Read(v)
	doc := document.NewDocument(short(v.Entry.ID))
	doc.AddField(document.NewTextFieldCustom(inText, nil, nil, index.IndexField|index.IncludeTermVectors, t.tokens()))
	keyword := func(field, value string, options index.FieldIndexingOptions) {
		doc.AddField(document.NewTextFieldCustom(field, nil, []byte(value), index.IndexField|index.SkipFreqNorm|options, nil))
	}
	keyword(inSource, string(t.source), 0)
	for _, tag := range t.languages {
		keyword(inLanguage, tag, 0)
	}
	for _, id := range s.Topics {
		keyword(inTopic, string(id), 0)
	}
	doc.AddField(document.NewNumericFieldWithIndexingOptions(inHour, nil, float64(t.hour), index.IndexField|index.SkipFreqNorm))
	keyword(inStory, short(s.ID), index.DocValues)
	keyword(inSeen, strconv.FormatInt(t.seen.UnixNano(), 36), index.DocValues)
	return doc
}

// tokens is the text of a member as terms with their positions. It fits where
// bleve wants an analyzer.
type tokens analysis.TokenStream

// Analyze returns the tokens.
func (t tokens) Analyze([]byte) analysis.TokenStream { return analysis.TokenStream(t) }

// tokens are the units of t, and every two characters that are glued together
// as a term of their own: single characters are in too many texts to be looked up
// quickly. A break takes a position, so no phrase goes over it.
func (t Text) tokens() tokens {
	all := make([]analysis.Token, 0, 2*len(t.units))
	for i, u := range t.units {
		if u.text == "" {
			continue
		}
		all = append(all, analysis.Token{Term: []byte(u.text), Position: i + 1})
		if i+1 < len(t.units) && t.units[i+1].glued {
			all = append(all, analysis.Token{Term: []byte(u.text + t.units[i+1].text), Position: i + 1})
		}
	}
	stream := make(tokens, len(all))
	for i := range all {
		stream[i] = &all[i]
	}
	return stream
}

// phrase is the terms that stand one after the other in a text with those
// units.
func phrase(units []unit) (terms []string) {
	for i, u := range units {
		last := i == len(units)-1
		switch {
		case !last && units[i+1].glued:
			terms = append(terms, u.text+units[i+1].text)
		case last && u.glued && i > 0: // is in the term before
		default:
			terms = append(terms, u.text)
		}
	}
	return terms
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
		if err == nil {
			ids, err = order(hits, limit, visible)
		}
		return err
	})
	return ids, err
}

// unscored is how bleve finds without weighing.
var unscored = bleve.SearcherOptions{Score: "none"}

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
		h, err := newHit(r, values, match.IndexInternalID)
		if err != nil {
			return nil, err
		}
		hits = append(hits, h)
		found.DocumentMatchPool.Put(match)
	}
}

func newHit(r index.IndexReader, values index.DocValueReader, at index.IndexInternalID) (h hit, err error) {
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
	at = append(index.IndexInternalID(nil), at...)
	h.entry = func() (copydesk.EntryID, error) {
		name, err := r.ExternalID(at)
		if err != nil {
			return copydesk.EntryID{}, err
		}
		id, err := readShort(name)
		return id, err
	}
	return h, errors.Join(err, failed)
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
		s, err := a.term(t)
		switch {
		case err != nil:
			return nil, err
		case t.not:
			not = append(not, s)
		case t.field == words:
			must = append(must, s)
		default:
			any[t.field] = append(any[t.field], s)
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

func (a asking) term(t term) (bleve.Searcher, error) {
	switch t.field {
	case source:
		var terms []string
		for id := range t.ids {
			terms = append(terms, string(id))
		}
		if len(terms) == 0 {
			return searcher.NewMatchNoneSearcher(a.r)
		}
		return searcher.NewMultiTermSearcher(a.ctx, a.r, terms, inSource, 1, unscored, false)
	case topic:
		return a.exactly(inTopic, t.text)
	case lang:
		return a.exactly(inLanguage, t.text)
	case since:
		from := float64(t.hour)
		return searcher.NewNumericRangeSearcher(a.ctx, a.r, &from, nil, nil, nil, inHour, 1, unscored)
	}
	if terms := phrase(t.units); len(terms) > 1 {
		return searcher.NewPhraseSearcher(a.ctx, a.r, terms, 0, false, inText, 1, unscored)
	}
	return a.exactly(inText, phrase(t.units)[0])
}

func (a asking) exactly(field, value string) (bleve.Searcher, error) {
	return searcher.NewTermSearcher(a.ctx, a.r, value, field, 1, unscored)
}
