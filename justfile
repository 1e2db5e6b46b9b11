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

# Format everything.
format:
    cargo fmt --all
    taplo fmt
