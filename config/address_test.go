package config

import "testing"

func TestASocketIsToldFromAPort(t *testing.T) {
	for listen, want := range map[string][2]string{
		"127.0.0.1:8480":      {"tcp", "127.0.0.1:8480"},
		"unix:/run/http.sock": {"unix", "/run/http.sock"},
	} {
		network, address := Network(listen)
		if got := [2]string{network, address}; got != want {
			t.Errorf("%s: %v, want %v", listen, got, want)
		}
	}
}

func TestAnAddressIsTheSameHoweverItIsSpelled(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"https://a.example/feed", "HTTPS://A.example:443/feed#x", true},
		{"http://a.example", "http://a.example:80/", true},
		{"https://a.example/feed", "https://a.example/Feed", false},
		{"https://a.example/feed", "https://a.example/feed/", false},
		{"https://a.example/feed?a=1", "https://a.example/feed?a=2", false},
		{"http://a.example/feed", "https://a.example/feed", false},
		{"https://a.example:80/", "https://a.example/", false},
	} {
		if got := sameURL(test.a) == sameURL(test.b); got != test.same {
			t.Errorf("%s and %s: same %v, want %v", test.a, test.b, got, test.same)
		}
	}
}

func TestOnlyAddressesThatOthersCanUseAreReachable(t *testing.T) {
	for listen, want := range map[string]bool{
		"127.0.0.1:80":   true,
		"[::1]:80":       true,
		"localhost:80":   true,
		"news.example:1": true,
		"0.0.0.0:80":     false,
		"[::]:80":        false,
		":80":            false,
		"unix:/run/s":    false,
		"[fe80::1%e]:80": false,
	} {
		if got := reachable(listen); got != want {
			t.Errorf("%s: %v, want %v", listen, got, want)
		}
	}
}
