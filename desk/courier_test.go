package desk

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"copydesk/config"
	"copydesk/publish/hub"
)

// Whoever can reach the hub can name a callback. It must not make the daemon
// ask the operator's own network.
func TestACallbackInOurOwnNetworkIsAskedOnlyWhereThatIsAllowed(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(s.Close)
	for _, allow := range [][]string{nil, {"127.0.0.0/8:*"}} {
		c, err := newCourier(config.Config{Poll: config.Poll{Allow: allow}}, World{Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		status, _, err := c.Send(t.Context(), hub.Letter{Method: http.MethodGet, URL: s.URL})
		c.client.Close()
		if want := len(allow); asked != want || (err == nil) != (want == 1) {
			t.Errorf("allow %q: asked %d times, status %d, %v", allow, asked, status, err)
		}
	}
}

func TestEditionsNameAHubOnlyWhereOthersCanRelyOnTheirAddress(t *testing.T) {
	for want, s := range map[string]config.Server{
		"":                              {BaseURL: "http://127.0.0.1:8480"},
		"https://feeds.example.org/hub": {BaseURL: "https://feeds.example.org", Named: true},
		"https://hub.example.org/":      {BaseURL: "https://feeds.example.org", Named: true, Hub: "https://hub.example.org/"},
	} {
		if got := hubOf(s); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
	if got := hubOf(config.Server{BaseURL: "https://feeds.example.org", Named: true, Hub: config.HubOff}); got != "" {
		t.Errorf("off: %q", got)
	}
}
