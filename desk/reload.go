package desk

import (
	"context"
	"fmt"

	"copydesk/config"
)

// reloadLoop reads the configuration again when asked to. A configuration that
// is wrong changes nothing: the last good one stays in force.
func (d *Desk) reloadLoop(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.world.Reload:
		}
		if m := d.world.Manager; m != nil {
			if err := m.Reloading(); err != nil {
				d.log.Warn("service manager not told", "err", err)
			}
		}
		if err := d.reload(ctx); err != nil {
			d.log.Error("configuration not reloaded, the last good one stays", "err", err)
		}
		if m := d.world.Manager; m != nil {
			if err := m.Ready(); err != nil {
				d.log.Warn("service manager not told", "err", err)
			}
		}
	}
}

func (d *Desk) reload(ctx context.Context) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	c, err := d.world.Load()
	if err != nil {
		return err
	}
	old := d.now.Load().config
	if err := d.adopt(ctx, c); err != nil {
		return err
	}
	d.poller.Reload()
	d.log.Info("configuration reloaded", "sources", len(c.Sources), "topics", len(c.Topics))
	for _, key := range needRestart(old, c) {
		d.log.Warn("this setting changes at the next start", "key", key)
	}
	return nil
}

// needRestart names the settings that differ and are only read at the start.
func needRestart(old, c config.Config) (keys []string) {
	for _, k := range []struct {
		name      string
		old, next any
	}{
		{"server.listen", old.Server.Listen, c.Server.Listen},
		{"server.admin", old.Server.Admin, c.Server.Admin},
		{"server.base_url", old.Server.BaseURL, c.Server.BaseURL},
		{"server.hub", old.Server.Hub, c.Server.Hub},
		{"server.control", old.Server.Control, c.Server.Control},
		{"store.path", old.Store.Path, c.Store.Path},
		{"search.path", old.Search.Path, c.Search.Path},
		{"poll.contact", old.Poll.Contact, c.Poll.Contact},
		{"poll.host_gap", old.Poll.HostGap, c.Poll.HostGap},
		{"poll.allow", fmt.Sprint(old.Poll.Allow), fmt.Sprint(c.Poll.Allow)},
	} {
		if k.old != k.next {
			keys = append(keys, k.name)
		}
	}
	return keys
}
