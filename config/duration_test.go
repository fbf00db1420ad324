package config

import (
	"testing"
	"time"
)

func TestALengthOfTimeMayHaveDays(t *testing.T) {
	for _, test := range []struct {
		text string
		want time.Duration
		err  string
	}{
		{text: "400d", want: 400 * day},
		{text: "1d12h", want: 36 * time.Hour},
		{text: "24h", want: day},
		{text: "1h30m", want: 90 * time.Minute},
		{text: "1.5h", want: 90 * time.Minute},
		{text: "2s", want: 2 * time.Second},
		{text: "0", want: 0},
		{text: "0d", want: 0},
		{text: "106751d", want: 106751 * day},
		{text: "106752d", err: "is too long"},
		{text: "106751d24h", err: "is too long"},
		{text: "99999999999999999999h", err: "is no length of time"},
		{text: "", err: "is no length of time"},
		{text: "d", err: "is no length of time"},
		{text: "1.5d", err: "is no length of time"},
		{text: "1h1d", err: "is no length of time"},
		{text: "1y", err: "is no length of time"},
		{text: "60", err: "is no length of time"},
		{text: "-1h", err: "is negative"},
		{text: "-1d", err: "is negative"},
		{text: "1d-1h", err: "is negative"},
	} {
		got, err := ParseDuration(test.text)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if got != test.want || said != test.err {
			t.Errorf("%q: %v %q, want %v %q", test.text, got, said, test.want, test.err)
		}
	}
}
