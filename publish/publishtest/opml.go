package publishtest

// OPML applies OPML 2.0 to a list of subscriptions (InvalidOPMLVersion,
// MissingXmlURL, MissingTitleAttr).
func OPML(t T, b []byte) {
	t.Helper()
	doc := XML(t, b)
	if doc.XMLName.Local != "opml" || doc.Attr("version") != "2.0" {
		t.Fatalf("InvalidOPMLVersion: %v", doc.XMLName)
	}
	known(t, doc, "version", "head", "body")
	exactly(t, doc, "head", 1, 1)
	exactly(t, doc, "body", 1, 1)
	one(t, doc.All("head")[0], "title")
	outlines(t, doc.All("body")[0])
}

func outlines(t T, parent Node) {
	t.Helper()
	for _, o := range parent.Children {
		known(t, o, "text title type xmlUrl htmlUrl category", "outline")
		if o.Attr("text") == "" || o.Attr("title") == "" {
			t.Fatalf("MissingTitleAttr: %v", o.Attrs)
		}
		switch o.Attr("type") {
		case "rss":
			isAddress(t, "xmlUrl", o.Attr("xmlUrl")) // MissingXmlURL
		case "":
			if o.Attr("xmlUrl") != "" {
				t.Fatalf("MissingOutlineType: %v", o.Attrs)
			}
		default:
			t.Fatalf("InvalidOutlineType: %v", o.Attrs)
		}
		if page := o.Attr("htmlUrl"); page != "" {
			isAddress(t, "htmlUrl", page)
		}
		outlines(t, o)
	}
}
