package story_test

import (
	"testing"

	"copydesk"
	"copydesk/story"
)

func TestALinkLeadsToTheArticleWhateverItAddsToItsAddress(t *testing.T) {
	const ferry, seventh = "https://a.example/ferry", "https://a.example/news.php?id=7"
	for _, c := range []struct {
		article, link string
		meant         bool
	}{
		{ferry, "https://a.example/ferry", true},
		{ferry, "http://www.a.example/ferry/", true},
		{ferry, "https://a.example/ferry#comments", true},
		{ferry, "https://a.example/ferry?utm_source=b&amp;utm_medium=feed", true},
		{ferry, "https://a.example/ferry/?at_campaign=1#top", true},
		{ferry, "https://a.example/ferry/map", false},
		{ferry, "https://a.example/ferry-fares", false},
		{ferry, "https://other.example/ferry", false},
		{ferry, "https://a.example/the/ferry", false},
		{seventh, "https://a.example/news.php?utm_source=b&amp;id=7#top", true},
		{seventh, "https://a.example/news.php?id=77", false},
		{seventh, "https://a.example/news.php", false},
	} {
		own := written("a", ferryTitle, ferryText, 60)
		own.Entry.Link, own.Entry.Canonical = c.article, c.article
		other := written("b", ferryTitle, `<p>As <a class="x" href="`+c.link+`" rel="nofollow">reported</a>.</p>`, 0)
		lead, why := story.Lead([]copydesk.Voice{own, other}, story.Overrides{})
		if (lead.Source.ID == "a") != c.meant {
			t.Errorf("%s, linked by %s: led by %s: %s", c.article, c.link, lead.Source.ID, why)
		}
	}
}
