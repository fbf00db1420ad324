//go:build !nosearch

package search

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// examineSegment compares the checksum that a segment ends with (zapx,
// persistFooter) with its bytes.
func examineSegment(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var said [4]byte
	sum := crc32.NewIEEE()
	if _, err := io.CopyN(sum, f, info.Size()-int64(len(said))); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if _, err := io.ReadFull(f, said[:]); err != nil || binary.BigEndian.Uint32(said[:]) != sum.Sum32() {
		return fmt.Errorf("%w: its checksum is wrong", ErrDamaged)
	}
	return nil
}
