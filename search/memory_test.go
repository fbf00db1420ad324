package search_test

import (
	"testing"

	"copydesk/search"
	"copydesk/search/searchtest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	searchtest.Run(t, func(*testing.T) searchtest.Index { return search.NewMemory() })
}
