package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"copydesk"

	"go.etcd.io/bbolt"
)

// Episodes returns the episodes of a source, the newest first.
func (db *DB) Episodes(ctx context.Context, source copydesk.SourceID) (all []copydesk.Episode, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		all, err = episodes(tx, sourcePrefix(source))
		return err
	})
	return all, err
}

// AllEpisodes returns the episodes of all sources, the newest first.
func (db *DB) AllEpisodes(ctx context.Context) (all []copydesk.Episode, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		all, err = episodes(tx, nil)
		return err
	})
	return all, err
}

func episodes(tx *bbolt.Tx, prefix []byte) (all []copydesk.Episode, err error) {
	err = under(tx, bucketEpisode, prefix, func(key, value []byte) (bool, error) {
		var e copydesk.Episode
		if err := json.Unmarshal(value, &e); err != nil {
			return false, fmt.Errorf("read episode %x: %w", key, err)
		}
		all = append(all, e)
		return true, nil
	})
	slices.SortFunc(all, func(a, b copydesk.Episode) int {
		return cmp.Or(b.Updated.Compare(a.Updated), b.Since.Compare(a.Since), slices.Compare(a.ID[:], b.ID[:]))
	})
	return all, err
}

// forgetEpisodes removes those that ended before oldest. One that lasts stays,
// unless its source is no longer listed and so will not be asked again.
func forgetEpisodes(tx *bbolt.Tx, oldest time.Time) error {
	all, err := episodes(tx, nil)
	if err != nil {
		return err
	}
	for _, e := range all {
		if !e.Updated.Before(oldest) {
			continue
		}
		src, err := source(tx, e.Source)
		if err != nil {
			return err
		}
		if e.Open() && src.Listed {
			continue
		}
		if err := remove(tx, bucketEpisode, episodeKey(e.Source, e.ID)); err != nil {
			return err
		}
	}
	return nil
}
