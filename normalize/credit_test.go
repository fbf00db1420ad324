package normalize

import (
	"fmt"
	"slices"
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
		`<p>Text.</p><p>Source: Reuters</p>`:                                                 {{Publisher: "Reuters", In: copydesk.InByline}},
		`<p>文章。</p><p>来源：新华社</p>`:                                                            {{Publisher: "新华社", In: copydesk.InByline}},
		`<p>Text.</p><p>Via Reuters</p>`:                                                     {{Publisher: "Reuters", In: copydesk.InByline}},
		`<p>Text. (via Reuters)</p>`:                                                         {{Publisher: "Reuters", In: copydesk.InByline}},
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
		got, _ := Credits(text)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", html, diff)
		}
		text.Content, text.Summary = "", html
		got, _ = Credits(text)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("as summary: %s\n(-want +got):\n%s", html, diff)
		}
	}
}

// What is surely of the text itself goes; what is as likely as that is kept, and told.
func TestACreditSpeaksOfTheTextItself(t *testing.T) {
	firsts := []string{"The river rose.", "The river rose […]", "Der Fluss stieg.", "Il fiume sale.", "El río crece.", "Le fleuve monte.", "O rio sobe.",
		"De rivier stijgt.", "河水上涨。", "川が増水した。", "ارتفع النهر.", "नदी बढ़ गई।"} // sentences, which stay
	for _, c := range []struct {
		html, publisher string
		goes            bool
	}{
		{`<p>The river rose.</p><p>The post Why the post office sank. Again! appeared first on Tide Wire.</p>`, "Tide Wire", true},
		{`The river rose […] The post Rivers appeared first on Tide Wire.`, "Tide Wire", false},
		{`The river rose […] The post What rivers are for appeared first on Tide Wire.`, "Tide Wire", true},
		{`<p>The river rose.</p><p>The article Rivers appeared first on Tide Wire.</p>`, "Tide Wire", true},
		{`<p>The river rose. This story by J. Roe first appeared in Tide Wire.</p>`, "Tide Wire", true},
		{`<p>The river rose. This essay, by Jane Roe, was first published by Tide Wire in 2019.</p>`, "Tide Wire", true},
		{`<p>The river rose. (A version of this article, which first appeared on tidewire.example.)</p>`, "tidewire.example", true},
		{`<p>The river rose. An earlier version of this column was originally published in the Tide Wire.</p>`, "Tide Wire", true},
		{`<p>The river rose.</p><p>Portions of this article originally appeared on Tide Wire.</p>`, "Tide Wire", true},
		{"<p>The river rose</p>\n<p><em>Originally published on\nTide Wire</em></p><p>Share</p>", "Tide Wire", false},
		{`<p>The river rose.</p><p>(First published by Tide Wire.)</p>`, "Tide Wire", true},
		{`<p>The river rose.</p><p>*Originally published in Tide Wire, 3 May 2020.*</p>`, "Tide Wire", true},
		{`<p>The river rose.</p><p>Originally published by Tide Wire, a nonprofit newsroom.</p>`, "Tide Wire", true},
		{`<p>The river rose.</p><p>Editor’s note: This post first appeared on Tide Wire.</p>`, "Tide Wire", true},
		{`<p>The river rose. Editor's note: This post first appeared on Tide Wire.</p>`, "Tide Wire", true},
		{`<p>“The river rose.” İzmir: The post İzmir rises appeared first on Tide Wire.</p>`, "Tide Wire", false},
		{`<p>The river rose. This article first appeared on Tide Wire. Sign up for its letter. It is free.</p>`, "Tide Wire", false},
		{`<p>The river rose.</p><p>Republished from Tide Wire.</p>`, "Tide Wire", true},
		{`<p>The river rose.</p><p>Syndicated from Tide Wire.</p>`, "Tide Wire", true},
		{`<p>The river rose.</p><p>Reposted with permission from Tide Wire.</p>`, "Tide Wire", true},
		{`<p>The river rose. This report was syndicated from Tide Wire.</p>`, "Tide Wire", true},
		{`<p>Der Fluss stieg.</p><p>Der Beitrag Was nun? erschien zuerst auf Tide Wire.</p>`, "Tide Wire", true},
		{`<p>Der Fluss stieg.</p><p>Dieser Text erschien zuerst bei Tide Wire.</p>`, "Tide Wire", true},
		{`<p>Der Fluss stieg. Dieses Interview ist zuerst erschienen bei Tide Wire.</p>`, "Tide Wire", true},
		{`<p>Der Fluss stieg.</p><p>Zuerst erschienen auf Tide Wire.</p>`, "Tide Wire", true},
		{`<p>Il fiume sale.</p><p>L’articolo Fiumi proviene da Tide Wire.</p>`, "Tide Wire", true},
		{`<p>Il fiume sale. Questo articolo proviene da Tide Wire.</p>`, "Tide Wire", true},
		{`<p>El río crece. Este artículo apareció primero en Tide Wire.</p>`, "Tide Wire", true},
		{`<p>El río crece. Esta nota fue publicada originalmente por Tide Wire.</p>`, "Tide Wire", true},
		{`<p>El río crece.</p><p>Publicado originalmente en Tide Wire.</p>`, "Tide Wire", true},
		{`<p>Le fleuve monte. Cet article de J. Roe est apparu en premier sur Tide Wire.</p>`, "Tide Wire", true},
		{`<p>Le fleuve monte. Ce texte a été publié initialement sur Tide Wire.</p>`, "Tide Wire", true},
		{`<p>Le fleuve monte.</p><p>Publié initialement sur Tide Wire.</p>`, "Tide Wire", true},
		{`<p>O rio sobe. Este artigo foi publicado primeiro em Tide Wire.</p>`, "Tide Wire", true},
		{`<p>O rio sobe. Esta matéria apareceu primeiro em Tide Wire.</p>`, "Tide Wire", true},
		{`<p>De rivier stijgt. Dit artikel verscheen eerst op Tide Wire.</p>`, "Tide Wire", true},
		{`<p>河水上涨。</p><p>本文最初发表于潮报。</p>`, "潮报", true},
		{`<p>河水上涨。</p><p>原文发表于潮报。</p>`, "潮报", true},
		{`<p>河水上涨。此文最初发表于潮报。</p>`, "潮报", true},
		{`<p>川が増水した。</p><p>初出：潮新聞</p>`, "潮新聞", true},
		{`<p>ارتفع النهر. هذا المقال نُشر أولاً في صحيفة المد.</p>`, "صحيفة المد", true},
		{`<p>ارتفع النهر. هذه المقالة نشرت لأول مرة في صحيفة المد.</p>`, "صحيفة المد", true},
		{`<p>नदी बढ़ गई। यह लेख सबसे पहले ज्वार समाचार पर प्रकाशित हुआ।</p>`, "ज्वार समाचार", true},
		{`<p>नदी बढ़ गई। यह खबर सबसे पहले प्रकाशित हुई ज्वार समाचार</p>`, "ज्वार समाचार", true},
		// These speak of something else.
		{`<p>His essay on rivers first appeared in Tide Wire last year.</p>`, "", false},
		{`<p>This article is long. His essay on rivers first appeared in Tide Wire last year.</p>`, "", false},
		{`<p>She left the post in May. The photograph appeared first on Tide Wire.</p>`, "", false},
		{`<p>Her column for The Post first appeared in Tide Wire.</p>`, "", false},
		{`<p>The river rose.</p><p>Originally published in Tide Wire, the poem is now a song.</p>`, "", false},
		{`<p>The river rose. Originally published in Tide Wire. It was a poem.</p>`, "", false},
		{"<p>It was a novel,\nfirst published by Tide Wire</p>", "", false},
		{"It was a novel,\nfirst published by Tide Wire", "", false},
		{`<p>The article on rivers first appeared in Tide Wire and drew complaints.</p>`, "", false},
		{`<p>The river rose. This post was originally published in May 2020 and has been updated.</p>`, "", false},
		{`<p>This article is about a novel that was first published by Tide Wire.</p>`, "", false},
		{`<p>The river rose. He wrote: “This story first appeared on Tide Wire.” Nobody knew.</p>`, "", false},
		{`<p>Das Bild erschien zuerst auf Tide Wire.</p>`, "", false},
		{`<p>Il legno proviene da Trieste.</p>`, "", false},
		{`<p>本文最初发表于潮报。更多内容请关注我们。</p>`, "", false},
		{`<p>本书最初由潮报发表。作家本人发表于昨天的讲话。</p>`, "", false},
	} {
		text := copydesk.Text{Title: "What rivers are for", Content: c.html}
		var want []copydesk.Credit
		got, rewritten := Credits(text)
		for i := range got {
			got[i].Title = ""
		}
		if c.publisher != "" {
			want = []copydesk.Credit{{Publisher: c.publisher}}
		}
		if diff := cmp.Diff(want, got); diff != "" || rewritten {
			t.Errorf("%s: rewritten %v\n%s", c.html, rewritten, diff)
		}
		left, _ := Strip(copydesk.Entry{Text: text}, copydesk.Habits{})
		if rest := plainText(left.Content); !c.goes && left.Content != c.html || c.goes && !slices.Contains(firsts, rest) {
			t.Errorf("%s: leaves %s", c.html, rest)
		}
	}
}

