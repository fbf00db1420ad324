package normalize

import (
	"fmt"
	"strings"
	"testing"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

func TestCreditsAreReadFromTheEndOfTexts(t *testing.T) {
	dw := copydesk.Credit{Title: "New friends", URL: "https://dw.example/a/1", Publisher: "Deutsche Welle", PublisherURL: "https://dw.example/"}
	for html, want := range map[string][]copydesk.Credit{
		`<p>Text.</p><p>The post <a href="https://dw.example/a/1">New friends</a> appeared first on <a href="https://dw.example/">Deutsche Welle</a>.</p>`: {dw},
		// Those who copy strip the links, and put things below.
		`<p>Text.</p><p>The post New friends appeared first on Deutsche Welle.</p><p>Share this</p>`:        {{Title: "New friends", Publisher: "Deutsche Welle"}},
		`<p>Text. The post New friends appeared first on Deutsche Welle.</p>`:                               {{Title: "New friends", Publisher: "Deutsche Welle"}},
		`Text […] The post Another title appeared first on Deutsche Welle.`:                                 {{Title: "Another title", Publisher: "Deutsche Welle"}},
		`<p>This article was originally published by Reuters.</p>`:                                          {{Publisher: "Reuters"}},
		`<p>This story first appeared on <a href="https://dw.example/a/1">Deutsche Welle</a> on 3 May.</p>`: {{URL: "https://dw.example/a/1", Publisher: "Deutsche Welle"}},
		`<p>This <a href="https://dw.example/a/1">article</a> was first published in <a href="https://dw.example/">DW</a>, with permission.</p>`: {
			{URL: "https://dw.example/a/1", Publisher: "DW", PublisherURL: "https://dw.example/"}},
		`<p>This article is republished from <a href="https://tc.example">The Conversation</a> under a Creative Commons license. Read the <a href="https://tc.example/1">original article</a>.</p>`: {
			{URL: "https://tc.example/1", Publisher: "The Conversation", PublisherURL: "https://tc.example"}},
		`<p>Text.</p><p><em>Originally published at <a href="https://me.example/post">me.example</a> on May 5, 2020.</em></p>`: {{URL: "https://me.example/post", Publisher: "me.example"}},
		`<p>Text.</p><p>Source: <a href="https://reuters.example/">Reuters</a></p>`:                                            {{Publisher: "Reuters", PublisherURL: "https://reuters.example/"}},
		`<p>Text.</p><p>Quelle: <a href="https://dw.example/a/1">Deutsche Welle</a></p>`:                                       {{URL: "https://dw.example/a/1", Publisher: "Deutsche Welle"}},
		`<p>Text.</p><p>Read the original article at <a href="https://dw.example/a/1">Deutsche Welle</a>.</p>`:                 {{URL: "https://dw.example/a/1", Publisher: "Deutsche Welle"}},
		`<p>投稿。</p><p>Запись New friends впервые появилась Новости.</p>`:                                                       {{Title: "New friends", Publisher: "Новости"}},
		`<p>Text.</p><p>Source: Reuters</p>`:                                                 {{Publisher: "Reuters"}},
		`<p>文章。</p><p>来源：新华社</p>`:                                                            {{Publisher: "新华社"}},
		`<p>Text.</p><p>Via Reuters</p>`:                                                     {{Publisher: "Reuters"}},
		`<p>Text. (via Reuters)</p>`:                                                         {{Publisher: "Reuters"}},
		`<p>Text.</p><p>Via <a href="https://dw.example/a/1">Deutsche Welle</a></p>`:         {{URL: "https://dw.example/a/1", Publisher: "Deutsche Welle"}},
		`<p>Text.</p><p>Republished with permission from Deutsche Welle.</p>`:                {{Publisher: "Deutsche Welle"}},
		`<p>Text.</p><p>Read the full story at Deutsche Welle.</p>`:                          {{Publisher: "Deutsche Welle"}},
		`<p>Text.</p><p>Originally published at https://www.dw.example/a/1.</p>`:             {{URL: "https://www.dw.example/a/1", Publisher: "dw.example"}},
		`<p>Text.</p><p>This article was originally published at https://dw.example/a/1</p>`: {{URL: "https://dw.example/a/1", Publisher: "dw.example"}},
		// None of these says where the text comes from.
		`<p>This article was created based on information from various sources and rewritten for clarity and originality.</p>`: nil,
		`<p>The novel was first published in Paris.</p>`:                                                                       nil,
		`<p>This story first appeared on the market in 1976.</p>`:                                                              nil,
		`<p>Copyright Reuters</p>`:                        nil,
		`<p>Source: our own count.</p>`:                   nil,
		`<p>Source: Ministry of Trade</p>`:                nil,
		`<p>Via Appia</p>`:                                nil,
		`<p>The ship sails to Lund via Reuters Quay.</p>`: nil,
		`<p>Text.</p><figure><img src="https://a.example/x.png" alt="x"></figure><p>Source: Reuters</p>`: nil,
		`<p>Read the full story below.</p>`:                                          nil,
		`<p>© 2024 Tide Media Group</p>`:                                             nil,
		`<p>Read the original article.</p>`:                                          nil,
		`<blockquote>This article was originally published by Reuters.</blockquote>`: nil,
		strings.Repeat(`<p>First.</p>`, 9) + `<p>Last.</p>`:                          nil,
		`<p>This article was originally published by Reuters.</p>` + strings.Repeat(`<p>And then it went on.</p>`, creditDepth): nil,
	} {
		text := copydesk.Text{Title: "New friends", Link: "https://www.news.example/1", Content: html}
		if diff := cmp.Diff(want, Credits(text)); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", html, diff)
		}
		text.Content, text.Summary = "", html
		if diff := cmp.Diff(want, Credits(text)); diff != "" {
			t.Errorf("as summary: %s\n(-want +got):\n%s", html, diff)
		}
	}
}

func TestACreditStandsInTheParsedEntryAndChangesNoDigest(t *testing.T) {
	const item = `<item><title>New friends</title><link>https://copy.example/1</link><description>%s</description></item>`
	parse := func(description string) copydesk.Text {
		feed, err := Parse(copydesk.Document{URL: "https://copy.example/rss", Body: fmt.Appendf(nil, `<rss version="2.0"><channel><title>C</title>`+item+`</channel></rss>`, description)})
		if err != nil {
			t.Fatal(err)
		}
		return feed.Entries[0].Text
	}
	got := parse("Text [&amp;#8230;] The post New friends appeared first on Deutsche Welle.")
	if want := []copydesk.Credit{{Title: "New friends", Publisher: "Deutsche Welle"}}; !cmp.Equal(got.Credits, want) {
		t.Errorf("got %+v", got.Credits)
	}
	if !strings.HasSuffix(got.Summary, "Deutsche Welle.") {
		t.Errorf("the summary lost its end: %q", got.Summary)
	}
	without := got
	without.Credits = nil
	if DigestOf(got) != DigestOf(without) {
		t.Error("credits are part of the digest")
	}
}

// Each form has a hint, or it would never be looked for.
func TestEveryCreditFormHasAHint(t *testing.T) {
	for _, f := range creditForms {
		if !mayCredit(f.opening + f.rest.String()) {
			t.Errorf("%s%s", f.opening, f.rest)
		}
	}
}
