// Package fetcher decides when to ask a publisher for its feed, and asks,
// politely.
//
// It promises publishers: requests that are conditional whenever we hold
// validators, which go back byte for byte; at most one request at a time to a
// host and a pause before the next; no request before the time that the
// publisher named in Retry-After, Cache-Control, Expires, ttl or
// sy:updatePeriod, nor in its skipHours and skipDays, nor before min_interval
// unless the publisher itself allows it; no request to any source of a host that
// answered 429 before its time; no cookie, no Referer, no query of our own; a
// User-Agent that says who asks. Within that it spends requests where news is
// likely, by what polls have shown of each source's rhythm, and all together no
// more than one for each source and hour. It promises operators
// that no feed can lead us to a private address they did not name, fill the
// memory, or hold up the others by hanging, nor many at once by answering, and
// it promises the stages behind it that a body is whole: a transfer that was cut
// off is an error, never a shorter document.
//
// It does not read documents, and it keeps nothing: what it remembers of a
// source is in the [copydesk.Source] that its caller stores. Trouble at a
// publisher is never a Go error but a [copydesk.Outcome] with a reason.
//
// Package websub, below, has hubs push where a source names one; then polls are few.
//
// Begin with [Client.Fetch], one request; then [Judge], [NextPoll] and [After],
// the pure decisions about its answer, and [Price], what they are to cost; then [Agenda], which sources to ask now;
// and [Poller], the loop that does nothing but wait for them.
package fetcher
