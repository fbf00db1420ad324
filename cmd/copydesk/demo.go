package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"copydesk"
	"copydesk/config"
	"copydesk/demo"
	"copydesk/desk"

	"golang.org/x/sync/errgroup"
)

// demoCommand runs the daemon on sample publishers.
type demoCommand struct {
	Beat time.Duration `default:"3s" help:"How often the sample publishers publish."`
	Port int           `help:"The port of the daemon; default: one that is free."`
}

// demoTopics is what the demo publishes.
var demoTopics = []copydesk.Topic{
	{ID: "world", Title: "World", Merge: copydesk.MergeStory, Limit: 100, Content: copydesk.ShowFull},
	{ID: "asia", Title: "Asia", Parent: "world", Merge: copydesk.MergeStory, Limit: 100, Content: copydesk.ShowFull},
}

func (k demoCommand) Run(ctx context.Context, o outside, c *commands) error {
	folder, err := os.MkdirTemp("", "copydesk-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer os.RemoveAll(folder)
	sample, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	public, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", k.Port))
	if err != nil {
		sample.Close()
		return fmt.Errorf("demo: %w; leave out --port, or choose another", err)
	}
	pubs := demo.Publishers("http://"+sample.Addr().String(), time.Now(), k.Beat)
	conf, err := demoConfig(folder, public.Addr().String(), sample.Addr().String(), pubs, k.Beat)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	world := desk.World{
		Version: version(), Log: c.quiet(o),
		Listen: func(string, string) (net.Listener, error) { return public, nil },
	}
	greet(o, conf)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serveDemo(ctx, sample, pubs) })
	g.Go(func() error { return desk.Run(ctx, conf, world) })
	if err := g.Wait(); err != nil {
		return err
	}
	fmt.Fprintln(o.out, "\nThe demo has stopped; its store is removed.")
	return nil
}

// demoConfig is an empty file's configuration, but for what the demo is about.
func demoConfig(folder, public, sample string, pubs []*demo.Publisher, beat time.Duration) (config.Config, error) {
	conf, err := config.Parse("", nil, func(string) string { return "" }, desk.Meaning())
	if err != nil {
		return conf, err
	}
	conf.Path = "demo"
	conf.Server = config.Server{Listen: public, BaseURL: "http://" + public, Control: filepath.Join(folder, "control.sock")}
	conf.Store = config.Store{Path: filepath.Join(folder, "copydesk.db")}
	conf.Search = config.Search{Path: filepath.Join(folder, "search")}
	conf.Poll = config.Poll{MinInterval: beat, MaxInterval: beat, MaxWish: beat, Allow: []string{sample}}
	conf.Topics = demoTopics
	for _, p := range pubs {
		s := copydesk.Settings{ID: p.Slug, Name: p.Name, Publisher: p.Name, URL: p.FeedURL(), Role: copydesk.Role(p.Role)}
		for _, topic := range p.Topics {
			s.Topics = append(s.Topics, copydesk.TopicID(topic))
		}
		conf.Sources = append(conf.Sources, s)
	}
	return conf, nil
}

func greet(o outside, conf config.Config) {
	fmt.Fprintf(o.out, `Five sample publishers are publishing, and Copydesk is polling them.

Open in a browser:        %[1]s/
Subscribe in a reader:    %[1]s/topics/asia.atom
Publishers' own feeds:
`, conf.Server.BaseURL)
	for _, s := range conf.Sources {
		fmt.Fprintf(o.out, "  %-24s %s\n", s.Name, s.URL)
	}
	fmt.Fprintf(o.out, "\nNew entries come for two minutes. Ctrl-C stops the demo and removes its store.\n")
}

func serveDemo(ctx context.Context, l net.Listener, pubs []*demo.Publisher) error {
	srv := &http.Server{Handler: demo.Handler(pubs, time.Now), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); err != http.ErrServerClosed {
		return fmt.Errorf("demo publishers: %w", err)
	}
	return nil
}
