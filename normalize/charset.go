package normalize

import (
	"bytes"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decode returns body as UTF-8 that holds only characters that XML allows, and
// a warning if bytes had to be replaced. The order is that of RFC 7303, section
// 3: byte order mark, charset of the Content-Type, declaration; then a guess.
func decode(body []byte, header http.Header) (text, warning string) {
	if enc, size := byBOM(body); enc != nil {
		return transcode(body[size:], enc)
	}
	label := cmpLabel(httpCharset(header), declared(body))
	if label != "" && !isUTF8Label(label) {
		if enc := lookup(label); enc != nil && mistaken(body, label) {
			return legal(string(body)), "declared as " + clip(label, 20) + ", but it is UTF-8"
		} else if enc != nil {
			return transcode(body, enc)
		}
	}
	switch {
	case utf8.Valid(body):
		return legal(string(body)), ""
	case isUTF8Label(label):
		return legal(strings.ToValidUTF8(string(body), "\uFFFD")), "invalid UTF-8 replaced"
	}
	text, _ = transcode(body, charmap.Windows1252)
	return text, "no encoding declared: read as windows-1252"
}

// mistaken reports UTF-8 that was declared to be in an encoding of one byte per
// character: a document was transcoded and its declaration stayed. In such an
// encoding no text is valid UTF-8 by chance, once it has a few characters
// beyond ASCII.
func mistaken(body []byte, label string) bool {
	enc, _ := htmlindex.Get(label)
	if _, single := enc.(*charmap.Charmap); !single || !utf8.Valid(body) {
		return false
	}
	const enough = 3
	return utf8.RuneCount(body) <= len(body)-enough
}

// byBOM recognises a byte order mark, and UTF-16 without one by the zero bytes
// around its first character, which is always "<" or "{".
func byBOM(body []byte) (encoding.Encoding, int) {
	utf16 := func(order unicode.Endianness) encoding.Encoding { return unicode.UTF16(order, unicode.IgnoreBOM) }
	utf32 := func(order utf32.Endianness) encoding.Encoding { return utf32.UTF32(order, utf32.IgnoreBOM) }
	has := func(prefix string) bool { return bytes.HasPrefix(body, []byte(prefix)) }
	switch {
	case has("\xEF\xBB\xBF"):
		return unicode.UTF8, 3
	case has("\x00\x00\xFE\xFF"):
		return utf32(utf32be), 4
	case has("\xFF\xFE\x00\x00"):
		return utf32(utf32le), 4
	case has("\x00\x00\x00<"):
		return utf32(utf32be), 0
	case has("<\x00\x00\x00"):
		return utf32(utf32le), 0
	case has("\xFE\xFF"):
		return utf16(unicode.BigEndian), 2
	case has("\xFF\xFE"):
		return utf16(unicode.LittleEndian), 2
	case has("\x00<"), has("\x00{"):
		return utf16(unicode.BigEndian), 0
	case has("<\x00"), has("{\x00"):
		return utf16(unicode.LittleEndian), 0
	}
	return nil, 0
}

const (
	utf32be = utf32.BigEndian
	utf32le = utf32.LittleEndian
)

var charsetParam = regexp.MustCompile(`(?i)charset\s*=\s*["']?([^\s;"',]+)`)

func httpCharset(header http.Header) string {
	value := header.Get("Content-Type")
	if _, params, err := mime.ParseMediaType(value); err == nil && params["charset"] != "" {
		return params["charset"]
	}
	if m := charsetParam.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	return ""
}

var xmlEncoding = regexp.MustCompile(`^[\s\x00]*<\?xml[^>]*?\bencoding\s*=\s*["']\s*([A-Za-z0-9._:\-]+)`)

func declared(body []byte) string {
	if m := xmlEncoding.FindSubmatch(body[:min(len(body), 1024)]); m != nil {
		return string(m[1])
	}
	return ""
}

// cmpLabel is the first label that says anything. "us-ascii" says nothing that
// UTF-8 does not say as well, and servers send it by default (RFC 3023).
func cmpLabel(labels ...string) string {
	for _, l := range labels {
		l = strings.ToLower(strings.Trim(l, " \"'"))
		switch l {
		case "", "us-ascii", "ascii", "none", "unknown", "binary":
			continue
		case "utf-16", "utf-16le", "utf-16be", "ucs-2", "utf-32", "utf-32le", "utf-32be", "ucs-4", "utf-7":
			// UTF-16 and UTF-32 are known by their zero bytes or not at all:
			// these labels stand above documents that were transcoded since.
			// UTF-7 is a way to smuggle markup (RFC 2152).
			continue
		}
		if isUTF8Label(l) || lookup(l) != nil {
			return l
		}
	}
	return ""
}

func isUTF8Label(label string) bool {
	return label == "utf-8" || label == "utf8" || label == "unicode-1-1-utf-8"
}

// lookup finds an encoding by its label; beyond the web's labels (Encoding
// Standard, section 4.2) it knows the code pages of old publishing systems.
func lookup(label string) encoding.Encoding {
	if enc, name := charset.Lookup(label); enc != nil && name != "replacement" {
		return enc
	}
	if enc, err := htmlindex.Get(strings.TrimPrefix(label, "x-")); err == nil {
		return enc
	}
	short := strings.NewReplacer("-", "", "_", "", " ", "").Replace(label)
	return codePages[strings.TrimPrefix(strings.TrimPrefix(short, "cp"), "ibm")]
}

// codePages by number. The EBCDIC ones are not feeds' encodings: nothing that
// begins with "<?xml" in ASCII can be in one.
var codePages = map[string]encoding.Encoding{
	"437": charmap.CodePage437, "850": charmap.CodePage850, "852": charmap.CodePage852, "855": charmap.CodePage855,
	"858": charmap.CodePage858, "860": charmap.CodePage860, "862": charmap.CodePage862, "863": charmap.CodePage863,
	"865": charmap.CodePage865, "874": charmap.Windows874,
	"1250": charmap.Windows1250, "1251": charmap.Windows1251, "1252": charmap.Windows1252, "1253": charmap.Windows1253,
	"1254": charmap.Windows1254, "1255": charmap.Windows1255, "1256": charmap.Windows1256, "1257": charmap.Windows1257,
	"1258": charmap.Windows1258,
}

func transcode(body []byte, enc encoding.Encoding) (text, warning string) {
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		out = body
	}
	text = strings.ToValidUTF8(string(out), "\uFFFD")
	if strings.Contains(text, "\uFFFD") && !bytes.Contains(body, []byte("\uFFFD")) {
		warning = "bytes that are invalid in the declared encoding replaced"
	}
	return legal(text), warning
}

// legal drops the characters that XML does not allow (XML 1.0, section 2.2):
// control characters, and the two that are no characters.
func legal(s string) string {
	if strings.IndexFunc(s, illegal) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if illegal(r) {
			return -1
		}
		return r
	}, s)
}

func illegal(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}
