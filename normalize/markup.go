package normalize

import (
	"encoding/base64"
	"strings"
)

// This file turns what the cleaner captured of a text into HTML, whatever the
// publisher called it.

// characters is the text of parts, without tags.
func characters(parts []token) string {
	if len(parts) == 1 {
		return chars(parts[0])
	}
	var b strings.Builder
	for _, t := range parts {
		b.WriteString(chars(t))
	}
	return b.String()
}

func chars(t token) string {
	switch t.kind {
	case textToken:
		return unescape(t.text)
	case cdataToken:
		return t.text
	}
	return ""
}

// markupOf is a captured text as HTML, by the type that it declares (RFC 4287,
// section 3.1.1; Atom 0.3's mode; RSS declares none and means HTML).
func (c *cleaner) markupOf(part *capture, e element) string {
	kind, mode := "", ""
	for name, value := range attributes(part.attrs) {
		switch name {
		case "type":
			kind = strings.ToLower(strings.TrimSpace(value))
		case "mode":
			mode = strings.ToLower(strings.TrimSpace(value))
		}
	}
	atomText := c.format == formatAtom && !strings.Contains(e.key, ":") || strings.HasPrefix(e.key, "atom:") || strings.HasPrefix(e.key, "media:")
	var value string
	if part.nested {
		xhtml := atomText || strings.HasPrefix(e.key, "xhtml:")
		parts := part.parts
		if strings.Contains(kind, "xhtml") {
			parts = withoutWrapper(parts)
		}
		value = serialise(parts, xhtml)
	} else {
		value = strings.TrimSpace(characters(part.parts))
		if mode == "base64" || binaryType(kind) {
			value = decodeBase64(value)
		}
		if atomText && isText(kind, mode, value, e.key) {
			value = escapeText(value)
		}
	}
	return strings.TrimSpace(value)
}

// isText reports whether an Atom text is plain text. Without a type it is, by
// the RFC; but publishers put escaped HTML into untyped contents, and no reader
// wants to see its tags.
func isText(kind, mode, value, key string) bool {
	switch kind {
	case "text", "plain", "text/plain", "xhtml", "application/xhtml+xml":
		return true // XHTML without a tag is text
	case "":
		if mode == "escaped" {
			return false
		}
		return strings.HasSuffix(key, "title") || !looksLikeHTML(value)
	}
	return false
}

func looksLikeHTML(s string) bool {
	if !strings.Contains(s, "<") {
		return strings.Contains(s, "&") && strings.Contains(s, ";") && unescape(s) != s
	}
	lower := strings.ToLower(s)
	for _, mark := range []string{"</", "<br", "<p>", "<img ", "<hr"} {
		if strings.Contains(lower, mark) {
			return true
		}
	}
	return false
}

func binaryType(kind string) bool {
	return strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/") || kind == "application/octet-stream"
}

// decodeBase64 decodes s, or leaves it if it is none, and drops what is no text.
func decodeBase64(s string) string {
	out, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		return s
	}
	return legal(strings.ToValidUTF8(string(out), "\uFFFD"))
}

// serialise writes captured markup as HTML. In XHTML a CDATA section is text; in
// RSS, publishers use it for HTML beside markup.
func serialise(parts []token, xhtml bool) string {
	var b strings.Builder
	for _, t := range parts {
		switch t.kind {
		case textToken:
			b.WriteString(t.text)
		case cdataToken:
			if xhtml {
				b.WriteString(escapeText(t.text))
			} else {
				b.WriteString(t.text)
			}
		case startToken:
			b.WriteString(startTagOf(t))
		case endToken:
			_, local := splitName(t.name)
			b.WriteString("</" + local + ">")
		}
	}
	return b.String()
}

// withoutWrapper takes the <div> off that XHTML in Atom must stand in and that
// is no part of the text (RFC 4287, section 3.1.1.3).
func withoutWrapper(parts []token) []token {
	blank := func(t token) bool { return t.kind == textToken && strings.TrimSpace(t.text) == "" }
	for len(parts) > 0 && blank(parts[0]) {
		parts = parts[1:]
	}
	for len(parts) > 0 && blank(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	if len(parts) < 2 {
		return parts
	}
	depth := 0
	for i, t := range parts {
		_, local := splitName(t.name)
		switch {
		case i == 0 && (t.kind != startToken || t.empty || !strings.EqualFold(local, "div")):
			return parts
		case t.kind == startToken && !t.empty && strings.EqualFold(local, "div"):
			depth++
		case t.kind == endToken && strings.EqualFold(local, "div"):
			depth--
		}
		if depth == 0 && i < len(parts)-1 {
			return parts
		}
	}
	if depth != 0 {
		return parts
	}
	return parts[1 : len(parts)-1]
}

// startTagOf is a start tag as HTML: without prefixes, and with an end tag if
// it was empty, which HTML does not know for most elements.
func startTagOf(t token) string {
	_, local := splitName(t.name)
	tag := "<" + local
	if strings.TrimSpace(t.attrs) != "" {
		tag += " " + strings.TrimSpace(t.attrs)
	}
	tag += ">"
	if t.empty && !voidElement(local) {
		tag += "</" + local + ">"
	}
	return tag
}

func voidElement(name string) bool {
	switch strings.ToLower(name) {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

// strayTag reports whether a tag is likely to be HTML without an end tag.
func strayTag(name string) bool {
	switch strings.ToLower(name) {
	case "br", "hr", "img", "input", "meta":
		return true
	}
	return false
}

func impliedEnd(name string) bool {
	switch strings.ToLower(name) {
	case "p", "li", "dt", "dd", "tr", "td", "th", "option":
		return true
	}
	return false
}
