package alike

import "time"

// Reach is how far apart in news time two entries may be, for them to be one
// story. An operator may set it; what was grouped by another one stays.
type Reach struct {
	Rewrites time.Duration // step 6: the same news in other words; step 4 without any of the text
	Copies   time.Duration // steps 4 and 5, by text; a window keeps its entries for so long
}

// DefaultReach is three days for rewritings, since the same words soon tell
// other news, and two weeks for copies, whose text says what they are.
var DefaultReach = Reach{Rewrites: apartUnit, Copies: 14 * 24 * time.Hour}

// apartUnit is what the score's term for the time between two entries was
// calibrated with. It is no part of the reach: a longer one makes nothing more
// alike.
const apartUnit = 72 * time.Hour
