package alike

import (
	"encoding/binary"
	"fmt"

	"copydesk"
)

// What a store keeps, so that who reads it back knows what those knew who wrote
// it. A window's texts are kept one by one, as they were weighed when they came
// ([Window.Record], [Window.Restore]). What was learned from all that ever came,
// words and habits, is kept as a whole from time to time ([Rarity.MarshalBinary],
// [Window.MarshalHabits]); between two such times the words of each text are kept
// with it, to be counted again ([Features.Said], [Rarity.Count]).

// Record returns the compact record of the text that was added last, some 300
// bytes for a headline with a paragraph. Take one after each Add.
func (w *Window) Record() []byte {
	number := w.base + uint32(len(w.entries)) - 1
	k, src := w.at(number), w.sources[w.at(number).source]
	b := make([]byte, 0, 256+4*len(k.words))
	b = append(append(b, recordVersion), k.id[:]...)
	b = appendString(b, string(src.id))
	b = appendStrings(b, src.names)
	b = appendStrings(b, w.cites[number])
	for _, n := range []uint32{k.news, k.seen, k.length, uint32(k.title), uint32(k.lead), uint32(k.claims), uint32(len(k.words))} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = binary.LittleEndian.AppendUint32(b, k.language)
	for _, word := range k.words {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	for _, id := range w.digests { // that were found to be some when this text came
		b = append(b, id[:]...)
	}
	w.digests = nil
	return b
}

// Restore adds a text to the window as it was when its record was made; it is in
// no story yet. Texts are restored in the order in which they were added. Learn
// says that its source's habits are to be learned from it: that they were read
// back from before it came.
func (w *Window) Restore(b []byte, learn bool) error {
	r := record{rest: b}
	if r.byte() != recordVersion {
		return fmt.Errorf("restore a text: %w of version %d", errRecord, recordVersion)
	}
	var k kept
	copy(k.id[:], r.take(len(k.id)))
	from := copydesk.SourceID(r.string())
	names, cites := r.strings(), r.strings()
	k.news, k.seen, k.length = uint32(r.uvarint()), uint32(r.uvarint()), uint32(r.uvarint())
	title, lead, said, words := r.uvarint(), r.uvarint(), r.uvarint(), r.uvarint()
	k.language = r.uint32()
	packed := r.take(4 * int(words))
	if r.bad || title > titleWords || lead > leadWords || said > 2*mostClaims || said%2 != 0 ||
		title+lead+said > words || words > title+lead+said+sketchSize || len(r.rest)%len(k.id) != 0 {
		return fmt.Errorf("restore a text: %w", errRecord)
	}
	k.title, k.lead, k.claims = uint8(title), uint8(lead), uint8(said)
	k.words = w.room.take(int(words))
	for i := range k.words {
		k.words[i] = binary.LittleEndian.Uint32(packed[4*i:])
	}
	src := w.sourceNamed(from, names)
	k.source = w.sourceOf[from]
	if learn {
		src.habits.note(k.weighed())
	}
	w.add(k, cites, rarest(k.weighed()))
	for ; len(r.rest) > 0; r.rest = r.rest[len(k.id):] {
		if number, ok := w.find(copydesk.EntryID(r.rest[:len(k.id)])); ok {
			w.at(number).digest = true
		}
	}
	return nil
}

// MarshalHabits returns what the window has learned of its sources.
func (w *Window) MarshalHabits() []byte {
	b := []byte{recordVersion}
	for _, s := range w.sources {
		b = appendString(b, string(s.id))
		b = appendStrings(b, s.names)
		b = binary.AppendUvarint(b, uint64(s.habits.entries))
		b = binary.AppendUvarint(b, uint64(len(s.habits.counts)))
		for _, c := range s.habits.counts {
			b = binary.LittleEndian.AppendUint32(b, c.word)
			b = binary.AppendUvarint(b, uint64(c.count))
		}
	}
	return b
}

// UnmarshalHabits reads what MarshalHabits wrote, into an empty window.
func (w *Window) UnmarshalHabits(b []byte) error {
	r := record{rest: b}
	if r.byte() != recordVersion {
		return fmt.Errorf("read habits of sources: %w of version %d", errRecord, recordVersion)
	}
	for len(r.rest) > 0 && !r.bad {
		s := w.sourceNamed(copydesk.SourceID(r.string()), r.strings())
		s.habits = habits{entries: int(r.uvarint())}
		n := r.uvarint()
		if n > habitWords {
			r.bad = true
			break
		}
		for range n {
			word := r.uint32()
			s.habits.counts = append(s.habits.counts, habit{word, int(r.uvarint())})
		}
	}
	if r.bad {
		w.sources, w.sourceOf = nil, map[copydesk.SourceID]uint32{}
		return fmt.Errorf("read habits of sources: %w", errRecord)
	}
	return nil
}

// Said returns what is counted of an entry's words.
func (f Features) Said() []byte {
	b := append(make([]byte, 0, 20+4*len(f.words)), recordVersion)
	b = binary.AppendVarint(binary.AppendVarint(b, unix(f.News)), unix(f.Seen))
	b = appendString(appendBool(b, f.Dated), f.Language)
	b = binary.AppendUvarint(b, uint64(f.title))
	for _, w := range f.words {
		b = binary.LittleEndian.AppendUint32(b, w.hash)
	}
	return b
}

// Count observes the entry whose words were said.
func (r *Rarity) Count(said []byte) error {
	in := record{rest: said}
	if in.byte() != recordVersion {
		return fmt.Errorf("count words: %w of version %d", errRecord, recordVersion)
	}
	f := Features{News: moment(in.varint()), Seen: moment(in.varint()), Dated: in.bool(), Language: in.string(), title: int(in.uvarint())}
	if in.bad || len(in.rest)%4 != 0 || len(in.rest)/4 > titleWords+leadWords {
		return fmt.Errorf("count words: %w", errRecord)
	}
	f.words = make([]word, 0, len(in.rest)/4)
	for len(in.rest) > 0 {
		f.words = append(f.words, word{hash: in.uint32()})
	}
	r.Observe(f)
	return nil
}

func appendStrings(b []byte, all []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, s := range all {
		b = appendString(b, s)
	}
	return b
}

func (r *record) strings() (all []string) {
	for range r.uvarint() {
		if r.bad {
			break
		}
		all = append(all, r.string())
	}
	return all
}
