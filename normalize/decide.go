package normalize

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"copydesk"
)

// Decision is what a document says that the store did not know.
type Decision struct {
	// Changes stand oldest first: the order in which a topic shows what is new.
	// A key that a change names leads to its entry from now on, whoever held it
	// before.
	Changes []copydesk.Change

	// Shared are keys that several entries of the document have at once. They
	// name none of them, now and later: a publisher that mixes up its guids once
	// does it again.
	Shared []copydesk.Key

	Unchanged int // items that the store knows as they are
	Unsure    int // items of a part that the whole document must tell, see [DecidePart]
}

// maxRevisions is the number of revisions after which a text alone makes no
// further one: some publishers put the time of day, or a count of readers,
// into their texts.
const maxRevisions = 24

// Decide compares a feed with what the store remembers of the keys that [Keys]
// gave for it. These are steps 0 to 2 of the identity ladder (ARCHITECTURE.md,
// "Identity"): within one source a guid names an entry; a guid that several
// items have is completed by the address, else by title and text; an unknown
// guid is an alias of a known entry if only its scheme, tracking or own host
// changed, or if the address is the same, provided the known entry is not in
// the document by itself. Two items of one document are never one entry.
func Decide(src copydesk.Source, feed copydesk.Feed, memory copydesk.Memory, now time.Time) Decision {
	return decide(src, feed, memory, false, now)
}

// DecidePart is Decide for what may be a part of a document, such as a hub
// pushes: items that it does not list may be listed all the same. So an item
// that only an alias or its address links to a known entry, or that has its guid
// at another address, is left alone: in the whole document both may stand beside
// each other.
func DecidePart(src copydesk.Source, part copydesk.Feed, memory copydesk.Memory, now time.Time) Decision {
	return decide(src, part, memory, true, now)
}

func decide(src copydesk.Source, feed copydesk.Feed, memory copydesk.Memory, part bool, now time.Time) Decision {
	l := &ladder{
		src: src, memory: memory, part: part, now: now, items: itemsOf(src, feed), unsure: map[*item]bool{},
		found: map[*item]finding{}, claimed: map[copydesk.EntryID]*item{}, taken: map[copydesk.EntryID]bool{},
	}
	for _, h := range memory.Holders {
		l.taken[h.Entry] = true
	}
	l.count()
	l.byGUID()
	l.withoutGUID()
	l.byAlias()
	l.byAddress()
	return l.decision()
}

// ladder is the work on one document.
type ladder struct {
	src    copydesk.Source
	memory copydesk.Memory
	part   bool
	now    time.Time
	items  []*item

	had      map[copydesk.Key]int // how many items of the document have a key
	aliasHad map[copydesk.Key]int // the same for guids and their aliases
	found    map[*item]finding
	claimed  map[copydesk.EntryID]*item // entries that an item was found to be
	taken    map[copydesk.EntryID]bool  // ids that are in use
	shared   []copydesk.Key
	unsure   map[*item]bool // items of a part that could be a known entry

	vain int // long texts in a row whose language is not known
}

// finding is the entry that an item was found to be.
type finding struct {
	entry   copydesk.Entry // zero if expired
	expired bool
	how     string // "" if by a key that is its own
}

// count finds the keys that several items have at once.
func (l *ladder) count() {
	l.had = map[copydesk.Key]int{}
	for _, it := range l.items {
		for _, k := range []copydesk.Key{it.guidKey, it.urlKey, it.partURL, it.partText} {
			l.had[k]++
		}
	}
	// Another item's very guid is no alias of this one, nor is it shared by it.
	l.aliasHad = map[copydesk.Key]int{}
	for _, it := range l.items {
		l.aliasHad[it.guidKey]++
		for _, k := range it.aliases {
			l.aliasHad[k]++
		}
	}
	reported := map[copydesk.Key]bool{}
	report := func(k copydesk.Key, had int) {
		if had > 1 && !reported[k] && !l.memory.Holders[k].Shared {
			reported[k] = true
			l.shared = append(l.shared, k)
		}
	}
	for _, it := range l.items {
		if it.guid != "" {
			report(it.guidKey, l.had[it.guidKey])
		}
		if it.address != "" {
			report(it.urlKey, l.had[it.urlKey])
		}
		for _, k := range it.aliases {
			if l.had[k] == 0 {
				report(k, l.aliasHad[k])
			}
		}
	}
}

