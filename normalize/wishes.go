package normalize

import (
	"strconv"
	"strings"
	"time"
)

// What a publisher says in its document of when it wants to be asked.

func ttl(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// periods are those of the syndication module, in minutes.
var periods = map[string]int{
	"hourly": 60, "daily": 24 * 60, "weekly": 7 * 24 * 60, "monthly": 30 * 24 * 60, "yearly": 365 * 24 * 60,
}

// every is the time between two issues in minutes, by the module's own defaults
// (daily, and once) where it says one half only; zero if it says neither, or
// nothing that can be read. Less than a minute is a minute.
func (x extras) every() int {
	period, often := strings.ToLower(x.text("sy", "updateperiod")), x.text("sy", "updatefrequency")
	if period == "" && often == "" {
		return 0
	}
	if period == "" {
		period = "daily"
	}
	times := 1
	if n, err := strconv.Atoi(often); err == nil && n > 0 {
		times = n
	}
	if periods[period] == 0 {
		return 0
	}
	return max(periods[period]/times, 1)
}

// skipHours has bit n for hour n. Some count from 1 to 24, where 24 is
// midnight.
func skipHours(hours []string) (bits uint32) {
	for _, s := range hours {
		if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n >= 0 && n <= 24 {
			bits |= 1 << (n % 24)
		}
	}
	return bits
}

// skipDays has bit n for weekday n, from Sunday. Some shorten the names.
func skipDays(days []string) (bits uint8) {
	for _, s := range days {
		s = strings.ToLower(strings.TrimSpace(s))
		for d := time.Sunday; d <= time.Saturday; d++ {
			if len(s) >= 3 && strings.HasPrefix(strings.ToLower(d.String()), s) {
				bits |= 1 << d
			}
		}
	}
	return bits
}
