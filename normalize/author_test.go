package normalize

import (
	"testing"

	"copydesk"

	"github.com/google/go-cmp/cmp"
)

func TestPersonsAreTakenApart(t *testing.T) {
	for in, want := range map[string]copydesk.Person{
		"Ada Lovelace":                        {Name: "Ada Lovelace"},
		"ada@news.example":                    {Email: "ada@news.example"},
		"ada@news.example (Ada Lovelace)":     {Name: "Ada Lovelace", Email: "ada@news.example"},
		"Ada Lovelace (ada@news.example)":     {Name: "Ada Lovelace", Email: "ada@news.example"},
		"Ada Lovelace <ada@news.example>":     {Name: "Ada Lovelace", Email: "ada@news.example"},
		"Ada Lovelace, ada@news.example":      {Name: "Ada Lovelace", Email: "ada@news.example"},
		"mailto:ada@news.example":             {Email: "ada@news.example"},
		"(Ada Lovelace)":                      {Name: "Ada Lovelace"},
		"Ada &amp; Co <b>x</b>":               {Name: "Ada & Co x"},
		"@ada":                                {Name: "@ada"},
		"":                                    {},
		"ada@news.example ()":                 {Email: "ada@news.example"},
		"Ada Lovelace (Reuters)":              {Name: "Ada Lovelace (Reuters)"},
		"\n  \"Ada Lovelace\" <a@x.example> ": {Name: "Ada Lovelace", Email: "a@x.example"},
	} {
		if got := personOf(in); got != want {
			t.Errorf("personOf(%q) = %+v, want %+v", in, got, want)
		}
	}
}

func TestOnePersonIsListedOnceWithAllThatIsSaidOfThem(t *testing.T) {
	var got []copydesk.Person
	for _, p := range []copydesk.Person{{Name: "Ada"}, {Name: "Ada", Email: "a@x.example"}, {Email: "b@x.example"}, {Name: "Bob", Email: "b@x.example"}, {}, {Name: "Cy"}} {
		got = addPerson(got, p)
	}
	want := []copydesk.Person{{Name: "Ada", Email: "a@x.example"}, {Name: "Bob", Email: "b@x.example"}, {Name: "Cy"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
