package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong with a configuration: what, where, and what
// to do about it.
type Error struct {
	File    string // as the caller named it
	Line    int    // from 1; 0 if the file as a whole is meant
	Column  int    // from 1, in characters; 0 if Line is
	Message string
	Hint    string // what to do; may be empty

	cause error
}

// Error returns the error in the form that editors and terminals can follow:
// "copydesk.toml:12:3: message (hint: what to do)".
func (e Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	if e.Hint != "" {
		fmt.Fprintf(&b, " (hint: %s)", e.Hint)
	}
	return b.String()
}

// Unwrap returns the operating system's error if there was one.
func (e Error) Unwrap() error { return e.cause }

// Errors is everything that is wrong with a configuration, sorted by position.
// It is never empty where it is returned as an error.
type Errors []Error

// Error returns the errors, one per line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors one by one.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, err := range e {
		list[i] = err
	}
	return list
}

func (e Errors) sort() {
	slices.SortStableFunc(e, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
