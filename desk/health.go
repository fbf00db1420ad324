package desk

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"copydesk"
	"copydesk/fetcher"
	"copydesk/publish"
)

// diagnose returns the episodes of a source that began or changed with a poll
// whose line is not in the ledger yet.
func (d *Desk) diagnose(ctx context.Context, src copydesk.Source, line copydesk.Ledger) ([]copydesk.Episode, error) {
	now := src.LastPoll
	pages, err := d.store.Ledger(ctx, src.ID, line.Day-shownDays+1, line.Day)
	if err != nil {
		return nil, fmt.Errorf("diagnose %s: %w", src.Handle(), err)
	}
	if last := len(pages) - 1; last >= 0 && pages[last].Day == line.Day {
		pages[last] = pages[last].And(line)
	} else {
		pages = append(pages, line)
	}
	known, err := d.store.Episodes(ctx, src.ID)
	if err != nil {
		return nil, fmt.Errorf("diagnose %s: %w", src.Handle(), err)
	}
	return fetcher.Follow(known, fetcher.Diagnose(src, pages, now), now), nil
}

func (d *Desk) logEpisodes(src copydesk.Source, changed []copydesk.Episode) {
	for _, e := range changed {
		if e.Open() {
			d.log.Warn("source ails", "source", src.Handle(), "cause", e.Cause, "reason", e.Reason)
		} else {
			d.log.Info("source recovered", "source", src.Handle(), "cause", e.Cause, "took", e.Until.Sub(e.Since))
		}
	}
}

// episodeRow is an episode as commands show it.
type episodeRow struct {
	ID     copydesk.EpisodeID `json:"id"`
	Source string             `json:"source"` // id, else address
	Cause  copydesk.Cause     `json:"cause"`
	Since  time.Time          `json:"since"`
	Reason string             `json:"reason"`
	Fix    string             `json:"fix"`
}

// openEpisodes returns the episodes of a source that last.
func (d *Desk) openEpisodes(ctx context.Context, src copydesk.Source) (rows []episodeRow, err error) {
	all, err := d.store.Episodes(ctx, src.ID)
	for _, e := range all {
		if e.Open() {
			rows = append(rows, episodeRow{ID: e.ID, Source: src.Handle(), Cause: e.Cause, Since: e.Since, Reason: e.Reason, Fix: e.Fix})
		}
	}
	return rows, err
}

// ails says what is wrong with a source beside its last poll, for a table.
func (r sourceRow) ails(now time.Time) (said string) {
	for _, e := range r.Episodes {
		said += fmt.Sprintf("; %s for %s", e.Cause, span(now.Sub(e.Since)))
	}
	return said
}

// healthEntries is how many episodes the feed of health has at most.
const healthEntries = 100

// notices are the newest episodes of listed sources, as entries of a feed.
func (d *Desk) notices(ctx context.Context) (notices []publish.Notice, err error) {
	episodes, err := d.store.AllEpisodes(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range episodes {
		if len(notices) == healthEntries {
			break
		}
		src, err := d.store.Source(ctx, e.Source)
		if err != nil {
			return nil, err
		}
		if src.Listed {
			notices = append(notices, noticeOf(src, e))
		}
	}
	return notices, nil
}

// noticeOf is an episode as an entry of a feed.
func noticeOf(src copydesk.Source, e copydesk.Episode) publish.Notice {
	n := publish.Notice{
		ID: e.ID.String(), Title: src.Title() + ": " + told[e.Cause], Category: string(e.Cause), Published: e.Since, Updated: e.Updated,
		Paragraphs: []string{fmt.Sprintf("%s (%s), since %s.", src.Handle(), cmp.Or(src.Address(), "its address is a secret"), stampOr(&e.Since, "")), e.Reason},
	}
	if !e.Open() {
		n.Title = fmt.Sprintf("%s: recovered: %s, for %s", src.Title(), told[e.Cause], span(e.Until.Sub(e.Since)))
		n.Paragraphs = append(n.Paragraphs, fmt.Sprintf("Recovered at %s.", stampOr(&e.Until, "")))
		return n
	}
	n.Paragraphs = append(n.Paragraphs, e.Fix)
	return n
}

// told is how a headline puts each cause.
var told = map[copydesk.Cause]string{
	copydesk.CauseMoved:       "it has moved",
	copydesk.CauseGone:        "it is gone for good",
	copydesk.CauseUnreachable: "it cannot be reached",
	copydesk.CausePage:        "an HTML page in place of the feed",
	copydesk.CauseUnreadable:  "what it serves is no feed",
	copydesk.CauseThrottled:   "it asks us to stay away",
	copydesk.CauseTruncated:   "only a part of it can be read",
	copydesk.CauseStalled:     "it has stalled",
	copydesk.CauseLost:        "entries were lost between two polls",
	copydesk.CauseUndated:     "its dates are broken",
}

// serveHealth serves the episodes as Atom, under the address by which it was
// asked: the listener has no other name.
func (d *Desk) serveHealth(w http.ResponseWriter, r *http.Request) {
	body, updated, err := d.healthFeed(r.Context(), "http://"+r.Host+r.URL.Path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	sum := copydesk.DigestOf(body)
	w.Header().Set("Content-Type", publish.Atom.ContentType())
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Etag", fmt.Sprintf(`"%x"`, sum[:]))
	http.ServeContent(w, r, "", updated, bytes.NewReader(body))
}

func (d *Desk) healthFeed(ctx context.Context, self string) (body []byte, updated time.Time, err error) {
	installation, err := d.store.Installation(ctx)
	if err != nil {
		return nil, updated, err
	}
	notices, err := d.notices(ctx)
	if err != nil {
		return nil, updated, err
	}
	updated = d.counters.began // of an empty feed, which must have a time as well
	if len(notices) > 0 {
		updated = notices[0].Updated
	}
	body, err = publish.RenderNotices(publish.Notices{
		ID: copydesk.HealthFeedID(installation), Title: "Health of the sources", Self: self, Updated: updated, Entries: notices,
	}, d.site)
	return body, updated, err
}
