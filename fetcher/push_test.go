package fetcher

import (
	"testing"
	"time"

	"copydesk"
)

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
