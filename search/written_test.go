//go:build !nosearch

package search

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// A written text is asked instead of its units, so it must know the same
// phrases.
func TestAWrittenTextHasThePhrasesOfItsUnits(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	some := func(most int) (units []unit) {
		var text strings.Builder
		for range 1 + rng.IntN(most) {
			text.WriteString([]string{"rain", "ra", "in", "a", "首", "相", "พม่า", "ー"}[rng.IntN(8)])
			text.WriteString([]string{"", " ", " ", ", "}[rng.IntN(4)])
		}
		return appendUnits(nil, text.String(), maxUnits)
	}
	found := 0
	for range 20_000 {
		text := append(append(some(8), unit{}), some(8)...)
		asked := some(3)
		want := contains(text, asked)
		if got := stands(written(text), asked); got != want {
			t.Fatalf("%q in %q: %v", spell(asked), written(text), got)
		}
		if want {
			found++
		}
	}
	if found < 1000 || found > 19_000 {
		t.Errorf("%d were found, which proves little", found)
	}
}
