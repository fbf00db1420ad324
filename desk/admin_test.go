package desk

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"copydesk"
)

// wire serves a feed of two entries, and redirects to it.
type wire struct{}

func (wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if r.URL.Path == "/feed" {
		http.Redirect(w, r, "/rss", http.StatusFound)
	} else {
		w.Header().Set("Content-Type", "application/rss+xml")
		io.WriteString(w, `<rss version="2.0"><channel><title>Wire</title>
			<item><title>Rain</title><link>http://wire.example/1</link></item>
			<item><title>Wind</title><link>http://wire.example/2</link></item></channel></rss>`)
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// polled is a desk whose one source was asked once.
func polled(t *testing.T) *Desk {
	t.Helper()
	d, _ := openDesk(t, wire{})
	var out, errs strings.Builder
	if exit := d.Do(t.Context(), Command{Name: "poll"}, Streams{&out, &errs}); exit != 0 {
		t.Fatalf("exit %d: %s", exit, &errs)
	}
	return d
}

func get(t *testing.T, h http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v: %s", resp.Status, err, body)
	}
	return string(body)
}

// What a line of Prometheus' text format is, version 0.0.4.
var (
	metricComment = regexp.MustCompile(`^# (HELP copydesk_[a-z_]+ .+|TYPE copydesk_[a-z_]+ (counter|gauge))$`)
	metricSample  = regexp.MustCompile(`^(copydesk_[a-z_]+)(\{[a-z]+="([^"\\\n]|\\["\\n])*"\})? [0-9]+(\.[0-9]+)?$`)
)

func TestMetricsAreInPrometheusTextFormat(t *testing.T) {
	d := polled(t)
	public := d.counters.count(http.NotFoundHandler())
	get(t, public, "/topics/none")
	resp := get(t, d.adminHandler(), "/metrics")
	if got := resp.Header.Get("Content-Type"); got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("Content-Type %s", got)
	}
	page := bodyOf(t, resp)
	typed := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSuffix(page, "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			if !metricComment.MatchString(line) {
				t.Errorf("comment %q", line)
			}
			typed[strings.Fields(line)[2]] = true
			continue
		}
		m := metricSample.FindStringSubmatch(line)
		if m == nil || !typed[m[1]] {
			t.Errorf("sample %q", line)
		}
	}
	for _, want := range []string{
		`copydesk_build_info{version="test"} 1`, `copydesk_polls_total{verdict="changed"} 1`, `copydesk_requests_total 2`,
		`copydesk_requests_conditional_total 0`, `copydesk_requests_apart_total{reason="first"} 2`, `copydesk_entries_found_total 2`,
		`copydesk_sources 1`, `copydesk_sources_unwell 0`, `copydesk_entries 2`, `copydesk_stories 2`, `copydesk_entries_joined 0`,
		`copydesk_inbox_entries 0`, `copydesk_topic_items{topic="asia"} 2`, `copydesk_http_responses_total{class="4xx"} 1`,
		`copydesk_http_responses_total{class="2xx"} 0`,
	} {
		if !strings.Contains(page, want+"\n") {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
}

func TestLabelsOfMetricsAreEscaped(t *testing.T) {
	e := &exposition{}
	e.metric("x", "gauge", "An x.", "topic", sample{"a\"b\\c\nd", 1.5})
	if want := "# HELP copydesk_x An x.\n# TYPE copydesk_x gauge\ncopydesk_x{topic=\"a\\\"b\\\\c\\nd\"} 1.5\n"; e.String() != want {
		t.Errorf("%s", e)
	}
}

func TestStatusIsAPageForPeopleAndJSONForPrograms(t *testing.T) {
	h := polled(t).adminHandler()
	for accept, kind := range map[string]string{
		"":                                  "application/json; charset=utf-8",
		"*/*":                               "application/json; charset=utf-8",
		"application/json, text/plain, */*": "application/json; charset=utf-8",
		"text/html,application/xhtml+xml":   "text/plain; charset=utf-8",
	} {
		resp := get(t, h, "/status", "Accept", accept)
		if got := resp.Header.Get("Content-Type"); got != kind {
			t.Errorf("Accept %q: %s", accept, got)
		}
		page := bodyOf(t, resp)
		if strings.HasPrefix(kind, "text/") {
			if !strings.Contains(page, "2 requests, 0% conditional") {
				t.Errorf("%s", page)
			}
			continue
		}
		var got struct {
			Entries int
			Today   copydesk.Ledger
		}
		if err := json.Unmarshal([]byte(page), &got); err != nil || got.Entries != 2 || got.Today.Requests != 2 {
			t.Errorf("%+v, %v in %s", got, err, page)
		}
	}
}

func TestOnlyTheAnswerCountsNotWhatComesBeforeIt(t *testing.T) {
	var c counters
	h := c.count(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusNotModified)
	}))
	get(t, h, "/")
	get(t, c.count(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })), "/")
	if c.responses[3].Load() != 1 || c.responses[2].Load() != 1 || c.responses[1].Load() != 0 {
		t.Errorf("%v", c.classes())
	}
}
