package normalize

import (
	"fmt"
	"testing"
	"time"

	"copydesk"
)

func TestWhatAPublisherWishesIsReadFromItsDocument(t *testing.T) {
	const sy = `xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"`
	rss := func(wishes string) string {
		return fmt.Sprintf(`<rss version="2.0" %s><channel><title>A</title>%s<item><title>One</title><guid>1</guid></item></channel></rss>`, sy, wishes)
	}
	atom := func(wishes string) string {
		return fmt.Sprintf(`<feed xmlns="http://www.w3.org/2005/Atom" %s><title>A</title>%s<entry><id>1</id><title>One</title></entry></feed>`, sy, wishes)
	}
	const weekend = 1<<time.Saturday | 1<<time.Sunday
	for _, tt := range []struct {
		name, document string
		want           copydesk.Asks
	}{
		{"nothing", rss(""), copydesk.Asks{}},
		{"ttl", rss("<ttl> 90 </ttl>"), copydesk.Asks{TTL: 90}},
		{"night", rss("<skipHours><hour>0</hour><hour> 3 </hour><hour>23</hour></skipHours>"), copydesk.Asks{SkipHours: 1 | 1<<3 | 1<<23}},
		{"hours from 1 to 24", rss("<skipHours><hour>1</hour><hour>24</hour></skipHours>"), copydesk.Asks{SkipHours: 1 | 1<<1}},
		{"hours that are none", rss("<skipHours><hour>-1</hour><hour>25</hour><hour>noon</hour><minute>3</minute><hour/></skipHours>"), copydesk.Asks{}},
		{"weekend", rss("<skipDays><day>Saturday</day><day> sunday </day></skipDays>"), copydesk.Asks{SkipDays: weekend}},
		{"weekend, in short", rss("<skipDays><day>Sat</day><day>Sun</day><day>S</day><day>Sundays</day></skipDays>"), copydesk.Asks{SkipDays: weekend}},
		{"hourly", rss("<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>"), copydesk.Asks{Every: 60}},
		{"four times a day", rss("<sy:updatePeriod>Daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"), copydesk.Asks{Every: 360}},
		{"a period alone", rss("<sy:updatePeriod>weekly</sy:updatePeriod>"), copydesk.Asks{Every: 7 * 24 * 60}},
		{"a frequency alone is of a day", rss("<sy:updateFrequency>2</sy:updateFrequency>"), copydesk.Asks{Every: 720}},
		{"an unknown period", rss("<sy:updatePeriod>sometimes</sy:updatePeriod>"), copydesk.Asks{}},
		{"a frequency of none", rss("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>"), copydesk.Asks{Every: 60}},
		{"a frequency beyond reason", rss("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>9999</sy:updateFrequency>"), copydesk.Asks{Every: 1}},
		{"in Atom", atom("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"), copydesk.Asks{Every: 30}},
	} {
		feed, err := Parse(copydesk.Document{URL: "https://news.example/feed", Body: []byte(tt.document)})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := feed.Asks; got != tt.want || len(feed.Entries) != 1 {
			t.Errorf("%s: got %+v with %d entries, want %+v", tt.name, got, len(feed.Entries), tt.want)
		}
	}
}
