package alike

import (
	"strings"
	"sync"
)

// ways tells which words of a language say that something goes up or down, or is
// not.
type ways map[uint32]way

type way uint32

const (
	wayUp way = iota + 1
	wayDown
	wayNot
)

// claim claims what a word says of what stands before it, or else after it: of oil
// that it rises, of running that it is not.
func (w ways) claim(title string, tokens []token, i int, add func(claimKind, uint32, uint32)) {
	t := tokens[i]
	if t.text == "t" && i > 0 && strings.HasSuffix(tokens[i-1].text, "n") && (title[tokens[i-1].to:t.from] == "'" || title[tokens[i-1].to:t.from] == "’") {
		negate(title, tokens, i, tokens[i-1].stem, add) // won't, doesn't, can't
		return
	}
	switch said := w[t.stem]; said {
	case wayUp, wayDown:
		at := beside(title, tokens, i, -1)
		if at < 0 {
			at = beside(title, tokens, i, 1)
		}
		if at >= 0 {
			add(claimWay, tokens[at].stem, t.stem&^(1<<weightBits-1)|uint32(said))
		}
	case wayNot:
		negate(title, tokens, i, t.stem, add)
	}
}

// negate claims that what follows is not; or what goes before, where nothing
// follows. "Whether or not", "not only", and "No. 1" deny nothing.
func negate(title string, tokens []token, i int, by uint32, add func(claimKind, uint32, uint32)) {
	if i > 0 && strings.EqualFold(tokens[i-1].text, "or") {
		return
	}
	if i+1 < len(tokens) && (only[strings.ToLower(tokens[i+1].text)] || digitAt(tokens[i+1].text, 0) || strings.HasPrefix(title[tokens[i].to:], ".")) {
		return
	}
	at := beside(title, tokens, i, 1)
	if at < 0 {
		at = beside(title, tokens, i, -1)
	}
	if at >= 0 {
		add(claimNot, tokens[at].stem, by)
	}
}

var only = setOf("only just merely nur solo sólo seulement")

// wayOf is the way that a claim's value has below its word.
func wayOf(value uint32) way { return way(value & (1<<weightBits - 1)) }

// waysOf returns the ways of a language. Winning and losing are not among them: the
// same match is both.
func waysOf(language string) ways { return wayWords()[language] }

var wayWords = sync.OnceValue(func() map[string]ways {
	all := map[string]ways{}
	for _, l := range []struct{ language, up, down, not string }{
		{"en", `rise rises rose risen rising gain gains gained climb climbs climbed jump jumps jumped surge surges surged soar soars soared
			raise raises raised raising increase increases increased hike hikes hiked up higher rebound rebounds rebounded`,
			`fall falls fell fallen falling drop drops dropped slip slips slipped slide slides slid sink sinks sank plunge plunges plunged
			tumble tumbles tumbled decline declines declined cut cuts cutting lower lowers lowered decrease decreases decreased down shrink shrinks shrank`,
			`not never cannot no`},
		{"de", `steigt steigen stieg stiegen gestiegen erhöht erhöhen klettert klettern höher`,
			`fällt fallen fiel fielen gefallen sinkt sinken sank sanken gesunken senkt senken gesenkt niedriger`,
			`nicht kein keine keinen keiner keinem nie`},
		{"es", `sube suben subió subieron aumenta aumentan aumentó eleva elevan elevó crece crecen creció`,
			`baja bajan bajó bajaron cae caen cayó cayeron reduce reducen redujo recorta recortan recortó`,
			`no nunca`},
		{"fr", `monte montent grimpe grimpent augmente augmentent relève relèvent`,
			`baisse baissent chute chutent recule reculent diminue diminuent abaisse abaissent`,
			`pas jamais`},
	} {
		words := ways{}
		for said, list := range map[way]string{wayUp: l.up, wayDown: l.down, wayNot: l.not} {
			for w := range strings.FieldsSeq(list) {
				words[stemOf(w)] = said
			}
		}
		all[l.language] = words
	}
	return all
})
