package alike

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"copydesk"
)

// How much is looked at for one entry, however many could be: what keeps a
// window full of boilerplate, or of one headline, from costing more.
const (
	wordKeys   = 12 // its rarest words are looked up,
	walked     = 64 // so many of the newest entries that have each
	candidates = 24 // and the nearest of those compared
	members    = 12 // with so many members of a story
	merging    = 8  // and so many of each of two stories that it may join
	keyLeast   = 0.3
	relatedTo  = 5
)

// Window is the recent entries, kept so that those which tell the same as a new
// one are found without looking at all. It is not safe for concurrent use.
//
// Entries come in the order of their arrival and leave in it. Each is compared
// by the weights that its words had when it came.
type Window struct {
	rarity   *Rarity
	reach    Reach
	base     uint32 // number of the first entry that is kept
	entries  []kept
	index    index
	sources  []*source
	sourceOf map[copydesk.SourceID]uint32
	settled  bool                // sources have the habits that they have
	cites    map[uint32][]string // of the entries that credit someone
	digests  []copydesk.EntryID  // found to be some since the last Record
	near     tally               // scratch
	last     asked
	room     room
}

// asked is an entry that the window was asked about.
type asked struct {
	words    []word
	compared compared
	rarest   []uint32
}

// kept is what the window holds of an entry.
type kept struct {
	id       copydesk.EntryID
	story    copydesk.StoryID
	words    []uint32 // headline, lead, claims, sketch
	news     uint32   // Unix seconds
	seen     uint32
	source   uint32
	length   uint32 // words of the text
	title    uint8  // so many of words
	lead     uint8
	claims   uint8 // so many of words, two each
	digest   bool
	language uint32 // hash of it
}

// room is where the words of entries lie, those of many in one piece: a piece
// for each would cost a tenth more. Entries leave in the order in which they
// came, so a piece is freed with its last.
type room struct{ free []uint32 }

const roomWords = 8192

// keep returns the parts as one, which lives as long as the piece that it is in.
func (r *room) keep(parts ...[]uint32) []uint32 {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	words := r.take(length)[:0]
	for _, part := range parts {
		words = append(words, part...)
	}
	return words
}

func (r *room) take(length int) []uint32 {
	if length > len(r.free) {
		r.free = make([]uint32, max(length, roomWords))
	}
	words := r.free[:length:length]
	r.free = r.free[length:]
	return words
}

// source is what the window knows of a source.
type source struct {
	id     copydesk.SourceID
	names  []string
	habits habits
}

// NewWindow returns an empty window that weighs words by r, and links entries
// within reach of each other.
func NewWindow(r *Rarity, reach Reach) *Window {
	return &Window{rarity: r, reach: reach, sourceOf: map[copydesk.SourceID]uint32{}, cites: map[uint32][]string{}}
}

// Afresh returns an empty window for going over entries that have been grouped
// before: its sources have the habits that they have by now, and it weighs words
// by r.
func (w *Window) Afresh(r *Rarity) *Window {
	fresh := NewWindow(r, w.reach)
	fresh.settled = true
	fresh.sourceOf = maps.Clone(w.sourceOf)
	for _, s := range w.sources {
		fresh.sources = append(fresh.sources, &source{s.id, s.names, habits{s.habits.entries, slices.Clone(s.habits.counts)}})
	}
	return fresh
}

// SetReach changes how far apart entries may be that arrive from now on.
func (w *Window) SetReach(reach Reach) { w.reach = reach }

// Len is how many entries the window holds.
func (w *Window) Len() int { return len(w.entries) }

// Add puts an entry into the window, in no story yet. A revision is added like
// a new entry and takes the older one's place.
func (w *Window) Add(f Features) {
	src := w.source(f)
	given := w.weigh(f)
	c := given.compared
	if !w.settled {
		src.habits.note(c.weighed)
	}
	w.add(kept{
		id: f.Entry, news: seconds(f.News), seen: seconds(f.Seen), source: w.sourceOf[f.Source],
		length: uint32(f.text.length), title: uint8(len(c.title)), lead: uint8(len(c.lead)), claims: uint8(len(c.claims)),
		words: w.room.keep(c.title, c.lead, c.claims, f.text.hashes), language: hashOf(f.Language),
	}, f.credits, given.rarest)
}

// add puts k into the window, in place of its entry's older text.
func (w *Window) add(k kept, cites []string, rarest []uint32) {
	number := w.base + uint32(len(w.entries))
	if old, ok := w.find(k.id); ok {
		k.story = w.at(old).story
		w.at(old).id = copydesk.EntryID{} // no longer found
		w.at(old).words, w.at(old).title, w.at(old).lead, w.at(old).claims = nil, 0, 0, 0
		w.at(old).story = copydesk.StoryID{}
		delete(w.cites, old)
	}
	w.entries = append(w.entries, k)
	for _, word := range rarest {
		w.index.add(wordKey(word, k.language), number)
	}
	for _, h := range k.text().keys() {
		w.index.add(textKey(h), number)
	}
	w.index.add(idKey(k.id[:]), number)
	if k.story != (copydesk.StoryID{}) {
		w.index.add(idKey(k.story[:]), number)
	}
	if len(cites) > 0 {
		w.cites[number] = cites
	}
}

// Place says in which story an entry is. It may be said again when stories
// become one.
func (w *Window) Place(entry copydesk.EntryID, story copydesk.StoryID) {
	number, ok := w.find(entry)
	if !ok || w.at(number).story == story {
		return
	}
	w.at(number).story = story
	w.index.add(idKey(story[:]), number)
}

