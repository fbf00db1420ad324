package story

import (
	"slices"
	"testing"
)

func TestACreditSpeaksOfTheTextItself(t *testing.T) {
	for markup, want := range map[string]string{
		`<p>The river rose.</p><p>The post Why the post office sank. Again! appeared first on Tide Wire.</p>`: "tidewire",
		`The river rose […] The post Rivers appeared first on Tide Wire.`:                                     "tidewire",
		`<p>The river rose.</p><p>The article Rivers appeared first on Tide Wire.</p>`:                        "tidewire",
		`<p>The river rose. This story by J. Roe first appeared in Tide Wire.</p>`:                            "tidewire",
		`<p>The river rose. (A version of this article, which first appeared on tidewire.example.)</p>`:       "tidewireexample",
		"<p>The river rose</p>\n<p><em>Originally published on\nTide Wire</em></p><p>Share</p>":               "tidewire",
		`<p>The river rose.</p><p>(First published by Tide Wire.)</p>`:                                        "tidewire",
		`<p>Republished from Tide Wire.</p>`:                                                                  "tidewire",
		`<p>Der Fluss stieg.</p><p>Der Beitrag Was nun? erschien zuerst auf Tide Wire.</p>`:                   "tidewire",
		`<p>Dieser Text erschien zuerst bei Tide Wire.</p>`:                                                   "tidewire",
		`<p>Il fiume sale.</p><p>L’articolo Fiumi proviene da Tide Wire.</p>`:                                 "tidewire",
		`<p>河水上涨。</p><p>本文最初发表于潮报。</p>`:                                                                       "潮报",
		`<p>河水上涨。</p><p>原文发表于潮报。</p>`:                                                                         "潮报",
		`<p>“The river rose.” İzmir: The post İzmir rises appeared first on Tide Wire.</p>`:                   "tidewire",
		// These speak of something else.
		`<p>His essay on rivers first appeared in Tide Wire last year.</p>`:                       "",
		`<p>This article is long. His essay on rivers first appeared in Tide Wire last year.</p>`: "",
		`<p>She left the post in May. The photograph appeared first on Tide Wire.</p>`:            "",
		`<p>Her column for The Post first appeared in Tide Wire.</p>`:                             "",
		`<p>The river rose.</p><p>Originally published in Tide Wire, the poem is now a song.</p>`: "",
		"<p>It was a novel,\nfirst published by Tide Wire</p>":                                    "",
		"It was a novel,\nfirst published by Tide Wire":                                           "",
		`<p>The article on rivers first appeared in Tide Wire and drew complaints.</p>`:           "",
		`<p>Das Bild erschien zuerst auf Tide Wire.</p>`:                                          "",
		`<p>Il legno proviene da Trieste.</p>`:                                                    "",
	} {
		var all []string
		if want != "" {
			all = []string{want}
		}
		text := plain(markup)
		names, rest := creditsIn(text)
		if !slices.Equal(names, all) || (rest == text) != (want == "") {
			t.Errorf("%s: credits %q, leaves %q", markup, names, rest)
		}
	}
}

func TestAnAddressIsCreditedByItsHost(t *testing.T) {
	names, _ := creditsIn("The river rose.\nOriginally published at https://www.tidewire.example/rivers?id=7.")
	if !slices.Equal(names, []string{"tidewireexample"}) {
		t.Errorf("credits %q", names)
	}
}
