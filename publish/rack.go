package publish

import "copydesk"

// Rack keeps galleys of stories as everybody may see them whole. Each topic that
// carries a story and each search that finds it prints the same of it, so it is
// set once for all of them. A rack is safe for concurrent use.
type Rack struct {
	kept *recent[racked, standing]
}

// racked is what galleys are known by: a story, and how much of it is shown.
type racked struct {
	story   copydesk.StoryID
	summary bool
}

// standing is a galley that is kept to be used again, with a hash of all that
// decided how it looks.
type standing struct {
	look   uint64
	galley *Galley
}

// rackBytes bounds what a rack keeps, of which most is on the shelf as well.
const rackBytes = 2 << 20

// NewRack returns an empty rack.
func NewRack() *Rack { return &Rack{newRecent[racked, standing](rackBytes)} }

// Get returns the galley of a story of which so much is shown, if it is kept and
// the story looks as it did; else nil. It stands at that position.
func (r *Rack) Get(story copydesk.StoryID, shown copydesk.Shown, look, position uint64) *Galley {
	s, ok := r.kept.get(racked{story, shown == copydesk.ShowSummary})
	if !ok || s.look != look {
		return nil
	}
	return s.galley.at(position)
}

// Put keeps a galley, in place of what was kept of its story.
func (r *Rack) Put(shown copydesk.Shown, look uint64, g *Galley) {
	r.kept.put(racked{g.story, shown == copydesk.ShowSummary}, standing{look, g}, g.size())
}
