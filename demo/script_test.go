package demo

import (
	"strings"
	"testing"
	"time"
)

func everyArticle(yield func(*Publisher, *article) bool) {
	for _, p := range samples() {
		for _, a := range p.articles {
			if !yield(p, a) {
				return
			}
		}
	}
}

func TestArticlesAreAsLongAsShortNewsIs(t *testing.T) {
	for p, a := range everyArticle {
		body := a.Body
		if a.Copy == copyPartner || a.Copy == copyRepost {
			body = a.original.Body
		}
		if n := len(strings.Fields(body)); n < 60 || n > 250 {
			t.Errorf("%s/%s has %d words, want 60 to 250", p.Slug, a.Slug, n)
		}
	}
}

func TestEveryArticleIsEitherInTheArchiveOrInTheScript(t *testing.T) {
	for p, a := range everyArticle {
		if (a.Before > 0) == (a.Beat > 0) {
			t.Errorf("%s/%s: before = %v and beat = %d, want one of them", p.Slug, a.Slug, time.Duration(a.Before), a.Beat)
		}
		if a.Beat > Beats || a.RetitleAt > Beats {
			t.Errorf("%s/%s happens after the last beat", p.Slug, a.Slug)
		}
		if (a.Retitle != "") != (a.RetitleAt > a.Beat) {
			t.Errorf("%s/%s: retitle = %q at beat %d, out at %d", p.Slug, a.Slug, a.Retitle, a.RetitleAt, a.Beat)
		}
	}
}

func TestACopyComesAfterItsOriginalAndTakesOnlyWhatItsKindTakes(t *testing.T) {
	kinds := make(map[string]int)
	for p, a := range everyArticle {
		kinds[a.Copy]++
		switch a.Copy {
		case "":
			if a.original != nil || a.Title == "" || a.Body == "" {
				t.Errorf("%s/%s: an article of one's own needs a title and a text", p.Slug, a.Slug)
			}
			continue
		case copyRewrite:
			if a.Title != "" || a.Body == "" {
				t.Errorf("%s/%s: a rewritten copy has a text of its own and the original's headline", p.Slug, a.Slug)
			}
		case copyPartner, copyRepost:
			if a.Title != "" || a.Body != "" || a.Summary != "" {
				t.Errorf("%s/%s: its text is the original's", p.Slug, a.Slug)
			}
		default:
			t.Errorf("%s/%s: copy = %q", p.Slug, a.Slug, a.Copy)
		}
		if a.original == nil || a.original.original != nil || a.original.by == p || !a.out.After(a.original.out) {
			t.Errorf("%s/%s: copies %q, which must be another publisher's own and out before", p.Slug, a.Slug, a.CopyOf)
		}
	}
	for _, kind := range []string{copyPartner, copyRepost, copyRewrite} {
		if kinds[kind] < 2 {
			t.Errorf("%d copies of kind %s, want two at least", kinds[kind], kind)
		}
	}
}

func TestStylesAreKnown(t *testing.T) {
	for _, p := range samples() {
		switch p.style.Format {
		case formatRSS, formatAtom:
		default:
			t.Errorf("%s: format = %q", p.Slug, p.style.Format)
		}
		switch p.style.GUIDs {
		case guidAddress, guidNumber, guidTag, guidOpaque:
		default:
			t.Errorf("%s: guids = %q", p.Slug, p.style.GUIDs)
		}
	}
}
