// Package copydesk is the vocabulary of a daemon that polls publishers' feeds
// and serves one merged, clean feed per topic.
//
// In a newsroom the copy desk takes the wire from many agencies, cleans it,
// sees that two dispatches are one story, and sends one clean version to each
// section. The words here are that work's nouns, one file each:
//
//   - a [Source] is a publisher's feed that we poll: its settings, and what we
//     remember of it;
//   - a [Document] is one fetched representation of a source, a [Feed] a parsed
//     document;
//   - an [Entry] is one item of one source; a [Revision] is one of its texts
//     over time, and a [Change] is what a document said of it that was news
//     to us;
//   - [Habits] are what a source puts around its texts, learned from them, and a
//     [Credit] is where an entry says that it was taken from;
//   - a [Story] is the entries, its [Member]s, that tell the same news; its
//     lead is the member it is credited to, and [Evidence] is what links two
//     of them;
//   - a [Topic] is what we publish, its edition the published document at one
//     moment, an [Item] one story as an edition shows it;
//   - an [Outcome] is what a poll came to.
//
// The package holds values and the rules that belong to a single noun. It does
// no I/O, never asks for the time, and imports only the standard library. The
// stages that move these values (fetcher, normalize, story, topic, db, publish)
// import this package and never each other; package desk joins them.
//
// Values, in this order, decide every question that the code leaves open: lose
// no entry; never merge what is not the same; be polite to publishers; show a
// story once; be simple to run; be fast; be simple to read.
package copydesk
