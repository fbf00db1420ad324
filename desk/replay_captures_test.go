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

// items returns what the capture lists, in order. It looks for tags and knows
// nothing of XML, on purpose: what is proved with it must not have been read by
// the parser that is put to the proof.
func (c capture) items() (all []listed) {
	for rest := string(c.body); ; {
		item, after, found := element(rest, "item", "entry")
		if !found {
			return all
		}
		rest = after
		title, _, _ := element(item, "title")
		one := listed{title: plain(title)}
		for _, name := range []struct{ kind, tag string }{{byGUID, "guid"}, {byID, "id"}, {byLink, "link"}} {
			text, _, _ := element(item, name.tag)
			if one.name = plain(text); one.name != "" {
				one.kind = name.kind
				break
			}
		}
		all = append(all, one)
	}
}

// element returns what stands within the first complete element with one of the
// tags, and what follows it.
func element(text string, tags ...string) (inside, rest string, found bool) {
	first := len(text)
	for _, tag := range tags {
		at := begin(text, tag)
		if at < 0 || at >= first {
			continue
		}
		_, content, _ := strings.Cut(text[at:], ">")
		if in, after, ok := strings.Cut(content, "</"+tag+">"); ok {
			first, inside, rest, found = at, in, after, true
		}
	}
	return inside, rest, found
}

// begin is where the first start tag is that is no empty element; -1 if nowhere.
func begin(text, tag string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], "<"+tag)
		if at < 0 {
			return -1
		}
		from += at + 1
		after := text[from+len(tag):]
		if end := strings.IndexByte(after, '>'); end == 0 || end > 0 && isSpace(rune(after[0])) && after[end-1] != '/' {
			return from - 1
		}
	}
}

// plain is the text of an element's content, without white space around it.
func plain(content string) string {
	var text strings.Builder
	for content != "" {
		before, section, _ := strings.Cut(content, "<![CDATA[")
		text.WriteString(html.UnescapeString(before))
		section, content, _ = strings.Cut(section, "]]>")
		text.WriteString(section)
	}
	return strings.TrimFunc(text.String(), isSpace)
}

// isSpace reports whether r is white space in XML.
func isSpace(r rune) bool { return strings.ContainsRune(" \t\n\r", r) }
