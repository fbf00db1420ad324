package copydesk

// Override is an operator's word on stories, which goes before all that the
// desk finds out itself. Articles are named by their addresses, as written;
// those that mean the same are the same.
type Override struct {
	Join  []string `json:",omitempty"` // these are one story
	Split []string `json:",omitempty"` // no two of these are in one story; it goes before every join
	Lead  string   `json:",omitempty"` // leads the story that it is in
}
