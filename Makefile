# Thin on purpose: each line is a command anyone could type.
.DEFAULT_GOAL := help
.PHONY: help setup guests guests-c demo test fuzz bench

# The one toolchain: rustup's where it is, else Debian's.
CARGO := $(shell command -v rustup >/dev/null && echo cargo || echo env RUSTC=/usr/bin/rustc /usr/bin/cargo)

help:
	@echo "make demo          watch a demonstration network until Ctrl-C (ONCE=1: report and end)"
	@echo "make test          style, units, end to end"
	@echo "make fuzz          changed inputs for every parser and the plugin host, ten minutes (SECONDS=, SEED=, TARGET=)"
	@echo "make bench         speed and memory, with the parts of the work"
	@echo "make setup         what the others need: the wasm target, a C compiler"
	@echo "make guests        what rules in Python and JavaScript are built with"
	@echo "make guests-c      what the rule in C of plugins/README.md is built with, as that page installs it"

setup:
	command -v cc >/dev/null || (apt-get update && apt-get install -y gcc libc6-dev)
	if command -v rustup >/dev/null; then rustup target add wasm32-unknown-unknown; \
	else apt-get update && apt-get install -y rustc-web cargo-web rust-web-src lld-19; fi

# What rules in Python and JavaScript are built with; their tests are skipped, and say so, where it cannot be had.
GUESTS := target/guests
guests:
	@test -x $(GUESTS)/python/bin/componentize-py || (python3 -m venv $(GUESTS)/python && \
		$(GUESTS)/python/bin/pip install --quiet --requirement plugins/templates/python/requirements.txt) || \
		{ rm -rf $(GUESTS)/python; echo "SKIPPED: rules in Python; install python3 with venv and pip"; }
	@test -d $(GUESTS)/javascript/node_modules || (node --eval 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && \
		mkdir -p $(GUESTS)/javascript && \
		sed 's/{{name}}/guests/' plugins/templates/javascript/package.json > $(GUESTS)/javascript/package.json && \
		npm install --silent --no-audit --no-fund --prefix $(GUESTS)/javascript) || \
		{ rm -rf $(GUESTS)/javascript; echo "SKIPPED: rules in JavaScript; install Node.js 20 or newer with npm"; }

# Compiles for minutes, so only who asks gets it; the page's test builds the rule where this was done, and says where not.
guests-c:
	grep -E '^(apt-get|cargo) install' plugins/README.md | CARGO_INSTALL_ROOT=$(GUESTS)/c sh -ex

demo: setup
	MALLOC_ARENA_MAX=1 $(CARGO) run --release --package tierwatch -- demo $(if $(ONCE),--once)

# One selection of packages for building and testing, so that wasmtime is compiled once.
test: setup guests
	(command -v promtool && command -v sqlite3 && command -v faketime) >/dev/null || \
		(apt-get update && apt-get install -y prometheus sqlite3 faketime)
	$(CARGO) fmt --all --check
	$(CARGO) build --release --workspace --all-targets
	$(CARGO) test --release --workspace
	$(CARGO) clippy --release --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --release --workspace --no-deps --document-private-items

# All targets at once, so that it ends in time; what fails names its input and how to try that again.
fuzz: setup
	TIERWATCH_FUZZ_SECONDS=$(or $(SECONDS),600) TIERWATCH_FUZZ_SEED=$(or $(SEED),$(shell date +%s)) \
		$(CARGO) test --release --workspace --test fuzz -- --nocapture --test-threads 64 $(TARGET)

bench: setup
	$(CARGO) bench --workspace
