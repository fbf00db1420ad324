package db

import (
	"context"
	"errors"
	"slices"

	"go.etcd.io/bbolt"
)

// job is one caller's part of a transaction.
type job struct {
	fn    func(*bbolt.Tx) error
	alone bool       // shares its transaction with nobody, and so is run once
	done  chan error // receives the result, or errLead when it is the caller's turn to write
}

// errLead tells a waiting caller to be the writer. It never leaves this file.
var errLead = errors.New("lead")

// batchLimit bounds how much one transaction commits, and so how long anyone
// waits for it.
const batchLimit = 64

// write runs fn in a transaction and returns once that is on disk. Callers that
// arrive while a transaction is being written share the next one: a commit
// costs the same however much is in it. There is no writer goroutine; the
// caller that finds no writer becomes it, and passes the turn on.
//
// If fn fails, only its own changes are undone; the others of its transaction
// are run again, so fn must have no effect but through tx and what it assigns.
func (db *DB) write(ctx context.Context, fn func(*bbolt.Tx) error) error {
	return db.enqueue(ctx, &job{fn: fn, done: make(chan error, 1)})
}

// writeAlone is write for a job whose fn has effects beside tx: it is run once,
// in a transaction of its own.
func (db *DB) writeAlone(ctx context.Context, fn func(*bbolt.Tx) error) error {
	return db.enqueue(ctx, &job{fn: fn, alone: true, done: make(chan error, 1)})
}

func (db *DB) enqueue(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db.mu.Lock()
	db.queue = append(db.queue, j)
	lead := !db.writing
	db.writing = true
	db.mu.Unlock()
	if !lead {
		if err := <-j.done; err != errLead {
			return err
		}
	}
	db.commitQueued()
	return <-j.done
}

// commitQueued commits what has queued up, the caller's own job among it, and
// passes the turn on.
func (db *DB) commitQueued() {
	db.mu.Lock()
	n := together(db.queue)
	batch := db.queue[:n:n]
	db.queue = db.queue[n:]
	db.mu.Unlock()

	db.commit(batch)

	db.mu.Lock()
	defer db.mu.Unlock()
	if len(db.queue) == 0 {
		db.queue = nil
		db.writing = false
		return
	}
	db.queue[0].done <- errLead
}

// together is how many jobs from the front of the queue share a transaction.
func together(queue []*job) int {
	n := slices.IndexFunc(queue, func(j *job) bool { return j.alone })
	switch {
	case n == 0:
		return 1
	case n < 0:
		n = len(queue)
	}
	return min(n, batchLimit)
}

// commit runs the batch in one transaction, leaving out a job that fails.
func (db *DB) commit(batch []*job) {
	for len(batch) > 0 {
		failed := -1
		err := db.bolt.Update(func(tx *bbolt.Tx) error {
			for i, j := range batch {
				if err := j.fn(tx); err != nil {
					failed = i
					return err
				}
			}
			return nil
		})
		if failed < 0 {
			for _, j := range batch {
				j.done <- err
			}
			return
		}
		batch[failed].done <- err
		batch = append(batch[:failed:failed], batch[failed+1:]...)
	}
}
