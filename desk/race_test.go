//go:build race

package desk_test

// racing reports whether the race detector watches, which makes everything
// several times slower.
const racing = true
