// Package searchtest is the contract of an index of stories, as tests that
// every one passes. What [search.Query.Meets] says of each member is right; an
// index must find the same, in the same order.
package searchtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/search"

	"github.com/google/go-cmp/cmp"
)

// Index is what the tests need of an index.
type Index interface {
	Mark(context.Context) (search.Mark, error)
	Update(context.Context, search.Batch) error
	Search(context.Context, search.Query, int, search.Visible) ([]copydesk.StoryID, error)
	Close() error
}

// Run tests the indexes that open returns, each of them empty. It closes them.
func Run(t *testing.T, open func(t *testing.T) Index) {
	for name, test := range map[string]func(*testing.T, *shelf){
		"AStoryIsFoundByWhatAMemberSays":             testFound,
		"AQuestionIsMetByOneMemberAlone":             testOneMember,
		"ScriptsWithoutSpacesAreSearchedByCharacter": testSpaceless,
		"AStoryIsReplacedByItsNextForm":              testReplaced,
		"AMemberMovesToAnotherStory":                 testMoved,
		"WhatIsGoneIsNotFound":                       testGone,
		"WhatMeetsTheQuestionLastComesFirst":         testOrder,
		"WhatIsNotVisibleAnswersForNothing":          testVisible,
		"SourcesAreFoundByTheNamesTheyHaveNow":       testSources,
		"TheMarkIsThatOfTheLastBatchWithOne":         testMark,
		"ASearchThatIsCalledOffEnds":                 testCancelled,
		"EveryAnswerIsTheRightOne":                   testAll,
	} {
		t.Run(name, func(t *testing.T) {
			index := open(t)
			t.Cleanup(func() {
				if err := index.Close(); err != nil {
					t.Error(err)
				}
			})
			test(t, &shelf{Index: index, t: t})
		})
	}
}

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// shelf is an index in a test.
type shelf struct {
	Index
	t *testing.T
}

func (s *shelf) update(b search.Batch) {
	s.t.Helper()
	if err := s.Update(s.t.Context(), b); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) put(stories ...search.Story) {
	s.t.Helper()
	s.update(search.Batch{Put: stories})
}

func (s *shelf) ask(text string, limit int, visible search.Visible) []copydesk.StoryID {
	s.t.Helper()
	q, err := search.Parse(text, noon)
	if err != nil {
		s.t.Fatal(err)
	}
	ids, err := s.Search(s.t.Context(), q.Among(sources), limit, visible)
	if err != nil {
		s.t.Fatalf("%s: %v", text, err)
	}
	return ids
}

// finds sees that a question is answered by these stories, in this order.
func (s *shelf) finds(text string, want ...search.Story) {
	s.t.Helper()
	s.answers(text, s.ask(text, 100, nil), want)
}

func (s *shelf) answers(text string, got []copydesk.StoryID, want []search.Story) {
	s.t.Helper()
	var ids []copydesk.StoryID
	for _, story := range want {
		ids = append(ids, story.ID)
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		s.t.Errorf("%s (-want +got):\n%s", text, diff)
	}
}

// sources that stories are of.
var sources = []copydesk.Source{
	{ID: "dw", Settings: copydesk.Settings{ID: "dw", Name: "Deutsche Welle – Asia", Publisher: "Deutsche Welle"}},
	{ID: "https://www.bangkok.example/rss?ÿ", Settings: copydesk.Settings{URL: "https://www.bangkok.example/rss?ÿ", AKA: []string{"The Bangkok Wire"}}},
	{ID: "asahi", Settings: copydesk.Settings{ID: "asahi", Name: "朝日新聞"}},
}

// entries counts the entries of a test process, each of which is seen a minute
// after the one before it.
type entries int

func (n *entries) voice(source int, language, title, content string) copydesk.Voice {
	*n++
	src := sources[source]
	at := noon.Add(time.Duration(*n) * time.Minute)
	return copydesk.Voice{Source: src, Entry: copydesk.Entry{
		ID: copydesk.NewEntryID(src.ID, fmt.Sprint(*n)), Source: src.ID, FirstSeen: at,
		Text: copydesk.Text{Title: title, Content: content, Language: language, Published: at.Add(-time.Minute)},
	}}
}

func story(voices ...copydesk.Voice) search.Story {
	return search.Story{ID: copydesk.NewStoryID(voices[0].Entry.ID), Voices: voices}
}

