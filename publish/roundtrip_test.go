package publish_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"

	"copydesk/publish"
)

// said is what a reader can learn of an item in every format.
type said struct {
	ID, Title, Link, Summary, Content string
	Authors, Categories, Files        []string
	Image, Language, Rights           string
	Published, Updated                time.Time
}

func readBack(t *testing.T, f publish.Format) []said {
	t.Helper()
	p := gofeed.NewParser()
	feed, err := p.Parse(bytes.NewReader(render(t, full(), f)))
	if err != nil {
		t.Fatal(err)
	}
	var all []said
	for _, i := range feed.Items {
		s := said{ID: i.GUID, Title: i.Title, Link: i.Link, Summary: i.Description, Content: i.Content, Categories: i.Categories}
		s.Published, s.Updated = i.PublishedParsed.UTC(), i.UpdatedParsed.UTC()
		for _, a := range i.Authors {
			s.Authors = append(s.Authors, a.Name)
		}
		for _, e := range i.Enclosures {
			s.Files = append(s.Files, e.URL+" "+e.Type+" "+e.Length)
		}
		all = append(all, s)
	}
	return all
}

// first is what full says of its first item.
func first() said {
	e := full().Items[0]
	return said{
		ID: e.ID, Title: e.Lead.Entry.Title, Link: "https://harbour.example/2026/f%C3%A4hre%20zur%C3%BCck?x=1&y=2#top",
		Summary: e.Lead.Entry.Summary,
		Content: e.Lead.Entry.Content + `<p>Also:</p><ul><li><a href="https://digest.example/7">Digest &lt;of&gt; &#34;all&#34; – Fähre fährt wieder</a></li></ul>`,
		Authors: []string{"Ida Brandt", "Tom O'Neil"}, Categories: []string{"Ships & boats", "local"},
		Files:     []string{"https://harbour.example/horn.mp3 audio/mpeg 12345", "https://harbour.example/plan.pdf  "},
		Published: e.Lead.Entry.Published, Updated: e.Updated,
	}
}

func TestWhatAReaderTakesFromAtomIsWhatTheEditionSays(t *testing.T) {
	if diff := cmp.Diff(first(), readBack(t, publish.Atom)[0]); diff != "" {
		t.Errorf("(-edition +read):\n%s", diff)
	}
}

// RSS has room for one enclosure: the second is in media:content. Updated is an
// extension, too.
func TestWhatAReaderTakesFromRSSIsWhatTheEditionSays(t *testing.T) {
	p := gofeed.NewParser()
	feed, err := p.Parse(bytes.NewReader(render(t, full(), publish.RSS)))
	if err != nil {
		t.Fatal(err)
	}
	i := feed.Items[0]
	got := said{
		ID: i.GUID, Title: i.Title, Link: i.Link, Summary: i.Description, Content: i.Content, Categories: i.Categories, Published: i.PublishedParsed.UTC(),
		Language: i.DublinCoreExt.Language[0], Rights: i.DublinCoreExt.Rights[0], Authors: i.DublinCoreExt.Creator,
		Image: i.Extensions["media"]["thumbnail"][0].Attrs["url"],
		Files: []string{i.Enclosures[0].URL + " " + i.Enclosures[0].Type + " " + i.Enclosures[0].Length, i.Extensions["media"]["content"][0].Attrs["url"] + "  "},
	}
	got.Updated, _ = time.Parse(time.RFC3339, i.Extensions["atom"]["updated"][0].Value)
	want := first()
	lead := full().Items[0].Lead.Entry
	want.Image, want.Language, want.Rights = lead.Image, lead.Language, lead.Rights
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-edition +read):\n%s", diff)
	}
}

// The summary of JSON Feed is plain text.
func TestWhatAReaderTakesFromJSONFeedIsWhatTheEditionSays(t *testing.T) {
	want := first()
	want.Summary = "The ferry sails again."
	want.Files = nil
	got := readBack(t, publish.JSON)[0]
	got.Files = nil // gofeed knows attachments by another member; the golden file shows them
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-edition +read):\n%s", diff)
	}
}

func TestWhatOnlyAtomCanSayIsThereToo(t *testing.T) {
	feed, err := (&atom.Parser{}).Parse(bytes.NewReader(render(t, full(), publish.Atom)))
	if err != nil {
		t.Fatal(err)
	}
	want := full().Items[0].Lead
	got := feed.Entries[0]
	if len(got.Authors) != 2 || got.Authors[0].Email != "ida@harbour.example" || got.Authors[0].URI != "https://harbour.example/ida" {
		t.Errorf("authors: %+v", got.Authors)
	}
	if c := got.Categories[0]; c.Term != "ships" || c.Scheme != "https://harbour.example/tags/" || c.Label != "Ships & boats" {
		t.Errorf("category: %+v", c)
	}
	if got.Rights != want.Entry.Rights || got.Source.Rights != want.Source.Feed.Rights {
		t.Errorf("rights: %q, of the source: %q", got.Rights, got.Source.Rights)
	}
	if s := got.Source; s.ID != "tag:harbour.example,2026:news" || s.Title != "Harbour Gazette: news" || s.Icon != want.Source.Feed.Image {
		t.Errorf("source: %+v", s)
	}
	var related *atom.Link
	for _, l := range got.Links {
		if l.Rel == "related" {
			related = l
		}
	}
	if related == nil || related.Href != "https://digest.example/7" || related.Hreflang != "de" || related.Title != `Digest <of> "all": Fähre fährt wieder` {
		t.Errorf("related: %+v", related)
	}
	if got.Extensions["media"]["thumbnail"][0].Attrs["url"] != want.Entry.Image {
		t.Errorf("thumbnail: %+v", got.Extensions["media"])
	}
}

// Rights are HTML to us. Atom can say so, the others take the words.
func TestRightsWithMarkupAreHTMLInAtomAndWordsElsewhere(t *testing.T) {
	for _, tc := range []struct{ rights, kind, atom, words string }{
		{"© 2026 Harbour Gazette", "", "© 2026 Harbour Gazette", "© 2026 Harbour Gazette"},
		{"© Harbour &amp; Hill", "html", "© Harbour &amp;amp; Hill", "© Harbour & Hill"},
		{`<a href="https://cc.example/by">CC BY</a>`, "html", `&lt;a href="https://cc.example/by"&gt;CC BY&lt;/a&gt;`, "CC BY"},
	} {
		e := full()
		e.Items[0].Lead.Entry.Rights = tc.rights
		e.Items[0].Lead.Source.Feed.Rights = tc.rights
		open := "<rights>"
		if tc.kind != "" {
			open = `<rights type="` + tc.kind + `">`
		}
		body := string(render(t, e, publish.Atom))
		if n := strings.Count(body, open+tc.atom+"</rights>"); n != 2 {
			t.Errorf("%q: %d times as expected in %s", tc.rights, n, body)
		}
		feed, err := gofeed.NewParser().Parse(bytes.NewReader(render(t, e, publish.RSS)))
		if err != nil || feed.Items[0].DublinCoreExt.Rights[0] != tc.words {
			t.Errorf("%q: RSS says %q (%v)", tc.rights, feed.Items[0].DublinCoreExt.Rights, err)
		}
		var doc struct {
			Items []struct {
				Extra struct {
					Rights string `json:"rights"`
				} `json:"_copydesk"`
			} `json:"items"`
		}
		if err := json.Unmarshal(render(t, e, publish.JSON), &doc); err != nil || doc.Items[0].Extra.Rights != tc.words {
			t.Errorf("%q: JSON says %q (%v)", tc.rights, doc.Items[0].Extra.Rights, err)
		}
	}
}
