package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/fetcher"
	"copydesk/normalize"
)

// seekEvery is how often it is looked whether a source is lost. Each page is asked
// once a week at most, for all that are lost there.
const seekEvery = time.Hour

// seekLoop looks for substitutes of lost sources.
func (d *Desk) seekLoop(ctx context.Context) error {
	ticker := time.NewTicker(seekEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := d.seekAll(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("look for lost sources: %w", err)
		}
	}
}

func (d *Desk) seekAll(ctx context.Context) error {
	sources, err := d.Sources(ctx)
	if err != nil {
		return err
	}
	listed, looked := map[string]string{}, map[string]copydesk.Substitute{}
	for _, src := range sources {
		listed[src.URL] = src.Handle()
		if page, ok := fetcher.Sought(src, time.Now()); ok {
			looked[page] = src.Substitute
		}
	}
	for _, src := range sources {
		page, lost := fetcher.Lost(src, time.Now())
		if !lost || ctx.Err() != nil {
			continue
		}
		var stop copydesk.HostStop
		found, known := looked[page]
		if !known {
			found, stop = d.seek(ctx, src, page, listed)
			looked[page] = found
		}
		if ctx.Err() != nil {
			return nil
		}
		if err := d.propose(ctx, src.ID, found, stop); err != nil {
			return err
		}
	}
	return nil
}

// seek asks the publisher's page for the feeds that it offers, and the first
// that is not a source already whether it is a feed: two requests, or one. The stop
// is that of who wants no more of them.
func (d *Desk) seek(ctx context.Context, src copydesk.Source, page string, listed map[string]string) (found copydesk.Substitute, stop copydesk.HostStop) {
	found.Sought = time.Now()
	log := d.log.With("source", src.Handle())
	a, stop := d.look(ctx, src, page, true)
	if a.Err != nil || a.Status != 200 {
		log.Debug("publisher's page not read", "status", a.Status, "err", a.Err)
		return found, stop
	}
	for _, o := range normalize.Offers(a.Document) {
		other, known := listed[o.URL]
		if known && other != src.Handle() {
			log.Info("page of a lost source offers what is a source already", "offered", other)
		}
		if known {
			continue
		}
		a, stop := d.look(ctx, src, o.URL, false)
		feed, err := normalize.Parse(a.Document)
		if err != nil || feed.Partial || len(feed.Entries) == 0 {
			log.Debug("page offers what is no feed", "err", err)
			return found, stop
		}
		found.URL, found.Title = o.URL, feed.Title
		log.Info("substitute found for a lost source", "address", found.URL)
		return found, stop
	}
	return found, stop
}

// look asks for what is not a source, on the account of src.
func (d *Desk) look(ctx context.Context, src copydesk.Source, address string, page bool) (fetcher.Answer, copydesk.HostStop) {
	a, stop := d.poller.Look(ctx, src, address, page)
	d.enter(ctx, src.ID, fetcher.Looked(a))
	return a, stop
}

// propose keeps what was found, unless the source is well again, and who wants
// to be left alone.
func (d *Desk) propose(ctx context.Context, id copydesk.SourceID, found copydesk.Substitute, stop copydesk.HostStop) error {
	_, err := d.amend(ctx, id, func(src copydesk.Source) (db.Settlement, bool, error) {
		lost, stopped := !src.Failing.IsZero(), stop.Host != ""
		if lost {
			src.Substitute = found
		}
		if stopped {
			src.Stop = stop
		}
		return db.Settlement{Source: src}, lost || stopped, nil
	})
	if errors.Is(err, db.ErrStale) {
		return nil // next time
	}
	return err
}
