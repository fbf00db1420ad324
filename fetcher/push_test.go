package fetcher

import (
	"crypto/hmac"
	"encoding/hex"
	"testing"
	"time"

	"copydesk"
)

// signature signs body by a method.
func signature(method, secret string, body []byte) string {
	mac := hmac.New(hashes[method], []byte(secret))
	mac.Write(body)
	return method + "=" + hex.EncodeToString(mac.Sum(nil))
}

func TestEverySignatureThatWebSubKnowsIsChecked(t *testing.T) {
	body := []byte("<rss/>")
	for _, method := range []string{"sha1", "sha256", "sha384", "sha512"} {
		good := signature(method, "secret", body)
		for name, tt := range map[string]struct {
			header, secret string
			body           []byte
			want           bool
		}{
			"right":                      {good, "secret", body, true},
			"another secret":             {good, "other", body, false},
			"another body":               {good, "secret", []byte("<rss />"), false},
			"cut short":                  {good[:len(good)-2], "secret", body, false},
			"of another method":          {"sha1=" + good[len(method)+1:], "secret", body, method == "sha1"},
			"without its method":         {good[len(method)+1:], "secret", body, false},
			"of no digits":               {method + "=zz", "secret", body, false},
			"empty":                      {"", "secret", body, false},
			"where no secret was agreed": {signature(method, "", body), "", body, false},
		} {
			if got := Signed(tt.header, tt.secret, tt.body); got != tt.want {
				t.Errorf("%s, %s: %t", method, name, got)
			}
		}
	}
	if Signed(`md5=d41d8cd98f00b204e9800998ecf8427e`, "secret", body) {
		t.Error("a method that WebSub does not know is taken")
	}
}

func FuzzSignature(f *testing.F) {
	f.Add("sha256=00", []byte("body"))
	f.Add("SHA1 = ", []byte(""))
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		if Signed(header, "a secret that nobody guesses", body) {
			t.Errorf("%q signs %q", header, body)
		}
		for method := range hashes {
			if !Signed(signature(method, "secret", body), "secret", body) {
				t.Errorf("%s does not sign %q", method, body)
			}
		}
	})
}

// trusted is an active subscription whose pushes brought news.
func trusted() copydesk.Subscription {
	return copydesk.Subscription{
		Callback: "k", Address: "https://c.example/websub/k", Secret: "s", Source: "a", Hub: "https://h.example/", Topic: "https://a.example/feed",
		State: copydesk.SubscriptionActive, ConfirmedAt: noon.Add(-24 * time.Hour), Since: noon.Add(-24 * time.Hour), Until: noon.Add(24 * time.Hour),
		Next: noon.Add(time.Hour), Proven: 1,
	}
}

func TestPushesAreTrustedOnceTheyBroughtNewsAndUntilAPollFindsWhatTheyDidNot(t *testing.T) {
	sub := trusted()
	sub.Proven = 0
	expect := func(what string, want bool) {
		t.Helper()
		if got := Trusted(sub, noon); got != want {
			t.Errorf("%s: trusted %t, %+v", what, got, sub)
		}
	}
	day := noon.Add(-20 * time.Hour)
	expect("before any push", false)
	sub = Pushed(sub, false, noon)
	expect("after a push without news", false)
	sub = Pushed(sub, true, noon)
	expect("after a push with news", true)
	sub = Polled(sub, day, day, noon)
	expect("after a poll that found more", false)
	sub = Pushed(sub, true, noon.Add(time.Hour))
	expect("after one more push", false)
	sub = Pushed(sub, true, noon.Add(time.Hour))
	expect("after two", true)
	sub = Polled(sub, day, day, noon.Add(time.Hour))
	expect("after another poll that found more", false)
	sub = Pushed(sub, false, noon.Add(time.Hour+time.Minute))
	expect("after the push that was on its way", true)
	if late := sub.Until; Trusted(sub, late) {
		t.Error("trusted beyond the lease")
	}
}

func TestAPollTellsNothingOfPushesThatCouldNotCome(t *testing.T) {
	day := noon.Add(-20 * time.Hour)
	for name, polled := range map[string]copydesk.Subscription{
		"the reading before was long before the subscription": Polled(trusted(), noon.Add(-48*time.Hour), noon.Add(-48*time.Hour), noon),
		"the daemon was down in between":                      Polled(trusted(), day, day.Add(time.Hour), noon),
		"the lease was over":                                  Polled(trusted(), day, day, noon.Add(48*time.Hour)),
	} {
		if !Trusted(polled, noon) {
			t.Errorf("%s: %+v", name, polled)
		}
	}
}

func TestWhilePushesAreTrustedPollsAreRareAndWishesHold(t *testing.T) {
	p := Policy{Pushed: true}
	src := still(t, 0, 0)
	src.Outcome, src.LastPoll = wished(copydesk.Unchanged, "", 0), noon
	if next, rule := NextPoll(src, src.Outcome, p, noon); next != noon.Add(24*time.Hour) || rule != "websub: pushes come, asked daily" {
		t.Errorf("%s, %s", next, rule)
	}
	if next, rule := NextPoll(src, src.Outcome, Policy{Pushed: true, MaxInterval: 6 * time.Hour}, noon); next != noon.Add(6*time.Hour) || rule != "websub: pushes come, asked every 6h" {
		t.Errorf("%s, %s", next, rule)
	}
	if next, rule := NextPoll(src, wished(copydesk.Throttled, "Retry-After", 48*time.Hour), p, noon); next != noon.Add(48*time.Hour) || rule != "Retry-After" {
		t.Errorf("%s, %s", next, rule)
	}
	if next, _ := NextPoll(src, wished(copydesk.Failed, "", 0), p, noon); next != noon.Add(time.Hour) {
		t.Errorf("after a failure at %s", next)
	}
}

