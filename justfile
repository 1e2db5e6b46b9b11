# The verbs of the house. `.ci/run` calls these and nothing else.

set shell := ["bash", "-euo", "pipefail", "-c"]

# What there is.
default:
    @just --list --unsorted

# Run the whole mesh on this machine.
up *ARGS:
    cargo run --release -- up {{ARGS}}

# The tests. TREATY_REQUIRE_TOOLCHAINS=1 makes a missing foreign toolchain a failure.
test *ARGS:
    cargo test --workspace {{ARGS}}

# Everything that reads the code without running it.
lint: fmt clippy typos taplo machete deny advisories

# Formatting, checked.
fmt:
    cargo fmt --all --check
    cargo fmt --check --manifest-path fuzz/Cargo.toml
    cargo fmt --check --manifest-path bench/validate/Cargo.toml

# Clippy, without mercy.
clippy:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Spelling.
typos:
    typos

# Formatting of TOML, checked.
taplo:
    taplo fmt --check

# Dependencies that nobody uses.
machete:
    cargo machete

# Licences, bans and sources of dependencies.
deny:
    cargo deny --offline --locked check bans licenses sources

# Known vulnerabilities, against the copy of the RustSec database in .ci (of the date in its name).
advisories:
    .ci/advisories target/advisories
    cargo deny --offline --locked check advisories

# The contracts of this repository, by Treaty's own lint.
contracts:
    cargo run --locked -- contract check proto --deny-warnings

# The in-process mesh against bare tonic, side by side.
bench *ARGS:
    cargo run --profile dist -p bench -- {{ARGS}}

# Validation on bytes against prost-protovalidate (needs protoc: Debian's protobuf-compiler and libprotobuf-dev) and Go.
bench-validate:
    #!/usr/bin/env bash
    set -euo pipefail
    cd bench/validate
    tools=$PWD/target/tools
    GOBIN=$tools go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
    PATH=$tools:$PATH protoc -I proto -I ../../crates/contract/proto --go_out=go \
        --go_opt=module=treaty.test/bench,Mbench/v1/bench.proto=treaty.test/bench/benchv1 bench/v1/bench.proto
    (cd go && go build -o oracle .)
    TREATY_BENCH_GO=$PWD/go/oracle cargo run --release

# Hostile bytes for what reads contracts and messages, so many seconds each (needs cargo-fuzz).
fuzz SECONDS="600":
    cargo fuzz run --sanitizer none compile -- -max_total_time={{SECONDS}} -max_len=16384 -timeout=10 -rss_limit_mb=4096
    cargo fuzz run --sanitizer none check -- -max_total_time={{SECONDS}} -max_len=2048 -timeout=10 -rss_limit_mb=4096

# Format everything.
format:
    cargo fmt --all
    cargo fmt --manifest-path fuzz/Cargo.toml
    cargo fmt --manifest-path bench/validate/Cargo.toml
    taplo fmt
