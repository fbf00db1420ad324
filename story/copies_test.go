package story_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/story"
)

// Sites that copy: what they put before and after every article.
var copyists = []struct{ name, before, after string }{
	{"The Harbour Wire", "Share this article with your friends. Reading time: three minutes. Listen to this article in our app.",
		"Do you want more of this? Sign up for our newsletter, follow us wherever you are, and support independent journalism in your region with a small gift every month. All rights reserved."},
	{"Korby Daily Digest", "Advertisement. Scroll to continue reading. This page is updated as we learn more.",
		"Read more from our newsroom: the ten places to see this summer, how to save on your heating, and what our readers wrote to us last week. Terms of use apply."},
	{"Oslavia Today", "", "Our editors choose the best stories of the day for you and send them to your inbox every morning. Unsubscribe at any time. Our privacy notice says how we use what you tell us."},
	{"World in Brief", "You are reading a free article. Members read without interruptions and get the weekly letter.", ""},
}

// TestCopiesOfRealTexts makes a copy of every longer text of two real days: a
// third of its sentences are gone, so are its links, it stands under another
// headline between a site's own furniture, and every other copy arrives first.
func TestCopiesOfRealTexts(t *testing.T) {
	originals := realEntries(t)
	var stream []copydesk.Voice
	of := map[copydesk.EntryID]copydesk.EntryID{} // which entry each copy is of
	for i, v := range originals {
		stream = append(stream, v)
		if c, ok := copyOf(v, i); ok {
			stream = append(stream, c)
			of[c.Entry.ID] = v.Entry.ID
		}
	}
	slices.SortStableFunc(stream, func(a, b copydesk.Voice) int { return a.Entry.FirstSeen.Compare(b.Entry.FirstSeen) })
	b := story.NewBoard()
	for _, v := range stream {
		b.Arrive(v, v)
	}
	byID := map[copydesk.EntryID]copydesk.Voice{}
	for _, v := range originals {
		byID[v.Entry.ID] = v
	}
	found, wrong := 0, 0
	for id, original := range of {
		s := b.StoryOf(id)
		if s.Has(original) {
			found++
		} else {
			t.Logf("a copy is not found: %s", byID[original].Entry.Summary)
		}
		for _, m := range s.Members {
			for _, e := range m.Evidence {
				one, other := originalOf(of, m.Entry), originalOf(of, e.With)
				if e.Step <= copydesk.StepSameText && one != other && runsInCommon(byID[one], byID[other]) < 0.2 {
					wrong++
					t.Errorf("no copies of each other: %s\n%q\n%q", e.Why, byID[one].Entry.Summary, byID[other].Entry.Summary)
				}
			}
		}
	}
	t.Logf("%d entries, %d copies: %d found, %d false", len(originals), len(of), found, wrong)
	if len(of) < 300 || float64(found) < 0.99*float64(len(of)) {
		t.Errorf("of %d copies %d were found", len(of), found)
	}
}

// originalOf is what an entry is a copy of; itself if it is none.
func originalOf(of map[copydesk.EntryID]copydesk.EntryID, id copydesk.EntryID) copydesk.EntryID {
	if original, ok := of[id]; ok {
		return original
	}
	return id
}

// runsInCommon is which part of the shorter of two texts, by its runs of five
// words, is in the other: counted, not estimated.
func runsInCommon(a, b copydesk.Voice) float64 {
	runs := func(v copydesk.Voice) map[string]bool {
		set, words := map[string]bool{}, strings.Fields(unlinked(v.Entry.Summary))
		for i := range max(0, len(words)-4) {
			set[strings.Join(words[i:i+5], " ")] = true
		}
		return set
	}
	inA, inB, both := runs(a), runs(b), 0
	for run := range inA {
		if inB[run] {
			both++
		}
	}
	return float64(both) / float64(max(1, min(len(inA), len(inB))))
}

// realEntries are those of the captured days, their texts as published, with links in many.
func realEntries(t *testing.T) (all []copydesk.Voice) {
	dir := os.Getenv("COPYDESK_CAPTURES")
	if dir == "" {
		t.Skip("COPYDESK_CAPTURES names no directory of real entries")
	}
	days, err := filepath.Glob(filepath.Join(dir, "entries", "*.jsonl"))
	if err != nil || len(days) == 0 {
		t.Fatalf("no entries in %s: %v", dir, err)
	}
	for _, name := range days {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var row struct{ ID, Title, URL, Publisher, Published, Text string }
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, row.Published)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, publishedBy(row.Publisher, row.ID, row.Title, row.Text, at))
		}
	}
	return all
}

func publishedBy(publisher, guid, title, text string, at time.Time) copydesk.Voice {
	id := copydesk.SourceID(publisher)
	return copydesk.Voice{
		Entry: copydesk.Entry{
			ID: copydesk.NewEntryID(id, guid), Source: id, GUID: guid, FirstSeen: at, RevisedAt: at,
			Text: copydesk.Text{Title: title, Summary: text, Language: "en", Published: at},
		},
		Source: copydesk.Source{ID: id, Settings: copydesk.Settings{Publisher: publisher}},
	}
}

// unlinked is a text without its markup.
func unlinked(text string) string {
	for {
		before, rest, ok := strings.Cut(text, "<")
		if !ok {
			return text
		}
		_, after, _ := strings.Cut(rest, ">")
		text = before + " " + after
	}
}

// paragraphs are a text's; its sentences where it has no three of them, and its
// quarters where it has no three of those.
func paragraphs(text string) (parts []string) {
	for part := range strings.SplitSeq(text, "</p>") {
		parts = append(parts, unlinked(part))
	}
	if len(parts) < 3 {
		parts = strings.SplitAfter(unlinked(text), ". ")
	}
	if len(parts) >= 3 {
		return parts
	}
	words := strings.SplitAfter(unlinked(text), " ")
	parts = nil
	for part := range slices.Chunk(words, (len(words)+3)/4) {
		parts = append(parts, strings.Join(part, ""))
	}
	return parts
}

// copyOf is v's text as a site copies it that takes what it finds, if 48 words
// of it are left.
func copyOf(v copydesk.Voice, i int) (copydesk.Voice, bool) {
	parts := paragraphs(v.Entry.Summary)
	rest, less := "", len(parts)/3
	for n, part := range parts {
		if n%3 == i%3 && less > 0 {
			less--
		} else {
			rest += part + " "
		}
	}
	words := strings.Fields(rest)
	if len(words) < 48 {
		return copydesk.Voice{}, false
	}
	site := copyists[i%len(copyists)]
	at := v.Entry.FirstSeen.Add(time.Hour)
	if i%2 == 0 {
		at = v.Entry.FirstSeen.Add(-time.Hour)
	}
	title := "Here is what happened: " + strings.Join(words[10:15], " ")
	return publishedBy(site.name, fmt.Sprint("copy ", i), title, site.before+" "+rest+" "+site.after, at), true
}
