package config

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"copydesk"
)

var update = flag.Bool("update", false, "write what comes out beside each file in testdata")

// corpus runs test on each file, as if it lay in /etc/copydesk, and compares
// what it returns with the file beside it.
func corpus(t *testing.T, pattern, expected string, test func(t *testing.T, name string, text []byte) string) {
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	for _, file := range files {
		base := strings.TrimSuffix(filepath.Base(file), ".toml")
		t.Run(base, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := test(t, base+".toml", text)
			golden := filepath.Join("testdata", base+expected)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestEveryBadFileIsAnsweredWithAllThatIsWrong(t *testing.T) {
	corpus(t, "*.bad.toml", ".txt", func(t *testing.T, name string, text []byte) string {
		c, err := Parse(name, text, noEnv, asInTests)
		if err == nil {
			t.Fatal("no error")
		}
		if diff := cmp.Diff(Config{}, c); diff != "" {
			t.Errorf("half a configuration came back beside the error:\n%s", diff)
		}
		checkPlaces(t, err, text)
		return err.Error() + "\n"
	})
}

func TestEveryGoodFileMeansWhatItSays(t *testing.T) {
	corpus(t, "*.good.toml", ".json", func(t *testing.T, name string, text []byte) string {
		c, err := Parse("/etc/copydesk/"+name, text, noEnv, asInTests)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.MarshalIndent(c, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		return string(got) + "\n"
	})
}

func noEnv(string) string { return "" }

// asInTests is what rules, searches and articles mean: an article is known by its address
// without its query, and a front page is none.
var asInTests = Meaning{Rule: questionMarks, Search: questionMarks, Article: func(address string) string {
	address, _, _ = strings.Cut(sameURL(address), "?")
	if strings.HasSuffix(address, ".front/") {
		return ""
	}
	return address
}}

// questionMarks is a language in which a question mark is a mistake at its
// place, and a number sign one at no place.
func questionMarks(text string) error {
	if before, _, found := strings.Cut(text, "?"); found {
		return misplaced(utf8.RuneCountInString(before) + 1)
	}
	if strings.Contains(text, "#") {
		return errors.New("number sign\nsecond line, for a terminal")
	}
	return nil
}

type misplaced int

func (m misplaced) Error() string { return "question mark" }
func (m misplaced) Column() int   { return int(m) }
func (m misplaced) Hint() string  { return "state it" }

// checkPlaces fails unless err is a sorted list of errors that each stand
// somewhere in text.
func checkPlaces(t *testing.T, err error, text []byte) {
	t.Helper()
	list, ok := errors.AsType[Errors](err)
	if !ok || len(list) == 0 {
		t.Fatalf("%T instead of a list of errors", err)
	}
	lines := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	for i, e := range list {
		switch {
		case e.Line < 1 || e.Line > len(lines):
			t.Errorf("%v: there are %d lines", e, len(lines))
		case e.Column < 1 || e.Column > utf8.RuneCountInString(lines[e.Line-1])+1:
			t.Errorf("%v: the line is %q", e, lines[e.Line-1])
		case e.Message == "" || strings.ContainsAny(e.Error(), "\n\r"):
			t.Errorf("%q is not one line", e.Error())
		case i > 0 && (e.Line < list[i-1].Line || e.Line == list[i-1].Line && e.Column < list[i-1].Column):
			t.Errorf("%v stands after %v", e, list[i-1])
		}
	}
}

func TestAnEmptyFileMeansTheDefaults(t *testing.T) {
	env := map[string]string{"STATE_DIRECTORY": "/var/lib/copydesk", "RUNTIME_DIRECTORY": "/run/copydesk"}
	got, err := Parse("/etc/copydesk.toml", nil, func(k string) string { return env[k] }, Meaning{})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Path: "/etc/copydesk.toml",
		Server: Server{
			Listen:  "127.0.0.1:8480",
			Admin:   "127.0.0.1:8481",
			BaseURL: "http://127.0.0.1:8480",
			Control: "/run/copydesk/control.sock",
		},
		Store:  Store{Path: "/var/lib/copydesk/copydesk.db", Retention: 400 * 24 * time.Hour},
		Poll:   Poll{MinInterval: time.Hour, MaxInterval: 24 * time.Hour, MeanInterval: time.Hour, Soonest: 15 * time.Minute, MaxWish: 24 * time.Hour, MaxStop: 7 * 24 * time.Hour, HostGap: 2 * time.Second, WebSub: true},
		Group:  Group{Rewrites: 72 * time.Hour, Copies: 14 * 24 * time.Hour},
		Search: Search{Path: "/var/lib/copydesk/copydesk.db.search"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestATopicAndASourceNeedLittle(t *testing.T) {
	got, err := Parse("x.toml", []byte("[[topic]]\nid = 'asia'\n[[source]]\nurl = 'http://a.example'\n"), noEnv, Meaning{})
	if err != nil {
		t.Fatal(err)
	}
	wantTopics := []copydesk.Topic{{ID: "asia", Title: "asia", MinSources: 1, Merge: copydesk.MergeStory, Limit: 100, Content: copydesk.ShowFull}}
	wantSources := []copydesk.Settings{{URL: "http://a.example", Role: copydesk.RolePublisher}}
	if diff := cmp.Diff(wantTopics, got.Topics); diff != "" {
		t.Errorf("topics (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(wantSources, got.Sources); diff != "" {
		t.Errorf("sources (-want +got)\n%s", diff)
	}
}

func TestAConfigurationWithoutAFileHasNoPath(t *testing.T) {
	c, err := Parse("", nil, noEnv, Meaning{})
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	if c.Path != "" || c.Store.Path != filepath.Join(folder, "copydesk.db") {
		t.Errorf("path %q, store %q; the store should lie in the working directory", c.Path, c.Store.Path)
	}
	_, err = Parse("", []byte("x = 1"), noEnv, Meaning{})
	if want := `1:1: unknown key "x"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v does not say %s", err, want)
	}
}

func TestALoadedFileIsKnownByItsAbsolutePath(t *testing.T) {
	t.Chdir(t.TempDir())
	folder, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	write(t, "copydesk.toml", "[store]\npath = 'data/news.db'\n")
	c, err := Load("copydesk.toml", noEnv, Meaning{})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(folder, "copydesk.toml"); c.Path != want {
		t.Errorf("path %s, want %s", c.Path, want)
	}
	if want := filepath.Join(folder, "data", "news.db"); c.Store.Path != want {
		t.Errorf("store %s, want %s", c.Store.Path, want)
	}
	if want := c.Store.Path + ".sock"; len(want) <= maxSocket && c.Server.Control != want {
		t.Errorf("control socket %s, want %s", c.Server.Control, want)
	}
}

func TestAFileThatIsNoTextIsOneError(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "exact.toml"), "#"+strings.Repeat(" ", maxSize-1))
	write(t, filepath.Join(dir, "large.toml"), "x = 1\n"+strings.Repeat("#", maxSize))
	for _, test := range []struct{ name, want string }{
		{"missing.toml", "%s/missing.toml: cannot be read: no such file or directory (hint: config.example.toml is a file to begin with)"},
		{"", "%s: cannot be read: is a directory (hint: name a TOML file)"},
		{"large.toml", "%s/large.toml: larger than 4 MiB (hint: is this a configuration?)"},
		{"exact.toml", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(filepath.Join(dir, test.name), noEnv, Meaning{})
			got := ""
			if err != nil {
				got = err.Error()
			}
			want := test.want
			if want != "" {
				want = fmt.Sprintf(want, dir)
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestTheSystemsReasonStaysInAnError(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "missing.toml"), noEnv, Meaning{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

func TestErrorsCanBeTakenApart(t *testing.T) {
	_, err := Parse("x.toml", []byte("[server]\na = 1\nb = 2\n"), noEnv, Meaning{})
	first, ok := errors.AsType[Error](err)
	if !ok || first.File != "x.toml" || first.Line != 2 || first.Column != 1 {
		t.Errorf("first error of %v is %+v", err, first)
	}
}

func TestNobodyIsDrownedInErrors(t *testing.T) {
	text := "[server]\n" // all of them in one line would be slow as well
	for i := range 3 * maxErrors {
		text += fmt.Sprintf("x%d = 1\n", i)
	}
	_, err := Parse("x.toml", []byte(text), noEnv, Meaning{})
	if list, _ := errors.AsType[Errors](err); len(list) != maxErrors {
		t.Errorf("%d errors, want %d", len(list), maxErrors)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
