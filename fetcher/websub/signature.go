package websub

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
)

// hashes are the ways to sign that WebSub knows (section 7).
var hashes = map[string]func() hash.Hash{
	"sha1":   sha1.New,
	"sha256": sha256.New,
	"sha384": sha512.New384,
	"sha512": sha512.New,
}

// Signed reports whether header, an X-Hub-Signature, signs body with secret. It
// takes as long for a wrong signature as for a right one.
func Signed(header, secret string, body []byte) bool {
	method, sum, ok := parseSignature(header)
	if !ok || secret == "" {
		return false
	}
	mac := hmac.New(hashes[method], []byte(secret))
	mac.Write(body)
	return hmac.Equal(sum, mac.Sum(nil))
}

// parseSignature reads "sha256=" and a hash in hexadecimal.
func parseSignature(header string) (method string, sum []byte, ok bool) {
	method, digits, ok := strings.Cut(strings.TrimSpace(header), "=")
	if method = strings.ToLower(method); !ok || hashes[method] == nil {
		return "", nil, false
	}
	sum, err := hex.DecodeString(digits)
	return method, sum, err == nil && len(sum) == hashes[method]().Size()
}
