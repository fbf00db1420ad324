# What is run before a commit, and by CI.

.PHONY: check check-all fuzz

# Needs Go alone.
check:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not gofmt'ed: $$unformatted"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go test -race -timeout 20m ./...

# Wants newsboat and rss2email (which brings feedparser), and the captures (CONTRIBUTING.md) for the replays.
check-all: check
	COPYDESK_LONG=1 go test -count=1 -timeout 20m ./cmd/copydesk ./desk

# Looks for new inputs, each target for FUZZTIME. A finding stays in testdata and fails `go test` from then on.
# Not part of check-all: what chance finds in one change is seldom that change's fault.
FUZZTIME ?= 30s
fuzz:
	@for package in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for target in $$(grep -h -o '^func Fuzz[A-Za-z0-9_]*' $$package/*_test.go | cut -d' ' -f2); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done
