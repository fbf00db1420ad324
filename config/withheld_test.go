package config

import (
	"strings"
	"testing"
)

func TestNoPasswordOfAnAddressStandsInAnError(t *testing.T) {
	const password = "hunter2"
	for _, lines := range []string{
		`url = "http://bob:hunter2@a.example:70000/feed"`,
		`url = "http://bob:hunter2@a.example:x/feed"`,
		`url = "http://bob:hunter2@/feed"`,
		`url = "http://bob:hunter2@a.example/%zz"`,
		`url = "http://bob:%hunter2@a.example/feed"`,
		`url = "http://bob:hunter2/x@a.example/feed"`,
		`url = "http://bob:x#hunter2@a.example/feed"`,
		`url = "http://bob:x@hunter2@a.example:0/feed"`,
		`url = "http://hunter2@a.example:0/feed"`,
		`url = "ftp://bob:hunter2@a.example/feed"`,
		`url = "bob:hunter2@a.example/feed"`,
		`url = "//bob:hunter2@a.example/feed"`,
		`url = "http:bob:hunter2@a.example/feed"`,
		`url = "http://bob:hunter2@a.example/a feed"`,
		`url = "http://bob:hunter2 @a.example/feed"`,
		`url = "http://bob:<hunter2>@a.example/feed"`,
		`url = "http://bob:hunter2\u0040a.example:0/feed"`,
		`url = 'http://bob:hunter2@a.example:0/feed'`,
		`url = "http://bob:hunter2@a.example/` + strings.Repeat("x", 200) + `%zz"`,
		"url = \"http://bob:hunter2@a.example/feed\"\n[[source]]\nurl = \"http://bob:hunter2@a.example/feed\"",
		"url = \"http://bob:hunter2@a.example/feed\"\n[[source]]\nurl = \"http://a.example\"\nwas = [\"http://bob:hunter2@a.example/feed\"]",
		"url = \"http://a.example\"\nwas = [\"http://bob:hunter2@a.example/feed\", \"http://bob:hunter2@a.example/feed\"]",
		"url = \"http://a.example\"\nproxy = \"http://bob:hunter2@b.example:0\"",
		"url = \"http://a.example\"\nproxy = \"ftp://bob:hunter2@b.example\"",
		"url = \"http://a.example\"\nproxy = \"http://bob:hunter2@b.example\"",
	} {
		_, err := Parse("x.toml", []byte("[[source]]\n"+lines+"\n"), noEnv, Meaning{})
		if err == nil || strings.Contains(err.Error(), password) {
			t.Errorf("%s\nis answered: %v", lines, err)
		}
	}
}

func TestWhatIsNoPasswordIsShown(t *testing.T) {
	for url, shown := range map[string]string{
		"http://a.example/%zz/@bob":       `"http://a.example/%zz/@bob"`,
		"http://bob:pw@a.example:0/@bob":  `"http://xxxxx@a.example:0/@bob"`,
		"a.example/@bob":                  `"a.example/@bob"`,
		"http://a.example:70000/?to=a@b":  `"http://a.example:70000/?to=a@b"`,
		"http://bob:pw@a.example:70000/x": `"http://xxxxx@a.example:70000/x"`,
		"bob:pw@a.example/x":              `write "https://xxxxx@a.example/x"?`,
	} {
		_, err := Parse("x.toml", []byte("[[source]]\nurl = \""+url+"\"\n"), noEnv, Meaning{})
		if err == nil || !strings.Contains(err.Error(), shown) {
			t.Errorf("%s: %v does not say %s", url, err, shown)
		}
	}
}
