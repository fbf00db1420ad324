package db

import (
	"context"
	"errors"

	"go.etcd.io/bbolt"
)

// job is one caller's part of a transaction.
type job struct {
	fn   func(*bbolt.Tx) error
	done chan error // receives the result, or errLead when it is the caller's turn to write
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
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{fn: fn, done: make(chan error, 1)}
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
	n := min(len(db.queue), batchLimit)
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
