package normalize

import "strings"

// The grammar says which elements we know, where, and what to do with them.
// Dates get names of ours: gofeed would read them too, by trying its formats in
// turn.
// Everything else is passed over with all that is in it: that is also what
// keeps documents with strange depths and counts small.

type format uint8

const (
	formatRSS format = iota
	formatRDF
	formatAtom
)

// place is where an element stands: the kind of its nearest known ancestor.
type place uint8

const (
	inRoot place = iota
	inChannel
	inItem
	inFeed
	inEntry
	inPerson
	inSource
	inImage
	inGroup // media:group and media:content
	inOwner
	inSkipHours
	inSkipDays
)

type action uint8

const (
	pass    action = iota // over it, with all that it holds
	enter                 // its children count
	markup                // its content is HTML, or text that becomes HTML
	plain                 // its content is text
	address               // its content is an address
	empty                 // only its attributes count
	name                  // it names the entry: kept byte for byte
	flatten               // as if its tags were not there
)

// rule is what to do with one element.
type rule struct {
	action action
	to     place  // where its children stand, for enter
	as     string // its name in the clean document; empty: the name it has
	attrs  string // attributes to keep, each between spaces; a "*" before one that holds an address
}

const (
	linkAttrs  = " *href rel type length hreflang title "
	mediaAttrs = " *url type medium fileSize length width height isDefault "
)

var person = map[string]rule{
	"name": {action: plain}, "email": {action: plain}, "uri": {action: address}, "url": {action: address, as: "uri"},
	"homepage": {action: address, as: "uri"},
}

// media is Media RSS, which can stand in an entry, a group or a content.
var media = map[string]rule{
	"media:group": {action: enter, to: inGroup}, "media:content": {action: enter, to: inGroup, attrs: mediaAttrs},
	"media:thumbnail": {action: empty, attrs: " *url width height "}, "media:title": {action: markup},
	"media:description": {action: markup}, "media:text": {action: markup}, "media:credit": {action: plain, attrs: " role "},
	"media:keywords": {action: plain}, "media:category": {action: plain, attrs: " scheme label "},
	"media:player": {action: empty, attrs: " *url "}, "media:copyright": {action: markup},
}

// extensions are what any feed or entry can have, whatever its format.
var extensions = map[string]rule{
	"dc:creator": {action: plain}, "dc:author": {action: plain, as: "dc:creator"}, "dc:subject": {action: plain}, "dc:date": {action: plain},
	"dc:title": {action: markup}, "dc:description": {action: markup}, "dc:rights": {action: markup}, "dc:language": {action: plain},
	"dc:publisher": {action: plain}, "dc:contributor": {action: plain}, "dc:source": {action: plain}, "dc:identifier": {action: plain},
	"dcterms:issued": {action: plain}, "dcterms:created": {action: plain}, "dcterms:modified": {action: plain},
	"dcterms:available": {action: plain}, "dcterms:date": {action: plain},
	"itunes:author": {action: plain}, "itunes:image": {action: empty, attrs: " *href *url "}, "itunes:keywords": {action: plain},
	"itunes:summary": {action: markup}, "itunes:subtitle": {action: markup}, "itunes:title": {action: markup},
	"itunes:category": {action: enter, to: inOwner, attrs: " text "}, "itunes:owner": {action: enter, to: inOwner},
	"feedburner:origlink": {action: address}, "pheedo:origlink": {action: address, as: "feedburner:origlink"},
	"content:encoded": {action: markup}, "xhtml:body": {action: markup}, "xhtml:div": {action: markup, as: "xhtml:body"},
	"atom:link": {action: empty, attrs: linkAttrs}, "atom:author": {action: enter, to: inPerson},
	"atom:updated": {action: plain}, "atom:published": {action: plain}, "atom:modified": {action: plain, as: "atom:updated"},
	"atom:issued": {action: plain, as: "atom:published"}, "atom:id": {action: plain}, "atom:title": {action: markup},
	"atom:summary": {action: markup}, "atom:content": {action: markup}, "atom:subtitle": {action: markup}, "atom:icon": {action: address},
	"atom:logo": {action: address}, "atom:rights": {action: markup}, "atom:category": {action: empty, attrs: " term scheme label "},
	"atom:source": {action: enter, to: inSource}, "creativecommons:license": {action: address},
	"sy:updateperiod": {action: plain}, "sy:updatefrequency": {action: plain},
}

