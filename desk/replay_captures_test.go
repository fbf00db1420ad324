package desk_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// capturesKey names the environment variable with the folder of captured feeds.
// They are other people's text and no part of the project (CONTRIBUTING.md says
// where they come from).
const capturesKey = "COPYDESK_CAPTURES"

// capture is what a publisher served from a time on.
type capture struct {
	at      time.Time
	file    string
	body    []byte
	damaged bool // not well-formed
}

// readCaptures returns the captures of each publisher in the order of time, one
// for each change of what it served.
func readCaptures(t *testing.T) map[string][]capture {
	t.Helper()
	data := os.Getenv(capturesKey)
	if data == "" {
		t.Skipf("%s names no folder of captured feeds: the replay is not run", capturesKey)
	}
	folder := filepath.Join(data, "feeds", "burst-2020-05-18")
	timeline, err := os.ReadFile(filepath.Join(folder, "timeline.tsv"))
	if err != nil {
		t.Fatalf("%s: %v", capturesKey, err)
	}
	all := map[string][]capture{}
	_, rows, _ := strings.Cut(string(timeline), "\n") // without the heading
	for row := range strings.Lines(rows) {
		column := strings.Split(strings.TrimSpace(row), "\t")
		at, err := time.Parse(time.RFC3339, column[0])
		if err != nil || len(column) < 3 {
			t.Fatalf("timeline.tsv: %q: %v", row, err)
		}
		publisher, file := column[1], column[2]
		if past := all[publisher]; len(past) > 0 && past[len(past)-1].file == file {
			continue
		}
		body, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		all[publisher] = append(all[publisher], capture{at: at, file: file, body: body, damaged: !wellFormed(body)})
	}
	return all
}

func wellFormed(body []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

func (c capture) lastModified() string { return c.at.UTC().Format(http.TimeFormat) }

// The kinds of names that publishers give their items.
const (
	byGUID = "guid"
	byID   = "atom:id"
	byLink = "link" // for want of a guid
)

// listed is an item as a capture lists it.
type listed struct{ kind, name, title string }

// Found by pattern on purpose: what is proved with them must not have been read
// by the parser that is put to the proof.
var (
	itemPattern  = regexp.MustCompile(`(?s)<(?:item|entry)[\s>].*?</(?:item|entry)>`)
	titlePattern = regexp.MustCompile(`(?s)<title[^>]*>(.*?)</title>`)
	cdata        = regexp.MustCompile(`(?s)<!\[CDATA\[(.*?)\]\]>`)
	namePatterns = []struct {
		kind    string
		pattern *regexp.Regexp
	}{
		{byGUID, regexp.MustCompile(`(?s)<guid[^>]*>(.*?)</guid>`)},
		{byID, regexp.MustCompile(`(?s)<id>(.*?)</id>`)},
		{byLink, regexp.MustCompile(`(?s)<link>(.*?)</link>`)},
	}
)

// items returns what the capture lists, in order.
func (c capture) items() (all []listed) {
	for _, item := range itemPattern.FindAll(c.body, -1) {
		found := listed{title: plain(titlePattern.FindSubmatch(item))}
		for _, n := range namePatterns {
			if name := plain(n.pattern.FindSubmatch(item)); name != "" {
				found.kind, found.name = n.kind, name
				break
			}
		}
		all = append(all, found)
	}
	return all
}

// plain is the text of an element whose content is the match's first group,
// white space around and within it as HTML shows it.
func plain(match [][]byte) string {
	if match == nil {
		return ""
	}
	var text strings.Builder
	rest, last := string(match[1]), 0
	for _, at := range cdata.FindAllStringSubmatchIndex(rest, -1) {
		text.WriteString(html.UnescapeString(rest[last:at[0]]))
		text.WriteString(rest[at[2]:at[3]])
		last = at[1]
	}
	text.WriteString(html.UnescapeString(rest[last:]))
	return strings.Join(strings.FieldsFunc(text.String(), isSpace), " ")
}

// isSpace reports whether r is white space in HTML, where a non-breaking space
// is none.
func isSpace(r rune) bool { return strings.ContainsRune(" \t\n\f\r", r) }
