// Command eval groups entries and scores the result against labels.
//
//	eval [--pairs PAIRS] FILE…     group, and score if the rows have a "story"
//	eval --shuffles 20 FILE…       group in other orders of arrival as well
//	eval --prior FILE…             count words for story/alike/prior.txt
//
// A FILE has JSON Lines {id, title, url, publisher, published, text, language},
// arrived in this order; publisher stands for the source (empty: one of its
// own), published for the clock (absent: as the line before). It is grouped by
// exactly the code that the daemon runs. The scores: B-cubed (each labelled
// entry weighs the same), and of PAIRS, rows {label, a: {id}, b: {id}}, how
// many of each label were put together. Other orders let each entry arrive at
// a chance time after its news time, as polls do, and count the pairs of
// labelled entries that are together in the file's own order and apart in the
// other, or the reverse: as a share of those that are together in either, and
// of all pairs.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	pairs := flags.String("pairs", "", "a file of labelled pairs of the entries")
	language := flags.String("language", "", "only rows of this language")
	prior := flags.Bool("prior", false, "count words instead")
	show := flags.Int("show", 0, "print so many of the groups that hold several stories, the worst first")
	explain := flags.Bool("why", false, "print the evidence of each entry that joined another")
	shuffles := flags.Int("shuffles", 0, "group in so many other orders of arrival as well")
	within := flags.Duration("within", 2*time.Hour, "how long after its news time an entry may arrive in those orders")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("no file of entries given")
	}
	rows, err := readAll(flags.Args(), *language)
	if err != nil {
		return err
	}
	if *prior {
		return writePrior(out, rows)
	}
	start := time.Now()
	grouping := group(rows, inOrder(rows))
	fmt.Fprintf(out, "%d entries in %d groups, %.0f µs each\n", len(rows), grouping.groups(), float64(time.Since(start).Microseconds())/float64(len(rows)))
	if *explain {
		for i, r := range rows {
			for _, e := range grouping.evidence[i] {
				fmt.Fprintf(out, "%s | %s\n    step %d, %.2f: %s\n", r.Title, grouping.title(e.With), e.Step, e.Score, e.Why)
			}
		}
	}
	if s, ok := grouping.score(); ok {
		fmt.Fprintln(out, s)
	}
	grouping.confusions(out, *show)
	if *pairs != "" {
		if err := grouping.printPairs(out, *pairs); err != nil {
			return err
		}
	}
	if *shuffles > 0 {
		return grouping.orders(out, *shuffles, *within, *pairs)
	}
	return nil
}

// row is an entry as the labelled sets have it.
type row struct {
	ID, Title, URL, Publisher, Published, Text, Language, Lang string
	Story                                                      string
}

func readAll(paths []string, language string) (rows []row, err error) {
	for _, path := range paths {
		err = errors.Join(err, read(path, func(line []byte) error {
			var r row
			if err := json.Unmarshal(line, &r); err != nil {
				return err
			}
			if language == "" || r.Lang == language || r.Language == language {
				rows = append(rows, r)
			}
			return nil
		}))
	}
	return rows, err
}

func read(path string, each func([]byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		if err := each(lines.Bytes()); err != nil {
			return fmt.Errorf("%s, line %d: %w", path, n, err)
		}
	}
	return lines.Err()
}
