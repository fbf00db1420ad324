package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"copydesk/config"
	"copydesk/desk"
)

type sourceCommand struct {
	Move moveCommand `cmd:"" help:"Write the address into the configuration that 'sources --moved' proposes."`
}

type moveCommand struct {
	ID  string `arg:"" optional:"" help:"The source, as 'sources' names it."`
	All bool   `help:"All whose publishers have been redirecting for good; not what was found on a page."`
}

// Run changes the file, and tells a running daemon.
func (k moveCommand) Run(ctx context.Context, o outside, c *commands) error {
	if k.All == (k.ID != "") {
		return usage(o, "source move: name a source, or --all")
	}
	conf, err := c.glance(o)
	if err != nil {
		return err
	}
	proposed, err := c.proposals(ctx, o, conf)
	if err != nil {
		return err
	}
	moves := k.chosen(proposed)
	switch {
	case len(moves) == 0 && k.All:
		fmt.Fprintln(o.err, "copydesk: no source has moved for good")
		return nil
	case len(moves) == 0:
		return fmt.Errorf("source move %s: no other address is known for it; `copydesk sources --moved` lists those that have one", k.ID)
	}
	if err := config.Relocate(conf.Path, moves, o.env, desk.Meaning()); err != nil {
		return err
	}
	for _, m := range moves {
		fmt.Fprintf(o.out, "%s: now %s\n", m.Source, m.To)
	}
	exit, runs, err := desk.Reload(ctx, conf, desk.Streams{Out: o.out, Err: o.err})
	switch {
	case err != nil:
		return fmt.Errorf("%s is changed, but the daemon was not told (kill -HUP does that): %w", conf.Path, err)
	case !runs:
		fmt.Fprintln(o.err, "no daemon runs; the next one begins with this")
	}
	return exitCode(exit)
}

func (k moveCommand) chosen(proposed []desk.Proposal) (moves []config.Relocation) {
	for _, p := range proposed {
		if k.All && p.Sure || p.Source == k.ID {
			moves = append(moves, config.Relocation{Source: p.Source, To: p.To})
		}
	}
	return moves
}

// proposals asks the daemon, or the store, what has moved.
func (c *commands) proposals(ctx context.Context, o outside, conf config.Config) (all []desk.Proposal, err error) {
	var out bytes.Buffer
	w := desk.World{Version: version(), Log: c.quiet(o)}
	cmd := desk.Command{Name: "sources", Moved: true, JSON: true}
	exit, err := desk.Ask(ctx, conf, w, cmd, desk.Streams{Out: &out, Err: io.Discard})
	if err == nil && exit != exitOK {
		err = errors.New("the sources could not be listed; `copydesk sources --moved` says why")
	}
	if err != nil {
		return nil, err
	}
	return all, json.Unmarshal(out.Bytes(), &all)
}