// Who names nobody is no credit to anybody, but did not have it first.
func TestATextSaysThatItWasMadeFromThoseOfOthers(t *testing.T) {
	for html, want := range map[string]bool{
		`<p>It rose.</p><p>This article was created based on information from various sources and rewritten for clarity and originality.</p>`: true,
		`<p>It rose. This story is based on information from various sources.</p>`:                                                            true,
		`<p>It rose. This report was compiled from various sources.</p><p>Share</p>`:                                                          true,
		`<p>It rose.</p><p>(Compiled from various sources)</p>`:                                                                               true,
		`<p>It rose. This article was generated from a press release by a machine. Write to us.</p>`:                                          true,
		`<p>It rose. This story has been rewritten for clarity.</p>`:                                                                          true,
		`<p>Er stieg. Dieser Text wurde auf Grundlage verschiedener Quellen erstellt.</p>`:                                                    true,
		`<p>Creció.</p><p>Con información de diversas fuentes.</p>`:                                                                           true,
		`<p>It rose. The figures were compiled from various sources.</p>`:                                                                     false,
		`<p>It rose. He has been rewritten for clarity, the actor said.</p>`:                                                                  false,
		`<p>It rose. The novel, based on information from various sources, sold well.</p>`:                                                    false,
		`<p>It rose. This story was written by Jane Roe.</p>`:                                                                                 false,
		`<blockquote>This article was generated from various sources.</blockquote>`:                                                           false,
	} {
		credits, rewritten := Credits(copydesk.Text{Title: "What rivers are for", Summary: html})
		if rewritten != want || len(credits) > 0 {
			t.Errorf("%s: %v, credits %+v", html, rewritten, credits)
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
	without.Credits, without.Rewritten = nil, true
	if DigestOf(got) != DigestOf(without) {
		t.Error("credits are part of the digest")
	}
}

func TestWhoNamesNobodyIsNoCreditInWhatParsePrints(t *testing.T) {
	feed, err := Parse(copydesk.Document{URL: "https://copy.example/rss", Body: []byte(`<rss version="2.0"><channel><title>C</title><item><title>One</title><description>` +
		`It rose. This story was compiled from various sources.</description></item><item><title>Two</title><description>It fell.</description></item></channel></rss>`)})
	if err != nil || len(feed.Entries) != 2 || !feed.Entries[0].Rewritten || feed.Entries[1].Rewritten {
		t.Fatalf("%+v, %v", feed.Entries, err)
	}
	out, err := JSON(feed)
	if err != nil || strings.Count(string(out), `"rewritten": true`) != 1 || strings.Contains(string(out), "credits") {
		t.Errorf("%v in %s", err, out)
	}
}

// Each form has a hint, or it would never be looked for.
func TestEveryCreditFormHasAHint(t *testing.T) {
	for _, f := range creditForms {
		if !mayCredit(f.opening + f.rest().String()) {
			t.Errorf("%s%s", f.opening, f.rest())
		}
	}
}
