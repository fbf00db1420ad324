package config

import (
	"slices"
	"strings"
	"testing"
)

func TestTheFirstConfigurationIsFound(t *testing.T) {
	for _, test := range []struct {
		name      string
		flag, env string
		exist     []string
		want      string
	}{
		{"flag before all", "a.toml", "b.toml", []string{"a.toml", "b.toml", "copydesk.toml"}, "a.toml"},
		{"variable before places", "", "b.toml", []string{"b.toml", "copydesk.toml"}, "b.toml"},
		{"here before the system's", "", "", []string{"copydesk.toml", "/etc/copydesk/copydesk.toml"}, "copydesk.toml"},
		{"the system's", "", "", []string{"/etc/copydesk/copydesk.toml"}, "/etc/copydesk/copydesk.toml"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := find(test.flag, test.env, test.exist)
			if err != nil || got != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestAFileThatIsNamedIsNotReplacedByAnother(t *testing.T) {
	for _, test := range []struct{ name, flag, env, want string }{
		{"flag", "a.toml", "b.toml", "a.toml does not exist; --config names it"},
		{"variable", "", "c.toml", "c.toml does not exist; $COPYDESK_CONFIG names it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := find(test.flag, test.env, []string{"b.toml", "copydesk.toml"})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, %v; want an error with %q", got, err, test.want)
			}
		})
	}
}

func TestWithoutAConfigurationAllPlacesAreNamed(t *testing.T) {
	_, err := find("", "", nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, place := range []string{"--config", "$COPYDESK_CONFIG", "./copydesk.toml", "/etc/copydesk/copydesk.toml"} {
		if !strings.Contains(err.Error(), place) {
			t.Errorf("%v does not name %s", err, place)
		}
	}
}

func find(flag, variable string, exist []string) (string, error) {
	env := func(key string) string {
		if key == "COPYDESK_CONFIG" {
			return variable
		}
		return ""
	}
	return Find(flag, env, func(path string) bool { return slices.Contains(exist, path) })
}