func testFound(t *testing.T, s *shelf) {
	var n entries
	flood := story(n.voice(0, "en-GB", "Floods in the Mekong delta", "<p>Thousands <b>evac</b>uated, <em>Müller</em> says.</p><p>Rice</p><p>prices</p>"))
	vote := story(n.voice(1, "", "Côte d’Ivoire votes", "A 2,000-word STRASSE in Kyiv"))
	flood.Topics = []copydesk.TopicID{"asia", "Rivers"}
	s.put(flood, vote)
	for text, want := range map[string][]search.Story{
		"floods":                       {flood},
		"FLOODS mekong":                {flood},
		"flood":                        nil,
		`"mekong delta"`:               {flood},
		`"delta mekong"`:               nil,
		`"delta thousands"`:            nil, // a title ends there
		"evacuated muller":             {flood},
		`"rice prices"`:                {flood},
		"in":                           {vote, flood},
		"in -kyiv":                     {flood},
		`in -"the mekong"`:             {vote},
		"cote d'ivoire straße":         {vote},
		"2,000":                        {vote},
		"lang:en":                      {flood},
		"lang:en-gb":                   {flood},
		"lang:en-us":                   nil,
		"lang:und":                     {vote},
		"lang:und lang:en":             {vote, flood},
		"topic:asia":                   {flood},
		"topic:Rivers topic:nowhere":   {flood},
		"topic:rivers":                 nil,
		"in -topic:asia":               {vote},
		"source:dw":                    {flood},
		`source:"deutsche welle"`:      {flood},
		"source:bangkok":               {vote},
		"source:nobody":                nil,
		"source:nobody source:bangkok": {vote},
		"in -source:nobody":            {vote, flood},
		"in -source:dw":                {vote},
		"since:1h":                     {vote, flood},
		"since:2026-03-15":             nil,
		"since:2026-03-14 floods":      {flood},
	} {
		s.finds(text, want...)
	}
}

func testOneMember(t *testing.T, s *shelf) {
	var n entries
	both := story(n.voice(0, "en", "Floods", "in the delta"), n.voice(1, "de", "Überschwemmung", "im Delta, Football fällt aus"))
	s.put(both)
	s.finds("floods delta", both)
	s.finds("floods uberschwemmung")
	s.finds("lang:de floods")
	s.finds("lang:de delta", both)
	s.finds("delta -football", both) // the other member says it
	s.finds("football -floods", both)
}

func testSpaceless(t *testing.T, s *shelf) {
	var n entries
	tokyo := story(n.voice(2, "ja", "日本の首相が訪問", "コーヒーとASEAN首脳会議。東京 都知事"))
	seoul := story(n.voice(0, "ko", "서울시장은 오늘", "미얀마는"))
	yangon := story(n.voice(0, "th", "รัฐบาลพม่าประกาศ", ""))
	s.put(tokyo, seoul, yangon)
	for text, want := range map[string][]search.Story{
		"首相":       {tokyo},
		"首":        {tokyo},
		"問":        {tokyo},
		"日本の首相が訪問": {tokyo},
		"日本 会議":    {tokyo},
		"本日":       nil,
		"相訪":       nil,
		"ｺｰﾋｰ":     {tokyo},
		"ASEAN首脳":  {tokyo},
		"とasean":   {tokyo},
		"東京都":      nil, // a space is between
		`"東京 都知事"`: {tokyo},
		`"日 本"`:    {tokyo}, // asks for no more than that the two follow each other
		"서울":       {seoul},
		"미얀마":      {seoul},
		"얀마는":      {seoul},
		"พม่า":     {yangon},
		"พม":       nil, // half a character
		"日本 -首相":   nil,
		"-日本 서울":   {seoul},
	} {
		s.finds(text, want...)
	}
}

func testReplaced(t *testing.T, s *shelf) {
	var n entries
	v := n.voice(0, "en", "Rain today", "")
	s.put(story(v))
	v.Entry.Title = "Snow today"
	more := story(v, n.voice(1, "en", "Snow", ""))
	more.Topics = []copydesk.TopicID{"weather"}
	s.put(more)
	s.finds("rain")
	s.finds("snow", more)
	s.finds("topic:weather", more)
	less := story(v)
	s.put(less)
	s.finds("source:bangkok")
	s.finds("topic:weather")
	s.finds("snow", less)
}

func testMoved(t *testing.T, s *shelf) {
	var n entries
	a, b := n.voice(0, "en", "One", "shared"), n.voice(1, "en", "Two", "shared")
	first, second := story(a), story(b)
	s.put(first, second)
	s.finds("shared", second, first)
	joined := story(a, b)
	s.update(search.Batch{Put: []search.Story{joined}, Gone: []copydesk.StoryID{second.ID}})
	s.finds("shared", joined)
	s.finds("two", joined)
	s.put(second, first) // split again, in either order
	s.finds("shared", second, first)
	s.finds("two", second)
	s.put(story(a, b))
	s.put(first)
	s.put(second)
	s.finds("shared", second, first)
}

