package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"copydesk"
	"copydesk/db"
	"copydesk/db/dbtest"

	"go.etcd.io/bbolt"
)

func open(t *testing.T, path string, o db.Options) *db.DB {
	t.Helper()
	store, err := db.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestTheStoreKeepsItsContract(t *testing.T) {
	dbtest.Run(t, func(t *testing.T) dbtest.Store {
		path := filepath.Join(t.TempDir(), "copydesk.db")
		store := open(t, path, db.Options{Create: true})
		return dbtest.Store{DB: store, Reopen: func() *db.DB {
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			store = open(t, path, db.Options{})
			return store
		}}
	})
}

func TestOnlyWhoMayCreateAStoreCreatesOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copydesk.db")
	_, err := db.Open(path, db.Options{})
	if !errors.Is(err, db.ErrMissing) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file was created all the same")
	}
}

func TestALockedStoreNamesWhoHoldsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copydesk.db")
	open(t, path, db.Options{Create: true})
	for _, readOnly := range []bool{false, true} {
		_, err := db.Open(path, db.Options{ReadOnly: readOnly, Wait: 10 * time.Millisecond})
		if !errors.Is(err, db.ErrLocked) {
			t.Fatalf("got %v", err)
		}
		if _, procErr := os.Stat("/proc/locks"); procErr == nil && !strings.Contains(err.Error(), "process ") {
			t.Errorf("no holder named: %v", err)
		}
	}
}

func TestReadersShareAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copydesk.db")
	open(t, path, db.Options{Create: true}).Close()
	open(t, path, db.Options{ReadOnly: true})
	second := open(t, path, db.Options{ReadOnly: true})
	if err := second.Adopt(t.Context(), nil, time.Now()); err == nil {
		t.Error("a read-only store was written to")
	}
}

func TestAForeignFileIsLeftAlone(t *testing.T) {
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.db")
	bolt, err := bbolt.Open(other, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := bolt.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("theirs")); return err }); err != nil {
		t.Fatal(err)
	}
	bolt.Close()
	for _, path := range []string{text, other} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Open(path, db.Options{Create: true}); !errors.Is(err, db.ErrForeign) {
			t.Errorf("%s: got %v", path, err)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("%s was changed", path)
		}
	}
}

func TestANewerFormatIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copydesk.db")
	open(t, path, db.Options{Create: true}).Close()
	bolt, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := bolt.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{0, 0, 0, 0, 0, 0, 0, 99})
	}); err != nil {
		t.Fatal(err)
	}
	bolt.Close()
	if _, err := db.Open(path, db.Options{}); !errors.Is(err, db.ErrNewer) {
		t.Errorf("got %v", err)
	}
}

func TestAnUnwritableFolderIsOneClearError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "copydesk.db")
	_, err := db.Open(path, db.Options{Create: true})
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestCheckFindsWhatIsNotSound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copydesk.db")
	store := open(t, path, db.Options{Create: true})
	ctx := context.Background()
	if err := store.Adopt(ctx, []copydesk.Settings{{ID: "a", URL: "http://a.example/"}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	src, err := store.Source(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	e := copydesk.Entry{ID: copydesk.NewEntryID("a", "1"), Source: "a", GUID: "1", Canonical: "https://a.example/1", Revision: 1, FirstSeen: time.Now()}
	change := copydesk.Change{Kind: copydesk.Added, Entry: e, Keys: []copydesk.Key{copydesk.DigestOf([]byte("1"))}}
	if err := store.Settle(ctx, db.Settlement{Source: src, Changes: []copydesk.Change{change}}); err != nil {
		t.Fatal(err)
	}
	if err := store.Check(ctx); err != nil {
		t.Fatalf("sound: %v", err)
	}
	store.Close()
	for _, bucket := range []string{"inbox", "text", "address", "seen", "key"} {
		t.Run(bucket, func(t *testing.T) {
			spoiled := filepath.Join(t.TempDir(), "copydesk.db")
			copyFile(t, path, spoiled)
			spoil(t, spoiled, bucket)
			if err := open(t, spoiled, db.Options{}).Check(ctx); err == nil {
				t.Error("nothing found")
			}
		})
	}
}

// spoil removes all that is in a bucket.
func spoil(t *testing.T, path, bucket string) {
	t.Helper()
	bolt, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer bolt.Close()
	err = bolt.Update(func(tx *bbolt.Tx) error {
		if err := tx.DeleteBucket([]byte(bucket)); err != nil {
			return err
		}
		_, err := tx.CreateBucket([]byte(bucket))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	body, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, body, 0o600); err != nil {
		t.Fatal(err)
	}
}
