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

# Properties on so many cases each, from a seed that nobody has tried; it is told, so that it can be asked for again.
properties CASES="20000" SEED="random":
    #!/usr/bin/env bash
    set -euo pipefail
    seed={{SEED}}
    [ "$seed" != random ] || seed=$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')
    echo "just properties {{CASES}} $seed"
    export PROPTEST_CASES={{CASES}} PROPTEST_RNG_SEED=$seed
    cargo test --locked --no-fail-fast -p compat -p sample -p validate --tests

# Hostile bytes for what reads contracts, messages and JSON, and for what compares them, so many seconds each (needs
# cargo-fuzz). What one run finds in fuzz/corpus, the next begins with; fuzz/seeds is what everybody begins with.
fuzz SECONDS="600":
    #!/usr/bin/env bash
    set -euo pipefail
    cargo fuzz build --sanitizer none
    for target in compile:16384 intake:16384 compat:16384 check:2048 json:8192; do
        name=${target%:*}
        mkdir -p "fuzz/corpus/$name"
        cargo fuzz run --sanitizer none "$name" "fuzz/corpus/$name" "fuzz/seeds/$name" -- -max_len="${target#*:}" \
            -max_total_time={{SECONDS}} -timeout=10 -rss_limit_mb=4096
    done

# Format everything.
format:
    cargo fmt --all
    cargo fmt --manifest-path fuzz/Cargo.toml
    cargo fmt --manifest-path bench/validate/Cargo.toml
    taplo fmt