func testGone(t *testing.T, s *shelf) {
	var n entries
	a, b := story(n.voice(0, "en", "Rain", "")), story(n.voice(1, "en", "Rain", ""))
	s.put(a, b)
	s.update(search.Batch{Gone: []copydesk.StoryID{a.ID, copydesk.NewStoryID(copydesk.NewEntryID("x", "never there"))}})
	s.finds("rain", b)
	s.update(search.Batch{Gone: []copydesk.StoryID{a.ID}, Put: []search.Story{a}}) // it came back
	s.finds("rain", b, a)
}

func testOrder(t *testing.T, s *shelf) {
	var n entries
	a, b, c := n.voice(0, "en", "Rain", ""), n.voice(1, "en", "Rain", ""), n.voice(2, "en", "Rain", "")
	d := n.voice(0, "en", "Snow", "")
	late := n.voice(1, "en", "Rain", "")
	old := story(a, late)
	s.put(story(b), story(c, d), old)
	s.finds("rain", old, story(c), story(b))
	s.answers("two of them", s.ask("rain", 2, nil), []search.Story{old, story(c)})
	s.answers("none of them", s.ask("rain", 0, nil), nil)
}

func testVisible(t *testing.T, s *shelf) {
	var n entries
	open, private, alone := n.voice(0, "en", "Rain", ""), n.voice(1, "en", "Rain, secretly", ""), n.voice(1, "en", "Rain alone", "")
	mixed, hidden := story(open, private), story(alone)
	s.put(mixed, hidden)
	visible := func(_ copydesk.StoryID, entry copydesk.EntryID) bool { return entry == open.Entry.ID }
	s.answers("rain", s.ask("rain", 1, visible), []search.Story{mixed})
	s.answers("secretly", s.ask("secretly", 10, visible), nil)
	s.answers("alone", s.ask("alone", 10, visible), nil)
	byStory := func(id copydesk.StoryID, _ copydesk.EntryID) bool { return id == hidden.ID }
	s.answers("rain", s.ask("rain", 10, byStory), []search.Story{hidden})
}

func testSources(t *testing.T, s *shelf) {
	var n entries
	v := n.voice(0, "en", "Rain", "")
	v.Source.Publisher, v.Source.Settings.Name = "An Old Name", ""
	s.put(story(v))
	s.finds(`source:"old name"`)
	s.finds(`source:"Deutsche Welle"`, story(v))
}

func testMark(t *testing.T, s *shelf) {
	is := func(want search.Mark) {
		t.Helper()
		if got, err := s.Mark(t.Context()); err != nil || got != want {
			t.Errorf("mark %+v, %v, want %+v", got, err, want)
		}
	}
	is(search.Mark{})
	var n entries
	s.update(search.Batch{Put: []search.Story{story(n.voice(0, "en", "Rain", ""))}, Mark: search.Mark{Installation: "x", Sequence: 7}})
	is(search.Mark{Installation: "x", Sequence: 7})
	s.put(story(n.voice(0, "en", "Rain", "")))
	is(search.Mark{Installation: "x", Sequence: 7})
	s.update(search.Batch{Mark: search.Mark{Installation: "x", Sequence: 8}})
	is(search.Mark{Installation: "x", Sequence: 8})
}

