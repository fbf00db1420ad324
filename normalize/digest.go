package normalize

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"strconv"

	"copydesk"
)

// DigestOf is the digest of what makes a revision of a text. Dates do not, nor
// does the way in which an address is written, nor a language that was only
// recognised: [Decide] fills that in after it took the digest.
func DigestOf(t copydesk.Text) copydesk.Digest {
	h := newHasher("revision")
	h.add(t.Title, t.Summary, t.Content, cmp.Or(Canonical(t.Link), t.Link), t.Image, t.Language, t.Rights)
	h.people(t.Authors)
	h.files(t.Enclosures)
	h.add(strconv.Itoa(len(t.Categories)))
	for _, c := range t.Categories {
		h.add(c.Term, c.Scheme, c.Label)
	}
	return h.sum()
}

// textHash is the digest of title and text alone, by which entries are told
// apart that nothing else tells apart.
func textHash(t copydesk.Text) copydesk.Digest {
	h := newHasher("text")
	h.add(t.Title, t.Summary, t.Content)
	return h.sum()
}

// hasher hashes values with their lengths, so that no two lists of values come
// to the same bytes.
type hasher struct{ h hash.Hash }

func newHasher(purpose string) hasher {
	h := hasher{sha256.New()}
	h.add(purpose)
	return h
}

func (h hasher) add(values ...string) {
	var size [8]byte
	for _, v := range values {
		binary.BigEndian.PutUint64(size[:], uint64(len(v)))
		h.h.Write(size[:])
		h.h.Write([]byte(v))
	}
}

func (h hasher) people(people []copydesk.Person) {
	h.add(strconv.Itoa(len(people)))
	for _, p := range people {
		h.add(p.Name, p.Email, p.URI)
	}
}

func (h hasher) files(files []copydesk.Enclosure) {
	h.add(strconv.Itoa(len(files)))
	for _, f := range files {
		h.add(f.URL, f.Type, strconv.FormatInt(f.Length, 10))
	}
}

func (h hasher) sum() copydesk.Digest { return copydesk.Digest(h.h.Sum(nil)[:16]) }
