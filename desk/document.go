package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"copydesk"
	"copydesk/fetcher"
	"copydesk/normalize"
)

// maxDocument is the largest document that ParseDocument reads, as from a
// publisher.
const maxDocument = 20 << 20

// ParseDocument normalizes one document as the daemon would, and prints what it
// understood as JSON. The address is the one that it came from, if known.
func ParseDocument(in io.Reader, address string, header http.Header, out io.Writer) error {
	body, err := io.ReadAll(io.LimitReader(in, maxDocument+1))
	if err != nil {
		return err
	}
	if len(body) > maxDocument {
		return fmt.Errorf("over %d MiB", maxDocument>>20)
	}
	return printDocument(copydesk.Document{URL: address, Header: header, Body: body}, out)
}

func printDocument(doc copydesk.Document, out io.Writer) error {
	feed, err := normalize.Parse(doc)
	if err != nil {
		return err
	}
	text, err := normalize.JSON(feed)
	if err != nil {
		return err
	}
	_, err = out.Write(append(bytes.TrimSpace(text), '\n'))
	return err
}

// FetchDocument makes one request with the daemon's own client, guarded as the
// daemon's requests are, and prints what it understood of the answer as JSON.
func FetchDocument(ctx context.Context, w World, contact string, allow []string, address string, out io.Writer) error {
	client, err := fetcher.NewClient(fetcher.Options{
		UserAgent: UserAgent(w.Version, contact), Allow: allow, Transport: w.Transport,
	})
	if err != nil {
		return err
	}
	defer client.Close()
	a := client.Fetch(ctx, fetcher.Request{URL: address})
	outcome := fetcher.Judge(copydesk.Source{Settings: copydesk.Settings{URL: address}}, a, time.Now())
	if outcome.Verdict != copydesk.Changed {
		// Only this command takes what [poll] allow holds as a flag.
		reason := strings.Replace(outcome.Reason, " to [poll] allow ", " with --allow ", 1)
		return errors.New("fetch " + fetcher.Redact(address) + ": " + reason)
	}
	if err := printDocument(a.Document, out); err != nil {
		return fmt.Errorf("fetch %s: %w", fetcher.Redact(address), err)
	}
	return nil
}
