package desk_test

import (
	"fmt"
	"strings"
	"testing"
)

// A publisher and two sites that repeat it: an aggregator word for
// word, with the links gone and a credit below, and a third that wrote it anew
// under the same headline and says that it did so a day before. The texts are
// of our own making.
const (
	eyesHeadline = "North Korea eyes Southeast Asia for new friends"

	eyesOriginal = `<p>Pyongyang sent its deputy foreign minister Pak Sang Gil to Hanoi and Vientiane this week, the first such journey in six years, and both hosts laid out the red carpet.</p>
<p>Behind the handshakes stands a plan: with its embassies in Kuala Lumpur closed and trade with Beijing at the mercy of one customs post in Dandong, the North wants partners who ask few questions.</p>
<p>Vietnam, which calls the North a <a href="https://www.dw.example/en/vietnam">traditional friend</a>, promised to send 12,000 tonnes of rice before the winter. Laos offered places for 80 students of medicine.</p>
<p>"Nobody here expects rockets to become a subject," said Nguyen Thi Lan, who teaches Korean history in Hanoi. "They talk about malaria, about rice, about how to run a market without calling it one."</p>
<p>Diplomats in Bangkok doubt that much will come of it. Sanctions of the United Nations still forbid joint ventures, and the ship that was to carry the rice, the Chong Bong, has been barred from most ports since 2018.</p>`

	eyesRewritten = `<p>North Korea is looking for new partners in Southeast Asia. Deputy Foreign Minister Pak Sang Gil travelled to Hanoi and Vientiane, the first visit of that rank for six years.</p>
<p>Observers in Bangkok say that Pyongyang wants to lean less on Beijing, whose customs post in Dandong controls nearly all of its trade. Hanoi pledged 12,000 tonnes of rice and Laos will take 80 medical students, although UN sanctions rule out joint ventures and the freighter Chong Bong may not call at most ports.</p>
<p>This article was created based on information from various sources and rewritten for clarity.</p>`
)

// arrival is how one of the three comes to us.
type arrival struct{ title, item, unrelated string }

var eyes = map[string]arrival{
	"dw": {
		title: "Deutsche Welle",
		item: item("dw", "eyes-southeast-asia", eyesHeadline, "Mon, 06 May 2024 07:30:00 GMT",
			eyesOriginal),
		unrelated: item("dw", "ferry", "Hamburg ferry captain retires after 40 years", "Sun, 05 May 2024 09:00:00 GMT",
			"<p>Uwe Brandt crossed the Elbe some 90,000 times and never once got off on the other side.</p>"),
	},
	"copies": {
		title: "Copies Daily",
		item: item("copies", "world-asia-771", eyesHeadline, "Mon, 06 May 2024 08:10:00 GMT",
			strings.NewReplacer(`<a href="https://www.dw.example/en/vietnam">`, "", "</a>", "").Replace(eyesOriginal)+
				`<p>The post `+eyesHeadline+` appeared first on Deutsche Welle.</p>`),
		unrelated: item("copies", "tea-9", "Why your tea tastes of nothing", "Sun, 05 May 2024 10:00:00 GMT",
			"<p>Water that has boiled twice has lost its air, and with it most of what a Darjeeling can say.</p>"),
	},
	"third": {
		title: "Third Vision",
		item: item("third", "nk-friends", eyesHeadline, "Sun, 05 May 2024 07:00:00 GMT",
			eyesRewritten),
		unrelated: item("third", "cricket", "Chennai wins by seven wickets", "Sun, 05 May 2024 11:00:00 GMT",
			"<p>A half-century by Devika Raman settled the match in Chennai with 19 balls to spare.</p>"),
	},
}

func item(host, slug, title, date, text string) string {
	return fmt.Sprintf("<item><title>%s</title><link>https://www.%s.example/%s</link><guid>%s-%s</guid><pubDate>%s</pubDate><description><![CDATA[%s]]></description></item>\n",
		title, host, slug, host, slug, date, text)
}

func eyesFeed(source string, items ...string) string {
	return fmt.Sprintf("<rss version=\"2.0\"><channel><title>%s</title><link>https://www.%s.example/</link><language>en</language>\n%s</channel></rss>\n",
		eyes[source].title, source, strings.Join(items, ""))
}

// The three come in every order, to a desk that knows nothing but them and three
// entries that have nothing to do with each other. It is one item from the
// second on, under the id that it had from the first, and in the end credited to
// Deutsche Welle with the two others linked. The three entries stay what they are.
func TestTheOriginalTheCopyAndTheRewritingAreOneItemInEveryOrder(t *testing.T) {
	for _, order := range [][]string{
		{"dw", "copies", "third"}, {"dw", "third", "copies"}, {"copies", "dw", "third"},
		{"copies", "third", "dw"}, {"third", "dw", "copies"}, {"third", "copies", "dw"},
	} {
		t.Run(strings.Join(order, ", "), func(t *testing.T) {
			for _, wrong := range play(t, []byte(eyesScript(order))) {
				t.Error(wrong)
			}
		})
	}
}

func eyesScript(order []string) string {
	var b strings.Builder
	b.WriteString("One story of three, in one of its orders.\n-- copydesk.toml --\n[poll]\nmax_interval = \"1h\"\n[[topic]]\nid = \"asia\"\n")
	for source, a := range eyes {
		role := "publisher"
		if source == "copies" {
			role = "aggregator"
		}
		fmt.Fprintf(&b, "[[source]]\nid = %q\nname = %q\nurl = \"https://www.%s.example/rss\"\nrole = %q\ntopics = [\"asia\"]\n", source, a.title, source, role)
	}
	hour := 8
	day := "2024-05-06 "
	step := func(verb, body string) {
		fmt.Fprintf(&b, "-- %s%02d:00 %s --\n%s", day, hour, verb, body)
		day = ""
	}
	for source, a := range eyes {
		step("serve https://www."+source+".example/rss", eyesFeed(source, a.unrelated))
	}
	step("start", "")
	for _, source := range order {
		hour += 2
		step("serve https://www."+source+".example/rss", eyesFeed(source, eyes[source].item, eyes[source].unrelated))
		hour += 2
		step("ids /topics/asia", "eyes\nx\ny\nz\n")
	}
	var others []string
	for _, source := range order {
		if source != "dw" {
			others = append(others, eyes[source].title)
		}
	}
	step("top /topics/asia", eyesHeadline+" | Deutsche Welle | also "+strings.Join(others, ", ")+"\n")
	return b.String()
}
