package websub

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/fetcher"
)

var noon = time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)

var offered = Offer{Hubs: []string{"https://h.example/", "https://i.example/"}, Topic: "https://a.example/feed", At: "https://c.example/websub/"}

func asking() copydesk.Subscription {
	return Asking(Begin("a", offered, "k", "s", noon), offered, noon)
}

func TestWeSubscribeOnlyToWhatASourceSaysOfItself(t *testing.T) {
	source := func(edit func(*copydesk.Source)) copydesk.Source {
		src := copydesk.Source{ID: "a", Listed: true}
		src.URL = "https://www.a.example/feed"
		src.Feed.Hubs, src.Feed.Self, src.Feed.ReadAt = []string{"https://h.example/"}, "https://a.example/feed", "https://www.a.example/feed"
		edit(&src)
		return src
	}
	const ours = "https://c.example/websub/"
	for _, tt := range []struct {
		name      string
		edit      func(*copydesk.Source)
		callbacks string
		topic     string
		why       string
	}{
		{"by its own name", func(*copydesk.Source) {}, ours, "https://a.example/feed", ""},
		{"where a redirect led", func(s *copydesk.Source) {
			s.Feed.Self, s.Feed.ReadAt = "https://burner.example/a", "https://burner.example/a?x"
		}, ours, "https://burner.example/a", ""},
		{"not as another site", func(s *copydesk.Source) { s.Feed.Self = "https://b.example/feed" }, ours, "", "another site's"},
		{"not without a name", func(s *copydesk.Source) { s.Feed.Self = "" }, ours, "", "rel=self"},
		{"not without a hub", func(s *copydesk.Source) { s.Feed.Hubs = nil }, ours, "", ""},
		{"not if the operator says off", func(s *copydesk.Source) { s.WebSub = copydesk.WebSubOff }, ours, "", ""},
		{"not with a password", func(s *copydesk.Source) { s.URL = "https://u:secret@a.example/feed" }, ours, "", "password"},
		{"not if it is not listed", func(s *copydesk.Source) { s.Listed = false }, ours, "", ""},
		{"not if no hub can reach us", func(*copydesk.Source) {}, "", "", "base_url"},
		{"not if that is our own network", func(*copydesk.Source) {}, "http://127.0.0.1:8480/websub/", "", "own network"},
		{"but there with a hub of that network", func(s *copydesk.Source) { s.Feed.Hubs = []string{"http://10.0.0.3/hub"} }, "http://10.0.0.2/websub/", "https://a.example/feed", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, why := Offered(source(tt.edit), tt.callbacks)
			if o.Topic != tt.topic || (tt.topic == "") != (len(o.Hubs) == 0) {
				t.Errorf("offered %+v", o)
			}
			if !strings.Contains(why, tt.why) || (why == "") != (tt.why == "") || strings.Contains(why, "secret") {
				t.Errorf("why %q", why)
			}
		})
	}
}

