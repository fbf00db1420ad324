// Package search answers which stories say something: the language that
// readers and operators ask in, and the indexes that answer.
//
// A question is a [Query]: words, "phrases in quotes", and what a word is said
// of, each of which a minus in front turns round. The unit that meets a query is
// one member of a story, a [Text]: all the words of a question are found in what
// one publisher wrote, never half here and half there, so that what one reader may
// not see can answer for no other. A story meets a query if one of its members does.
//
// The same words are compared everywhere. Text is folded (no case, no accents, no
// widths) and cut into units: words, and single characters in scripts that
// write no spaces. Nothing is stemmed: whoever wants "elections" too must say so, and
// nobody is shown what was not asked for. [Query.Meets] is the definition of an
// answer; [Memory] asks it of every text, and [Disk] finds the same stories with
// an inverted index of bleve, which knows what words a text has; whether they stand
// in a row it sees in the text. Package searchtest holds both to it.
//
// An index can be lost without harm. It keeps ids only, and a [Mark] that says of
// which store it is and how much of that store it has seen; package desk builds it
// from the store and brings it up to date.
//
// Begin with query.go. The build tag nosearch leaves [Disk] out, and with it bleve.
package search
