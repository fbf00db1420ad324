package story

import "copydesk"

// Who had a text first can show in how one text lies within another: a copy has
// its source's boilerplate around it, a summary is cut from the whole.

// Boilerplate counts the words that whole has and stripped has not: the
// boilerplate of its source, as far as it is known. It is for
// [copydesk.Voice.Boilerplate]. Lines that credit somebody are not counted, since
// they are told of in any case.
func Boilerplate(whole, stripped copydesk.Entry) int {
	if whole.Content == stripped.Content && whole.Summary == stripped.Summary {
		return 0
	}
	return max(0, bodyOf(whole).length-bodyOf(stripped).length)
}

// bodyOf is the sketch of an entry's text without lines that credit somebody.
func bodyOf(e copydesk.Entry) sketch {
	_, text := creditsIn(fullText(e))
	return sketchOf(text)
}

// body is the text of a voice as it lies within others, or they in it.
type body struct {
	sketch
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
		s := bodyOf(v.Entry)
		bodies[i] = body{s, s.length - v.Boilerplate, v.Source.Role == copydesk.RoleAggregator}
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
		inA, _, _ := b.shared(a.sketch)
		return !b.aggregates && inA >= 0.9 && b.length < a.length && 10*a.own <= 11*b.length
	})
}

// wholeText keeps the voices whose text is not a summary, cut from the much
// longer text of another one. An aggregator's longer text is no reason: it may
// have added to it.
func wholeText(voices []copydesk.Voice) []copydesk.Voice {
	return without(voices, func(a, b body) bool {
		inB, _, _ := a.shared(b.sketch)
		return !b.aggregates && a.own >= copyWords && inB*float64(a.length) >= 0.9*float64(a.own) && 2*a.own < b.own
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