func TestAHubIsAskedForWhatWebSubSays(t *testing.T) {
	call := Request(asking())
	form, err := url.ParseQuery(string(call.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"hub.mode": "subscribe", "hub.topic": "https://a.example/feed", "hub.callback": "https://c.example/websub/k",
		"hub.secret": "s", "hub.lease_seconds": "864000",
	} {
		if got := form.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if call.Method != http.MethodPost || call.URL != "https://h.example/" || call.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("%+v", call)
	}
	form, err = url.ParseQuery(string(Request(End(trusted(), noon)).Body))
	if err != nil || form.Get("hub.mode") != "unsubscribe" || form.Has("hub.secret") || form.Get("hub.callback") != "https://c.example/websub/k" {
		t.Errorf("to end it: %v, %v", form, err)
	}
}

func TestAChallengeIsAnsweredOnlyForWhatWasAsked(t *testing.T) {
	c := Challenge{Mode: "subscribe", Topic: "https://a.example/feed", Challenge: "x", Lease: "3600"}
	with := func(edit func(*Challenge)) Challenge {
		other := c
		edit(&other)
		return other
	}
	ending := Asking(End(trusted(), noon), offered, noon)
	begun := Begin("a", offered, "k", "s", noon)
	for _, tt := range []struct {
		name     string
		c        Challenge
		sub      copydesk.Subscription
		at       time.Duration
		ok, keep bool
	}{
		{"as asked", c, asking(), time.Second, true, true},
		{"for another topic", with(func(c *Challenge) { c.Topic += "/" }), asking(), time.Second, false, true},
		{"in another mode", with(func(c *Challenge) { c.Mode = "unsubscribe" }), asking(), time.Second, false, true},
		{"in a mode that is none", with(func(c *Challenge) { c.Mode = "" }), asking(), time.Second, false, true},
		{"without a challenge", with(func(c *Challenge) { c.Challenge = "" }), asking(), time.Second, false, true},
		{"before we asked", c, begun, time.Second, false, true},
		{"too late", c, asking(), 2 * time.Hour, false, true},
		{"unasked while it is active", c, trusted(), 0, false, true},
		{"to end what is to end", with(func(c *Challenge) { c.Mode = "unsubscribe" }), ending, time.Second, true, false},
		{"to begin what is to end", c, ending, time.Second, false, true},
		{"denied", with(func(c *Challenge) { c.Mode, c.Challenge = "denied", "" }), trusted(), 0, true, true},
	} {
		next, ok, keep := tt.c.Answer(tt.sub, offered, noon.Add(tt.at))
		if ok != tt.ok || keep != tt.keep {
			t.Errorf("%s: ok %t, keep %t", tt.name, ok, keep)
		}
		if !ok && next != tt.sub {
			t.Errorf("%s: it changes %+v", tt.name, next)
		}
	}
}

func TestALeaseIsRenewedAtHalfTimeAndBounded(t *testing.T) {
	for seconds, want := range map[string]time.Duration{
		"3600": time.Hour, "60": time.Minute, "": leaseAsked, "-1": leaseAsked, "ten": leaseAsked,
		"99999999999": leaseLongest, "99999999999999999999999": leaseAsked,
	} {
		next, ok, _ := Challenge{Mode: "subscribe", Topic: offered.Topic, Challenge: "x", Lease: seconds}.Answer(asking(), offered, noon)
		if !ok || next.Until != noon.Add(want) || next.Next != noon.Add(max(want/2, 15*time.Minute)) || next.State != copydesk.SubscriptionActive {
			t.Errorf("lease %q: %+v", seconds, next)
		}
	}
}

func TestAHubThatDoesNotTakeUsIsFollowedByTheNextAndAskedAgainLater(t *testing.T) {
	sub := asking()
	sub = Replied(sub, offered, fetcher.Reply{Status: 500}, noon)
	if sub.Hub != "https://i.example/" || sub.Next != noon {
		t.Errorf("after the first: %+v", sub)
	}
	sub = Replied(Asking(sub, offered, noon), offered, fetcher.Reply{Status: 404}, noon)
	if sub.Hub != "https://h.example/" || sub.Next != noon.Add(2*hubRetry) {
		t.Errorf("after all: %+v", sub)
	}
	taken := Replied(Asking(sub, offered, noon), offered, fetcher.Reply{Status: 202}, noon)
	if taken.Next != noon.Add(verifyWithin) || taken.Failures != 2 {
		t.Errorf("taken: %+v", taken)
	}
	again := Asking(taken, offered, taken.Next)
	if again.Failures != 3 || again.Hub != "https://i.example/" {
		t.Errorf("never asked back: %+v", again)
	}
	next, _, _ := Challenge{Mode: "denied", Topic: offered.Topic}.Answer(again, offered, noon)
	if next.State != copydesk.SubscriptionDenied || next.Next != noon.Add(deniedAgain) {
		t.Errorf("denied by the last: %+v", next)
	}
}

func TestAHubThatFailsAtARenewalIsAskedAgainAndTheLeaseLasts(t *testing.T) {
	sub := Replied(Asking(trusted(), offered, noon), offered, fetcher.Reply{Status: 503}, noon)
	if sub.Hub != "https://h.example/" || sub.State != copydesk.SubscriptionActive || !Trusted(sub, noon) || sub.Next != noon.Add(hubRetry) {
		t.Errorf("%+v", sub)
	}
	over := Asking(sub, offered, sub.Until)
	if over.State != copydesk.SubscriptionAsked {
		t.Errorf("after the lease: %+v", over)
	}
}

func TestASubscriptionThatEndsIsToldToItsHubAFewTimes(t *testing.T) {
	sub := End(trusted(), noon)
	asked := 0
	for ; !Over(sub); asked++ {
		sub = Replied(Asking(sub, offered, noon), offered, fetcher.Reply{Status: 503}, noon)
	}
	if asked != unsubscribes {
		t.Errorf("asked %d times", asked)
	}
	if !Over(End(asking(), noon)) {
		t.Error("a hub that never began is told to end")
	}
}

func TestAHubThatSaysWhenToComeBackIsNotAskedSooner(t *testing.T) {
	later := http.Header{"Retry-After": {"86400"}}
	one, twin := offered, offered
	one.Hubs = []string{"https://h.example/"}
	twin.Hubs = []string{"https://h.example/", "https://push.h.example/"}
	for name, tt := range map[string]struct {
		o    Offer
		r    fetcher.Reply
		wait time.Duration
	}{
		"too many requests":           {one, fetcher.Reply{Status: 429, Header: later}, 24 * time.Hour},
		"not now":                     {one, fetcher.Reply{Status: 503, Header: later}, 24 * time.Hour},
		"taken":                       {one, fetcher.Reply{Status: 202, Header: later}, 24 * time.Hour},
		"for a moment":                {one, fetcher.Reply{Status: 429, Header: http.Header{"Retry-After": {"1"}}}, hubRetry},
		"told to somebody else":       {one, fetcher.Reply{Err: &fetcher.Stopped{Host: "h.example", Until: noon.Add(2 * time.Hour)}}, 2 * time.Hour},
		"the next hub is at its host": {twin, fetcher.Reply{Status: 429, Header: later}, 24 * time.Hour},
		"it says nothing, likewise":   {twin, fetcher.Reply{Status: 500}, hubRetry},
		"the next hub is another's":   {offered, fetcher.Reply{Status: 429, Header: later}, 0},
	} {
		sub := Replied(Asking(Begin("a", tt.o, "k", "s", noon), tt.o, noon), tt.o, tt.r, noon)
		if got := sub.Next.Sub(noon); got != tt.wait {
			t.Errorf("%s: %s asked after %s", name, sub.Hub, got)
		}
	}
}

func TestAFeedOutThereNamesNoHubInOurNetwork(t *testing.T) {
	src := copydesk.Source{Settings: copydesk.Settings{URL: "https://a.example/feed"}, Listed: true}
	src.Feed.Self, src.Feed.Hubs = "https://a.example/feed", []string{"http://10.0.0.5:8080/admin"}
	if offer, why := Offered(src, "https://feeds.example.org/websub/"); len(offer.Hubs) != 0 || why == "" {
		t.Errorf("offered %v, why %q", offer.Hubs, why)
	}
}
