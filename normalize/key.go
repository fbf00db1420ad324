package normalize

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"copydesk"
)

// The kinds of keys. Each is hashed with its value, so that a guid that looks
// like an address is no address. They stand in stores: none may change.
const (
	kindGUID    = 'g' // raw guid
	kindPart    = 'p' // guid that several entries share, or none, completed by address or text
	kindAlias   = 'a' // guid that is a URL, without scheme and tracking
	kindAnyHost = 'h' // the same, on any host of its source
	kindURL     = 'u' // canonical address
)

func key(kind byte, value string) copydesk.Key {
	h := sha256.Sum256([]byte(string(kind) + "\x00" + value))
	return copydesk.Key(h[:16])
}

// Keys returns every key that [Decide] may look up or mint for the feed, each
// once, so that the caller can ask the store for its memory of them.
func Keys(src copydesk.Source, feed copydesk.Feed) []copydesk.Key {
	var all []copydesk.Key
	seen := map[copydesk.Key]bool{}
	add := func(keys ...copydesk.Key) {
		for _, k := range keys {
			if !seen[k] {
				seen[k] = true
				all = append(all, k)
			}
		}
	}
	for _, it := range itemsOf(src, feed) {
		add(it.partText, it.partTextLink)
		if it.guid != "" {
			add(it.guidKey)
			add(it.aliases...)
		}
		if it.address != "" {
			add(it.urlKey, it.partURL)
		}
	}
	return all
}

// aliasKeys are the keys under which guid is found when it changed in what does
// not matter: white space around it, scheme and tracking of a URL, and its host
// where that is one of the source's own.
func aliasKeys(guid string, own map[string]bool) []copydesk.Key {
	var keys []copydesk.Key
	trimmed := strings.TrimSpace(guid)
	if trimmed != guid {
		keys = append(keys, key(kindGUID, trimmed))
	}
	canonical := Canonical(trimmed)
	if canonical == "" || trimmed != strings.Join(strings.Fields(trimmed), "") {
		return keys
	}
	keys = append(keys, key(kindAlias, canonical))
	u, err := url.Parse(canonical)
	if err == nil && own[u.Hostname()] {
		keys = append(keys, key(kindAnyHost, strings.TrimPrefix(canonical, "https://"+u.Host)))
	}
	return keys
}

// ownHosts are the hosts that are known as the source's: of the addresses it
// has and had, of its home page, and the domains by which articles credit it.
func ownHosts(src copydesk.Source, feed copydesk.Feed) map[string]bool {
	own := map[string]bool{}
	add := func(address string) {
		if u := parseWeb(address); u != nil {
			if host := canonicalHost(u); host != "" {
				own[host] = true
			}
		}
	}
	add(src.URL)
	add(feed.Link)
	for _, was := range src.Was {
		add(was)
	}
	for _, aka := range src.AKA {
		if strings.Contains(aka, ".") && !strings.ContainsAny(aka, " /@") {
			add("https://" + aka)
		}
	}
	return own
}

// item is an entry of the document at hand with all that can lead to it.
type item struct {
	entry   *copydesk.Entry
	guid    string          // "" if it has none, or one of white space only
	address string          // canonical; "" if it has none, or that of the feed's home page
	text    copydesk.Digest // of title and text

	guidKey copydesk.Key
	urlKey  copydesk.Key
	aliases []copydesk.Key

	// The guid completed by address, by title and text, and by all of them
	// where nothing less tells two items apart. An entry without a guid has the
	// keys of an empty one, which is how it is told apart from others.
	partURL, partText, partTextLink copydesk.Key
}

// itemsOf is the items of a feed: one that is listed twice once, one without
// anything in it not at all.
func itemsOf(src copydesk.Source, feed copydesk.Feed) []*item {
	own := ownHosts(src, feed)
	home := Canonical(feed.Link)
	type identity struct {
		guid, address string
		text          copydesk.Digest
	}
	seen := map[identity]bool{}
	var items []*item
	for i := range feed.Entries {
		it := newItem(&feed.Entries[i], home)
		if it.saysNothing() {
			continue
		}
		id := identity{it.guid, it.address, it.text}
		if seen[id] {
			continue
		}
		seen[id] = true
		it.makeKeys(own)
		items = append(items, it)
	}
	return items
}

func newItem(e *copydesk.Entry, home string) *item {
	it := &item{entry: e, guid: e.GUID, address: Canonical(e.Link), text: textHash(e.Text)}
	if strings.TrimSpace(it.guid) == "" {
		it.guid = ""
	}
	if it.address == home {
		it.address = ""
	}
	return it
}

// saysNothing reports an item in which there is nothing to show and nothing to
// know it by.
func (it *item) saysNothing() bool {
	e := it.entry
	return it.guid == "" && e.Link == "" && e.Title == "" && e.Summary == "" && e.Content == "" && len(e.Enclosures) == 0
}

func (it *item) makeKeys(own map[string]bool) {
	it.urlKey = key(kindURL, it.address)
	it.partURL = key(kindPart, it.guid+"\x00u\x00"+it.address)
	it.partText = key(kindPart, it.guid+"\x00t\x00"+it.textName())
	it.partTextLink = key(kindPart, it.guid+"\x00b\x00"+it.textName()+"\x00"+it.address)
	if it.guid != "" {
		it.guidKey = key(kindGUID, it.guid)
		it.aliases = aliasKeys(it.guid, own)
	}
}

func (it *item) textName() string { return hex.EncodeToString(it.text[:]) }
