package db

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Adopt brings the stored sources in line with what the configuration lists.
// A source is known by its id, else by an id or address that it had (Was), else
// by its address; what is known keeps its entries, its schedule and its id, and
// loses its validators if its address changed, since they belong to that
// (RFC 9110, section 8.8), and the trouble that it had there. What is not known begins and is due at once. What is
// no longer listed is kept and marked so.
func (db *DB) Adopt(ctx context.Context, listed []copydesk.Settings, now time.Time) error {
	return db.write(ctx, func(tx *bbolt.Tx) error {
		adopted, err := match(tx, listed)
		if err != nil {
			return err
		}
		for i, settings := range listed {
			if err := adopt(tx, adopted[i], settings, now); err != nil {
				return err
			}
		}
		return unlist(tx, adopted)
	})
}

// naming is a way in which a stored source can be recognised.
type naming struct {
	names func(copydesk.Settings) []string
	fits  func(stored copydesk.Source, listed copydesk.Settings) bool
}

// namings are the ways, the surest first. An address that a source has is
// surer than one that it had.
var namings = []naming{
	{func(s copydesk.Settings) []string { return []string{s.ID} }, whatever},
	{func(s copydesk.Settings) []string { return s.Was }, whatever},
	{address, func(stored copydesk.Source, listed copydesk.Settings) bool { return stored.URL == listed.URL }},
	{address, whatever},
}

func address(s copydesk.Settings) []string { return []string{s.URL} }

func whatever(copydesk.Source, copydesk.Settings) bool { return true }

// match finds the stored source of each of the listed ones, or mints its id.
// The surer names go first for all sources, so that none takes by its address
// what another one names by its id.
func match(tx *bbolt.Tx, listed []copydesk.Settings) ([]copydesk.SourceID, error) {
	found := make([]copydesk.SourceID, len(listed))
	taken := map[copydesk.SourceID]bool{}
	for _, way := range namings {
		for i, s := range listed {
			for _, name := range way.names(s) {
				id := copydesk.SourceID(tx.Bucket(bucketName).Get([]byte(name)))
				if found[i] != "" || name == "" || id == "" || taken[id] {
					continue
				}
				stored, err := source(tx, id)
				if err != nil {
					return nil, err
				}
				if way.fits(stored, s) {
					found[i], taken[id] = id, true
				}
			}
		}
	}
	for i, s := range listed {
		if found[i] != "" {
			continue
		}
		id := copydesk.NewSourceID(s)
		if taken[id] || tx.Bucket(bucketSource).Get([]byte(id)) != nil {
			// The name belonged to a source that has moved on to another: the
			// newcomer must not share its entries.
			id += copydesk.SourceID("\x00" + s.URL)
		}
		if taken[id] {
			return nil, fmt.Errorf("source %s: listed twice", s.Handle())
		}
		found[i], taken[id] = id, true
	}
	return found, nil
}

func adopt(tx *bbolt.Tx, id copydesk.SourceID, settings copydesk.Settings, now time.Time) error {
	var src copydesk.Source
	known, err := get(tx, bucketSource, []byte(id), &src)
	switch {
	case err != nil:
		return err
	case !known:
		src.ID, src.NextPoll, src.Rule = id, now, "new source"
	case src.URL != settings.URL:
		src.Validators = copydesk.Validators{}
		if src.Elsewhere.URL == settings.URL { // where it led: that one's own are known
			src.Validators = src.Elsewhere.Validators
		}
		src.Elsewhere, src.Move, src.Substitute = copydesk.Elsewhere{}, copydesk.Move{}, copydesk.Substitute{}
		src = recovered(src, settings.URL, now)
	}
	if known && credited(src.Settings) != credited(settings) {
		if err := markEverywhere(tx); err != nil {
			return err
		}
	}
	src.Settings, src.Listed = settings, true
	for _, name := range slices.Concat([]string{settings.ID, settings.URL}, settings.Was) {
		if name == "" {
			continue
		}
		if err := set(tx, bucketName, []byte(name), []byte(id)); err != nil {
			return err
		}
	}
	return putSource(tx, src)
}

// recovered is src, at a new address, without the trouble that it had at the old
// one: it is due, unless that is at a host that said when to come back.
func recovered(src copydesk.Source, address string, now time.Time) copydesk.Source {
	o := src.Outcome
	if !src.NextPoll.IsZero() && (o.Verdict == "" || o.OK()) {
		return src
	}
	src.Failures, src.Refusals, src.Failing = 0, 0, time.Time{}
	if o.Rests(now) && host(src.URL) == host(address) {
		src.NextPoll, src.Rule = o.NotBefore, o.Wish
		return src
	}
	src.NextPoll, src.Rule, src.Outcome = now, "new address", copydesk.Outcome{}
	return src
}

// host is the name and port in an address, empty if it has none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// credited is what the operator says of a source that stands beside its
// entries, in archives as well.
func credited(s copydesk.Settings) [4]string {
	return [4]string{s.Name, s.Publisher, string(s.Role), string(s.Content)}
}

func unlist(tx *bbolt.Tx, listed []copydesk.SourceID) error {
	all, err := sources(tx)
	if err != nil {
		return err
	}
	for _, src := range all {
		if !src.Listed || slices.Contains(listed, src.ID) {
			continue
		}
		src.Listed = false
		if err := putSource(tx, src); err != nil {
			return err
		}
	}
	return nil
}

// putSource writes src and, if that changes anything, moves its version on.
func putSource(tx *bbolt.Tx, src copydesk.Source) error {
	var old copydesk.Source
	if _, err := get(tx, bucketSource, []byte(src.ID), &old); err != nil {
		return err
	}
	src.Version = old.Version
	same, err := equalJSON(old, src)
	if err != nil || same {
		return err
	}
	src.Version++
	return put(tx, bucketSource, []byte(src.ID), src)
}

func equalJSON(a, b any) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("compare: %w", err)
	}
	y, err := json.Marshal(b)
	return string(x) == string(y), err
}

// Sources returns all sources in the order of their ids, those no longer listed
// among them.
func (db *DB) Sources(ctx context.Context) (all []copydesk.Source, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		all, err = sources(tx)
		return err
	})
	return all, err
}

func sources(tx *bbolt.Tx) (all []copydesk.Source, err error) {
	err = under(tx, bucketSource, nil, func(key, value []byte) (bool, error) {
		var src copydesk.Source
		if err := json.Unmarshal(value, &src); err != nil {
			return false, fmt.Errorf("read source %s: %w", key, err)
		}
		all = append(all, src)
		return true, nil
	})
	return all, err
}

// Source returns the source with that id, or an error that wraps ErrNotFound.
func (db *DB) Source(ctx context.Context, id copydesk.SourceID) (src copydesk.Source, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		src, err = source(tx, id)
		return err
	})
	return src, err
}

func source(tx *bbolt.Tx, id copydesk.SourceID) (src copydesk.Source, err error) {
	found, err := get(tx, bucketSource, []byte(id), &src)
	if err == nil && !found {
		err = fmt.Errorf("source %s: %w", id, ErrNotFound)
	}
	return src, err
}

// SourceNamed returns the source that has, or had, that id or address.
func (db *DB) SourceNamed(ctx context.Context, name string) (src copydesk.Source, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		id := tx.Bucket(bucketName).Get([]byte(name))
		src, err = source(tx, copydesk.SourceID(id))
		return err
	})
	return src, err
}
