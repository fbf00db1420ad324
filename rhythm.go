package copydesk

import "time"

// Rhythm is when a source publishes, as its own polls have shown: few numbers,
// kept with the source. The fetcher writes and reads it. A zero Rhythm is that
// of a source that was never read.
//
// Its counts fade, so that the source of today outweighs that of last month,
// and have three digits: the third is noise already.
type Rhythm struct {
	Until   time.Time   `json:",omitzero"`  // what follows tells of the hours before this one, which begins here
	Watched int         `json:",omitempty"` // how many hours
	Hours   [24]float32 `json:",omitzero"`  // entries that were published in each hour of the day (UTC)
	Days    [7]float32  `json:",omitzero"`  // entries of each weekday (UTC, from Sunday) as a share of what Hours lets one expect; zero: not known
	Came    float32     `json:",omitempty"` // entries of the last few hours
	Due     float32     `json:",omitempty"` // how many of them were to be expected
	Open    int         `json:",omitempty"` // entries that were published since Until
}

// Window is how much of a source's document is still there at the next reading.
// A publisher that lists its last twenty entries and writes thirty between two
// polls has ten that nobody here will ever see.
type Window struct {
	Listed int           `json:",omitempty"` // entries of the document as last read
	Kept   int           `json:",omitempty"` // how many of the document before it were still listed, in percent
	Reach  time.Duration `json:",omitempty"` // how long to wait at most so that none is lost; zero: no such limit is known
	Losses int           `json:",omitempty"` // readings, ever, at which nothing of the document before was left: entries were lost
	LostAt time.Time     `json:",omitzero"`  // the last of them
}

// HostStop is a publisher's word that all requests to a host shall end for a
// while (429, RFC 6585), kept with the source to which it was said.
type HostStop struct {
	Host  string    `json:",omitempty"` // as the fetcher tells hosts apart
	Until time.Time `json:",omitzero"`
}
