package normalize

import (
	"testing"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

func TestADocumentNamesItsHubsAndItself(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		hubs       []string
		self       string
	}{
		{"Atom", `<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="https://h.example/"/><link rel="self" href="/feed"/><link rel="hub" href="https://i.example/"/><entry><link rel="hub" href="https://no.example/"/><link rel="self" href="/entry"/><title>x</title></entry></feed>`,
			[]string{"https://h.example/", "https://i.example/"}, "https://a.example/feed"},
		{"RSS", `<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>x</title><a:link rel="self" href="https://a.example/feed?a=1&amp;b=2" /><item><title>hub</title></item><a:link href='https://h.example/' rel='hub'></a:link></channel></rss>`,
			[]string{"https://h.example/"}, "https://a.example/feed?a=1&b=2"},
		{"RDF", `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>x</title><atom:link rel="hub" href="https://h.example/"/></channel><item rdf:about="u"><title>t</title></item></rdf:RDF>`,
			[]string{"https://h.example/"}, ""},
		{"JSON Feed", `{"version":"https://jsonfeed.org/version/1.1","title":"x","feed_url":"https://a.example/feed.json","hubs":[{"type":"rssCloud","url":"https://no.example/"},{"type":"WebSub","url":"https://h.example/"}],"items":[]}`,
			[]string{"https://h.example/"}, "https://a.example/feed.json"},
		{"markup that only speaks of hubs", `<rss version="2.0"><channel><title>hub</title><description><![CDATA[<link rel="hub" href="https://no.example/">]]></description><item><description>&lt;link rel="hub" href="https://no.example/"&gt;</description></item></channel></rss>`,
			nil, ""},
		{"what cannot be asked", `<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>x</title><a:link rel="hub" href="javascript:hub"/></channel></rss>`, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			feed, err := Parse(copydesk.Document{URL: "https://a.example/", Body: []byte(tt.text)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.hubs, feed.Hubs); diff != "" || feed.Self != tt.self {
				t.Errorf("self %q, hubs (-want +got)\n%s", feed.Self, diff)
			}
		})
	}
}

func TestAPartProvesNothingOfWhatItDoesNotList(t *testing.T) {
	s := newShelf()
	s.poll(doc(guidItem("rain", "http://a.example/weather", "Rain"), guidItem("http://a.example/?p=1", "", "Snow")))
	before := s.memory(doc(guidItem("rain", "http://a.example/weather", "Rain"), guidItem("http://a.example/?p=1", "", "Snow")))
	if len(before.Entries) != 2 {
		t.Fatalf("%d entries", len(before.Entries))
	}
	for name, part := range map[string]copydesk.Feed{
		"another guid at a known address":   doc(guidItem("wind", "http://a.example/weather", "Wind")),
		"a known guid at another address":   doc(guidItem("rain", "http://a.example/other", "Hail")),
		"a guid that differs in its scheme": doc(guidItem("https://a.example/?p=1", "", "Snow, again")),
	} {
		d := DecidePart(s.src, part, s.memory(part), s.now)
		if len(d.Changes) != 0 || d.Unsure != 1 {
			t.Errorf("%s: %d changes, %d unsure", name, len(d.Changes), d.Unsure)
		}
		if whole := Decide(s.src, part, s.memory(part), s.now); len(whole.Changes) != 1 {
			t.Errorf("%s: as the whole document it makes %d changes", name, len(whole.Changes))
		}
	}
	part := doc(guidItem("rain", "http://a.example/weather", "Rain, revised"), guidItem("fog", "http://a.example/fog", "Fog"))
	if d := DecidePart(s.src, part, s.memory(part), s.now); len(d.Changes) != 2 || d.Unsure != 0 {
		t.Errorf("a revision and a new entry: %+v", d)
	}
}
