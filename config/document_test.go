package config

import (
	"testing"

	"github.com/pelletier/go-toml/v2"
)

func TestACharacterOfAStringIsFoundInWhatWasWritten(t *testing.T) {
	for _, raw := range []string{
		`'a?b'`,
		`"a?b"`,
		`"?"`,
		`"ä\u00e4\U000000e4\t\"?x"`,
		`"\x41?"`,
		`'''?'''`,
		`'''it's ?'''`,
		"'''\nfirst\nsecond ?'''",
		"\"\"\"\nfirst\n\tsecond ?\"\"\"",
		"\"\"\"first \\\n   second ?\"\"\"",
		"\"\"\"\\\n?\"\"\"",
	} {
		var document struct{ Text string }
		if err := toml.Unmarshal([]byte("text = "+raw), &document); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		index := 0
		for _, r := range document.Text {
			if r == '?' {
				break
			}
			index++
		}
		if at := offsetInString(raw, index); raw[at] != '?' {
			t.Errorf("%s: character %d was found at %q", raw, index, raw[at:])
		}
	}
}

func TestTheEndOfAStringIsFoundAtItsQuote(t *testing.T) {
	if at := offsetInString(`"ab"`, 2); at != 3 {
		t.Errorf("found at %d, want 3", at)
	}
}

func TestColumnsCountCharacters(t *testing.T) {
	d := newDocument("x", []byte("ä\n\nüö b\n"))
	for _, test := range []struct{ offset, line, column int }{
		{0, 1, 1}, {2, 1, 2}, {3, 2, 1}, {4, 3, 1}, {9, 3, 4}, {11, 4, 1}, {99, 4, 1}, {-1, 1, 1},
	} {
		if line, column := d.position(test.offset); line != test.line || column != test.column {
			t.Errorf("byte %d is at %d:%d, want %d:%d", test.offset, line, column, test.line, test.column)
		}
	}
}