var grammar = map[place]map[string]rule{
	inRoot: {
		"channel": {action: enter, to: inChannel}, "item": {action: enter, to: inItem}, "image": {action: enter, to: inImage},
	},
	inChannel: with(extensions, media, map[string]rule{
		"title": {action: markup}, "description": {action: markup}, "link": {action: address, attrs: linkAttrs}, "language": {action: plain},
		"copyright": {action: markup}, "managingeditor": {action: plain}, "webmaster": {action: plain}, "author": {action: plain, as: "cd:author"},
		"pubdate": {action: plain, as: "cd:pubdate"}, "lastbuilddate": {action: plain, as: "cd:lastbuilddate"}, "generator": {action: plain}, "ttl": {action: plain},
		"skiphours": {action: enter, to: inSkipHours}, "skipdays": {action: enter, to: inSkipDays},
		"tagline": {action: markup, as: "itunes:subtitle"}, "category": {action: plain, attrs: " domain "},
		"image": {action: enter, to: inImage}, "item": {action: enter, to: inItem}, "items": {action: flatten},
		"channel": {action: flatten},
	}),
	inItem: with(extensions, media, map[string]rule{
		"title": {action: markup}, "description": {action: markup}, "link": {action: address, attrs: linkAttrs}, "guid": {action: name, attrs: " isPermaLink isPermalink ispermalink "},
		"author": {action: plain}, "comments": {action: address}, "pubdate": {action: plain, as: "cd:pubdate"}, "source": {action: plain, attrs: " *url "},
		"enclosure": {action: empty, attrs: " *url type length "}, "category": {action: plain, attrs: " domain "},
		"encoded": {action: markup, as: "content:encoded"}, "body": {action: markup, as: "xhtml:body"}, "content": {action: markup, as: "atom:content"},
		"copyright": {action: markup, as: "dc:rights"}, "rights": {action: markup, as: "dc:rights"}, "creator": {action: plain, as: "dc:creator"},
		"summary": {action: markup, as: "atom:summary"}, "published": {action: plain, as: "atom:published"}, "updated": {action: plain, as: "atom:updated"},
		"date": {action: plain, as: "dc:date"}, "publicationdate": {action: plain, as: "dc:date"}, "language": {action: plain, as: "dc:language"},
		"fulltext": {action: markup, as: "content:encoded"}, "lastbuilddate": {action: plain, as: "atom:updated"}, "image": {action: enter, to: inImage, as: "cd:image"},
		"thumbnail": {action: empty, as: "media:thumbnail", attrs: " *url width height "},
	}),
	inFeed: with(extensions, media, map[string]rule{
		"title": {action: markup}, "id": {action: name}, "subtitle": {action: markup}, "tagline": {action: markup, as: "subtitle"},
		"info": {action: markup, as: "itunes:summary"}, "link": {action: empty, attrs: linkAttrs}, "updated": {action: plain, as: "cd:updated"},
		"modified": {action: plain, as: "cd:updated"}, "published": {action: plain, as: "dcterms:issued"}, "issued": {action: plain, as: "dcterms:issued"},
		"created": {action: plain, as: "dcterms:created"}, "generator": {action: plain, attrs: " uri url version "}, "icon": {action: address},
		"logo": {action: address}, "rights": {action: markup}, "copyright": {action: markup, as: "rights"}, "author": {action: enter, to: inPerson},
		"category": {action: empty, attrs: " term scheme label "}, "entry": {action: enter, to: inEntry},
	}),
	inEntry: with(extensions, media, map[string]rule{
		"title": {action: markup}, "id": {action: name}, "link": {action: empty, attrs: linkAttrs}, "updated": {action: plain, as: "cd:updated"},
		"modified": {action: plain, as: "cd:updated"}, "published": {action: plain, as: "cd:published"}, "issued": {action: plain, as: "cd:published"},
		"created": {action: plain, as: "dcterms:created"}, "rights": {action: markup}, "copyright": {action: markup, as: "rights"},
		"author": {action: enter, to: inPerson}, "category": {action: empty, attrs: " term scheme label "},
		"summary": {action: markup}, "content": {action: markup, attrs: " *src "}, "source": {action: enter, to: inSource},
		"comments": {action: address, as: "cd:comments"},
	}),
	inPerson: with(person, map[string]rule{
		"atom:name": {action: plain, as: "name"}, "atom:email": {action: plain, as: "email"}, "atom:uri": {action: address, as: "uri"},
	}),
	inSource: {
		"title": {action: markup}, "id": {action: plain}, "link": {action: empty, attrs: linkAttrs},
		"atom:title": {action: markup}, "atom:id": {action: plain}, "atom:link": {action: empty, attrs: linkAttrs},
	},
	inImage:     {"url": {action: address}, "title": {action: plain}, "link": {action: address}},
	inGroup:     media,
	inSkipHours: {"hour": {action: plain}}, inSkipDays: {"day": {action: plain}},
	inOwner: {
		"itunes:name": {action: plain}, "itunes:email": {action: plain}, "itunes:category": {action: enter, to: inOwner, attrs: " text "},
	},
}

