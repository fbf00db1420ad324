package db

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
)

// How buckets are read and written. What is to be changed of many keys is
// gathered first, since no cursor may be moved while its bucket is written to.

// get reads the JSON value at key into v and reports whether there is one.
func get(tx *bbolt.Tx, bucket, key []byte, v any) (bool, error) {
	value := tx.Bucket(bucket).Get(key)
	if value == nil {
		return false, nil
	}
	if err := json.Unmarshal(value, v); err != nil {
		return false, fmt.Errorf("read %s %x: %w", bucket, key, err)
	}
	return true, nil
}

func has(tx *bbolt.Tx, bucket, key []byte) bool { return tx.Bucket(bucket).Get(key) != nil }

// put writes v as JSON at key, unless that is what stands there already.
func put(tx *bbolt.Tx, bucket, key []byte, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s %x: %w", bucket, key, err)
	}
	return set(tx, bucket, key, value)
}

// set writes value at key, unless that is what stands there already: an
// unchanged value should dirty no page.
func set(tx *bbolt.Tx, bucket, key, value []byte) error {
	b := tx.Bucket(bucket)
	if old := b.Get(key); old != nil && bytes.Equal(old, value) {
		return nil
	}
	if err := b.Put(key, value); err != nil {
		return fmt.Errorf("write %s: %w", bucket, err)
	}
	return nil
}

func remove(tx *bbolt.Tx, bucket, key []byte) error {
	if err := tx.Bucket(bucket).Delete(key); err != nil {
		return fmt.Errorf("delete from %s: %w", bucket, err)
	}
	return nil
}

// under calls fn for every key of bucket that begins with prefix, in order,
// until fn says stop or fails. Key and value are valid only during the call.
func under(tx *bbolt.Tx, bucket, prefix []byte, fn func(key, value []byte) (more bool, err error)) error {
	c := tx.Bucket(bucket).Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		more, err := fn(k, v)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// downward calls fn for the keys of bucket that are prefix and a number up to
// last, the highest first, until fn says stop or fails.
func downward(tx *bbolt.Tx, bucket, prefix []byte, last uint64, fn func(number uint64, value []byte) (more bool, err error)) error {
	c := tx.Bucket(bucket).Cursor()
	end := append(bytes.Clone(prefix), be64(last)...)
	k, v := c.Seek(end)
	switch {
	case k == nil:
		k, v = c.Last()
	case !bytes.Equal(k, end):
		k, v = c.Prev()
	}
	for ; isUnder(k, prefix); k, v = c.Prev() {
		more, err := fn(binary.BigEndian.Uint64(k[len(prefix):]), v)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// isUnder reports whether key is prefix and a number.
func isUnder(key, prefix []byte) bool {
	return len(key) == len(prefix)+8 && bytes.HasPrefix(key, prefix)
}

// removeUnder removes the keys that begin with prefix and that old tells.
func removeUnder(tx *bbolt.Tx, bucket, prefix []byte, old func(key, value []byte) bool) error {
	var keys [][]byte
	err := under(tx, bucket, prefix, func(key, value []byte) (bool, error) {
		if old(key, value) {
			keys = append(keys, bytes.Clone(key))
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return removeKeys(tx, bucket, keys)
}

// removeWhile removes the first keys of a bucket, up to the one that is not old.
func removeWhile(tx *bbolt.Tx, bucket []byte, old func(key, value []byte) (bool, error)) error {
	var keys [][]byte
	err := under(tx, bucket, nil, func(key, value []byte) (bool, error) {
		more, err := old(key, value)
		if more {
			keys = append(keys, bytes.Clone(key))
		}
		return more, err
	})
	if err != nil {
		return err
	}
	return removeKeys(tx, bucket, keys)
}

func removeKeys(tx *bbolt.Tx, bucket []byte, keys [][]byte) error {
	for _, key := range keys {
		if err := remove(tx, bucket, key); err != nil {
			return err
		}
	}
	return nil
}

// moveUnder moves the values of keys that begin with one prefix to such that
// begin with another.
func moveUnder(tx *bbolt.Tx, bucket, from, to []byte) error {
	var keys, values [][]byte
	err := under(tx, bucket, from, func(key, value []byte) (bool, error) {
		keys, values = append(keys, bytes.Clone(key)), append(values, bytes.Clone(value))
		return true, nil
	})
	if err != nil {
		return err
	}
	for i, key := range keys {
		if err := set(tx, bucket, append(bytes.Clone(to), key[len(from):]...), values[i]); err != nil {
			return err
		}
	}
	return removeKeys(tx, bucket, keys)
}
