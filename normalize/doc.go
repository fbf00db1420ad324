// Package normalize reads what publishers really send: bytes in, clean entries
// out. It never asks for the time, never opens a connection and remembers
// nothing, so what it says of a document depends on the document alone.
//
// [Parse] turns a document into a feed in four steps, one file each:
//
//   - charset.go: the bytes become UTF-8, by byte order mark, Content-Type,
//     declaration, in that order, or by what they look like;
//   - scan.go and clean.go: a forgiving scanner reads the markup and writes a
//     new document that is always well-formed, holds only the elements we know,
//     under the prefixes that we know, with absolute addresses, and ends after
//     the last complete entry. No input gets past it that could hurt a parser:
//     depth, sizes and counts are bounded here;
//   - gofeed reads that document, in which numbers stand for the texts (see
//     aside.go); rss.go, atom.go and jsonfeed.go take what it found into our
//     vocabulary;
//   - html.go, text.go, date.go, author.go and url.go clean the values: one
//     policy for HTML, plain titles, dates that exist or are absent.
//
// A repair never makes a feed unusable. It is named in Feed.Warnings, and where
// something was lost Feed.Partial says so. What is no feed at all is a
// [NotAFeed] with the reason for people.
//
// [Decide] is steps 0 to 2 of the identity ladder: it compares a feed with what
// the store remembers and says what is new, what was revised and what is only
// known under a further name. [Keys] says what to ask the store for first. An
// item whose bytes are those that the entry was read from is never a revision:
// software that reads them differently has no news.
//
// Boilerplate stays in: [Strip] removes it on the way out, by what [Learn] knows of
// the source. What credit lines say is kept in the entry: [Credits] is the only reader
// of the sentences by which texts say where they come from.
package normalize
