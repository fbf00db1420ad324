package demo

import (
	"encoding/xml"
	"fmt"
	"time"
)

// The elements of RSS 2.0 and of the modules that newspapers use with it.
type (
	rssDocument struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Content string     `xml:"xmlns:content,attr"`
		DC      string     `xml:"xmlns:dc,attr"`
		Atom    string     `xml:"xmlns:atom,attr"`
		Media   string     `xml:"xmlns:media,attr,omitempty"`
		Channel rssChannel `xml:"channel"`
	}
	rssChannel struct {
		Title       string    `xml:"title"`
		Link        string    `xml:"link"`
		Description string    `xml:"description"`
		Language    string    `xml:"language"`
		Self        rssSelf   `xml:"atom:link"`
		LastBuild   string    `xml:"lastBuildDate,omitempty"`
		Items       []rssItem `xml:"item"`
	}
	rssSelf struct {
		Href string `xml:"href,attr"`
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
	}
	rssItem struct {
		Title       string        `xml:"title"`
		Link        string        `xml:"link"`
		GUID        rssGUID       `xml:"guid"`
		PubDate     string        `xml:"pubDate,omitempty"`
		Creators    []string      `xml:"dc:creator"`
		Categories  []string      `xml:"category"`
		Description string        `xml:"description"`
		Content     cdata         `xml:"content:encoded"`
		Enclosure   *rssEnclosure `xml:"enclosure"`
		Thumbnail   *rssThumbnail `xml:"media:thumbnail"`
	}
	rssGUID struct {
		IsPermaLink bool   `xml:"isPermaLink,attr"`
		Value       string `xml:",chardata"`
	}
	rssEnclosure struct {
		URL    string `xml:"url,attr"`
		Length int    `xml:"length,attr"`
		Type   string `xml:"type,attr"`
	}
	rssThumbnail struct {
		URL    string `xml:"url,attr"`
		Width  int    `xml:"width,attr"`
		Height int    `xml:"height,attr"`
	}
	cdata struct {
		Text string `xml:",cdata"`
	}
)

func (p *Publisher) rss(items []item, changed time.Time) []byte {
	doc := rssDocument{
		Version: "2.0",
		Content: "http://purl.org/rss/1.0/modules/content/",
		DC:      "http://purl.org/dc/elements/1.1/",
		Atom:    "http://www.w3.org/2005/Atom",
		Channel: rssChannel{
			Title: p.Name, Link: p.home, Description: p.style.Tagline, Language: p.Language,
			Self:      rssSelf{p.FeedURL(), "self", "application/rss+xml"},
			LastBuild: p.rssDate(changed),
		},
	}
	if p.style.Pictures {
		doc.Media = "http://search.yahoo.com/mrss/"
	}
	for _, it := range items {
		doc.Channel.Items = append(doc.Channel.Items, p.rssItem(it))
	}
	return encode(doc)
}

func (p *Publisher) rssItem(it item) rssItem {
	ri := rssItem{
		Title: it.Title, Link: it.Link, GUID: rssGUID{it.IsPermalink, it.GUID}, PubDate: p.rssDate(it.Published),
		Creators: it.Authors, Categories: it.Categories, Description: it.Summary, Content: cdata{it.Content},
	}
	if len(it.picture) > 0 {
		address := p.home + "pictures/" + it.Slug + ".png"
		ri.Enclosure = &rssEnclosure{address, len(it.picture), "image/png"}
		ri.Thumbnail = &rssThumbnail{address, pictureWidth, pictureHeight}
	}
	return ri
}

// rssDate writes RFC 822 with a year of four digits, as RSS 2.0 asks.
func (p *Publisher) rssDate(t time.Time) string {
	if p.style.Dateless || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC1123Z)
}

// encode writes a document of strings and numbers, which cannot fail.
func encode(doc any) []byte {
	body, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("demo: encode a feed: %v", err))
	}
	return append([]byte(xml.Header), append(body, '\n')...)
}