// alone reports whether k can name an item: no other one of the document has
// it, and no two ever had.
func (l *ladder) alone(k copydesk.Key) bool {
	return l.had[k] == 1 && !l.memory.Holders[k].Shared
}

// sharesGUID reports whether the item's guid does not name it.
func (l *ladder) sharesGUID(it *item) bool { return it.guid != "" && !l.alone(it.guidKey) }

// hasAddress reports whether the item's address is a key. [Parse] knows the
// addresses that are none from the start, and left them out of the entry.
func (l *ladder) hasAddress(it *item) bool { return it.entry.Canonical != "" && l.alone(it.urlKey) }

// apart reports whether the address tells the item apart from the others with
// its guid.
func (l *ladder) apart(it *item) bool { return it.address != "" && l.had[it.partURL] == 1 }

// textPart is the key of title and text within the item's guid.
func (l *ladder) textPart(it *item) copydesk.Key {
	if l.had[it.partText] > 1 {
		return it.partTextLink
	}
	return it.partText
}

// holder is who holds k; ok is false if nobody does, or nobody alone.
func (l *ladder) holder(k copydesk.Key) (copydesk.Holder, bool) {
	h, ok := l.memory.Holders[k]
	return h, ok && !h.Shared
}

// claim notes that the item is the entry that h names. It refuses an entry that
// another item of the document is, and one that the store did not hand over.
func (l *ladder) claim(it *item, h copydesk.Holder, how string) bool {
	if l.part && l.claimed[h.Entry] == nil && (how != "" || l.elsewhere(it, h)) {
		l.unsure[it] = true
		return true
	}
	if h.Expired {
		l.found[it] = finding{expired: true}
		return true
	}
	known, ok := l.memory.Entries[h.Entry]
	if !ok || l.claimed[h.Entry] != nil {
		return false
	}
	l.claimed[h.Entry] = it
	l.found[it] = finding{entry: known, how: how}
	return true
}

// elsewhere reports whether the item has another address than the entry that h
// names: then both may have that guid at once.
func (l *ladder) elsewhere(it *item, h copydesk.Holder) bool {
	known := l.memory.Entries[h.Entry]
	return known.Canonical != "" && it.address != "" && known.Canonical != it.address
}

// byGUID is step 1, for items with a guid.
func (l *ladder) byGUID() {
	candidates := map[copydesk.EntryID][]*item{}
	holders := map[*item]copydesk.Holder{}
	var order []copydesk.EntryID
	for _, it := range l.items {
		h, ok := l.guidHolder(it)
		if !ok {
			continue
		}
		if candidates[h.Entry] == nil {
			order = append(order, h.Entry)
		}
		candidates[h.Entry] = append(candidates[h.Entry], it)
		holders[it] = h
	}
	for _, id := range order {
		items := candidates[id]
		slices.SortStableFunc(items, func(a, b *item) int { return cmp.Compare(l.claimRank(id, a), l.claimRank(id, b)) })
		for _, it := range items {
			l.claim(it, holders[it], "")
		}
	}
}

// claimRank orders the items that have a key of the entry id: the guid that it
// was named by goes before its address, and that before the rest.
func (l *ladder) claimRank(id copydesk.EntryID, it *item) int {
	switch {
	case copydesk.NewEntryID(l.src.ID, it.guid) == id:
		return 0
	case it.address != "" && it.address == l.memory.Entries[id].Canonical:
		return 1
	}
	return 2
}

