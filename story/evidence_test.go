package story_test

import (
	"testing"

	"copydesk"
	"copydesk/story"
	"copydesk/story/alike"
)

func TestPartsOfOnePageAreNotTheSameUnderOtherHeadlines(t *testing.T) {
	const page, tracked = "https://wire.example/live", "https://wire.example/live#xtor=RSS-3"
	for _, c := range []struct {
		name              string
		link, otherLink   string
		title, otherTitle string
		same              bool
	}{
		{"two parts", page + "#1", page + "#2", "Ferry runs again", "Wheat prices climb", false},
		{"a part and the whole", page + "#1", page, "Ferry runs again", "Wheat prices climb", false},
		{"two parts, in Chinese", page + "#1", page + "#2", "轮渡恢复运行", "小麦价格上涨", false},
		{"one part", page + "#1", page + "#1", "Ferry runs again", "Boats to the islands", true},
		{"a part under the page's headline", page + "#comments", page, "Ferry runs again", "Ferry runs again", true},
		{"a part under nearly its headline", page + "#comments", page, "Ferry runs again", "Ferry to the islands runs again", true},
		{"a fragment that tracks", tracked, page, "Ferry runs again", "Boats to the islands", true},
		{"no fragment", page, page, "Ferry runs again", "Boats to the islands", true},
	} {
		one, other := voice("a", "1", c.link, 0).Entry, voice("b", "2", c.otherLink, 30).Entry
		one.Title, other.Title, one.Canonical, other.Canonical = c.title, c.otherTitle, page, page
		one.Link, other.Link = c.link, c.otherLink
		for _, pair := range [][2]copydesk.Entry{{one, other}, {other, one}} {
			if found := story.Evidence(pair[0], pair[1:], alike.DefaultReach); (len(found) > 0) != c.same {
				t.Errorf("%s: %+v", c.name, found)
			}
		}
	}
}
