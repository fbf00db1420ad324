package desk

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"copydesk"
)

// exposition is a page of metrics in Prometheus' text format.
type exposition struct{ strings.Builder }

// sample is a value, with the value of its metric's one label if it has one.
type sample struct {
	label string
	value float64
}

// metric writes one metric; label may be empty.
func (e *exposition) metric(name, kind, help, label string, samples ...sample) {
	fmt.Fprintf(e, "# HELP copydesk_%s %s\n# TYPE copydesk_%s %s\n", name, help, name, kind)
	for _, s := range samples {
		fmt.Fprintf(e, "copydesk_%s", name)
		if label != "" {
			fmt.Fprintf(e, `{%s="%s"}`, label, labelEscaper.Replace(s.label))
		}
		fmt.Fprintf(e, " %s\n", strconv.FormatFloat(s.value, 'f', -1, 64))
	}
}

var labelEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (e *exposition) counter(name, help string, value int64) {
	e.metric(name, "counter", help, "", sample{value: float64(value)})
}

func (e *exposition) gauge(name, help string, value int64) {
	e.metric(name, "gauge", help, "", sample{value: float64(value)})
}

// counts are samples of a map's values, in the order of its keys.
func counts[K ~string](m map[K]int) (all []sample) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, sample{string(k), float64(m[k])})
	}
	return all
}

// writeMetrics writes what a monitoring system wants to know.
func (d *Desk) writeMetrics(ctx context.Context, w io.Writer) error {
	var s status
	if err := d.countSources(ctx, &s); err != nil {
		return err
	}
	if err := d.countStored(ctx, &s); err != nil {
		return err
	}
	last, err := d.store.LastStamp(ctx)
	if err != nil {
		return err
	}
	e := &exposition{}
	e.metric("build_info", "gauge", "The version that runs.", "version", sample{d.world.Version, 1})
	e.gauge("start_time_seconds", "When the daemon began, in Unix time.", d.counters.began.Unix())
	e.fetching(d.counters.sum())
	e.gauge("sources", "Sources that are listed.", int64(s.Sources))
	e.gauge("sources_unwell", "Listed sources with trouble at their last poll.", int64(s.Unwell))
	open := map[copydesk.Cause]int{}
	for _, ep := range s.Episodes {
		open[ep.Cause]++
	}
	e.metric("episodes", "gauge", "Episodes of ill health that last, by cause.", "cause", counts(open)...)
	e.gauge("entries", "Entries in the store.", int64(s.Entries))
	e.gauge("stories", "Stories in the store.", int64(s.Stories))
	e.gauge("entries_joined", "Entries that are in the story of another entry.", int64(s.Joined))
	e.gauge("inbox_entries", "Entries and revisions that wait to be grouped.", int64(s.Waiting))
	e.metric("topic_items", "gauge", "Items in the edition of a topic.", "topic", d.counters.shown()...)
	e.gauge("store_bytes", "Size of the store's file.", s.StoreBytes)
	e.gauge("last_edition_time_seconds", "When the bytes of any edition last changed, in Unix time; 0 if there is none.", unix(last))
	e.metric("http_responses_total", "counter", "Answers to subscribers, by the class of their status.", "class", d.counters.classes()...)
	_, err = io.WriteString(w, e.String())
	return err
}

// fetching writes what was asked of publishers since the process began.
func (e *exposition) fetching(l copydesk.Ledger) {
	e.metric("polls_total", "counter", "Polls, by what they came to.", "verdict", counts(l.Polls)...)
	e.counter("requests_total", "Requests to publishers, each redirect being one more.", int64(l.Requests))
	e.counter("requests_conditional_total", "Requests to publishers that carried validators.", int64(l.Conditional))
	e.metric("requests_apart_total", "counter", "Requests that did not carry the validators of the last answer, or may not have.", "reason", counts(l.Apart)...)
	e.counter("requests_early_total", "Requests sooner than was allowed, by an operator's order.", int64(l.Early))
	e.counter("received_bytes_total", "Bytes received from publishers, as transferred.", l.Received)
	e.counter("saved_bytes_total", "Bytes that an answer 304 spared.", l.Saved)
	e.counter("entries_found_total", "Entries that were new.", int64(l.Found))
	e.counter("entry_delay_seconds_sum", "Time from publication to discovery, of all entries that copydesk_entry_delay_seconds_count counts.", int64(time.Duration(l.Delay)/time.Second))
	e.counter("entry_delay_seconds_count", "New entries with a usable date, those of first documents aside.", int64(l.Delayed))
	e.counter("losses_total", "Readings at which nothing of the document before was left.", int64(l.Losses))
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
