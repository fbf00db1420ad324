package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const listed = `# my sources
[[topic]]
id = "asia"

[[source]] # the first
id  = "a"   # known as that
url = "https://a.example/rss"   # since 2019
topics = ["asia"]

  [[source]]
  url = 'http://b.example/old?x=1'

[[source]]
id = "c"
was = [ ]  # nothing yet
url = "https://c.example/rss"

[[source]]
id = "d"
was = [
  "https://d.example/older", # the first
]
url = "https://d.example/rss"
[[source]]
id = "e"
url = "https://e.example/rss"`

func TestAMovedSourceKeepsAllThatStandsAroundIt(t *testing.T) {
	for _, tt := range []struct {
		move     Relocation
		old, new string
	}{
		{Relocation{"a", "https://a.example/feed"}, `url = "https://a.example/rss"   # since 2019
`, `url = "https://a.example/feed"   # since 2019
was = ["https://a.example/rss"]
`},
		{Relocation{"http://b.example/old?x=1", "https://b.example/new"}, `  url = 'http://b.example/old?x=1'
`, `  url = "https://b.example/new"
  was = ["http://b.example/old?x=1"]
`},
		{Relocation{"c", "https://c.example/feed"}, `was = [ ]  # nothing yet
url = "https://c.example/rss"`, `was = ["https://c.example/rss" ]  # nothing yet
url = "https://c.example/feed"`},
		{Relocation{"d", "https://d.example/feed"}, `  "https://d.example/older", # the first
]
url = "https://d.example/rss"`, `  "https://d.example/rss", "https://d.example/older", # the first
]
url = "https://d.example/feed"`},
		{Relocation{"e", `https://e.example/"feed"`}, `url = "https://e.example/rss"`, `url = "https://e.example/\"feed\""
was = ["https://e.example/rss"]`},
		{Relocation{"d", "https://d.example/older"}, `url = "https://d.example/rss"`, `url = "https://d.example/older"`},
	} {
		for _, newline := range []string{"\n", "\r\n"} {
			dos := strings.NewReplacer("\n", newline)
			got, err := relocate("x.toml", []byte("\ufeff"+dos.Replace(listed)), []Relocation{tt.move})
			if err != nil {
				t.Errorf("%+v: %v", tt.move, err)
				continue
			}
			want := "\ufeff" + dos.Replace(strings.Replace(listed, tt.old, tt.new, 1))
			if tt.move.To == "https://d.example/older" { // and back again
				want = strings.Replace(want, `"https://d.example/older", #`, `"https://d.example/rss", "https://d.example/older", #`, 1)
			}
			if tt.move.Source == "e" {
				want = strings.TrimSuffix(want, "\n")
				want = strings.Replace(want, "\r\nwas = [\"https://e", "\nwas = [\"https://e", 1)
			}
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("%+v: (-want +got)\n%s", tt.move, diff)
			}
			if _, err := Parse("x.toml", got, noEnv, Meaning{}); err != nil {
				t.Errorf("%+v: wrong afterwards: %v", tt.move, err)
			}
		}
	}
}

func TestAFileThatCannotBeEditedStaysAsItIs(t *testing.T) {
	for _, tt := range []struct{ name, text, to, want string }{
		{"a", listed, "https://C.example:443/rss", `x.toml:7:1: source "a" cannot move to https://C.example:443/rss: source "c" (line 16) is there already (hint: they are one feed now:`},
		{"c", listed, "http://b.example/old?x=1", `x.toml:16:1: source "c" cannot move to http://b.example/old?x=1: source "http://b.example/old?x=1" (line 11) is there already`},
		{"a", listed, "https://d.example/older", "is not changed, since it would then be wrong"},
		{"z", listed, "https://z.example/", `no source "z" is listed`},
		{"a", "source = [{id = 'a', url = 'https://a.example/rss'}]", "https://a.example/feed", "do not stand on lines of their own"},
		{"a", "[[source]]\nid = 'a'\nurl = 'https://ann:secret@a.example/rss'", "https://a.example/feed", "holds a user or a password"},
		{"a", "[[source]]\nid = 'a'\nurl = 3", "https://a.example/feed", "no url that is text"},
		{"a", "[[source]\n", "https://a.example/feed", "x.toml:1:"},
		{"a", listed, "ftp://a.example/", "has the scheme ftp"},
	} {
		path := filepath.Join(t.TempDir(), "x.toml")
		if err := os.WriteFile(path, []byte(tt.text), 0o640); err != nil {
			t.Fatal(err)
		}
		err := Relocate(path, []Relocation{{tt.name, tt.to}}, noEnv, Meaning{})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s to %s: got %v, want %q", tt.name, tt.to, err, tt.want)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != tt.text {
			t.Errorf("%s to %s: the file changed: %v", tt.name, tt.to, err)
		}
		if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
			t.Errorf("%s to %s: left %v behind", tt.name, tt.to, files)
		}
	}
}

