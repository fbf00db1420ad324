package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// ParseDuration reads a length of time as [time.ParseDuration] does, and days
// before it: "400d", "1d12h", "90m", "0". It is never negative.
func ParseDuration(s string) (time.Duration, error) {
	if strings.HasPrefix(s, "-") {
		return 0, errors.New("is negative")
	}
	days, rest, found := strings.Cut(s, "d")
	if !found {
		days, rest = "0", s
	}
	n, err := strconv.ParseUint(days, 10, 64)
	if err != nil {
		return 0, errors.New("is no length of time")
	}
	if n > uint64(math.MaxInt64/day) {
		return 0, errors.New("is too long")
	}
	length := time.Duration(n) * day
	if rest != "" || !found {
		more, err := time.ParseDuration(rest)
		switch {
		case err != nil:
			return 0, errors.New("is no length of time")
		case more < 0:
			return 0, errors.New("is negative")
		case more > math.MaxInt64-length:
			return 0, errors.New("is too long")
		}
		length += more
	}
	return length, nil
}
