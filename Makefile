# What one does with Veche. `make demo` and `make test` do all their set-up themselves.

SHELL := /bin/sh
CARGO ?= cargo

.PHONY: help demo run test check bench setup clean

help:
	@echo "make demo    two instances on this machine, with a debate that federates"
	@echo "make run     one instance in trial mode on http://localhost:8080"
	@echo "make test    all tests: both databases, real peers"
	@echo "make check   format, lints, layers, licences, documentation"
	@echo "make bench   CPU per item, beside the targets"

demo: ; @scripts/setup build
	@$(CARGO) run --locked --quiet -- demo

run: ; @scripts/setup build
	@$(CARGO) run --locked -- serve

test: ; @scripts/setup build test
	@scripts/test

check: ; @scripts/setup build deny
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) test --locked --quiet --lib -- tests::layers tests::files tests::words
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --quiet --no-deps --document-private-items
	@scripts/deny

bench: ; @scripts/setup build test
	$(CARGO) bench --locked --bench wire -- $(ARGS)

clean:
	-scripts/test-postgres stop
	$(CARGO) clean
