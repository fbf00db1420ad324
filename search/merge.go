//go:build !nosearch

package search

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
)

// merges is when segments are made one, and which: sixteen of about the same
// size. So a story is written once more for every sixteenfold of stories that the
// index has, where bleve's own plan rewrites what is small again and again; and a
// search goes through some fifty segments at most, most of them tiny.
var merges = mergeplan.MergePlanOptions{
	MaxSegmentsPerTier:   16,
	SegmentsPerMergeTask: 16,
	TierGrowth:           16,
	FloorSegmentSize:     16,     // members
	MaxSegmentSize:       50_000, // members; so a merge ends within a minute
	ReclaimDeletesWeight: 2,
}

// unasked is what bleve merges by itself: nothing. It would do so while the next
// batch comes in, and each of the two takes megabytes.
var unasked = map[string]any{"MaxSegmentsPerTier": 1 << 30, "FloorSegmentSize": 1}

// mergeWithin is how long merging takes at most. On a disk that is full it never
// ends.
const mergeWithin = 10 * time.Minute

// merger is what scorch is besides an index.
type merger interface {
	ForceMerge(context.Context, *mergeplan.MergePlanOptions) error
}

// merge makes one of segments that are due.
func (d *Disk) merge(ctx context.Context) error {
	m, ok := d.index.(merger)
	if !ok {
		return fmt.Errorf("an index of type %T", d.index)
	}
	ctx, cancel := context.WithTimeout(ctx, mergeWithin)
	defer cancel()
	merged := make(chan error, 1)
	d.merging.Go(func() { merged <- m.ForceMerge(ctx, &merges) })
	select {
	case err := <-merged:
		return errors.Join(err, ctx.Err())
	case <-ctx.Done(): // it comes back soon; but if what merges has crashed, only once the index is closed
		return ctx.Err()
	}
}
