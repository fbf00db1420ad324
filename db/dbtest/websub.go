package dbtest

import (
	"time"

	"copydesk"
)

func subscriptionKept(s *scene) {
	s.adopt(setting("a", "http://a.example/rss"))
	want := copydesk.Subscription{
		Callback: "k", Secret: "s", Source: "a", Hub: "http://hub.example/", Topic: "http://a.example/rss",
		State: copydesk.SubscriptionActive, Until: s.at.Add(time.Hour), Proven: 2,
	}
	s.must(s.EditSubscription(s.ctx, "k", func(old copydesk.Subscription) (copydesk.Subscription, bool) {
		s.same("before", old, copydesk.Subscription{Callback: "k"})
		return want, true
	}))
	s.reopen()
	all, err := s.Subscriptions(s.ctx)
	s.must(err)
	s.same("subscriptions", all, []copydesk.Subscription{want})
	s.must(s.EditSubscription(s.ctx, "k", func(old copydesk.Subscription) (copydesk.Subscription, bool) {
		s.same("as it was", old, want)
		return old, false
	}))
	all, err = s.Subscriptions(s.ctx)
	s.must(err)
	s.same("subscriptions at the end", len(all), 0)
}

func subscribersKept(s *scene) {
	one := copydesk.Subscriber{Edition: "/topics/asia.atom", Callback: "http://r.example/1", Since: s.at, Until: s.at.Add(time.Hour)}
	other := one
	other.Edition = "/topics/asia.rss"
	s.must(s.PutSubscriber(s.ctx, one))
	s.must(s.PutSubscriber(s.ctx, other))
	one.Secret, one.Has = "s", copydesk.DigestOf([]byte("bytes"))
	s.must(s.PutSubscriber(s.ctx, one))
	s.reopen()
	s.same("subscribers", s.subscribers(), map[string]copydesk.Subscriber{one.Edition: one, other.Edition: other})
	s.must(s.DropSubscriber(s.ctx, one.Edition, one.Callback))
	s.must(s.DropSubscriber(s.ctx, one.Edition, one.Callback))
	s.same("after one left", s.subscribers(), map[string]copydesk.Subscriber{other.Edition: other})
}

// subscribers are those of the store, by edition.
func (s *scene) subscribers() map[string]copydesk.Subscriber {
	s.Helper()
	all, err := s.Subscribers(s.ctx)
	s.must(err)
	found := map[string]copydesk.Subscriber{}
	for _, one := range all {
		found[one.Edition] = one
	}
	s.same("how many", len(found), len(all))
	return found
}
