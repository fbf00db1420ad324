package credit_test

import (
	"slices"
	"testing"

	"copydesk"
	"copydesk/story/credit"
)

func gazette() copydesk.Source {
	s := copydesk.Source{ID: "gazette", Settings: copydesk.Settings{Publisher: "The Harbour Gazette", AKA: []string{"HG"}}}
	s.Feed.Title, s.Feed.Link = "Harbour Gazette – World", "https://www.harbour.example/"
	return s
}

func TestASourceGoesByItsPublisherTitleDomainAndOtherNames(t *testing.T) {
	names := credit.Names(gazette())
	for _, want := range []string{"harbourgazette", "harbourexample", "hg", "harbourgazetteworld"} {
		if !slices.Contains(names, want) {
			t.Errorf("%q is not among %q", want, names)
		}
	}
}

func TestNobodyCreditsItself(t *testing.T) {
	v := copydesk.Voice{Source: gazette()}
	v.Entry.Credits = []copydesk.Credit{{Publisher: "Harbour Gazette"}, {PublisherURL: "https://harbour.example/"}, {Publisher: "Tide Wire"}}
	if given := credit.Given(v); !slices.Equal(given, []string{"tidewire"}) {
		t.Errorf("credited: %q", given)
	}
}

func TestAnAgencyInADatelineIsNoOutrightCredit(t *testing.T) {
	v := copydesk.Voice{Source: gazette()}
	v.Entry.Credits = []copydesk.Credit{{Publisher: "Tide Wire", In: copydesk.InByline}, {Publisher: "Globefold"}}
	if given := credit.Given(v); !slices.Equal(given, []string{"globefold", "tidewire"}) {
		t.Errorf("credited: %q", given)
	}
	if given := credit.Outright(v); !slices.Equal(given, []string{"globefold"}) {
		t.Errorf("credited outright: %q", given)
	}
}

func TestAnAggregatorCreditsTheSiteThatItLeadsTo(t *testing.T) {
	v := copydesk.Voice{Source: gazette()}
	v.Entry.Link = "https://www.tidewire.example/rivers"
	for role, want := range map[copydesk.Role][]string{copydesk.RoleAggregator: {"tidewireexample"}, copydesk.RolePublisher: nil} {
		v.Source.Role = role
		if given := credit.Given(v); !slices.Equal(given, want) {
			t.Errorf("%s: credited: %q", role, given)
		}
	}
}

func TestStrangersAreThoseWhomNoSourceIs(t *testing.T) {
	v := copydesk.Voice{Source: copydesk.Source{ID: "copies"}}
	v.Entry.Credits = []copydesk.Credit{{Publisher: "HG"}, {Publisher: "Far Away Herald"}, {URL: "https://elsewhere.example/1"}}
	if names := credit.Strangers(v, []copydesk.Source{gazette()}); !slices.Equal(names, []string{"Far Away Herald", "elsewhere.example"}) {
		t.Errorf("strangers: %q", names)
	}
}
