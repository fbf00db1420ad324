package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"copydesk"
)

// score is B-cubed: the mean over the labelled entries of how much of each
// one's group is of its story (precision), and of its story in its group
// (recall).
type score struct{ precision, recall, f1 float64 }

func (s score) String() string {
	return fmt.Sprintf("B3 precision %.3f, recall %.3f, F1 %.3f", s.precision, s.recall, s.f1)
}

func (g *grouping) score() (s score, ok bool) {
	type cell struct {
		label string
		group copydesk.StoryID
	}
	label, group, both := map[string]int{}, map[copydesk.StoryID]int{}, map[cell]int{}
	var cells []cell
	for i, r := range g.rows {
		if r.Story != "" {
			c := cell{r.Story, g.of[g.ids[i]]}
			cells = append(cells, c)
			label[c.label]++
			group[c.group]++
			both[c]++
		}
	}
	for _, c := range cells {
		s.precision += float64(both[c]) / float64(group[c.group]) / float64(len(cells))
		s.recall += float64(both[c]) / float64(label[c.label]) / float64(len(cells))
	}
	s.f1 = 2 * s.precision * s.recall / (s.precision + s.recall)
	return s, len(cells) > 0
}

// labels are those of labelled pairs.
var labels = []string{"same", "related", "different"}

// pairs counts the labelled pairs of a file, and how many of each label were
// put into one group.
func (g *grouping) pairs(path string) (together, all map[string]int, err error) {
	of := map[string]copydesk.StoryID{}
	for i, r := range g.rows {
		of[r.ID] = g.of[g.ids[i]]
	}
	together, all = map[string]int{}, map[string]int{}
	err = read(path, func(line []byte) error {
		var p struct {
			Label string
			A, B  struct{ ID string }
		}
		err := json.Unmarshal(line, &p)
		a, ok := of[p.A.ID]
		all[p.Label]++
		if ok && a == of[p.B.ID] {
			together[p.Label]++
		}
		return err
	})
	return together, all, err
}

func (g *grouping) printPairs(out io.Writer, path string) error {
	together, all, err := g.pairs(path)
	for _, label := range labels {
		fmt.Fprintf(out, "%s: %d of %d together\n", label, together[label], all[label])
	}
	return err
}

// confusions prints the groups that hold several stories, the worst first.
func (g *grouping) confusions(out io.Writer, limit int) {
	groups := map[copydesk.StoryID]map[string][]string{}
	for i, r := range g.rows {
		id := g.of[g.ids[i]]
		if groups[id] == nil {
			groups[id] = map[string][]string{}
		}
		groups[id][r.Story] = append(groups[id][r.Story], r.Title)
	}
	type wrong struct {
		cost   int
		labels map[string][]string
	}
	var all []wrong
	for _, labels := range groups {
		size, same := 0, 0
		for _, titles := range labels {
			size += len(titles)
			same += len(titles) * len(titles)
		}
		if len(labels) > 1 {
			all = append(all, wrong{size*size - same, labels})
		}
	}
	slices.SortFunc(all, func(a, b wrong) int { return b.cost - a.cost })
	for _, w := range all[:min(limit, len(all))] {
		fmt.Fprintln(out, "---", w.cost)
		for label, titles := range w.labels {
			fmt.Fprintln(out, " ", label, len(titles))
			for _, t := range titles[:min(4, len(titles))] {
				fmt.Fprintln(out, "     ", t)
			}
		}
	}
}
