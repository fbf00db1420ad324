package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/fetcher"
)

// Proposal is another address for a source.
type Proposal struct {
	Source string `json:"source"` // id, else address
	To     string `json:"to"`
	Why    string `json:"why"`
	Sure   bool   `json:"sure"` // the publisher itself has said so, again and again
}

// proposals are the sources that should be written down elsewhere.
func proposals(sources []copydesk.Source) []Proposal {
	all := []Proposal{}
	for _, src := range sources {
		if !src.Listed {
			continue
		}
		p := Proposal{Source: src.Handle()}
		if to, ok := fetcher.Moved(src); ok {
			m := src.Move
			p.To, p.Sure = to, true
			p.Why = fmt.Sprintf("its address redirects there for good, %d times from %s to %s", m.Times, day(m.First), day(m.Last))
		} else if found := src.Substitute; found.URL != "" {
			p.To = found.URL
			p.Why = fmt.Sprintf("replacement found at %s on the publisher's page (%q); it has failed since %s", found.URL, found.Title, day(src.Failing))
		}
		if p.To != "" {
			all = append(all, p)
		}
	}
	return all
}

func day(t time.Time) string { return t.Local().Format(time.DateOnly) }

func printProposals(all []Proposal, cmd Command, s Streams) error {
	if cmd.JSON {
		return printJSON(s.Out, all)
	}
	if len(all) == 0 {
		fmt.Fprintln(s.Err, "no source has moved")
		return nil
	}
	var rows [][]string
	for _, p := range all {
		rows = append(rows, []string{p.Source, p.To, p.Why})
	}
	if err := table(s.Out, []string{"SOURCE", "PROPOSED ADDRESS", "WHY"}, rows); err != nil {
		return err
	}
	fmt.Fprintln(s.Err, "`copydesk source move ID` writes it into the configuration")
	return nil
}

// doReload reads the configuration again, for whoever changed it.
func (d *Desk) doReload(ctx context.Context, _ Command, s Streams) error {
	if d.world.Load == nil {
		return errors.New("reload: no daemon runs")
	}
	if err := d.reload(ctx); err != nil {
		return fmt.Errorf("the daemon keeps the configuration that it has: %w", err)
	}
	fmt.Fprintln(s.Err, "the daemon has read the configuration again")
	return nil
}

// Reload has the running daemon of c read its configuration again, and reports
// whether one runs.
func Reload(ctx context.Context, c config.Config, s Streams) (exit int, runs bool, err error) {
	if c.Server.Control == "" {
		return 0, false, nil
	}
	exit, err = ask(ctx, c.Server.Control, Command{Name: "reload"}, s)
	if errors.Is(err, errNobody) {
		return 0, false, nil
	}
	return exit, true, err
}
