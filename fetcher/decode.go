package fetcher

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// maxCodings bounds how often a body may have been compressed over.
const maxCodings = 4

// decoders keeps what is dear to make. It belongs to one client, since some
// hold channels, which must not leave the test bubble that made them.
type decoders struct{ gzip, brotli, zstd, bodies sync.Pool }

// mostKept is how large a buffer can be that is kept for a next body.
const mostKept = 1 << 20

// read returns the whole body with its Content-Encoding undone, or an error:
// never a part of it.
func (c *Client) read(resp *http.Response) ([]byte, error) {
	tooBig := refuse("body over %s", size(c.limits.Body))
	if resp.ContentLength > c.limits.Body {
		return nil, tooBig
	}
	codings, err := codingsOf(resp.Header)
	if err != nil {
		return nil, err
	}
	wire := &capped{r: resp.Body, max: c.limits.Body, full: tooBig}
	body, release := c.decoders.buffer()
	defer release()
	if len(codings) == 0 {
		_, err = body.ReadFrom(wire)
	} else if err = c.decoders.decode(body, wire, codings); err == nil {
		// A decoder may stop at the end of its stream: whether the transfer
		// was complete shows only after it.
		_, err = io.Copy(io.Discard, wire)
	}
	switch {
	case errors.Is(wire.err, io.ErrUnexpectedEOF):
		return nil, cutOff(wire.n, resp.ContentLength)
	case wire.err != nil:
		return nil, wire.err
	case err != nil:
		return nil, err
	case resp.ContentLength >= 0 && wire.n != resp.ContentLength:
		return nil, cutOff(wire.n, resp.ContentLength)
	}
	return bytes.Clone(body.Bytes()), nil // which is as long as the body, and no longer
}

// buffer returns an empty buffer; release takes it back.
func (d *decoders) buffer() (b *bytes.Buffer, release func()) {
	b, ok := d.bodies.Get().(*bytes.Buffer)
	if !ok {
		b = new(bytes.Buffer)
	}
	return b, func() {
		if b.Cap() <= mostKept {
			b.Reset()
			d.bodies.Put(b)
		}
	}
}

func cutOff(n, length int64) *Refusal {
	if length >= 0 {
		return refuse("the transfer ended after %d of %d bytes", n, length)
	}
	return refuse("the transfer was cut off after %d bytes", n)
}

// codingsOf returns what the body was coded with, in the order in which it is
// to be undone.
func codingsOf(h http.Header) ([]string, error) {
	var codings []string
	for _, line := range h["Content-Encoding"] {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "x-")
			switch name {
			case "", "identity", "none", "utf-8": // the last two are mistakes that do no harm
			case "gzip", "br", "zstd", "deflate":
				codings = append(codings, name)
			default:
				return nil, refuse("a Content-Encoding that we did not ask for: %.40q", name)
			}
		}
	}
	if len(codings) > maxCodings {
		return nil, refuse("a Content-Encoding of more than %d layers", maxCodings)
	}
	slices.Reverse(codings)
	return codings, nil
}

// decode undoes the codings, each bounded as the body is, so that no layer can
// blow up inside another.
func (d *decoders) decode(to *bytes.Buffer, wire *capped, codings []string) error {
	first := bufio.NewReader(wire)
	if _, err := first.Peek(1); err == io.EOF {
		return nil // nothing at all: the empty body that some servers declare gzipped
	}
	layer := &capped{r: first, max: wire.max, full: wire.full}
	for _, coding := range codings {
		r, release, err := d.open(coding, bufio.NewReader(layer))
		if err != nil {
			return broken(coding, err)
		}
		defer release()
		layer = &capped{r: r, max: wire.max, full: wire.full}
	}
	_, err := to.ReadFrom(layer)
	return broken(strings.Join(codings, " in "), err)
}

func broken(coding string, err error) error {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return refuse("broken %s body: %s", coding, err)
}

// open returns a reader that undoes one coding; release gives it back.
func (d *decoders) open(coding string, r *bufio.Reader) (_ io.Reader, release func(), err error) {
	switch coding {
	case "gzip":
		z, ok := d.gzip.Get().(*gzip.Reader)
		if !ok {
			z = new(gzip.Reader)
		}
		return z, func() { d.gzip.Put(z) }, z.Reset(r)
	case "br":
		b, ok := d.brotli.Get().(*brotli.Reader)
		if !ok {
			b = new(brotli.Reader)
		}
		return b, func() { d.brotli.Put(b) }, b.Reset(r)
	case "zstd":
		z, ok := d.zstd.Get().(*zstd.Decoder)
		if !ok {
			z, err = newZstd()
			if err != nil {
				return nil, nil, err
			}
		}
		return z, func() { z.Reset(nil); d.zstd.Put(z) }, z.Reset(r)
	}
	head, _ := r.Peek(2)
	if len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		z, err := zlib.NewReader(r)
		return z, func() {}, err
	}
	return flate.NewReader(r), func() {}, nil // "deflate" without its wrapper, as some servers send it
}

// newZstd returns a decoder without goroutines, and with no larger window than
// is allowed in a Content-Encoding (RFC 9659).
func newZstd() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
}

// capped counts what it reads, fails once that is too much, and remembers how
// it failed.
type capped struct {
	r    io.Reader
	n    int64
	max  int64
	full error
	err  error // other than io.EOF
}

func (c *capped) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.n > c.max {
		err = c.full
	}
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
