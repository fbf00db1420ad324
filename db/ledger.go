package db

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"copydesk"

	"go.etcd.io/bbolt"
)

// LedgerDays is for how many days pages of the ledger are kept.
const LedgerDays = 90

// Enter adds to the ledger what was asked of a source beside a poll. What polls
// add comes with their settlement.
func (db *DB) Enter(ctx context.Context, source copydesk.SourceID, line copydesk.Ledger) error {
	return db.write(ctx, func(tx *bbolt.Tx) error { return enter(tx, source, line) })
}

func enter(tx *bbolt.Tx, source copydesk.SourceID, line copydesk.Ledger) error {
	if line.IsZero() {
		return nil
	}
	key := ledgerKey(line.Day, source)
	var page copydesk.Ledger
	if _, err := get(tx, bucketLedger, key, &page); err != nil {
		return err
	}
	return put(tx, bucketLedger, key, page.And(line))
}

// Ledger returns the pages of a source from one day to another, the oldest
// first. A day on which nothing was asked has none.
func (db *DB) Ledger(ctx context.Context, source copydesk.SourceID, from, to copydesk.Day) (pages []copydesk.Ledger, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		for day := from; day <= to; day++ {
			var page copydesk.Ledger
			found, err := get(tx, bucketLedger, ledgerKey(day, source), &page)
			if err != nil {
				return err
			}
			if found {
				pages = append(pages, page)
			}
		}
		return nil
	})
	return pages, err
}

// LedgerOf returns the pages of all sources on one day.
func (db *DB) LedgerOf(ctx context.Context, day copydesk.Day) (pages map[copydesk.SourceID]copydesk.Ledger, err error) {
	pages = map[copydesk.SourceID]copydesk.Ledger{}
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		return under(tx, bucketLedger, be64(uint64(day)), func(key, value []byte) (bool, error) {
			var page copydesk.Ledger
			if err := json.Unmarshal(value, &page); err != nil {
				return false, fmt.Errorf("read ledger %x: %w", key, err)
			}
			pages[copydesk.SourceID(key[8:])] = page
			return true, nil
		})
	})
	return pages, err
}

// forgetLedger removes the pages of the days before day.
func forgetLedger(tx *bbolt.Tx, day copydesk.Day) error {
	return removeWhile(tx, bucketLedger, func(key, _ []byte) (bool, error) {
		return copydesk.Day(binary.BigEndian.Uint64(key)) < day, nil
	})
}
