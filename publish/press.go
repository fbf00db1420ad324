package publish

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"copydesk"
)

// Pressed is a rendered document as it is served: its bytes in each coding,
// and their validators. It never changes, so any number of readers share it.
type Pressed struct {
	hash     copydesk.Digest
	modified time.Time
	variants []variant // smallest coding first, identity last

	contentType  []string // header values, made once
	lastModified []string
	links        []string // of an edition with a hub
}

// variant is a document in one content coding.
type variant struct {
	coding string // "identity", or as in Accept-Encoding
	body   []byte

	tag      []string // header values, made once
	length   []string
	encoding []string
}

// Press makes body ready to be served as contentType. It compresses it once
// per coding, and starts no goroutine. The entity tag is the hash of body, so
// equal content has equal tags after a restart and on all nodes. Modified is
// when these bytes came to be; HTTP says it in whole seconds, and the zero time
// is not said. Press keeps body, which must not be changed afterwards.
func Press(body []byte, contentType string, modified time.Time) (*Pressed, error) {
	p := &Pressed{
		hash:        copydesk.DigestOf(body),
		modified:    modified.UTC().Truncate(time.Second),
		contentType: []string{contentType},
	}
	if !modified.IsZero() {
		p.lastModified = []string{p.modified.Format(http.TimeFormat)}
	}
	for _, coding := range codings {
		packed, err := pack[coding](body)
		if err != nil {
			return nil, fmt.Errorf("compress with %s: %w", coding, err)
		}
		p.add(coding, packed)
	}
	return p, nil
}

const identity = "identity"

// pack has for each of codings how a body is written in it.
var pack = map[string]func([]byte) ([]byte, error){
	"zstd": zstdOf, "gzip": gzipOf, identity: func(body []byte) ([]byte, error) { return body, nil },
}

func (p *Pressed) add(coding string, body []byte) {
	v := variant{coding: coding, body: body, length: []string{strconv.Itoa(len(body))}}
	tag := `"` + hex.EncodeToString(p.hash[:])
	if coding != identity {
		v.encoding = []string{coding}
		tag += "-" + coding
	}
	v.tag = []string{tag + `"`}
	p.variants = append(p.variants, v)
}

// Body is the document, not compressed. It must not be changed.
func (p *Pressed) Body() []byte { return p.variants[len(p.variants)-1].body }

// Named returns p with what WebSub wants beside an edition that has a hub: Link
// headers with that hub and what the edition is called.
func (p *Pressed) Named(topic copydesk.TopicID, f Format, site Site) *Pressed {
	if site.Hub != "" {
		named := *p
		named.links = []string{site.HubLink(site.Address(topic, f))}
		return &named
	}
	return p
}

// Hash is the start of the SHA-256 of Body.
func (p *Pressed) Hash() copydesk.Digest { return p.hash }

// ETag is the strong entity tag of Body, in its quotes.
func (p *Pressed) ETag() string { return p.variants[len(p.variants)-1].tag[0] }

// ContentType is the media type of Body.
func (p *Pressed) ContentType() string { return p.contentType[0] }

// LastModified is when Body last changed, in whole seconds.
func (p *Pressed) LastModified() time.Time { return p.modified }

// size is how many bytes the document takes in all codings.
func (p *Pressed) size() (n int) {
	for _, v := range p.variants {
		n += len(v.body)
	}
	return n
}

// gzipLevel is where our compressor comes down to the size of zlib's default: a
// twentieth less than at 6 for prose, in a few milliseconds. Brotli would save
// another twelfth for ten times the work, at every edition.
const gzipLevel = 7

func gzipOf(body []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzipLevel)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return bytes.Clone(b.Bytes()), nil
}

// zstdOf makes its encoder anew: one that is shared holds channels, which a
// synctest bubble may not touch from outside. Clients need not accept windows
// over 8 MB (RFC 9659).
func zstdOf(body []byte) ([]byte, error) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, err
	}
	small := w.EncodeAll(body, make([]byte, 0, len(body)/3+64))
	return bytes.Clone(small), w.Close()
}