func TestAllMovesThatCannotBeMadeAreToldAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.toml")
	if err := os.WriteFile(path, []byte(listed), 0o640); err != nil {
		t.Fatal(err)
	}
	err := Relocate(path, []Relocation{
		{"a", "https://c.example/rss"}, {"e", "https://e.example/feed"}, {"d", "https://c.example/rss"},
	}, noEnv, Meaning{})
	if all, ok := err.(Errors); !ok || len(all) != 2 {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != listed {
		t.Errorf("the file changed: %v", err)
	}
}

// Two sources that lead to one new address are told of as well.
func TestTwoSourcesDoNotMoveToOneAddress(t *testing.T) {
	_, err := relocate("x.toml", []byte(listed), []Relocation{{"a", "https://new.example/"}, {"c", "https://new.example/"}})
	if err == nil || !strings.Contains(err.Error(), `source "a" (line 7) is there already`) {
		t.Errorf("got %v", err)
	}
}

func TestWhatAPublisherIsShownMovesAlongFromHTTPToHTTPS(t *testing.T) {
	for from, there := range map[string]map[string]bool{
		"http://a.example/rss":      {"https://a.example/rss": true, "https://A.example:443/feed": true, "https://www.a.example/rss": false, "https://a.example:8443/rss": false},
		"http://a.example:80/rss":   {"https://a.example/rss": true},
		"http://a.example:8080/rss": {"https://a.example/rss": false, "https://a.example:8080/rss": false},
		"http://a.example:443/rss":  {"https://a.example/rss": false},
	} {
		text := "[[source]]\nid = 'a'\nurl = '" + from + "'\nusername = 'ann'\npassword_file = 'secret'\n"
		for to, may := range there {
			if _, err := relocate("x.toml", []byte(text), []Relocation{{"a", to}}); (err == nil) != may {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
}

func TestWhatAPublisherIsShownDoesNotMoveToAnotherPlace(t *testing.T) {
	for _, keys := range []string{
		"username = 'ann'\npassword_file = 'secret'", "password_env = 'SECRET'", "cookie_file = 'cookie'", "header_file = 'headers'",
		"headers = {X-Key = 'secret'}", "headers.X-Key = 'secret'", "[source.headers]\nX-Key = 'secret'",
	} {
		text := "[[source]]\nid = 'a'\nurl = 'https://a.example/rss'\n" + keys + "\n"
		for _, elsewhere := range []string{"https://b.example/rss", "https://www.a.example/rss", "http://a.example/rss", "https://a.example:8443/rss"} {
			_, err := relocate("x.toml", []byte(text), []Relocation{{"a", elsewhere}})
			if err == nil || !strings.Contains(err.Error(), "belongs to the old place") || strings.Contains(err.Error(), "'secret'") {
				t.Errorf("%s to %s: got %v", keys, elsewhere, err)
			}
		}
		for _, there := range []string{"https://a.example/feed", "https://A.example:443/feed"} {
			if got, err := relocate("x.toml", []byte(text), []Relocation{{"a", there}}); err != nil || !strings.Contains(string(got), quote(there)) {
				t.Errorf("%s to %s: got %s, %v", keys, there, got, err)
			}
		}
	}
}

func TestAFileIsReplacedWholeWithItsMode(t *testing.T) {
	folder := t.TempDir()
	path, link := filepath.Join(folder, "x.toml"), filepath.Join(folder, "link.toml")
	if err := os.WriteFile(path, []byte(listed), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := Relocate(link, []Relocation{{"a", "https://a.example/feed"}, {"c", "https://c.example/feed"}}, noEnv, Meaning{}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	c, err := Load(path, noEnv, Meaning{})
	if err != nil || c.Sources[0].URL != "https://a.example/feed" || c.Sources[2].Was[0] != "https://c.example/rss" {
		t.Errorf("%+v, %v", c.Sources, err)
	}
}

func TestAFileThatSomebodyElseChangedIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.toml")
	if err := os.WriteFile(path, []byte("# theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := replaceFile(path, []byte("# before"), []byte("# ours"))
	if err == nil || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "# theirs" {
		t.Errorf("now %q", text)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("left %v behind", files)
	}
}
