package story

import (
	"strings"

	"copydesk"
	"copydesk/story/alike"
)

// Evidence returns what links entry to others by its address, step 3 of the
// identity ladder. Others are the entries that the store has at that address; those
// that are no evidence are passed over, as are those too far apart under
// different headlines: some addresses, such as /results, have another article
// every month. A part of a page (/live#7) is the same as the page, or as another
// part, only where the headlines say so. Steps 4 to 6 are [alike.Window.Evidence].
func Evidence(entry copydesk.Entry, others []copydesk.Entry, r alike.Reach) (found []copydesk.Evidence) {
	many := crowded(entry.Canonical, append(others[:len(others):len(others)], entry))
	for _, other := range others {
		if other.ID == entry.ID || other.Source == entry.Source || many[other.Source] || many[entry.Source] {
			continue
		}
		if sameAddress(entry, other) && samePart(entry, other) && (entry.Title == other.Title || entry.NewsTime().Sub(other.NewsTime()).Abs() <= r.Copies) {
			found = append(found, copydesk.Evidence{
				Step: copydesk.StepSameAddress, With: other.ID, Score: 1,
				Why: whyAddress(entry.Canonical),
			})
		}
	}
	return found
}

func whyAddress(canonical string) string { return "the same address, " + canonical }

// Crowd returns the entries, of others, that an entry's source has at its address
// beside it. If there are some, the address is no evidence for them: [OfCrowd].
func Crowd(entry copydesk.Entry, others []copydesk.Entry) (crowd []copydesk.EntryID) {
	for _, other := range others {
		if other.ID != entry.ID && other.Source == entry.Source && sameAddress(entry, other) {
			crowd = append(crowd, other.ID)
		}
	}
	return crowd
}

func sameAddress(a, b copydesk.Entry) bool { return a.Canonical != "" && a.Canonical == b.Canonical }

// samePart reports whether the links of two entries lead to one part of a page,
// or their headlines tell of one thing: half of the shorter is in the longer.
func samePart(a, b copydesk.Entry) bool {
	if fragment(a.Link) == fragment(b.Link) {
		return true
	}
	return alike.SameHeadline(a.Title, b.Title)
}

// fragment is that of an address, "" if it only tracks: "#xtor=RSS-3".
func fragment(link string) string {
	_, part, _ := strings.Cut(link, "#")
	if strings.Contains(part, "=") {
		return ""
	}
	return part
}

// crowded names the sources that have several entries at the address. For them
// it stands for more than one entry (a live page, a section), and is no key.
func crowded(canonical string, entries []copydesk.Entry) map[copydesk.SourceID]bool {
	holders := map[copydesk.SourceID]copydesk.EntryID{}
	many := map[copydesk.SourceID]bool{}
	for _, e := range entries {
		if e.Canonical != canonical {
			continue
		}
		if first, ok := holders[e.Source]; ok && first != e.ID {
			many[e.Source] = true
		}
		holders[e.Source] = e.ID
	}
	return many
}