func (l *ladder) guidHolder(it *item) (copydesk.Holder, bool) {
	switch {
	case it.guid == "":
		return copydesk.Holder{}, false
	case !l.sharesGUID(it):
		return l.holder(it.guidKey)
	case l.apart(it):
		if h, ok := l.holder(it.partURL); ok {
			return h, true
		}
		if h, ok := l.beforeShared(it); ok {
			return h, true
		}
		return l.addressless(it.partText)
	}
	if h, ok := l.holder(l.textPart(it)); ok {
		return h, true
	}
	return l.beforeShared(it)
}

// beforeShared is the entry that had the guid when it still was its own, if the
// item is that one: it has its address, or its very text where addresses do not
// tell.
func (l *ladder) beforeShared(it *item) (copydesk.Holder, bool) {
	h := l.memory.Holders[it.guidKey]
	h.Shared = false
	if h.Entry == (copydesk.EntryID{}) {
		return h, false
	}
	if h.Expired {
		return h, it.address != "" && l.memory.Holders[it.urlKey].Entry == h.Entry
	}
	known, ok := l.memory.Entries[h.Entry]
	if l.apart(it) {
		return h, ok && known.Canonical == it.address
	}
	return h, ok && (known.Digest == DigestOf(it.entry.Text) || known.Title != "" && known.Title == it.entry.Title)
}

// addressless is who holds k, if that entry had no address by which to know
// it. An entry with another address is another one, whatever its text.
func (l *ladder) addressless(k copydesk.Key) (copydesk.Holder, bool) {
	h, ok := l.holder(k)
	return h, ok && !h.Expired && l.memory.Entries[h.Entry].Canonical == ""
}

// withoutGUID is step 1 for items without one: their address names them, else
// title and text.
func (l *ladder) withoutGUID() {
	for _, it := range l.items {
		if it.guid != "" {
			continue
		}
		if l.hasAddress(it) {
			if h, ok := l.addressHolder(it); ok && l.claim(it, h, "") {
				continue
			}
			if h, ok := l.addressless(it.partText); ok && l.had[it.partText] == 1 {
				l.claim(it, h, "")
			}
			continue
		}
		if h, ok := l.holder(l.textPart(it)); ok {
			l.claim(it, h, "")
		}
	}
}

// byAlias is step 2 for guids that changed in what does not matter.
func (l *ladder) byAlias() {
	for _, it := range l.items {
		if _, done := l.found[it]; done || l.unsure[it] || it.guid == "" || l.sharesGUID(it) {
			continue
		}
		for _, k := range it.aliases {
			if h, ok := l.holder(k); ok && l.aliasHad[k] == 1 && l.claim(it, h, "the same guid but for scheme, host or tracking") {
				break
			}
		}
	}
}

// byAddress is step 2 for guids that changed while the address did not.
func (l *ladder) byAddress() {
	for _, it := range l.items {
		if _, done := l.found[it]; done || l.unsure[it] || !l.hasAddress(it) {
			continue
		}
		if h, ok := l.addressHolder(it); ok {
			l.claim(it, h, "the same address under another guid")
		}
	}
}

// addressHolder is the entry that the item's address stands for at present.
func (l *ladder) addressHolder(it *item) (copydesk.Holder, bool) {
	h, ok := l.holder(it.urlKey)
	return h, ok && (h.Expired || l.memory.Entries[h.Entry].Canonical == it.address)
}

func (l *ladder) decision() Decision {
	d := Decision{Shared: l.shared}
	var changed []*item
	changes := map[*item]copydesk.Change{}
	for _, it := range l.items {
		if l.unsure[it] {
			d.Unsure++
			continue
		}
		c, ok := l.change(it)
		if !ok {
			d.Unchanged++
			continue
		}
		changes[it] = c
		changed = append(changed, it)
	}
	for _, it := range oldestFirst(changed, l.now) {
		d.Changes = append(d.Changes, changes[it])
	}
	return d
}

