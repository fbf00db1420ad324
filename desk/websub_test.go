package desk_test

import (
	"strings"
	"testing"
)

// The tests of websub.rocks, the test suite of the W3C's working group, ask what
// a subscriber must do. Each has a twin here, played on the whole daemon; the
// numbers are those of the suite. HUB is where the hub is, FEED the address that
// is asked, ITEM an item that the feed lists.
var twins = []struct {
	number string
	shows  string
	steps  string
}{
	{"100", "hub and self stand in Link headers alone", `
-- 00:00 serve-raw FEED --
Link: <HUB>; rel="hub", <FEED>; rel="self"

<rss version="2.0"><channel><title>A</title>ITEM</channel></rss>
-- 00:00 start --
-- 00:01 subscribed HUB --
FEED | 240h0m0s
`},
	{"101", "they stand in link tags of a page alone, in which the feed is wrapped", `
-- 00:00 serve-raw FEED --
Content-Type: text/html

<html><head><title>A</title><link rel="hub" href="HUB"><link rel="self" href="FEED"></head><body>
<rss version="2.0"><channel><title>A</title>ITEM</channel></rss></body></html>
-- 00:00 start --
-- 00:01 subscribed HUB --
FEED | 240h0m0s
`},
	{"102", "they stand in an Atom feed alone", `
-- 00:00 serve FEED --
<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>urn:a</id><updated>2024-05-06T00:00:00Z</updated>
<link rel="hub" href="HUB"/><link rel="self" href="FEED"/>
<entry><title>Rain</title><id>urn:rain</id><updated>2024-05-05T20:00:00Z</updated><link href="http://a.example/rain"/></entry></feed>
-- 00:00 start --
-- 00:01 subscribed HUB --
FEED | 240h0m0s
`},
	{"103", "they stand in an RSS feed alone", `
-- 00:00 serve FEED --
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A</title>
<atom:link rel="hub" href="HUB"/><atom:link rel="self" href="FEED"/>ITEM</channel></rss>
-- 00:00 start --
-- 00:01 subscribed HUB --
FEED | 240h0m0s
`},
	{"104", "Link headers go before the document, which names a wrong hub", `
-- 00:00 hub http://wrong.example/ --
-- 00:00 serve-raw FEED --
Link: <HUB>; rel="hub"
Link: <FEED>; rel="self"

<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A</title>
<atom:link rel="hub" href="http://wrong.example/"/><atom:link rel="self" href="http://a.example/wrong"/>ITEM</channel></rss>
-- 00:00 start --
-- 00:01 subscribed HUB --
FEED | 240h0m0s
-- 00:01 subscribed http://wrong.example/ --
`},
	{"200", "the feed calls itself by another address than the one asked", `
-- 00:00 serve-raw FEED --
Link: <HUB>; rel="hub", <http://a.example/self>; rel="self"

<rss version="2.0"><channel><title>A</title>ITEM</channel></rss>
-- 00:00 start --
-- 00:01 subscribed HUB --
http://a.example/self | 240h0m0s
`},
	{"201", "the feed is for the time being at another address", `
-- 00:00 serve-raw http://a.example/new --
Link: <HUB>; rel="hub", <http://a.example/new>; rel="self"

<rss version="2.0"><channel><title>A</title>ITEM</channel></rss>
-- 00:00 fail FEED 302 --
Location: http://a.example/new
-- 00:00 start --
-- 00:01 subscribed HUB --
http://a.example/new | 240h0m0s
`},
	{"202", "the feed has moved for good", `
-- 00:00 serve-raw http://a.example/new --
Link: <HUB>; rel="hub", <http://a.example/new>; rel="self"

<rss version="2.0"><channel><title>A</title>ITEM</channel></rss>
-- 00:00 fail FEED 301 --
Location: http://a.example/new
-- 00:00 start --
-- 00:01 subscribed HUB --
http://a.example/new | 240h0m0s
`},
	{"203", "the hub redirects with 307: the request is made again there", `
-- 00:00 hub http://old-hub.example/ 307 HUB --
-- 00:00 serve-raw FEED --
Link: <http://old-hub.example/>; rel="hub", <FEED>; rel="self"

<rss version="2.0"><channel><title>A</title>ITEM</channel></rss>
-- 00:00 start --
-- 00:01 subscribed HUB --
FEED | 240h0m0s
`},
	{"204", "the hub redirects with 308: the request is made again there", `
-- 00:00 hub http://old-hub.example/ 308 HUB --
-- 00:00 serve-raw FEED --
Link: <http://old-hub.example/>; rel="hub", <FEED>; rel="self"

<rss version="2.0"><channel><title>A</title>ITEM</channel></rss>
-- 00:00 start --
-- 00:01 subscribed HUB --
FEED | 240h0m0s
`},
	{"205", "the hub asks back for a topic that nobody asked for: 404", `
-- 00:00 hub HUB strays --
-- 00:00 serve-raw FEED --
Link: <HUB>; rel="hub", <FEED>; rel="self"

<rss version="2.0"><channel><title>A</title>ITEM</channel></rss>
-- 00:00 start --
-- 00:01 subscribed HUB --
-- 00:01 heard HUB --
subscribe FEED/other 404
`},
	{"300", "what the hub delivers is answered with success, and read", delivered + `
-- 00:02 push HUB FEED 202 --
<rss version="2.0"><channel><title>A</title><item><title>Wind</title><link>http://a.example/wind</link><guid>wind</guid></item></channel></rss>
-- 00:03 read /topics/asia --
Wind | A
Rain | A
`},
	{"301", "a delivery with a wrong signature is refused, and not read", delivered + `
-- 00:02 push HUB FEED 403 forged --
<rss version="2.0"><channel><title>A</title><item><title>Wind</title><link>http://a.example/wind</link><guid>wind</guid></item></channel></rss>
-- 00:03 read /topics/asia --
Rain | A
`},
	{"302", "a delivery without a signature is refused, and not read", delivered + `
-- 00:02 push HUB FEED 403 unsigned --
<rss version="2.0"><channel><title>A</title><item><title>Wind</title><link>http://a.example/wind</link><guid>wind</guid></item></channel></rss>
-- 00:03 read /topics/asia --
Rain | A
`},
}

const delivered = `
-- 00:00 serve-raw FEED --
Link: <HUB>; rel="hub", <FEED>; rel="self"

<rss version="2.0"><channel><title>A</title>ITEM</channel></rss>
-- 00:00 start --
`

func TestASubscriberDoesWhatWebSubRocksAsks(t *testing.T) {
	const head = `A twin of a test of websub.rocks.
-- copydesk.toml --
[server]
base_url = "https://copydesk.example"
[[topic]]
id = "asia"
[[source]]
id = "a"
url = "FEED"
topics = ["asia"]
-- 2024-05-06 00:00 hub HUB --
`
	names := strings.NewReplacer(
		"HUB", "http://hub.example/", "FEED", "http://a.example/feed",
		"ITEM", "<item><title>Rain</title><link>http://a.example/rain</link><guid>rain</guid></item>",
	)
	for _, twin := range twins {
		t.Run(twin.number+" "+twin.shows, func(t *testing.T) {
			t.Parallel()
			for _, err := range play(t, []byte(names.Replace(head+strings.TrimPrefix(twin.steps, "\n")))) {
				t.Error(err)
			}
		})
	}
}
