package normalize

import (
	"strings"
	"testing"
)

func TestTitlesArePlainText(t *testing.T) {
	for _, tc := range []struct{ why, in, want string }{
		{"tags go", "<b>Vote</b> <i>counted</i>", "Vote counted"},
		{"references are decoded once", "AT&amp;amp;T", "AT&amp;T"},
		{"what is no tag stays", "1 < 2 and 2 <3", "1 < 2 and 2 <3"},
		{"an open tag at the end is text", "a <b", "a <b"},
		{"scripts go with what is in them", "a<script>alert(1)</script>b", "a b"},
		{"lines fold", " a\n\t b \r\n", "a b"},
		{"words on both sides of a line break stay apart", "a<br>b<p>c", "a b c"},
		{"words with a tag inside stay whole", "un<em>der</em>line", "underline"},
		{"control characters", "a\x00\x1b[31mb\u0085c", "a[31mb c"},
		{"marks that turn text round", "abc\u202egnp.exe\u2066x", "abcgnp.exex"},
		{"zero width", "a\u200bb\ufeffc\u2060d\u00ade", "abcde"},
		{"joiners that a script needs", "می\u200cخواهم", "می\u200cخواهم"},
		{"joiners in emoji", "👩\u200d🚀", "👩\u200d🚀"},
		{"joiners that hide", "pay\u200dpal", "paypal"},
		{"joiners at an end", "\u200d vote \u200c", "vote"},
		{"several joiners", "می\u200c\u200cخواهم a\u200d\u200db", "می\u200c\u200cخواهم ab"},
		{"a joiner between spaces joins nothing and hides nothing", "a \u200d b", "a \u200d b"},
		{"marks of direction in Hebrew", "שלום!\u200f (עולם)", "שלום!\u200f (עולם)"},
		{"marks of direction that hide", "pay\u200epal", "paypal"},
		{"joiners in Devanagari", "क्\u200dष", "क्\u200dष"},
	} {
		if got := plainText(tc.in); got != tc.want {
			t.Errorf("%s: plainText(%q) = %q, want %q", tc.why, tc.in, got, tc.want)
		}
	}
	if got := plainText(strings.Repeat("ä", maxTitle)); len(got) > maxTitle+len("…") || !strings.HasSuffix(got, "ä…") {
		t.Errorf("a long title has %d bytes", len(got))
	}
}