// change is what the document says of the item that is news to us.
func (l *ladder) change(it *item) (copydesk.Change, bool) {
	f, ok := l.found[it]
	switch {
	case !ok:
		return l.added(it), true
	case f.expired:
		return copydesk.Change{}, false
	}
	known, e := f.entry, *it.entry
	e.ID, e.Source, e.GUID = known.ID, l.src.ID, cmp.Or(it.guid, known.GUID)
	e.Canonical = l.canonical(it)
	e.Digest = DigestOf(e.Text)
	e.FirstSeen, e.LackedAt = known.FirstSeen, known.LackedAt
	e.Revision, e.RevisedAt, e.ShownAt = known.Revision, known.RevisedAt, known.ShownAt
	keys := l.keys(it, e.ID, e.Canonical != known.Canonical)
	sameFace := e.Title == known.Title && e.Updated.Equal(known.Updated)
	sameBytes := !known.Raw.IsZero() && e.Raw == known.Raw
	switch {
	case !sameBytes && e.Digest != known.Digest && (known.Revision < maxRevisions || !sameFace || len(keys) > 0):
		e.Revision, e.RevisedAt = known.Revision+1, l.now
		if shownDiffers(known.Text, e.Text) {
			e.ShownAt = l.now
		}
		l.speak(&e)
		return copydesk.Change{Kind: copydesk.Revised, Reason: joinReasons(differences(known.Text, e.Text), f.how), Entry: e, Keys: keys}, true
	case l.crowded(it, known):
		e.Revision, e.RevisedAt = known.Revision+1, l.now
		l.speak(&e)
		return copydesk.Change{Kind: copydesk.Revised, Reason: "its address stands for several entries", Entry: e, Keys: keys}, true
	case len(keys) > 0:
		return copydesk.Change{Kind: copydesk.Aliased, Reason: cmp.Or(f.how, "a further key"), Entry: e, Keys: keys}, true
	}
	return copydesk.Change{}, false
}

// crowded reports whether the document shows that the address by which an entry
// was known as well is no key, since another item has it. That is told once, so that
// nobody else's entry is taken for this one because of it. Who has no guid has nothing
// else to be known by.
func (l *ladder) crowded(it *item, known copydesk.Entry) bool {
	return known.Canonical != "" && known.Canonical == it.address && l.had[it.urlKey] > 1 && it.guid != "" && !l.sharesGUID(it)
}

// speak fills in the language of an entry that declares none. A guess is dear, and
// so a document of which a few long texts are in no language that is known is
// guessed no further: no guess does no harm.
func (l *ladder) speak(e *copydesk.Entry) {
	const enough = 3
	if e.Language != "" || l.vain >= enough {
		return
	}
	said := sample(e.Text)
	e.Language = spokenIn(said)
	switch {
	case e.Language != "":
		l.vain = 0
	case len(said) > longSample:
		l.vain++
	}
}

// shownDiffers reports whether a reader sees a difference: in title, text,
// authors or enclosures.
func shownDiffers(a, b copydesk.Text) bool {
	return a.Title != b.Title || a.Summary != b.Summary || a.Content != b.Content ||
		!slices.Equal(a.Authors, b.Authors) || !slices.Equal(a.Enclosures, b.Enclosures)
}

func joinReasons(what, how string) string {
	return strings.Trim(what+"; "+how, "; ")
}

func (l *ladder) canonical(it *item) string {
	if l.hasAddress(it) {
		return it.address
	}
	return ""
}

func (l *ladder) added(it *item) copydesk.Change {
	e := *it.entry
	name, reason := l.name(it)
	e.ID = l.mint(name, it)
	e.Source, e.Canonical, e.Digest = l.src.ID, l.canonical(it), DigestOf(e.Text)
	e.Revision, e.FirstSeen, e.LackedAt, e.RevisedAt = 1, l.now, l.src.LastRead, l.now
	l.speak(&e)
	return copydesk.Change{Kind: copydesk.Added, Reason: reason, Entry: e, Keys: l.keys(it, e.ID, true)}
}

