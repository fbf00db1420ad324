package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"copydesk"
)

const canary = "canary-7f3a"

// secretly writes a configuration and the files beside it.
func secretly(t *testing.T, text string, files map[string]string) (path string) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(folder, "copydesk.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSecretsComeFromFilesAndTheEnvironment(t *testing.T) {
	path := secretly(t, `
[[source]]
id = "letters"
url_file = "address"
[[source]]
id = "paid"
url = "https://paid.example/feed"
username = "ann"
password_env = "PAID"
headers = { X-Edition = "asia" }
header_file = "headers"
cookie_file = "cookie"
proxy_file = "proxy"
`, map[string]string{
		"address": "https://letters.example/feed?key=" + canary + "\n",
		"headers": "# of the account\nX-Key: " + canary + "\nAuthorization: Bearer a:b\n", "cookie": "session=" + canary, "proxy": "http://ann:" + canary + "@10.0.0.1:3128",
	})
	env := map[string]string{"PAID": canary}
	c, err := Load(path, func(k string) string { return env[k] }, Meaning{})
	if err != nil {
		t.Fatal(err)
	}
	if src := c.Sources[0]; src.URL != "https://letters.example/feed?key="+canary || !src.Secret || src.Address() != "" || src.Handle() != "letters" {
		t.Errorf("%+v", src)
	}
	want := Accesses{"paid": {
		Username: "ann", Password: canary, Proxy: Secret("http://ann:" + canary + "@10.0.0.1:3128"),
		Headers: []Header{{"X-Edition", "asia"}, {"X-Key", canary}, {"Authorization", "Bearer a:b"}, {"Cookie", "session=" + canary}},
	}}
	if diff := cmp.Diff(want, c.Access); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, shown := range []string{fmt.Sprintf("%v", c.Access), fmt.Sprintf("%+v", c.Access), fmt.Sprintf("%#v", c.Access)} {
		if strings.Contains(shown, canary) {
			t.Errorf("shown: %s", shown)
		}
	}
	c, err = Glance(path, func(string) string { return "" }, Meaning{})
	if err != nil || c.Sources[0].URL != "" || !c.Sources[0].Secret {
		t.Errorf("at a glance: %+v, %v", c.Sources[0], err)
	}
}

func TestCredentialsOfTheServiceManagerGoBeforeFilesBesideTheConfiguration(t *testing.T) {
	path := secretly(t, "[[source]]\nid = 'a'\nurl_file = 'address'\n[[source]]\nid = 'b'\nurl_file = 'other'\n",
		map[string]string{"address": "https://beside.example/", "other": "https://other.example/"})
	credentials := t.TempDir()
	if err := os.WriteFile(filepath.Join(credentials, "address"), []byte("https://credential.example/"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, func(k string) string {
		return map[string]string{"CREDENTIALS_DIRECTORY": credentials}[k]
	}, Meaning{})
	if err != nil || c.Sources[0].URL != "https://credential.example/" || c.Sources[1].URL != "https://other.example/" {
		t.Errorf("%+v, %v", c.Sources, err)
	}
}

func TestASecretThatCannotBeUsedIsToldWithoutShowingIt(t *testing.T) {
	for _, tt := range []struct{ keys, content, want string }{
		{"url_file = 'x'", "ftp://" + canary, `what "x" names is no web address`},
		{"url_file = 'x'", "", "is an empty file"},
		{"url_file = 'missing'", "", "cannot be read: no such file or directory"},
		{"url_file = 'x'", strings.Repeat(canary, 10000), "larger than 64 KiB"},
		{"url_env = 'NONE'", "", `the environment has no "NONE"`},
		{"url = 'https://a.example/'\nheader_file = 'x'", canary, "header_file has what is no header"},
		{"url = 'https://a.example/'\ncookie_file = 'x'", canary + "\n" + canary, "holds what is no cookie"},
		{"url = 'https://a.example/'\nproxy_file = 'x'", canary, "the proxy is no address of one"},
	} {
		path := secretly(t, "[[source]]\nid = 'a'\n"+strings.ReplaceAll(tt.keys, "'", `"`)+"\n", map[string]string{"x": tt.content})
		_, err := Load(path, noEnv, Meaning{})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %v, want %q", tt.keys, err, tt.want)
		}
	}
}

func TestAnAddressIsShownWithoutWhatOnlyItsOwnerMayKnow(t *testing.T) {
	for _, tt := range []struct {
		src  copydesk.Settings
		want string
	}{
		{copydesk.Settings{URL: "https://a.example/feed"}, "https://a.example/feed"},
		{copydesk.Settings{URL: "https://ann:pass@a.example/feed"}, "https://a.example/feed"},
		{copydesk.Settings{ID: "a", URL: "https://a.example/feed?key=1", Secret: true}, ""},
	} {
		if got := tt.src.Address(); got != tt.want {
			t.Errorf("%+v: %q", tt.src, got)
		}
	}
}
