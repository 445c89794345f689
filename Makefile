# Each target is a line or two; cargo and wildcert do the work. `make demo` needs nothing but Rust.
release := $(or $(CARGO_TARGET_DIR),target)/release
cargo := cargo
wildcert := $(release)/wildcert
providers := $(patsubst %/provider.toml,%,$(wildcard providers/*/provider.toml))
guests := $(patsubst %/provider.toml,%,$(wildcard tests/guests/*/provider.toml))

.PHONY: bench build clean cli demo dist docs fuzz lint test

build: cli
	$(wildcert) providers build $(providers) --out $(release)/providers

cli:
	@.ci/setup build
	$(cargo) build --release --locked --bin wildcert

demo: cli
	$(wildcert) providers build providers/rfc2136 --wasm --out $(release)/providers
	$(wildcert) demo

lint:
	cargo fmt --all --check
	$(cargo) clippy --release --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(cargo) doc --release --locked --workspace --no-deps

# `make test LONG=1` fuzzes too.
test: build lint
	@.ci/setup test
	$(wildcert) providers build $(guests) --out $(release)/guests
	$(cargo) test --release --locked --workspace
	$(if $(LONG),$(MAKE) fuzz)

# One minute over whatever reads what strangers made: manifests, modules, answers, URLs.
fuzz: fuzzing := $(abspath $(or $(CARGO_TARGET_DIR),target))/fuzz
fuzz:
	@.ci/setup fuzz
	mkdir -p $(fuzzing)/corpus
	cd tests/fuzz && CARGO_TARGET_DIR=$(fuzzing) $(cargo) run --release -- $(fuzzing)/corpus \
		-artifact_prefix=$(fuzzing)/ -max_total_time=60 -max_len=16384 -timeout=10 -print_final_stats=1 -verbosity=0

# Writes what is made of other files: the reference pages and the bindings of the contract.
docs: cli
	WILDCERT_WRITE_DOCS=1 $(cargo) test --release --locked --workspace --test proofs -- reference bindings

# A .deb, a .tar.gz and SHA256SUMS in target/dist, from a build of their own.
dist:
	@.ci/setup build dist
	.ci/dist

bench: build
	@.ci/setup test bench
	$(cargo) bench --locked --workspace --bench speed

clean:
	cargo clean
