package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/fetcher"
)

// checked is what `check` has learned of sources that nobody polls yet, or any
// more: when each address was asked, what came of that, and when it may be asked
// again. Who edits a configuration checks it many times, mostly before there is a
// store; so it lies in a file of its own beside that. It names no address, since
// some are secrets.
type checked struct {
	path string
	mu   sync.Mutex
	all  map[copydesk.Digest]copydesk.Source
}

// checkedFor is how long it is kept: as long as any publisher can keep us away.
const checkedFor = 7 * 24 * time.Hour

// checkedBeside reads what was learned beside a store. A file that cannot be read
// says nothing, and is written anew.
func checkedBeside(store string) *checked {
	c := &checked{path: store + ".checked"}
	if text, err := os.ReadFile(c.path); err != nil || json.Unmarshal(text, &c.all) != nil || c.all == nil {
		c.all = map[copydesk.Digest]copydesk.Source{}
	}
	now := time.Now()
	maps.DeleteFunc(c.all, func(_ copydesk.Digest, src copydesk.Source) bool {
		age := now.Sub(src.LastPoll)
		return age < 0 || age > checkedFor
	})
	return c
}

// at is what was learned of an address.
func (c *checked) at(address string) (src copydesk.Source, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	src, ok = c.all[copydesk.DigestOf([]byte(address))]
	return src, ok
}

// of is what was learned of these.
func (c *checked) of(listed []copydesk.Settings) (all []copydesk.Source) {
	for _, settings := range listed {
		if src, ok := c.at(settings.URL); ok {
			src.Settings = settings
			all = append(all, src)
		}
	}
	return all
}

// note takes down what an answer to a request for src at now came to. Where no
// connection came about, not even to who redirects, nobody was asked.
func (c *checked) note(src copydesk.Source, a fetcher.Answer, o copydesk.Outcome, whole bool, p fetcher.Policy, now time.Time) {
	if a.Status == 0 && !a.Remote.IsValid() && len(a.Hops) == 0 {
		return
	}
	src = fetcher.After(src, a, o, whole, fetcher.Found{}, p, now)
	var kept copydesk.Source
	kept.LastPoll, kept.Outcome, kept.Stop, kept.Refusals = src.LastPoll, src.Outcome, src.Stop, src.Refusals
	kept.Trail.Wait, kept.Trail.Rule = src.Trail.Wait, src.Trail.Rule
	kept.Validators = src.Validators
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[copydesk.DigestOf([]byte(src.URL))] = kept
}

// upon is src with what a check has learned since it was asked last.
func (c *checked) upon(src copydesk.Source) copydesk.Source {
	kept, ok := c.at(src.URL)
	if !ok || !kept.LastPoll.After(src.LastPoll) {
		return src
	}
	src.LastPoll, src.Outcome, src.Stop, src.Refusals = kept.LastPoll, kept.Outcome, kept.Stop, kept.Refusals
	src.Trail.Wait, src.Trail.Rule = kept.Trail.Wait, kept.Trail.Rule
	if src.LastRead.IsZero() { // else the validators are those of what was read
		src.Validators = kept.Validators
	}
	return src
}

// save writes the file anew, if there is anything to tell.
func (c *checked) save() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) == 0 {
		return nil
	}
	text, err := json.Marshal(c.all)
	if err != nil {
		return fmt.Errorf("keep what was checked: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(c.path), filepath.Base(c.path)+".*") // with mode 0600
	if err != nil {
		return fmt.Errorf("keep what was checked: %w", err)
	}
	_, err = temp.Write(text)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), c.path)
	}
	if err != nil {
		return fmt.Errorf("keep what was checked: %w", errors.Join(err, os.Remove(temp.Name())))
	}
	return nil
}

// heedChecks lets sources that begin now, or anew, do what they told `check`: who
// wants to be left alone is not asked before then. Else they are asked at once, if
// not without the host's gap: of the document that `check` read, nothing was kept.
func (d *Desk) heedChecks(ctx context.Context, store string, now time.Time) error {
	kept := checkedBeside(store)
	if len(kept.all) == 0 {
		return nil
	}
	sources, err := d.Sources(ctx)
	for _, src := range sources {
		if then, ok := kept.at(src.URL); ok && then.LastPoll.After(src.LastPoll) && err == nil {
			_, err = d.amend(ctx, src.ID, func(src copydesk.Source) (db.Settlement, bool, error) {
				return db.Settlement{Source: heeding(src, then, now)}, then.LastPoll.After(src.LastPoll), nil
			})
		}
	}
	if err != nil {
		return fmt.Errorf("heed what was checked: %w", err)
	}
	return nil
}

// heeding is src after it was checked.
func heeding(src, then copydesk.Source, now time.Time) copydesk.Source {
	src.LastPoll = then.LastPoll
	if fetcher.Lasting(then.Stop, now).Until.After(src.Stop.Until) {
		src.Stop = then.Stop
	}
	switch o := then.Outcome; {
	case o.Verdict == copydesk.Gone:
		src.Outcome, src.NextPoll, src.Rule = o, time.Time{}, o.Reason
	case o.Rests(now) && o.NotBefore.After(src.NextPoll):
		src.Outcome, src.NextPoll, src.Rule = o, o.NotBefore, o.Wish
	}
	return src
}
