package desk

import (
	"slices"

	"copydesk"
	"copydesk/db"
	"copydesk/publish"
	"copydesk/topic"
)

// sheet is a story on its way into a document. What must be set for it is set
// when the store has been read: setting asks the store as well, and a reading
// within a reading waits for ever where a writer stands between them.
type sheet struct {
	story copydesk.StoryID
	setStory
	items  []copydesk.Item // nil if galleys are there
	shown  copydesk.Shown
	shared bool // every topic that carries it, and every search, prints the same
}

// setStory is a story set in type.
type setStory struct {
	look, position uint64
	galleys        []*publish.Galley
}

func (s *sheet) size() int { return max(len(s.items), len(s.galleys)) }

// sheetAt is what t shows of the story at a place of its log.
func (d *Desk) sheetAt(t db.Topic, row db.Row, tell func() (copydesk.Told, error)) (sheet, error) {
	s := sheet{story: row.Story, setStory: setStory{look: row.Look, position: row.Own}, shown: t.Content}
	s.shared = !t.Private && row.Placed == row.Story && !topic.Apart(t.Topic)
	if s.shared && d.takeFromRack(&s) {
		return s, nil
	}
	told, err := tell()
	if err != nil {
		return s, err
	}
	told = d.seen(t.ID, told)
	s.items = topic.Items(t.Topic, told)
	if row.Kept {
		s.items = topic.Kept(t.Topic, row.Placed, told)
	}
	return s, nil
}

// takeFromRack takes the galley of a story that is set already, and reports
// whether it is.
func (d *Desk) takeFromRack(s *sheet) bool {
	g := d.rack.Get(s.story, s.shown, s.look, s.position)
	if g != nil {
		s.galleys = []*publish.Galley{g}
	}
	return g != nil
}

// set sets a story in type that is not yet.
func (d *Desk) set(s *sheet, strip stripper) (err error) {
	for _, item := range s.items {
		if item.Lead, err = strip.voice(item.Lead); err != nil { // of the others no text is shown
			return err
		}
		g, err := publish.Set(item)
		if err != nil {
			return err
		}
		s.galleys = append(s.galleys, g)
		if s.shared && isOpen(item) {
			d.rack.Put(s.shown, s.look, g)
		}
	}
	s.items = nil
	return nil
}

// setAll sets stories in type, and returns the galleys of all of them.
func (d *Desk) setAll(sheets []sheet, strip stripper) (galleys []*publish.Galley, err error) {
	for _, s := range sheets {
		if err := d.set(&s, strip); err != nil {
			return nil, err
		}
		galleys = append(galleys, s.galleys...)
	}
	return galleys, nil
}

// isOpen reports whether everybody may see the item, whatever the configuration
// said when it was made.
func isOpen(item copydesk.Item) bool {
	return !item.Lead.Source.Private && !slices.ContainsFunc(item.Others, func(v copydesk.Voice) bool { return v.Source.Private })
}
