//go:build !nosearch

package desk

import "copydesk/search"

// canSearch says whether this program was built with an index.
const canSearch = true

// openIndex opens the index in the folder at path, or makes one.
func openIndex(path string) (Index, error) {
	index, err := search.Open(path)
	if err != nil {
		return nil, err // and no index, not even a nil one
	}
	return index, nil
}