// Expire forgets the entries that at a time are out of the reach of new ones:
// those that were first seen too long before. Those that came after one that
// stays, stay with it.
func (w *Window) Expire(now time.Time) {
	n, limit := 0, seconds(now.Add(-w.reach.Copies))
	for n < len(w.entries) && w.entries[n].seen < limit {
		delete(w.cites, w.base+uint32(n))
		w.entries[n] = kept{}
		n++
	}
	if n == 0 {
		return
	}
	w.base += uint32(n)
	w.entries = w.entries[n:]
	w.index.forget(w.base)
}

// weigh is f as it is compared, and its rarest words. An entry is asked about and
// then added, so what was weighed last is kept for that.
func (w *Window) weigh(f Features) *asked {
	if len(f.words) == 0 || len(w.last.words) != len(f.words) || &w.last.words[0] != &f.words[0] {
		c := f.compared(w.rarity, w.source(f).habits.has)
		w.last = asked{f.words, c, rarest(c.weighed)}
	}
	return &w.last
}

func (w *Window) at(number uint32) *kept { return &w.entries[number-w.base] }

func (w *Window) find(entry copydesk.EntryID) (uint32, bool) {
	for number := range w.index.newest(idKey(entry[:]), w.base) {
		if w.at(number).id == entry {
			return number, true
		}
	}
	return 0, false
}

func (w *Window) source(f Features) *source { return w.sourceNamed(f.Source, f.names) }

func (w *Window) sourceNamed(id copydesk.SourceID, names []string) *source {
	i, ok := w.sourceOf[id]
	if !ok {
		i = uint32(len(w.sources))
		w.sourceOf[id] = i
		w.sources = append(w.sources, &source{id: id})
	}
	if len(names) > 0 {
		w.sources[i].names = names
	}
	return w.sources[i]
}

func (w *Window) compared(number uint32) compared {
	k := w.at(number)
	return compared{
		weighed: k.weighed(),
		text:    k.text(),
		news:    time.Unix(int64(k.news), 0),
		names:   w.sources[k.source].names,
		cites:   w.cites[number],
	}
}

func (k *kept) weighed() weighed {
	lead := int(k.title)
	said := lead + int(k.lead)
	text := said + int(k.claims)
	return weighed{title: k.words[:lead:lead], lead: k.words[lead:said:said], claims: claims(k.words[said:text:text]), chained: isChained(k.language)}
}

func (k *kept) text() sketch {
	return sketch{hashes: k.words[int(k.title)+int(k.lead)+int(k.claims):], length: int(k.length)}
}

func seconds(t time.Time) uint32 {
	return uint32(min(max(0, t.Unix()), 1<<32-1))
}

func idKey(id []byte) uint32 { return mix(binary.LittleEndian.Uint32(id) ^ 0x5bd1e995) }

// The keys that an entry is looked up by: its rarest words, the smallest hashes of
// its text.
func wordKey(word, language uint32) uint32 { return mix(word>>weightBits ^ language) }
func textKey(hash uint32) uint32           { return mix(hash ^ 0x165667b1) }

// rarest are the words that say most, the first of them first. A headline's say
// more than a lead's.
func rarest(c weighed) []uint32 {
	type ranked struct {
		word  uint32
		value float64
	}
	var best [wordKeys + 1]ranked
	n := 0
	rank := func(words []uint32, part float64) {
		for _, w := range words {
			weight := weightOf(w)
			r := ranked{w, part * weight}
			if weight < keyLeast || n == wordKeys && r.value < best[n-1].value {
				continue
			}
			at := n
			for at > 0 && (r.value > best[at-1].value || r.value == best[at-1].value && r.word < best[at-1].word) {
				best[at] = best[at-1]
				at--
			}
			best[at] = r
			n = min(n+1, wordKeys)
		}
	}
	rank(c.title, 1)
	rank(c.lead, inLead)
	words := make([]uint32, n)
	for i, r := range best[:n] {
		words[i] = r.word
	}
	return words
}

// habits are the words that a source uses all the time: its name, its
// sections, its slogans. They are no evidence. It counts the most frequent of
// the words that are rare elsewhere, by the Misra-Gries rule.
type habits struct {
	entries int
	counts  []habit
}

type habit struct {
	word  uint32
	count int
}

const (
	habitWords   = 24
	habitEntries = 24  // from so many on a source has habits
	habitShare   = 0.2 // a word is one from this share of its entries on
)

func (h *habits) has(hash uint32) bool {
	if h == nil || h.entries < habitEntries {
		return false
	}
	for _, c := range h.counts {
		if c.word == hash>>weightBits {
			return float64(c.count) >= habitShare*float64(h.entries)
		}
	}
	return false
}

func (h *habits) note(c weighed) {
	h.entries++
	for _, part := range [][]uint32{c.title, c.lead} {
		for _, w := range part {
			h.count(w >> weightBits)
		}
	}
	if h.entries >= 256 {
		h.entries /= 2
		for i := range h.counts {
			h.counts[i].count /= 2
		}
	}
}

func (h *habits) count(word uint32) {
	free := -1
	for i := range h.counts {
		if h.counts[i].word == word {
			h.counts[i].count++
			return
		}
		if h.counts[i].count <= 0 {
			free = i
		}
	}
	switch {
	case free >= 0:
		h.counts[free] = habit{word, 1}
	case len(h.counts) < habitWords:
		h.counts = append(h.counts, habit{word, 1})
	default:
		for i := range h.counts {
			h.counts[i].count--
		}
	}
}

// StoryOf returns the story in which an entry of the window was placed.
func (w *Window) StoryOf(entry copydesk.EntryID) (copydesk.StoryID, bool) {
	number, ok := w.find(entry)
	if !ok {
		return copydesk.StoryID{}, false
	}
	s := w.at(number).story
	return s, s != copydesk.StoryID{}
}
