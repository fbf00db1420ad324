// Package alike finds which entries an entry tells the same as, and says why.
//
// It compares: by what credits say (step 4 of the identity ladder), by text (step
// 5) and by the rare words that two entries share (step 6). What comes of that, whose
// story it is and who leads it, is for others to say.
//
// All of it is pure. There is no clock; a [Window] holds the recent entries, and the
// whole texts of the few that may be copies are asked for. Two entries of one source
// are no evidence for each other, a language is compared with itself, and what is
// unsure is no link but "related", with what it lacked.
//
// Begin with [Read] (features.go: what of an entry is compared), then
// [Window.Evidence] (ask.go), which looks for copies (copies.go) and then for rewritings
// (rewrites.go). match.go is how two entries are compared, and holds every threshold;
// rarity.go is what a word is worth; whole.go and form.go lay two texts beside each
// other; claim.go, with number.go, name.go and way.go, is what headlines contradict each
// other in; window.go, index.go and keep.go are how the recent entries are held and kept.
package alike
