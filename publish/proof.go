package publish

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"copydesk"
)

// proof is an item made ready to print: the one view of it that all formats
// share. Its texts are cleaned, its addresses absolute or empty, its times UTC.
type proof struct {
	id         string
	Title      string // plain text, never empty
	Link       string
	Language   string
	authors    []copydesk.Person // never empty
	categories []copydesk.Category
	summary    string // HTML
	content    string // HTML
	enclosures []copydesk.Enclosure
	image      string
	rights     string // HTML, most often mere text
	comments   string
	Published  time.Time
	updated    time.Time
	Publisher  string
	Others     []other
	Story      string // last part of the address of the story's page; empty if it has none
	source     origin
}

// other is the same news elsewhere.
type other struct {
	Publisher string
	title     string
	Link      string
	language  string
	via       bool // the story came through it
}

// origin is the feed that the lead came from, for atom:source.
type origin struct {
	id     string
	title  string
	self   string // of the feed
	page   string // of its publisher
	rights string // HTML, most often mere text
	icon   string
}

const (
	untitled      = "(untitled)"
	titleLength   = 80  // characters of a title that is made from the text
	excerptLength = 400 // characters of a summary that is made from the text
)

func newProof(item copydesk.Item) proof {
	lead := item.Lead.Entry
	p := proof{
		id:         item.ID,
		Link:       absolute(lead.Link),
		Language:   tag(lead.Language),
		categories: categories(lead.Categories),
		enclosures: enclosures(lead.Enclosures),
		image:      absolute(lead.Image),
		rights:     line(lead.Rights),
		comments:   absolute(lead.Comments),
		Published:  moment(lead.NewsTime(), item.Updated),
		updated:    moment(item.Updated, lead.NewsTime()),
		Publisher:  publisher(item.Lead),
		Story:      storyName(item.Story),
		source:     newOrigin(item.Lead),
	}
	p.authors = people(lead.Authors, p.Publisher)
	p.Others = others(item, p.Link)
	p.body(lead, item.Content)
	if p.Title = line(lead.Title); p.Title == "" {
		p.Title = cmp.Or(excerpt(plain(cmp.Or(p.summary, p.content)), titleLength), p.Link, untitled)
	}
	if item.Content != copydesk.ShowSummary {
		p.also()
	}
	if p.content == "" && p.summary == "" && p.Link == "" {
		p.content = fragment(p.Title) // RFC 4287, section 4.1.3: no link, so there must be content
	}
	return p
}

// body fills in summary and content as far as shown says.
func (p *proof) body(lead copydesk.Entry, shown copydesk.Shown) {
	p.summary, p.content = strings.TrimSpace(clean(lead.Summary)), strings.TrimSpace(clean(lead.Content))
	if shown == copydesk.ShowSummary {
		if p.summary == "" {
			p.summary = fragment(excerpt(plain(p.content), excerptLength))
		}
		p.content = ""
		return
	}
	if p.summary == p.content {
		p.summary = ""
	}
}

// also names the others where the text ends, for readers that do not show
// related links. The summary stays the publisher's own.
func (p *proof) also() {
	if len(p.Others) == 0 {
		return
	}
	p.content = cmp.Or(p.content, p.summary) + alsoList(p.Others)
}

// others are those who tell the same news at an address of their own: an
// aggregator that links to the lead's page adds nothing that a reader could open.
func others(item copydesk.Item, lead string) []other {
	var all []other
	via := through(item)
	for i, c := range item.Others {
		o := other{publisher(c), line(c.Entry.Title), absolute(c.Entry.Link), tag(c.Entry.Language), i == via}
		known := o.Link != "" && o.Link == lead ||
			slices.ContainsFunc(all, func(x other) bool { return x.Link == o.Link && (o.Link != "" || x.Publisher == o.Publisher) })
		if !known {
			all = append(all, o)
		}
	}
	return all
}

// through is which of the others is the aggregator that the story came through:
// the first to be seen with it, if one was before the lead; else -1.
func through(item copydesk.Item) int {
	which, first := -1, item.Lead.Entry.FirstSeen
	for i, c := range item.Others {
		if c.Source.Role == copydesk.RoleAggregator && c.Entry.FirstSeen.Before(first) {
			which, first = i, c.Entry.FirstSeen
		}
	}
	return which
}

// rel is how a link to the other is related to an item (RFC 4287, section
// 4.2.7.2).
func (o other) rel() string {
	if o.via {
		return "via"
	}
	return "related"
}

// headline names the other's article: "Publisher: headline".
func (o other) headline() string {
	if o.title == "" {
		return o.Publisher
	}
	return o.Publisher + ": " + o.title
}

