package publish

import (
	"bytes"
	"cmp"

	"github.com/gorilla/feeds"
)

type jsonFeed struct {
	*feeds.JSONFeed            // version, title, home_page_url, feed_url, language
	Items           []jsonItem `json:"items"` // none: galleys stand there
}

type jsonItem struct {
	*feeds.JSONItem                  // id, url, title, content_html, summary, image, dates, authors, tags
	Language        string           `json:"language,omitempty"`
	Attachments     []jsonAttachment `json:"attachments,omitempty"`
	Extension       jsonExtension    `json:"_copydesk"`
}

type jsonAttachment struct {
	URL  string `json:"url"`
	Type string `json:"mime_type"`
	Size int64  `json:"size_in_bytes,omitempty"`
}

// jsonExtension carries what JSON Feed has no member for. It is ours, as the
// underscore of its name says.
type jsonExtension struct {
	Source   jsonSource `json:"source"`
	Also     []jsonAlso `json:"also,omitempty"`
	Rights   string     `json:"rights,omitempty"`
	Comments string     `json:"comments,omitempty"`
}

type jsonSource struct {
	ID    string `json:"id,omitempty"`
	Title string `json:"title"`
	Feed  string `json:"feed_url,omitempty"`
	Page  string `json:"home_page_url,omitempty"`
}

type jsonAlso struct {
	Publisher string `json:"publisher"`
	Title     string `json:"title,omitempty"`
	URL       string `json:"url,omitempty"`
	Via       bool   `json:"via,omitempty"` // the story came through it
}

func (i *Issue) jsonHead(site Site) (head, tail []byte, err error) {
	f := jsonFeed{
		JSONFeed: &feeds.JSONFeed{
			Version:     "https://jsonfeed.org/version/1.1",
			Title:       i.Title,
			Language:    i.language(),
			HomePageUrl: i.address(site, Page, i.home()),
			FeedUrl:     i.address(site, JSON, i.Part),
		},
		Items: []jsonItem{},
	}
	switch {
	case i.Links.Next > 0:
		f.NextUrl = i.address(site, JSON, i.next())
	case i.Part.Archive > 0 && i.Links.PrevArchive > 0:
		f.NextUrl = i.address(site, JSON, Part{Archive: i.Links.PrevArchive})
	}
	if hub := i.hub(site); hub != "" {
		f.Hubs = []*feeds.JSONHub{{Type: "WebSub", Url: hub}}
	}
	var b bytes.Buffer
	if err := writeJSON(&b, f, ""); err != nil {
		return nil, nil, err
	}
	return cut(b.Bytes(), "]\n}")
}

func newJSONItem(p *proof) jsonItem {
	item := jsonItem{
		JSONItem: &feeds.JSONItem{
			Id:            clean(p.id),
			Url:           p.Link,
			Title:         p.Title,
			ContentHTML:   cmp.Or(p.content, p.summary, fragment(p.Title)), // one of content_html and content_text must be there
			Summary:       plain(p.summary),
			Image:         p.image,
			PublishedDate: &p.Published,
			ModifiedDate:  &p.updated,
		},
		Language: p.Language,
		Extension: jsonExtension{
			Source:   jsonSource{p.source.id, p.source.title, p.source.self, p.source.page},
			Rights:   plain(p.rights),
			Comments: p.comments,
		},
	}
	for _, a := range p.authors {
		item.Authors = append(item.Authors, &feeds.JSONAuthor{Name: a.Name, Url: a.URI})
	}
	for _, c := range p.categories {
		item.Tags = append(item.Tags, cmp.Or(c.Label, c.Term))
	}
	for _, e := range p.enclosures {
		item.Attachments = append(item.Attachments, jsonAttachment{e.URL, fileType(e), e.Length})
	}
	for _, o := range p.Others {
		item.Extension.Also = append(item.Extension.Also, jsonAlso{o.Publisher, o.title, o.Link, o.via})
	}
	return item
}