// name is what the publisher calls the item, from which its id is made.
func (l *ladder) name(it *item) (name, reason string) {
	switch {
	case it.guid != "" && !l.sharesGUID(it):
		return it.guid, "new guid"
	case it.guid == "" && l.hasAddress(it):
		return it.address, "new address"
	case it.guid != "" && l.apart(it):
		return it.guid + "\x00" + it.address, "new address under a shared guid"
	}
	name = it.textName()
	if l.had[it.partText] > 1 {
		name += "\x00" + it.address
	}
	if it.guid == "" {
		return name, "new title and text"
	}
	return it.guid + "\x00" + name, "new text under a shared guid"
}

// mint is the id of a new entry. A name that an entry was given before, and
// that came to stand for another one since, is completed.
func (l *ladder) mint(name string, it *item) copydesk.EntryID {
	for {
		id := copydesk.NewEntryID(l.src.ID, name)
		_, known := l.memory.Entries[id]
		if !known && !l.taken[id] {
			l.taken[id] = true
			return id
		}
		name += "\x00" + it.textName()
	}
}

// keys are those that lead to the item's entry and do not yet. A key that
// another entry holds is taken over if the item is new there: an address or a
// guid stands for one entry at a time, the latest.
func (l *ladder) keys(it *item, id copydesk.EntryID, moved bool) []copydesk.Key {
	var keys []copydesk.Key
	add := func(k copydesk.Key, takeOver bool) {
		h, held := l.memory.Holders[k]
		if h.Shared || held && (h.Entry == id || !takeOver) || slices.Contains(keys, k) {
			return
		}
		keys = append(keys, k)
	}
	switch {
	case it.guid != "" && !l.sharesGUID(it):
		add(it.guidKey, moved)
		for _, k := range it.aliases {
			if l.aliasHad[k] == 1 {
				add(k, false)
			}
		}
	case it.guid != "":
		if l.apart(it) {
			add(it.partURL, moved)
		}
		add(l.textPart(it), false)
	case !l.hasAddress(it):
		add(l.textPart(it), moved)
	case l.had[it.partText] == 1:
		add(it.partText, false)
	}
	if l.hasAddress(it) {
		add(it.urlKey, moved)
	}
	return keys
}

// differences names what differs between two texts. Where the store left the
// text out, only the title can be compared.
func differences(old, new copydesk.Text) string {
	var names []string
	note := func(differs bool, name string) {
		if differs {
			names = append(names, name)
		}
	}
	note(old.Title != new.Title, "title")
	if old.Summary+old.Content+old.Link != "" {
		note(old.Summary != new.Summary || old.Content != new.Content, "text")
		note(cmp.Or(Canonical(old.Link), old.Link) != cmp.Or(Canonical(new.Link), new.Link), "link")
		note(!slices.Equal(old.Authors, new.Authors), "authors")
		note(!slices.Equal(old.Enclosures, new.Enclosures), "enclosures")
		note(old.Image != new.Image, "image")
		note(!slices.Equal(old.Categories, new.Categories), "categories")
		note(old.Rights != new.Rights, "rights")
		note(old.Language != new.Language, "language")
	}
	if len(names) == 0 {
		return "text"
	}
	return strings.Join(names, ", ")
}

// oldestFirst orders items by when they were published, never later than now.
// An item without a date stands where the document has it: beside its elder
// neighbour, since documents list the newest first.
func oldestFirst(items []*item, now time.Time) []*item {
	slices.Reverse(items)
	at := map[*item]time.Time{}
	last := time.Time{}
	for _, it := range items {
		if p := it.entry.Published; !p.IsZero() {
			last = p
			if p.After(now) {
				last = now
			}
		}
		at[it] = last
	}
	slices.SortStableFunc(items, func(a, b *item) int { return at[a].Compare(at[b]) })
	return items
}
