package story

import "copydesk"

// Evidence returns what links entry to others by its address, step 3 of the
// identity ladder. Others are the entries that the store has at that address; those
// that are no evidence are passed over, as are those too far apart under
// different headlines: some addresses, such as /results, have another article
// every month. Steps 4 to 6 are [Window.Evidence].
func Evidence(entry copydesk.Entry, others []copydesk.Entry, r Reach) (found []copydesk.Evidence) {
	many := crowded(entry.Canonical, append(others[:len(others):len(others)], entry))
	for _, other := range others {
		if other.ID == entry.ID || other.Source == entry.Source || many[other.Source] || many[entry.Source] {
			continue
		}
		if sameAddress(entry, other) && (entry.Title == other.Title || entry.NewsTime().Sub(other.NewsTime()).Abs() <= r.Copies) {
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