func with(tables ...map[string]rule) map[string]rule {
	all := map[string]rule{}
	for _, t := range tables {
		for k, v := range t {
			all[k] = v
		}
	}
	return all
}

// namespaces are those we know, and the prefix that each has in clean
// documents. "" is the vocabulary of the format itself.
var namespaces = map[string]string{
	"http://www.w3.org/2005/Atom":                          "atom",
	"https://www.w3.org/2005/Atom":                         "atom",
	"http://purl.org/atom/ns#":                             "atom",
	"http://example.com/newformat#":                        "atom",
	"http://purl.org/dc/elements/1.1/":                     "dc",
	"http://purl.org/dc/elements/1.0/":                     "dc",
	"http://purl.org/dc/terms/":                            "dcterms",
	"http://purl.org/rss/1.0/modules/content/":             "content",
	"http://purl.org/rss/1.0/modules/syndication/":         "sy",
	"http://search.yahoo.com/mrss":                         "media",
	"http://search.yahoo.com/mrss/":                        "media",
	"https://search.yahoo.com/mrss/":                       "media",
	"http://video.search.yahoo.com/mrss":                   "media",
	"http://video.search.yahoo.com/mrss/":                  "media",
	"http://tools.search.yahoo.com/mrss/":                  "media",
	"http://www.rssboard.org/media-rss":                    "media",
	"http://www.itunes.com/dtds/podcast-1.0.dtd":           "itunes",
	"http://example.com/dtds/podcast-1.0.dtd":              "itunes",
	"http://rssnamespace.org/feedburner/ext/1.0":           "feedburner",
	"http://www.pheedo.com/namespace/pheedo":               "pheedo",
	"http://www.w3.org/1999/xhtml":                         "xhtml",
	"http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
	"http://www.w3.org/1999/02/22-rdf-syntax-ns#":          "rdf",
	"http://purl.org/rss/1.0/":                             "rss",
	"http://channel.netscape.com/rdf/simple/0.9/":          "rss",
	"http://my.netscape.com/rdf/simple/0.9/":               "rss",
	"http://my.netscape.com/publish/formats/rss-0.91.dtd":  "rss",
	"http://backend.userland.com/rss2":                     "rss",
	"http://backend.userland.com/rss":                      "rss",
	"http://blogs.law.harvard.edu/tech/rss":                "rss",
	"http://cyber.law.harvard.edu/rss/":                    "rss",
	"http://www.rssboard.org/rss-specification":            "rss",
	"http://purl.org/net/rss1.1#":                          "rss",
	"http://purl.org/rss/1.0/modules/rss091#":              "rss",
}

// prefixes that we know, for documents that use one without declaring it, or
// declare it with a misspelt address.
var prefixes = func() map[string]bool {
	all := map[string]bool{}
	for _, p := range namespaces {
		all[p] = true
	}
	return all
}()

// namespacePrefix is the prefix that we give the namespace uri. Publishers
// differ in case and spell some of them with white space around.
func namespacePrefix(uri string) (string, bool) {
	if p, ok := namespaces[uri]; ok {
		return p, true
	}
	uri = strings.ToLower(strings.TrimSpace(uri))
	if uri == "http://www.w3.org/2005/atom" {
		return "atom", true
	}
	p, ok := namespaces[uri]
	return p, ok
}
