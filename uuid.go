package copydesk

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
)

// The name spaces of our UUIDs (RFC 9562, version 5). They were drawn at
// random once; changing one re-issues every entry in every reader.
var (
	entryNamespace = mustUUID("c1565e9f-fd89-48ed-a5f7-d1aabf83aadb")
	storyNamespace = mustUUID("2217b9e5-f077-4a2b-a1fd-b7b8d721209b")
	itemNamespace  = mustUUID("89bdc134-1f11-4fb9-a7d5-71f5a1ad9d14")
	copyNamespace  = mustUUID("b4806790-ef21-4e2c-b00f-f45760ee407b")
	feedNamespace  = mustUUID("2c3a0c37-d509-4236-9267-061dee3256cc")

	episodeNamespace = mustUUID("77f2d4c7-cfa0-4585-a242-101cd6cf6a94")
)

func uuid5(namespace [16]byte, name string) (id [16]byte) {
	h := sha1.New()
	h.Write(namespace[:])
	h.Write([]byte(name))
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}

func formatUUID(id [16]byte) string {
	x := hex.EncodeToString(id[:])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

func parseUUID(s string) (id [16]byte, err error) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, errors.New("not a UUID: " + s)
	}
	b, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	if err != nil {
		return id, errors.New("not a UUID: " + s)
	}
	copy(id[:], b)
	return id, nil
}

func mustUUID(s string) [16]byte {
	id, err := parseUUID(s)
	if err != nil {
		panic(err)
	}
	return id
}
