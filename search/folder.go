package search

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Errors of opening an index.
var (
	ErrDamaged = errors.New("the search index is damaged")
	ErrForeign = errors.New("not a search index")
	ErrLeftOut = errors.New("this copydesk was built without search (tag nosearch)")
)

// An index is a folder of files whose names end so: the segments, and the list
// of those that count.
const (
	segments = ".zap"
	listName = "root.bolt"
)

// files returns the names of the files in the folder at path; none if there is
// no such folder. What is not of an index is an error, so that nothing of
// anybody else's is ever read as one, or removed.
func files(path string) (names []string, err error) {
	list, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, f := range list {
		if !f.Type().IsRegular() || filepath.Ext(f.Name()) != segments && f.Name() != listName {
			return nil, fmt.Errorf("%w: %s is in it; name another [search] path, a folder for nothing else", ErrForeign, f.Name())
		}
		names = append(names, f.Name())
	}
	return names, err
}

// Clear removes the index in the folder at path, which nobody may have open.
// It refuses, and removes nothing, if anything else is there.
func Clear(path string) error {
	names, err := files(path)
	if err != nil {
		return fmt.Errorf("clear search index %s: %w", path, err)
	}
	for _, name := range names {
		if err := os.Remove(filepath.Join(path, name)); err != nil {
			return fmt.Errorf("clear search index: %w", err)
		}
	}
	return nil
}
