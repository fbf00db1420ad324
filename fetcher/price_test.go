package fetcher

import (
	"fmt"
	"testing"
	"time"

	"copydesk"
)

func crowd(n int, perHour float32) (all []copydesk.Source) {
	for i := range n {
		src := copydesk.Source{ID: copydesk.SourceID(fmt.Sprint(i)), Rhythm: even(perHour)}
		src.LastPoll, src.Asked = noon, fadeAfter
		all = append(all, src)
	}
	return all
}

func TestWhatBusySourcesCostOthersPay(t *testing.T) {
	least := simPolicy.leastPrice()
	busy, idle := crowd(10, 20), crowd(30, 0.01)
	for _, tt := range []struct {
		name        string
		sources     []copydesk.Source
		least, most time.Duration
	}{
		{"nobody", nil, least, least},
		{"quiet sources leave requests over", idle, least, least},
		{"busy ones among quiet ones have what those leave", append(busy, idle...), least, least},
		{"busy ones alone are asked hourly", busy, 8 * time.Hour, 14 * time.Hour},
	} {
		if got := Price(tt.sources, simPolicy, noon); got < tt.least || got > tt.most {
			t.Errorf("%s: %s, want %s to %s", tt.name, got, tt.least, tt.most)
		}
	}
	if got := Price(busy, Policy{}, noon); got != (Policy{}).orDefaults().leastPrice() {
		t.Errorf("a floor of an hour keeps the budget by itself, but the price is %s", got)
	}
}

func TestWhatWasAskedTooMuchIsTakenBack(t *testing.T) {
	fair, spent, wished := crowd(10, 20), crowd(10, 20), crowd(10, 20)
	for i := range spent {
		spent[i].Asked *= 1.1
		wished[i].Feed.TTL = 90
	}
	normal := Price(fair, simPolicy, noon)
	if got := Price(spent, simPolicy, noon); got < 2*normal {
		t.Errorf("a tenth too many requests make the price %s instead of %s", got, normal)
	}
	if got := Price(spent, simPolicy, noon.Add(3*time.Hour)); got > normal*101/100 {
		t.Errorf("three hours without a request later the price is %s instead of %s", got, normal)
	}
	if got := Price(wished, simPolicy, noon); got != simPolicy.leastPrice() {
		t.Errorf("sources that want to be asked seldom leave requests over, but the price is %s", got)
	}
}

func TestTheCountOfRequestsIsThatOfMeanIntervals(t *testing.T) {
	src := copydesk.Source{ID: "a"}
	o := copydesk.Outcome{Verdict: copydesk.Failed}
	now := noon
	for range 200 {
		src = After(src, Answer{}, o, false, Found{}, Policy{}, now)
		now = now.Add(time.Hour)
	}
	if src.Asked < fadeAfter || src.Asked > fadeAfter+1 {
		t.Errorf("asked once an hour, counted %v", src.Asked)
	}
}

func BenchmarkPriceOfAThousandSources(b *testing.B) {
	all := crowd(1000, 3)
	for b.Loop() {
		Price(all, simPolicy, noon)
	}
}
