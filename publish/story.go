package publish

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"copydesk"
)

var (
	//go:embed story.html
	storySource string
	storyPage   = newPage("story", storySource)
)

// storySheet is a story made ready for its page: who tells it, and why they
// are thought to tell the same.
type storySheet struct {
	Title    string
	Language string
	Alone    bool // no index lists its topic
	Members  []tale
}

// tale is a member of a story on its page.
type tale struct {
	Title     string
	Link      string
	Language  string
	Publisher string
	Published time.Time
	Lead      bool
	Why       string // it is the lead
	Evidence  []because
}

// because is what links a member to another one.
type because struct {
	With, Why string
}

func newStorySheet(told copydesk.Told) storySheet {
	var s storySheet
	name := map[copydesk.EntryID]string{}
	for _, v := range told.Voices {
		name[v.Entry.ID] = publisher(v)
	}
	for i, v := range told.Voices {
		e := v.Entry
		t := tale{
			Link: absolute(e.Link), Language: tag(e.Language), Publisher: name[e.ID],
			Published: moment(e.NewsTime()), Lead: e.ID == told.Story.Lead,
		}
		t.Title = cmp.Or(line(e.Title), excerpt(plain(cmp.Or(e.Summary, e.Content)), titleLength), t.Link, untitled)
		for _, x := range told.Story.Members[i].Evidence {
			if with, here := name[x.With]; here { // not one that was split off since
				t.Evidence = append(t.Evidence, because{with, line(x.Why)})
			}
		}
		if t.Lead {
			s.Title, s.Language, t.Why = t.Title, t.Language, line(told.Story.LeadWhy)
		}
		s.Members = append(s.Members, t)
	}
	return s
}

// story is the page of a story as everybody may see it, or who may see the given
// topics. If it was absorbed, moved is the address of the one that it is part of
// by now.
func (b *bindery) story(ctx context.Context, id copydesk.StoryID, topics []copydesk.TopicID) (p *Pressed, moved string, err error) {
	p, err = b.composer.make(ctx, func(ctx context.Context) (*Pressed, error) {
		told, err := b.library.Story(ctx, id, topics)
		if err != nil {
			return nil, err
		}
		if told.Story.ID != id {
			moved = storyPath(told.Story.ID)
			return nil, nil
		}
		sheet := newStorySheet(told)
		sheet.Alone = len(topics) > 0
		var page bytes.Buffer
		if err := storyPage.Execute(&page, sheet); err != nil {
			return nil, fmt.Errorf("print story %s: %w", id, err)
		}
		return Press(page.Bytes(), Page.ContentType(), time.Time{})
	})
	return p, moved, err
}

func storyPath(id copydesk.StoryID) string { return "/stories/" + storyName(id) }

func (h *Handler) serveStory(w http.ResponseWriter, r *http.Request, v guest) {
	name := r.PathValue("id")
	id, err := copydesk.ParseStoryID(name)
	if err != nil || storyName(id) != strings.ToLower(name) {
		h.regret(w, ErrNoStory)
		return
	}
	p, moved, err := h.bindery.story(r.Context(), id, h.shelf.openedBy(v))
	switch {
	case err != nil:
		h.regret(w, err)
	case moved != "":
		w.Header()["Cache-Control"] = v.age(maxAgeHeader(minAge))
		redirect(w, h.prefix+v.under+moved, http.StatusMovedPermanently)
	default:
		h.pageHeader(w.Header())
		w.Header()["Vary"] = acceptEncoding
		w.Header()["Cache-Control"] = v.age(maxAgeHeader(minAge))
		serve(w, r, p)
	}
}
