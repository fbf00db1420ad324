package fetcher

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

func encode(t testing.TB, coding, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, _ = zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
	case "zlib":
		w = zlib.NewWriter(&b)
	case "flate":
		w, _ = flate.NewWriter(&b, 6)
	}
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fetchCoded returns what a client makes of a body with this Content-Encoding.
// It does so twice, so that the decoders are used again.
func fetchCoded(t *testing.T, coding string, body []byte) (string, error) {
	t.Helper()
	c := client(t, Options{Transport: memory(func(*http.Request) (*http.Response, error) {
		return answer(200, string(body), "Content-Encoding", coding), nil
	})})
	c.Fetch(t.Context(), Request{URL: "http://a.example/"})
	a := c.Fetch(t.Context(), Request{URL: "http://a.example/"})
	return string(a.Document.Body), a.Err
}

func TestEachContentEncodingIsUndone(t *testing.T) {
	long := strings.Repeat(feed, 3000)
	gzipped := encode(t, "gzip", long)
	for _, tt := range []struct {
		coding string
		body   []byte
	}{
		{"gzip", gzipped},
		{"X-GZip", gzipped},
		{"identity, gzip", gzipped},
		{"br", encode(t, "br", long)},
		{"zstd", encode(t, "zstd", long)},
		{"deflate", encode(t, "zlib", long)},
		{"deflate", encode(t, "flate", long)},
		{"gzip, br", encode(t, "br", string(gzipped))},
		{"br,gzip , zstd", encode(t, "zstd", string(encode(t, "gzip", string(encode(t, "br", long)))))},
		{"", []byte(long)},
		{"identity", []byte(long)},
		{"UTF-8", []byte(long)},
	} {
		if got, err := fetchCoded(t, tt.coding, tt.body); err != nil || got != long {
			t.Errorf("%q: %v, %d of %d bytes", tt.coding, err, len(got), len(long))
		}
	}
}

func TestABrokenOrUnknownContentEncodingIsAnError(t *testing.T) {
	for _, coding := range []string{"gzip", "br", "zstd"} {
		whole := encode(t, coding, feed)
		for _, n := range []int{1, len(whole) / 2, len(whole) - 1} {
			if got, err := fetchCoded(t, coding, whole[:n]); err == nil || got != "" {
				t.Errorf("%s cut to %d of %d bytes: %v, body %q", coding, n, len(whole), err, got)
			}
		}
		if got, err := fetchCoded(t, coding, []byte(feed)); err == nil {
			t.Errorf("plain text as %s: %q", coding, got)
		}
	}
	for _, coding := range []string{"compress", "aes128gcm", "gzip, gzip, gzip, gzip, gzip"} {
		if _, err := fetchCoded(t, coding, []byte(feed)); err == nil {
			t.Errorf("%s: no error", coding)
		}
	}
}

func TestAnEmptyBodyThatIsCalledGzippedIsEmpty(t *testing.T) {
	if got, err := fetchCoded(t, "gzip", nil); err != nil || got != "" {
		t.Errorf("got %q, %v", got, err)
	}
}

// Decoders belong to their client, so that they may be made and used in a
// bubble while others exist outside.
func TestEachContentEncodingIsUndoneInABubble(t *testing.T) {
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			for _, coding := range []string{"gzip", "br", "zstd"} {
				if got, err := fetchCoded(t, coding, encode(t, coding, feed)); err != nil || got != feed {
					t.Errorf("%s: %v", coding, err)
				}
			}
		})
	}
}

// BenchmarkFetch is what a document of 54 KB costs until it is whole, without the
// network.
func BenchmarkFetch(b *testing.B) {
	document := strings.Repeat("<p>Rain, and more rain.</p>", 2000)
	for _, coding := range []string{"identity", "gzip", "br", "zstd"} {
		body := document
		if coding != "identity" {
			body = string(encode(b, coding, document))
		}
		c := client(b, Options{Transport: memory(func(*http.Request) (*http.Response, error) {
			return answer(200, body, "Content-Encoding", coding), nil
		})})
		b.Run(coding, func(b *testing.B) {
			b.SetBytes(int64(len(document)))
			b.ReportAllocs()
			for b.Loop() {
				if a := c.Fetch(b.Context(), Request{URL: "http://a.example/"}); len(a.Document.Body) != len(document) {
					b.Fatal(a.Err)
				}
			}
		})
	}
}
