package alike

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"copydesk"
	"copydesk/story/credit"
)

// How much of a text is compared word by word; the sketch covers all of it.
const (
	titleWords = 40
	leadWords  = 60
)

// Features is what of an entry is compared with others. It holds no opinion:
// how rare a word is, a [Rarity] says at the time of comparing.
type Features struct {
	Entry    copydesk.EntryID
	Source   copydesk.SourceID
	News     time.Time // the entry's news time, to the second
	Dated    bool      // by its publisher: News is not merely when it was seen
	Seen     time.Time // when it was first seen, to the second
	Language string    // primary subtag; empty if unknown

	names   []string // keys of the names by which others credit its source
	credits []string // keys of the names that it credits
	words   []word   // of the headline, then of the lead; in order
	title   int      // so many of words are the headline's
	claims  claims
	text    sketch
}

// Read takes the features of an entry as it is compared: without the boilerplate of
// its source, and without the lines that credit somebody, of which Credits tells. It
// is pure, and it reads at most some 20,000 words of a text.
func Read(v copydesk.Voice) Features {
	e := v.Entry
	text := fullText(e)
	f := Features{
		Entry: e.ID, Source: e.Source, News: e.NewsTime().Truncate(time.Second), Dated: !e.Published.IsZero() && !e.Published.After(e.FirstSeen), Seen: e.FirstSeen.Truncate(time.Second),
		names: credit.Names(v.Source), credits: credit.Given(v), text: sketchOf(text),
	}
	title := headline(e.Title)
	lead := text
	if summary := plain(e.Summary); len(summary) > 40 {
		lead = summary
	}
	f.Language = languageOf(language(v), title+" "+lead[:min(len(lead), 300)])
	own := ownWords(v.Source)
	f.words = appendWords(make([]word, 0, titleWords+leadWords), title, titleWords, own)
	f.title = len(f.words)
	f.words = appendWords(f.words, lead, f.title+leadWords, own)
	f.claims = claimsOf(title, lead, f.Language)
	return f
}

// fullText is the longer of what an entry gives as summary and content.
func fullText(e copydesk.Entry) string {
	summary, content := plain(e.Summary), plain(e.Content)
	if len(content) >= len(summary) {
		return content
	}
	return summary
}

// language of a voice: its entry's, else its feed's.
func language(v copydesk.Voice) string { return cmp.Or(v.Entry.Language, v.Source.Feed.Language) }

// ownWords are those of a source's own names. It says them of itself, in the
// names of its columns as well, so they are no evidence.
func ownWords(s copydesk.Source) map[uint32]bool {
	own := map[uint32]bool{}
	for _, name := range []string{s.Publisher, s.Name, s.Feed.Title} {
		addStems(own, strings.ToLower(name))
	}
	return own
}

// appendWords appends the words of text, but for those of without, until there
// are limit of them. Their texts share one string.
func appendWords(words []word, text string, limit int, without map[uint32]bool) []word {
	first := len(words)
	var room [512]byte
	var ends [titleWords + leadWords]int
	all := room[:0]
	split(text, func(w []byte) bool {
		if h := hashOf(stem(string(w))); len(words) < limit && !without[h] {
			all = append(all, w...)
			ends[len(words)-first] = len(all)
			words = append(words, word{hash: h})
		}
		return len(words) < limit
	})
	whole, from := string(all), 0
	for i := range words[first:] {
		words[first+i].text = whole[from:ends[i]]
		from = ends[i]
	}
	return words
}

// The record's form. A record of another version is not read: the features are
// taken from the entry again.
const recordVersion = 5

var errRecord = errors.New("not a record of features")

// AppendBinary appends the compact record of f: some 500 bytes for an entry
// with a headline and a paragraph.
func (f Features) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, recordVersion)
	b = append(b, f.Entry[:]...)
	b = appendString(b, string(f.Source))
	b = appendString(b, f.Language)
	b = binary.AppendVarint(b, unix(f.News))
	b = binary.AppendVarint(b, unix(f.Seen))
	b = appendBool(b, f.Dated)
	b = appendString(b, strings.Join(f.names, "\n"))
	b = appendString(b, strings.Join(f.credits, "\n"))
	b = binary.AppendUvarint(b, uint64(f.title))
	var text strings.Builder
	for i, w := range f.words {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(w.text)
	}
	b = appendString(b, text.String())
	b = appendHashes(b, f.claims)
	b = binary.AppendUvarint(b, uint64(f.text.length))
	return appendHashes(b, f.text.hashes), nil
}

// MarshalBinary returns the record of f, see AppendBinary.
func (f Features) MarshalBinary() ([]byte, error) { return f.AppendBinary(nil) }

// UnmarshalBinary reads what MarshalBinary wrote. It keeps nothing of b.
func (f *Features) UnmarshalBinary(b []byte) error {
	r := record{rest: b}
	if r.byte() != recordVersion {
		return fmt.Errorf("read features: %w of version %d", errRecord, recordVersion)
	}
	*f = Features{}
	copy(f.Entry[:], r.take(len(f.Entry)))
	f.Source = copydesk.SourceID(r.string())
	f.Language = r.string()
	f.News, f.Seen, f.Dated = moment(r.varint()), moment(r.varint()), r.bool()
	f.names, f.credits = lines(r.string()), lines(r.string())
	f.title = int(r.uvarint())
	if text := r.string(); text != "" {
		f.words = make([]word, 0, strings.Count(text, " ")+1)
		for w := range strings.SplitSeq(text, " ") {
			f.words = append(f.words, word{text: w, hash: hashOf(stem(w))})
		}
	}
	f.claims = r.hashes(2 * mostClaims)
	f.text.length = int(r.uvarint())
	f.text.hashes = r.hashes(sketchSize)
	if r.bad || len(r.rest) > 0 || len(f.claims)%2 != 0 || f.title > min(len(f.words), titleWords) || len(f.words) > titleWords+leadWords {
		return fmt.Errorf("read features: %w", errRecord)
	}
	return nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBool(b []byte, is bool) []byte {
	if is {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendHashes(b []byte, hashes []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(hashes)))
	for _, h := range hashes {
		b = binary.LittleEndian.AppendUint32(b, h)
	}
	return b
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func moment(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// record is a cursor that remembers whether the bytes ran out.
type record struct {
	rest []byte
	bad  bool
}

func (r *record) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *record) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *record) bool() bool {
	b := r.byte()
	r.bad = r.bad || b > 1
	return b == 1
}

func (r *record) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// hashes reads at most limit hashes.
func (r *record) hashes(limit int) (hashes []uint32) {
	n := int(r.uvarint())
	if r.bad = r.bad || n > limit; n == 0 || r.bad {
		return nil
	}
	hashes = make([]uint32, n)
	for i := range hashes {
		hashes[i] = r.uint32()
	}
	return hashes
}

func (r *record) uvarint() uint64 {
	x, n := binary.Uvarint(r.rest)
	if n <= 0 || x > 1<<32 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return x
}

func (r *record) varint() int64 {
	x, n := binary.Varint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return x
}

func (r *record) string() string { return string(r.take(int(r.uvarint()))) }

// Stems yields each stem of the entry's headline and lead once, for counting.
func (f Features) Stems() iter.Seq[string] {
	return func(yield func(string) bool) {
		seen := map[uint32]bool{}
		for _, w := range f.words {
			if !seen[w.hash] && !yield(stem(w.text)) {
				return
			}
			seen[w.hash] = true
		}
	}
}
