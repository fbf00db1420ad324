// Package publish is what subscribers read: editions written as Atom, RSS,
// JSON Feed or a page, and the server that hands them out.
//
// It works in steps that know nothing of each other. [Set] sets an item in type:
// a [Galley] is what each format prints of it, and never changes. An [Issue] is
// galleys under a masthead; printing one is a pure function, equal input gives
// equal bytes, on any machine. [Press] compresses those bytes once per coding and
// gives them an entity tag. A [Shelf] holds what was pressed; the handler of
// [NewHandler] takes it from there. So no request for an edition renders or
// compresses anything, and a flood of readers costs what a flood of files would.
// What nobody can foresee (a page of the log, what is new since a version, what
// a search finds) is put together from galleys, a few documents at a time
// (bindery.go and search.go, by way of compose.go).
//
// Whatever publishers write, the output is well-formed and valid: each text is
// cleaned of what XML forbids, each address is absolute and ASCII, dates are
// RFC 3339, every entry has an author and an id. What cannot be made valid is
// left out; nothing is invented. HTML is taken as sanitised: package normalize
// answers for that. Addresses are printed without user names, passwords and
// the query parameters that are usually secrets.
//
// Package hub, below, pushes what is on the shelf to those who subscribe (WebSub).
//
// Begin with proof.go, the one view of an item that all formats print, then
// atom.go, then issue.go.
package publish
