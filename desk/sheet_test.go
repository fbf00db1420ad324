package desk

import (
	"bytes"
	"net/http/httptest"
	"testing"

	"copydesk"
	"copydesk/db"
	"copydesk/publish"
	"copydesk/search"
)

// indexed has an index of all that the ticker's store holds.
func (w *ticker) indexed() {
	w.Helper()
	index := search.NewMemory()
	ids, err := w.store.StoriesAfter(w.Context(), copydesk.StoryID{}, 1000)
	if err != nil {
		w.Fatal(err)
	}
	batch, _, err := w.batch(w.Context(), ids)
	if err != nil {
		w.Fatal(err)
	}
	if err := index.Update(w.Context(), batch); err != nil {
		w.Fatal(err)
	}
	w.stacks.set(index, nil)
}

// answer is what a search answers that nobody has asked before.
func (w *ticker) answer(path string) []byte {
	w.Helper()
	r := httptest.NewRecorder()
	publish.NewSearch(finder{w.Desk}, w.site).ServeHTTP(r, httptest.NewRequest("GET", path, nil))
	if r.Code != 200 {
		w.Fatalf("%s: %d %s", path, r.Code, r.Body)
	}
	return r.Body.Bytes()
}

var searchPaths = []string{"/search.atom?q=boat", "/search.rss?q=boat", "/search.json?q=boat", "/search?q=boat"}

func TestASearchPrintsWhatATopicHasSet(t *testing.T) {
	w := newTicker(t, 5)
	w.indexed()
	if err := w.pressTopic(t.Context(), w.topic); err != nil {
		t.Fatal(err)
	}
	looks := map[copydesk.StoryID]uint64{}
	ids, err := w.store.StoriesAfter(t.Context(), copydesk.StoryID{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	err = w.store.Carried(t.Context(), ids, new(db.Looks), func(c db.Carried, _ func() (copydesk.Told, error)) error {
		looks[c.Story] = c.Look
		return nil
	})
	if err != nil || len(looks) != 5 {
		t.Fatal(looks, err)
	}
	for id, look := range looks {
		if w.rack.Get(id, copydesk.ShowFull, look, 0) == nil {
			t.Errorf("%s is on the shelf and not on the rack", id)
		}
	}
	var shared [][]byte
	for _, path := range searchPaths {
		shared = append(shared, w.answer(path))
	}
	w.rack = publish.NewRack()
	for i, path := range searchPaths {
		if again := w.answer(path); !bytes.Equal(again, shared[i]) || bytes.Count(again, []byte("Boat ")) < 5 {
			t.Errorf("%s: set anew it is\n%s\nand was\n%s", path, again, shared[i])
		}
	}
}

func TestWhatIsOnTheRackIsPrintedWhileTheStoryLooksSo(t *testing.T) {
	w := newTicker(t, 1)
	w.indexed()
	ids, err := w.store.StoriesAfter(t.Context(), copydesk.StoryID{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	told, err := w.store.Story(t.Context(), ids[0])
	if err != nil {
		t.Fatal(err)
	}
	marked := told.Voices[0]
	marked.Entry.Title = "Marked"
	g, err := publish.Set(copydesk.Item{ID: told.Story.ID.String(), Story: told.Story.ID, Lead: marked, Updated: told.Story.Updated})
	if err != nil {
		t.Fatal(err)
	}
	put := func(c db.Carried, _ func() (copydesk.Told, error)) error {
		w.rack.Put(copydesk.ShowFull, c.Look, g)
		return nil
	}
	if err := w.store.Carried(t.Context(), ids, new(db.Looks), put); err != nil {
		t.Fatal(err)
	}
	if text := w.answer(searchPaths[0]); !bytes.Contains(text, []byte("Marked")) {
		t.Errorf("it was set anew:\n%s", text)
	}
	src := told.Voices[0].Source
	src.Settings.Name = "Renamed Paper"
	if err := w.store.Adopt(t.Context(), []copydesk.Settings{src.Settings}, told.Story.Updated); err != nil {
		t.Fatal(err)
	}
	if text := w.answer(searchPaths[0]); bytes.Contains(text, []byte("Marked")) || !bytes.Contains(text, []byte("Renamed Paper")) {
		t.Errorf("it is as it was on the rack:\n%s", text)
	}
}
