package desk_test

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What is private has the canary in it, in whatever case, and its key and
// address have words of their own, which nobody is told.
const (
	canary    = "zyxcanary"
	token     = "Kn4rienvogel-0123456789"
	secretKey = "s3cretpart"
)

const privateWorld = `
[server]
base_url = "https://feeds.example"
[search]
[[topic]]
id = "zyxcanary-papers"
title = "Zyxcanary papers"
was = ["zyxcanary-old"]
private = true
token = "` + token + `"
limit = 2
match = '"harbour" in words'
[[topic]]
id = "zyxcanary-gone"
private = true
token = "` + token + `"
[[topic]]
id = "world"
title = "World"
parent = "zyxcanary-papers"
limit = 2
[[topic]]
id = "ruled"
match = '"zyxcanary" in words or "harbour" in words'
match_any = ["zyxcanary"]
[[topic]]
id = "asked"
search = 'zyxcanary'
[[topic]]
id = "each"
merge = "none"
match = '"harbour" in words'
[[topic]]
id = "shared"
min_sources = 2
match = '"harbour" in words'
[[source]]
id = "zyxcanary-paid"
name = "Zyxcanary Paper"
publisher = "Zyxcanary Press"
private = true
url = "http://paid.example/s3cretpart/rss?zyxcanary=1"
topics = ["zyxcanary-papers", "zyxcanary-gone"]
[[source]]
id = "a"
name = "A Example"
publisher = "A"
url = "http://a.example/rss"
topics = ["world", "zyxcanary-papers"]
[[source]]
id = "b"
name = "B Example"
publisher = "B"
url = "http://b.example/rss"
topics = ["world"]
`

const fireText = `A fire broke out in the old harbour of Marsalk early on Monday and destroyed four warehouses before two hundred
firefighters brought it under control, the port authority said. Nobody was hurt, but three ships had to leave their berths
and the ferry to Ostrava island was suspended until the evening. The cause is being investigated; witnesses spoke of a loud
explosion near the grain terminal shortly after midnight, and of smoke seen from villages thirty kilometres away.`

