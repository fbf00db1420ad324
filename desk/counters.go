package desk

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"copydesk"
)

// counters are what a process has counted since it began. That they start anew
// with the next one is what Prometheus expects of counters.
type counters struct {
	began     time.Time
	mu        sync.Mutex
	ledger    copydesk.Ledger
	items     map[copydesk.TopicID]int // of the editions on the shelf
	responses [6]atomic.Int64          // by the first digit of their status; 0 is any other
}

func (c *counters) add(line copydesk.Ledger) {
	c.mu.Lock()
	c.ledger = c.ledger.And(line)
	c.mu.Unlock()
}

// show notes how many items each edition has.
func (c *counters) show(topics []copydesk.Topic, editions map[copydesk.TopicID]shown) {
	items := map[copydesk.TopicID]int{}
	for _, t := range topics {
		items[t.ID] = editions[t.ID].items
	}
	c.mu.Lock()
	c.items = items
	c.mu.Unlock()
}

func (c *counters) shown() []sample {
	c.mu.Lock()
	defer c.mu.Unlock()
	return counts(c.items)
}

func (c *counters) sum() copydesk.Ledger {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ledger
}

// count counts what h answers.
func (c *counters) count(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &counted{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(answer, r)
		class := answer.status / 100
		if class >= len(c.responses) {
			class = 0
		}
		c.responses[class].Add(1)
	})
}

// counted remembers the status of an answer.
type counted struct {
	http.ResponseWriter
	status int
}

// WriteHeader sends the header. A status of 1xx is not yet the answer.
func (w *counted) WriteHeader(status int) {
	if status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for [http.ResponseController].
func (w *counted) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (c *counters) classes() (all []sample) {
	for class := 1; class < len(c.responses); class++ {
		all = append(all, sample{strconv.Itoa(class) + "xx", float64(c.responses[class].Load())})
	}
	return all
}