func testCancelled(t *testing.T, s *shelf) {
	var n entries
	s.put(story(n.voice(0, "en", "Rain", "")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q, err := search.Parse("rain", noon)
	if err != nil {
		t.Fatal(err)
	}
	if ids, err := s.Search(ctx, q, 10, nil); err == nil {
		t.Errorf("it found %v", ids)
	}
	if err := s.Update(ctx, search.Batch{Gone: []copydesk.StoryID{{}}}); err == nil {
		t.Error("it was updated")
	}
}

// testAll puts stories of few words in, changes and removes them, and asks
// questions of the same words.
func testAll(t *testing.T, s *shelf) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := model{rng: rng, stories: map[copydesk.StoryID]search.Story{}, of: map[copydesk.EntryID]copydesk.StoryID{}}
	for range 12 {
		s.update(m.batch())
		for range 40 {
			text := m.question()
			q, err := search.Parse(text, noon)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			q = q.Among(sources)
			limit := 1 + rng.IntN(30)
			want := m.answer(q, limit)
			got, err := s.Search(t.Context(), q, limit, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", text, diff)
			}
		}
	}
}

// model is what an index should know.
type model struct {
	rng     *rand.Rand
	n       entries
	stories map[copydesk.StoryID]search.Story
	order   []copydesk.StoryID
	of      map[copydesk.EntryID]copydesk.StoryID // whose member an entry is
}

var vocabulary = []string{"rain", "snow", "Müller", "日本", "首", "相", "本首", "서울", "ASEAN", "d'Ivoire", "2026", "พม่า"}

func (m *model) pick(list []string) string { return list[m.rng.IntN(len(list))] }

func (m *model) some(list []string, most int, between ...string) string {
	var b strings.Builder
	for range 1 + m.rng.IntN(most) {
		b.WriteString(m.pick(list) + m.pick(between))
	}
	return b.String()
}

func (m *model) voice() copydesk.Voice {
	return m.n.voice(m.rng.IntN(len(sources)), m.pick([]string{"", "en", "en-US", "ja", "zh-Hant"}),
		m.some(vocabulary, 3, " ", " ", "", ". "), "<p>"+m.some(vocabulary, 4, " ", "", "</p><p>", "<b></b>"))
}

// batch makes new stories, and lets some of the known ones grow, merge or go.
func (m *model) batch() (b search.Batch) {
	put := map[copydesk.StoryID]bool{}
	for range 12 {
		v := m.voice()
		s := story(v)
		if len(m.order) > 0 && m.rng.IntN(3) == 0 {
			s = m.stories[m.order[m.rng.IntN(len(m.order))]]
			s.Voices = append(slices.Clone(s.Voices), v)
		}
		if other, ok := m.stories[m.random()]; ok && m.rng.IntN(6) == 0 && other.ID != s.ID && !put[other.ID] && !slices.Contains(b.Gone, s.ID) {
			s.Voices = append(slices.Clone(s.Voices), other.Voices...)
			m.drop(other.ID)
			b.Gone = append(b.Gone, other.ID)
		}
		if put[s.ID] || slices.Contains(b.Gone, s.ID) {
			continue
		}
		s.Topics = []copydesk.TopicID{copydesk.TopicID(m.pick([]string{"asia", "world"}))}
		put[s.ID] = true
		b.Put = append(b.Put, s)
		if _, known := m.stories[s.ID]; !known {
			m.order = append(m.order, s.ID)
		}
		m.stories[s.ID] = s
	}
	if id := m.random(); id != (copydesk.StoryID{}) && !put[id] {
		m.drop(id)
		b.Gone = append(b.Gone, id)
	}
	return b
}

func (m *model) random() (id copydesk.StoryID) {
	if len(m.order) > 0 {
		id = m.order[m.rng.IntN(len(m.order))]
	}
	return id
}

func (m *model) drop(id copydesk.StoryID) {
	delete(m.stories, id)
	m.order = slices.DeleteFunc(m.order, func(x copydesk.StoryID) bool { return x == id })
}

func (m *model) question() string {
	var terms []string
	for range 1 + m.rng.IntN(3) {
		term := m.pick(vocabulary)
		switch m.rng.IntN(8) {
		case 0:
			term = `"` + m.some(vocabulary, 3, " ", "") + `"`
		case 1:
			term = m.pick([]string{"lang:en", "lang:en-us", "lang:und", "lang:zh"})
		case 2:
			term = m.pick([]string{"topic:asia", "topic:world", "topic:mars"})
		case 3:
			term = m.pick([]string{"source:dw", "source:bangkok", "source:朝日", "source:nobody"})
		case 4:
			term = m.pick([]string{"since:1h", "since:2026-03-14", "since:2026-03-15"})
		}
		if m.rng.IntN(4) == 0 && !strings.HasPrefix(term, "since") {
			term = "-" + term
		}
		terms = append(terms, term)
	}
	if !slices.ContainsFunc(terms, func(t string) bool { return t[0] != '-' }) {
		terms = append(terms, m.pick(vocabulary))
	}
	return strings.Join(terms, " ")
}

func (m *model) answer(q search.Query, limit int) []copydesk.StoryID {
	newest := map[copydesk.StoryID]time.Time{}
	var ids []copydesk.StoryID
	for id, s := range m.stories {
		for _, v := range s.Voices {
			if q.Meets(search.Read(v), s.Topics) && v.Entry.FirstSeen.After(newest[id]) {
				newest[id] = v.Entry.FirstSeen
			}
		}
		if !newest[id].IsZero() {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b copydesk.StoryID) int { return newest[b].Compare(newest[a]) })
	return ids[:min(limit, len(ids))]
}
