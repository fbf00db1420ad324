package publish

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"copydesk"
)

// Shelf holds the editions that are on sale. Readers never wait: each sees the
// shelf as it was at one moment. Writers are taken one after the other.
type Shelf struct {
	mu    sync.Mutex // held to write
	stock atomic.Pointer[stock]
}

// stock is a shelf at one moment. It is copied to be changed.
type stock struct {
	topics map[copydesk.TopicID]place
	front  *Pressed
	lists  map[List]*Pressed        // never changed
	serial uint64                   // of the last issue
	keys   map[copydesk.TopicID]Key // of private topics; never changed
}

// place is what the shelf says of one topic.
type place struct {
	editions map[Format]*Pressed // copied to be changed
	issue    *Issue              // what they were printed from, nil if nobody said
	serial   uint64              // of the issue, among all that were ever on the shelf
	entered  []uint64            // since which serial each galley of the issue is in it
	versions []version           // of the topic, the newest last
	private  bool                // it is there for those alone who have its key
	key      Key
	gone     bool
	moved    copydesk.TopicID // where a renamed topic went, or empty
}

// version is an edition that was on the shelf, known by the hashes of its
// formats.
type version struct {
	serial uint64
	hashes []copydesk.Digest
}

// keptVersions is how many versions of a topic are remembered, to tell readers
// what is new since theirs.
const keptVersions = 50

// NewShelf returns an empty shelf.
func NewShelf() *Shelf {
	s := new(Shelf)
	s.stock.Store(&stock{topics: map[copydesk.TopicID]place{}})
	return s
}

// Put offers p as the edition of topic in format f, in place of the one before.
// It ends what Gone and Moved said of the topic.
func (s *Shelf) Put(topic copydesk.TopicID, f Format, p *Pressed) {
	s.change(func(next *stock) {
		editions := maps.Clone(next.topics[topic].editions)
		if editions == nil {
			editions = map[Format]*Pressed{}
		}
		editions[f] = p
		next.topics[topic] = place{editions: editions}
	})
}

// Publish offers an issue and what was pressed of it, in place of those before.
// It ends what Gone and Moved said of the topic.
func (s *Shelf) Publish(issue *Issue, editions map[Format]*Pressed) error {
	ready, err := issue.once()
	if err != nil {
		return err
	}
	s.change(func(next *stock) {
		next.serial++
		before := next.topics[issue.Topic]
		p := place{editions: editions, issue: ready, serial: next.serial}
		since := make(map[*Galley]uint64, len(ready.Galleys))
		if before.issue != nil {
			for i, g := range before.issue.Galleys {
				since[g] = before.entered[i]
			}
		}
		for _, g := range ready.Galleys {
			serial, known := since[g]
			if !known {
				serial = next.serial
			}
			p.entered = append(p.entered, serial)
		}
		v := version{serial: next.serial}
		for _, f := range Formats() {
			if pressed := editions[f]; pressed != nil {
				v.hashes = append(v.hashes, pressed.hash)
			}
		}
		p.versions = append(slices.Clone(before.versions[max(0, len(before.versions)-keptVersions+1):]), v)
		next.topics[issue.Topic] = p
	})
	return nil
}

// since returns the galleys that have come into the issue since it had the
// bytes that one of the tags names, and whether such a version is known.
func (p place) since(tags []string) (fresh []*Galley, serial uint64, known bool) {
	for _, v := range p.versions {
		if slices.ContainsFunc(tags, v.hasTag) {
			serial, known = v.serial, true
		}
	}
	for i, g := range p.issue.Galleys {
		if known && p.entered[i] > serial {
			fresh = append(fresh, g)
		}
	}
	return fresh, serial, known
}

func (v version) hasTag(opaque string) bool {
	return slices.ContainsFunc(v.hashes, func(d copydesk.Digest) bool { return tagged(opaque, d) })
}

// Drop takes topic from the shelf as if it had never been there: 404.
func (s *Shelf) Drop(topic copydesk.TopicID) {
	s.change(func(next *stock) { delete(next.topics, topic) })
}

// Gone takes topic from the shelf and says so to those who ask: 410, upon
// which readers unsubscribe.
func (s *Shelf) Gone(topic copydesk.TopicID) {
	s.change(func(next *stock) { next.topics[topic] = place{gone: true} })
}

// Moved sends those who ask for old to the same format of topic, for good: 301.
func (s *Shelf) Moved(old, topic copydesk.TopicID) {
	s.change(func(next *stock) { next.topics[old] = place{moved: topic} })
}

// Get returns the edition of topic in format f.
func (s *Shelf) Get(topic copydesk.TopicID, f Format) (*Pressed, bool) {
	p, ok := s.stock.Load().topics[topic].editions[f]
	return p, ok
}

// Offer is what there is to subscribe to at a path.
type Offer struct {
	Pressed *Pressed // nil if there is no edition
	Moved   string   // the path to which its topic was renamed, or empty
	Gone    bool     // for good
}

// Edition returns the edition at a path below base_url, if that is its canonical
// one and everybody may see it. One that has become private is gone for subscribers.
func (s *Shelf) Edition(path string) Offer {
	name, is := strings.CutPrefix(path, "/topics/")
	i := strings.LastIndexByte(name, '.')
	if !is || i < 0 {
		return Offer{}
	}
	f, err := ParseFormat(name[i+1:])
	id, bad := url.PathUnescape(name[:i])
	topic := copydesk.TopicID(id)
	if err != nil || bad != nil || topicPath(topic, f, Part{}) != path {
		return Offer{}
	}
	where, _ := s.place(topic)
	switch {
	case where.private:
		return Offer{Gone: true}
	case where.moved != "":
		return Offer{Moved: topicPath(where.moved, f, Part{})}
	}
	return Offer{Pressed: where.editions[f], Gone: where.gone}
}

// place returns what the shelf says of topic, and who may see it: what was
// printed for some is not shown to all, whatever the keys say meanwhile. An old
// name has the key of the topic that it leads to.
func (s *Shelf) place(topic copydesk.TopicID) (place, bool) {
	now := s.stock.Load()
	p, ok := now.topics[topic]
	name := topic
	if p.moved != "" {
		name = p.moved
	}
	p.key, p.private = now.keys[name]
	p.private = p.private || p.issue != nil && p.issue.Private
	return p, ok
}

func (s *Shelf) change(edit func(next *stock)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.stock.Load()
	next := &stock{topics: maps.Clone(now.topics), front: now.front, lists: now.lists, serial: now.serial, keys: now.keys}
	edit(next)
	s.stock.Store(next)
}
