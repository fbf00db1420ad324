package normalize

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"copydesk"
)

const maxAuthors = 50

// person reads what RSS has for a person: "mail@example.org (Name)", "Name
// (mail@example.org)", "Name <mail@example.org>", a name, or an address.
func personOf(s string) copydesk.Person {
	s = strings.TrimSpace(s)
	if m := addressed.FindStringSubmatch(s); m != nil {
		rest := strings.TrimSpace(s[:strings.Index(s, m[0])] + s[strings.Index(s, m[0])+len(m[0]):])
		return copydesk.Person{Name: personName(rest), Email: m[1]}
	}
	return copydesk.Person{Name: personName(s)}
}

// addressed finds a mail address, with the brackets and the scheme around it.
var addressed = regexp.MustCompile(`(?i)[<(\[]?(?:mailto:)?([a-z0-9.!#$%&'*+/=?^_{|}~\-]+@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+)[>)\]]?`)

// personName is a name without the brackets that stood around it.
func personName(s string) string {
	s = plainText(s)
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") || strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">") {
		s = s[1 : len(s)-1]
	}
	s = strings.Trim(s, " \t,;\"")
	if s == "()" || s == "<>" {
		return ""
	}
	return s
}

// addPerson adds p unless it says nothing, or somebody with that name or
// address is there already; then what p knows more is kept.
func addPerson(people []copydesk.Person, p copydesk.Person) []copydesk.Person {
	if p.Name == "" && p.Email == "" && p.URI == "" || len(people) >= maxAuthors {
		return people
	}
	i := slices.IndexFunc(people, func(q copydesk.Person) bool {
		return p.Name != "" && p.Name == q.Name || p.Name == "" && p.Email != "" && p.Email == q.Email || p == q ||
			q.Name == "" && q.Email != "" && q.Email == p.Email
	})
	if i < 0 {
		return append(people, p)
	}
	q := &people[i]
	q.Name, q.Email, q.URI = cmp.Or(q.Name, p.Name), cmp.Or(q.Email, p.Email), cmp.Or(q.URI, p.URI)
	return people
}
