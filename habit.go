package copydesk

// Habits is what was learned of a source from its recent entries: the pieces
// that it puts around every text. They are removed on the way out, where
// entries are compared and shown; the store keeps the entries as they came, so
// that learning makes no revision. The zero value knows nothing.
type Habits struct {
	Known  []Habit `json:",omitempty"` // the most frequent first
	Recent []Edges `json:",omitempty"` // of the newest entries that had a text, the oldest first
}

// Habit is a piece of text that recurs at one edge of a source's entries.
type Habit struct {
	Where  Edge   `json:"where"`
	Mark   Mark   `json:"mark"`
	Times  int    `json:"times"`  // in how many of the recent entries
	Sample string `json:"sample"` // how it read when last seen, shortened, for people
}

// Edge says where in a text something recurs.
type Edge string

// The edges.
const (
	AtHead Edge = "head" // among the first blocks
	AtTail Edge = "tail" // among the last blocks
	AtEnd  Edge = "end"  // a last sentence within the last block
)

// Edges are the marks of what stands at the edges of one entry's texts.
type Edges struct {
	Head []Mark `json:",omitempty"`
	Tail []Mark `json:",omitempty"`
	End  []Mark `json:",omitempty"`
}

// Mark is the start of a hash of what makes two pieces of text the same one.
type Mark uint32

// IsZero reports whether nothing was learned yet.
func (h Habits) IsZero() bool { return len(h.Recent) == 0 }

// Has reports whether what mark stands for recurs at that edge.
func (h Habits) Has(where Edge, mark Mark) bool {
	for _, k := range h.Known {
		if k.Where == where && k.Mark == mark {
			return true
		}
	}
	return false
}