func privateFeed(link, more string, titles ...string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Feed %s</title><link>%s</link>`, more, link)
	for _, title := range titles {
		text := more + " " + title
		if strings.Contains(title, "harbour") {
			text = fireText + " " + more
		}
		fmt.Fprintf(&b, "<item><title>%s</title><link>%s%s</link><guid>%s</guid><description>%s</description><dc:creator>Ann %s</dc:creator><category>news %s</category></item>\n",
			title, link, url.PathEscape(title), title, text, more, more)
	}
	b.WriteString("</channel></rss>")
	return []byte(b.String())
}

// playPrivately has the private source come first, then the public ones, then
// more of each, so that archives close. It returns the tags of editions that are
// out of date by then.
func playPrivately(t *testing.T, w *world) (tags string) {
	t.Helper()
	paid, a, b := "http://paid.example/s3cretpart/rss?zyxcanary=1", "http://a.example/rss", "http://b.example/rss"
	rest := func(d time.Duration) {
		if err := w.until(time.Now().Add(d)); err != nil {
			t.Fatal(err)
		}
	}
	w.publishers.serve(paid, privateFeed("http://paid.example/", "Zyxcanary", "Zyxcanary fire at the harbour", "Zyxcanary alone"), nil)
	w.publishers.serve(a, privateFeed("http://a.example/", "plain", "Old news of A"), nil)
	w.publishers.serve(b, privateFeed("http://b.example/", "plain", "Old news of B", "Flood at the other harbour"), nil)
	if err := w.start(); err != nil {
		t.Fatal(err)
	}
	rest(time.Minute)
	tagsNow := func() {
		t.Helper()
		for _, path := range []string{"/topics/world", "/topics/ruled", "/topics/each", "/private/" + token + "/topics/zyxcanary-papers"} {
			for _, ending := range []string{".atom", ".rss", ".json"} {
				r, err := w.running.public.get(path+ending, nil)
				if err != nil {
					t.Fatal(err)
				}
				tags += r.header.Get("Etag") + ", "
			}
		}
	}
	tagsNow()
	w.publishers.serve(a, privateFeed("http://a.example/", "plain", "Fire at the harbour", "Rain", "Wind", "Snow", "Old news of A"), nil)
	w.publishers.serve(paid, privateFeed("http://paid.example/", "Zyxcanary", "Zyxcanary fire at the harbour", "Zyxcanary alone", "Zyxcanary rain", "Zyxcanary wind", "Zyxcanary snow"), nil)
	rest(3 * time.Hour)
	tagsNow()
	w.publishers.serve(b, privateFeed("http://b.example/", "plain", "The harbour fire", "Hail", "Old news of B"), nil)
	rest(3 * time.Hour)
	return tags
}

// crawl asks for all that is linked from the paths, over and over, and shows each
// answer to look.
func crawl(t *testing.T, w *world, tags, under string, look func(path string, r reading), paths ...string) (seen []string) {
	t.Helper()
	links := regexp.MustCompile(`(?:href|src|xmlUrl|htmlUrl)="([^"]*)"|<link>([^<]*)</link>|"(?:url|\w+_url)": "([^"]*)"|<([^>]*)>; rel=`)
	for len(paths) > 0 {
		path := paths[0]
		paths = paths[1:]
		if slices.Contains(seen, path) || len(seen) > 2000 {
			continue
		}
		seen = append(seen, path)
		here, err := url.Parse("https://feeds.example" + path)
		if err != nil {
			t.Fatal(err)
		}
		for _, accept := range []http.Header{{}, {"Accept": {"application/atom+xml"}}, {"A-Im": {"feed"}, "If-None-Match": {tags}}, {"Origin": {"https://x.example"}}} {
			r, err := w.running.public.get(path, accept)
			if err != nil {
				t.Fatal(err)
			}
			look(path, r)
			text := string(r.body) + " " + strings.Join(r.header["Link"], " ") + ` href="` + r.location + `"`
			for _, m := range links.FindAllStringSubmatch(text, -1) {
				to, err := here.Parse(html.UnescapeString(m[1] + m[2] + m[3] + m[4]))
				if err == nil && to.Host == here.Host && to.Fragment == "" && strings.HasPrefix(to.EscapedPath(), under) {
					paths = append(paths, to.RequestURI())
				}
			}
		}
	}
	return seen
}

func inPrivateWorld(t *testing.T, test func(t *testing.T, w *world, tags string)) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := newWorld(folder, privateWorld, &log)
		test(t, w, playPrivately(t, w))
		if err := w.stop(); err != nil {
			t.Error(err)
		}
		for _, secret := range []string{token, secretKey} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log has %s", secret)
			}
		}
	})
}

func TestNothingPrivateIsAtAPublicAddress(t *testing.T) {
	inPrivateWorld(t, func(t *testing.T, w *world, tags string) {
		deltas := 0
		look := func(path string, r reading) {
			if r.status == http.StatusIMUsed {
				deltas++
			}
			for _, secret := range []string{canary, token, secretKey} {
				if text := fmt.Sprint(r.status, r.header, string(r.body)); strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
					t.Errorf("%s has %s:\n%s", path, secret, text)
				}
			}
		}
		var seeds []string
		for _, topic := range []string{"world", "ruled", "asked", "each", "shared"} {
			for _, ending := range []string{"", ".atom", ".rss", ".json"} {
				for _, query := range []string{"", "?sources=2", "?before=1000", "?before=1000&sources=2", "?sources=x"} {
					seeds = append(seeds, "/topics/"+topic+ending+query)
				}
				for n := range 5 {
					seeds = append(seeds, fmt.Sprintf("/topics/%s/archive/%d%s", topic, n, ending))
				}
			}
		}
		seeds = append(seeds, "/", "/opml", "/sources.opml", "/hub", "/nothing", "/healthz", "/readyz", "/metrics", "/status", "/health.atom",
			"/search?q=harbour", "/search.atom?q=harbour", "/search.rss?q=harbour", "/search.json?q=harbour", "/search.atom?q=fire+topic:world",
			"/stories/x", "/private", "/private/", "/private/topics/world.atom", "/private/world/topics/world.atom", "/private/topics/x", "/websub/x")
		seen := crawl(t, w, tags, "/", look, seeds...)

		// who has been told a name or an id of what is private learns nothing by it
		for _, topic := range []string{"zyxcanary-papers", "zyxcanary-old", "zyxcanary-none"} {
			for _, guess := range []string{"/topics/%s", "/topics/%s.atom", "/topics/%s.json", "/topics/%s/archive/1.atom", "/topics/%s.atom?before=9", "/private/Kn4rienvogel-0123456788/topics/%s.atom"} {
				path := fmt.Sprintf(guess, topic)
				none := strings.Replace(path, topic, "nothing", 1)
				r, err := w.running.public.get(path, nil)
				like, err2 := w.running.public.get(none, nil)
				if err != nil || err2 != nil || r.status != http.StatusNotFound || r.status != like.status || !bytes.Equal(r.body, like.body) {
					t.Errorf("%s: %d %s, %v, %v; as if it were not there: %d %s", path, r.status, r.body, err, err2, like.status, like.body)
				}
				look(path, r)
			}
		}
		if err := w.until(time.Now().Add(time.Minute)); err != nil { // whoever guessed so often is not let in before
			t.Fatal(err)
		}
		for _, id := range privateStories(t, w) {
			r, err := w.running.public.get("/stories/"+id, nil)
			if err != nil {
				t.Fatal(err)
			}
			look("/stories/"+id, r)
		}
		for _, edition := range []string{"/topics/zyxcanary-papers.atom", "/private/" + token + "/topics/zyxcanary-papers.atom"} {
			form := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {"https://feeds.example" + edition}, "hub.callback": {"http://reader.example/cb"}}
			r, err := w.running.public.post("/hub", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
			if err != nil || r.status != http.StatusBadRequest {
				t.Errorf("subscribed to %s: %d, %v", edition, r.status, err)
			}
			look("/hub", r)
		}

		for question, want := range map[string]bool{
			"harbour": true, canary: false, "source:zyxcanary-paid": false, "source:zyxcanary": false, "topic:zyxcanary-papers": false, "harbour zyxcanary": false,
		} {
			r, err := w.running.public.get("/search.atom?q="+url.QueryEscape(question), nil)
			if err != nil || r.status != http.StatusOK || strings.Contains(string(r.body), "<entry") != want {
				t.Errorf("search %s: %d, %v\n%s", question, r.status, err, r.body)
			}
		}

		// and the crawl has been to what there is
		for _, want := range []string{"/topics/world", "/topics/world/archive/2.rss", "/topics/ruled.json", "/topics/each.atom", "/sources.opml"} {
			if !slices.Contains(seen, want) {
				t.Errorf("never asked for %s", want)
			}
		}
		stories := slices.ContainsFunc(seen, func(path string) bool { return strings.HasPrefix(path, "/stories/") && len(path) > 20 })
		f, err := w.running.public.get("/topics/ruled.atom", nil)
		if err != nil || !strings.Contains(string(f.body), "The harbour fire") || !strings.Contains(string(f.body), "Fire at the harbour") || !stories || deltas == 0 {
			t.Errorf("stories %v, %d deltas, %v\n%s", stories, deltas, err, f.body)
		}
	})
}

// privateStories are the ids of the stories in the private topic.
func privateStories(t *testing.T, w *world) (ids []string) {
	t.Helper()
	for _, part := range []string{".atom", "/archive/1.atom", "/archive/2.atom"} {
		r, err := w.running.public.get("/private/"+token+"/topics/zyxcanary-papers"+part, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.status != http.StatusOK {
			t.Fatalf("%s: status %d", part, r.status)
		}
		for _, m := range regexp.MustCompile(`<id>urn:uuid:([^<]*)</id>`).FindAllSubmatch(r.body, -1) {
			ids = append(ids, string(m[1]))
		}
	}
	return ids
}

func TestAPrivateTopicShowsAllToWhoHasItsToken(t *testing.T) {
	inPrivateWorld(t, func(t *testing.T, w *world, tags string) {
		under := "/private/" + token
		held := map[string]bool{}
		seen := crawl(t, w, tags, under+"/", func(path string, r reading) {
			text := string(r.body)
			held[path] = held[path] || strings.Contains(strings.ToLower(text), canary)
			if strings.Contains(text, secretKey) {
				t.Errorf("%s shows the address of a source", path)
			}
			age := r.header.Get("Cache-Control")
			switch {
			case r.status >= 400:
				t.Errorf("%s: status %d", path, r.status)
			case r.status == http.StatusOK && !strings.HasPrefix(age, "private, "),
				r.header["Access-Control-Allow-Origin"] != nil, r.header["Link"] != nil,
				r.header.Get("Referrer-Policy") != "no-referrer", r.header.Get("X-Robots-Tag") != "noindex",
				strings.Contains(text, `rel="hub"`):
				t.Errorf("%s: %v", path, r.header)
			}
		}, under+"/topics/zyxcanary-papers", under+"/topics/zyxcanary-old.atom")
		for _, want := range []string{
			"/topics/zyxcanary-papers", "/topics/zyxcanary-papers.atom", "/topics/zyxcanary-papers.rss", "/topics/zyxcanary-papers.json", "/topics/zyxcanary-papers/archive/1.atom",
		} {
			if !held[under+want] {
				t.Errorf("%s: not asked for, or without the canary; %q", want, seen)
			}
		}
		stories := 0
		for path, has := range held {
			if has && strings.HasPrefix(path, under+"/stories/") {
				stories++
			}
		}
		if stories == 0 {
			t.Errorf("no page of a story has the canary: %q", seen)
		}
	})
}
