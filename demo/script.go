package demo

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

//go:embed articles/*.toml
var files embed.FS

// The formats of feeds, and what a publisher takes for a guid.
const (
	formatRSS  = "rss"
	formatAtom = "atom"

	guidAddress = "address" // of the article's page
	guidNumber  = "number"  // an address with a number in it, which is no permalink
	guidTag     = "tag"     // a tag URI
	guidOpaque  = "opaque"  // a hash
)

// style is how a publisher writes its feed.
type style struct {
	Tagline    string
	Format     string
	GUIDs      string
	Closing    string // a line under every text of its own
	Dateless   bool   // the feed gives no dates
	Relative   bool   // addresses are relative to xml:base
	HTMLTitles bool   `toml:"html_titles"` // titles are of type html
	Pictures   bool   // enclosures and thumbnails
}

// script is a publisher's file.
type script struct {
	Name     string
	Language string
	Role     string
	Topics   []string
	Style    style
	Article  []*article
}

// span is a duration that a file writes as "7h30m".
type span time.Duration

// UnmarshalText reads what time.ParseDuration reads.
func (s *span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = span(d)
	return err
}

// Publishers returns the five sample publishers, in the order of their slugs.
// Their addresses begin with base, such as "http://127.0.0.1:8490", where
// [Handler] serves them. Their archive reaches back from start, and the script
// runs one step every beat from then on.
//
// It reads only what is built into the program, so a mistake there is ours,
// and it panics.
func Publishers(base string, start time.Time, beat time.Duration) []*Publisher {
	names, err := files.ReadDir("articles")
	if err != nil {
		panic(fmt.Sprintf("demo: list the built-in publishers: %v", err))
	}
	var pubs []*Publisher
	for _, name := range names {
		p, err := read(path.Join("articles", name.Name()))
		if err != nil {
			panic(fmt.Sprintf("demo: %v", err))
		}
		p.home = strings.TrimRight(base, "/") + "/" + p.Slug + "/"
		p.clock = clock{start, beat}
		pubs = append(pubs, p)
	}
	if err := connect(pubs); err != nil {
		panic(fmt.Sprintf("demo: %v", err))
	}
	return pubs
}

func read(file string) (*Publisher, error) {
	text, err := files.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	var s script
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&s); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return &Publisher{
		Name: s.Name, Slug: strings.TrimSuffix(path.Base(file), ".toml"),
		Language: s.Language, Role: s.Role, Topics: s.Topics, style: s.Style, articles: s.Article,
	}, nil
}

// connect gives every article its publisher, its times and its original.
func connect(pubs []*Publisher) error {
	all := make(map[string]*article)
	for _, p := range pubs {
		for i, a := range p.articles {
			a.by, a.number = p, i+1
			a.out = p.clock.at(a.Beat).Add(-time.Duration(a.Before))
			if a.Retitle != "" {
				a.retitled = p.clock.at(a.RetitleAt)
			}
			if p.style.Pictures {
				a.picture = picture(a.Slug)
			}
			all[p.Slug+"/"+a.Slug] = a
		}
	}
	for name, a := range all {
		if a.CopyOf == "" {
			continue
		}
		if a.original = all[a.CopyOf]; a.original == nil {
			return fmt.Errorf("%s: a copy of %q, which no publisher has", name, a.CopyOf)
		}
	}
	return nil
}
