package desk

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// progress shows how far a command has come: on a terminal one line that
// overwrites itself, with trouble left standing above it; elsewhere a plain
// line for each step.
type progress struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	done     int
	all      int
	width    int // of the line that stands
}

func newProgress(w io.Writer, terminal bool, all int) *progress {
	return &progress{w: w, terminal: terminal, all: all}
}

// step counts one more as done and says what came of it.
func (p *progress) step(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	line := fmt.Sprintf("%d/%d %s", p.done, p.all, fmt.Sprintf(format, args...))
	if !p.terminal {
		fmt.Fprintln(p.w, line)
		return
	}
	line = clip(line, 78)
	fmt.Fprintf(p.w, "\r%s%s", line, strings.Repeat(" ", max(0, p.width-len([]rune(line)))))
	p.width = len([]rune(line))
}

// note says something that is no step.
func (p *progress) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// end leaves the terminal with an empty line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
}

func (p *progress) wipe() {
	if p.terminal && p.width > 0 {
		fmt.Fprintf(p.w, "\r%s\r", strings.Repeat(" ", p.width))
		p.width = 0
	}
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