func TestAHubThatFallsSilentCostsNothingThatTheDocumentNoLongerLists(t *testing.T) {
	src := still(t, 0, 0)
	src.Outcome, src.LastPoll = wished(copydesk.Unchanged, "", 0), noon
	young := copydesk.Rhythm{Until: noon, Watched: 3, Hours: [24]float32{9: 1, 10: 2}}
	for name, tt := range map[string]struct {
		window   copydesk.Window
		from, to time.Duration
		rule     string
		rhythm   copydesk.Rhythm
	}{
		"a long document":            {copydesk.Window{Listed: 200}, 24 * time.Hour, 24 * time.Hour, pushesCome + "daily", even(2)},
		"a short document":           {copydesk.Window{Listed: 20}, 4 * time.Hour, 6 * time.Hour, pushesCome + "before half of the document is new", even(2)},
		"a document that lost some":  {copydesk.Window{Listed: 200, Reach: 3 * time.Hour}, 3 * time.Hour, 3 * time.Hour, pushesCome + "before entries are lost again", even(2)},
		"a document that has begun":  {copydesk.Window{Listed: 4}, 24 * time.Hour, 24 * time.Hour, pushesCome + "daily", young},
		"one that stays short":       {copydesk.Window{Listed: 4}, 2 * time.Hour, 150 * time.Minute, pushesCome + "before half of the document is new", even(1)},
		"one of a single entry":      {copydesk.Window{Listed: 1}, 4 * time.Hour, 6 * time.Hour, pushesCome + "before half of the document is new", even(0.2)},
		"one of a rare entry":        {copydesk.Window{Listed: 1}, 24 * time.Hour, 24 * time.Hour, pushesCome + "daily", even(0.02)},
		"one that is new in minutes": {copydesk.Window{Listed: 4, Reach: 15 * time.Minute}, time.Hour, time.Hour, "min_interval", even(2)},
	} {
		src.Window, src.Rhythm = tt.window, tt.rhythm
		next, rule := NextPoll(src, src.Outcome, Policy{Pushed: true}, noon)
		if wait := next.Sub(noon); wait < tt.from || wait > tt.to || rule != tt.rule {
			t.Errorf("%s: asked after %s, %s", name, wait, rule)
		}
	}
}

func TestThePollThatLeanedOnPushesComesAsSoonAsItWouldHaveWithout(t *testing.T) {
	src := still(t, 0, 0)
	src.Outcome, src.LastPoll = wished(copydesk.Unchanged, "", 0), noon
	src.NextPoll, src.Rule = NextPoll(src, src.Outcome, Policy{Pushed: true}, noon)
	if !Leans(src) {
		t.Fatal("it does not lean on pushes")
	}
	soon := Reschedule(src, Policy{}, noon.Add(10*time.Minute))
	if soon.NextPoll != noon.Add(time.Hour) || Leans(soon) {
		t.Errorf("%s, %s", soon.NextPoll, soon.Rule)
	}
	late := Reschedule(src, Policy{}, noon.Add(10*time.Hour))
	if late.NextPoll != noon.Add(10*time.Hour) || late.Rule != "websub: pushes stopped" {
		t.Errorf("%s, %s", late.NextPoll, late.Rule)
	}
	if again := Reschedule(soon, Policy{Pushed: true}, noon); again.NextPoll != src.NextPoll || again.Rule != src.Rule {
		t.Errorf("trusted again: %s, %s", again.NextPoll, again.Rule)
	}
	src.Outcome = wished(copydesk.Failed, "", 0)
	if kept := Reschedule(src, Policy{}, noon); kept.NextPoll != src.NextPoll {
		t.Errorf("in trouble: %s", kept.NextPoll)
	}
}

func TestAPushChangesNoValidator(t *testing.T) {
	src := still(t, 0, 0)
	src.Validators = copydesk.Validators{ETag: `"1"`, LastModified: "then", BodyHash: copydesk.DigestOf([]byte("polled"))}
	src.LastRead, src.LastPoll, src.Window = noon, noon, copydesk.Window{Listed: 20}
	got := Learned(src, Found{Listed: 1, New: []time.Time{noon.Add(time.Hour)}}, Policy{}, noon.Add(time.Hour))
	if got.Rhythm == src.Rhythm {
		t.Error("it teaches nothing of the rhythm")
	}
	got.Rhythm = src.Rhythm
	if a, b := got.Validators, src.Validators; a != b || got.LastRead != src.LastRead || got.Window != src.Window {
		t.Errorf("%+v", got)
	}
}

func TestAPushThatCannotBeReadBringsAPollAsSoonAsThatIsAllowed(t *testing.T) {
	src := still(t, 0, 0)
	src.Outcome, src.LastPoll, src.NextPoll = wished(copydesk.Unchanged, "", 0), noon, noon.Add(24*time.Hour)
	for after, want := range map[time.Duration]time.Duration{10 * time.Minute: time.Hour, 3 * time.Hour: 3 * time.Hour} {
		if got := AskSoon(src, Policy{}, noon.Add(after)); got.NextPoll != noon.Add(want) {
			t.Errorf("after %s: %s", after, got.NextPoll)
		}
	}
	src.NextPoll = noon.Add(time.Minute)
	if got := AskSoon(src, Policy{}, noon); got.NextPoll != src.NextPoll {
		t.Errorf("a sooner poll is put off to %s", got.NextPoll)
	}
}
