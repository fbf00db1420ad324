package publish

import "testing"

func TestTheIDOfASourceIsInItsOnlyForm(t *testing.T) {
	for id, want := range map[string]string{
		"https://a.example/feed?x=1#y":    "https://a.example/feed?x=1#y",
		"https://A.Example":               "https://a.example/",
		"http://a.example:80?x":           "http://a.example/?x",
		"https://a.example:/":             "https://a.example/",
		"https://a.example:8443/%7eann":   "https://a.example:8443/~ann",
		"https://a.example/%c3%a4%2f%2E":  "https://a.example/%C3%A4%2F.",
		"https://a.example/a/../b":        "",
		"https://a.example/.":             "",
		"https://a.example/?back=/../x":   "https://a.example/?back=/../x",
		"tag:A.example,2026:x":            "tag:A.example,2026:x",
		"urn:uuid:6E8BC430-9C3A-11D9-966": "urn:uuid:6E8BC430-9C3A-11D9-966",
		"":                                "",
	} {
		if got := canonical(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
		if twice := canonical(want); twice != want {
			t.Errorf("%s: %q the second time", want, twice)
		}
	}
}
