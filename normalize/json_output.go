package normalize

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"copydesk"
)

// JSON is the document that "copydesk parse --json" prints of a feed. Scripts
// rely on its names; what is absent is left out.
func JSON(feed copydesk.Feed) ([]byte, error) {
	out := jsonFeed{
		Format: feed.Format, Title: feed.Title, Link: feed.Link, ID: feed.ID, Subtitle: feed.Subtitle, Language: feed.Language,
		Rights: feed.Rights, Generator: feed.Generator, Updated: moment(feed.Updated), Published: moment(feed.Published), Image: feed.Image,
		Authors: feed.Authors, Categories: labels(feed.Categories), Entries: []jsonEntry{}, Warnings: feed.Warnings,
	}
	for _, e := range feed.Entries {
		out.Entries = append(out.Entries, jsonEntry{
			ID: e.GUID, Link: e.Link, Title: e.Title, Summary: e.Summary, Content: e.Content, Authors: e.Authors,
			Published: moment(e.Published), Updated: moment(e.Updated), Categories: labels(e.Categories), Details: e.Categories,
			Enclosures: e.Enclosures, Image: e.Image, Language: declaredOrSpoken(e.Text), Rights: e.Rights, Comments: e.Comments, Credits: e.Credits, Rewritten: e.Rewritten,
		})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("write the feed as JSON: %w", err)
	}
	return b.Bytes(), nil
}

type jsonFeed struct {
	Format     string            `json:"format"`
	Title      string            `json:"title,omitempty"`
	Link       string            `json:"link,omitempty"`
	ID         string            `json:"id,omitempty"`
	Subtitle   string            `json:"subtitle,omitempty"`
	Language   string            `json:"language,omitempty"`
	Rights     string            `json:"rights,omitempty"`
	Generator  string            `json:"generator,omitempty"`
	Updated    string            `json:"updated,omitempty"`
	Published  string            `json:"published,omitempty"`
	Image      string            `json:"image,omitempty"`
	Authors    []copydesk.Person `json:"authors,omitempty"`
	Categories []string          `json:"categories,omitempty"`
	Entries    []jsonEntry       `json:"entries"`
	Warnings   []string          `json:"warnings,omitempty"`
}

type jsonEntry struct {
	ID         string               `json:"id,omitempty"`
	Link       string               `json:"link,omitempty"`
	Title      string               `json:"title,omitempty"`
	Summary    string               `json:"summary,omitempty"`
	Content    string               `json:"content,omitempty"`
	Authors    []copydesk.Person    `json:"authors,omitempty"`
	Published  string               `json:"published,omitempty"`
	Updated    string               `json:"updated,omitempty"`
	Categories []string             `json:"categories,omitempty"`
	Details    []copydesk.Category  `json:"category_details,omitempty"`
	Enclosures []copydesk.Enclosure `json:"enclosures,omitempty"`
	Image      string               `json:"image,omitempty"`
	Language   string               `json:"language,omitempty"`
	Rights     string               `json:"rights,omitempty"`
	Comments   string               `json:"comments,omitempty"`
	Credits    []copydesk.Credit    `json:"credits,omitempty"`
	Rewritten  bool                 `json:"rewritten,omitempty"`
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// labels are what people call the categories.
func labels(categories []copydesk.Category) []string {
	var all []string
	for _, c := range categories {
		all = append(all, cmp.Or(c.Label, c.Term))
	}
	return all
}
