package normalize

import (
	"slices"
	"strings"
	"sync"
)

// proven reports whether s is HTML that the policy returns byte for byte: text
// in which nothing is left to escape, and tags that are spelt exactly as they
// are written there, of elements and with attributes that it allows. It knows
// only one way to write each thing and says no to all others, so it can be
// short; a fuzz target holds it to what bluemonday does.
func proven(s string) bool {
	for {
		i := strings.IndexAny(s, "<>&\"'\r\x00")
		if i < 0 {
			return true
		}
		size := 0
		switch s = s[i:]; s[0] {
		case '<':
			size = provenTag(s)
		case '&':
			size = provenReference(s)
		}
		if size == 0 {
			return false
		}
		s = s[size:]
	}
}

// provenReference is the length of the reference with which s begins, if it is
// one that the policy writes.
func provenReference(s string) int {
	for _, ref := range [...]string{"&amp;", "&#39;", "&#34;", "&lt;", "&gt;"} {
		if strings.HasPrefix(s, ref) {
			return len(ref)
		}
	}
	return 0
}

// provenTag is the length of the tag with which s begins, 0 if it is not one
// that the policy lets through as it is.
func provenTag(s string) int {
	at := 1
	closing := strings.HasPrefix(s, "</")
	if closing {
		at++
	}
	end := at
	for end < len(s) && (s[end] >= 'a' && s[end] <= 'z' || s[end] >= '0' && s[end] <= '9') {
		end++
	}
	allowed, ok := provable()[s[at:end]]
	if !ok || end == len(s) || closing && s[end] != '>' {
		return 0
	}
	for s[end] == ' ' {
		size := provenAttribute(s[end+1:], allowed)
		if size == 0 || end+1+size >= len(s) {
			return 0
		}
		end += 1 + size
	}
	if s[end] != '>' {
		return 0
	}
	return end + 1
}

// provenAttribute is the length of the attribute with which s begins.
func provenAttribute(s string, allowed []string) int {
	name, rest, ok := strings.Cut(s, `="`)
	if !ok || !slices.Contains(allowed, name) {
		return 0
	}
	size := strings.IndexByte(rest, '"')
	if size < 0 {
		return 0
	}
	value := rest[:size]
	if strings.ContainsAny(value, "<>'\r\x00") {
		return 0
	}
	for i := strings.IndexByte(value, '&'); i >= 0; {
		if provenReference(value[i:]) == 0 {
			return 0
		}
		next := strings.IndexByte(value[i+1:], '&')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	if holdsAddress(name) && !provenAddress(value) {
		return 0
	}
	return len(name) + len(`="`) + size + 1
}

// provenAddress reports whether an attribute's value is an address that the
// policy allows. References to what cannot stand in one are not proven.
func provenAddress(s string) bool {
	if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "mailto:") {
		return false
	}
	if strings.HasSuffix(s, "//") || strings.HasSuffix(s, ":") {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ', c == 0x7f, c == '\\':
			return false
		case c == '&' && !strings.HasPrefix(s[i:], "&amp;") && !strings.HasPrefix(s[i:], "&#39;"):
			return false
		}
	}
	return true
}

// provable are the elements of which a tag can be proven, with all their
// attributes. Others have rules in bluemonday that go beyond one tag.
var provable = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for name, attrs := range kept {
		switch name {
		case "audio", "video", "source", "track":
			continue
		}
		all[name] = append(strings.Fields(attrs), strings.Fields(global)...)
	}
	return all
})