// publisher is the name of who published c, for people. An address is never
// one: it could hold a secret.
func publisher(c copydesk.Voice) string {
	if name := cmp.Or(line(c.Source.Publisher), sourceTitle(c.Source)); name != "" {
		return name
	}
	return cmp.Or(domain(c.Entry.Link), domain(c.Source.URL), "unknown publisher")
}

func sourceTitle(s copydesk.Source) string {
	return cmp.Or(line(s.Name), line(s.Feed.Title))
}

func newOrigin(c copydesk.Voice) origin {
	s := c.Source
	o := origin{
		id:     feedID(s.Feed.ID),
		title:  sourceTitle(s),
		self:   public(s.Address()),
		page:   public(s.Feed.Link),
		rights: line(s.Feed.Rights),
		icon:   public(s.Feed.Image),
	}
	if s.Secret || s.Private { // its publisher repeats the address where it likes
		o.id, o.self, o.page, o.icon = "", "", site(s.Feed.Link), ""
	}
	o.id = cmp.Or(canonical(o.id), canonical(o.self), "urn:uuid:"+copydesk.NewEntryID(s.ID, "").String())
	if o.title == "" {
		o.title = publisher(c)
	}
	return o
}

// site is the address of a page without all but its host.
func site(address string) string {
	u, err := url.Parse(public(address))
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}

// mail is what validators take for an address, mailIn where one stands in a
// name.
var (
	mail   = regexp.MustCompile(`^[A-Za-z0-9_.+'-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9][A-Za-z0-9-]*$`)
	mailIn = regexp.MustCompile(`[<(]?([A-Za-z0-9_.+'-]+)@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+[>)]?`)
)

// people are the authors that have a name, or the publisher.
func people(authors []copydesk.Person, publisher string) []copydesk.Person {
	var all []copydesk.Person
	for _, a := range authors {
		p := copydesk.Person{Name: line(a.Name), Email: line(a.Email), URI: absolute(a.URI)}
		if !mail.MatchString(p.Email) {
			p.Email = ""
		}
		if p.Name = bareName(cmp.Or(p.Name, p.Email)); p.Name == "" {
			p.Name = domain(p.URI)
		}
		if p.Name != "" && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	if all == nil {
		all = []copydesk.Person{{Name: publisher}}
	}
	return all
}

// bareName is name without the mail address in it, which has a place of its
// own; of an address alone, what stands before the @.
func bareName(name string) string {
	if !strings.Contains(name, "@") {
		return name
	}
	m := mailIn.FindStringSubmatch(name)
	if m == nil {
		return name
	}
	return cmp.Or(strings.Trim(line(mailIn.ReplaceAllString(name, " ")), " ()<>"), m[1])
}

func categories(categories []copydesk.Category) []copydesk.Category {
	var all []copydesk.Category
	for _, c := range categories {
		c = copydesk.Category{Term: line(c.Term), Scheme: scheme(c.Scheme), Label: line(c.Label)}
		c.Term = cmp.Or(c.Term, c.Label)
		same := func(x copydesk.Category) bool { return x.Term == c.Term && x.Scheme == c.Scheme }
		if c.Term != "" && !slices.ContainsFunc(all, same) {
			all = append(all, c)
		}
	}
	return all
}

// scheme is the IRI that names a scheme of categories, or "".
func scheme(s string) string { return cmp.Or(absolute(s), feedID(s)) }

// mediaType has the syntax that RFC 9110 gives it (section 8.3.1), parameters
// left away.
var mediaType = regexp.MustCompile(`^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$`)

func enclosures(enclosures []copydesk.Enclosure) []copydesk.Enclosure {
	var all []copydesk.Enclosure
	for _, e := range enclosures {
		kind, _, _ := strings.Cut(e.Type, ";")
		e = copydesk.Enclosure{URL: absolute(e.URL), Type: mediaType.FindString(strings.TrimSpace(kind)), Length: max(0, e.Length)}
		if e.URL != "" && !slices.ContainsFunc(all, func(x copydesk.Enclosure) bool { return x.URL == e.URL }) {
			all = append(all, e)
		}
	}
	return all
}

// moment is the first of times that RFC 3339 can say, in UTC and whole
// seconds, or the epoch of Unix: a date that is plainly wrong is better than
// none, which no reader accepts.
func moment(times ...time.Time) time.Time {
	for _, t := range times {
		if printable(t) {
			return t.UTC().Truncate(time.Second)
		}
	}
	return time.Unix(0, 0).UTC()
}

func printable(t time.Time) bool {
	return !t.IsZero() && t.UTC().Year() >= 1 && t.UTC().Year() <= 9999
}
