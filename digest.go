package copydesk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Digest is the start of a SHA-256 hash. Its zero value means "none".
type Digest [16]byte

// IsZero reports whether d is of nothing.
func (d Digest) IsZero() bool { return d == Digest{} }

// DigestOf returns the start of the SHA-256 hash of b.
func DigestOf(b []byte) (d Digest) {
	sum := sha256.Sum256(b)
	copy(d[:], sum[:])
	return d
}

// MarshalText writes the digest in hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(d[:])), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Digest) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(d) {
		return errors.New("digest: not 32 hexadecimal digits")
	}
	_, err := hex.Decode(d[:], text)
	return err
}
