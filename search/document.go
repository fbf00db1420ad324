//go:build !nosearch

package search

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"copydesk"

	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"
)

// The fields of a member's document. Its id is the entry's. Each field has a
// dictionary of its own in every segment, which is why they are few.
const (
	inText  = "t" // its words; and, stored, the text as it is written
	inFacts = "f" // what is said of it
	inStory = "y" // for order, and to find the members of a story
	inSeen  = "n" // for order
)

// The facts of a member. Hours and days sort as the times that they stand for.
func sourceFact(id copydesk.SourceID) string { return "s" + string(id) }
func topicFact(id copydesk.TopicID) string   { return "t" + string(id) }
func languageFact(tag string) string         { return "l" + tag }
func hourFact(hour int64) string             { return fmt.Sprintf("h%08x", hour) }
func dayFact(day int64) string               { return fmt.Sprintf("d%08x", day) }

// newDocument is a member of s as bleve takes it in.
func newDocument(s Story, v copydesk.Voice) *document.Document {
	t := Read(v)
	facts := index.TokenFrequencies{sourceFact(t.source): once, hourFact(t.hour): once, dayFact(t.hour / 24): once}
	for _, id := range s.Topics {
		facts[topicFact(id)] = once
	}
	for _, tag := range t.languages {
		facts[languageFact(tag)] = once
	}
	doc := document.NewDocument(short(v.Entry.ID))
	doc.AddField(&postings{inText, index.StoreField, []byte(written(t.units)), t.terms()})
	doc.AddField(&postings{inFacts, 0, nil, facts})
	doc.AddField(&postings{inStory, index.DocValues, nil, index.TokenFrequencies{short(s.ID): once}})
	doc.AddField(&postings{inSeen, index.DocValues, nil, index.TokenFrequencies{strconv.FormatInt(t.seen.UnixNano(), 36): once}})
	return doc
}

// postings is a field of which an index keeps which documents have a term, and
// neither how often nor where: that costs more than all else, and who asks for a
// phrase can read the text.
type postings struct {
	name    string
	options index.FieldIndexingOptions
	value   []byte // if it is stored
	terms   index.TokenFrequencies
}

// once is each of the terms of a field. With that frequency and that length of
// the field a term of one document alone takes no room beside its dictionary
// (zapx, "1-hit").
var once = func() *index.TokenFreq {
	f := new(index.TokenFreq)
	f.SetFrequency(1)
	return f
}()

func (p *postings) Name() string                                     { return p.name }
func (p *postings) Value() []byte                                    { return p.value }
func (p *postings) ArrayPositions() []uint64                         { return nil }
func (p *postings) EncodedFieldType() byte                           { return 't' }
func (p *postings) Analyze()                                         {}
func (p *postings) Options() index.FieldIndexingOptions              { return p.options | index.IndexField }
func (p *postings) AnalyzedLength() int                              { return 1 }
func (p *postings) AnalyzedTokenFrequencies() index.TokenFrequencies { return p.terms }
func (p *postings) NumPlainTextBytes() uint64                        { return 0 }
func (p *postings) Size() int                                        { return 0 }

// terms are the units of t, and every two characters that are glued together as
// a term of their own: single characters are in too many texts to be looked up
// quickly.
func (t Text) terms() index.TokenFrequencies {
	terms := make(index.TokenFrequencies, len(t.units)/2)
	for i, u := range t.units {
		if u.text == "" {
			continue
		}
		terms[u.text] = once
		if i+1 < len(t.units) && t.units[i+1].glued {
			terms[u.text+t.units[i+1].text] = once
		}
	}
	return terms
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
