package websub

import (
	"testing"
	"time"

	"copydesk"
)

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
