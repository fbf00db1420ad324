package publish

import (
	"cmp"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/feeds"

	"copydesk"
)

type rssFeed struct {
	*feeds.RssFeedXml            // version, xmlns:content
	DC                string     `xml:"xmlns:dc,attr"`
	Atom              string     `xml:"xmlns:atom,attr"`
	Media             string     `xml:"xmlns:media,attr"`
	History           string     `xml:"xmlns:fh,attr,omitempty"`
	Channel           rssChannel `xml:"channel"`
}

// FeedXml makes it a feed that gorilla/feeds can write.
func (f *rssFeed) FeedXml() any { return f }

type rssChannel struct {
	*feeds.RssFeed            // link, language, lastBuildDate, …
	Title          *atomText  `xml:"title"`
	Description    *atomText  `xml:"description"`
	Archive        *struct{}  `xml:"fh:archive"`
	Links          []atomLink `xml:"atom:link"`
	Items          []rssItem  `xml:"item"` // none: galleys stand there
}

type rssItem struct {
	*feeds.RssItem               // guid, pubDate, comments
	Title          *atomText     `xml:"title"`
	Link           string        `xml:"link,omitempty"`
	Description    *atomText     `xml:"description"`
	Content        *atomText     `xml:"content:encoded"`
	Creators       []*atomText   `xml:"dc:creator"`
	Categories     []rssCategory `xml:"category"`
	Language       string        `xml:"dc:language,omitempty"`
	Rights         *atomText     `xml:"dc:rights"`
	Updated        string        `xml:"atom:updated"`
	Links          []atomLink    `xml:"atom:link"`
	Files          []mediaFile   `xml:"media:content"`
	Thumbnail      *thumbnail    `xml:"media:thumbnail"`
	Source         *rssSource    `xml:"source"`
}

type rssCategory struct {
	Domain string `xml:"domain,attr,omitempty"`
	Term   string `xml:",innerxml"` // escaped already, as is the title of a source
}

type rssSource struct {
	URL   string `xml:"url,attr"`
	Title string `xml:",innerxml"`
}

// preview is the description of an item, HTML that stands for the whole: the
// summary, else the beginning of the content. Readers want one before
// content:encoded, also where that is a picture alone.
func (p *proof) preview() string {
	if p.summary != "" || p.content == "" {
		return p.summary
	}
	return fragment(cmp.Or(excerpt(plain(p.content), excerptLength), p.Title))
}

// mediaFile is a file beside the one that RSS allows in enclosure.
type mediaFile struct {
	URL    string `xml:"url,attr"`
	Type   string `xml:"type,attr,omitempty"`
	Length int64  `xml:"fileSize,attr,omitempty"`
}

func (i *Issue) rssHead(site Site) (head, tail []byte, err error) {
	f := &rssFeed{
		RssFeedXml: &feeds.RssFeedXml{Version: "2.0", ContentNamespace: "http://purl.org/rss/1.0/modules/content/"},
		DC:         "http://purl.org/dc/elements/1.1/",
		Atom:       atomNamespace,
		Media:      mediaNamespace,
		Channel: rssChannel{
			RssFeed: &feeds.RssFeed{
				Link:          i.address(site, Page, i.home()),
				Language:      i.language(),
				LastBuildDate: i.Updated.Format(time.RFC1123Z),
				Generator:     strings.TrimSpace(software + " " + clean(site.Version)),
			},
			Title: text(i.Title), Description: text(i.Title),
			Links: i.feedLinks(RSS, site),
		},
	}
	f.History, f.Channel.Archive = i.history()
	b, err := writeXML(f, 2<<10)
	if err != nil {
		return nil, nil, err
	}
	return cut(b, "\n  </channel>")
}

func newRSSItem(p *proof) rssItem {
	item := rssItem{
		RssItem: &feeds.RssItem{
			Guid:     &feeds.RssGuid{Id: clean(p.id), IsPermaLink: "false"},
			PubDate:  p.Published.Format(time.RFC1123Z),
			Comments: p.comments,
		},
		Title:       text(p.Title),
		Link:        p.Link,
		Description: encoded(p.preview()),
		Content:     encoded(p.content),
		Language:    p.Language,
		Rights:      text(plain(p.rights)),
		Updated:     stamp(p.updated),
	}
	for _, a := range p.authors {
		item.Creators = append(item.Creators, text(a.Name))
	}
	for _, c := range p.categories {
		item.Categories = append(item.Categories, rssCategory{c.Scheme, escapeText(cmp.Or(c.Label, c.Term))})
	}
	for _, o := range p.Others {
		if o.Link != "" {
			item.Links = append(item.Links, atomLink{Rel: o.rel(), Href: o.Link, Hreflang: o.language, Title: o.headline()})
		}
	}
	item.files(p)
	if p.source.self != "" {
		item.Source = &rssSource{p.source.self, escapeText(p.source.title)}
	}
	return item
}

// encoded is HTML in an element that does not say that it is; nil if there is
// none.
func encoded(html string) *atomText {
	if html == "" {
		return nil
	}
	return &atomText{Body: escape(html)}
}

// files puts the first enclosure where RSS has room for one, and the others
// into Media RSS.
func (item *rssItem) files(p *proof) {
	for i, e := range p.enclosures {
		if i == 0 {
			item.Enclosure = &feeds.RssEnclosure{Url: e.URL, Type: fileType(e), Length: strconv.FormatInt(e.Length, 10)}
			continue
		}
		item.Files = append(item.Files, mediaFile{e.URL, e.Type, e.Length})
	}
	if p.image != "" {
		item.Thumbnail = &thumbnail{p.image}
	}
}

// fileTypes are ours, since the tables of package mime differ from machine to
// machine and with them the bytes of an edition.
var fileTypes = map[string]string{
	".aac": "audio/aac", ".flac": "audio/flac", ".gif": "image/gif", ".jpeg": "image/jpeg", ".jpg": "image/jpeg",
	".m4a": "audio/mp4", ".m4v": "video/mp4", ".mp3": "audio/mpeg", ".mp4": "video/mp4", ".oga": "audio/ogg",
	".ogg": "audio/ogg", ".opus": "audio/ogg", ".pdf": "application/pdf", ".png": "image/png", ".webm": "video/webm",
	".webp": "image/webp",
}

// fileType is the type of e where a format demands one.
func fileType(e copydesk.Enclosure) string {
	if e.Type != "" {
		return e.Type
	}
	address, _, _ := strings.Cut(e.URL, "?")
	return cmp.Or(fileTypes[strings.ToLower(path.Ext(address))], "application/octet-stream")
}
