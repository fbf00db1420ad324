package publishtest

import (
	"bytes"
	"encoding/json"
	"strings"
)

type jsonFeed struct {
	Version  string           `json:"version"`
	Title    string           `json:"title"`
	Home     string           `json:"home_page_url"`
	Self     string           `json:"feed_url"`
	Next     string           `json:"next_url"`
	Language string           `json:"language"`
	Hubs     []jsonHub        `json:"hubs"`
	Items    []map[string]any `json:"items"`
}

type jsonHub struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// JSON applies JSON Feed 1.1. Self is as for [Atom].
func JSON(t T, b []byte, self string) {
	t.Helper()
	var feed jsonFeed
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&feed); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if feed.Version != "https://jsonfeed.org/version/1.1" || strings.TrimSpace(feed.Title) == "" || feed.Items == nil {
		t.Fatalf("a required member is missing: %s", b)
	}
	isAddress(t, "home_page_url", feed.Home)
	isAddress(t, "feed_url", feed.Self)
	if self != "" && feed.Self != self || feed.Next == feed.Self {
		t.Fatalf("feed_url %s at %s, next_url %s", feed.Self, self, feed.Next)
	}
	if feed.Next != "" {
		isAddress(t, "next_url", feed.Next)
	}
	if feed.Language != "" {
		isLanguage(t, "language", feed.Language)
	}
	for _, h := range feed.Hubs {
		isAddress(t, "hub", h.URL)
		if h.Type == "" {
			t.Fatalf("a hub without a type")
		}
	}
	ids := map[string]bool{}
	for _, i := range feed.Items {
		id, _ := i["id"].(string)
		once(t, ids, "id", id)
		jsonItem(t, i)
	}
}

func jsonItem(t T, item map[string]any) {
	t.Helper()
	for member, value := range item {
		s, _ := value.(string)
		switch member {
		case "id", "title", "summary":
			if strings.TrimSpace(s) == "" {
				t.Fatalf("%s is empty or no text", member)
			}
		case "url", "image":
			isAddress(t, member, s)
		case "content_html":
			isHTML(t, member, s)
		case "date_published", "date_modified":
			isDate(t, member, s)
		case "language":
			isLanguage(t, member, s)
		case "authors":
			objects(t, member, value, "name")
		case "attachments":
			objects(t, member, value, "url", "mime_type")
		case "tags":
			for _, tag := range list(t, member, value) {
				if s, _ := tag.(string); strings.TrimSpace(s) == "" {
					t.Fatalf("a tag is %v", tag)
				}
			}
		default:
			if !strings.HasPrefix(member, "_") || strings.Contains(member, ".") {
				t.Fatalf("JSON Feed knows no %s", member)
			}
		}
	}
	for _, member := range []string{"content_html", "authors", "date_published", "date_modified"} {
		if s, isText := item[member].(string); item[member] == nil || isText && s == "" {
			t.Fatalf("an item without %s", member)
		}
	}
}

func list(t T, what string, value any) []any {
	t.Helper()
	all, ok := value.([]any)
	if !ok || len(all) == 0 {
		t.Fatalf("%s is %v", what, value)
	}
	return all
}

// objects takes a list of objects that have these members, and addresses that
// are some.
func objects(t T, what string, value any, members ...string) {
	t.Helper()
	for _, one := range list(t, what, value) {
		object, _ := one.(map[string]any)
		for _, member := range members {
			if s, _ := object[member].(string); strings.TrimSpace(s) == "" {
				t.Fatalf("%s without %s: %v", what, member, one)
			}
		}
		if address, given := object["url"].(string); given {
			isAddress(t, what, address)
		}
	}
}
