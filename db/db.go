// Package db is the store of one machine: sources, entries, stories and topics
// in one bbolt file.
//
// What it promises. Everything that one step learns is written in one
// transaction: [DB.Settle] writes a poll's entries, their place in the inbox,
// and the source's validators and next poll together, [DB.Group] writes what
// became of inbox rows together. So a crash between any two instructions loses
// nothing: either the validators are as new as the entries, or the next poll
// fetches the document again. A transaction is on disk when its call returns.
//
// Nothing that readers were once shown changes its name here: ids are made by
// package copydesk and written once, an entry that retention takes leaves a
// tombstone, and a story that was absorbed leaves the id of its survivor.
//
// What it does not do. It decides nothing about news: which entry is new, which
// story it belongs to and who leads come in as values. It starts no goroutine.
//
// Begin with keys.go, which is the file format on one page; then one file a
// noun. The same contract for many machines lives beside this package; package
// dbtest states it as tests.
package db

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Errors of opening a store. Each is wrapped with the path and what to do.
var (
	ErrMissing = errors.New("no such store")
	ErrLocked  = errors.New("the store is in use by another process")
	ErrForeign = errors.New("not a Copydesk store")
	ErrNewer   = errors.New("the store was written by a newer Copydesk")
)

// Errors of using a store.
var (
	ErrNotFound = errors.New("not in the store")
	ErrGone     = errors.New("no longer in the store")
	ErrStale    = errors.New("the source was settled by someone else in between")
)

// Options say how to open a store.
type Options struct {
	Create   bool          // make the file if there is none; otherwise that is ErrMissing
	ReadOnly bool          // share the file with other readers; every write then fails
	Wait     time.Duration // how long to wait for another process to let go of the file; at least one try is made
}

// DB is an open store. Its methods are safe for concurrent use.
type DB struct {
	bolt    *bbolt.DB
	encoder *zstd.Encoder
	decoder *zstd.Decoder

	mu      sync.Mutex
	queue   []*job // waiting for the writer
	writing bool   // somebody is the writer
}

// initialMap is address space, not memory: as long as the file fits in it, a
// growing write need not wait for readers to finish.
const initialMap = 1 << 30

// Open opens the store at path.
func Open(path string, o Options) (*DB, error) {
	if !o.Create {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("open store %s: %w: `copydesk run` or `copydesk poll --once` creates it", path, ErrMissing)
		}
	}
	if !o.Create {
		if info, err := os.Stat(path); err == nil && info.Size() == 0 {
			return nil, fmt.Errorf("open store %s: %w: it is empty: `copydesk run` or `copydesk poll --once` makes a store of it", path, ErrForeign)
		}
	}
	bolt, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         max(o.Wait, 50*time.Millisecond), // zero would mean for ever
		ReadOnly:        o.ReadOnly,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: initialMap,
	})
	if err != nil {
		return nil, openError(path, err)
	}
	db := &DB{bolt: bolt}
	if err := db.prepare(o); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, err), bolt.Close())
	}
	return db, nil
}

func openError(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("open store %s: %w%s: stop that process, or ask it through its control socket", path, ErrLocked, holder(path))
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("open store %s: %w (%v): move that file away, or name another [store] path", path, ErrForeign, err)
	}
	return fmt.Errorf("open store %s: %w", path, err)
}

// prepare makes the coders, which must belong to whoever opened the store and
// not to the process (they hold channels, and tests keep those in a bubble),
// and sees that the file is ours.
func (db *DB) prepare(o Options) (err error) {
	db.encoder, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(256<<10)) // few texts are longer
	if err != nil {
		return fmt.Errorf("zstd: %w", err)
	}
	db.decoder, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2))
	if err != nil {
		return fmt.Errorf("zstd: %w", err)
	}
	fresh := false
	err = db.bolt.View(func(tx *bbolt.Tx) error {
		if first, _ := tx.Cursor().First(); first == nil {
			fresh = true
			return nil
		}
		return checkFormat(tx)
	})
	if err != nil || !fresh {
		return err
	}
	if o.ReadOnly {
		return fmt.Errorf("%w yet: it is empty", ErrForeign)
	}
	return db.bolt.Update(initialise)
}

func checkFormat(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil || len(meta.Get(metaFormat)) != 8 {
		return fmt.Errorf("%w: a bbolt file of another program; name another [store] path", ErrForeign)
	}
	if v := binary.BigEndian.Uint64(meta.Get(metaFormat)); v > formatVersion {
		return fmt.Errorf("%w: format %d, this one knows %d; install a newer version, or go back to a backup", ErrNewer, v, formatVersion)
	}
	return nil
}

func initialise(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucket(name); err != nil {
			return fmt.Errorf("create %s: %w", name, err)
		}
	}
	if err := set(tx, bucketMeta, metaFormat, be64(formatVersion)); err != nil {
		return err
	}
	return set(tx, bucketMeta, metaInstallation, []byte(rand.Text()))
}

// Close waits for transactions under way and lets go of the file.
func (db *DB) Close() error {
	db.decoder.Close()
	if err := errors.Join(db.encoder.Close(), db.bolt.Close()); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// Installation is the name that this store drew when it was created.
func (db *DB) Installation(ctx context.Context) (name string, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		name = string(tx.Bucket(bucketMeta).Get(metaInstallation))
		return nil
	})
	return name, err
}

func (db *DB) read(ctx context.Context, fn func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return db.bolt.View(fn)
}

// Count returns how many entries and stories there are.
func (db *DB) Count(ctx context.Context) (entries, stories int, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		entries, stories = tx.Bucket(bucketEntry).Stats().KeyN, tx.Bucket(bucketStory).Stats().KeyN
		return nil
	})
	return entries, stories, err
}

// Grouped returns how many entries are in a story.
func (db *DB) Grouped(ctx context.Context) (n int, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		n = tx.Bucket(bucketMember).Stats().KeyN
		return nil
	})
	return n, err
}

// Size returns how large the file is, in bytes.
func (db *DB) Size(ctx context.Context) (bytes int64, err error) {
	err = db.read(ctx, func(tx *bbolt.Tx) error {
		bytes = tx.Size()
		return nil
	})
	return bytes, err
}
