package story

import (
	"copydesk"
	"copydesk/story/alike"
)

// Who had a text first can show in how one text lies within another: a copy has
// its source's boilerplate around it, a summary is cut from the whole.

// Measured returns a voice with the number of words around its text that are known
// not to be its own. Uncredited is its entry without the lines that credit somebody,
// stripped is without the boilerplate of its source as well.
func Measured(v copydesk.Voice, uncredited, stripped copydesk.Entry) copydesk.Voice {
	v.Crediting = wordsLess(v.Entry, uncredited)
	v.Boilerplate = wordsLess(uncredited, stripped)
	return v
}

// wordsLess is how many words one text of an entry has more than another.
func wordsLess(whole, part copydesk.Entry) int {
	if whole.Content == part.Content && whole.Summary == part.Summary {
		return 0
	}
	return max(0, alike.Words(whole)-alike.Words(part))
}

// body is the text of a voice as it lies within others, or they in it. Of its words
// those do not count that credit somebody: they are told of in any case.
type body struct {
	text       alike.Sketch
	words      int
	own        int // words without boilerplate
	aggregates bool
}

// mostBodies is how many texts are laid into each other; every pair is.
const mostBodies = 24

func bodiesOf(voices []copydesk.Voice) []body {
	if len(voices) > mostBodies {
		return nil
	}
	bodies := make([]body, len(voices))
	for i, v := range voices {
		text := alike.SketchOf(v.Entry)
		words := text.Words() - v.Crediting
		bodies[i] = body{text, words, words - v.Boilerplate, v.Source.Role == copydesk.RoleAggregator}
	}
	return bodies
}

// bareText keeps the voices whose text is not that of another one with boilerplate
// around it. An aggregator's shorter text is no reason: it strips what it takes.
func bareText(voices []copydesk.Voice) []copydesk.Voice {
	decorated := func(v copydesk.Voice) bool { return v.Boilerplate > 0 }
	if len(filter(voices, decorated)) == 0 {
		return nil
	}
	return without(voices, func(a, b body) bool {
		inA := b.text.In(a.text)
		return !b.aggregates && inA*float64(b.text.Words()) >= 0.9*float64(b.words) && b.words < a.words && 10*a.own <= 11*b.words
	})
}

// wholeText keeps the voices whose text is not a summary, cut from the much
// longer text of another one. An aggregator's longer text is no reason: it may
// have added to it.
func wholeText(voices []copydesk.Voice) []copydesk.Voice {
	return without(voices, func(a, b body) bool {
		inB := a.text.In(b.text)
		return !b.aggregates && a.own >= alike.CopyWords && inB*float64(a.text.Words()) >= 0.9*float64(a.own) && 2*a.own < b.own
	})
}

// without keeps the voices that are to no other one what is asked.
func without(voices []copydesk.Voice, is func(a, b body) bool) (kept []copydesk.Voice) {
	bodies := bodiesOf(voices)
	for i, a := range bodies {
		like := false
		for j, b := range bodies {
			like = like || i != j && is(a, b)
		}
		if !like {
			kept = append(kept, voices[i])
		}
	}
	return kept
}
