package normalize

import (
	"fmt"
	"regexp"
	"strings"
)

var pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title`)

// walls are phrases of pages that stand where a feed should be.
var walls = []struct{ phrase, what string }{
	{"just a moment", "a bot check"}, {"cf-browser-verification", "a bot check"}, {"challenge-platform", "a bot check"},
	{"checking your browser", "a bot check"}, {"are you a robot", "a bot check"}, {"captcha", "a bot check"}, {"verify you are human", "a bot check"},
	{"_incapsula_resource", "a bot check"}, {"ddos protection", "a bot check"}, {"access denied", "a refusal"}, {"request blocked", "a refusal"},
	{`type="password"`, "a login page"}, {"type=password", "a login page"}, {"domain is for sale", "a domain for sale"},
}

// htmlPage says what kind of HTML page text is, "" if it is none. A feed can
// hold HTML, so the first element decides.
func htmlPage(text string) string {
	if strings.HasPrefix(strings.ToLower(text[:min(len(text), 14)]), "<!doctype html") {
		return describePage(text)
	}
	sc := newScanner(text[:min(len(text), 256<<10)])
	for t, ok := sc.next(); ok; t, ok = sc.next() {
		if t.kind != startToken {
			continue
		}
		_, local := splitName(t.name)
		switch strings.ToLower(local) {
		case "html", "head", "body", "title", "meta", "script", "div", "p", "h1", "center", "table", "style", "a":
			return describePage(text)
		}
		break
	}
	return ""
}

func describePage(text string) string {
	head := strings.ToLower(text[:min(len(text), 256<<10)])
	what := "an HTML page"
	for _, w := range walls {
		if strings.Contains(head, w.phrase) {
			what = "an HTML page, it seems " + w.what
			break
		}
	}
	if m := pageTitle.FindStringSubmatch(text[:min(len(text), 256<<10)]); m != nil {
		if title := clip(plainText(m[1]), 100); title != "" {
			return fmt.Sprintf("%s (title %q)", what, title)
		}
	}
	return what
}
