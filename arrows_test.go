package copydesk_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows is who may import whom; ARCHITECTURE.md draws it. Everybody may import
// the root package, which imports the standard library only. Stages never see
// each other.
var arrows = map[string][]string{
	"copydesk":                     nil,
	"copydesk/cmd/copydesk":        {"copydesk/config", "copydesk/demo", "copydesk/desk", "copydesk/systemd"},
	"copydesk/config":              nil,
	"copydesk/demo":                nil,
	"copydesk/desk":                {"copydesk/config", "copydesk/db", "copydesk/fetcher", "copydesk/fetcher/websub", "copydesk/normalize", "copydesk/publish", "copydesk/publish/hub", "copydesk/search", "copydesk/story", "copydesk/story/alike", "copydesk/story/credit", "copydesk/topic"},
	"copydesk/db":                  nil,
	"copydesk/db/dbtest":           {"copydesk/db"},
	"copydesk/fetcher":             nil,
	"copydesk/fetcher/websub":      {"copydesk/fetcher"},
	"copydesk/normalize":           nil,
	"copydesk/publish":             nil,
	"copydesk/publish/hub":         {"copydesk/publish"},
	"copydesk/publish/publishtest": nil,
	"copydesk/search":              nil,
	"copydesk/search/searchtest":   {"copydesk/search"},
	"copydesk/story":               {"copydesk/story/alike", "copydesk/story/credit"},
	"copydesk/story/alike":         {"copydesk/story/credit"},
	"copydesk/story/credit":        nil,
	"copydesk/story/eval":          {"copydesk/normalize", "copydesk/story", "copydesk/story/alike"},
	"copydesk/systemd":             nil,
	"copydesk/topic":               nil,
}

type pkg struct {
	ImportPath string
	Imports    []string
	Doc        string
}

func packages(t *testing.T) (all []pkg) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Doc", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := d.Decode(&p)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func ours(path string) bool { return path == "copydesk" || strings.HasPrefix(path, "copydesk/") }

func TestEveryImportIsAnArrowThatIsDrawn(t *testing.T) {
	for _, p := range packages(t) {
		drawn, ok := arrows[p.ImportPath]
		if !ok {
			t.Errorf("%s is not drawn in arrows", p.ImportPath)
		}
		for _, to := range p.Imports {
			if ours(to) && to != "copydesk" && !slices.Contains(drawn, to) {
				t.Errorf("%s → %s is not drawn in arrows", p.ImportPath, to)
			}
		}
	}
}

func TestTheVocabularyImportsOnlyTheStandardLibrary(t *testing.T) {
	for _, p := range packages(t) {
		for _, to := range p.Imports {
			if first, _, _ := strings.Cut(to, "/"); p.ImportPath == "copydesk" && (strings.Contains(first, ".") || ours(to)) {
				t.Errorf("the root package imports %s", to)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
		for _, drawer := range []string{"util", "common", "helper", "model", "types"} {
			if strings.HasSuffix(p.ImportPath, "/"+drawer) {
				t.Errorf("%s is a drawer, not a thing", p.ImportPath)
			}
		}
	}
}

func TestArchitectureNamesEveryPackage(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for path := range arrows {
		if name := strings.TrimPrefix(path, "copydesk/"); !bytes.Contains(text, []byte(name)) {
			t.Errorf("ARCHITECTURE.md does not mention %s", name)
		}
	}
}
