package search

import (
	"cmp"
	"slices"
	"time"

	"copydesk"
)

// Story is a story as an index takes it in.
type Story struct {
	ID     copydesk.StoryID
	Voices []copydesk.Voice // its members
	Topics []copydesk.TopicID
}

// Batch is what an index takes in at once. Each story replaces what the index
// had of it; a member that another story had is that one's no longer.
type Batch struct {
	Put  []Story
	Gone []copydesk.StoryID // which are in the index no longer
	Mark Mark               // where the index stands with this batch; a zero Mark changes nothing
}

// Mark says of which store an index is, and up to which change it has seen that
// store. It is zero in an index that was never finished.
type Mark struct {
	Installation string
	Sequence     uint64
}

// Visible says whether a member of a story may be found.
type Visible func(copydesk.StoryID, copydesk.EntryID) bool

// hit is a member that meets a query.
type hit struct {
	story copydesk.StoryID
	seen  time.Time
	at    int // where its index has it
}

// order returns the stories of hits that count, at most limit: the one of which
// a member that meets the query was seen last comes first. So what comes to meet
// a query late stands above what its readers have fetched. No more hits than
// that takes are asked whether they count.
func order(hits []hit, limit int, counts func(hit) (bool, error)) (ids []copydesk.StoryID, err error) {
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(b.seen.Compare(a.seen), slices.Compare(b.story[:], a.story[:]))
	})
	known := map[copydesk.StoryID]bool{}
	for _, h := range hits {
		if len(ids) >= limit {
			break
		}
		if known[h.story] {
			continue
		}
		good, err := counts(h)
		if err != nil {
			return nil, err
		}
		if good {
			known[h.story] = true
			ids = append(ids, h.story)
		}
	}
	return ids, nil
}
